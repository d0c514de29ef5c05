// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keys_text.c - jump labels in a unit's assembly become reads of the key's value.
 *
 * "static_branch_unlikely(&key)" compiles to these lines (asm/jump_label.h):
 *	1:jmp .L5 # objtool NOPs this
 *	.pushsection __jump_table,  "aw"
 *	 .balign 8
 *	.long 1b - .
 *	.long .L5 - .
 *	 .quad key + 2 - .
 *	.popsection
 * The jump is to be taken if the key is on, or off if bit 0 of what is added to it is
 * set (bit 1 is objtool's); "on" is a count other than 0, the first member of the key.  So
 *	1:cmpl $0, key(%rip)
 *	jne .L5
 * does the same without a table.  It may change the flags: gcc takes every asm on x86 to do so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "keys_text.h"

struct line {
	const char *s;
	size_t len;
};

static struct line next_line(const char **pos, const char *end)
{
	const char *nl = memchr(*pos, '\n', (size_t)(end - *pos));
	struct line l = { *pos, (size_t)((nl ? nl : end) - *pos) };

	*pos = nl ? nl + 1 : end;
	return l;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* What follows @word, if the line starts with it after blanks; else {0}. */
static struct line after(struct line l, const char *word)
{
	size_t n = strlen(word);

	while (l.len && is_space(*l.s)) {
		l.s++;
		l.len--;
	}
	if (l.len < n || memcmp(l.s, word, n))
		return (struct line){ NULL, 0 };
	return (struct line){ l.s + n, l.len - n };
}

/* The first word of a line. */
static struct line word_of(struct line l)
{
	size_t n = 0;

	while (l.len && is_space(*l.s)) {
		l.s++;
		l.len--;
	}
	while (n < l.len && !is_space(l.s[n]) && l.s[n] != '#')
		n++;
	return (struct line){ l.s, n };
}

/* "1:jmp .L5 # objtool NOPs this": where it leads; {0} if it is no such line. */
static struct line jump_target(struct line l)
{
	struct line rest = after(l, "1:");

	return rest.s ? word_of(after(rest, "jmp")) : rest;
}

/* "name+8 + 2 - .": a sum of one name and numbers. */
static bool parse_key(struct line l, struct line *name, long *sum)
{
	*name = (struct line){ NULL, 0 };
	*sum = 0;
	while (l.len) {
		size_t n = 0;
		bool number;

		while (l.len && (is_space(*l.s) || *l.s == '+')) {
			l.s++;
			l.len--;
		}
		if (l.len >= 3 && !memcmp(l.s, "- .", 3))
			return name->s && word_of((struct line){ l.s + 3, l.len - 3 }).len == 0;
		while (n < l.len && !is_space(l.s[n]) && l.s[n] != '+')
			n++;
		number = n && strspn(l.s, "0123456789") >= n;
		if (!n || (number ? n > 9 : name->s != NULL))
			return false;
		if (number)
			*sum += strtol(l.s, NULL, 10);
		else
			*name = (struct line){ l.s, n };
		l.s += n;
		l.len -= n;
	}
	return false;
}

static bool is_chosen(const struct strings *keys, struct line name)
{
	for (size_t i = 0; i < keys->nr; i++)
		if (strlen(keys->list[i]) == name.len && !memcmp(keys->list[i], name.s, name.len))
			return true;
	return false;
}

/* The table entry that follows a jump: true if it is one, up to *pos, and about a key of @keys. */
static bool read_entry(const char **pos, const char *end, const struct strings *keys,
		       struct line *name, long *sum)
{
	const char *p = *pos;
	struct line l = after(next_line(&p, end), ".pushsection");
	unsigned int depth = 1;	/* newer ones have an annotation in a section of its own inside */
	bool found = false;

	if (!after(l, "__jump_table,").s)
		return false;
	while (p < end && depth) {
		struct line quad;

		l = next_line(&p, end);
		quad = after(l, ".quad");
		if (quad.s && depth == 1)
			found = parse_key(quad, name, sum);
		depth += after(l, ".pushsection").s != NULL;
		depth -= after(l, ".popsection").s != NULL;
	}
	if (!found || depth || !is_chosen(keys, *name))
		return false;
	*pos = p;
	return true;
}

int keys_rewrite(const char *s, size_t len, const struct strings *keys, struct text *out)
{
	const char *pos = s, *end = s + len;
	int nr = 0;

	while (pos < end) {
		struct line l = next_line(&pos, end), to = jump_target(l), name = { NULL, 0 };
		long sum = 0;

		if (to.len && read_entry(&pos, end, keys, &name, &sum)) {
			text_addf(out, "1:cmpl $0, %.*s+%ld(%%rip)\n\t%s %.*s\n", (int)name.len, name.s,
				  sum & ~3L, sum & 1 ? "je" : "jne", (int)to.len, to.s);
			nr++;
			continue;
		}
		text_add(out, l.s, l.len + (l.s + l.len < end));
	}
	return nr;
}
