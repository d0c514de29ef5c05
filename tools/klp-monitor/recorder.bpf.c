// SPDX-License-Identifier: GPL-2.0-only
/*
 * recorder.bpf.c - take down a transition's trace events for `klp-apply --timeline`.
 *
 * Through file descriptors alone: nothing is left when klp-apply is killed, as an instance of tracefs would be.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "quietpatch.h"
#include "recorder.h"

char LICENSE[] SEC("license") = "GPL";

struct task_struct {
	int pid;
	char comm[RECORDER_COMM];
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RECORDER_RING);
} ring SEC(".maps");

__u64 lost;

static __always_inline struct recorder_event *reserve(__u32 kind)
{
	struct recorder_event *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->ns = bpf_ktime_get_ns();
	e->kind = kind;
	return e;
}

/* (patch, target, epoch, nr_tasks) */
SEC("raw_tp")
int on_start(struct bpf_raw_tracepoint_args *ctx)
{
	struct recorder_event *e = reserve(RECORDER_START);

	if (!e)
		return 0;
	e->how = ctx->args[1];
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* (task, version, by); from the core's handler, maybe in an NMI */
SEC("raw_tp")
int on_switch(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *t = (void *)ctx->args[0];
	struct recorder_event *e = reserve(RECORDER_SWITCH);

	if (!e)
		return 0;
	e->how = ctx->args[2];
	bpf_core_read(&e->pid, sizeof(e->pid), &t->pid);
	bpf_core_read(&e->comm, sizeof(e->comm), &t->comm);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* (blocker, epoch) */
SEC("raw_tp")
int on_stall(struct bpf_raw_tracepoint_args *ctx)
{
	const struct qp_blocker *b = (void *)ctx->args[0];
	struct recorder_event *e = reserve(RECORDER_STALL);

	if (!e)
		return 0;
	bpf_probe_read_kernel(&e->how, sizeof(e->how), &b->verdict);
	bpf_probe_read_kernel(&e->pid, sizeof(e->pid), &b->pid);
	bpf_probe_read_kernel(&e->comm, sizeof(e->comm), &b->comm);
	bpf_probe_read_kernel(&e->function, sizeof(e->function), &b->function);
	bpf_ringbuf_submit(e, 0);
	return 0;
}
