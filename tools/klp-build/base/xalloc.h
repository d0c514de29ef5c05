/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xalloc.h - memory, or the end of the program.
 *
 * klp-build is a short-lived program: without memory it says so and exits (EXIT_FAILED), as after SIGKILL: the next run
 * goes on from what is in the cache.  Nothing goes on with a list that lacks an entry.  All of these return memory that free()
 * takes, never NULL.
 */
#ifndef KLP_XALLOC_H
#define KLP_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
/* Zeroed; @nr may be 0. */
void *xcalloc(size_t nr, size_t size);
void *xreallocarray(void *p, size_t nr, size_t size);
/* @p, an array of @nr entries, with room for one more; it grows at powers of two. */
void *xgrow(void *p, size_t nr, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t max);
/* @p of a function that fails for want of memory alone: NULL is the end. */
void *xcheck(void *p);

#endif
