// SPDX-License-Identifier: GPL-2.0-or-later
/* series_patch.c - a commit's mail, parsed: see series_patch.h.  Its diff is udiff.c's. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "err.h"
#include "fix/mail.h"
#include "series_patch.h"

struct reader {
	const char *at, *end;
	size_t line;
};

/* The line at the reader, without its newline; false at the end. */
static bool peek(const struct reader *r, const char **s, size_t *len)
{
	const char *e;

	*s = r->at;
	*len = 0;
	if (r->at >= r->end)
		return false;
	e = memchr(r->at, '\n', (size_t)(r->end - r->at));
	*len = e ? (size_t)(e - r->at) : (size_t)(r->end - r->at);
	return true;
}

static void skip(struct reader *r)
{
	const char *s;
	size_t len;

	if (!peek(r, &s, &len))
		return;
	r->at = s + len + (s + len < r->end);
	r->line++;
}

static bool is(const char *s, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && !memcmp(s, prefix, n);
}

/* ---- the mail ---- */

static void take_id(const char *s, size_t len, char id[41])
{
	size_t n = 0;

	while (n < len && n < 41 && isxdigit((unsigned char)s[n]) && !isupper((unsigned char)s[n]))
		n++;
	if (n == 40) {
		memcpy(id, s, 40);
		id[40] = '\0';
	}
}

static void add_upstream(struct sp_commit *c, const char *s, size_t len)
{
	char id[41] = "";

	take_id(s, len, id);
	if (*id)
		strings_add_once(&c->upstream, id);
}

/* What stable trees say: "commit ID upstream.", "[ Upstream commit ID ]", "(cherry picked from commit ID)". */
static void look_for_upstream(struct sp_commit *c, const char *s, size_t len)
{
	static const char *const before[] = { "commit ", "[ Upstream commit ", "[Upstream commit ", "Upstream commit ",
					      "upstream commit ", "(cherry picked from commit " };

	while (len && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		size_t n = strlen(before[i]);

		if (!is(s, len, before[i]) || len < n + 40)
			continue;
		/* "commit ID" alone may be anything. */
		if (!i && !memmem(s + n + 40, len - n - 40, "upstream", 8))
			continue;
		add_upstream(c, s + n, len - n);
		return;
	}
}

static int look_for_cves(struct sp_commit *c, const char *s, size_t len)
{
	const char *end = s + len;

	while ((s = memmem(s, (size_t)(end - s), "CVE-", 4))) {
		size_t n = 4;
		char *cve;
		int ret = 0;

		while (s + n < end && (isdigit((unsigned char)s[n]) || (n == 8 && s[n] == '-')))
			n++;
		if (n >= 13 && n < 32 && s[8] == '-') {
			cve = xstrndup(s, n);
			ret = 0;
			strings_add_once(&c->cves, cve);
			free(cve);
		}
		if (ret)
			return ret;
		s += n;
	}
	return 0;
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower(c) - 'a' + 10 : -1;
}

static int sextet(char c)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(set, c) : NULL;

	return p ? (int)(p - set) : -1;
}

/* The content of "=?utf-8?q?...?=" (RFC 2047), of the kind @how. */
static void add_decoded(struct text *t, const char *s, size_t len, char how)
{
	unsigned int bits = 0, nr = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i] == '_' ? ' ' : s[i];

		if (how == 'b') {
			if (sextet(s[i]) < 0)
				continue;
			bits = bits << 6 | (unsigned int)sextet(s[i]);
			nr += 6;
			if (nr < 8)
				continue;
			nr -= 8;
			c = (char)(bits >> nr & 0xff);
		} else if (s[i] == '=' && i + 2 < len && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
			c = (char)(hex(s[i + 1]) << 4 | hex(s[i + 2]));
			i += 2;
		}
		text_add(t, &c, 1);
	}
}

/* Encoded words of a header, where they are UTF-8 or ASCII; blanks between two of them don't count. */
static char *decode(const char *s)
{
	struct text t = { 0 };
	bool was = false;

	while (*s) {
		const char *q = starts_with(s, "=?") ? strchr(s + 2, '?') : NULL, *e = q && q[1] && q[2] == '?' ? strstr(q + 3, "?=") : NULL;
		size_t blanks = strspn(s, " ");

		if (e && (!strncasecmp(s + 2, "utf-8", 5) || !strncasecmp(s + 2, "us-ascii", 8))) {
			add_decoded(&t, q + 3, (size_t)(e - q - 3), (char)tolower((unsigned char)q[1]));
			s = e + 2;
			was = true;
		} else if (was && blanks && starts_with(s + blanks, "=?")) {
			s += blanks;
		} else {
			text_add(&t, s++, 1);
			was = false;
		}
	}
	return text_take(&t);
}

/* The length of the UTF-8 character at @s; 0: it isn't one. */
static size_t utf8_length(const unsigned char *s, size_t len)
{
	size_t n = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : (*s & 0xf0) == 0xe0 ? 3 : *s >= 0xf0 && *s < 0xf5 ? 4 : 0;

	if (n > len || (n == 1 && (*s < 0x20 || *s == 0x7f)))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) || (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

char *sp_utf8_line(const char *s, size_t len)
{
	struct text t = { 0 };

	for (size_t i = 0; i < len && t.len < 200;) {
		size_t n = utf8_length((const unsigned char *)s + i, len - i);

		text_add(&t, n ? s + i : "?", n ? n : 1);
		i += n ? n : 1;
	}
	return text_take(&t);
}

/* Without "[PATCH 6.1 01/20]"; says of "[PATCH 0/20]" that it is a letter. */
static void set_subject(struct sp_commit *c, const char *raw)
{
	char *line = decode(raw);
	const char *s = line;

	while (s && *(s += strspn(s, " \t")) == '[' && strchr(s, ']')) {
		size_t n = strcspn(s, "]");
		const char *slash = memchr(s, '/', n), *zero = slash;

		if (!memmem(s, n, "PATCH", 5))
			break;
		while (zero && zero[-1] == '0')
			zero--;
		c->cover |= slash && zero < slash && zero[-1] == ' ';
		s += n + 1;
	}
	free(c->subject);
	c->subject = s ? sp_utf8_line(s, strlen(s)) : NULL;
	free(line);
}

/* The headers of a mail; the subject may go on in the next lines. */
static void read_headers(struct reader *r, struct sp_commit *c)
{
	struct text subject = { 0 };
	bool in_subject = false;
	const char *s;
	size_t len;

	if (peek(r, &s, &len) && is(s, len, "From ") && len >= 45)
		take_id(s + 5, len - 5, c->id);
	if (peek(r, &s, &len) && is(s, len, "From "))
		skip(r);
	for (; peek(r, &s, &len) && len; skip(r)) {
		if (in_subject && (*s == ' ' || *s == '\t')) {
			text_add(&subject, " ", 1);
			text_add(&subject, s + 1, len - 1);
			continue;
		}
		in_subject = len > 8 && !strncasecmp(s, "Subject:", 8);
		if (in_subject && !subject.len)
			text_add(&subject, s + 8, len - 8);
	}
	if (subject.len)
		set_subject(c, subject.s);
	text_free(&subject);
}

/* The text before the diff. */
static int read_prose(struct reader *r, struct sp_commit *c, struct klp_err *err)
{
	const char *s;
	size_t len;
	int ret = 0;

	for (; !ret && peek(r, &s, &len); skip(r)) {
		if (is(s, len, "diff --git "))
			break;
		if (is(s, len, "--- ") && s + len + 5 < r->end && !memcmp(s + len, "\n+++ ", 5))
			break;
		look_for_upstream(c, s, len);
		ret = look_for_cves(c, s, len);
		if (!ret && !*c->subject) {
			size_t n = 0;

			while (n < len && strchr("# \t", s[n]))
				n++;
			if (n < len && !mail_is_header(s + n, len - n)) {
				free(c->subject);
				c->subject = sp_utf8_line(s + n, len - n);
			}
		}
	}
	return ret ? klp_err_sys(err, ret, "series") : 0;
}

/* Goes on to the next line: is that a mail's header, or (@more) what a long one goes on with? */
static bool has_header(struct reader *r, bool more)
{
	const char *s;
	size_t len;

	skip(r);
	return peek(r, &s, &len) && (mail_is_header(s, len) || (more && len && (*s == ' ' || *s == '\t')));
}

/*
 * A mailbox' first lines of mails have forms that aren't known here, and two mails are no commit.  Told by the
 * headers behind it; in a message a line may begin with "From ", too, and no line of a hunk does.
 */
static int check_single(const char *text, struct klp_err *err)
{
	struct reader r = { .at = text, .end = text + strlen(text), .line = 1 };
	const char *s;
	size_t n;

	for (skip(&r); peek(&r, &s, &n); skip(&r)) {
		struct reader ahead = r;

		if (is(s, n, "From ") && has_header(&ahead, false) && has_header(&ahead, true))
			return klp_err_set(err, -EBADMSG,
					   "at its line %zu another mail begins, with a line that `git format-patch --stdout` and mail programs "
					   "write in another form (From WORD Mon Sep 17 00:00:00 2001): make the mailbox anew", r.line);
	}
	return 0;
}

/* What the prose ended at.  A commit of which a part can't be read is none. */
static int read_diff(const struct reader *r, struct sp_commit *c, struct klp_err *err)
{
	int ret;

	c->text = xstrndup(r->at, (size_t)(r->end - r->at));
	ret = udiff_parse(c->text, &c->diff, err);
	for (size_t i = 0; !ret && i < c->diff.nr; i++) {
		const struct udiff_section *s = &c->diff.sections[i];

		if (s->problem && s->kind != UDIFF_BINARY && s->kind != UDIFF_LINK)
			ret = klp_err_set(err, -EBADMSG, "%s: %s", s->path, s->problem);
	}
	return ret;
}

int sp_parse(const char *text, size_t len, struct sp_commit *out, struct klp_err *err)
{
	struct sp_commit c = { .subject = xstrdup("") };
	char *copy = xstrndup(text, len);
	struct reader r = { .at = copy, .line = 1 };
	const char *s;
	size_t n;
	int ret = 0;

	if (memchr(text, '\0', len))
		ret = klp_err_set(err, -EBADMSG, "it holds a NUL byte: not text");
	mail_drop_crs(copy);
	r.end = copy + strlen(copy);
	if (!ret && peek(&r, &s, &n) && (is(s, n, "From ") || mail_is_header(s, n)))
		read_headers(&r, &c);
	if (!ret)
		ret = mail_check(copy, err);
	if (!ret)
		ret = check_single(copy, err);
	if (!ret)
		ret = read_prose(&r, &c, err);
	if (!ret && r.at < r.end) {
		c.cover = false;
		ret = read_diff(&r, &c, err);
	} else if (!ret && !c.cover) {
		ret = klp_err_set(err, -ENODATA, "it holds no unified diff");
	}
	/* The subject is told of what can't be taken, too. */
	*out = c;
	free(copy);
	return ret;
}

void sp_free(struct sp_commit *c)
{
	udiff_free(&c->diff);
	free(c->text);
	free(c->subject);
	strings_free(&c->upstream);
	strings_free(&c->cves);
	*c = (struct sp_commit){ 0 };
}
