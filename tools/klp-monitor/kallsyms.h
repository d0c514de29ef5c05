/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms.h - read /proc/kallsyms in one pass: it takes no memory and no index. */
#ifndef KLP_KALLSYMS_H
#define KLP_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

struct klp_err;

struct kallsym {
	uint64_t addr;
	const char *name;
	const char *module;	/* "" = vmlinux */
	char type;		/* as nm(1) prints it */
};

/* Return 0 to go on, else the pass ends with that value. */
typedef int (*kallsyms_fn)(const struct kallsym *sym, void *arg);

/* -EPERM: addresses are hidden from this process. */
int kallsyms_each(kallsyms_fn fn, void *arg, struct klp_err *err);

#define KALLSYMS_NAME 96

/*
 * Name each of @nr addresses as "function+0x1a" or "function+0x1a [module]",
 * or "0x..." where nothing is known.
 */
int kallsyms_name(const uint64_t *addrs, size_t nr, char (*names)[KALLSYMS_NAME],
		  struct klp_err *err);

#endif
