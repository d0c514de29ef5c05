/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * quietpatch_api.h - for patch authors: what a fix may use beyond plain C.
 *
 * Shadow variables attach data to an object of the kernel whose struct a patch
 * can't grow: a value is found by (object's address, id).  Lookups are lock-free;
 * a value that is freed stays readable until a grace period of RCU has passed.
 * Ids belong to the author: use one per meaning, and keep it over all patches.
 */
#ifndef QUIETPATCH_API_H
#define QUIETPATCH_API_H

#include <linux/types.h>

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

#endif
