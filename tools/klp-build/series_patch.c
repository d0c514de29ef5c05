// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * series_patch.c - a commit's mail and diff, parsed: see series_patch.h.
 *
 * Every line of a hunk is counted: a diff that ends early, or goes on behind its
 * hunk's count, isn't taken.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"
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

/* ---- paths ---- */

static bool leads_out(const char *path)
{
	return !*path || *path == '/' || starts_with(path, "../") || !strcmp(path, "..");
}

/* A name in quotes, as git writes it when it has bytes that aren't ASCII. */
static char *unquote(const char *s, size_t len)
{
	struct text t = { 0 };

	for (size_t i = 1; i < len && s[i] != '"'; i++) {
		char c = s[i];

		if (c == '\\' && i + 3 < len && s[i + 1] >= '0' && s[i + 1] <= '3') {
			c = (char)((s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 | (s[i + 3] - '0'));
			i += 3;
		} else if (c == '\\' && i + 1 < len) {
			c = s[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
		}
		text_add(&t, &c, 1);
	}
	return text_take(&t);
}

/* "a/net/core.c\t2026..." -> "net/core.c"; NULL in *out for /dev/null.  @strip: one component goes. */
static int get_path(const char *s, size_t len, bool strip, char **out, struct klp_err *err)
{
	size_t n = 0;
	char *path, *slash;

	*out = NULL;
	while (n < len && s[n] != '\t' && s[n] != '\r')
		n++;
	if (n == 9 && !memcmp(s, "/dev/null", 9))
		return 0;
	path = *s == '"' ? unquote(s, n) : strndup(s, n);
	if (!path)
		return klp_err_sys(err, -ENOMEM, "series");
	slash = strip ? strchr(path, '/') : NULL;
	if (strip && !slash) {
		klp_err_set(err, -EBADMSG, "\"%s\" has no folder in front: the diff must apply with `patch -p1`", path);
		free(path);
		return -EBADMSG;
	}
	if (slash)
		memmove(path, slash + 1, strlen(slash));
	path_fold(path);
	if (leads_out(path)) {
		klp_err_set(err, -EBADMSG, "\"%s\" leads out of the source tree", path);
		free(path);
		return -EBADMSG;
	}
	*out = path;
	return 0;
}

/* ---- diffs ---- */

static struct sp_file *add_file(struct sp_commit *c)
{
	struct sp_file *grown = reallocarray(c->files, c->nr_files + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	c->files = grown;
	grown[c->nr_files] = (struct sp_file){ 0 };
	return &grown[c->nr_files++];
}

static bool number(const char **s, size_t *out)
{
	char *end;

	if (!isdigit((unsigned char)**s))
		return false;
	*out = strtoul(*s, &end, 10);
	*s = end;
	return *out < 1u << 30;
}

/* "@@ -12,7 +12,9 @@ heading" */
static bool hunk_head(const char *s, size_t len, struct sp_hunk *h)
{
	const char *p = s + 4;

	h->old_nr = h->new_nr = 1;
	if (!is(s, len, "@@ -") || !number(&p, &h->old_line))
		return false;
	if (*p == ',' && (p++, !number(&p, &h->old_nr)))
		return false;
	if (*p++ != ' ' || *p++ != '+' || !number(&p, &h->new_line))
		return false;
	if (*p == ',' && (p++, !number(&p, &h->new_nr)))
		return false;
	if (!starts_with(p, " @@"))
		return false;
	p += 3 + (p[3] == ' ');
	h->heading = p < s + len ? strndup(p, (size_t)(s + len - p)) : strdup("");
	return h->heading != NULL;
}

/* "\ No newline at end of file" takes back the last line's. */
static void cut_newline(struct text *t)
{
	if (t->len && t->s[t->len - 1] == '\n')
		t->s[--t->len] = '\0';
}

static int torn(const struct reader *r, struct klp_err *err)
{
	return klp_err_set(err, -EBADMSG, "line %zu: the diff doesn't have the lines that its \"@@\" counts", r->line);
}

static int read_hunk(struct reader *r, struct sp_file *f, struct klp_err *err)
{
	struct sp_hunk h = { 0 }, *grown;
	struct text old = { 0 }, new = { 0 };
	const char *s;
	size_t len, nr_old = 0, nr_new = 0;
	char last = 0;

	if (!peek(r, &s, &len) || !hunk_head(s, len, &h)) {
		free(h.heading);
		return torn(r, err);
	}
	for (skip(r); peek(r, &s, &len); skip(r)) {
		char c = len ? *s : ' ';	/* mailers cut blanks at the end of a line */

		if (s + len == r->end)
			break;
		if (c == '\\') {
			if (last != '+')
				cut_newline(&old);
			if (last != '-')
				cut_newline(&new);
			continue;
		}
		if (nr_old == h.old_nr && nr_new == h.new_nr)
			break;
		if (c != ' ' && c != '-' && c != '+')
			break;
		for (int side = 0; side < 2; side++) {
			struct text *t = side ? &new : &old;

			if (c == (side ? '-' : '+'))
				continue;
			text_add(t, s + 1, len ? len - 1 : 0);
			text_add(t, "\n", 1);
		}
		nr_old += c != '+';
		nr_new += c != '-';
		last = c;
		if (nr_old > h.old_nr || nr_new > h.new_nr)
			break;
	}
	h.old = text_take(&old);
	h.new = text_take(&new);
	grown = reallocarray(f->hunks, f->nr_hunks + 1, sizeof(*grown));
	if (grown)
		f->hunks = grown;
	if (!grown || !h.old || !h.new || nr_old != h.old_nr || nr_new != h.new_nr) {
		bool memory = !grown || !h.old || !h.new;

		free(h.old);
		free(h.new);
		free(h.heading);
		return memory ? klp_err_sys(err, -ENOMEM, "series") : torn(r, err);
	}
	grown[f->nr_hunks++] = h;
	return 0;
}

/* What would be a line of a hunk, but no hunk has it: "-- " begins a mail's signature. */
static bool is_stray(const char *s, size_t len)
{
	if (!len || is(s, len, "-- ") || (len == 2 && is(s, len, "--")))
		return false;
	return *s == '+' || *s == '-' || *s == '@';
}

static int read_hunks(struct reader *r, struct sp_file *f, struct klp_err *err)
{
	const char *s;
	size_t len;
	int ret = 0;

	while (!ret && peek(r, &s, &len) && is(s, len, "@@ -"))
		ret = read_hunk(r, f, err);
	if (!ret && !f->nr_hunks)
		ret = klp_err_set(err, -EBADMSG, "line %zu: %s has no hunk: the diff is torn", r->line, f->path);
	if (!ret && peek(r, &s, &len) && is_stray(s, len) && !is(s, len, "--- "))
		ret = torn(r, err);
	return ret;
}

/* "--- a/x" and "+++ b/x" are there; @f has what "diff --git" lines told. */
static int read_names(struct reader *r, struct sp_file *f, struct klp_err *err)
{
	const char *s;
	size_t len;
	char *old = NULL, *new = NULL;
	int ret;

	peek(r, &s, &len);
	ret = get_path(s + 4, len - 4, true, &old, err);
	skip(r);
	if (!ret && (!peek(r, &s, &len) || !is(s, len, "+++ ")))
		ret = torn(r, err);
	if (!ret)
		ret = get_path(s + 4, len - 4, true, &new, err);
	skip(r);
	if (!ret && !old && !new)
		ret = klp_err_set(err, -EBADMSG, "line %zu: a diff of /dev/null with itself", r->line);
	if (!ret && old && new && ends_with(old, ".orig") && !strncmp(old, new, strlen(old) - 5))
		old[strlen(old) - 5] = '\0';
	if (!ret) {
		f->created |= !old;
		f->deleted |= !new;
		if (old && new && strcmp(old, new) && !f->from) {
			f->from = strdup(old);
			f->renamed = true;
		}
		free(f->path);
		f->path = new ? new : old;
		if (f->path == new)
			free(old);
		return 0;
	}
	free(old);
	free(new);
	return ret;
}

/* The lines between "diff --git" and "---". */
static int git_line(const char *s, size_t len, struct sp_file *f, struct klp_err *err)
{
	char **to = NULL;
	size_t n = 0;

	if (is(s, len, "new file mode"))
		f->created = true;
	else if (is(s, len, "deleted file mode"))
		f->deleted = true;
	else if (is(s, len, "GIT binary patch") || is(s, len, "Binary files "))
		f->binary = true;
	else if (is(s, len, "rename from ") || is(s, len, "copy from "))
		to = &f->from;
	else if (is(s, len, "rename to ") || is(s, len, "copy to "))
		to = &f->path;
	if (!to)
		return 0;
	f->renamed |= *s == 'r';
	n = *s == 'r' ? strlen("rename ") : strlen("copy ");
	n += to == &f->path ? strlen("to ") : strlen("from ");
	free(*to);
	return get_path(s + n, len - n, false, to, err);
}

/* "diff --git a/x b/x": both halves are the same but for renames, which say so themselves. */
static int git_name(const char *s, size_t len, struct sp_file *f, struct klp_err *err)
{
	size_t skipped = strlen("diff --git "), half;

	if (len <= skipped)
		return 0;
	half = (len - skipped - 1) / 2;
	if (s[skipped + half] != ' ')
		return 0;
	return get_path(s + skipped, half, true, &f->path, err);
}

/* A part without hunks is whole if it is another mode, an empty file, or a name; contents ("index") have lines. */
static bool may_lack_hunks(const struct sp_file *f, bool mode, bool index, bool empty)
{
	if (index)
		return empty && (f->created || f->deleted);
	return mode || f->from;
}

static int read_git(struct reader *r, struct sp_commit *c, struct klp_err *err)
{
	bool mode = false, index = false, empty = false;
	struct sp_file *f = add_file(c);
	const char *s;
	size_t len;
	int ret = f ? 0 : klp_err_sys(err, -ENOMEM, "series");

	if (!ret && peek(r, &s, &len))
		ret = git_name(s, len, f, err);
	for (skip(r); !ret && peek(r, &s, &len); skip(r)) {
		if (is(s, len, "diff --git ") || is(s, len, "-- "))
			break;
		if (is(s, len, "--- ")) {
			ret = read_names(r, f, err);
			return ret ? ret : read_hunks(r, f, err);
		}
		ret = git_line(s, len, f, err);
		mode |= is(s, len, "new mode ");
		index |= is(s, len, "index ");
		/* The id of what is empty. */
		empty |= is(s, len, "index ") && memmem(s, len, "e69de29", 7);
		if (f->binary)
			break;
	}
	/* A binary patch's lines are no diff. */
	while (f && f->binary && peek(r, &s, &len) && !is(s, len, "diff --git ") && !is(s, len, "-- "))
		skip(r);
	if (!ret && !f->binary && !may_lack_hunks(f, mode, index, empty))
		ret = torn(r, err);
	if (!ret && !f->path)
		ret = klp_err_set(err, -EBADMSG, "line %zu: a \"diff --git\" that names no file", r->line);
	return ret;
}

static int read_diff(struct reader *r, struct sp_commit *c, struct klp_err *err)
{
	const char *s;
	size_t len;
	int ret = 0;

	while (!ret && peek(r, &s, &len)) {
		if (is(s, len, "diff --git ")) {
			ret = read_git(r, c, err);
		} else if (is(s, len, "--- ") && memmem(r->at, (size_t)(r->end - r->at), "\n+++ ", 5) == s + len) {
			struct sp_file *f = add_file(c);

			ret = f ? read_names(r, f, err) : klp_err_sys(err, -ENOMEM, "series");
			if (!ret)
				ret = read_hunks(r, f, err);
		} else if (is(s, len, "-- ")) {
			break;
		} else if (is(s, len, "@@ -")) {
			ret = torn(r, err);
		} else {
			skip(r);
		}
	}
	return ret;
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

static int add_upstream(struct sp_commit *c, const char *s, size_t len)
{
	char id[41] = "";

	take_id(s, len, id);
	return *id && !strings_have(&c->upstream, id) ? strings_add(&c->upstream, id) : 0;
}

/* What stable trees say: "commit ID upstream.", "[ Upstream commit ID ]", "(cherry picked from commit ID)". */
static int look_for_upstream(struct sp_commit *c, const char *s, size_t len)
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
		return add_upstream(c, s + n, len - n);
	}
	return 0;
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
			cve = strndup(s, n);
			ret = cve ? 0 : -ENOMEM;
			if (cve && !strings_have(&c->cves, cve))
				ret = strings_add(&c->cves, cve);
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
static int set_subject(struct sp_commit *c, const char *raw)
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
	return c->subject ? 0 : -ENOMEM;
}

static bool is_header(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (isalnum((unsigned char)s[n]) || s[n] == '-'))
		n++;
	return n && n < len && s[n] == ':';
}

/* The headers of a mail; the subject may go on in the next lines. */
static int read_headers(struct reader *r, struct sp_commit *c, struct klp_err *err)
{
	struct text subject = { 0 };
	bool in_subject = false;
	const char *s;
	size_t len;
	int ret = 0;

	if (peek(r, &s, &len) && is(s, len, "From ") && len >= 45)
		take_id(s + 5, len - 5, c->id);
	if (peek(r, &s, &len) && is(s, len, "From "))
		skip(r);
	for (; !ret && peek(r, &s, &len) && len; skip(r)) {
		if (in_subject && (*s == ' ' || *s == '\t')) {
			text_add(&subject, " ", 1);
			text_add(&subject, s + 1, len - 1);
			continue;
		}
		in_subject = len > 8 && !strncasecmp(s, "Subject:", 8);
		if (in_subject && !subject.len)
			text_add(&subject, s + 8, len - 8);
		if (len > 26 && !strncasecmp(s, "Content-Transfer-Encoding:", 26) &&
		    (memmem(s, len, "quoted-printable", 16) || memmem(s, len, "base64", 6)))
			ret = klp_err_set(err, -ENOTSUP,
					  "its mail is encoded (%.*s): `git am` it into a repository and give the range", (int)len - 27, s + 27);
	}
	if (!ret && subject.len && set_subject(c, subject.s))
		ret = klp_err_sys(err, -ENOMEM, "series");
	text_free(&subject);
	return ret;
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
		ret = look_for_upstream(c, s, len) || look_for_cves(c, s, len) ? -ENOMEM : 0;
		if (!ret && !*c->subject) {
			size_t n = 0;

			while (n < len && strchr("# \t", s[n]))
				n++;
			if (n < len && !is_header(s + n, len - n)) {
				free(c->subject);
				c->subject = sp_utf8_line(s + n, len - n);
				ret = c->subject ? 0 : -ENOMEM;
			}
		}
	}
	return ret ? klp_err_sys(err, ret, "series") : 0;
}

int sp_parse(const char *text, size_t len, struct sp_commit *out, struct klp_err *err)
{
	struct sp_commit c = { .subject = strdup("") };
	struct reader r = { .at = text, .end = text + len, .line = 1 };
	const char *s;
	size_t n;
	int ret = c.subject ? 0 : klp_err_sys(err, -ENOMEM, "series");

	if (!ret && memchr(text, '\0', len))
		ret = klp_err_set(err, -EBADMSG, "it holds a NUL byte: not text");
	if (!ret && peek(&r, &s, &n) && (is(s, n, "From ") || is_header(s, n)))
		ret = read_headers(&r, &c, err);
	if (!ret)
		ret = read_prose(&r, &c, err);
	if (!ret)
		ret = read_diff(&r, &c, err);
	if (!ret && c.nr_files)
		c.cover = false;
	if (!ret && !c.nr_files && !c.cover)
		ret = klp_err_set(err, -EBADMSG, "it holds no unified diff");
	/* The subject is told of what can't be taken, too. */
	*out = c;
	return ret;
}

void sp_file_free(struct sp_file *f)
{
	for (size_t k = 0; k < f->nr_hunks; k++) {
		free(f->hunks[k].heading);
		free(f->hunks[k].old);
		free(f->hunks[k].new);
	}
	free(f->hunks);
	free(f->path);
	free(f->from);
	*f = (struct sp_file){ 0 };
}

void sp_free(struct sp_commit *c)
{
	for (size_t i = 0; i < c->nr_files; i++)
		sp_file_free(&c->files[i]);
	free(c->files);
	free(c->subject);
	strings_free(&c->upstream);
	strings_free(&c->cves);
	*c = (struct sp_commit){ 0 };
}
