/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decide.h - may this candidate be applied now?  Pure functions of what is known.
 */
#ifndef KLP_UPDATE_DECIDE_H
#define KLP_UPDATE_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

struct candidate;
struct hold;
struct patch_row;
struct patch_rows;
struct settings;

#define PAUSE_MAX_S	86400	/* between two attempts with one bundle */

enum decision {
	DECIDE_APPLY,
	DECIDE_HAVE,		/* it is applied, or will be again by itself */
	DECIDE_WAIT,		/* `reason`, `until` (0: no end) */
	DECIDE_REFUSE,		/* trust: `reason` */
};

struct verdict {
	enum decision decision;
	bool asks;		/* WAIT: for the operator's word */
	int exit;		/* what a run that ends with it alone exits with */
	int64_t until;
	char reason[512];
};

struct circumstances {
	const char *build_id;
	const char *boot_id;
	int64_t time;			/* seconds since the epoch */
	const struct hold *held_all;	/* or NULL */
	const struct hold *held;	/* this name, or NULL */
	const char *halted;		/* why the publisher has halted new patches; NULL or "": not at all */
	const struct settings *settings;
	const char *machine_id;		/* "": there is none */
	int64_t first_seen;		/* of this release, seconds since the epoch */
	bool approved;			/* by the operator, this release */
	int severity;			/* of the worst CVE that it fixes (policy.h); 0: not known */
};

/* Has @p failed in this boot, so lately that it isn't tried again yet? */
bool must_pause(const struct patch_row *p, const char *boot_id, int64_t now);

void decide(const struct candidate *c, const struct patch_rows *known,
	    const struct circumstances *now, struct verdict *out);

#endif
