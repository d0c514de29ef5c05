/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cve_records.h - the kernel CVE team's records, read for publishing.
 *
 * They are published as one .dyad file (pairs of versions) and one .json file (CVE record 5: title, files, severity) a
 * CVE; a table with a line a CVE is read, too: CVE, first bad version, fixed version, commit, title, files, with tabs
 * between them.
 */
#ifndef KLP_REPO_CVE_RECORDS_H
#define KLP_REPO_CVE_RECORDS_H

#include <jansson.h>

struct klp_err;

/*
 * Of a folder (at any depth) or a file: {"CVE-2026-1": {"pairs": [["5.15", "6.1.177"], ...], "title", "severity", "files":
 * [...]}}; what isn't told is left out.  "0" in a pair: since ever, not fixed.  Rejected CVEs are left out.  -ENOENT: none.
 */
int cve_records_read(const char *path, json_t **out, struct klp_err *err);

/* The parsers; pure functions of (buf, len) that add to @out.  -EBADMSG. */
int cve_records_dyad(const char *buf, size_t len, const char *cve, json_t *out, struct klp_err *err);
int cve_records_json(const char *buf, size_t len, json_t *out, struct klp_err *err);
int cve_records_table(const char *buf, size_t len, json_t *out, struct klp_err *err);

#endif
