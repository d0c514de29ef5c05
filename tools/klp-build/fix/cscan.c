// SPDX-License-Identifier: GPL-2.0-or-later
/* cscan.c - see cscan.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "cscan.h"

#define MAX_IFS	64	/* nesting of #if */

struct scan {
	const char *buf;
	size_t len, pos;
	uint32_t line;
	int braces, parens;
	int saved[MAX_IFS];	/* braces at each open #if */
	int ifs;
	bool paren_seen, paren_done, assigned;	/* in the current declaration, outside braces */
	struct c_declaration cur;
	bool open;		/* cur has begun */
	struct c_declaration *list;
	size_t nr;
};

static bool is_ident(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

size_t c_line_end(const char *buf, size_t len, size_t pos)
{
	const char *e;

	while ((e = memchr(buf + pos, '\n', len - pos))) {
		size_t n = (size_t)(e + 1 - buf) - pos;

		if (line_joined_len(buf + pos, n) == n)
			return (size_t)(e - buf);
		pos += n;
	}
	return len;
}

/* Past a comment or a literal at @pos, or @pos itself if there is none. */
static size_t skip_literal(const char *buf, size_t len, size_t pos)
{
	char c = buf[pos];

	if (c == '/' && pos + 1 < len && buf[pos + 1] == '*') {
		const char *e = pos + 2 < len ? memmem(buf + pos + 2, len - pos - 2, "*/", 2) : NULL;

		return e ? (size_t)(e - buf) + 2 : len;
	}
	if (c == '/' && pos + 1 < len && buf[pos + 1] == '/')
		return c_line_end(buf, len, pos);
	if (c == '"' || c == '\'') {
		for (pos++; pos < len && buf[pos] != c && buf[pos] != '\n'; pos++)
			if (buf[pos] == '\\')
				pos++;
		return pos < len ? pos + 1 : len;
	}
	return pos;
}

static void advance(struct scan *s, size_t to)
{
	if (to > s->len)
		to = s->len;
	for (; s->pos < to; s->pos++)
		s->line += s->buf[s->pos] == '\n';
}

static void finish(struct scan *s, size_t end)
{
	if (!s->open)
		return;
	s->list = xgrow(s->list, s->nr, sizeof(*s->list));
	s->cur.end = end;
	s->cur.end_line = s->line;
	s->list[s->nr++] = s->cur;
	s->open = false;
}

static void begin(struct scan *s)
{
	if (s->open)
		return;
	s->cur = (struct c_declaration){ .start = s->pos, .line = s->line };
	s->open = true;
	s->paren_seen = s->paren_done = s->assigned = false;
	s->parens = 0;
}

/* End of a preprocessor line, continuations included. */
static size_t directive_end(const struct scan *s)
{
	size_t p = s->pos;

	while (p < s->len && s->buf[p] != '\n') {
		size_t q = skip_literal(s->buf, s->len, p);

		if (q > p) {
			p = q;
		} else {
			if (s->buf[p] == '\\' && p + 1 < s->len)
				p++;
			p++;
		}
	}
	return p < s->len ? p : s->len;
}

/* Branches of an #if may each open the same brace: only the first one counts. */
static void directive(struct scan *s)
{
	size_t end = directive_end(s), p = s->pos + 1;
	const char *word;
	size_t n;

	while (p < end && (s->buf[p] == ' ' || s->buf[p] == '\t'))
		p++;
	word = s->buf + p;
	for (n = 0; p + n < end && is_ident(word[n]);)
		n++;
	if (n >= 2 && !memcmp(word, "if", 2)) {
		if (s->ifs < MAX_IFS)
			s->saved[s->ifs] = s->braces;
		s->ifs++;
	} else if (n >= 4 && !memcmp(word, "el", 2)) {
		if (s->ifs > 0 && s->ifs <= MAX_IFS)
			s->braces = s->saved[s->ifs - 1];
	} else if (n == 5 && !memcmp(word, "endif", 5)) {
		s->ifs -= s->ifs > 0;
	} else if ((n == 6 && !memcmp(word, "define", 6)) || (n == 5 && !memcmp(word, "undef", 5))) {
		/* No declaration goes on behind it: "SOME_LIST" of a trace header has no ';'. */
		if (s->open && (s->braces || s->parens || s->assigned)) {
			advance(s, end);
			return;
		}
		finish(s, s->pos);
		if (n == 5) {
			advance(s, end);
			return;
		}
		begin(s);
		s->cur.macro = true;
		advance(s, end);
		finish(s, end);
		return;
	}
	advance(s, end);
}

/*
 * Does the ')' at the position end an invocation that takes no ';'?  "DEFINE_FREE(put, ...)": in
 * capitals, alone, and the next line begins something else.
 */
static bool ends_invocation(const struct scan *s)
{
	size_t p = s->cur.start, q;

	while (p < s->len && is_ident(s->buf[p]) && !islower((unsigned char)s->buf[p]))
		p++;
	if (p == s->cur.start || s->buf[p] != '(' || s->paren_done || s->braces || s->parens || s->assigned)
		return false;
	for (p = s->pos + 1; p < s->len && (isspace((unsigned char)s->buf[p]) || s->buf[p] == '/'); p = q) {
		q = skip_literal(s->buf, s->len, p);
		if (q == p && s->buf[p] == '/')
			return false;
		q += q == p;
	}
	if (p == s->len)
		return true;
	/* "__releases(lock)" or #else may stand on a line of its own before a function's body. */
	return s->buf[p - 1] == '\n' && is_ident(s->buf[p]) &&
	       !(p + 1 < s->len && s->buf[p] == '_' && s->buf[p + 1] == '_');
}

/* One character of code that isn't blank. */
static void code(struct scan *s, char c)
{
	begin(s);
	switch (c) {
	case '(':
		s->parens++;
		s->paren_seen |= !s->braces;
		break;
	case ')':
		s->parens -= s->parens > 0;
		if (ends_invocation(s)) {
			advance(s, s->pos + 1);
			finish(s, s->pos);
			return;
		}
		s->paren_done |= !s->parens;
		break;
	case '=':
		s->assigned |= !s->braces && !s->parens;
		break;
	case '{':
		if (!s->braces && s->paren_seen && !s->assigned && !s->parens && !s->cur.body)
			s->cur.body = s->pos;
		s->braces++;
		break;
	case '}':
		s->braces -= s->braces > 0;
		if (!s->braces && s->cur.body) {
			advance(s, s->pos + 1);
			finish(s, s->pos);
			return;
		}
		break;
	case ';':
		if (!s->braces && !s->parens) {
			advance(s, s->pos + 1);
			finish(s, s->pos);
			return;
		}
		break;
	}
	advance(s, s->pos + 1);
}

void c_scan(const char *buf, size_t len, struct c_declaration **out, size_t *nr)
{
	struct scan s = { .buf = buf, .len = len, .line = 1 };
	bool line_start = true;

	while (s.pos < len) {
		char c = buf[s.pos];
		size_t q = skip_literal(buf, len, s.pos);

		if (q > s.pos) {
			if (c == '"' || c == '\'')
				begin(&s);
			advance(&s, q);
			line_start = line_start && c == '/';
		} else if (c == '#' && line_start) {
			directive(&s);
		} else if (isspace((unsigned char)c)) {
			line_start |= c == '\n';
			advance(&s, s.pos + 1);
		} else {
			line_start = false;
			code(&s, c);
		}
	}
	finish(&s, len);
	*out = s.list;
	*nr = s.nr;
}

const char *c_identifier(const char *buf, size_t end, size_t *pos, size_t *len)
{
	size_t p = *pos;

	while (p < end) {
		size_t q = skip_literal(buf, end, p);

		if (q > p) {
			p = q;
		} else if (is_ident(buf[p])) {
			for (q = p; q < end && is_ident(buf[q]);)
				q++;
			*pos = q;
			*len = q - p;
			/* 0x10UL is no identifier. */
			if (!isdigit((unsigned char)buf[p]))
				return buf + p;
			p = q;
		} else {
			p++;
		}
	}
	*pos = end;
	return NULL;
}

bool c_defines(const char *buf, const struct c_declaration *p, const char *name)
{
	size_t pos = p->start, len, want = strlen(name);
	const char *id, *after, *before;

	if (!p->body)
		return false;
	while ((id = c_identifier(buf, p->body, &pos, &len))) {
		if (len != want || memcmp(id, name, len))
			continue;
		for (after = id + len; after < buf + p->body && isspace((unsigned char)*after);)
			after++;
		for (before = id; before > buf + p->start && isspace((unsigned char)before[-1]);)
			before--;
		if (*after == '(' || (before > buf + p->start && before[-1] == '('))
			return true;
	}
	return false;
}
