// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * udiff.c - take a unified diff apart: see udiff.h.
 *
 * Each line is of a section, of a hunk, or shown to be prose; one that may be lost from a hunk is refused.  All kinds
 * of lines are here, since what a line is depends on those before it: hence the file's length.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "err.h"
#include "udiff.h"

#define TORN	"the diff is torn or was edited; get it again"

struct parser {
	const char *text, *l;	/* all of it; the line to read next */
	const char *prose;	/* the last line that is none of a diff; NULL: none yet */
	size_t line;		/* its number, from 1 */
	struct udiff d;
	struct udiff_section *open;	/* takes hunks; NULL: in a message's prose */
	bool git;		/* in the lines between "diff --git" and the first hunk */
	bool empty;		/* git says that the file is empty on the side that exists */
	bool mode;		/* and that its mode changes */
	bool behind;		/* a section's lines stand above, and nothing says that the diff is over */
	size_t nr_foreign;	/* sections of another kind of diff */
};

static const char *next_line(const char *l)
{
	l += strcspn(l, "\n");
	return l + (*l == '\n');
}

static void advance(struct parser *p)
{
	p->l = next_line(p->l);
	p->line++;
}

/* Is the line equal to @s, a CR at its end aside? */
static bool line_is(const char *l, const char *s)
{
	size_t n = strlen(s);

	return !strncmp(l, s, n) && (!l[n] || l[n] == '\n' || l[n] == '\r');
}

static void set_problem(struct udiff_section *s, char *problem)
{
	if (s->problem && s->kind == UDIFF_UNREADABLE) {
		free(problem);
		return;
	}
	free(s->problem);
	s->problem = problem;
	s->kind = UDIFF_UNREADABLE;
}

static void set_binary(struct udiff_section *s)
{
	if (s->problem)
		return;
	set_problem(s, xstrdup("it is binary, and so is its change"));
	s->kind = UDIFF_BINARY;
}

static struct udiff_section *add_section(struct parser *p, char *path)
{
	p->d.sections = xgrow(p->d.sections, p->d.nr, sizeof(*p->d.sections));
	p->d.sections[p->d.nr] = (struct udiff_section){ .path = path };
	return &p->d.sections[p->d.nr++];
}

/* A section with the problem that its name is; @name as the diff spells it. */
static struct udiff_section *add_bad_name(struct parser *p, const char *name, size_t len, int why)
{
	struct udiff_section *s = add_section(p, xstrndup(name, len));

	set_problem(s, xstrdup(why == -EXDEV ? "the name leads out of the source tree" : "the name isn't one of a file"));
	return s;
}

/* Take over @path as the section's; a section that has another one is a rename that nobody declared. */
static void name_section(struct udiff_section *s, char *path)
{
	if (!strcmp(s->path, path)) {
		free(path);
		return;
	}
	set_problem(s, format("its parts name two files, this one and %s", path));
	free(path);
}

/* What git says of a section that has no hunks is known when it ends. */
static void end_section(struct parser *p)
{
	struct udiff_section *s = p->open;

	p->open = NULL;
	p->git = false;
	if (!s || s->nr_hunks || s->problem || s->kind == UDIFF_RENAMED || s->kind == UDIFF_COPIED)
		return;
	if (p->empty && (s->kind == UDIFF_CREATED || s->kind == UDIFF_DELETED))
		return;
	if (p->mode && s->kind == UDIFF_CHANGED)
		s->kind = UDIFF_MODE;
	else
		set_problem(s, xstrdup("the diff has no lines of it: " TORN));
}

/* A signature, the next commit of a mailbox or of git log, the next part of a mail: what follows is prose. */
static bool ends_diff(const char *l)
{
	return (starts_with(l, "--") && !starts_with(l, "--- ")) || starts_with(l, "From ") || starts_with(l, "commit ");
}

/* As lines of a hunk begin, or a head that was damaged; a blank line may stand anywhere. */
static bool is_like_hunk(const char *l)
{
	return strchr(" \t+-@\\", *l) && l[strspn(l, " \t\r")] != '\n';
}

/* Lines of a hunk whose head, or whose file's names, got lost can't be skipped: they are a part of the fix. */
static void lost_line(struct parser *p, struct udiff_section *s)
{
	if (!s)
		s = add_section(p, format("line %zu of the diff", p->line));
	set_problem(s, format("line %zu of the diff belongs to no hunk, or its hunk to no file: " TORN, p->line));
}

/* "diff --git a/x.c b/x.c": the two halves are equal but for the prefix, unless it is a rename. */
static void begin_git(struct parser *p)
{
	const char *names = p->l + strlen("diff --git "), *second;
	size_t len = strcspn(names, "\r\n"), first;
	char *path;
	int ret;

	end_section(p);
	p->empty = p->mode = false;
	if (*names == '"') {
		first = udiff_name_length(names);
	} else {
		/* Names may have blanks: the middle is where both sides are equally long, or the last blank. */
		first = len / 2;
		if (len < 3 || names[first] != ' ')
			for (first = len; first && names[first] != ' '; first--)
				;
	}
	second = names + first + (names[first] == ' ');
	ret = udiff_path(second, len - (size_t)(second - names), names, first, &path);
	p->open = ret ? add_bad_name(p, names, len, ret) : add_section(p, path);
	p->git = true;
	advance(p);
}

/* "rename from x.c": git's own, without a prefix. */
static void note_origin(struct parser *p, enum udiff_kind kind, const char *word)
{
	const char *name = p->l + strlen(word);
	struct udiff_section *s = p->open;

	free(s->from);
	s->from = xstrndup(name, udiff_name_length(name));
	if (!s->problem)
		s->kind = kind;
}

/* A mode that isn't a file's: a symbolic link (12), another repository (16). */
static bool is_other_mode(const char *l)
{
	static const char *const kinds[] = { "new file mode ", "deleted file mode ", "old mode ", "new mode " };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (starts_with(l, kinds[i]))
			return !starts_with(l + strlen(kinds[i]), "10");
	return false;
}

/* One of the lines between "diff --git" and the hunks. */
static void take_git_line(struct parser *p)
{
	struct udiff_section *s = p->open;
	const char *l = p->l;

	if (starts_with(l, "rename from "))
		note_origin(p, UDIFF_RENAMED, "rename from ");
	else if (starts_with(l, "copy from "))
		note_origin(p, UDIFF_COPIED, "copy from ");
	else if (starts_with(l, "new file mode ") && !s->problem)
		s->kind = UDIFF_CREATED;
	else if (starts_with(l, "deleted file mode ") && !s->problem)
		s->kind = UDIFF_DELETED;
	else if (starts_with(l, "new mode "))
		p->mode = true;
	else if (starts_with(l, "index "))
		/* The object of no bytes; a change of mode alone has no such line. */
		p->empty = strstr(l, "e69de29") && strstr(l, "e69de29") < next_line(l);
	else if (starts_with(l, "GIT binary patch") || starts_with(l, "Binary files "))
		set_binary(s);
	else if (is_like_hunk(l) && s->kind != UDIFF_BINARY)
		lost_line(p, s);
	if (is_other_mode(l) && !s->problem) {
		set_problem(s, xstrdup("it is a link, not a file, or becomes one"));
		s->kind = UDIFF_LINK;
	}
}

/* `diff -u x.c.orig x.c` */
static void drop_orig(char *old, const char *new)
{
	size_t n = strlen(new);

	if (!strncmp(old, new, n) && !strcmp(old + n, ".orig"))
		old[n] = '\0';
}

static bool is_null(const char *name, size_t len)
{
	return len == 9 && !memcmp(name, "/dev/null", 9);
}

/* "--- a/x.c" and "+++ b/x.c". */
static void take_names(struct parser *p)
{
	const char *l = p->l + 4, *r = next_line(p->l) + 4;
	size_t nl = udiff_name_length(l), nr = udiff_name_length(r);
	bool no_l = is_null(l, nl), no_r = is_null(r, nr);
	char *old = NULL, *new = NULL;
	struct udiff_section *s = p->git ? p->open : NULL;
	int ret = 0;

	if (!s)
		end_section(p);
	advance(p);
	advance(p);
	if (!no_l)
		ret = udiff_path(l, nl, no_r ? NULL : r, nr, &old);
	if (!ret && !no_r)
		ret = udiff_path(r, nr, no_l ? NULL : l, nl, &new);
	if (!ret && no_l && no_r)
		ret = -EBADMSG;
	if (old && new)
		drop_orig(old, new);
	/* A rename is whole without lines; those of another file are no part of it. */
	if (!ret && s && s->from && strcmp(new ? new : old, s->path)) {
		end_section(p);
		s = NULL;
	}
	if (ret) {
		s = s ? s : add_bad_name(p, no_r ? l : r, no_r ? nl : nr, ret);
		if (s && !s->problem)
			set_problem(s, xstrdup("the name leads out of the source tree"));
	} else if (!s) {
		s = add_section(p, xstrdup(new ? new : old));
		if (s && old && new && strcmp(old, new)) {
			s->kind = UDIFF_RENAMED;
			s->from = old;
			old = NULL;
		} else if (s) {
			s->kind = !old ? UDIFF_CREATED : !new ? UDIFF_DELETED : UDIFF_CHANGED;
		}
	} else if (s->kind != UDIFF_RENAMED && s->kind != UDIFF_COPIED) {
		name_section(s, xstrdup(new ? new : old));
		if (old && new && strcmp(old, new))
			set_problem(s, xstrdup("its two sides are different files"));
	}
	free(old);
	free(new);
	p->open = s;
	p->git = false;
	p->behind = true;
}

/* "12,7" or "12": false if it isn't that. */
static bool range(const char **s, size_t *from, size_t *nr)
{
	char *end;

	if (**s < '0' || **s > '9')
		return false;
	*from = strtoul(*s, &end, 10);
	*nr = 1;
	if (*end == ',') {
		if (end[1] < '0' || end[1] > '9')
			return false;
		*nr = strtoul(end + 1, &end, 10);
	}
	*s = end;
	return true;
}

/* "@@ -12,7 +12,9 @@ context" */
static bool hunk_head(const char *l, struct udiff_hunk *h)
{
	const char *s = l + 4;

	if (!starts_with(l, "@@ -") || !range(&s, &h->old, &h->old_nr) || !starts_with(s, " +"))
		return false;
	s += 2;
	if (!range(&s, &h->new, &h->new_nr) || !starts_with(s, " @@"))
		return false;
	h->heading = s + 3 + (s[3] == ' ');
	return true;
}

/* The lines that the head announces; false: they aren't there. */
static bool take_hunk_lines(struct parser *p, struct udiff_hunk *h)
{
	size_t old = h->old_nr, new = h->new_nr;

	h->lines = p->l;
	while (old || new) {
		char c = *p->l;

		/* Mail programs take the blank off an empty line of context. */
		if (c == '\n' || c == '\r')
			c = ' ';
		/* One that doesn't end may have been longer. */
		if ((c == ' ' && !(old && new)) || (c == '-' && !old) || (c == '+' && !new) ||
		    !c || !strchr(" -+\\", c) || !strchr(p->l, '\n'))
			return false;
		old -= c == ' ' || c == '-';
		new -= c == ' ' || c == '+';
		h->nr_lines++;
		advance(p);
	}
	/* "\ No newline at end of file" */
	if (*p->l == '\\') {
		h->nr_lines++;
		advance(p);
	}
	return true;
}

/* More than the head said?  A signature ("-- ") or the next file's names may follow. */
static bool goes_on(const char *l)
{
	if (*l == '+')
		return true;
	return *l == '-' && !line_is(l, "-- ") && !line_is(l, "--") && !line_is(l, "---") &&
	       !(starts_with(l, "--- ") && starts_with(next_line(l), "+++ "));
}

static void take_hunk(struct parser *p)
{
	struct udiff_hunk h = { .at = p->line };
	struct udiff_section *s = p->open;

	if (p->git)	/* without "---" and "+++" */
		lost_line(p, s);
	p->git = false;
	if (!hunk_head(p->l, &h)) {
		set_problem(s, format("line %zu of the diff isn't the head of a hunk: " TORN, p->line));
		advance(p);
		return;
	}
	advance(p);
	if (!take_hunk_lines(p, &h))
		set_problem(s, format("the hunk at line %zu of the diff has fewer lines than its head says: " TORN,
					 h.at));
	else if (goes_on(p->l))
		set_problem(s, format("the hunk at line %zu of the diff has more lines than its head says: " TORN,
					 h.at));
	s->hunks = xgrow(s->hunks, s->nr_hunks, sizeof(*s->hunks));
	s->hunks[s->nr_hunks++] = h;
}

/* `diff -r` without -N says this of a new or a binary file; its names hold no blanks. */
static void take_remark(struct parser *p)
{
	bool only = starts_with(p->l, "Only in ");
	const char *name = p->l + (only ? strlen("Only in ") : starts_with(p->l, "Files ") ? 6 : 13);
	size_t len = strcspn(name, " \r\n");
	struct udiff_section *s;
	char *path = NULL;

	if (only && (name[len] != ' ' || name[len - 1] != ':' || strcspn(name + len + 1, " ") < strcspn(name + len + 1, "\n")))
		return advance(p);
	end_section(p);
	if (only)
		path = format("%.*s/%.*s", (int)len - 1, name, (int)strcspn(name + len + 1, "\r\n"), name + len + 1);
	else
		udiff_path(name, len, NULL, 0, &path);
	s = add_section(p, path ? path : xstrndup(name, len));
	if (s && only)
		set_problem(s, xstrdup("it is new or gone, and the diff doesn't have it: use diff -ruN"));
	else if (s)
		set_binary(s);
	advance(p);
}

static bool is_remark(const char *l)
{
	const char *end = next_line(l);

	if (starts_with(l, "Only in "))
		return strchr(l, '/') && strchr(l, '/') < end;
	return (starts_with(l, "Binary files ") || starts_with(l, "Files ")) && strstr(l, " differ") &&
	       strstr(l, " differ") < end && strstr(l, " and ") && strstr(l, " and ") < end;
}

/* "10,12c9": the head of a change in a diff without context, or in a script for ed(1). */
static bool plain_head(const char *l)
{
	size_t n = strspn(l, "0123456789,"), tail;

	if (!n || *l == ',' || !l[n] || !strchr("acd", l[n]))
		return false;
	l += n + 1;
	tail = strspn(l, "0123456789,");
	return l[tail] == '\n' || l[tail] == '\r';
}

/* Another kind of diff: "*** x.c" and "--- x.c"; "10c10", "< old", which a message before the first file may quote. */
static bool is_foreign(const struct parser *p, const char *l)
{
	const char *next = next_line(l);

	return (starts_with(l, "*** ") && starts_with(next, "--- ") && !strchr("0123456789", l[4])) ||
	       (starts_with(l, "diff -") && plain_head(next)) ||
	       (p->d.nr && plain_head(l) && (starts_with(next, "< ") || starts_with(next, "> ")));
}

static void take_foreign(struct parser *p)
{
	const char *name = starts_with(p->l, "*** ") ? next_line(p->l) + 4 : p->l;
	struct udiff_section *s;
	char *path = NULL;

	end_section(p);
	if (name == p->l || udiff_path(name, udiff_name_length(name), NULL, 0, &path))
		path = xstrndup(name, strcspn(name, "\r\n"));
	s = add_section(p, path);
	if (s)
		set_problem(s, format("at line %zu of the diff one of another kind begins; make a unified one: diff -u, or git diff",
					 p->line));
	p->nr_foreign++;
	for (advance(p); *p->l && !starts_with(p->l, "diff ") && (plain_head(p->l) || !is_foreign(p, p->l)) &&
	     !(starts_with(p->l, "--- ") && starts_with(next_line(p->l), "+++ "));)
		advance(p);
}

/* A message, or what a mail has behind its diff. */
static void take_prose(struct parser *p)
{
	struct udiff_section *last = p->d.nr ? &p->d.sections[p->d.nr - 1] : NULL;

	end_section(p);
	p->behind &= !ends_diff(p->l);
	if (hunk_head(p->l, &(struct udiff_hunk){ 0 }) || (p->behind && is_like_hunk(p->l))) {
		lost_line(p, last);
		p->behind = true;
	}
	p->prose = p->l;
	advance(p);
}

/* The first line of a file's section, right behind what looks like the end of another one's. */
static void begin_section(struct parser *p)
{
	if (!p->behind && p->prose && next_line(p->prose) == p->l && strchr(" +-", *p->prose) && !starts_with(p->prose, "--"))
		lost_line(p, NULL);
}

static void take_line(struct parser *p)
{
	bool git = starts_with(p->l, "diff --git "), names = starts_with(p->l, "--- ") && starts_with(next_line(p->l), "+++ ");

	if (git || names)
		begin_section(p);
	if (git)
		begin_git(p);
	else if (names)
		take_names(p);
	else if (starts_with(p->l, "@@") && p->open)
		take_hunk(p);
	else if (p->git && (p->open->kind == UDIFF_BINARY || !ends_diff(p->l))) {
		take_git_line(p);
		advance(p);
	} else if (is_remark(p->l))
		take_remark(p);
	else if (is_foreign(p, p->l))
		take_foreign(p);
	else
		take_prose(p);
}

/* What else it may be. */
static int no_diff(const char *text, struct klp_err *err)
{
	if (!text[strspn(text, " \t\r\n")])
		return klp_err_set(err, -EBADMSG, "the diff is empty");
	if (strstr(text, "\n--- ") && strstr(text, "\n***************"))
		return klp_err_set(err, -EBADMSG, "it is a context diff; make a unified one: diff -u, or git diff");
	return klp_err_set(err, -EBADMSG, "not a unified diff: no \"---\" and \"+++\" lines");
}

int udiff_parse(const char *text, struct udiff *out, struct klp_err *err)
{
	struct parser p = { .text = text, .l = text, .line = 1 };

	while (*p.l)
		take_line(&p);
	end_section(&p);
	if (p.d.nr > p.nr_foreign) {
		*out = p.d;
		return 0;
	}
	udiff_free(&p.d);
	return no_diff(text, err);
}

void udiff_section_free(struct udiff_section *s)
{
	free(s->path);
	free(s->from);
	free(s->problem);
	free(s->hunks);
	*s = (struct udiff_section){ 0 };
}

void udiff_free(struct udiff *d)
{
	for (size_t i = 0; i < d->nr; i++)
		udiff_section_free(&d->sections[i]);
	free(d->sections);
	*d = (struct udiff){ 0 };
}
