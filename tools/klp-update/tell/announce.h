/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce.h - after each change: tell everybody who may want to know, and a human only when one is needed.
 */
#ifndef KLP_UPDATE_ANNOUNCE_H
#define KLP_UPDATE_ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct update;

#define MOTD_FILE	"/run/quietpatch/motd"		/* a line for who logs in, while a human is needed */
#define METRICS_FILE	"/run/quietpatch/quietpatch.prom"	/* Prometheus' textfile format */

/* status.json and cves.json (public.h), journal, metrics, motd, and what is news into notices.h.  A run doesn't fail for one of them. */
void announce(struct update *u);

/* Trouble that may pass by itself is a human's only after this time. */
#define PATIENCE_S	86400

/*
 * Does a human have to see to it?  @status: status_json(); @trouble_since: since when runs have failed (0: the last one
 * didn't).  Then @text says of what, in words that everybody may read.  Pure.
 */
bool human_needed(const json_t *status, int64_t trouble_since, int64_t now, char *text, size_t size);
#endif
