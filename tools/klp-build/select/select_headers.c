// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * select_headers.c - the units that a change of headers can matter to.
 *
 *	includes_closure()	units that may include a changed file, by text
 *	header_compare()	what changed in it: names, or "everything"
 *	summaries_make()	what the units are made from, by the compiler's preprocessor: which
 *				files, which macros, which names code or data can come from
 *	judge()			a unit that doesn't read the file, or has none of the names, is the
 *				same; one whose code has a name is compiled; of the others (macros, and
 *				what has no certain name) the patched side is preprocessed, too
 *
 * Only the compiler's own reading leaves a unit out.  What can't be preprocessed is compiled.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/xalloc.h"
#include "fix/fix.h"
#include "fix/known.h"
#include "fix/overlay.h"
#include "header_macros.h"
#include "layout.h"
#include "select.h"
#include "summary.h"
#include "target/target.h"

#define SETTLE_AT_ONCE	16	/* units */

struct selection {
	struct build *b;
	struct header_macros macros;	/* the changed files, and who tests their macros */
	struct strings objects;	/* that may include one of the files */
	struct strings opened;	/* ... that may include one that is created */
	struct strings certain, later, unsure;
};

static void selection_free(struct selection *s)
{
	for (size_t i = 0; i < s->macros.nr_files; i++)
		header_change_free(&s->macros.files[i].change);
	free(s->macros.files);
	free(s->macros.tested.list);
	strings_free(&s->objects);
	strings_free(&s->opened);
	strings_free(&s->certain);
	strings_free(&s->later);
	strings_free(&s->unsure);
}

static int compare_file(struct selection *s, const char *path, bool created, struct klp_err *err)
{
	struct changed_file *f = &s->macros.files[s->macros.nr_files];
	const struct build *b = s->b;
	char *old = header_text(format("%s/src/%s", b->target->dir, path), err);
	char *new = old ? header_text(format("%s/patched/%s", b->workdir, path), err) : NULL;
	int ret = old && new ? 0 : err->code;

	if (!ret)
		header_compare(path, old, new, b->layouts, &f->change);
	f->path = path;
	f->created = created;
	s->macros.nr_files++;
	/* Code of who includes it, whatever they name; a new file may hide another one. */
	f->change.everything |= created || !ends_with(path, ".h");
	free(old);
	free(new);
	return ret;
}

static int compare_files(struct selection *s, const struct strings *included, struct klp_err *err)
{
	const struct fix *fix = s->b->fix;
	int ret = 0;

	s->macros.files = xcalloc(included->nr + fix->nr_files + 1, sizeof(*s->macros.files));
	for (size_t i = 0; i < included->nr && !ret; i++)
		ret = compare_file(s, included->list[i], false, err);
	for (size_t i = 0; i < fix->nr_files && !ret; i++)
		if (fix->files[i].created && !strings_have(included, fix->files[i].path))
			ret = compare_file(s, fix->files[i].path, true, err);
	return ret;
}

static bool is_changed(const struct header_change *c)
{
	return c->everything || c->macros.nr || c->names.nr || c->structs.nr;
}

/* ---- judging units ---- */

enum judgement { SAME, LATER, UNSURE, CERTAIN };

static bool reads_tested(const struct selection *s, const struct summary *u)
{
	for (size_t i = 0; i < s->macros.tested.nr; i++)
		if (hashes_have(&u->files, s->macros.tested.list[i]))
			return true;
	return false;
}

/* Named, or called by what gcc makes of "__builtin_memchr()". */
static bool reaches(const struct summary *u, const char *name)
{
	char builtin[64];

	if (summary_reaches(u, name))
		return true;
	if (snprintf(builtin, sizeof(builtin), "__builtin_%s", name) >= (int)sizeof(builtin))
		return false;
	return summary_reaches(u, builtin);
}

static enum judgement judge_change(const struct selection *s, const struct header_change *c,
				   const struct summary *u)
{
	for (size_t i = 0; i < c->names.nr; i++)
		if (reaches(u, c->names.list[i]))
			return CERTAIN;
	if (c->everything || (c->macros.nr && reads_tested(s, u)))
		return UNSURE;
	for (size_t i = 0; i < c->macros.nr; i++)
		if (summary_sees_macro(u, c->macros.list[i]))
			return UNSURE;
	for (size_t i = 0; i < c->structs.nr; i++)
		if (summary_reaches(u, c->structs.list[i]))
			return LATER;
	return SAME;
}

static enum judgement judge(const struct selection *s, const char *object, const struct summary *u)
{
	enum judgement worst = strings_have(&s->opened, object) ? UNSURE : SAME;

	for (size_t i = 0; i < s->macros.nr_files; i++) {
		const struct changed_file *f = &s->macros.files[i];
		enum judgement j;

		if (!summary_has_file(u, f->path))
			continue;
		/* An assembler's input is all lines; a by-product isn't compiled into anything. */
		if (summary_is_lines(s->b, object) || !target_object_of(s->b->target, object))
			j = is_changed(&f->change) ? UNSURE : SAME;
		else
			j = judge_change(s, &f->change, u);
		worst = j > worst ? j : worst;
	}
	return worst;
}

static int judge_all(struct selection *s, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->objects.nr && !ret; i++) {
		const char *object = s->objects.list[i];
		struct summary u;
		enum judgement j;

		ret = summary_load(s->b, object, SIDE_ORIG, &u);
		if (ret && ret != -ENOENT)
			break;
		j = ret ? CERTAIN : judge(s, object, &u);
		ret = 0;
		if (j != SAME)
			strings_add(j == CERTAIN ? &s->certain : j == LATER ? &s->later : &s->unsure, object);
		summary_free(&u);
	}
	return ret ? klp_err_sys(err, ret, "headers") : 0;
}

/* Units in folders that are links would not see a patched "../x.h". */
static int make_dir_real(const struct build *b, const char *object, struct klp_err *err)
{
	const struct by_product *p = by_product_of(object);
	const char *command = p ? p->source : target_command(b->target, object);
	char *src = format("%s/src/", b->target->dir), *dir, *slash;
	int ret = 0;

	dir = command ? xstrdup(p ? command : strrchr(command, ' ') + 1) : NULL;
	if (dir && starts_with(dir, src))
		memmove(dir, dir + strlen(src), strlen(dir + strlen(src)) + 1);
	if (!dir)
		ret = klp_err_set(err, -ENOENT, "no command makes %s", object);
	else if (*dir != '/' && (slash = strrchr(dir, '/'))) {
		*slash = '\0';
		path_fold(dir);
		ret = overlay_real_dir(b, dir, err);
	}
	free(dir);
	free(src);
	return ret;
}

/* -E of both sides gives the same declarations, or lines. */
static bool is_same(const struct build *b, const char *object)
{
	uint64_t before, after;

	return summary_digest(b, object, SIDE_ORIG, &before) && summary_digest(b, object, SIDE_PATCHED, &after) &&
	       before == after;
}

/* The units that are certain so far are more than the fix may reach. */
static bool is_over(const struct selection *s, size_t nr_differ)
{
	return s->b->max_units && s->b->nr_units + s->certain.nr + nr_differ > s->b->max_units;
}

/* Those that differ, or can't be told, go to @differ. */
static int settle_some(struct selection *s, const struct strings *objects, const struct known *known,
		       struct strings *differ, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < objects->nr && !ret; i++)
		ret = make_dir_real(s->b, objects->list[i], err);
	if (!ret)
		ret = summaries_make(s->b, objects, known, err);
	for (size_t i = 0; i < objects->nr && !ret; i++)
		if (!is_same(s->b, objects->list[i]))
			strings_add(differ, objects->list[i]);
	return ret;
}

/*
 * Of the unsure ones keep those that differ, or can't be told.  What reaches more units than it may is
 * refused when that many are known: the header of all units needs minutes for the rest.
 */
static int settle_unsure(struct selection *s, struct klp_err *err)
{
	struct strings differ = { 0 };
	struct known known = { 0 };
	int ret = 0;

	if (s->unsure.nr)
		known_open(s->b, &known);
	for (size_t i = 0; i < s->unsure.nr && !ret && !is_over(s, differ.nr); i += SETTLE_AT_ONCE) {
		size_t nr = s->unsure.nr - i;
		struct strings some = { .list = s->unsure.list + i, .nr = nr < SETTLE_AT_ONCE ? nr : SETTLE_AT_ONCE };

		ret = settle_some(s, &some, &known, &differ, err);
	}
	if (!ret && is_over(s, differ.nr))
		units_limit(s->b, s->b->nr_units + s->certain.nr + differ.nr);
	known_close(&known);
	strings_free(&s->unsure);
	s->unsure = differ;
	return ret;
}

/* ---- what can't be a unit of a patch ---- */

static int refuse_by_product(struct selection *s, const struct by_product *p, struct klp_err *err)
{
	char *old = NULL, *new = NULL;
	int ret = 0;

	if (ends_with(p->source, ".c")) {
		ret = by_product_constants(s->b, p, SIDE_ORIG, &old, err);
		if (!ret)
			ret = by_product_constants(s->b, p, SIDE_PATCHED, &new, err);
	}
	if (ret == -ECHILD)
		ret = 0;
	if (!ret && (!old || !new || strcmp(old, new)))
		report_refuse(s->b->report, REFUSE_BUILD, NULL, p->source, 0,
			      "leave that change out of the fix if the rest works without it",
			      "a changed header changes %s, which is made from this file and which all that is built depends on",
			      p->makes);
	free(old);
	free(new);
	return ret;
}

static void refuse_apart(struct selection *s, const char *object)
{
	const char *command = target_command(s->b->target, object), *source = strrchr(command, ' ') + 1;
	char *src = format("%s/src/", s->b->target->dir);

	if (starts_with(source, src))
		source += strlen(src);
	if (!ends_with(source, ".c"))
		report_refuse(s->b->report, REFUSE_ASSEMBLY, NULL, source, 0,
			      "leave what it uses of the header as it is, or boot a kernel that has the fix",
			      "a changed header changes it, and it is assembly, which can't be compared and extracted function by function");
	else
		report_refuse(s->b->report, REFUSE_ASSEMBLY, NULL, source, 0,
			      "leave what it uses of the header as it is, or boot a kernel that has the fix",
			      "a changed header changes it, and it is built into boot code or the vdso, which no patch of kernel functions reaches");
	free(src);
}

/* A unit of the running kernel's own C code, or a refusal. */
static int add_object(struct selection *s, const char *object, struct klp_err *err)
{
	const struct by_product *p = by_product_of(object);

	if (p)
		return refuse_by_product(s, p, err);
	if (summary_is_lines(s->b, object) || !target_object_of(s->b->target, object))
		refuse_apart(s, object);
	else
		return units_add(s->b, object, err);
	return 0;
}

static int add_objects(struct selection *s, const struct strings *objects, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < objects->nr && !ret; i++)
		ret = add_object(s, objects->list[i], err);
	return ret;
}

/* Those that follow only if a layout changes.  What can't be a unit is no reason to refuse before that is known. */
static int add_later(struct selection *s, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->later.nr && !ret; i++) {
		const char *object = s->later.list[i];

		if (units_can(s->b, object))
			ret = units_add(s->b, object, err);
		else
			strings_add(&s->b->apart, object);
	}
	return ret;
}

int select_apart(struct build *b, struct klp_err *err)
{
	struct selection s = { .b = b };

	return add_objects(&s, &b->apart, err);
}

/* ---- all of it ---- */

static int find_objects(struct selection *s, struct klp_err *err)
{
	struct strings all = { 0 }, created = { 0 }, reached = { 0 }, near = { 0 }, upward = { 0 };
	int ret = 0;

	for (size_t i = 0; i < s->macros.nr_files && !ret; i++) {
		if (s->macros.files[i].created)
			strings_add(&created, s->macros.files[i].path);
		if (!ret && is_changed(&s->macros.files[i].change))
			strings_add(&all, s->macros.files[i].path);
	}
	if (ret)
		klp_err_sys(err, ret, "headers");
	else if (all.nr)
		ret = includes_closure(s->b->target, &all, &reached, &s->objects, &near, &upward, err);
	strings_free(&reached);
	if (!ret && created.nr)
		ret = includes_closure(s->b->target, &created, &reached, &s->opened, NULL, &upward, err);
	/* A ".." out of a folder that is a link would lead into the pristine tree. */
	for (size_t i = 0; i < upward.nr && !ret; i++)
		ret = overlay_real_dirs_of(s->b, upward.list[i], err);
	if (!ret)
		ret = header_macros_look(&s->macros, &near, err);
	strings_free(&all);
	strings_free(&created);
	strings_free(&reached);
	strings_free(&near);
	strings_free(&upward);
	return ret;
}

/* The fix's own units are compiled anyway. */
static void drop_direct(struct selection *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->objects.nr; i++) {
		bool direct = false;

		for (size_t k = 0; k < s->b->nr_direct && !direct; k++)
			direct = !strcmp(s->b->units[k].o, s->objects.list[i]);
		if (direct)
			free(s->objects.list[i]);
		else
			s->objects.list[kept++] = s->objects.list[i];
	}
	s->objects.nr = kept;
}

static int run_selection(struct selection *s, struct klp_err *err)
{
	struct build *b = s->b;
	int ret = find_objects(s, err);

	drop_direct(s);
	if (!ret)
		ret = summaries_make(b, &s->objects, NULL, err);
	if (!ret)
		ret = judge_all(s, err);
	if (!ret)
		ret = settle_unsure(s, err);
	if (!ret)
		ret = add_objects(s, &s->certain, err);
	if (!ret)
		ret = add_objects(s, &s->unsure, err);
	b->nr_certain = b->nr_units;
	if (!ret)
		ret = add_later(s, err);
	if (!ret)
		report_verbose(b->report, "%zu units may include what changed in headers, it matters to %zu",
			       s->objects.nr, b->nr_units - b->nr_direct);
	return ret;
}

int select_included(struct build *b, const struct strings *included, struct klp_err *err)
{
	struct selection s = { .b = b, .macros.b = b };
	bool any = false;
	int ret = 0;

	b->layouts = xcalloc(1, sizeof(*b->layouts));
	ret = compare_files(&s, included, err);
	for (size_t i = 0; i < s.macros.nr_files; i++)
		any |= is_changed(&s.macros.files[i].change);
	if (!ret && any)
		ret = run_selection(&s, err);
	selection_free(&s);
	return ret;
}
