// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * layout_text.c - of two versions of a struct, whether nothing but the declaration
 * of members changes, so that layout.c may judge it.
 *
 * Told by tokens: what is before the first and behind the last that differs is
 * the same.  Whatever could make the struct depend on more than the
 * configuration, or declares something besides it, keeps it out.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "headerdiff.h"
#include "layout.h"
#include "tokens.h"

static bool is(const struct token *t, const char *word)
{
	return t->len == strlen(word) && !memcmp(t->s, word, t->len);
}

static bool same(const struct token *a, const struct token *b)
{
	return a->len == b->len && !memcmp(a->s, b->s, a->len);
}

static void tokenize(const char *s, size_t len, struct tokens *out)
{
	const char *end = s + len;
	struct token tok;

	while ((s = token_next(s, end, &tok)))
		if (tok.kind != TOKEN_LINE || !starts_with(tok.s, "#line "))
			tokens_add(out, tok);
}

/* A "#define DST_NOXFRM 0x0002" between the members, which is the same in both versions or differs as a token. */
static bool is_define(const struct token *line)
{
	const char *s = line->s + 1 + strspn(line->s + 1, " \t");

	return starts_with(s, "define");
}

/* "#if IS_ENABLED(CONFIG_X)": the same for all units. */
static bool depends_on_config(const struct token *line)
{
	static const char *const words[] = {
		"if", "ifdef", "ifndef", "elif", "else", "endif", "defined", "IS_ENABLED", "IS_BUILTIN",
		"BITS_PER_LONG",
	};
	const char *s = line->s + 1, *end = line->s + line->len;
	struct token tok;

	while ((s = token_next(s, end, &tok))) {
		bool known = tok.kind != TOKEN_WORD || (tok.len > 7 && !memcmp(tok.s, "CONFIG_", 7));

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !known; i++)
			known = is(&tok, words[i]);
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

		if (x->kind == TOKEN_LINE && !is_define(x) && !depends_on_config(x))
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
		if (x->kind != TOKEN_WORD)
			return 1;
		strings_add_len(words, x->s, x->len);
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

int layout_compare(const char *old, size_t old_len, const char *new, size_t new_len, const char *path,
		   struct layouts *layouts)
{
	struct tokens a = { 0 }, b = { 0 };
	struct strings words = { 0 };
	int ret;

	tokenize(old, old_len, &a);
	tokenize(new, new_len, &b);
	ret = compare(&a, &b, &words);
	if (!ret)
		layouts_add(layouts, a.list[1].s, a.list[1].len, is(&a.list[0], "union"), path, &words);
	strings_free(&words);
	tokens_free(&a);
	tokens_free(&b);
	return ret;
}
