// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * series_apply.c - hunks onto a text, exactly: see series_patch.h.
 *
 * patch(1) and git take the nearest place that fits.  Where two functions are
 * equal that can be the wrong one, so of several places the hunk's heading or its
 * line number has to name one.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "err.h"
#include "fix.h"
#include "series_patch.h"

struct base {
	const char *text;
	const char **lines;	/* [nr] is the end */
	size_t nr, len;
};

static bool fits(const struct base *b, size_t line, const char *old, size_t len)
{
	size_t at = (size_t)(b->lines[line] - b->text);

	if (at + len > b->len || memcmp(b->text + at, old, len))
		return false;
	/* A text without a newline at its end can only be the end. */
	return !len || old[len - 1] == '\n' || at + len == b->len;
}

/* The line that a hunk's heading is taken from: the last before it that begins with a name, and isn't a label. */
static bool under_heading(const struct base *b, size_t line, const char *heading)
{
	while (line--) {
		const char *s = b->lines[line];
		size_t len = (size_t)(b->lines[line + 1] - s), n = 0;

		if (!isalpha((unsigned char)*s) && *s != '_' && *s != '$')
			continue;
		while (n < len && (isalnum((unsigned char)s[n]) || s[n] == '_'))
			n++;
		if (n < len && s[n] == ':' && heading[strcspn(heading, ":")] != ':')
			continue;
		n = strlen(heading);
		while (n && isspace((unsigned char)heading[n - 1]))
			n--;
		return n <= len && !memcmp(s, heading, n);
	}
	return false;
}

/* The line at which the hunk fits, from @from on; @expected is where it should be. */
static int find(const struct base *b, const struct sp_hunk *h, const char *old, size_t from, size_t expected,
		size_t *out)
{
	size_t len = strlen(old), nr = 0, named = 0, first = 0, first_named = 0;
	bool there = false;

	for (size_t i = from; i < b->nr; i++) {
		if (!fits(b, i, old, len))
			continue;
		there |= i == expected;
		if (!nr++)
			first = i;
		if (*h->heading && under_heading(b, i, h->heading) && !named++)
			first_named = i;
	}
	if (!nr)
		return -ENOENT;
	if (nr > 1 && named != 1 && !there)
		return -ENOTUNIQ;
	if (nr > 1 && named != 1 && *h->heading && named && !under_heading(b, expected, h->heading))
		return -ENOTUNIQ;
	*out = nr == 1 ? first : named == 1 ? first_named : expected;
	return 0;
}

/* A hunk without old lines and context: the whole of a new file, or a place that only its number tells. */
static int misfit(const struct sp_file *f, const struct sp_hunk *h, int ret, struct klp_err *err)
{
	if (ret == -ENOTUNIQ)
		return klp_err_set(err, ret, "the lines of a hunk (%s, line %zu) are at several places of the file, and nothing tells which is meant",
				   f->path, h->old_line);
	return klp_err_set(err, ret, "%s doesn't have the lines that a hunk changes (line %zu)", f->path, h->old_line);
}

static int change(const struct sp_file *f, const struct base *b, bool back, struct text *out, struct klp_err *err)
{
	size_t at = 0;		/* the first line that isn't written yet */
	long shift = 0;

	for (size_t i = 0; i < f->nr_hunks; i++) {
		const struct sp_hunk *h = &f->hunks[i];
		const char *old = back ? h->new : h->old, *new = back ? h->old : h->new;
		size_t nominal = back ? h->new_line : h->old_line, nr = back ? h->new_nr : h->old_nr, place;
		long expected = (long)nominal - 1 + shift;
		int ret = *old ? find(b, h, old, at, expected < 0 ? 0 : (size_t)expected, &place) : -ENOENT;

		if (ret)
			return misfit(f, h, ret, err);
		shift += (long)place - expected;
		text_add(out, b->lines[at], (size_t)(b->lines[place] - b->lines[at]));
		text_add(out, new, strlen(new));
		at = place + nr;
	}
	text_add(out, b->lines[at], (size_t)(b->lines[b->nr] - b->lines[at]));
	return 0;
}

static int apply(const struct sp_file *f, const char *base, bool back, char **out, struct klp_err *err)
{
	bool created = back ? f->deleted : f->created, deleted = back ? f->created : f->deleted;
	struct base b = { .text = base };
	struct text t = { 0 };
	char *text;
	int ret;

	if (created && base)
		return klp_err_set(err, -ENOENT, "%s is there already", f->path);
	if (created) {
		text = strdup(!f->nr_hunks ? "" : back ? f->hunks[0].old : f->hunks[0].new);
		if (!text)
			return klp_err_sys(err, -ENOMEM, "series");
		*out = text;
		return 0;
	}
	if (!base)
		return klp_err_set(err, -ENOENT, "the source has no %s", f->path);
	b.len = strlen(base);
	b.lines = line_starts(base, &b.nr);
	ret = b.lines ? change(f, &b, back, &t, err) : klp_err_sys(err, -ENOMEM, "series");
	free(b.lines);
	text = text_take(&t);
	if (!ret && !text)
		ret = klp_err_sys(err, -ENOMEM, "series");
	if (!ret && deleted && *text)
		ret = klp_err_set(err, -ENOENT, "%s has more lines than those that go with it", f->path);
	if (ret || deleted) {
		free(text);
		text = NULL;
	}
	if (!ret)
		*out = text;
	return ret;
}

int sp_apply(const struct sp_file *f, const char *base, char **out, struct klp_err *err)
{
	return apply(f, base, false, out, err);
}

bool sp_is_applied(const struct sp_file *f, const char *base)
{
	char *text = NULL;

	if (f->from || f->binary)
		return false;
	if (f->deleted)
		return !base;
	if (f->created)
		return base && !strcmp(base, f->nr_hunks ? f->hunks[0].new : "");
	if (apply(f, base, true, &text, NULL))
		return false;
	free(text);
	return true;
}

/* ---- in which functions ---- */

/* "f" of "static int f(", "close" of "SYSCALL_DEFINE1(close", "m" of "#define m(x)". */
static char *name_of(const char *text, const struct c_piece *p)
{
	size_t pos = p->start, len, end = p->body ? p->body : p->end;
	const char *s, *last = NULL;
	size_t last_len = 0;

	if (p->macro)
		pos += strcspn(text + pos, "d");
	while ((s = c_identifier(text, end, &pos, &len))) {
		if (p->macro && !(len == 6 && !memcmp(s, "define", 6)))
			return strndup(s, len);
		last = s;
		last_len = len;
		s += len;
		s += strspn(s, " \t\n");
		if (*s == '(' && !(last_len == 13 && !memcmp(last, "__attribute__", 13)))
			break;
	}
	if (!last)
		return strdup("");
	/* SYSCALL_DEFINE1(close, ...): the macro's name is everybody's. */
	if (isupper((unsigned char)*last)) {
		s = c_identifier(text, end, &pos, &len);
		if (s)
			return strndup(s, len);
	}
	return strndup(last, last_len);
}

static int add_names(const char *text, const struct hunk *hunks, size_t nr, bool new, struct strings *out)
{
	struct c_piece *pieces = NULL;
	size_t nr_pieces = 0;
	int ret = c_scan(text, strlen(text), &pieces, &nr_pieces);

	for (size_t i = 0; !ret && i < nr_pieces; i++) {
		const struct c_piece *p = &pieces[i];
		bool hit = false;
		char *name;

		if (!p->body && !p->macro)
			continue;
		for (size_t k = 0; k < nr && !hit; k++) {
			size_t from = new ? hunks[k].new : hunks[k].old, n = new ? hunks[k].new_nr : hunks[k].old_nr;

			hit = n && from + 1 <= p->end_line && from + n >= p->line;
		}
		if (!hit)
			continue;
		name = name_of(text, p);
		ret = !name ? -ENOMEM : *name && !strings_have(out, name) ? strings_add(out, name) : 0;
		free(name);
	}
	free(pieces);
	return ret;
}

int sp_changed_names(const char *old, const char *new, struct strings *out)
{
	struct hunk *hunks = NULL;
	size_t nr = 0;
	int ret;

	old = old ? old : "";
	new = new ? new : "";
	ret = line_diff(old, new, &hunks, &nr);
	if (!ret)
		ret = add_names(old, hunks, nr, false, out);
	if (!ret)
		ret = add_names(new, hunks, nr, true, out);
	free(hunks);
	return ret;
}
