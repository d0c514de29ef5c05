/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cve_records.h - the records that the source publishes for this kernel build, kept in the state folder. */
#ifndef KLP_UPDATE_CVE_RECORDS_H
#define KLP_UPDATE_CVE_RECORDS_H

#include <jansson.h>

struct candidates;
struct klp_err;
struct source;
struct update;

/* Fetch them, if they have changed. */
int cve_records_sync(struct update *u, struct source *src, const struct candidates *all, struct klp_err *err);
/* The kept ones, a new reference; NULL in *@out: there are none for this kernel build. */
int cve_records_load(const struct update *u, json_t **out, struct klp_err *err);

/* The worst rating of the CVEs in @cves (a JSON list as text), by policy.h; 0: one of them isn't rated, or none is there. */
int cve_worst(const json_t *records, const char *cves);

#endif
