/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ending.h - how an earlier boot ended: by a shutdown, by a crash of the kernel's, or nobody knows.
 *
 * Two witnesses. A shutdown leaves a mark in the state folder (klp-update shutdown, the last that init does of
 * ours). A kernel that panics leaves its last words with pstore or kdump, where the machine has such a place.
 * Neither: the power failed, or the machine hung and was reset; that is doubtful.
 */
#ifndef KLP_UPDATE_ENDING_H
#define KLP_UPDATE_ENDING_H

#include <stddef.h>

struct klp_err;
struct patch_row;
struct update;

enum ending {
	ENDED_UNKNOWN,		/* neither mark nor last words */
	ENDED_CLEAN,		/* by a shutdown */
	ENDED_CRASH,		/* there are last words; not of this patch */
	ENDED_BY_PATCH,		/* the last words have a frame of this patch's code, or of what it replaces */
};

/* The boot that @p's state is of.  @why: of the last two, the kernel's words, or which file has them. */
enum ending ending_of(const struct update *u, const struct patch_row *p, char *why, size_t size);

/*
 * Who runs now hasn't shut down: an earlier mark of this boot goes.  And the mark's file is made with its full
 * length, so that a disk that is full at shutdown can still take the mark.  Trouble is told, and isn't an error.
 */
void ending_prepare(const struct update *u);
/* Leave the mark. */
int ending_mark(const struct update *u, struct klp_err *err);

#endif
