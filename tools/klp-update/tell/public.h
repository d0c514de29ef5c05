/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * public.h - the part of the state that everybody may read.
 *
 * The state folder is root's: who can open state.db can lock it, and its reasons name processes and times.  Each run
 * writes PUBLIC_FILE from it: patches and what waits, with a word for the reason, never when something
 * will be tried or released, never a message.  It lies in /run and goes with the boot.
 */
#ifndef KLP_UPDATE_PUBLIC_H
#define KLP_UPDATE_PUBLIC_H

#include <jansson.h>

struct klp_err;
struct update;

#define PUBLIC_FILE	"/run/quietpatch/status.json"
#define CVES_FILE	"/run/quietpatch/cves.json"	/* for scanners: cve_answers() and cve_summary() */

/* The word in the database that holds cve_summary() of the last run. */
#define CVES_WORD	"cve-summary"

/* Write it, as well as that goes: a run doesn't fail for it. */
void public_write(struct update *u);
/*
 * For whom the state is closed: a database in memory, u->db, with what is in the file, and u->public_at.  One that
 * isn't there, isn't root's, or is of another boot gives an empty one that says so.
 */
int public_read(struct update *u, struct klp_err *err);
/* What CVES_FILE says; patches that have left the kernel since then are taken out of its words.  A new reference. */
int public_cves(const struct update *u, json_t **out, struct klp_err *err);

#endif
