/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * callers.h - who calls a function of the shipped kernel, and what they do with what it returns.
 *
 * Read from the shipped machine code of vmlinux and of the kernel's modules, so without compiling.  Not seen: calls
 * through pointers (places that hold the function's address are named instead), copies that were inlined
 * into their callers, and modules that aren't of this kernel.
 */
#ifndef KLP_CALLERS_H
#define KLP_CALLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct klp_err;
struct target;

struct caller {
	char *object;		/* "vmlinux", or a module */
	char *function;		/* "sock_map_create+0x41" */
	unsigned int use;	/* USE_* (value_use.h) */
};

struct callers {
	struct caller *list;
	size_t nr;
	struct strings pointers;	/* "vmlinux:sock_map_ops+0x18": where its address is kept or taken */
	struct strings releases;	/* what it calls to release, without what takes it: "fput (reference)" */
	struct strings acquires;	/* the reverse */
	size_t nr_copies;		/* functions of that name in its object; 0: it is inlined everywhere */
	bool exported;
	bool system_call;
};

/*
 * @object: "vmlinux" or the module that has the function; -ENOENT: it has no code.  *out is for
 * callers_free(), after an error, too.
 */
int callers_find(const struct target *t, const char *object, const char *function, struct callers *out,
		 struct klp_err *err);
void callers_free(struct callers *c);

/*
 * The kinds of thing that a function by that name gives back or takes: "lock", "reference" or "memory", NULL: none.
 * By the words of the name: "bpf_map_put" releases a reference.
 */
const char *callers_releases(const char *name);
const char *callers_acquires(const char *name);

#endif
