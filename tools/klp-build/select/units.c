// SPDX-License-Identifier: GPL-2.0-or-later
/* units.c - the list of units that a fix reaches: what can be one, and what becomes of the rest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/xalloc.h"
#include "fix/fix.h"
#include "select.h"
#include "target/target.h"

/* Source of a command: its last word, relative to the tree; NULL if it is generated. */
static char *source_of(const struct target *t, const char *object)
{
	const char *command = target_command(t, object), *last = command ? strrchr(command, ' ') : NULL;
	char *src = format("%s/src/", t->dir), *path = NULL;

	if (src && last && starts_with(last + 1, src))
		path = xstrdup(last + 1 + strlen(src));
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
	struct unit *u;

	b->units = xgrow(b->units, b->nr_units, sizeof(*b->units));
	u = &b->units[b->nr_units++];
	*u = (struct unit){ .source = source, .object = xstrdup(in), .o = xstrdup(object) };
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

void units_limit(const struct build *b, size_t nr)
{
	if (b->max_units && nr > b->max_units)
		report_refuse(b->report, REFUSE_OTHER, NULL, b->fix->files[0].path, 0,
			      "build this file's change by itself, or allow more with --max-units N",
			      "%zu units or more name what changes, and the limit is %u (--max-units)", nr,
			      b->max_units);
}
