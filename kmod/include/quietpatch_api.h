/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * quietpatch_api.h - for patch authors: what a fix may use beyond plain C.
 * docs/patch-author.md explains when.
 *
 * Shadow variables attach data to an object of the kernel whose struct a patch
 * can't grow: a value is found by (object's address, id).  Lookups are lock-free;
 * a value that is freed stays readable until a grace period of RCU has passed.
 * Ids belong to the author: use one per meaning, and keep it over all patches.
 */
#ifndef QUIETPATCH_API_H
#define QUIETPATCH_API_H

#include <linux/types.h>
#include "quietpatch.h"

struct module;

/*
 * In a fix's own source: the patch module. THIS_MODULE means the object that is
 * patched there, and is NULL in vmlinux.
 */
extern struct module *const qp_this_patch;

/* Fills the new value; `data` is the caller's; refuses with -errno. Runs with the table locked: no sleeping. */
typedef int (*qp_shadow_ctor_t)(void *obj, void *value, void *data);
/* Undoes the constructor. Runs after the value is out of the table, before the grace period. */
typedef void (*qp_shadow_dtor_t)(void *obj, void *value);

/* The value, or NULL. Hold rcu_read_lock() while using it if it may be freed meanwhile. */
void *qp_shadow_get(void *obj, unsigned long id);
/* A new value of `size` zeroed bytes; NULL if there is one, or no memory, or the constructor refuses. */
void *qp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp,
		      qp_shadow_ctor_t ctor, void *data);
/* The value, made if there is none. NULL: no memory, or the constructor refuses. */
void *qp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp,
			     qp_shadow_ctor_t ctor, void *data);
void qp_shadow_free(void *obj, unsigned long id, qp_shadow_dtor_t dtor);
/* Every object's value of this id: from a post-revert callback. */
void qp_shadow_free_all(unsigned long id, qp_shadow_dtor_t dtor);

/*
 * Callbacks run when the patch is applied and reverted, once for each object that
 * is there; for a module that comes or goes, too. They may sleep; no two run at a
 * time. Write QP_CALLBACKS("vmlinux", .pre_apply = (unsigned long)f, ...) once an
 * object, each on a line of its own. pre_apply and pre_revert refuse by -errno; post_revert undoes pre_apply,
 * and runs for each object whose pre_apply has run, even when the apply is given up.
 */
#define QP_CALLBACKS(obj, ...)								\
	QP_CALLBACKS_(__LINE__, obj, __VA_ARGS__)
#define QP_CALLBACKS_(line, ...)	QP_CALLBACKS__(line, __VA_ARGS__)
#define QP_CALLBACKS__(line, obj, ...)							\
	static const char qp_callback_object_##line[] = obj;				\
	static struct qp_callback_desc qp_callbacks_##line				\
	__attribute__((used, aligned(8), section(QP_SEC_CALLBACKS))) = {				\
		.object = (unsigned long)qp_callback_object_##line, __VA_ARGS__ }

/*
 * States: QP_STATE(name, id, version) says that this patch changes something that
 * later patches have to understand. Versions go up from 1.
 */
#define QP_STATE(name, state_id, state_version)						\
	static struct qp_state_desc qp_state_##name					\
	__attribute__((used, aligned(8), section(QP_SEC_STATES))) = {				\
		.id = (state_id), .version = (state_version) }

/* From a callback: the highest version of the state among the other patches in force, 0 for none. */
unsigned int qp_state_version(struct module *self, unsigned long id);

/*
 * Who gets here tries what the patch forbids: it is counted (/sys/module/MODULE/parameters/tripped, klp-apply
 * status) and told in the log, not too often, with pid, uid and name.  From any context, and with any lock held.
 */
#define QP_TRIPWIRE(id)		qp_tripwire(id)
void qp_tripwire(const char *id);

#endif
