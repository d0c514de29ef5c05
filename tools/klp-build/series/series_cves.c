// SPDX-License-Identifier: GPL-2.0-or-later
/* series_cves.c - which CVEs a series' patch may claim to fix: see series.h. */
#include <stdlib.h>
#include <string.h>

#include "base/report_data.h"
#include "cve_judge.h"
#include "cves.h"
#include "jsonstr.h"
#include "series.h"

/* Has the tree the commit @id, by that name or as a copy that says so? */
static bool has_commit(json_t *commits, const char *id)
{
	size_t i, k;
	json_t *c, *up;

	json_array_foreach(commits, i, c) {
		if ((!outcome_is(c, "built") && !outcome_is(c, "nothing")) || json_object_get(c, "undone_by"))
			continue;
		if (!strcmp(str(c, "id"), id))
			return true;
		json_array_foreach(json_object_get(c, "upstream"), k, up)
			if (!strcmp(json_string_value(up), id))
				return true;
	}
	return false;
}

/* Where the records name several commits of the kernel's branch that it doesn't have, one of them is no fix. */
static bool is_whole(json_t *commits, const struct cves *records, const char *version, const char *cve)
{
	const struct cve_record *r = cves_find(records, cve);
	size_t needed = 0, missing = 0;
	struct kver v;

	if (!r || kver_parse(version, &v))
		return true;
	for (size_t i = 0; i < r->nr_fixes; i++)
		if (cve_fix_is_needed(&r->fixes[i], &v)) {
			needed++;
			missing += !has_commit(commits, r->fixes[i].id);
		}
	return needed < 2 || !missing;
}

void series_cves(json_t *commits, const struct cves *records, const char *version, struct strings *out)
{
	struct strings not = { 0 };
	size_t i, k;
	json_t *c, *cve;

	json_array_foreach(commits, i, c)
		if (outcome_is(c, "refused") || outcome_is(c, "waits") || json_object_get(c, "undone_by"))
			json_array_foreach(json_object_get(c, "cves"), k, cve)
				strings_add(&not, json_string_value(cve));
	json_array_foreach(commits, i, c)
		if (outcome_is(c, "built"))
			json_array_foreach(json_object_get(c, "cves"), k, cve)
				if (!strings_have(&not, json_string_value(cve)) && is_whole(commits, records, version, json_string_value(cve)))
					strings_add_once(out, json_string_value(cve));
	strings_free(&not);
}
