// SPDX-License-Identifier: GPL-2.0-only
/*
 * monitor.bpf.c - look at every task's stack, from inside the kernel.
 *
 * judge_sleeper runs once per task that the task iterator yields, then for the
 * idle tasks that are off their CPU, and writes a struct qp_task_verdict for
 * each to the iterator's file.  judge_current runs in the
 * core's IPI on each CPU, through the core's writable raw tracepoint, and
 * writes its verdict there.  Neither commits anything: the core unwinds each
 * stack again by itself, see docs/consistency.md.
 *
 * To look ahead, without a transition or even a core, sample_current takes the
 * place of the IPI: a clock's tick on each CPU.
 *
 * Clean means: no frame in affected code, the trace ends in a known root, it
 * isn't truncated, and the task didn't run meanwhile.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "quietpatch.h"
#include "monitor.h"

char LICENSE[] SEC("license") = "GPL";

/* What we need of the kernel's types; libbpf relocates each access. */
struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	int tgid;
	__u64 start_boottime;
	unsigned long nvcsw;
	unsigned long nivcsw;
	int on_cpu;
} __attribute__((preserve_access_index));

struct rq {
	struct task_struct *idle;
} __attribute__((preserve_access_index));

/* Per-CPU and in the kernel's BTF: the way to the idle tasks, which no iterator yields. */
extern const struct rq runqueues __ksym;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

/* Set before load: frames that a whole trace may have, less than sysctl's bound. */
const volatile __u32 max_frames = MONITOR_FRAMES;

/* Written by monitor.c through the map's memory. */
struct monitor_span ranges[MONITOR_RANGES];
struct monitor_span roots[MONITOR_ROOTS];
struct monitor_done done[MONITOR_DONE];
volatile __u32 nr_ranges;
volatile __u32 nr_roots;
volatile __u64 armed_epoch;	/* 0: nothing to judge */
struct monitor_counts counts;

/* A stack doesn't fit a program's own 512 bytes: [0] for tasks, [1] for IPIs and ticks. */
struct scratch {
	__u64 ip[MONITOR_FRAMES + 1];
	__u32 lo, hi;		/* of a search */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* How often a tick found each frame of affected code on its CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MONITOR_SAMPLED);
	__type(key, __u64);
	__type(value, __u64);
} sampled SEC(".maps");

static void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/*
 * Is @ip in one of the first @nr spans?  The first span that doesn't end before
 * @ip is the only candidate.  2^13 > MONITOR_RANGES bounds the search.  The
 * bounds live in a map's memory, whose content the verifier doesn't follow: in
 * registers it tries all paths of the search, 400,000 instructions.
 */
#define SEARCH(s, spans, max, nr, ip) ({				\
	volatile __u32 *lo = &(s)->lo, *hi = &(s)->hi;			\
	bool in = false;						\
	__u32 step, at;							\
									\
	*lo = 0;							\
	*hi = (nr);							\
	for (step = 0; step < 13; step++) {				\
		at = (*lo + *hi) / 2;					\
		if (at >= *hi)						\
			break;						\
		at &= (max) - 1;					\
		if ((spans)[at].end < (ip))				\
			*lo = at + 1;					\
		else							\
			*hi = at;					\
	}								\
	at = *lo;							\
	if (at < (nr)) {						\
		at &= (max) - 1;					\
		in = (spans)[at].start <= (ip) && (ip) <= (spans)[at].end; \
	}								\
	in;								\
})

static __always_inline bool is_affected(struct scratch *s, __u64 ip)
{
	return SEARCH(s, ranges, MONITOR_RANGES, nr_ranges, ip);
}

static __always_inline bool is_root(struct scratch *s, __u64 ip)
{
	return SEARCH(s, roots, MONITOR_ROOTS, nr_roots, ip);
}

struct walk {
	struct scratch *s;
	__u64 frame;		/* offending, or where the trace ends */
};

static long look_at_frame(__u32 i, struct walk *w)
{
	if (i >= MONITOR_FRAMES)
		return 1;
	if (!is_affected(w->s, w->s->ip[i]))
		return 0;
	w->frame = w->s->ip[i];
	return 1;
}

/* @len: what bpf_get_stack() returned, bytes or -errno. */
static __always_inline __u32 judge(struct scratch *s, long len, __u64 *frame)
{
	struct walk w = { .s = s };
	__u32 n, last;

	*frame = 0;
	if (len <= 0)
		return QP_V_INCOMPLETE;
	n = (__u32)len / sizeof(__u64);
	bpf_loop(n, look_at_frame, &w, 0);
	if (w.frame) {
		*frame = w.frame;
		return QP_V_AFFECTED;
	}
	last = (n - 1) & 127;
	if (n == 0 || last >= MONITOR_FRAMES)
		return QP_V_INCOMPLETE;
	*frame = s->ip[last];
	if (n >= max_frames) {
		count(&counts.truncated);
		return QP_V_INCOMPLETE;
	}
	if (!is_root(s, s->ip[last]))
		return QP_V_INCOMPLETE;
	*frame = 0;
	return QP_V_CLEAN;
}

/* int on 6.1 and 6.12, u8 on 7.3; little-endian, 0 or 1: the first byte tells. */
static __always_inline __u8 on_cpu(struct task_struct *t)
{
	__u8 v = 1;

	bpf_probe_read_kernel(&v, sizeof(v), &t->on_cpu);
	return v;
}

static __always_inline __u64 switches(struct task_struct *t)
{
	return *(volatile unsigned long *)&t->nvcsw + *(volatile unsigned long *)&t->nivcsw;
}

static __always_inline bool has_switched(__u32 pid, __u64 start_boottime, __u64 epoch)
{
	struct monitor_done *d = &done[pid & (MONITOR_DONE - 1)];

	return d->epoch == (__u32)epoch && d->pid == pid && d->start_boottime == start_boottime;
}

static __always_inline void judge_task(struct task_struct *t, struct seq_file *seq, __u64 epoch)
{
	struct qp_task_verdict v = {};
	struct scratch *s;
	__u8 ran_before, ran_after;
	__u32 key = 0;
	__u64 after;
	long len;

	v.pid = t->pid;
	v.start_boottime = t->start_boottime;
	if (has_switched(v.pid, v.start_boottime, epoch)) {
		count(&counts.skipped);
		return;
	}
	s = bpf_map_lookup_elem(&scratches, &key);
	if (!s)
		return;
	count(&counts.judged);

	/*
	 * Counters, on_cpu, stack, on_cpu, counters: a task that ran between
	 * the two looks was on a CPU at one of the inner ones, or counted a
	 * switch between the outer ones.  No other order is sound.
	 */
	v.switches = switches(t);
	ran_before = on_cpu(t);
	len = bpf_get_task_stack(t, s->ip, MONITOR_FRAMES * sizeof(__u64), 0);
	ran_after = on_cpu(t);
	after = switches(t);

	if (ran_before || ran_after)
		v.verdict = QP_V_RUNNING;
	else if (v.switches != after)
		v.verdict = QP_V_MOVED;
	else
		v.verdict = judge(s, len, &v.frame);
	v.nr_frames = len > 0 ? (__u32)len / sizeof(__u64) : 0;

	if (bpf_seq_write(seq, &v, sizeof(v)))
		count(&counts.write_failed);
}

struct idle_pass {
	struct seq_file *seq;
	__u64 epoch;
};

static long judge_idle(__u32 cpu, struct idle_pass *p)
{
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, cpu);
	struct task_struct *idle;

	if (!rq)
		return 1;
	idle = rq->idle;
	if (idle)
		judge_task(idle, p->seq, p->epoch);
	return 0;
}

/* Once for each task, then once without: the place for the idle tasks, which have pid 0. */
SEC("iter/task")
int judge_sleeper(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;
	struct idle_pass pass = { .seq = ctx->meta->seq, .epoch = armed_epoch };

	if (!pass.epoch)
		return 0;
	if (t)
		judge_task(t, pass.seq, pass.epoch);
	else
		bpf_loop(MONITOR_CPUS, judge_idle, &pass, 0);
	return 0;
}

SEC("raw_tp.w")
int judge_current(struct bpf_raw_tracepoint_args *ctx)
{
	struct qp_tp_verdict *out;
	__u64 frame, epoch = armed_epoch;
	__u32 verdict, key = 1;
	struct scratch *s;
	long len;

	out = (void *)*(volatile __u64 *)&ctx->args[0];
	if (!epoch || out->epoch != epoch) {
		count(&counts.foreign);
		return 0;
	}
	s = bpf_map_lookup_elem(&scratches, &key);
	if (!s)
		return 0;
	count(&counts.observed);
	len = bpf_get_stack(ctx, s->ip, MONITOR_FRAMES * sizeof(__u64), 0);
	verdict = judge(s, len, &frame);

	/* 6.1 can't keep this pointer over a call (PTR_TO_TP_BUFFER isn't spilled). */
	out = (void *)*(volatile __u64 *)&ctx->args[0];
	out->verdict = verdict;
	out->frame = frame;
	out->nr_frames = len > 0 ? (__u32)len / sizeof(__u64) : 0;
	return 0;
}

static __always_inline void note_hot(__u64 frame)
{
	__u64 one = 1, *seen = bpf_map_lookup_elem(&sampled, &frame);

	if (seen)
		__sync_fetch_and_add(seen, 1);
	else
		bpf_map_update_elem(&sampled, &frame, &one, BPF_NOEXIST);
}

/* Who is clean on its CPU would have switched here, by the core's IPI. */
SEC("perf_event")
int sample_current(struct bpf_perf_event_data *ctx)
{
	struct task_struct *t = bpf_get_current_task_btf();
	__u64 frame = 0, epoch = armed_epoch;
	__u32 verdict = QP_V_CLEAN, key = 1;
	struct monitor_done *d;
	struct scratch *s;

	if (!epoch)
		return 0;
	s = bpf_map_lookup_elem(&scratches, &key);
	if (!s)
		return 0;
	count(&counts.sampled);
	/* In user mode it has no kernel stack. */
	if ((ctx->regs.cs & 3) != 3)
		verdict = judge(s, bpf_get_stack(ctx, s->ip, MONITOR_FRAMES * sizeof(__u64), 0), &frame);
	if (verdict == QP_V_AFFECTED)
		note_hot(frame);
	if (verdict != QP_V_CLEAN)
		return 0;
	d = &done[t->pid & (MONITOR_DONE - 1)];
	d->start_boottime = t->start_boottime;
	d->pid = t->pid;
	d->epoch = (__u32)epoch;
	return 0;
}
