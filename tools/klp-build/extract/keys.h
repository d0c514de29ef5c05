/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - static keys that can't have a jump label in a patch, in code of a patch.
 *
 * Loading a module registers its jump labels with their keys.  The kernel looks up the keys
 * of a module while it loads the labels', so a patch that must load without the module that
 * it is for can't have such labels.  (With it would do no better: the kernel doesn't expect that
 * a key's module goes first.)  And it writes to the key: up to 6.9, to one of vmlinux that is
 * __ro_after_init, too, which ends in a page fault.  So the patched unit is compiled once
 * more, by way of assembly, in which these tests read the key.
 */
#ifndef KLP_BUILD_KEYS_H
#define KLP_BUILD_KEYS_H

#include "base/build.h"

/*
 * Who owns the static key that relocation @key of a jump table refers to, if a patch can't
 * have a jump label of it: a module, or vmlinux whose memory it is in was made read-only.  NULL:
 * any other of vmlinux, or the patch's own.  *name: the key's.  Needs the proof.
 */
const char *key_unloadable(const struct build *b, const struct unit *u, const struct elf_reloc *key,
			   const char **name);

/* The pass, ahead of units_extract(): patched objects whose changed code has such labels are made anew without. */
int units_keys(struct build *b, struct klp_err *err);

#endif
