// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - see text.h. */
#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xalloc.h"

static void text_reserve(struct text *t, size_t more)
{
	size_t cap = t->cap ? t->cap : 256;

	while (cap - t->len <= more)
		cap *= 2;
	if (cap == t->cap)
		return;
	t->s = xreallocarray(t->s, cap, 1);
	t->cap = cap;
}

void text_add(struct text *t, const char *s, size_t len)
{
	text_reserve(t, len);
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

static char *vformat(const char *fmt, va_list ap)
{
	char *s;

	return xcheck(vasprintf(&s, fmt, ap) < 0 ? NULL : s);
}

void text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = vformat(fmt, ap);
	va_end(ap);
	text_add(t, s, strlen(s));
	free(s);
}

void text_add_replaced(struct text *t, const char *s, size_t len, const char *from, const char *to)
{
	const char *end = s + len, *hit;
	size_t from_len = strlen(from);

	while ((hit = memmem(s, (size_t)(end - s), from, from_len))) {
		text_add(t, s, (size_t)(hit - s));
		text_add(t, to, strlen(to));
		s = hit + from_len;
	}
	text_add(t, s, (size_t)(end - s));
}

char *text_take(struct text *t)
{
	char *s = t->s ? t->s : xstrdup("");

	*t = (struct text){ 0 };
	return s;
}

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

char *format(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = vformat(fmt, ap);
	va_end(ap);
	return s;
}

bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

size_t line_joined_len(const char *line, size_t len)
{
	size_t n = len;

	if (!len || line[len - 1] != '\n')
		return len;
	while (n && isspace((unsigned char)line[n - 1]))
		n--;
	return n && line[n - 1] == '\\' ? n - 1 : len;
}

const char **line_starts(const char *text, size_t *nr)
{
	const char **list;
	size_t n = 0;

	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		n++;
	*nr = n;
	list = xcalloc(n + 1, sizeof(*list));
	for (n = 0; *text; text += strcspn(text, "\n"), text += *text == '\n')
		list[n++] = text;
	list[n] = text;
	return list;
}

void strings_add_len(struct strings *l, const char *s, size_t len)
{
	l->list = xgrow(l->list, l->nr, sizeof(*l->list));
	l->list[l->nr++] = xstrndup(s, len);
}

void strings_add(struct strings *l, const char *s)
{
	strings_add_len(l, s, strlen(s));
}

bool strings_add_once(struct strings *l, const char *s)
{
	if (strings_have(l, s))
		return false;
	strings_add(l, s);
	return true;
}

bool strings_have(const struct strings *l, const char *s)
{
	for (size_t i = 0; i < l->nr; i++)
		if (!strcmp(l->list[i], s))
			return true;
	return false;
}

void strings_add_all(struct strings *l, const struct strings *from)
{
	for (size_t i = 0; i < from->nr; i++)
		strings_add(l, from->list[i]);
}

const char **strings_argv(const struct strings *l)
{
	const char **argv = xcalloc(l->nr + 1, sizeof(*argv));

	for (size_t i = 0; i < l->nr; i++)
		argv[i] = l->list[i];
	return argv;
}

void strings_free(struct strings *l)
{
	for (size_t i = 0; i < l->nr; i++)
		free(l->list[i]);
	free(l->list);
	*l = (struct strings){ 0 };
}

/* The bytes of the UTF-8 character at @s; 0: it isn't one. */
static size_t utf8_length(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *s < 0x80 ? 1 : (*s & 0xe0) == 0xc0 ? 2 : (*s & 0xf0) == 0xe0 ? 3 : (*s & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t c = n < 2 ? *s : *s & (0x7fu >> n);

	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return n && c >= least[n] && c < 0x110000 && (c < 0xd800 || c > 0xdfff) ? n : 0;
}

bool text_is_utf8(const char *s)
{
	for (size_t n; *s; s += n) {
		n = utf8_length((const unsigned char *)s);
		if (!n)
			return false;
	}
	return true;
}

char *text_utf8(const char *s)
{
	struct text t = { 0 };

	while (*s) {
		size_t n = utf8_length((const unsigned char *)s);
		const char two[] = { (char)(0xc0 | (*s & 0xff) >> 6), (char)(0x80 | (*s & 0x3f)) };

		if (n)
			text_add(&t, s, n);
		else
			text_add(&t, two, 2);
		s += n ? n : 1;
	}
	return text_take(&t);
}

void text_swap(char *s, char from, char to)
{
	while ((s = strchr(s, from)))
		*s++ = to;
}

void path_fold(char *path)
{
	char *dots;

	while ((dots = strstr(path, "/../"))) {
		char *from = dots;

		while (from > path && from[-1] != '/')
			from--;
		memmove(from, dots + 4, strlen(dots + 4) + 1);
	}
}
