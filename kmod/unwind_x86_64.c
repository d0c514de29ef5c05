// SPDX-License-Identifier: GPL-2.0-only
/*
 * unwind_x86_64.c - the core's own observer: walks one stack with the kernel's
 * unwinder and applies the rule of docs/consistency.md, "Clean".
 *
 * "Unwound without an error" isn't enough: ORC on 6.1 ends silently inside
 * __x86_indirect_thunk_array, so the last frame has to be one of the places
 * where stacks are known to begin [I7].  Nor is an error on the way forgiven
 * because user mode was reached: what the unwinder guessed may have skipped frames.
 */
#include <linux/kallsyms.h>
#include <linux/sched.h>
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

/*
 * ORC has no entry for BPF's trampolines, and falls back to the frame pointer, with an error.  For
 * these that is no guess: each begins by pushing %rbp and setting it (arch_prepare_bpf_trampoline()), and what runs
 * below has saved it.  kallsyms calls them bpf_trampoline_KEY, in digits; no function of vmlinux is called so, and
 * a module's has the module behind it.
 */
static bool is_bpf_trampoline(unsigned long addr)
{
	static const char prefix[] = "bpf_trampoline_";
	char name[KSYM_SYMBOL_LEN];
	const char *key = name + strlen(prefix);

	sprint_symbol_no_offset(name, addr);
	return !strncmp(name, prefix, strlen(prefix)) && *key && strspn(key, "0123456789") == strlen(key);
}

/* One step up from `addr`; false: what is there isn't to be trusted. */
static bool step_up(struct unwind_state *state, unsigned long addr)
{
	unwind_next_frame(state);
	if (!unwind_error(state))
		return true;
	if (unwind_done(state) || !is_bpf_trampoline(addr))
		return false;
	state->error = false;
	return true;
}

static void walk_stack(struct unwind_state *state, const struct qp_ranges *ranges, struct qp_walk *out)
{
	unsigned long addr;
	struct pt_regs *regs;

	out->verdict = QP_V_INCOMPLETE;
	out->frame = 0;
	out->nr_frames = 0;
	if (unwind_error(state))
		return;
	while (!unwind_done(state)) {
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
		if (!step_up(state, addr))
			return;
	}
	if (!out->frame || !is_root(out->frame))
		return;
	out->verdict = QP_V_CLEAN;
	out->frame = 0;
}

void qp_walk_task(struct task_struct *task, const struct qp_ranges *ranges, struct qp_walk *out)
{
	struct unwind_state state;

	unwind_start(&state, task, NULL, NULL);
	walk_stack(&state, ranges, out);
}

void qp_walk_above(struct pt_regs *regs, const struct qp_ranges *ranges, struct qp_walk *out)
{
	struct unwind_state state;

	/* Skips the frame that regs->sp belongs to: the function being entered. */
	unwind_start(&state, current, regs, NULL);
	walk_stack(&state, ranges, out);
}
