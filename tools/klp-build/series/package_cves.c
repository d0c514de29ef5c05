// SPDX-License-Identifier: GPL-2.0-or-later
/* package_cves.c - CVEs and the files of an update: see package.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cve_judge.h"
#include "cves.h"
#include "jsonstr.h"
#include "package.h"
#include "target/prepare.h"
#include "target/target.h"

/* "6.1.176" of "6.1.176-1". */
static void upstream_version(const char *package, char out[32])
{
	snprintf(out, 32, "%.*s", (int)strcspn(package, "-+~"), package);
}

bool pkg_fixes(const struct pkg *p, const struct cve_record *r)
{
	struct kver old, new, fixed;
	bool fixes = false;
	char text[32];

	upstream_version(p->target->version, text);
	if (kver_parse(text, &old))
		return false;
	upstream_version(p->version, text);
	if (kver_parse(text, &new))
		return false;
	/* Of several faults, or of one that took several commits, all. */
	for (size_t i = 0; i < r->nr_fixes; i++) {
		if (!cve_fix_is_needed(&r->fixes[i], &old))
			continue;
		if (!kver_parse(r->fixes[i].fixed, &fixed) && kver_compare(&fixed, &new) > 0)
			return false;
		fixes = true;
	}
	return fixes;
}

bool pkg_compiles(const struct pkg *p, const struct cve_record *r)
{
	bool header = false, unit = false, other = false;

	for (size_t i = 0; i < r->files.nr; i++) {
		const char *path = r->files.list[i];
		bool compiled = pkg_is_source(p, path);

		header |= ends_with(path, ".h") && !source_left_out(path);
		unit |= compiled;
		other |= ends_with(path, ".c") && !compiled;
	}
	/* A header alone may matter; beside files that aren't compiled, it is theirs. */
	return unit || (header && !other);
}

/* What became of a file that isn't in; NULL: it wasn't looked at (--only). */
static const char *outcome_of(const struct pkg_file *f, json_t *changes)
{
	const char *why;
	size_t i;
	json_t *c;

	json_array_foreach(changes, i, c)
		if (!strcmp(str(c, "file"), f->path))
			return str(c, "outcome");
	return pkg_without_try(f, &why);
}

bool pkg_leaves_out(const struct pkg *p, const bool *on, json_t *changes, const char *path)
{
	const struct pkg_file *f = pkg_find(p, path);
	const char *outcome = f && !on[f - p->files] ? outcome_of(f, changes) : NULL;

	if (!f || (on[f - p->files] && !f->part))
		return false;
	return !outcome || strcmp(outcome, "no-change");
}

/* NULL: not one of its files was looked at. */
static const char *fate(const struct pkg *p, const bool *on, json_t *changes, const struct cve_record *r)
{
	size_t in = 0, out = 0, seen = 0;

	for (size_t k = 0; k < r->files.nr; k++) {
		const struct pkg_file *f = pkg_find(p, r->files.list[k]);

		if (!f)
			continue;
		in += on[f - p->files];
		out += pkg_leaves_out(p, on, changes, f->path);
		seen += on[f - p->files] || outcome_of(f, changes);
	}
	if (in)
		return out ? "partly" : "covered";
	return !out ? "nothing" : seen ? "refused" : NULL;
}

void pkg_cves(const struct pkg *p, const bool *on, json_t *changes, const struct cves *records, json_t *list, struct strings *covered)
{
	for (size_t i = 0; i < records->nr; i++) {
		const struct cve_record *r = &records->list[i];
		const char *outcome;

		if (!r->files.nr || !pkg_fixes(p, r) || !pkg_compiles(p, r))
			continue;
		outcome = fate(p, on, changes, r);
		if (!outcome)
			continue;
		json_array_append_new(list, json_pack("{s:s,s:o,s:s}", "cve", r->name, "title", json_text(r->title), "outcome", outcome));
		if (!strcmp(outcome, "covered"))
			strings_add_once(covered, r->name);
	}
}
