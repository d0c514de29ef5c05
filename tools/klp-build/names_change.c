// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names_change.c - the names of what differs between two versions of a header.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "names_priv.h"

/* Digest without blanks, comments and our own #line, so that moved and re-indented pieces are the same. */
static uint64_t digest(const char *text, size_t from, size_t to)
{
	uint64_t h = HASH_START;

	while (from < to) {
		if (from + 1 < to && text[from] == '/' && text[from + 1] == '*') {
			const char *e = memmem(text + from + 2, to - from - 2, "*/", 2);

			from = e ? (size_t)(e - text) + 2 : to;
			continue;
		}
		if (text[from] == '#' && starts_with(text + from, "#line ")) {
			while (from < to && text[from] != '\n')
				from++;
			continue;
		}
		if (!strchr(" \t\n\r", text[from]))
			h = hash_bytes(h, text + from, 1);
		from++;
	}
	return h;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

#define MAX_IFS	64	/* nesting of #if; deeper ones count as the last */

/*
 * What #if, #ifdef, #elif and #else have to be true at the beginning of each piece,
 * as a digest: a piece that moves into or out of an #if has changed.
 */
static void conditions(const char *text, const struct c_piece *p, size_t nr, uint64_t *out)
{
	uint64_t stack[MAX_IFS + 1] = { HASH_START };
	size_t depth = 0, k = 0;

	for (const char *l = text; *l; l += strcspn(l, "\n"), l += *l == '\n') {
		const char *s = l + strspn(l, " \t");

		for (; k < nr && p[k].start < (size_t)(l - text); k++)
			out[k] = stack[depth];
		if (*s++ != '#')
			continue;
		s += strspn(s, " \t");
		if (starts_with(s, "endif")) {
			depth -= depth > 0;
		} else if (starts_with(s, "if")) {
			depth += depth < MAX_IFS;
			stack[depth] = hash_bytes(stack[depth - 1], s, strcspn(s, "\n"));
		} else if (starts_with(s, "el")) {
			stack[depth] = hash_bytes(stack[depth], s, strcspn(s, "\n"));
		}
	}
	for (; k < nr; k++)
		out[k] = stack[depth];
}

/* A digest a piece: its text and the conditions that it stands under; NULL: no memory. */
static uint64_t *digests(const struct header_text *h)
{
	uint64_t *list = calloc(h->nr + 1, sizeof(*list));

	for (size_t i = 0; list && i < h->nr; i++)
		list[i] = h->conditions[i] ^ digest(h->text, h->pieces[i].start, h->pieces[i].end);
	return list;
}

/* Past the enumerator at @s: to its ',' or the enum's '}'. */
static const char *enumerator_end(const char *s, const char *end)
{
	for (int depth = 0; s < end; s++) {
		if (s[0] == '/' && s + 1 < end && s[1] == '*') {
			s = memmem(s + 2, (size_t)(end - s - 2), "*/", 2);
			if (!s)
				return end;
			s++;
			continue;
		}
		depth += (*s == '(') - (*s == ')');
		if (!depth && (*s == ',' || *s == '}'))
			return s;
	}
	return end;
}

/* How far two enums have the same enumerators: those before it keep their values. */
static size_t common_enumerators(const char *a, const struct c_piece *pa, const char *b,
				 const struct c_piece *pb)
{
	const char *s = memchr(a + pa->start, '{', pa->end - pa->start), *end = a + pa->end;
	const char *t = memchr(b + pb->start, '{', pb->end - pb->start), *other = b + pb->end;
	size_t common = pa->start;

	while (s && t && s < end && t < other && *s != '}' && *t != '}') {
		const char *e = enumerator_end(s + 1, end), *f = enumerator_end(t + 1, other);

		if (digest(a, (size_t)(s + 1 - a), (size_t)(e - a)) !=
		    digest(b, (size_t)(t + 1 - b), (size_t)(f - b)))
			break;
		common = (size_t)(e - a);
		s = e;
		t = f;
	}
	return common;
}

/* The enum's tag; NULL if the piece isn't an enum with one. */
static const char *enum_tag(const char *text, const struct c_piece *p, size_t *len)
{
	size_t pos = p->start;
	const char *id = p->macro || p->body ? NULL : c_identifier(text, p->end, &pos, len);

	if (!id || !is_word(id, *len, "enum"))
		return NULL;
	id = c_identifier(text, p->end, &pos, len);
	return id && id[*len + strspn(id + *len, " \t\n")] == '{' ? id : NULL;
}

/* An enum of both texts: only what stands behind their common beginning may have changed.  1: not one. */
static int add_enum(struct names *n, const char *a, const struct c_piece *pa, const char *b,
		    const struct c_piece *pb, size_t nb)
{
	size_t len, other_len;
	const char *tag = enum_tag(a, pa, &len);

	for (size_t i = 0; tag && i < nb; i++) {
		const char *other = enum_tag(b, &pb[i], &other_len);

		if (other && len == other_len && !memcmp(tag, other, len))
			return names_add_enumerators(n, a, common_enumerators(a, pa, b, &pb[i]), pa->end);
	}
	return 1;
}

/* The invocation's head, "DEFINE_FREE(fput": how long it is, or 0 if @p isn't one that only declares. */
static size_t declaration_head(const char *text, const struct c_piece *p)
{
	const char *s = text + p->start;

	if (!names_is_invocation(text, p) || !(starts_with(s, "DEFINE_") || starts_with(s, "DECLARE_")))
		return 0;
	return strcspn(s, ",)");
}

/*
 * Does @p of the new text declare by a macro what the old text @b doesn't?  What that makes has a
 * name of its own, which nothing that hasn't changed can use: __free_fput, of DEFINE_FREE(fput, ...).
 */
static bool declares_anew(const char *text, const struct c_piece *p, const struct header_text *b)
{
	size_t len = declaration_head(text, p);

	for (size_t i = 0; len && i < b->nr; i++)
		if (declaration_head(b->text, &b->pieces[i]) == len &&
		    !memcmp(b->text + b->pieces[i].start, text + p->start, len))
			return false;
	return len;
}

/* Seeds for the pieces of @a that @b doesn't have; @added: @b is the old text. */
static int add_missing(struct names *n, const struct header_text *a, const struct header_text *b, bool added)
{
	uint64_t *have = digests(b), *mine = digests(a);
	int ret = have && mine ? 0 : -ENOMEM;

	if (!ret)
		qsort(have, b->nr, sizeof(*have), by_value);
	for (size_t i = 0; i < a->nr && !ret; i++) {
		const struct c_piece *p = &a->pieces[i];

		if (bsearch(&mine[i], have, b->nr, sizeof(*have), by_value) || names_is_forward(a->text, p) ||
		    (added && declares_anew(a->text, p, b)))
			continue;
		n->everything |= names_is_function(a->text, p);
		ret = add_enum(n, a->text, p, b->text, b->pieces, b->nr);
		if (ret == 1)
			ret = names_add_layout(n, a, i, b);
		if (ret == 1)
			ret = names_declare(n, a->text, p);
	}
	free(mine);
	free(have);
	return ret;
}

/* Digest of the directives that act on what stands behind them, whatever its name. */
static uint64_t directives(const char *text)
{
	uint64_t h = HASH_START;

	for (const char *l = text; l; l = strchr(l, '\n')) {
		const char *s;

		l += *l == '\n';
		s = l + strspn(l, " \t");
		if (*s != '#')
			continue;
		s++;
		s += strspn(s, " \t");
		if (starts_with(s, "undef") || starts_with(s, "pragma"))
			h = hash_bytes(h, s, strcspn(s, "\n"));
	}
	return h;
}

static int read_header(const char *text, struct header_text *out)
{
	int ret = c_scan(text, strlen(text), &out->pieces, &out->nr);

	out->text = text;
	if (ret)
		return ret;
	out->conditions = calloc(out->nr + 1, sizeof(*out->conditions));
	if (!out->conditions)
		return -ENOMEM;
	conditions(text, out->pieces, out->nr, out->conditions);
	return 0;
}

int names_compare(struct names *n, const char *old, const char *new)
{
	struct header_text a = { 0 }, b = { 0 };
	int ret = read_header(old, &a);

	if (!ret)
		ret = read_header(new, &b);
	if (!ret)
		ret = add_missing(n, &a, &b, false);
	if (!ret)
		ret = add_missing(n, &b, &a, true);
	n->everything |= directives(old) != directives(new);
	free(a.pieces);
	free(a.conditions);
	free(b.pieces);
	free(b.conditions);
	return ret;
}
