// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_need.c - which changed headers of an update a unit can't be compiled without.
 *
 * The compiler is asked, by its exit status: a tree of links shows it the old or the new text of
 * each file.  With all new texts a unit of the new version compiles; the headers that it
 * then reads are the candidates, and series_narrow() finds the few that it needs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "compile/compile.h"
#include "err.h"
#include "fix/overlay.h"
#include "io.h"
#include "package.h"
#include "select/file_state.h"
#include "select/select.h"
#include "series.h"
#include "target/target.h"

#define DEPS_MAX	(16u << 20)

struct need {
	const struct pkg *p;
	struct build b;
	bool *shown;	/* per file: the tree has its new text */
};

static int show(struct need *n, size_t i, bool new, struct klp_err *err)
{
	const struct pkg_file *f = &n->p->files[i];
	char *to = format("%s/tree/%s", n->p->dir, f->path), *from = format("%s/src/%s", n->p->target->dir, f->path);
	int ret = 0;

	if (n->shown[i] != new)
		ret = overlay_show(&n->b, f->path, new ? (f->fixed ? to : NULL) : f->base ? from : NULL, err);
	if (!ret)
		n->shown[i] = new;
	free(from);
	free(to);
	return ret;
}

/* Compile an object of a unit, with the new texts of @on; what it read goes to @read if it isn't NULL. */
static int compiles(struct need *n, const char *source, const char *object, const bool *on, bool *yes, char **read,
		    struct klp_err *err)
{
	struct unit u = { .source = (char *)source, .o = (char *)object };
	struct job j = { 0 };
	char *deps = NULL;
	void *text = NULL;
	size_t len;
	int ret = 0;

	for (size_t i = 0; !ret && i < n->p->nr_files; i++)
		if (n->p->files[i].text)
			ret = show(n, i, on[i], err);
	if (!ret)
		ret = overlay_real_dirs_of(&n->b, source, err);
	if (!ret)
		ret = overlay_real_dirs_of(&n->b, object, err);
	if (!ret)
		job_init(&j, &n->b, &u, "patched", "-fsyntax-only");
	if (!ret)
		ret = jobs_run(&n->b, &j, 1, err);
	if (!ret && read) {
		deps = format("%s.d", j.out);
		/* Without the list there are no candidates. */
		if (!io_read_file(deps, DEPS_MAX, &text, &len, NULL))
			*read = text;
	}
	if (!ret)
		*yes = !j.failed;
	free(deps);
	job_free(&j);
	return ret;
}

struct asked {
	struct need *n;
	const char *source;
	const struct strings *objects;
	const bool *on;
	size_t *candidates, nr;
};

static int with_candidates(void *arg, const bool *with, struct klp_err *err)
{
	struct asked *a = arg;
	bool *on = xcalloc(a->n->p->nr_files + 1, sizeof(*on)), yes = true;
	int ret = 0;

	memcpy(on, a->on, a->n->p->nr_files);
	for (size_t i = 0; i < a->nr; i++)
		on[a->candidates[i]] |= with[i];
	for (size_t i = 0; !ret && yes && i < a->objects->nr; i++)
		ret = compiles(a->n, a->source, a->objects->list[i], on, &yes, NULL, err);
	free(on);
	return ret ? ret : yes;
}

/* "x/patched/fs/smb/server/../common/a.h", as the compiler has it, is a changed file: its number; none: p->nr_files. */
static size_t changed_file(const struct pkg *p, const char *read, size_t len)
{
	static const char tree[] = "/patched/";
	const char *at = memmem(read, len, tree, strlen(tree));
	char *path = at ? format("%.*s", (int)(read + len - at - strlen(tree)), at + strlen(tree)) : NULL;
	const struct pkg_file *f;

	if (path)
		path_fold(path);
	f = path ? pkg_find(p, path) : NULL;
	free(path);
	return f ? (size_t)(f - p->files) : p->nr_files;
}

/* Changed files that the compiler read in the new tree, of its list "a.o: x.c \ y.h". */
static int find_candidates(struct asked *a, struct klp_err *err)
{
	const struct pkg *p = a->n->p;
	bool *all = xcalloc(p->nr_files + 1, sizeof(*all)), *had = xcalloc(p->nr_files + 1, sizeof(*had)), yes = false;
	char *read = NULL;
	int ret = 0;

	for (size_t i = 0; !ret && i < p->nr_files; i++)
		all[i] = p->files[i].text;
	for (size_t i = 0; !ret && i < a->objects->nr; i++) {
		ret = compiles(a->n, a->source, a->objects->list[i], all, &yes, &read, err);
		for (const char *at = !ret && read ? read : "", *end; *at; at = end) {
			size_t file, len = strcspn(at, " \\\n");

			end = at + len + strspn(at + len, " \\\n");
			file = changed_file(p, at, len);
			if (file < p->nr_files && p->files[file].text && !a->on[file] && !had[file])
				a->candidates[a->nr++] = file;
			if (file < p->nr_files)
				had[file] = true;
		}
		free(read);
		read = NULL;
	}
	free(had);
	free(all);
	return ret;
}

int need_headers(struct need *n, const char *source, bool *on, bool *enough, struct klp_err *err)
{
	struct strings objects = { 0 };
	struct asked a = { .n = n, .source = source, .objects = &objects, .on = on };
	bool *with = xcalloc(n->p->nr_files + 1, sizeof(*with));
	int ret;

	file_objects(n->p->target, source, &objects);
	a.candidates = xcalloc(n->p->nr_files + 1, sizeof(*a.candidates));
	*enough = false;
	ret = with_candidates(&a, with, err);
	if (ret == 1) {
		*enough = true;
		ret = 0;
	} else if (!ret) {
		ret = find_candidates(&a, err);
		if (!ret)
			ret = series_narrow(a.nr, with_candidates, &a, with, err);
		*enough = ret == 1;
		for (size_t i = 0; ret == 1 && i < a.nr; i++)
			on[a.candidates[i]] |= with[i];
	}
	free(a.candidates);
	free(with);
	strings_free(&objects);
	return ret < 0 ? ret : 0;
}

/* Whoever includes a changed file by "mgmt/../x.h" sees the new text only if mgmt/ isn't a link into the old tree. */
static int open_upward(const struct need *n, struct klp_err *err)
{
	struct strings files = { 0 }, reached = { 0 }, objects = { 0 }, upward = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < n->p->nr_files; i++)
		if (n->p->files[i].text && !n->p->files[i].unit)
			strings_add(&files, n->p->files[i].path);
	if (!ret)
		ret = includes_closure(n->p->target, &files, &reached, &objects, NULL, &upward, err);
	for (size_t i = 0; !ret && i < upward.nr; i++)
		ret = overlay_real_dirs_of(&n->b, upward.list[i], err);
	strings_free(&upward);
	strings_free(&objects);
	strings_free(&reached);
	strings_free(&files);
	return ret;
}

int need_open(const struct pkg *p, const char *dir, struct report *quiet, struct need **out, struct klp_err *err)
{
	struct need *n = xcalloc(1, sizeof(*n));
	char *work = format("%s/need.XXXXXX", dir), *objects;
	int ret = 0;

	if (!mkdtemp(work))
		ret = klp_err_sys(err, -errno, "cannot make a folder in %s", dir);
	if (ret) {
		free(work);
		free(n);
		return ret;
	}
	/* b.objects: job_init() has the compiler list what it reads. */
	n->p = p;
	n->b = (struct build){ .target = (struct target *)p->target, .report = quiet, .workdir = work, .jobs = 1, .objects = work };
	n->shown = xcalloc(p->nr_files + 1, sizeof(*n->shown));
	objects = format("%s/objects", work);
	ret = io_mkdirs(objects, 0755, err);
	if (!ret)
		ret = overlay_link(&n->b, err);
	if (!ret)
		ret = open_upward(n, err);
	free(objects);
	*out = n;
	if (!ret)
		return 0;
	need_close(n);
	return ret;
}

void need_close(struct need *n)
{
	if (!n)
		return;
	remove_tree(n->b.workdir, NULL);
	free(n->b.workdir);
	free(n->shown);
	free(n);
}
