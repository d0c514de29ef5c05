/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * roots.h - klp-apply's own memory of the publisher's root.json, and whose signatures count by it.
 *
 * Trust starts from a file that the operator puts on the machine. From there on it follows the chain of roots, each of which is
 * signed by the one before and by itself, wherever a next one is found: in klp-update's folder, or beside a bundle on a USB stick.
 * The newest is remembered, so a key that a root took away stays taken away, whatever files somebody brings or puts back.
 */
#ifndef KLP_APPLY_ROOTS_H
#define KLP_APPLY_ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROOT_FILE	"/etc/quietpatch/root.json"
#define ROOTS_DIR	"/var/lib/quietpatch/roots"	/* klp-update keeps the roots that it has taken there */

struct klp_err;
struct keyring;

struct roots_from {
	const char *memory;		/* folder, of memory.h */
	const char *file;		/* the operator's root.json */
	const char *folders[2];		/* with VERSION.root.json, as in a repository's metadata/; NULL: none */
	bool anew;			/* start from `file`, whatever is remembered: the operator's explicit choice */
};

/*
 * The keys of the newest root that can be reached, which is remembered before it is used.  *version: that root's; 0 with *out
 * NULL: no root is trusted here, neither by a file nor from before.
 * Nothing is guessed: -EBADMSG the memory, or a root, is damaged; -ESTALE the operator's file is neither of this chain nor
 * newer; -EKEYREJECTED a root in a folder isn't signed by the one before it; -EPERM others could replace the operator's file; and what keeps
 * it from being remembered.
 */
int roots_keyring(const struct roots_from *from, struct keyring **out, int64_t *version, struct klp_err *err);

#endif
