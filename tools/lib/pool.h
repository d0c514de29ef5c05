/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool.h - memory of one owner that is filled once and then only read, and that
 * can leave the process: its pages go to an unnamed file and come back by
 * themselves when they are looked at.  Pointers into it stay good all the time.
 */
#ifndef KLP_POOL_H
#define KLP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool {
	uint8_t *base;
	size_t room, used;	/* bytes */
	bool resting;		/* filled, and in its file: no more writing */
};

/* Room for @room bytes of address space; memory is taken as it is written.  -ENOMEM. */
int pool_init(struct pool *p, size_t room);

/* @nr times @size bytes of zeros, aligned for anything.  NULL: more than there is room for. */
void *pool_alloc(struct pool *p, size_t nr, size_t size);

/*
 * Not needed for a while.  From the first time on the pool is read-only.  Advice: with no
 * room for the file in $TMPDIR (/tmp) it stays in memory.
 */
void pool_rest(struct pool *p);

void pool_free(struct pool *p);		/* one of zeros is fine */

#endif
