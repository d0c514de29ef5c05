/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debuginfo.h - what the debug information of a unit's object tells. */
#ifndef KLP_BUILD_DEBUGINFO_H
#define KLP_BUILD_DEBUGINFO_H

#include <elfutils/libdwfl.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct unit;

/* The DWARF of one object file, its own relocations applied. */
struct dwarf_object {
	Dwfl *dwfl;
	Dwarf *dwarf;
};

int dwarf_object_open(const char *path, struct dwarf_object *out, struct klp_err *err);
void dwarf_object_close(struct dwarf_object *d);

/* @path without what leads to the source tree: "include/net/sock.h". */
void dwarf_tree_path(const char *path, char *out, size_t len);

/*
 * Where function or variable @name (.isra.0 and the like aside) is defined,
 * for messages.  -ENOENT: no debug information about it; then file is "" and
 * line 0.
 */
int function_line(const char *object_path, const char *name,
		  char *file, size_t file_len, uint32_t *line);

#endif
