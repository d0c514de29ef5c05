// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names_struct.c - of two versions of a header, the structs of which nothing but
 * the declaration of members changes, so that layout.c may judge them.
 *
 * Told by tokens: what is before the first and behind the last that differs is
 * the same.  Whatever could make the struct depend on more than the
 * configuration, or declares something besides it, keeps it out.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "layout.h"
#include "names_priv.h"

struct token {
	const char *s;
	size_t len;
};

struct tokens {
	struct token *list;
	size_t nr;
};

static bool is_ident(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static int add_token(struct tokens *t, const char *s, size_t len)
{
	if (!(t->nr & (t->nr - 1))) {
		struct token *list = reallocarray(t->list, t->nr ? 2 * t->nr : 1, sizeof(*list));

		if (!list)
			return -ENOMEM;
		t->list = list;
	}
	t->list[t->nr++] = (struct token){ s, len };
	return 0;
}

/* A word, a mark, or a whole line of the preprocessor's; our own #line aside. */
static int tokenize(const char *text, const struct c_piece *p, struct tokens *out)
{
	const char *s = text + p->start, *end = text + p->end;
	int ret = 0;

	while (s < end && !ret) {
		size_t n = 1;

		if (isspace((unsigned char)*s)) {
			s++;
			continue;
		}
		if (s + 1 < end && s[0] == '/' && s[1] == '*') {
			const char *e = memmem(s + 2, (size_t)(end - s - 2), "*/", 2);

			s = e ? e + 2 : end;
			continue;
		}
		if (*s == '#' || (s + 1 < end && s[0] == '/' && s[1] == '/'))
			while (s + n < end && s[n] != '\n')
				n++;
		else
			while (is_ident(*s) && s + n < end && is_ident(s[n]))
				n++;
		if (*s != '/' && !(*s == '#' && starts_with(s, "#line ")))
			ret = add_token(out, s, n);
		s += n;
	}
	return ret;
}

static bool is(const struct token *t, const char *word)
{
	return is_word(t->s, t->len, word);
}

static bool same(const struct token *a, const struct token *b)
{
	return a->len == b->len && !memcmp(a->s, b->s, a->len);
}

/* A "#define DST_NOXFRM 0x0002" between the members, which is the same in both versions or differs as a token. */
static bool is_define(const struct token *line)
{
	const char *s = line->s + 1 + strspn(line->s + 1, " \t");

	return starts_with(s, "define") && line->s[line->len - 1] != '\\';
}

/* "#if IS_ENABLED(CONFIG_X)": the same for all units. */
static bool depends_on_config(const struct token *line)
{
	static const char *const words[] = {
		"if", "ifdef", "ifndef", "elif", "else", "endif", "defined", "IS_ENABLED", "IS_BUILTIN",
		"BITS_PER_LONG",
	};
	size_t pos = 0, len;
	const char *id;

	if (line->s[line->len - 1] == '\\')
		return false;
	while ((id = c_identifier(line->s, line->len, &pos, &len))) {
		bool known = len > 7 && !memcmp(id, "CONFIG_", 7);

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !known; i++)
			known = is_word(id, len, words[i]);
		if (!known)
			return false;
	}
	return true;
}

/* Nothing in it but members: no other type by name, no enumerators. */
static bool is_plain(const struct tokens *t)
{
	for (size_t i = 3; i < t->nr; i++) {
		const struct token *x = &t->list[i];
		bool is_enum = is(x, "enum");

		if (*x->s == '#' && !is_define(x) && !depends_on_config(x))
			return false;
		if (is_enum && i + 1 < t->nr && is(&t->list[i + 1], "{"))
			return false;
		if ((is_enum || is(x, "struct") || is(x, "union")) && i + 2 < t->nr &&
		    !is(&t->list[i + 1], "{") && is(&t->list[i + 2], "{"))
			return false;
	}
	return true;
}

/* Words that are no names, and mean nothing that debug information doesn't show. */
static bool is_harmless(const struct token *t)
{
	static const char *const words[] = {
		"struct", "union", "enum", "const", "volatile", "unsigned", "signed", "char", "short",
		"int", "long", "void", "__rcu", "__user", "__iomem",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is(t, words[i]))
			return true;
	return isdigit((unsigned char)*t->s) || (t->len == 1 && strchr("{};,*[]()", *t->s));
}

/* 1: something in the differing part that can't be judged by the layout. */
static int add_words(const struct tokens *t, size_t from, size_t to, struct strings *words)
{
	for (size_t i = from; i < to; i++) {
		const struct token *x = &t->list[i];

		if (is_harmless(x))
			continue;
		if (!is_ident(*x->s))
			return 1;
		if (strings_add_len(words, x->s, x->len))
			return -ENOMEM;
	}
	return 0;
}

static int compare(const struct tokens *a, const struct tokens *b, struct strings *words)
{
	size_t from = 0, tail = 0;
	int ret;

	while (from < a->nr && from < b->nr && same(&a->list[from], &b->list[from]))
		from++;
	while (tail < a->nr - from && tail < b->nr - from &&
	       same(&a->list[a->nr - 1 - tail], &b->list[b->nr - 1 - tail]))
		tail++;
	if (from < 3 || !is_plain(a) || !is_plain(b))
		return 1;
	ret = add_words(a, from, a->nr - tail, words);
	return ret ? ret : add_words(b, from, b->nr - tail, words);
}

/* "struct tag {": the tag. */
static const char *struct_tag(const char *text, const struct c_piece *p, size_t *len, bool *is_union)
{
	size_t pos = p->start;
	const char *id = p->macro || p->body ? NULL : c_identifier(text, p->end, &pos, len);

	if (!id || id != text + p->start || !(is_word(id, *len, "struct") || is_word(id, *len, "union")))
		return NULL;
	*is_union = *id == 'u';
	id = c_identifier(text, p->end, &pos, len);
	return id && id[*len + strspn(id + *len, " \t\n")] == '{' ? id : NULL;
}

/* The one definition of that tag among the pieces; NULL: none, or several. */
static const struct c_piece *definition(const char *text, const struct c_piece *p, size_t nr,
					const char *tag, size_t len)
{
	const struct c_piece *found = NULL;
	size_t other_len;
	bool is_union;

	for (size_t i = 0; i < nr; i++) {
		const char *other = struct_tag(text, &p[i], &other_len, &is_union);

		if (!other || other_len != len || memcmp(other, tag, len))
			continue;
		if (found)
			return NULL;
		found = &p[i];
	}
	return found;
}

int names_add_layout(struct names *n, const struct header_text *a, size_t i, const struct header_text *b)
{
	struct tokens ta = { 0 }, tb = { 0 };
	struct strings words = { 0 };
	const struct c_piece *other;
	bool is_union;
	size_t len;
	const char *tag = n->layouts ? struct_tag(a->text, &a->pieces[i], &len, &is_union) : NULL;
	int ret = 1;

	if (!tag)
		return 1;
	/* Found from the other side. */
	if (layouts_have(n->layouts, tag, len))
		return 0;
	other = definition(b->text, b->pieces, b->nr, tag, len);
	if (!other || !definition(a->text, a->pieces, a->nr, tag, len) ||
	    a->conditions[i] != b->conditions[other - b->pieces])
		return 1;
	ret = tokenize(a->text, &a->pieces[i], &ta);
	if (!ret)
		ret = tokenize(b->text, other, &tb);
	if (!ret)
		ret = compare(&ta, &tb, &words);
	if (!ret)
		ret = layouts_add(n->layouts, tag, len, is_union, n->path, &words);
	strings_free(&words);
	free(ta.list);
	free(tb.list);
	return ret;
}
