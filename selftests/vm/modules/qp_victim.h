/* SPDX-License-Identifier: GPL-2.0-only */
/* qp_victim.h - what the victim lends its patches, and how hand-made patches describe themselves. */
#ifndef QP_VICTIM_H
#define QP_VICTIM_H

#include "quietpatch.h"

/* Nothing about the body may leak into callers: gcc 14 would tell them the constant that it returns. */
#define QP_VICTIM_FUNC	noinline __attribute__((__noipa__))
#define QP_VICTIM_VERSIONS	4

void qp_victim_dwell(void);
void qp_victim_wait(void);
void qp_victim_report(int v, int first, int second);
void qp_victim_blind(void);
int qp_inner(int x);
int qp_sleeper(int x);

struct module;
int qp_patch_register(struct module *mod, const struct qp_patch_desc *desc);
void qp_patch_unregister(struct module *mod);

#define QP_FN(obj, fn, new) {				\
	.new_addr = (unsigned long)(new),		\
	.name = (unsigned long)(fn),			\
	.object = (unsigned long)(obj),			\
	.old_size = 1,					\
	.new_size = 1,					\
}

/* What every description begins with; @funcs: its array. */
#define QP_PATCH_DESC(funcs)				\
	.size = sizeof(struct qp_patch_desc),		\
	.abi = QP_ABI,					\
	.nr_funcs = ARRAY_SIZE(funcs),			\
	.funcs = (unsigned long)(funcs)

/* What every patch module ends with, once it has a patch_init() that registers. */
#define QP_PATCH_MODULE(text)				\
	static void __exit patch_exit(void)		\
	{						\
		qp_patch_unregister(THIS_MODULE);	\
	}						\
	module_init(patch_init);			\
	module_exit(patch_exit);			\
	MODULE_DESCRIPTION("Quietpatch selftest: " text); \
	MODULE_LICENSE("GPL")

/*
 * Version @v of the pair.  The outer one calls qp_inner() by its address, so that the
 * redirection decides; the oracle needs that.
 */
#define QP_PAIR(v)					\
	static noinline int new_inner(int x)		\
	{						\
		asm volatile("");			\
		return v;				\
	}						\
							\
	static noinline int new_outer(int x)		\
	{						\
		int a, b;				\
							\
		qp_victim_dwell();			\
		a = qp_inner(x);			\
		qp_victim_dwell();			\
		b = qp_inner(x);			\
		qp_victim_report(v, a, b);		\
		return a + b;				\
	}

#endif
