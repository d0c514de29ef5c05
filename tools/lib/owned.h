/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owned.h - files that nobody else can have put there. */
#ifndef KLP_OWNED_H
#define KLP_OWNED_H

struct klp_err;

/*
 * Can nobody but root and us replace @path or change what it holds?  It, each folder above it, and each symbolic link on the
 * way, with all that is above its target, have to belong to root or to the caller, and nobody else may write there; a folder
 * above, with the sticky bit (/tmp), may be written to, since there nobody renames what isn't theirs.  What was
 * found stays so: only root and the caller can change it afterwards.
 * -EPERM: somebody can; -ELOOP; errors of lstat(2).
 */
int owned_check(const char *path, struct klp_err *err);

#endif
