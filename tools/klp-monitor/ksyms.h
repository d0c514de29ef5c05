/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ksyms.h - read /proc/kallsyms in one pass: it takes no memory and no index. */
#ifndef KLP_KSYMS_H
#define KLP_KSYMS_H

#include <stddef.h>
#include <stdint.h>

struct klp_err;

struct ksym {
	uint64_t addr;
	const char *name;
	const char *module;	/* "" = vmlinux */
	char type;		/* as nm(1) prints it */
};

/* Return 0 to go on, else the pass ends with that value. */
typedef int (*ksyms_fn)(const struct ksym *sym, void *arg);

/* -EPERM: addresses are hidden from this process. */
int ksyms_each(ksyms_fn fn, void *arg, struct klp_err *err);

#define KSYMS_NAME 96

/*
 * Name each of @nr addresses as "function+0x1a" or "function+0x1a [module]",
 * or "0x..." where nothing is known.
 */
int ksyms_name(const uint64_t *addrs, size_t nr, char (*names)[KSYMS_NAME],
		  struct klp_err *err);

#endif
