// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_split.c - a file's difference as hunks, and which of them go together.
 *
 * Two hunks are of one group when they lie in the same function, when both
 * name something that only one of the two versions knows (a new helper and its
 * caller, a macro that is gone and its last use), or when one changes a
 * function's head and the other names that function.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "fix/cscan.h"
#include "package.h"
#include "words.h"

struct side {
	const char *text;
	const char **lines;
	size_t nr;
	struct c_declaration *decls;
	size_t nr_decls;
	char **names;		/* all identifiers, sorted */
	size_t nr_names;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect_names(const char *text, char ***out, size_t *nr)
{
	size_t pos = 0, len, n = 0, end = strlen(text);
	const char *id;
	char **list = NULL;

	while ((id = c_identifier(text, end, &pos, &len))) {
		list = xgrow(list, n, sizeof(*list));
		list[n++] = xstrndup(id, len);
	}
	if (n)
		qsort(list, n, sizeof(*list), by_name);
	*out = list;
	*nr = n;
}

static void free_names(char **list, size_t nr)
{
	while (nr)
		free(list[--nr]);
	free(list);
}

static void side_init(struct side *s, const char *text)
{
	s->text = text;
	s->lines = line_starts(text, &s->nr);
	c_scan(text, strlen(text), &s->decls, &s->nr_decls);
	collect_names(text, &s->names, &s->nr_names);
}

static void side_free(struct side *s)
{
	free(s->lines);
	free(s->decls);
	free_names(s->names, s->nr_names);
}

static bool knows(const struct side *s, const char *name)
{
	return s->nr_names && bsearch(&name, s->names, s->nr_names, sizeof(*s->names), by_name);
}

static bool all_upper(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (islower((unsigned char)s[i]))
			return false;
	return true;
}

static const char *skip_space(const char *s, const char *end)
{
	while (s < end && isspace((unsigned char)*s))
		s++;
	return s;
}

/* Behind an attribute's "(8)", if it has one, and the space. */
static const char *skip_arguments(const char *s, const char *end)
{
	size_t depth = 0;

	if (s >= end || *s != '(')
		return s;
	do
		depth += (*s == '(') - (*s == ')');
	while (++s < end && depth);
	return skip_space(s, end);
}

/*
 * What a declaration defines: "f" of "static int f(", of "SYSCALL_DEFINE3(f, ...)" and of
 * "#define f(x)"; "ops" of "const struct x ops = {"; "x" of "struct x {".
 */
static char *first_name(const char *text, const struct c_declaration *p)
{
	size_t pos = p->start, len, last_len = 0;
	const char *id, *last = NULL;

	while ((id = c_identifier(text, p->end, &pos, &len))) {
		const char *after = skip_space(id + len, text + p->end);

		if (p->macro && last)
			return xstrndup(id, len);
		if (names_is_attribute(id, len)) {
			after = skip_arguments(after, text + p->end);
			pos = (size_t)(after - text);
			if (last && after < text + p->end && strchr("=[{;,", *after))
				break;
			continue;
		}
		last = id;
		last_len = len;
		if (after >= text + p->end || !strchr("(=[{;,", *after))
			continue;
		if (*after == '(' && all_upper(id, len) && !p->macro) {
			id = c_identifier(text, p->end, &pos, &len);
			return id ? xstrndup(id, len) : xstrndup(last, last_len);
		}
		break;
	}
	return last ? xstrndup(last, last_len) : xstrdup("");
}

/* "" where no name is: an anonymous struct's variable, assembly in a header. */
static char *decl_name(const char *text, const struct c_declaration *p)
{
	char *name = first_name(text, p);

	if (name && names_is_keyword(name, strlen(name)))
		*name = 0;
	return name;
}

static enum pkg_scope scope_of(const char *text, const struct c_declaration *p, const char *name)
{
	enum pkg_scope scope = p->macro ? PKG_LOCAL : PKG_SHARED;
	size_t pos = p->start, len, before_len = 0;
	const char *id, *before = "";

	while ((id = c_identifier(text, p->end, &pos, &len)) && !is_word(id, len, name)) {
		if (is_word(id, len, "typedef"))
			return PKG_TYPE;
		if (is_word(id, len, "static"))
			scope = PKG_LOCAL;
		before = id;
		before_len = len;
	}
	if (is_word(before, before_len, "struct") || is_word(before, before_len, "union"))
		return PKG_TYPE;
	return is_word(before, before_len, "enum") ? PKG_LOCAL : scope;
}

enum pkg_scope pkg_scope(const struct pkg_file *f, const char *name)
{
	enum pkg_scope scope = PKG_SHARED;

	for (size_t h = 0; h < f->nr_hunks; h++)
		if (!strcmp(f->hunks[h].decl, name)) {
			scope = f->hunks[h].scope;
			break;
		}
	return scope == PKG_LOCAL && ends_with(f->path, ".h") ? PKG_SHARED : scope;
}

static bool blank_lines(const struct side *s, size_t first, size_t nr)
{
	for (const char *c = s->lines[first]; c < s->lines[first + nr]; c++)
		if (!isspace((unsigned char)*c))
			return false;
	return true;
}

/* The declaration that holds the first line that says something. */
static const struct c_declaration *decl_at(const struct side *s, size_t first, size_t nr)
{
	for (size_t i = first; i < first + nr; i++) {
		if (blank_lines(s, i, 1))
			continue;
		for (size_t k = 0; k < s->nr_decls; k++)
			if (i + 1 >= s->decls[k].line && i + 1 <= s->decls[k].end_line)
				return &s->decls[k];
	}
	return NULL;
}

static size_t find(size_t *up, size_t i)
{
	while (up[i] != i)
		i = up[i] = up[up[i]];
	return i;
}

static void join(size_t *up, size_t a, size_t b)
{
	up[find(up, a)] = find(up, b);
}

bool pkg_mentions(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = text; n && (p = strstr(p, name)); p++) {
		bool left = p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');

		if (left && !isalnum((unsigned char)p[n]) && p[n] != '_')
			return true;
	}
	return false;
}

/* Names in @text that @other doesn't know tie all hunks that have them together. */
static void join_by_names(struct pkg_file *f, size_t *up, size_t hunk, const char *text,
			  const struct side *other)
{
	char **names;
	size_t nr;

	collect_names(text, &names, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (knows(other, names[i]) || (i && !strcmp(names[i], names[i - 1])))
			continue;
		for (size_t k = hunk + 1; k < f->nr_hunks; k++)
			if (pkg_mentions(f->hunks[k].new, names[i]) ||
			    pkg_mentions(f->hunks[k].old, names[i]))
				join(up, hunk, k);
	}
	free_names(names, nr);
}

/* A changed head of a function goes with what names the function. */
static void join_by_head(struct pkg_file *f, size_t *up, size_t hunk, const struct side *s,
			 const struct c_declaration *p, size_t first, size_t nr)
{
	size_t head = p->line;

	if (!p->body || !nr)
		return;
	for (const char *c = s->text + p->start; c < s->text + p->body; c++)
		head += *c == '\n';
	if (first + 1 > head)
		return;
	for (size_t k = 0; k < f->nr_hunks; k++)
		if (pkg_mentions(f->hunks[k].new, f->hunks[hunk].decl) ||
		    pkg_mentions(f->hunks[k].old, f->hunks[hunk].decl))
			join(up, hunk, k);
}

/* Names of the declarations that begin in these lines. */
static void names_begun(const struct side *s, size_t first, size_t nr, struct strings *out)
{
	for (size_t i = 0; i < s->nr_decls; i++) {
		char *name;

		if (s->decls[i].line <= first || s->decls[i].line > first + nr)
			continue;
		name = decl_name(s->text, &s->decls[i]);
		strings_add(out, name);
		free(name);
	}
}

/* Lines before @line that end no declaration or statement: it goes on with what they began. */
static char *lead_of(const struct side *s, size_t line)
{
	size_t first = line;

	while (first) {
		const char *end = s->lines[first];

		while (end > s->lines[first - 1] && isspace((unsigned char)end[-1]))
			end--;
		if (end == s->lines[first - 1] || strchr(";{}/", end[-1]) || *s->lines[first - 1] == '#')
			break;
		first--;
	}
	return xstrndup(s->lines[first], (size_t)(s->lines[line] - s->lines[first]));
}

static void fill_hunk(struct pkg_hunk *k, const struct hunk *h, const struct side *base,
		      const struct side *fixed)
{
	const struct c_declaration *b = decl_at(base, h->old, h->old_nr);
	const struct c_declaration *n = decl_at(fixed, h->new, h->new_nr);

	k->h = *h;
	k->old = xstrndup(base->lines[h->old],
			 (size_t)(base->lines[h->old + h->old_nr] - base->lines[h->old]));
	k->new = xstrndup(fixed->lines[h->new],
			 (size_t)(fixed->lines[h->new + h->new_nr] - fixed->lines[h->new]));
	k->decl = n ? decl_name(fixed->text, n) : b ? decl_name(base->text, b) : xstrdup("");
	k->lead = lead_of(base, h->old);
	if (n || b)
		k->scope = n ? scope_of(fixed->text, n, k->decl) : scope_of(base->text, b, k->decl);
	names_begun(fixed, h->new, h->new_nr, &k->defines);
}

static void make_groups(struct pkg_file *f, const struct side *base, const struct side *fixed)
{
	size_t *up = xcalloc(f->nr_hunks + 1, sizeof(*up));

	for (size_t i = 0; i < f->nr_hunks; i++)
		up[i] = i;
	for (size_t i = 0; i < f->nr_hunks; i++) {
		struct pkg_hunk *k = &f->hunks[i];
		const struct c_declaration *b = decl_at(base, k->h.old, k->h.old_nr);
		const struct c_declaration *n = decl_at(fixed, k->h.new, k->h.new_nr);

		for (size_t j = 0; j < i; j++)
			if (*k->decl && !strcmp(k->decl, f->hunks[j].decl))
				join(up, i, j);
		join_by_names(f, up, i, k->new, base);
		join_by_names(f, up, i, k->old, fixed);
		if (b)
			join_by_head(f, up, i, base, b, k->h.old, k->h.old_nr);
		if (n)
			join_by_head(f, up, i, fixed, n, k->h.new, k->h.new_nr);
	}
	for (size_t i = 0; i < f->nr_hunks; i++) {
		size_t root = find(up, i), k;

		for (k = 0; k < i && find(up, k) != root; k++)
			;
		f->hunks[i].group = k < i ? f->hunks[k].group : f->nr_groups++;
	}
	free(up);
}

void pkg_split(struct pkg_file *f)
{
	struct side base = { 0 }, fixed = { 0 };
	struct hunk *hunks = NULL;
	size_t nr = 0;

	side_init(&base, f->base ? f->base : "");
	side_init(&fixed, f->fixed ? f->fixed : "");
	line_diff(base.text, fixed.text, &hunks, &nr);
	f->hunks = xcalloc(nr, sizeof(*f->hunks));
	for (size_t i = 0; i < nr; i++) {
		fill_hunk(&f->hunks[i], &hunks[i], &base, &fixed);
		f->nr_hunks = i + 1;
	}
	make_groups(f, &base, &fixed);
	free(hunks);
	side_free(&base);
	side_free(&fixed);
}

void pkg_unsplit(struct pkg_file *f)
{
	for (size_t i = 0; i < f->nr_hunks; i++) {
		free(f->hunks[i].decl);
		strings_free(&f->hunks[i].defines);
		free(f->hunks[i].lead);
		free(f->hunks[i].old);
		free(f->hunks[i].new);
	}
	free(f->hunks);
	f->hunks = NULL;
	f->nr_hunks = f->nr_groups = 0;
}
