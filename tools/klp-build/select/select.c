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
#include "fix/fix.h"
#include "fix/overlay.h"
#include "io.h"
#include "select.h"
#include "target/target.h"

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
	int ret = 0;

	file_objects(b->target, f->path, &objects);
	if (objects.nr)
		ret = file_is_included(b->target, f->path, &also, err);
	if (!ret && also)
		strings_add(included, f->path);
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

int units_select_own(struct build *b, struct strings *included, struct klp_err *err)
{
	int ret = select_direct(b, included, err);

	b->nr_direct = b->nr_certain = b->nr_units;
	return ret ? ret : make_dirs_real(b, err);
}

int units_select_reached(struct build *b, const struct strings *included, struct klp_err *err)
{
	int ret = select_included(b, included, err);

	b->nr_reached = b->nr_units - b->nr_direct;
	if (!ret)
		ret = make_dirs_real(b, err);
	for (size_t i = 0; i < b->nr_units && !ret; i++)
		report_unit(b->report, b->units[i].source);
	return ret;
}
