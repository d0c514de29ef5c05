// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_cve.c - klp-update cve: is this machine open to it, and by what evidence? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "context.h"
#include "cve/cve.h"
#include "cve/vex.h"
#include "jsonstr.h"
#include "manifest.h"
#include "tell/public.h"

static const char *word(const json_t *a, char buf[120])
{
	switch (cve_state_of(a)) {
	case CVE_IS_FIXED_LIVE:
		snprintf(buf, 120, "fixed by live patch %s %lld", str(a, "patch"), (long long)json_integer_value(json_object_get(a, "release")));
		return buf;
	case CVE_IS_FIXED_KERNEL:
		return "fixed by this kernel";
	case CVE_IS_VULNERABLE:
		return "vulnerable";
	case CVE_IS_MITIGATED:
		snprintf(buf, 120, "mitigated, not fixed, by %s %lld", str(a, "patch"), (long long)json_integer_value(json_object_get(a, "release")));
		return buf;
	case CVE_IS_NOT_AFFECTED:
		return "not affected";
	default:
		return "unknown";
	}
}

static void print_answer(const json_t *a)
{
	char buf[120];

	printf("%-16s %s%s%s%s\n", str(a, "cve"), word(a, buf), *str(a, "severity") ? " (" : "", str(a, "severity"),
	       *str(a, "severity") ? ")" : "");
	if (*str(a, "title"))
		printf("                 %s\n", str(a, "title"));
	printf("                 %s\n", str(a, "evidence"));
}

static bool is_shown(const struct update *u, const json_t *a, const char *cve)
{
	enum cve_state s = cve_state_of(a);

	if (cve)
		return !strcmp(str(a, "cve"), cve);
	return u->all || cve_is_open(a) || (s == CVE_IS_FIXED_LIVE && !u->open);
}

/* Of one CVE: 0 fixed or not affected, 1 vulnerable or only mitigated, 3 unknown. */
static int exit_for(const json_t *a)
{
	switch (cve_state_of(a)) {
	case CVE_IS_VULNERABLE:
	case CVE_IS_MITIGATED:
		return EXIT_FAILED;
	case CVE_IS_UNKNOWN:
		return EXIT_NOT_FOUND;
	default:
		return EXIT_DONE;
	}
}

/* The state, or, for whom it is closed, what the last run told everybody. */
static int get_answers(struct update *u, json_t **out, struct klp_err *err)
{
	int ret = context_open(u, false, err);

	if (ret)
		return ret;
	return u->public_at ? public_cves(u, out, err) : cve_answers(u, out, err);
}

static void print_list(const struct update *u, const json_t *all, const json_t *chosen)
{
	json_t *s, *a;
	size_t i;

	json_array_foreach(chosen, i, a)
		print_answer(a);
	s = cve_summary(u, all);
	printf("%s%lld concern this kernel: %lld fixed by live patches, %lld open\n", json_array_size(chosen) ? "\n" : "",
	       (long long)json_integer_value(json_object_get(s, "concern")), (long long)json_integer_value(json_object_get(s, "covered")),
	       (long long)json_integer_value(json_object_get(s, "open")));
	if (!*str(s, "as_of") && !u->public_at)
		puts("the source has no CVE records for this kernel: CVEs that no patch names are unknown");
	json_decref(s);
}

static int tell(struct update *u, const json_t *all, const char *cve)
{
	json_t *chosen = json_array(), *a;
	bool open = false;
	size_t i;
	int exit;

	json_array_foreach(all, i, a) {
		if (!is_shown(u, a, cve))
			continue;
		json_array_append(chosen, a);
		open |= cve_is_open(a);
	}
	exit = u->open && open ? EXIT_FAILED : EXIT_DONE;
	if (cve && !json_array_size(chosen))
		json_array_append_new(chosen, json_pack("{s:s, s:s, s:s}", "cve", cve, "state", cve_state_name(CVE_IS_UNKNOWN), "evidence",
							"neither a record nor a patch that this machine knows of names it"));
	if (cve)
		exit = exit_for(json_array_get(chosen, 0));
	if (u->json)
		update_print_json(json_incref(chosen));
	else if (cve)
		print_answer(json_array_get(chosen, 0));
	else
		print_list(u, all, chosen);
	json_decref(chosen);
	return exit;
}

int cmd_cve(struct update *u, int argc, char **argv)
{
	bool csaf = u->format && !strcmp(u->format, "csaf"), vex = csaf || (u->format && !strcmp(u->format, "openvex"));
	struct klp_err err = { 0 };
	json_t *all, *doc;
	int exit;

	for (char *c = argc ? argv[0] : ""; *c; c++)
		*c = *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c;
	if (argc && !manifest_is_cve(argv[0]))
		return update_usage(u, "%s: a CVE has a name like CVE-2026-12345", argv[0]);
	if (u->format && !vex)
		return update_usage(u, "--format %s: it must be openvex or csaf", u->format);
	if ((argc || vex) && (u->all || u->open))
		return update_usage(u, "--all and --open go with neither a CVE's name nor --format");
	if (get_answers(u, &all, &err))
		return update_fail(u, &err);
	if (!vex) {
		exit = tell(u, all, argc ? argv[0] : NULL);
		json_decref(all);
		return exit;
	}
	doc = csaf ? vex_csaf(u, all) : vex_open(u, all);
	exit = doc ? EXIT_DONE : EXIT_NOTHING;
	json_decref(all);
	if (!doc)
		return update_fail(u, (klp_err_set(&err, -ENOENT, "no CVE is known here, and such a document can't be empty"), &err));
	update_print_json(doc);
	return exit;
}
