/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mitigate.h - a fix that nobody wrote: have a function refuse, for a time. */
#ifndef KLP_MITIGATE_H
#define KLP_MITIGATE_H

#include <stddef.h>
#include <stdint.h>

struct klp_err;
struct target;

struct mitigation {
	const char *function;
	const char *file;	/* "net/core/sock_map.c"; NULL: the only one that defines it */
	const char *value;	/* of `return`; NULL: the function returns nothing */
	const char *when;	/* C expression over its arguments; NULL: always */
	int64_t expires;	/* seconds since 1970, UTC */
};

/*
 * The change as a unified diff against the kernel's source.  *out is malloc()ed, and so is *object: "vmlinux" or the
 * module that the function is part of.  -ENOENT: no file defines the function,
 * -EEXIST: several do, -EINVAL: value and function don't go together; the text says which and what to do.
 */
int mitigate_diff(const struct target *t, const struct mitigation *m, char **out, char **object, struct klp_err *err);

/* The same for one file's text; a pure function.  -ENOENT: it doesn't define the function. */
int mitigate_file(const char *file, const char *text, size_t len, const struct mitigation *m, char **out,
		  struct klp_err *err);

#endif
