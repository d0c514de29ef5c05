/* SPDX-License-Identifier: GPL-2.0-only */
/* slot.h - trampolines for settled functions; see slot_x86_64.c. */
#ifndef QP_SLOT_H
#define QP_SLOT_H

#include "compat.h"

#define QP_SLOTS	256	/* functions settled at a time; more stay in ops mode */
#define QP_SLOT_SIZE	32

extern unsigned long qp_slot_targets[QP_SLOTS];
extern char qp_slots[];
void qp_slot_pass(void);
/* Where a call that isn't an indirect one may enter the function at @addr. */
unsigned long qp_slot_entry(unsigned long addr);

/* What to give ftrace; the same for as long as the slot's target is. */
static inline unsigned long qp_slot_addr(int slot)
{
	return qp_direct_addr((unsigned long)qp_slots + slot * QP_SLOT_SIZE, qp_slot_targets[slot]);
}

#endif
