/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - the writable raw tracepoint through which the eBPF monitor judges
 * the task that runs on a CPU (no trace event is attached to it), and the trace
 * events of a transition, for people; docs/abi-sysfs.md describes them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM quietpatch

#ifndef QP_TRACE_ENUMS
#define QP_TRACE_ENUMS
/* How a task came to switch. */
enum qp_by { QP_BY_HANDLER, QP_BY_IPI, QP_BY_WALK, QP_BY_FORK, QP_BY_DEATH, QP_BY_OFFLINE, QP_BY_RELIEF };
/* How calls of a function go. */
enum qp_mode { QP_MODE_OPS, QP_MODE_DIRECT, QP_MODE_OFF };
#endif

#if !defined(QP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define QP_TRACE_H

#include <linux/tracepoint.h>
#include <linux/sched.h>
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


TRACE_DEFINE_ENUM(QP_MODE_OPS);
TRACE_DEFINE_ENUM(QP_MODE_DIRECT);
TRACE_DEFINE_ENUM(QP_MODE_OFF);
TRACE_DEFINE_ENUM(QP_V_CLEAN);
TRACE_DEFINE_ENUM(QP_V_AFFECTED);
TRACE_DEFINE_ENUM(QP_V_INCOMPLETE);
TRACE_DEFINE_ENUM(QP_V_RUNNING);
TRACE_DEFINE_ENUM(QP_V_DISAGREE);
TRACE_DEFINE_ENUM(QP_BY_HANDLER);
TRACE_DEFINE_ENUM(QP_BY_IPI);
TRACE_DEFINE_ENUM(QP_BY_WALK);
TRACE_DEFINE_ENUM(QP_BY_FORK);
TRACE_DEFINE_ENUM(QP_BY_DEATH);
TRACE_DEFINE_ENUM(QP_BY_OFFLINE);
TRACE_DEFINE_ENUM(QP_BY_RELIEF);

/* A transition of a patch begins, or was turned round. */
TRACE_EVENT(quietpatch_start,
	TP_PROTO(const char *patch, int target, u64 epoch, u64 nr_tasks),
	TP_ARGS(patch, target, epoch, nr_tasks),
	TP_STRUCT__entry(
		__array(char, patch, QP_NAME_LEN)
		__field(int, target)
		__field(u64, epoch)
		__field(u64, nr_tasks)
	),
	TP_fast_assign(
		strscpy(__entry->patch, patch, QP_NAME_LEN);
		__entry->target = target;
		__entry->epoch = epoch;
		__entry->nr_tasks = nr_tasks;
	),
	TP_printk("patch=%s target=%s epoch=%llu tasks=%llu", __entry->patch,
		  __entry->target ? "applied" : "loaded", __entry->epoch, __entry->nr_tasks)
);

/* A task has switched; by whom. */
TRACE_EVENT(quietpatch_switch,
	TP_PROTO(struct task_struct *task, int version, int by),
	TP_ARGS(task, version, by),
	TP_STRUCT__entry(
		__array(char, comm, TASK_COMM_LEN)
		__field(pid_t, pid)
		__field(int, version)
		__field(int, by)
	),
	TP_fast_assign(
		memcpy(__entry->comm, task->comm, TASK_COMM_LEN);
		__entry->pid = task->pid;
		__entry->version = version;
		__entry->by = by;
	),
	TP_printk("comm=%s pid=%d to=%s by=%s", __entry->comm, __entry->pid,
		  __entry->version ? "patch" : "below",
		  __print_symbolic(__entry->by, { QP_BY_HANDLER, "handler" }, { QP_BY_IPI, "ipi" },
				   { QP_BY_WALK, "walk" }, { QP_BY_FORK, "fork" }, { QP_BY_DEATH, "death" },
				   { QP_BY_OFFLINE, "offline" }, { QP_BY_RELIEF, "relief" }))
);

/* A task still holds the transition back. */
TRACE_EVENT(quietpatch_stall,
	TP_PROTO(const struct qp_blocker *b, u64 epoch),
	TP_ARGS(b, epoch),
	TP_STRUCT__entry(
		__array(char, comm, QP_COMM_LEN)
		__array(char, function, QP_NAME_LEN)
		__field(u32, pid)
		__field(u32, verdict)
		__field(u64, epoch)
	),
	TP_fast_assign(
		memcpy(__entry->comm, b->comm, QP_COMM_LEN);
		memcpy(__entry->function, b->function, QP_NAME_LEN);
		__entry->pid = b->pid;
		__entry->verdict = b->verdict;
		__entry->epoch = epoch;
	),
	TP_printk("epoch=%llu comm=%s pid=%u why=%s function=%s", __entry->epoch, __entry->comm, __entry->pid,
		  __print_symbolic(__entry->verdict, { QP_V_CLEAN, "clean" }, { QP_V_AFFECTED, "affected" },
				   { QP_V_INCOMPLETE, "incomplete" }, { QP_V_RUNNING, "running" },
				   { QP_V_DISAGREE, "disagree" }),
		  __entry->function)
);

/* A transition has ended. */
TRACE_EVENT(quietpatch_done,
	TP_PROTO(const char *patch, int target, u64 epoch, u64 nr_tasks, u64 ns),
	TP_ARGS(patch, target, epoch, nr_tasks, ns),
	TP_STRUCT__entry(
		__array(char, patch, QP_NAME_LEN)
		__field(int, target)
		__field(u64, epoch)
		__field(u64, nr_tasks)
		__field(u64, ns)
	),
	TP_fast_assign(
		strscpy(__entry->patch, patch, QP_NAME_LEN);
		__entry->target = target;
		__entry->epoch = epoch;
		__entry->nr_tasks = nr_tasks;
		__entry->ns = ns;
	),
	TP_printk("patch=%s now=%s epoch=%llu tasks=%llu took_us=%llu", __entry->patch,
		  __entry->target ? "applied" : "loaded", __entry->epoch, __entry->nr_tasks, __entry->ns / 1000)
);

/* A function's calls go another way: direct, ops, or none of ours any more (off). */
TRACE_EVENT(quietpatch_settle,
	TP_PROTO(unsigned long addr, int mode, int error),
	TP_ARGS(addr, mode, error),
	TP_STRUCT__entry(
		__field(void *, addr)
		__field(int, mode)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->addr = (void *)addr;
		__entry->mode = mode;
		__entry->error = error;
	),
	TP_printk("function=%ps mode=%s error=%d", __entry->addr,
		  __print_symbolic(__entry->mode, { QP_MODE_OPS, "ops" }, { QP_MODE_DIRECT, "direct" },
				   { QP_MODE_OFF, "off" }), __entry->error)
);

#endif /* QP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
