/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.h - the symbol table that a kernel carries inside its own image.
 *
 * A stripped vmlinux has no ELF symbols; its kallsyms tables hold the same
 * names.  They are found by their shape: see kallsyms.c.
 */
#ifndef KLP_KALLSYMS_H
#define KLP_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

struct klp_err;

struct kallsym {
	uint64_t address;	/* link-time; per-CPU ones on 6.1 and 6.12: zero-based offset */
	uint32_t name;		/* offset into kallsyms.strings */
	char type;
};

struct kallsyms {
	struct kallsym *symbols;	/* in the table's order: ascending addresses */
	size_t nr;
	char *strings;			/* NUL-terminated names */
	size_t strings_len;
};

/*
 * Pure function of (buf, len).  -ENOENT: no table found; -EBADMSG: a table that
 * contradicts itself.
 */
int kallsyms_parse(const void *buf, size_t len, struct kallsyms *out, struct klp_err *err);
void kallsyms_free(struct kallsyms *k);

#endif
