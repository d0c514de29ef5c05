/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module.h - load and unload kernel modules, and recognise one again. */
#ifndef KLP_MODULE_H
#define KLP_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"

#define CORE_MODULE	"quietpatch"

struct klp_err;
struct elf_file;

bool module_loaded(const char *name);
/* Is its code in the kernel, as a module or built in? */
bool module_present(const char *name);

/*
 * Build-id of the loaded module @name.  With the one in its file it tells
 * whether the two are the same.
 */
int module_build_id(const char *name, char out[BUILD_ID_HEX]);
int module_file_build_id(const struct elf_file *ef, char out[BUILD_ID_HEX]);

/*
 * Before the kernel takes it: is the file what the signed manifest says, a patch module called @name for kernel
 * @release?  Whatever else was signed by mistake would run its init and stay.  -EINVAL if not.
 */
int module_is_patch(const struct elf_file *ef, const char *name, const char *release, struct klp_err *err);

/* -EKEYREJECTED; -EPERM under lockdown alone: the kernel wants a signature by a key that it knows (policy.h tells beforehand). */
int module_load(int fd, const char *name, struct klp_err *err);

/*
 * Unload; retries for @wait_s while somebody holds it, as the core does until
 * no task can be in the module's code.  -EBUSY: still held.
 */
int module_unload(const char *name, unsigned int wait_s, struct klp_err *err);

/* Run modprobe; 0 or -errno, no message. */
int module_probe(const char *name);

#endif
