/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor.h - the eBPF observer: is any task's stack in affected code?
 *
 * One of the two observers of a transition; the other is the core's own
 * unwinder.  klp-apply opens the monitor before it starts a transition, arms it
 * with the affected ranges, and collects one verdict per task and round.  The
 * same file describes the data that monitor.bpf.c and monitor.c share.
 */
#ifndef KLP_MONITOR_H
#define KLP_MONITOR_H

#include <linux/types.h>

/* bpf_get_task_stack() follows at most sysctl_perf_event_max_stack, 127 by default. */
#define MONITOR_FRAMES		127
/* Powers of two. */
#define MONITOR_RANGES		4096	/* after merging neighbours */
#define MONITOR_ROOTS		256
#define MONITOR_DONE		65536
#define MONITOR_SAMPLED		4096	/* return addresses in affected code that ticks can tell apart */
/* More than any kernel has. */
#define MONITOR_CPUS		8192

/* Code in [start, end]: a return address may equal the end. Sorted, disjoint. */
struct monitor_span {
	__u64 start;
	__u64 end;
};

/* A task that has switched in `epoch`: not looked at again. */
struct monitor_done {
	__u64 start_boottime;	/* ns; with pid it names one task for all time */
	__u32 pid;
	__u32 epoch;		/* low half: 0 = empty slot */
};

/* What the programs counted since monitor_open(). */
struct monitor_counts {
	__u64 judged;		/* stacks looked at by the iterator */
	__u64 skipped;		/* tasks that had switched before */
	__u64 truncated;	/* stacks with more than MONITOR_FRAMES frames */
	__u64 write_failed;	/* records that found no room: judged again by the kernel's retry */
	__u64 observed;		/* CPUs looked at by the tracepoint program */
	__u64 foreign;		/* tracepoint hits of an epoch that isn't armed */
	__u64 sampled;		/* ticks, of all CPUs, to look ahead */
};

#ifndef __BPF__
#include <stddef.h>

struct klp_err;
struct monitor;
struct qp_range;
struct qp_task_verdict;

/*
 * Load and attach both programs.  -EPERM, -EOPNOTSUPP: the kernel refuses BPF,
 * the text says why and names the choices; -ENODEV: the core has no tracepoint.
 */
int monitor_open(struct monitor **out, struct klp_err *err);

/*
 * Without a core, to look ahead: tasks that run are seen by a tick of each CPU's clock, 199 a second.
 * Errors as above; -EACCES or another of perf_event_open(2): no ticks to be had.
 */
int monitor_open_ahead(struct monitor **out, struct klp_err *err);

/* The affected code that ticks found on a CPU: each frame, and how often.  *out is malloc()ed. */
struct monitor_sample {
	__u64 frame;
	__u64 times;
};
int monitor_samples(const struct monitor *m, struct monitor_sample **out, size_t *nr, struct klp_err *err);

/* Judge against @ranges from now on.  -E2BIG: more than MONITOR_RANGES. */
int monitor_arm(struct monitor *m, const struct qp_range *ranges, size_t nr,
		__u64 epoch, struct klp_err *err);

/*
 * One pass over all tasks that monitor_done() doesn't know.  @out belongs to
 * @m and lives until the next call; the first @nr_clean are QP_V_CLEAN.
 */
int monitor_collect(struct monitor *m, struct qp_task_verdict **out, size_t *nr_clean,
		    size_t *nr, struct klp_err *err);

/* Leave out of later passes what the core's result says has switched. */
void monitor_done(struct monitor *m, const struct qp_task_verdict *v, size_t nr);

struct monitor_counts monitor_counts(const struct monitor *m);
void monitor_close(struct monitor *m);	/* NULL is fine */
#endif

#endif
