/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cve_files.h - files of CVE records: where they lie and which form each has. */
#ifndef KLP_CVE_FILES_H
#define KLP_CVE_FILES_H

#include <stddef.h>

#include "err.h"

enum cve_form {
	CVE_JSON,	/* CVE record 5 */
	CVE_DYAD,	/* "first bad version:commit:fixed version:commit" lines of one CVE */
	CVE_TABLE,	/* a line a CVE, with tabs */
};

/* What is in one file; @cve: of a .dyad file, whose lines don't name it, else NULL. */
typedef int (*cve_take_fn)(enum cve_form form, const char *cve, const char *buf, size_t len, void *arg, struct klp_err *err);

/*
 * A folder: the CVE-*.dyad and CVE-*.json files in it, at any depth, links not followed.  A file: by its
 * name one of these, or a table.  Ends with the first error of @take, or of a file that can't be read.
 */
int cve_files_read(const char *path, cve_take_fn take, void *arg, struct klp_err *err);

#endif
