/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * special.h - sections whose entries describe code: the bug table, alternatives,
 * jump labels, exception table and their like.
 *
 * Each entry that points into code of the patch goes with it.
 */
#ifndef KLP_SPECIAL_H
#define KLP_SPECIAL_H

#include "extract_priv.h"

/* Sizes of the entries, from the BTF of the target's image. */
int special_open(struct xunit *xu, struct klp_err *err);
void special_close(struct special *sp);

/* Take along the entries that are about a fragment of code. */
int special_collect(struct xunit *xu, struct fragment *code);

/*
 * Code outside of functions that alternatives jump to.  Adds the fragment that holds
 * @offset of section @shndx, if that is .altinstr_aux; -ENOENT if it isn't.
 */
int special_aux(struct xunit *xu, uint32_t shndx, uint64_t offset, struct fragment **out);

/* special_runtime.c: constants that the kernel patches into vmlinux at boot (6.12 on). */
bool runtime_section(const char *name);
int runtime_collect(struct xunit *xu, struct fragment *code);

/* What is used while the patch loads may not refer to a module. */
int special_check(struct xunit *xu, const struct fragment *p, const struct out_ref *ref);

/* References into the patch's code from sections that can't go along: refuse them. */
void special_leftovers(struct xunit *xu);

#endif
