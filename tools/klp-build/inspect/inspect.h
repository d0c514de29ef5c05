/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inspect.h - the module's part of `klp-build inspect`.
 */
#ifndef KLP_INSPECT_H
#define KLP_INSPECT_H

#include <jansson.h>
#include <stdbool.h>

struct elf_file;

/* All that the file says. */
json_t *inspect_module(const struct elf_file *ef);
/* The functions that it replaces; and the rest, exports and sections only with @all. */
void inspect_module_functions(json_t *j);
void inspect_module_print(json_t *j, bool all);

#endif
