/* SPDX-License-Identifier: GPL-2.0-only */
/* arch_x86_64.h - see arch.h. */
#ifndef QP_ARCH_X86_64_H
#define QP_ARCH_X86_64_H

/* The first bytes of a function that a task in ftrace's trampoline has its return address in: ENDBR64 and the call, 4 + 5, rounded up. */
#define QP_ENTRY_BYTES	16

/* What ftrace hands to the redirecting handler: all registers, which the unwinder begins with. */
#define QP_FTRACE_REGS	FTRACE_OPS_FL_SAVE_REGS

/* A sane limit to zero-based per-CPU offsets, in bytes. */
#define QP_PERCPU_MAX	(4u << 20)

#endif
