// SPDX-License-Identifier: GPL-2.0-or-later
/* tokens.c - see tokens.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "tokens.h"

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static const char *string_end(const char *s, const char *end)
{
	char quote = *s++;

	while (s < end && *s != quote && *s != '\n')
		s += *s == '\\' && s + 1 < end && s[1] != '\n' ? 2 : 1;
	return s < end && *s == quote ? s + 1 : s;
}

/* 1.5e+3, 0x1f, 1UL */
static const char *number_end(const char *s, const char *end)
{
	while (s < end && (in_word(*s) || *s == '.' ||
			   ((*s == '+' || *s == '-') && strchr("eEpP", s[-1]))))
		s++;
	return s;
}

const char *token_next(const char *s, const char *end, struct token *out)
{
	bool space = false, fresh = false;
	const char *e;

	while (s < end && isspace((unsigned char)*s)) {
		fresh |= *s++ == '\n';
		space = true;
	}
	if (s >= end)
		return NULL;
	e = s + 1;
	*out = (struct token){ .s = s, .space = space, .value = (uint8_t)*s };
	if (*s == '#' && fresh) {
		out->kind = TOKEN_LINE;
		e = memchr(s, '\n', (size_t)(end - s));
		e = e ? e : end;
	} else if (isdigit((unsigned char)*s) || (*s == '.' && e < end && isdigit((unsigned char)*e))) {
		out->kind = TOKEN_OTHER;
		e = number_end(e, end);
	} else if (in_word(*s)) {
		out->kind = TOKEN_WORD;
		while (e < end && in_word(*e))
			e++;
	} else if (*s == '"' || *s == '\'') {
		out->kind = TOKEN_OTHER;
		e = string_end(s, end);
	}
	out->len = (uint32_t)(e - s);
	return e;
}

static void grow_words(struct tokens *t)
{
	size_t cap = t->cap_words ? 2 * t->cap_words : 4096;
	struct word *words = t->words = xreallocarray(t->words, cap, sizeof(*words));
	uint32_t *buckets = xcalloc(cap, sizeof(*buckets));

	for (size_t i = 0; i < t->nr_words; i++) {
		uint32_t *b = &buckets[words[i].hash & (cap - 1)];

		words[i].next = *b;
		*b = (uint32_t)i + 1;
	}
	free(t->buckets);
	t->buckets = buckets;
	t->cap_words = t->nr_buckets = cap;
}

uint32_t tokens_word(struct tokens *t, const char *s, size_t len)
{
	uint64_t h = fnv1a(FNV1A_START, s, len);
	uint32_t i;

	for (i = t->nr_buckets ? t->buckets[h & (t->nr_buckets - 1)] : 0; i; i = t->words[i - 1].next)
		if (t->words[i - 1].hash == h && t->words[i - 1].len == len &&
		    !memcmp(t->words[i - 1].s, s, len))
			return i - 1;
	if (t->nr_words == t->cap_words)
		grow_words(t);
	t->words[t->nr_words] = (struct word){ .s = s, .len = (uint32_t)len, .hash = h,
					       .next = t->buckets[h & (t->nr_buckets - 1)] };
	t->buckets[h & (t->nr_buckets - 1)] = (uint32_t)t->nr_words + 1;
	return (uint32_t)t->nr_words++;
}

void tokens_add(struct tokens *t, struct token tok)
{
	t->list = xgrow(t->list, t->nr, sizeof(*t->list));
	if (tok.kind == TOKEN_WORD)
		tok.value = tokens_word(t, tok.s, tok.len);
	else if (tok.kind != TOKEN_PUNCT)
		tok.value = (uint32_t)fnv1a(FNV1A_START, tok.s, tok.len);
	t->list[t->nr++] = tok;
}

void tokens_init(struct tokens *t, const char *const *words, size_t nr)
{
	*t = (struct tokens){ 0 };
	for (size_t i = 0; i < nr; i++)
		tokens_word(t, words[i], strlen(words[i]));
}

void tokens_free(struct tokens *t)
{
	free(t->list);
	free(t->words);
	free(t->buckets);
	*t = (struct tokens){ 0 };
}

/* Past the comment at @s. */
static const char *past_comment(const char *s)
{
	const char *e = s[1] == '*' ? strstr(s + 2, "*/") : strchr(s, '\n');

	return !e ? s + strlen(s) : s[1] == '*' ? e + 2 : e;
}

/* In the order of the C standard's translation phases: lines are joined first. */
static void join_lines(char *s)
{
	char *o = s;

	while (*s) {
		size_t whole = strcspn(s, "\n"), len;

		whole += s[whole] == '\n';
		len = line_joined_len(s, whole);
		memmove(o, s, len);
		o += len;
		s += whole;
	}
	*o = '\0';
}

char *c_splice(const char *text)
{
	size_t len = strlen(text);
	char *out = xmalloc(len + 2), *o = out;
	const char *s = out + 1, *e;

	memcpy(out + 1, text, len + 1);
	join_lines(out + 1);
	/* A line's beginning, so that a '#' is seen. */
	*o++ = '\n';
	while (*s) {
		if (s[0] == '/' && (s[1] == '*' || s[1] == '/')) {
			s = past_comment(s);
			*o++ = ' ';
			continue;
		}
		e = *s == '"' || *s == '\'' ? string_end(s, s + strlen(s)) : s + 1;
		while (s < e)
			*o++ = *s++;
	}
	*o = '\0';
	return out;
}
