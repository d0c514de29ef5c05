/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - the running kernel as /proc and /sys show it.
 */
#ifndef KLP_UPDATE_MACHINE_H
#define KLP_UPDATE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct klp_err;

struct machine {
	const char *root;	/* "" or a folder that stands for /, for tests */
	char release[65];	/* 6.1.0-50-cloud-amd64 */
	char build_id[129];	/* lower-case hex, of /sys/kernel/notes */
	char boot_id[65];	/* another one after each boot */
	char id[65];		/* of this installation, never told to anybody; "": it has none */
};

int machine_read(const char *root, struct machine *out, struct klp_err *err);

/* What the core module says of a patch module. */
enum patch_in_kernel {
	IN_KERNEL_NOT,		/* no such patch, or its module is there and not switched to */
	IN_KERNEL_SWITCHING,
	IN_KERNEL_APPLIED,
};
enum patch_in_kernel machine_patch(const struct machine *m, const char *module);

/* Is that release of it in force?  (A core that doesn't tell releases: is it at all?) */
bool machine_has(const struct machine *m, const char *module, int64_t release);

/* Has a later release, or a cumulative patch, taken over from it? */
bool machine_replaced(const struct machine *m, const char *module);

enum module_presence {
	MODULE_LOADED,
	MODULE_LOADABLE,	/* or it isn't known that it isn't */
	MODULE_ABSENT,		/* neither loaded nor among the files that modprobe knows for this kernel */
	MODULE_LOCKED_OUT,	/* not loaded, and no module can be until the next boot (kernel.modules_disabled) */
};
enum module_presence machine_module(const struct machine *m, const char *name);

struct kernel_patch {
	char module[64], name[64];
	int64_t release;	/* 0: not known */
	char state[32];
	bool in_force;		/* applied, and none has taken over from it */
	bool cumulative;
};
/* All patches in the kernel, ours and others'; malloc()ed.  No core module: none. */
int machine_patches(const struct machine *m, struct kernel_patch **out, size_t *nr);
/* The highest release of @name that is in force, whoever loaded it; 0: none. */
int64_t machine_release(const struct machine *m, const char *name);

/* Is a module of that name in the kernel, or built in? */
bool machine_has_module(const struct machine *m, const char *name);

/* How often what a patch forbids was tried; -1: it doesn't count, or we may not look. */
int64_t machine_attempts(const struct machine *m, const char *module);

/* Taint flags that a fault sets: an oops, a warning, a soft lockup. */
uint64_t machine_faults(const struct machine *m);

#endif
