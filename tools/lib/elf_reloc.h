/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_reloc.h - what is known of a relocation by its type alone. */
#ifndef KLP_ELF_RELOC_H
#define KLP_ELF_RELOC_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes that a relocation of @type writes: 4, 8, or 0 for NONE; -EINVAL if unknown. */
int elf_reloc_width(uint32_t type);

/* True for PC-relative types (PC32, PLT32, PC64, GOTPCREL*). */
bool elf_reloc_pcrel(uint32_t type);

#endif
