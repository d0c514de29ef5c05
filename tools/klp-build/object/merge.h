/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merge.h - strings and constants in mergeable sections (SHF_MERGE).
 *
 * The linker puts equal ones in one place, so that only their bytes say which one is
 * meant.  Neither the section's offset nor the compiler's label (.LC3) does: one more
 * constant moves and renumbers them.  Inside a string a reference stays where it is.
 */
#ifndef KLP_BUILD_MERGE_H
#define KLP_BUILD_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf.h"

/* Does symbol @sym of section @sec stand for a string or constant?  An object with a size is one by itself. */
bool merge_has(const struct elf_section *sec, const struct elf_symbol *sym);

/*
 * Where the string or constant begins that offset @at of the section means by way of @sym.
 * The linker looks at the place of a label, whatever is added to it; with the section's own
 * symbol at what the sum gives.
 */
uint64_t merge_start(const struct elf_section *sec, const struct elf_symbol *sym, uint64_t at);

/* Bytes of what begins there, with its NUL; 0: out of range, or a string that has no end. */
size_t merge_len(const struct elf_section *sec, uint64_t start);

#endif
