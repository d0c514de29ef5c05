/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree.h - files below a folder in which others may have put anything: no link is followed. */
#ifndef KLP_REPO_TREE_H
#define KLP_REPO_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct klp_err;

/* Is @path a regular file of those bytes? */
bool tree_has(int root, const char *path, const void *data, size_t len);
/* Replace @path as a whole, its folders made; @sync: it is on the disk afterwards, else after a syncfs(). */
int tree_write(int root, const char *path, const void *data, size_t len, mode_t mode, bool sync, struct klp_err *err);

#endif
