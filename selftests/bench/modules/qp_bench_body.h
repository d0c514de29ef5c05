/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qp_bench_body.h - the body that the original and both replacements share, so
 * that a difference between calls of them is the cost of getting there.
 */
#ifndef QP_BENCH_BODY_H
#define QP_BENCH_BODY_H

#define QP_BENCH_FUNC	noinline __noclone

static __always_inline int qp_bench_body(int x)
{
	asm volatile("");
	return x + 1;
}

void qp_bench_wait(void);

#endif
