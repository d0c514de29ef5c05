// SPDX-License-Identifier: GPL-2.0-only
/*
 * unwind_x86_64.c - the core's own observer: walks one stack with the kernel's
 * unwinder and applies the rule of docs/consistency.md, "Clean".
 *
 * "Unwound without an error" isn't enough: ORC on 6.1 ends silently inside
 * __x86_indirect_thunk_array, so the last frame has to be one of the places
 * where stacks are known to begin [I7].
 */
#include <linux/kallsyms.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/unwind.h>
#include "ranges.h"
#include "unwind.h"

#define QP_MAX_FRAMES	512
#define QP_ROOTS	8

/* Where the stacks of kernel threads and idle tasks begin; others end in user-mode registers. */
static const char *const root_names[] = {
	"ret_from_fork",
	"ret_from_fork_asm",
	"secondary_startup_64",
	"secondary_startup_64_no_verify",
	"common_startup_64",
};

/* Addresses that were found to be roots: text doesn't move, so they stay valid. */
static unsigned long roots[QP_ROOTS];
static atomic_t nr_roots;

static bool is_root(unsigned long addr)
{
	char name[KSYM_SYMBOL_LEN];
	int i, n = min(atomic_read(&nr_roots), QP_ROOTS);

	for (i = 0; i < n; i++)
		if (READ_ONCE(roots[i]) == addr)
			return true;

	/* "name [module]" never equals a root: their names are vmlinux's. */
	sprint_symbol_no_offset(name, addr);
	for (i = 0; i < ARRAY_SIZE(root_names); i++)
		if (!strcmp(name, root_names[i]))
			break;
	if (i == ARRAY_SIZE(root_names))
		return false;
	n = atomic_fetch_inc(&nr_roots);
	if (n < QP_ROOTS)
		WRITE_ONCE(roots[n], addr);
	else
		atomic_dec(&nr_roots);
	return true;
}

static void walk(struct unwind_state *state, const struct qp_ranges *ranges, struct qp_walk *out)
{
	unsigned long addr;
	struct pt_regs *regs;

	out->verdict = QP_V_INCOMPLETE;
	out->frame = 0;
	out->nr_frames = 0;
	for (; !unwind_done(state); unwind_next_frame(state)) {
		regs = unwind_get_entry_regs(state, NULL);
		if (regs && user_mode(regs)) {
			out->verdict = QP_V_CLEAN;
			out->frame = 0;
			return;
		}
		addr = unwind_get_return_address(state);
		/* 0: not kernel, module, BPF or trampoline text. */
		if (!addr || ++out->nr_frames > QP_MAX_FRAMES)
			return;
		out->frame = addr;
		if (qp_ranges_find(ranges, addr)) {
			out->verdict = QP_V_AFFECTED;
			return;
		}
	}
	if (unwind_error(state) || !out->frame || !is_root(out->frame))
		return;
	out->verdict = QP_V_CLEAN;
	out->frame = 0;
}

void qp_walk_task(struct task_struct *task, const struct qp_ranges *ranges, struct qp_walk *out)
{
	struct unwind_state state;

	unwind_start(&state, task, NULL, NULL);
	walk(&state, ranges, out);
}

void qp_walk_above(struct pt_regs *regs, const struct qp_ranges *ranges, struct qp_walk *out)
{
	struct unwind_state state;

	/* Skips the frame that regs->sp belongs to: the function being entered. */
	unwind_start(&state, current, regs, NULL);
	walk(&state, ranges, out);
}

/* start_secondary() on a fresh stack; under Xen PV alone, play_dead() returns. */
bool qp_idle_restarts(void)
{
	return !boot_cpu_has(X86_FEATURE_XENPV);
}
