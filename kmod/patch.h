/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * patch.h - a patch, the objects it touches, the functions it replaces.
 *
 * All of it is changed under qp_mutex, but for `hits`, which the ftrace handler counts. The handler reads
 * site->funcs, func->new_addr, func->patch, patch->live and patch->left without it, and sysfs what it
 * shows. Strict mode sets `live` under the mutex, too, and with the machine stopped.
 */
#ifndef QP_PATCH_H
#define QP_PATCH_H

#include <linux/atomic.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include "quietpatch.h"

struct module;
struct qp_left;
struct qp_site;
struct qp_patch;

struct qp_object {
	/* from the descriptor */
	struct qp_patch *patch;
	const char *name;
	bool vmlinux;
	/* state */
	bool present;			/* found, relocated, verified */
};

/* What has run of a callback: nothing or post_revert; pre_apply or pre_revert; post_apply. */
enum qp_stage { QP_STAGE_NONE, QP_STAGE_PRE, QP_STAGE_APPLIED };

struct qp_callback {
	const struct qp_callback_desc *desc;
	struct qp_object *obj;
	enum qp_stage stage;
	bool fresh;			/* ran in the present call */
};

struct qp_func {
	/* from the descriptor; a function that a cumulative patch puts back has none */
	struct qp_patch *patch;
	struct qp_object *obj;
	const struct qp_func_desc *desc;
	const char *name;
	unsigned long new_addr;		/* 0: the original runs */
	/* state */
	unsigned long old_addr;		/* 0: object isn't there */
	unsigned long old_size;		/* by kallsyms: to the next symbol, at least what the patch says */
	unsigned long cold_addr;
	struct qp_site *site;		/* when it is on a stack */
	struct list_head stack;		/* site->funcs, newest first */
	atomic_long_t hits[2];		/* calls by version, in the current or last transition */
	struct list_head undo;		/* patch->undos */
	struct qp_func *undone;		/* the replaced patch's function that this puts back */
	struct kobject kobj;
};

struct qp_patch {
	struct module *mod;
	const struct qp_patch_desc *desc;
	const char *name;		/* common to all its releases */
	enum qp_patch_state state;
	int live;			/* what an idle core runs: 0 below, 1 this patch */
	struct qp_left __rcu *left;	/* tasks that the last transition has ended without [I12] */
	bool no_settle;			/* stays with ftrace's handler */
	unsigned int nr_leaving;	/* reverts whose last readers are being waited out */
	struct qp_patch *replaced_by;	/* the cumulative patch that took over */
	unsigned int nr_objs, nr_funcs;
	struct qp_object *objs;
	struct qp_func *funcs;
	struct qp_callback *callbacks;	/* desc->nr_callbacks, in the patch's order */
	struct list_head undos;		/* qp_func: functions that this patch puts back */
	struct list_head list;		/* qp_patches, in the order of the stacks */
	unsigned int order;		/* its place there, from 1 */
	struct kobject kobj;
	struct kobject *funcs_kobj;
};

/* Neither only loaded, nor reverted but for stragglers. */
static inline bool qp_patch_applied(const struct qp_patch *patch)
{
	return patch->state != QP_PATCH_LOADED && patch->state != QP_PATCH_LEAVING;
}

/* Applied, or on its way, and no cumulative patch or later release has taken over. */
static inline bool qp_patch_in_force(const struct qp_patch *patch)
{
	return qp_patch_applied(patch) && !patch->replaced_by;
}

/*
 * Guards everything above, the list of sites and the transition's control. Of a site that settle.c's worker has in
 * hand, or that has left the list, modes and ftrace's lists are its holder's alone.
 */
extern struct mutex qp_mutex;
extern struct list_head qp_patches;

#define qp_ptr(u64_field)	((void *)(unsigned long)(u64_field))

/* Do both mean the same function of the kernel?  Works for objects that aren't there. */
bool qp_func_same(const struct qp_func *a, const struct qp_func *b);

struct qp_patch *qp_patch_find(const char *name);
struct qp_patch *qp_patch_of(struct module *mod);
struct qp_patch *qp_patch_at(unsigned long addr);	/* whose text it is */
unsigned int qp_patch_count(void);
void qp_patches_number(void);	/* after a change of the order */

#define qp_for_each_func(patch, func) \
	for ((func) = (patch)->funcs; (func) < (patch)->funcs + (patch)->nr_funcs; (func)++)
#define qp_for_each_callback(patch, c) \
	for ((c) = (patch)->callbacks; (c) < (patch)->callbacks + (patch)->desc->nr_callbacks; (c)++)
#define qp_for_each_object(patch, obj) \
	for ((obj) = (patch)->objs; (obj) < (patch)->objs + (patch)->nr_objs; (obj)++)

#endif
