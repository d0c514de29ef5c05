/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patchfix.h - a build as the tests of extraction want it: units from objects
 * made in code, a target with a handful of symbols, and a proof that has placed
 * every section of the original.
 */
#ifndef UNIT_PATCHFIX_H
#define UNIT_PATCHFIX_H

#include <stdio.h>

#include "base/build.h"
#include "object/elf_write.h"

#define FIX_ANCHOR	0xffffffff81100000ull	/* _printk */
#define FIX_INIT	0xffffffff81800000ull	/* what is freed after boot: 64 KiB from here */
#define FIX_BASE	0xffffffff81200000ull	/* where the original's sections lie, 4 KiB each */

/* A function in a section of its own (".text.NAME"); returns its symbol. */
uint32_t fix_function(struct elf_out *out, const char *name, const void *code, size_t len,
		      uint32_t *sec);
/* A variable in ".data.NAME". */
uint32_t fix_variable(struct elf_out *out, const char *name, size_t len, uint32_t *sec);

struct patchfix {
	struct build b;
	struct unit units[4];
	char *folder;
	FILE *log;
};

/* Folder, target, report.  @symvers: text of the kernel's Module.symvers. */
void fix_setup(struct patchfix *f, const char *symvers);
void fix_teardown(struct patchfix *f);
/* A symbol of the target's kallsyms. */
void fix_symbol(struct patchfix *f, uint64_t address, char type, const char *name);
/*
 * Add a unit.  All functions that both have are marked as changed; with @placed
 * the original's symbols are in the target at FIX_BASE, and proven to be.
 */
struct unit *fix_unit(struct patchfix *f, struct elf_out *orig, struct elf_out *patched,
		      bool placed);
/* The object that units_extract() wrote for a unit. */
struct elf_file *fix_extracted(struct unit *u);
/* The relocation at @offset of section @sec, or NULL; and its symbol's name. */
const struct elf_reloc *fix_reloc(const struct elf_file *ef, const char *sec, uint64_t offset);
const char *fix_target(const struct elf_file *ef, const char *sec, uint64_t offset);

#endif
