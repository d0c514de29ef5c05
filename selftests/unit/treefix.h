/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * treefix.h - a prepared kernel of a few files, with real compile commands, and
 * a fix of it: what the tests of unit selection, overlay and compilation share.
 */
#ifndef UNIT_TREEFIX_H
#define UNIT_TREEFIX_H

#include <stdio.h>

#include "base/build.h"
#include "err.h"
#include "fix/fix.h"
#include "target/target_priv.h"

struct treefix {
	char *folder;		/* src/, obj/, commands; work/ is the build's */
	struct target target;
	struct target_priv priv;
	struct fix fix;
	struct text commands, diff;
	struct build b;
	FILE *log;		/* what the report says */
	char *said;
	size_t said_len;
	struct klp_err err;
};

/* An empty tree, but for include/linux/kconfig.h, which every command includes. */
void tree_setup(struct treefix *f);
void tree_teardown(struct treefix *f);
/* A file of the tree, e.g. "src/a/x.h". */
void tree_file(struct treefix *f, const char *path, const char *text);
/* A unit, "a/x.c", with its command; @flags go into it ("-DMODULE -DKBUILD_MODNAME='\"x\"'"). */
void tree_unit(struct treefix *f, const char *path, const char *flags, const char *text);
/* The fix changes (NULL: creates) a file of src/ to @text. */
void tree_change(struct treefix *f, const char *path, const char *text);
/* All is there: load the commands, make the overlay. */
void tree_load(struct treefix *f);
void tree_overlay(struct treefix *f);
/* Contents of a file below the folder; free() them.  NULL: none. */
char *tree_read(const struct treefix *f, const char *path);
/* What the report has said so far. */
const char *tree_said(struct treefix *f);

#endif
