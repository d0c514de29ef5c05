/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch.h - what an architecture has to bring, beside unwind.h, slot.h and call.h: its numbers in arch_NAME.h, its
 * code in arch_NAME.c.
 */
#ifndef QP_ARCH_H
#define QP_ARCH_H

#include <linux/types.h>
#include "arch_x86_64.h"

struct qp_reloc_desc;

/* What a relocation writes at its place. */
struct qp_reloc_value {
	unsigned long value;
	unsigned int len;	/* bytes, the first of `value` in memory */
};

/* For a symbol at `sym`; -EINVAL: no such type, -ERANGE: too far away. */
int qp_arch_reloc(const struct qp_reloc_desc *r, unsigned long sym, struct qp_reloc_value *out);
/* Is it a function that the stack of an idle task may have on it while the task is off its CPU? */
bool qp_arch_idle_sleeps_in(const char *function);
/* Does the idle task of a CPU that was offline begin with an empty stack when the CPU comes back? */
bool qp_idle_restarts(void);

#endif
