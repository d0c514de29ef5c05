/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core.h - client of the core module: /dev/quietpatch and /sys/kernel/quietpatch.
 *
 * One function a call of kmod/uapi/quietpatch.h, with sizes filled in, lists
 * allocated, and the reason in words.  Nothing here decides anything.
 */
#ifndef KLP_CORE_H
#define KLP_CORE_H

#include <stddef.h>
#include <stdint.h>

#include "quietpatch.h"

struct klp_err;
struct core;

/*
 * -ENOENT: the module isn't loaded; -EPERM, -EACCES: no right to;
 * -EPROTONOSUPPORT: its ABI is another one.
 */
int core_open(struct core **out, struct klp_err *err);
void core_close(struct core *c);	/* NULL is fine */

int core_info(struct core *c, struct qp_info *out, struct klp_err *err);

/*
 * Have a patch module's table compared with the kernel that runs, so that it may be loaded; nr 0 ends that.
 * -ENOENT, -EINVAL: the text names the symbol at fault.
 */
int core_bind(struct core *c, const struct qp_sym_desc *syms, uint32_t nr,
	      const char *strings, uint32_t strings_len, struct klp_err *err);

/*
 * @target: QP_PATCH_APPLIED or QP_PATCH_LOADED; @flags: QP_START_*.
 * @leave_ms: after this long the core ends it without who hasn't switched, whatever became of us; 0: never.
 * Waits up to a minute while a patch that was reverted is being taken out.
 */
int core_start(struct core *c, const char *patch, uint32_t target, uint32_t flags,
	       uint32_t leave_ms, uint64_t *epoch, struct klp_err *err);

/* One round; @obs carries flags, epoch and verdicts in, the outcome out. */
int core_observe(struct core *c, struct qp_observe *obs, struct klp_err *err);

/* @epoch: in, of the transition meant; out, the new one. */
int core_reverse(struct core *c, uint64_t *epoch, struct klp_err *err);

/* The lists are malloc()ed; an empty one is NULL. */
int core_ranges(struct core *c, uint64_t epoch, struct qp_range **out, size_t *nr,
		struct klp_err *err);
int core_blockers(struct core *c, uint64_t epoch, struct qp_blocker **out, size_t *nr,
		  struct klp_err *err);
/* The functions that the core has in hand, or had a moment ago.  -ENOTTY: an older core doesn't tell. */
int core_sites(struct core *c, struct qp_site_info **out, size_t *nr, struct klp_err *err);

/* End the transition without who hasn't switched.  -EAGAIN: not yet possible. */
int core_leave(struct core *c, uint64_t epoch, uint32_t *nr_left, struct klp_err *err);
/* Those that transitions have ended without.  -ENOTTY: an older core has none. */
int core_stragglers(struct core *c, struct qp_straggler **out, size_t *nr, struct klp_err *err);

/* Let go of what @patch has taken over from. */
int core_retire(struct core *c, const char *patch, struct klp_err *err);

/*
 * Strict mode: how long the machine was stopped.  @limit_us: how long it may be, from now on, in the transition under way;
 * 0: only ask.  -ENOTTY: an older core neither measures nor bounds it.
 */
int core_pause(struct core *c, uint64_t epoch, uint32_t limit_us, struct qp_pause *out, struct klp_err *err);

/* Make these tasks leave their system calls; each one's result tells whether it was. */
int core_kick(struct core *c, uint64_t epoch, struct qp_kick_task *tasks, uint32_t nr,
	      struct klp_err *err);

#endif
