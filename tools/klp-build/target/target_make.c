// SPDX-License-Identifier: GPL-2.0-or-later
/* target_make.c - objects made by the kernel's own makefiles, in the prepared tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "target.h"

int target_make(const struct target *t, const struct strings *objects, const char *log, struct klp_err *err)
{
	/* Not by obj/Makefile, which has the tree's path from when it was prepared. */
	char *src = format("%s/src", t->dir), *obj = format("O=%s/obj", t->dir);
	char *krel = format("KERNELRELEASE=%s", t->krel);
	char *cc = format("CC=%.*s", (int)strcspn(t->compiler, " "), t->compiler);
	const char *first[] = { "make", "-k", "-C", src, obj, "ARCH=x86", cc, krel, "RUSTC=false",
				"BINDGEN=false" };
	const char **argv = xcalloc(objects->nr + 11, sizeof(*argv));
	struct proc p = { .argv = argv, .log_path = log };
	int ret;

	memcpy(argv, first, sizeof(first));
	for (size_t i = 0; i < objects->nr; i++)
		argv[10 + i] = objects->list[i];
	ret = proc_run(&p, err);
	free(argv);
	free(cc);
	free(krel);
	free(obj);
	free(src);
	return ret;
}
