/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * try.h - a build in a process of its own: whatever it meets, a crash or a hang
 * too, is told of this one alone, and its memory goes with it.
 */
#ifndef KLP_TRY_H
#define KLP_TRY_H

#include <jansson.h>
#include <stdbool.h>

struct build_options;
struct klp_err;

struct try_limits {
	unsigned int seconds;	/* 0: as long as it takes */
	bool loud;		/* stages and progress are shown, as of a build by itself */
};

/*
 * Build @diff (NULL: @o's fixes), with everything else from @o; a folder is made in @dir for its time.  *out is the build's
 * report as JSON: "outcome" built, no-change, refused, or failed (with "message").
 */
int try_build(const struct build_options *o, const char *dir, const char *diff, const struct try_limits *limits,
	      json_t **out, struct klp_err *err);

#endif
