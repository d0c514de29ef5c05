/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - static keys that modules own, in code of a patch.
 *
 * The kernel looks up the keys of a module's jump labels while it loads, so a patch
 * that must load without the module that it is for can't have such labels.  (With it
 * would do no better: the kernel doesn't expect that a key's module goes first.)  The patched
 * unit is compiled once more, by way of assembly, in which these tests read the key.
 */
#ifndef KLP_BUILD_KEYS_H
#define KLP_BUILD_KEYS_H

#include "base/build.h"

/*
 * The module that owns the static key that relocation @key of a jump table refers
 * to, or NULL: vmlinux, or the patch itself.  Needs the proof.
 */
const char *key_module(const struct build *b, const struct unit *u, const struct elf_reloc *key,
		       const char **name);

/* The pass, ahead of units_extract(): patched objects whose changed code has such labels are made anew without. */
int units_keys(struct build *b, struct klp_err *err);

#endif
