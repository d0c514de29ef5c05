// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names_declare.c - which names a top-level piece of a header declares.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "names_priv.h"

/* Each name after a '{' or ',' of an enum: not what its value is made from. */
int names_add_enumerators(struct names *n, const char *text, size_t from, size_t to)
{
	const char *id;
	size_t len, at = from;
	int parens = 0;
	char last = 0;

	while ((id = c_identifier(text, to, &from, &len))) {
		for (; at < (size_t)(id - text); at++) {
			/* Comments may stand between, with commas of their own. */
			if (text[at] == '/' && text[at + 1] == '*') {
				const char *e = memmem(text + at + 2, to - at - 2, "*/", 2);

				at = e ? (size_t)(e - text) + 1 : to - 1;
				continue;
			}
			parens += (text[at] == '(') - (text[at] == ')');
			if (!strchr(" \t\n\r", text[at]))
				last = text[at];
		}
		at = from;
		if (!parens && (last == '{' || last == ',') && names_add(n, id, len))
			return -ENOMEM;
		last = 'a';
	}
	return 0;
}

bool names_is_invocation(const char *text, const struct c_piece *p)
{
	size_t pos = p->start, len;
	const char *id = p->macro ? NULL : c_identifier(text, p->end, &pos, &len);

	if (!id || id != text + p->start)
		return false;
	id += len;
	return id < text + p->end && id[strspn(id, " \t")] == '(';
}

/* Of an invocation's first arguments those that are one name (or one array). */
static int add_arguments(struct names *n, const char *text, const struct c_piece *p)
{
	const char *s = text + p->start, *end = text + p->end;
	int args = 0;

	s = memchr(s, '(', (size_t)(end - s));
	while (s && s < end && args++ < 3) {
		size_t pos = (size_t)(s + 1 - text), len;
		const char *id = c_identifier(text, p->end, &pos, &len), *after;
		int depth = 1;

		after = id ? id + len + strspn(id + len, " \t\n") : NULL;
		if (after && after < end && strchr(",)[", *after) && !names_is_keyword(id, len)) {
			char *name = strndup(id, len);
			int ret = name ? names_add(n, id, len) : -ENOMEM;

			if (!ret && len > 3 && !strings_have(&n->pasted, name))
				ret = strings_add(&n->pasted, name);
			free(name);
			if (ret)
				return ret;
		}
		for (s++; s < end && depth && !(depth == 1 && *s == ','); s++)
			depth += (*s == '(') - (*s == ')');
		if (!depth)
			break;
	}
	return 0;
}

bool names_is_attribute(const char *id, size_t len)
{
	static const char *const words[] = {
		"__acquires", "__alias", "__aligned", "__alloc_size", "__assume_aligned",
		"__attribute__", "__cacheline_aligned", "__cacheline_aligned_in_smp", "__cond_acquires",
		"__counted_by", "__diag_ignore_all", "__exitdata", "__initconst", "__initdata",
		"__maybe_unused", "__must_hold", "__page_aligned_bss", "__page_aligned_data",
		"__printf", "__randomize_layout", "__read_mostly", "__refdata", "__releases",
		"__ro_after_init", "__scanf", "__section", "__typeof__", "__used", "__weak",
		"____cacheline_aligned", "____cacheline_aligned_in_smp", "asm", "typeof",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(id, len, words[i]))
			return true;
	return false;
}

/* "#define DST_NOXFRM 0x0002" between the members of a struct. */
static int add_inner_macros(struct names *n, const char *text, const struct c_piece *p)
{
	const char *s = text + p->start, *end = text + p->end;
	int ret = 0;

	while (!ret && (s = memchr(s, '\n', (size_t)(end - s)))) {
		size_t pos, len;
		const char *id;

		s += 1 + strspn(s + 1, " \t");
		if (s >= end || *s != '#')
			continue;
		pos = (size_t)(s - text);
		id = c_identifier(text, p->end, &pos, &len);
		if (!id || !is_word(id, len, "define"))
			continue;
		id = c_identifier(text, p->end, &pos, &len);
		if (id)
			ret = names_add(n, id, len);
	}
	return ret;
}

/*
 * What a piece declares: a macro's name; what stands before a '(' outside of
 * all brackets; else a tag before a '{' and the last word before ';', '=', '['.
 */
int names_declare(struct names *n, const char *text, const struct c_piece *p)
{
	size_t end = p->body ? p->body : p->end, pos = p->start, len, at = p->start;
	size_t last_len = 0;
	int braces = 0, parens = 0;
	bool is_enum = false, named = false;
	const char *id, *last = NULL;

	if (p->macro) {
		c_identifier(text, end, &pos, &len);	/* "define" */
		id = c_identifier(text, end, &pos, &len);
		return id ? names_add(n, id, len) : 0;
	}
	if (names_is_invocation(text, p))
		return add_arguments(n, text, p);
	while ((id = c_identifier(text, end, &pos, &len))) {
		const char *after = text + pos;

		for (; at < (size_t)(id - text); at++) {
			braces += (text[at] == '{') - (text[at] == '}');
			parens += (text[at] == '(') - (text[at] == ')');
		}
		at = pos;
		if (braces || parens || names_is_attribute(id, len))
			continue;
		if (is_word(id, len, "enum"))
			is_enum = true;
		after += strspn(after, " \t\n");
		if ((*after == '(' && after < text + end) || *after == '{') {
			named = true;
			if (names_add(n, id, len))
				return -ENOMEM;
		}
		last = id;
		last_len = len;
	}
	if (!named && last && names_add(n, last, last_len))
		return -ENOMEM;
	if (!p->body && add_inner_macros(n, text, p))
		return -ENOMEM;
	return is_enum && !p->body ? names_add_enumerators(n, text, p->start, p->end) : 0;
}

bool names_is_forward(const char *text, const struct c_piece *p)
{
	return !memchr(text + p->start, '{', p->end - p->start) &&
	       !memchr(text + p->start, '(', p->end - p->start) &&
	       (starts_with(text + p->start, "struct ") || starts_with(text + p->start, "union ")) &&
	       !memchr(text + p->start, '*', p->end - p->start) &&
	       !memchr(text + p->start, '[', p->end - p->start);
}

bool names_is_function(const char *text, const struct c_piece *p)
{
	return p->body && !memmem(text + p->start, p->body - p->start, "inline", 6);
}
