// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * api.c - what a fix may use beyond plain C: the headers for its callbacks, states
 * and shadow variables, and the functions of the core that they reach.
 *
 * The headers are part of the tool, so that a build needs no more files than its
 * target and its fix.  Only patched sources see them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/build.h"
#include "base/patch_names.h"
#include "base/text.h"
#include "io.h"

/* Paths from the top folder, where make runs; the Makefile knows that this object depends on them. */
#define EMBED(name, path)								\
	__asm__(".pushsection .rodata\n" #name ": .incbin \"" path "\"\n"		\
		#name "_end: .byte 0\n.popsection\n");					\
	extern const char name[], name##_end[]

EMBED(api_header, "kmod/include/quietpatch_api.h");
EMBED(uapi_header, "kmod/uapi/quietpatch.h");

/* What the core exports to patches; glue.c has the last four. */
static const char *const functions[] = {
	"qp_patch_register", "qp_patch_unregister", "qp_shadow_alloc", "qp_shadow_free",
	"qp_shadow_free_all", "qp_shadow_get", "qp_shadow_get_or_alloc", "qp_state_version",
	QP_THIS_PATCH, QP_TRIPWIRE_FN, QP_TRIPWIRE_HERE, QP_MITIGATES
};

bool api_has(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (!strcmp(functions[i], name))
			return true;
	return false;
}

static int write_one(const char *dir, const char *name, const char *s, const char *end,
		     struct klp_err *err)
{
	char *path = format("%s/%s", dir, name);
	int ret = io_write_atomic(path, s, (size_t)(end - s), 0644, err);

	free(path);
	return ret;
}

int api_write(const struct build *b, struct klp_err *err)
{
	char *dir = format("%s/include", b->workdir);
	int ret = io_mkdirs(dir, 0755, err);

	if (!ret)
		ret = write_one(dir, "quietpatch_api.h", api_header, api_header_end, err);
	if (!ret)
		ret = write_one(dir, "quietpatch.h", uapi_header, uapi_header_end, err);
	free(dir);
	return ret;
}
