/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - the writable raw tracepoint through which the eBPF monitor judges
 * the task that runs on a CPU.  No trace event is attached to it.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM quietpatch

#if !defined(QP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define QP_TRACE_H

#include <linux/tracepoint.h>
#include "quietpatch.h"

#undef QP_DECLARE
#ifdef DECLARE_TRACE_WRITABLE
#define QP_DECLARE(call, proto, args, size) \
	DECLARE_TRACE_WRITABLE(call, PARAMS(proto), PARAMS(args), size)
#else
#define QP_DECLARE(call, proto, args, size) DECLARE_TRACE(call, PARAMS(proto), PARAMS(args))
#endif

QP_DECLARE(quietpatch_observe,
	   TP_PROTO(struct qp_tp_verdict *w),
	   TP_ARGS(w),
	   sizeof(struct qp_tp_verdict));

#endif /* QP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
