// SPDX-License-Identifier: GPL-2.0-or-later
/* xalloc.c - see xalloc.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exits.h"
#include "xalloc.h"

void *xcheck(void *p)
{
	if (p)
		return p;
	fputs("klp-build: out of memory: fewer --jobs, or a machine with more memory, may help\n", stderr);
	/* Another thread may be at work: no handlers, no buffers. */
	_exit(EXIT_FAILED);
}

void *xmalloc(size_t size)
{
	return xcheck(malloc(size ? size : 1));
}

void *xcalloc(size_t nr, size_t size)
{
	return xcheck(nr && size ? calloc(nr, size) : calloc(1, 1));
}

void *xreallocarray(void *p, size_t nr, size_t size)
{
	return xcheck(nr && size ? reallocarray(p, nr, size) : realloc(p, 1));
}

/* Full at each power of two. */
void *xgrow(void *p, size_t nr, size_t size)
{
	return nr & (nr - 1) ? p : xreallocarray(p, nr ? 2 * nr : 1, size);
}

char *xstrdup(const char *s)
{
	return xcheck(strdup(s));
}

char *xstrndup(const char *s, size_t max)
{
	return xcheck(strndup(s, max));
}
