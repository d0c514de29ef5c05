/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - growing text and paths, for the stages that put commands together.  Without memory the program ends: xalloc.h.
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
};

void text_add(struct text *t, const char *s, size_t len);
void text_addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* All of @s with each @from replaced by @to. */
void text_add_replaced(struct text *t, const char *s, size_t len, const char *from, const char *to);
/* The text, malloc()ed ("" if empty).  @t is empty afterwards. */
char *text_take(struct text *t);
void text_free(struct text *t);

/* asprintf(): the text, malloc()ed. */
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool starts_with(const char *s, const char *prefix);
bool ends_with(const char *s, const char *suffix);
/* @s as UTF-8: what isn't is taken for Latin-1, as in old mails. */
char *text_utf8(const char *s);
bool text_is_utf8(const char *s);
/* "a/b/../c" -> "a/c", in place. */
void path_fold(char *path);
/* Each @from in @s becomes @to. */
void text_swap(char *s, char from, char to);
/*
 * The length of a C line of @len bytes, with its newline, without the '\' that joins the next line to it, in a
 * comment and a string as well; @len: it has none.  As GCC has it, white space may follow the '\' (a DOS file's CR).
 */
size_t line_joined_len(const char *line, size_t len);
/* Where each of the @nr lines of @text starts; [nr] is the text's end. */
const char **line_starts(const char *text, size_t *nr);

/* A list of strings that it owns. */
struct strings {
	char **list;
	size_t nr;
};

/* Takes a copy. */
void strings_add(struct strings *l, const char *s);
void strings_add_len(struct strings *l, const char *s, size_t len);
void strings_add_all(struct strings *l, const struct strings *from);
/* Unless it has it already; true: it hadn't. */
bool strings_add_once(struct strings *l, const char *s);
bool strings_have(const struct strings *l, const char *s);
/* As an argv: the same strings, and NULL at the end; free() the array alone. */
const char **strings_argv(const struct strings *l);
void strings_free(struct strings *l);

#endif
