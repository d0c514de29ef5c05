// SPDX-License-Identifier: GPL-2.0-or-later
/* series_tree.c - see series_tree.h. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/xalloc.h"
#include "err.h"
#include "fix/fix.h"
#include "io.h"
#include "series_patch.h"
#include "series_tree.h"
#include "target/prepare.h"
#include "target/target.h"

#define SOURCE_MAX	(64u << 20)

int tree_init(struct tree *t, const struct target *target, const char *dir, struct klp_err *err)
{
	*t = (struct tree){ .target = target, .dir = xstrdup(dir) };
	if (remove_tree(dir, err))
		return err->code;
	return io_mkdirs(dir, 0755, err);
}

void tree_free(struct tree *t)
{
	for (size_t i = 0; i < t->nr; i++)
		free(t->files[i].path);
	free(t->files);
	free(t->dir);
	*t = (struct tree){ 0 };
}

static struct tree_file *find(const struct tree *t, const char *path)
{
	for (size_t i = 0; i < t->nr; i++)
		if (!strcmp(t->files[i].path, path))
			return &t->files[i];
	return NULL;
}

size_t tree_group(const struct tree *t, const char *path)
{
	const struct tree_file *f = find(t, path);

	return f ? f->group : SIZE_MAX;
}

static struct edit *find_edit(const struct edits *e, const char *path)
{
	for (size_t i = 0; e && i < e->nr; i++)
		if (!strcmp(e->list[i].path, path))
			return &e->list[i];
	return NULL;
}

static int read_text(const char *dir, const char *sub, const char *path, char **out, struct klp_err *err)
{
	char *full = format("%s%s/%s", dir, sub, path);
	void *text = NULL;
	size_t len;
	int ret = 0;

	if (!access(full, F_OK))
		ret = io_read_file(full, SOURCE_MAX, &text, &len, err);
	free(full);
	if (!ret)
		*out = text;
	return ret;
}

int tree_text(const struct tree *t, const struct edits *e, const char *path, char **out, struct klp_err *err)
{
	const struct edit *edit = find_edit(e, path);
	const struct tree_file *f = find(t, path);

	*out = NULL;
	if (edit) {
		*out = edit->text ? xstrdup(edit->text) : NULL;
		return 0;
	}
	if (f)
		return f->gone ? 0 : read_text(t->dir, "", path, out, err);
	return read_text(t->target->dir, "/src", path, out, err);
}

/* ---- edits ---- */

void edits_set(struct edits *e, const char *path, char *text)
{
	struct edit *edit = find_edit(e, path);

	if (edit) {
		free(edit->text);
		edit->text = text;
		return;
	}
	e->list = xgrow(e->list, e->nr, sizeof(*e->list));
	e->list[e->nr++] = (struct edit){ .path = xstrdup(path), .text = text };
}

void edits_free(struct edits *e)
{
	for (size_t i = 0; i < e->nr; i++) {
		free(e->list[i].path);
		free(e->list[i].text);
	}
	free(e->list);
	*e = (struct edits){ 0 };
}

static int apply_file(struct edits *e, const struct tree *t, const struct udiff_section *f, struct klp_err *err)
{
	const char *from = f->from ? f->from : f->path;
	char *base = NULL, *text = NULL;
	int ret;

	if (f->kind == UDIFF_BINARY)
		return klp_err_set(err, -ENOTSUP, "%s changes without lines (a binary file)", f->path);
	if (f->kind == UDIFF_LINK)
		return klp_err_set(err, -ENOTSUP, "%s: %s", f->path, f->problem);
	if (f->kind == UDIFF_MODE)
		return 0;
	ret = tree_text(t, e, from, &base, err);
	if (!ret)
		ret = sp_apply(f, base, &text, err);
	free(base);
	if (!ret && f->kind == UDIFF_RENAMED)
		edits_set(e, from, NULL);
	if (!ret)
		edits_set(e, f->path, text);
	return ret;
}

int edits_apply(struct edits *e, const struct tree *t, const struct sp_commit *c, struct klp_err *err)
{
	struct edits all = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < e->nr; i++) {
		char *copy = e->list[i].text ? xstrdup(e->list[i].text) : NULL;

		edits_set(&all, e->list[i].path, copy);
	}
	for (size_t i = 0; !ret && i < c->diff.nr; i++) {
		const struct udiff_section *f = &c->diff.sections[i];

		if (!source_left_out(f->path) || (f->from && !source_left_out(f->from)))
			ret = apply_file(&all, t, f, err);
	}
	if (ret) {
		edits_free(&all);
		return ret;
	}
	edits_free(e);
	*e = all;
	return 0;
}

bool tree_has(const struct tree *t, const struct sp_commit *c)
{
	bool has = true;

	for (size_t i = 0; has && i < c->diff.nr; i++) {
		const struct udiff_section *f = &c->diff.sections[i];
		char *base = NULL;

		if (source_left_out(f->path))
			continue;
		has = !tree_text(t, NULL, f->path, &base, NULL) && sp_is_applied(f, base);
		free(base);
	}
	return has;
}

/* One of its hunks goes on and isn't there: each for itself, since a revert may be of one alone. */
static bool lacks_hunk(const struct tree *t, const struct udiff_section *f)
{
	char *base = NULL, *from = NULL;
	bool lacks = false, read = !tree_text(t, NULL, f->path, &base, NULL) && !tree_text(t, NULL, f->from ? f->from : f->path, &from, NULL);

	for (size_t i = 0; read && !lacks && i < f->nr_hunks; i++) {
		struct udiff_section one = *f;
		char *text = NULL;

		one.hunks = &f->hunks[i];
		one.nr_hunks = 1;
		lacks = !sp_is_applied(&one, base) && !sp_apply(&one, from, &text, NULL);
		free(text);
	}
	free(from);
	free(base);
	return lacks;
}

bool tree_lacks(const struct tree *t, const struct sp_commit *c)
{
	for (size_t i = 0; i < c->diff.nr; i++) {
		const struct udiff_section *f = &c->diff.sections[i];

		if (!source_left_out(f->path) && lacks_hunk(t, f))
			return true;
	}
	return false;
}

/* ---- the tree ---- */

static int write_text(const struct tree *t, const struct edit *e, struct klp_err *err)
{
	char *path = format("%s/%s", t->dir, e->path), *slash = path ? strrchr(path, '/') : NULL;
	int ret = 0;

	if (!e->text) {
		unlink(path);
	} else if (!ret) {
		*slash = '\0';
		ret = io_mkdirs(path, 0755, err);
		*slash = '/';
		if (!ret)
			ret = io_write_atomic(path, e->text, strlen(e->text), 0644, err);
	}
	free(path);
	return ret;
}

static int keep(struct tree *t, const struct edit *e, size_t group, struct klp_err *err)
{
	struct tree_file *f = find(t, e->path);

	if (!f) {
		t->files = xgrow(t->files, t->nr, sizeof(*t->files));
		f = &t->files[t->nr++];
		*f = (struct tree_file){ .path = xstrdup(e->path) };
	}
	f->gone = !e->text;
	f->group = group;
	return write_text(t, e, err);
}

int tree_commit(struct tree *t, const struct edits *e, const size_t *also, size_t nr_also, size_t *group,
		struct klp_err *err)
{
	size_t g = t->nr_groups++;
	bool *merge = xcalloc(g + 1, sizeof(*merge));
	int ret = 0;

	for (size_t i = 0; !ret && i < nr_also; i++)
		merge[also[i]] = true;
	for (size_t i = 0; !ret && i < e->nr; i++) {
		size_t had = tree_group(t, e->list[i].path);

		if (had != SIZE_MAX)
			merge[had] = true;
	}
	for (size_t i = 0; !ret && i < t->nr; i++)
		if (merge[t->files[i].group])
			t->files[i].group = g;
	for (size_t i = 0; !ret && i < e->nr; i++)
		ret = keep(t, &e->list[i], g, err);
	free(merge);
	*group = g;
	return ret;
}

/* fix_make_diff() has no word for a file that goes. */
static void add_deletion(const char *path, const char *base, struct text *out)
{
	size_t nr = 0;

	for (const char *s = base; *s; s += strcspn(s, "\n"), s += *s == '\n')
		nr++;
	if (!nr)
		return;
	text_addf(out, "--- a/%s\n+++ /dev/null\n@@ -1,%zu +0,0 @@\n", path, nr);
	for (const char *s = base; *s;) {
		size_t len = strcspn(s, "\n");

		text_add(out, "-", 1);
		text_add(out, s, len);
		text_add(out, "\n", 1);
		s += len;
		if (!*s)
			text_addf(out, "\\ No newline at end of file\n");
		s += *s == '\n';
	}
}

static int add_diff(const struct tree *t, const char *path, const char *text, struct text *out, struct klp_err *err)
{
	char *base = NULL, *full = format("%s/src/%s", t->target->dir, path);
	int ret = read_text(t->target->dir, "/src", path, &base, err);

	if (!ret && base && !text)
		add_deletion(path, base, out);
	else if (!ret && text)
		ret = fix_make_diff(base ? full : "/dev/null", text, path, out, err);
	free(full);
	free(base);
	return ret;
}

int tree_diff(const struct tree *t, const struct edits *e, const bool *on, char **out, struct klp_err *err)
{
	struct text diff = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && on && i < t->nr; i++) {
		char *text = NULL;

		if (!on[t->files[i].group] || find_edit(e, t->files[i].path))
			continue;
		ret = tree_text(t, NULL, t->files[i].path, &text, err);
		if (!ret)
			ret = add_diff(t, t->files[i].path, text, &diff, err);
		free(text);
	}
	for (size_t i = 0; !ret && e && i < e->nr; i++)
		ret = add_diff(t, e->list[i].path, e->list[i].text, &diff, err);
	if (!ret) {
		*out = text_take(&diff);
		ret = 0;
	}
	text_free(&diff);
	return ret;
}
