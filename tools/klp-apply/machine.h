/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.h - the running kernel, our rights on it, and one loader at a time. */
#ifndef KLP_MACHINE_H
#define KLP_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct klp_err;
struct manifest;

#define BUILD_ID_HEX	41	/* with the NUL */
/* In a folder of our own: a service with ProtectSystem=strict may write in its RuntimeDirectory= alone. */
#define LOCK_DIR	"/run/quietpatch"
#define LOCK_FILE	LOCK_DIR "/lock"

struct machine {
	char release[65];	/* uname -r */
	char arch[65];		/* uname -m */
	char build_id[BUILD_ID_HEX];
};

int machine_read(struct machine *out, struct klp_err *err);

/* -ENOEXEC: the patch was built for another kernel; the text says which. */
int machine_fits(const struct machine *mc, const struct manifest *m, struct klp_err *err);

/* -EPERM: this process may not load modules, or nobody may. */
int machine_may_load(struct klp_err *err);

/* -EPERM: until it reboots, the kernel takes no modules at all. */
int machine_closed(struct klp_err *err);

/* The file of a module that modprobe would load.  -ENOENT: there is none. */
int machine_module_path(const struct machine *mc, const char *name, char *out, size_t room);

/*
 * Take the lock that keeps two klp-apply from interleaving; waits up to
 * @wait_s.  The fd in *out holds it.  -EBUSY: somebody else has it.
 */
int lock_take(unsigned int wait_s, int *out, struct klp_err *err);

#endif
