/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness.h - whether the compile commands of a kernel are all there are.
 *
 * Shown in two ways.  By induction over the dry run: from the archives that vmlinux is linked from and
 * each module's list down to single objects, each of which must have a command; and no command may be
 * left that leads nowhere.  By the shipped kernel, which the dry run can't have told: its modules, and
 * what image and modules name of their units.  docs/architecture.md says what neither can see.
 */
#ifndef KLP_WITNESS_H
#define KLP_WITNESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct dry_run;
struct klp_err;

struct shipped {
	struct strings modules;		/* "fs/isofs/isofs": the packages' .ko files, and owners of exports */
	struct strings builtin;		/* the same, of modules.builtin */
	struct strings initcalls;	/* "sock_map": units' or modules' names in the image's initcalls */
	struct strings files;		/* "net/core/sock_map.c": sources that image and modules name */
};

struct witness {
	size_t objects, archives, modules;	/* reached */
};

/* -EBADMSG: something is missing; the text says what, and how that is known. */
int witness_check(struct dry_run *d, const struct shipped *s, struct witness *out, struct klp_err *err);

/* What the shipped files say, added to @out; see struct shipped. */
int witness_modules(const char *modules_dep, struct strings *out);
int witness_owners(const char *symvers, struct strings *out);
int witness_initcalls(const char *symbols, struct strings *out);
/* Sort, each once. */
void witness_unique(struct strings *l);
/* NUL-terminated strings in @data that end in ".c" and have a '/'; sorted, each once. */
void witness_files(const uint8_t *data, size_t len, struct strings *out);
/* Files that @text, a C source below @folder, includes and that end in ".c": all that the name may mean. */
void witness_includes(const char *text, const char *folder, struct strings *out);

#endif
