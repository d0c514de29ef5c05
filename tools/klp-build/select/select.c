// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * select.c - the translation units that a fix reaches.
 *
 * A .c file is its own unit, unless others include it; a header reaches every
 * unit that includes it and that it can matter to (select_headers.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "file_state.h"
#include "fix/overlay.h"
#include "fix/fix.h"
#include "io.h"
#include "select.h"
#include "target/target.h"

/* Source of a command: its last word, relative to the tree; NULL if it is generated. */
static char *source_of(const struct target *t, const char *object)
{
	const char *command = target_command(t, object), *last = command ? strrchr(command, ' ') : NULL;
	char *src = format("%s/src/", t->dir), *path = NULL;

	if (src && last && starts_with(last + 1, src))
		path = strdup(last + 1 + strlen(src));
	if (path)
		path_fold(path);
	free(src);
	return path;
}

enum object_kind {
	OBJECT_UNIT,		/* C, in vmlinux or in one module */
	OBJECT_OF_SEVERAL,	/* linked into several modules */
	OBJECT_APART,		/* boot code, the vdso, assembly, of a generated source */
};

/* @in: target_object_of(); @source: source_of(). */
static enum object_kind kind_of(const char *in, const char *source)
{
	/* kbuild puts a colon between modules that one object is linked into: "a:b". */
	if (in && strpbrk(in, ": "))
		return OBJECT_OF_SEVERAL;
	return in && source && ends_with(source, ".c") ? OBJECT_UNIT : OBJECT_APART;
}

bool units_can(const struct build *b, const char *object)
{
	char *source = source_of(b->target, object);
	bool can = kind_of(target_object_of(b->target, object), source) == OBJECT_UNIT;

	free(source);
	return can;
}

/* Takes @source. */
static int append_unit(struct build *b, const char *object, const char *in, char *source, struct klp_err *err)
{
	struct unit *list = realloc(b->units, (b->nr_units + 1) * sizeof(*list)), *u;

	if (!list) {
		free(source);
		return klp_err_sys(err, -ENOMEM, "units");
	}
	b->units = list;
	u = &list[b->nr_units++];
	*u = (struct unit){ .source = source, .object = strdup(in), .o = strdup(object) };
	if (!u->object || !u->o)
		return klp_err_sys(err, -ENOMEM, "units");
	return strcmp(in, "vmlinux") ? target_module_path(b->target, in, &u->module_path, err) : 0;
}

int units_add(struct build *b, const char *object, struct klp_err *err)
{
	const char *in = target_object_of(b->target, object);
	char *source;

	for (size_t i = 0; i < b->nr_units; i++)
		if (!strcmp(b->units[i].o, object))
			return 0;
	source = source_of(b->target, object);
	switch (kind_of(in, source)) {
	case OBJECT_UNIT:
		return append_unit(b, object, in, source, err);
	case OBJECT_OF_SEVERAL:
		report_refuse(b->report, REFUSE_BUILD, NULL, source ? source : object, 0,
			      "boot a kernel that has the fix",
			      "it is compiled once for several modules (%s), and which of them runs can't be told", in);
		break;
	case OBJECT_APART:
		report_refuse(b->report, REFUSE_ASSEMBLY, NULL, source ? source : object, 0,
			      "boot a kernel that has the fix",
			      "it is built into boot code, the vdso, or from assembly, not into the running kernel's own C code");
		break;
	}
	free(source);
	return 0;
}

/* Programs of their own that have ended when the kernel begins: they aren't in memory any more. */
static bool ran_before(const char *object)
{
	return starts_with(object, "arch/x86/boot/") || starts_with(object, "drivers/firmware/efi/libstub/");
}

/* All objects of a source: the purgatory has copies of lib/, and compat_binfmt_elf.c includes binfmt_elf.c. */
static int add_source(struct build *b, const struct fix_file *f, const struct strings *objects, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < objects->nr && !ret; i++) {
		if (objects->nr > 1 && ran_before(objects->list[i]))
			report_warn(b->report, "%s: its copy in %s runs before the kernel, and stays as it is until one with the fix is booted",
				    f->path, objects->list[i]);
		else
			ret = units_add(b, objects->list[i], err);
	}
	return ret;
}

static int select_file(struct build *b, const struct fix_file *f, struct strings *included, struct klp_err *err)
{
	struct strings objects = { 0 };
	bool also = !f->created;
	int ret = file_objects(b->target, f->path, &objects) ? klp_err_sys(err, -ENOMEM, "units") : 0;

	if (!ret && objects.nr)
		ret = file_is_included(b->target, f->path, &also, err);
	if (!ret && also && strings_add(included, f->path))
		ret = klp_err_sys(err, -ENOMEM, "units");
	if (!ret)
		ret = add_source(b, f, &objects, err);
	strings_free(&objects);
	return ret;
}

/* Files by themselves; what others include goes to @included. */
static int select_direct(struct build *b, struct strings *included, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->fix->nr_files && !ret; i++)
		if (b->fix->files[i].state == FILE_COMPILED)
			ret = select_file(b, &b->fix->files[i], included, err);
	return ret;
}

/* Units in folders that are links would not see a patched "../x.h". */
static int make_dirs_real(const struct build *b, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->nr_units && !ret; i++) {
		/* "arch/x86/kvm/../../../virt/kvm": each folder on the way is gone through. */
		ret = overlay_real_dirs_of(b, b->units[i].source, err);
		if (!ret)
			ret = overlay_real_dirs_of(b, b->units[i].o, err);
	}
	return ret;
}

int units_select(struct build *b, struct klp_err *err)
{
	struct strings included = { 0 };
	int ret = select_direct(b, &included, err);

	b->nr_direct = b->nr_certain = b->nr_units;
	if (!ret)
		ret = select_included(b, &included, err);
	b->nr_reached = b->nr_units - b->nr_direct;
	if (!ret)
		ret = make_dirs_real(b, err);
	for (size_t i = 0; i < b->nr_units && !ret; i++)
		report_unit(b->report, b->units[i].source);
	strings_free(&included);
	return ret;
}

void units_limit(const struct build *b, size_t nr)
{
	if (b->max_units && nr > b->max_units)
		report_refuse(b->report, REFUSE_OTHER, NULL, b->fix->files[0].path, 0,
			      "build this file's change by itself, or allow more with --max-units N",
			      "%zu units or more name what changes, and the limit is %u (--max-units)", nr,
			      b->max_units);
}
