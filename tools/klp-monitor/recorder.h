/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recorder.h - a transition's trace events, taken down while it lasts: who switched when and how, who held it back.
 *
 * The same file describes what recorder.bpf.c and recorder.c share.
 */
#ifndef KLP_RECORDER_H
#define KLP_RECORDER_H

#include <linux/types.h>

#define RECORDER_COMM		16		/* bytes, as TASK_COMM_LEN */
#define RECORDER_RING		(1 << 22)	/* bytes between two recorder_collect(): 40,000 events */
#define RECORDER_EVENTS		262144		/* kept; 32 MB at most */

enum recorder_kind {
	RECORDER_START,		/* it began, or was turned round; how: where to, QP_PATCH_APPLIED or 0 */
	RECORDER_SWITCH,	/* a task has switched; how: enum recorder_by */
	RECORDER_STALL,		/* a task holds it back; how: enum qp_verdict */
	RECORDER_KICK,		/* klp-apply woke tasks; pid: how many */
};

/* enum qp_by of kmod/trace.h, in its order. */
enum recorder_by { BY_HANDLER, BY_IPI, BY_WALK, BY_FORK, BY_DEATH, BY_OFFLINE, BY_RELIEF, NR_BY };

struct recorder_event {
	__u64 ns;		/* CLOCK_MONOTONIC */
	__u32 kind;		/* enum recorder_kind */
	__u32 how;
	__u32 pid;
	__u32 reserved;
	char comm[RECORDER_COMM];
	char function[64];	/* STALL: where it is */
};

#ifndef __BPF__
#include <stddef.h>

struct klp_err;
struct recorder;

/* Load and attach.  Errors as monitor_open()'s. */
int recorder_open(struct recorder **out, struct klp_err *err);
/* Take over what has come since; often enough that the ring doesn't overflow. */
void recorder_collect(struct recorder *r);
/* An event of our own. */
void recorder_note(struct recorder *r, enum recorder_kind kind, __u32 pid);
/* All so far, in the order of their coming; valid until the next call. */
const struct recorder_event *recorder_events(const struct recorder *r, size_t *nr);
__u64 recorder_lost(const struct recorder *r);
void recorder_close(struct recorder *r);	/* NULL is fine */
#endif

#endif
