/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cves.h - the kernel's own CVE records: which commit fixes which CVE, in which
 * files.  They are published as one .dyad and one .json file a CVE; a table with a
 * line a CVE (docs/recipes.md) is read, too.
 */
#ifndef KLP_CVES_H
#define KLP_CVES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct klp_err;
struct kver;
struct sp_commit;

struct cve_fix {
	char first_bad[24];	/* version that has the fault first; "" or "0": not told */
	char fixed[24];		/* version with the fix */
	char id[41];		/* of the commit there */
};

struct cve_record {
	char name[32];		/* CVE-2026-52928 */
	char *title;		/* the fix's subject; may be "" */
	char upstream[41];	/* the fix in Linus' tree; "" if not told */
	struct cve_fix *fixes;
	size_t nr_fixes;
	struct strings files;
};

struct cves {
	struct cve_record *list;	/* by name */
	size_t nr;
};

/* NULL: none of that name. */
const struct cve_record *cves_find(const struct cves *c, const char *name);
/* Does a kernel of version @v of the same branch need it: fixed behind @v, and the fault isn't newer? */
bool cve_fix_is_needed(const struct cve_fix *f, const struct kver *v);

/* A table, a .dyad or .json file, or a folder with such files (at any depth). */
int cves_load(const char *path, struct cves *out, struct klp_err *err);
void cves_free(struct cves *c);

/* The parsers: pure functions of (buf, len).  -EBADMSG names the line. */
int cves_parse_table(const char *buf, size_t len, struct cves *out, struct klp_err *err);
int cves_parse_dyad(const char *buf, size_t len, const char *name, struct cves *out, struct klp_err *err);
int cves_parse_json(const char *buf, size_t len, struct cves *out, struct klp_err *err);

/*
 * Does the record mean a commit by its own id, by one that it is a copy of, or, where neither is told, by subject
 * and one of its files?
 */
bool cve_is_fixed_by(const struct cve_record *r, const char *id, const struct strings *upstream, const char *subject,
		     const struct strings *files);
/* Add the CVEs that the records say @c fixes, each once. */
void cves_of_commit(const struct cves *records, const struct sp_commit *c, struct strings *out);

#endif
