// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * select.c - the translation units that a fix reaches.
 *
 * A .c file is its own unit, unless others include it; a header reaches every
 * unit that includes it and names something that changed in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "farm.h"
#include "fix.h"
#include "io.h"
#include "layout.h"
#include "select.h"
#include "target.h"

static char *object_of_source(const char *path)
{
	size_t n = strlen(path);

	return format("%.*s.o", (int)(n - 2), path);
}

/* Source of a command: its last word, relative to the tree; NULL if it is generated. */
static char *source_of(const struct target *t, const char *object)
{
	const char *command = target_command(t, object), *last = command ? strrchr(command, ' ') : NULL;
	char *src = format("%s/src/", t->dir), *path = NULL;

	if (src && last && starts_with(last + 1, src))
		path = strdup(last + 1 + strlen(src));
	free(src);
	return path;
}

int units_add(struct build *b, const char *object, struct klp_err *err)
{
	const char *in = target_object_of(b->target, object);
	char *source = source_of(b->target, object);
	struct unit *list, *u;
	int ret = 0;

	for (size_t i = 0; i < b->nr_units; i++)
		if (source && !strcmp(b->units[i].source, source))
			goto out;
	if (!in || !source || !ends_with(source, ".c")) {
		report_refuse(b->report, REFUSE_ASSEMBLY, NULL, source ? source : object, 0,
			      "boot a kernel that has the fix",
			      "it is built into boot code, the vdso, or from assembly, not into the running kernel's own C code");
		goto out;
	}
	list = realloc(b->units, (b->nr_units + 1) * sizeof(*list));
	if (!list) {
		ret = klp_err_sys(err, -ENOMEM, "units");
		goto out;
	}
	b->units = list;
	u = &list[b->nr_units];
	*u = (struct unit){ .source = source, .object = strdup(in) };
	source = NULL;
	b->nr_units++;
	if (!u->object)
		ret = klp_err_sys(err, -ENOMEM, "units");
	else if (strcmp(in, "vmlinux"))
		ret = target_module_path(b->target, in, &u->module_path, err);
out:
	free(source);
	return ret;
}

/* Files that decide what is built, or how. */
static bool is_build_input(const char *path)
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	return starts_with(base, "Kconfig") || starts_with(base, "Makefile") ||
	       !strcmp(base, "Kbuild") || ends_with(path, ".tbl") || ends_with(path, ".lds.S") ||
	       ends_with(path, ".lds") || ends_with(path, ".lds.h") || starts_with(path, "scripts/") ||
	       ends_with(path, ".config") || ends_with(path, ".awk") || ends_with(path, ".sh");
}

/* prepare puts the configuration's macros of Rust there, though it doesn't build it. */
static bool has_rust(const struct target *t)
{
	char *path = format("%s/obj/include/generated/autoconf.h", t->dir);
	void *text = NULL;
	size_t len;
	bool has = path && !io_read_file(path, 16u << 20, &text, &len, NULL) &&
		   strstr(text, "#define CONFIG_RUST 1\n");

	free(text);
	free(path);
	return has;
}

/* Is the source file of this path part of the kernel as it was configured? */
static bool is_built(const struct target *t, const char *path)
{
	char *object = object_of_source(path);
	bool built = object && target_command(t, object);

	free(object);
	return built;
}

/* The refusal that a file's kind alone means, if any; true if the file is done with. */
static bool settle_by_kind(struct build *b, const struct fix_file *f)
{
	const char *path = f->path;

	if (is_build_input(path)) {
		report_refuse(b->report, REFUSE_BUILD, NULL, path, 0,
			      "leave this file out of the fix if the rest works without it",
			      "it decides how the kernel is built, which no patch of functions can change");
		return true;
	}
	if (ends_with(path, ".S") || ends_with(path, ".s")) {
		if (is_built(b->target, path))
			report_refuse(b->report, REFUSE_ASSEMBLY, NULL, path, 0,
				      "fix it in C code around it, or boot a kernel that has the fix",
				      "it is assembly, which can't be compared and extracted function by function");
		return true;
	}
	if (ends_with(path, ".rs") && !starts_with(path, "samples/") && has_rust(b->target)) {
		report_refuse(b->report, REFUSE_ASSEMBLY, NULL, path, 0,
			      "fix it in C code around it, or boot a kernel that has the fix",
			      "it is Rust code, which can't be compared and extracted function by function");
		return true;
	}
	if (f->deleted && ends_with(path, ".c")) {
		if (is_built(b->target, path))
			report_refuse(b->report, REFUSE_BUILD, NULL, path, 0,
				      "leave the file in, and take the calls of what is in it out of other files",
				      "it is removed, but its code is in the running kernel and stays there");
		return true;
	}
	/* Text, device trees, tools: nothing of the running kernel. */
	return !(ends_with(path, ".c") || ends_with(path, ".h")) || starts_with(path, "tools/") ||
	       starts_with(path, "samples/");
}

static int select_direct(struct build *b, struct strings *included, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->fix->nr_files && !ret; i++) {
		const struct fix_file *f = &b->fix->files[i];
		char *object;

		if (settle_by_kind(b, f))
			continue;
		object = object_of_source(f->path);
		if (!object)
			return klp_err_sys(err, -ENOMEM, "units");
		if (ends_with(f->path, ".c") && target_command(b->target, object))
			ret = units_add(b, object, err);
		else if (!f->created && strings_add(included, f->path))
			ret = klp_err_sys(err, -ENOMEM, "units");
		free(object);
	}
	return ret;
}

/* Units in folders that are links would not see a patched "../x.h". */
static int make_dirs_real(const struct build *b, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->nr_units && !ret; i++) {
		const char *source = b->units[i].source, *slash = strrchr(source, '/');
		char *dir = slash ? strndup(source, (size_t)(slash - source)) : strdup("");

		ret = dir ? farm_real_dir(b, dir, err) : klp_err_sys(err, -ENOMEM, "units");
		free(dir);
	}
	return ret;
}

static int add_objects(struct build *b, const struct strings *objects, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < objects->nr && !ret; i++)
		/* Boot code and the vdso include kernel headers, but run apart from it. */
		if (target_object_of(b->target, objects->list[i]))
			ret = units_add(b, objects->list[i], err);
	return ret;
}

static int copy_list(const struct strings *from, struct strings *to)
{
	int ret = 0;

	for (size_t i = 0; i < from->nr && !ret; i++)
		ret = strings_add(to, from->list[i]);
	return ret;
}

/*
 * First those that name what changed in a way that only their own object can
 * tell; behind them those that only use a struct that may have kept its layout.
 */
static int select_included(struct build *b, const struct strings *included, size_t *all,
			   struct klp_err *err)
{
	struct strings objects = { 0 }, certain = { 0 }, through = { 0 }, near = { 0 };
	int ret = includes_closure(b->target, included, &objects, &through, &near, err);

	*all = objects.nr;
	b->layouts = calloc(1, sizeof(*b->layouts));
	if (!ret && (!b->layouts || copy_list(&objects, &certain)))
		ret = klp_err_sys(err, -ENOMEM, "units");
	if (!ret)
		ret = names_filter(b, included, &through, &near, &certain, b->layouts, err);
	if (!ret)
		ret = add_objects(b, &certain, err);
	b->nr_certain = b->nr_units;
	if (!ret && b->layouts->nr && certain.nr < *all) {
		ret = names_filter(b, included, &through, &near, &objects, NULL, err);
		if (!ret)
			ret = add_objects(b, &objects, err);
	}
	strings_free(&objects);
	strings_free(&certain);
	strings_free(&near);
	strings_free(&through);
	return ret;
}

int units_select(struct build *b, struct klp_err *err)
{
	struct strings included = { 0 };
	size_t all = 0;
	int ret = select_direct(b, &included, err);

	b->nr_direct = b->nr_certain = b->nr_units;
	if (!ret && included.nr)
		ret = select_included(b, &included, &all, err);
	if (!ret)
		ret = make_dirs_real(b, err);
	if (!ret && included.nr)
		report_verbose(b->report, "%zu units include what changed in headers, %zu name it", all,
			       b->nr_units - b->nr_direct);
	strings_free(&included);
	return ret;
}

void units_limit(const struct build *b, size_t nr)
{
	if (b->max_units && nr > b->max_units)
		report_refuse(b->report, REFUSE_OTHER, NULL, b->fix->files[0].path, 0,
			      "build this file's change by itself, or raise --max-units",
			      "%zu units name what changes, more than the %u that were asked for", nr,
			      b->max_units);
}
