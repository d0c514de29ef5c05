/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - growing text and paths, for the stages that put commands together.
 *
 * A failed allocation is remembered in the text and told by text_take(), so
 * that a chain of appends needs one check.
 */
#ifndef KLP_TEXT_H
#define KLP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;

struct text {
	char *s;	/* NUL-terminated; NULL while empty */
	size_t len;
	size_t cap;
	bool failed;	/* out of memory at some append */
};

void text_add(struct text *t, const char *s, size_t len);
void text_addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* All of @s with each @from replaced by @to. */
void text_add_replaced(struct text *t, const char *s, size_t len, const char *from, const char *to);
/* The text, malloc()ed ("" if empty); NULL: no memory.  @t is empty afterwards. */
char *text_take(struct text *t);
void text_free(struct text *t);

/* asprintf() that returns NULL when there is no memory. */
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool starts_with(const char *s, const char *prefix);
bool ends_with(const char *s, const char *suffix);
/* @s as UTF-8: what isn't is taken for Latin-1, as in old mails.  NULL: no memory. */
char *text_utf8(const char *s);
bool text_is_utf8(const char *s);
/* "a/b/../c" -> "a/c", in place. */
void path_fold(char *path);
/* Each @from in @s becomes @to. */
void text_swap(char *s, char from, char to);
/* Where each of the @nr lines of @text starts; [nr] is the text's end.  NULL: no memory. */
const char **line_starts(const char *text, size_t *nr);

/* A list of strings that it owns. */
struct strings {
	char **list;
	size_t nr;
};

/* 0 or -ENOMEM.  Takes a copy. */
int strings_add(struct strings *l, const char *s);
int strings_add_len(struct strings *l, const char *s, size_t len);
bool strings_have(const struct strings *l, const char *s);
void strings_free(struct strings *l);

#endif
