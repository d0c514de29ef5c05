// SPDX-License-Identifier: GPL-2.0-or-later
/* effective.c - see effective.h. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cve.h"
#include "cve_judge.h"
#include "effective.h"
#include "jsonstr.h"
#include "state/store_value.h"
#include "state/update.h"

static json_t *result(const char *version, json_t *but_for, json_int_t total, const char *why)
{
	return json_pack("{s:s, s:o, s:I, s:s}", "version", version, "but_for", but_for, "but_for_total", total, "why", why);
}

/* The version of @own's branch that fixes it, later than @own. */
static bool fixed_later(const json_t *answer, const struct kver *own, struct kver *out)
{
	return !kver_parse(str(answer, "fixed_in"), out) && out->major == own->major && out->minor == own->minor &&
	       out->patch > own->patch;
}

/* Does it concern this kernel, without being fixed in it, as far as is known? */
static bool is_lacking(const json_t *answer, const struct kver *own, const struct kver *reach)
{
	struct kver fixed;

	if (cve_state_of(answer) == CVE_IS_UNKNOWN)
		return true;
	return cve_is_open(answer) && fixed_later(answer, own, &fixed) && kver_compare(&fixed, reach) <= 0;
}

json_t *effective_of(const struct update *u, const json_t *answers)
{
	struct kver own, reach, fixed;
	json_t *a, *lacking = json_array();
	json_int_t total = 0;
	char text[KVER_LEN + 16];
	size_t i;

	if (!*u->cves_as_of || kver_parse(u->cves_version, &own))
		return result("", lacking, 0, !*u->cves_as_of ? "the source has no CVE records for this kernel" :
			      "this kernel's version isn't one that can be compared");
	reach = own;
	json_array_foreach(answers, i, a)
		if (cve_state_of(a) == CVE_IS_FIXED_LIVE && fixed_later(a, &own, &fixed) && kver_compare(&fixed, &reach) > 0)
			reach = fixed;
	json_array_foreach(answers, i, a) {
		if (!is_lacking(a, &own, &reach))
			continue;
		if (++total <= EFFECTIVE_NAMED)
			json_array_append(lacking, json_object_get(a, "cve"));
	}
	snprintf(text, sizeof(text), "%d.%d.%d", own.major, own.minor, reach.patch);
	return result(text, lacking, total, "");
}

json_t *effective_json(const struct update *u)
{
	json_t *j = store_json(u->db, EFFECTIVE_WORD);

	return j ? j : json_object();
}
