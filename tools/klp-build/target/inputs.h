/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inputs.h - do source, configuration and exports belong to a kernel image?
 *
 * A distribution's packages are one build by their version; what a user gives
 * by hand is checked against what the image says of itself, before anything is
 * compiled.  Pure functions; -EINVAL: no, and the text says which and why.
 */
#ifndef KLP_BUILD_INPUTS_H
#define KLP_BUILD_INPUTS_H

#include <stddef.h>

struct elf_file;
struct kallsyms;
struct klp_err;

/* The version of a tree by its top Makefile, "6.1.176"; NULL: none there. */
char *inputs_version(const char *makefile);

/* Is @version, of the tree, the one that @banner names? */
int inputs_check_version(const char *version, const char *banner, struct klp_err *err);

/*
 * @config against the image's own copy (CONFIG_IKCONFIG), its build salt and its
 * vermagic, as far as it has them.  @name: the file's, for messages.
 */
int inputs_check_config(const struct elf_file *image, const char *krel, const char *config,
			const char *name, struct klp_err *err);

/* Module.symvers: the image's exports, and their checksums if it has any. */
int inputs_check_symvers(const struct elf_file *image, const char *symvers, const char *name,
			 struct klp_err *err);

/*
 * An image with symbols (of a -dbg package, or an unstripped vmlinux) against
 * what was decoded from kallsyms: each name that both have must lie at the same
 * place.  *checked: how many were compared.
 */
int inputs_check_symbols(const struct elf_file *with, const struct kallsyms *k, size_t *checked,
			 struct klp_err *err);

#endif
