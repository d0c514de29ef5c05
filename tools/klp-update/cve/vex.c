// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vex.c - see vex.h: OpenVEX 0.2.0 and CSAF 2.0 (profile csaf_vex).
 *
 * The product is the kernel that runs here, by its release and the build-id of its image: what a live patch fixed
 * is fixed in this running kernel, not in its package.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cve.h"
#include "hex.h"
#include "jsonstr.h"
#include "state/update.h"
#include "vex.h"

#define PRODUCT		"KERNEL"
#define AUTHOR		"klp-update " QP_VERSION
#define NAMESPACE	"https://quietpatch.invalid"	/* nobody's: each machine tells for itself */

static void now_utc(char out[32])
{
	time_t t = time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* The build-id sets apart what runs from what is installed. */
static void product_url(const struct update *u, char out[400])
{
	snprintf(out, 400, "pkg:generic/linux@%s?build-id=%s", u->machine.release, u->machine.build_id);
}

/* "urn:uuid:..." of what is told, so that the same answers have the same name. */
static void document_id(const json_t *what, char out[64])
{
	char *text = json_dumps(what, JSON_COMPACT | JSON_SORT_KEYS), d[SHA256_HEX_LEN + 1] = "";

	if (!text || sha256_hex(text, strlen(text), d))
		memset(d, '0', SHA256_HEX_LEN);
	free(text);
	/* Version 8, variant 1: a form of our own. */
	snprintf(out, 64, "%.8s-%.4s-8%.3s-a%.3s-%.12s", d, d + 8, d + 12, d + 15, d + 18);
}

static const char *justification(const json_t *a)
{
	return !strcmp(str(a, "reason"), "module-absent") ? "component_not_present" : "vulnerable_code_not_present";
}

static void action(const json_t *a, char out[800])
{
	if (cve_state_of(a) == CVE_IS_MITIGATED)
		snprintf(out, 800, "A fix has to come before the mitigation expires");
	else if (*str(a, "patch"))
		snprintf(out, 800, "Let the live patch in: %s", str(a, "live_patch"));
	else if (*str(a, "fixed_in"))
		snprintf(out, 800, "Install a kernel of version %s or later, and reboot into it; live patch: %s", str(a, "fixed_in"),
			 str(a, "live_patch"));
	else
		snprintf(out, 800, "No fix is known in this branch; live patch: %s", str(a, "live_patch"));
}

/* ---- OpenVEX ---- */

static json_t *open_statement(const json_t *a, const char *url)
{
	static const char *const status[NR_CVE_STATES] = {
		[CVE_IS_FIXED_LIVE] = "fixed", [CVE_IS_FIXED_KERNEL] = "fixed", [CVE_IS_VULNERABLE] = "affected",
		[CVE_IS_MITIGATED] = "affected",
		[CVE_IS_NOT_AFFECTED] = "not_affected", [CVE_IS_UNKNOWN] = "under_investigation",
	};
	enum cve_state s = cve_state_of(a);
	char what[800];
	json_t *j = json_pack("{s:{s:s}, s:[{s:s}], s:s, s:s}", "vulnerability", "name", str(a, "cve"), "products", "@id", url,
			      "status", status[s], "status_notes", str(a, "evidence"));

	if (s == CVE_IS_NOT_AFFECTED)
		json_object_set_new(j, "justification", json_string(justification(a)));
	if (cve_is_open(a)) {
		action(a, what);
		json_object_set_new(j, "action_statement", json_string(what));
	}
	return j;
}

json_t *vex_open(const struct update *u, const json_t *answers)
{
	char url[400], now[32], id[64], name[80];
	json_t *list = json_array(), *a;
	size_t i;

	product_url(u, url);
	json_array_foreach(answers, i, a)
		json_array_append_new(list, open_statement(a, url));
	if (!json_array_size(list)) {
		json_decref(list);
		return NULL;
	}
	document_id(list, id);
	snprintf(name, sizeof(name), "urn:uuid:%s", id);
	now_utc(now);
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:o}", "@context", "https://openvex.dev/ns/v0.2.0", "@id", name,
			 "author", AUTHOR, "timestamp", now, "version", 1, "tooling", AUTHOR, "statements", list);
}

/* ---- CSAF ---- */

static json_t *csaf_vulnerability(const json_t *a)
{
	static const char *const group[NR_CVE_STATES] = {
		[CVE_IS_FIXED_LIVE] = "fixed", [CVE_IS_FIXED_KERNEL] = "fixed", [CVE_IS_VULNERABLE] = "known_affected",
		[CVE_IS_MITIGATED] = "known_affected",
		[CVE_IS_NOT_AFFECTED] = "known_not_affected", [CVE_IS_UNKNOWN] = "under_investigation",
	};
	enum cve_state s = cve_state_of(a);
	char what[800];
	json_t *j = json_pack("{s:s, s:[{s:s, s:s, s:s}], s:{s:[s]}}", "cve", str(a, "cve"), "notes", "category", "details",
			      "title", "Evidence", "text", str(a, "evidence"), "product_status", group[s], PRODUCT);

	if (*str(a, "title"))
		json_object_set_new(j, "title", json_string(str(a, "title")));
	if (s == CVE_IS_NOT_AFFECTED) {
		json_object_set_new(j, "flags", json_pack("[{s:s, s:[s]}]", "label", justification(a), "product_ids", PRODUCT));
		json_object_set_new(j, "threats", json_pack("[{s:s, s:s, s:[s]}]", "category", "impact", "details",
							    str(a, "evidence"), "product_ids", PRODUCT));
	}
	if (cve_is_open(a)) {
		action(a, what);
		json_object_set_new(j, "remediations", json_pack("[{s:s, s:s, s:[s]}]", "category", *str(a, "patch") || *str(a, "fixed_in") ?
								 "vendor_fix" : "none_available", "details", what, "product_ids", PRODUCT));
	}
	return j;
}

json_t *vex_csaf(const struct update *u, const json_t *answers)
{
	char url[400], now[32], id[64], name[200];
	json_t *list = json_array(), *a, *document;
	size_t i;

	json_array_foreach(answers, i, a)
		json_array_append_new(list, csaf_vulnerability(a));
	if (!json_array_size(list)) {
		json_decref(list);
		return NULL;
	}
	product_url(u, url);
	document_id(list, id);
	now_utc(now);
	snprintf(name, sizeof(name), "Linux %s, build-id %.40s, as it runs", u->machine.release, u->machine.build_id);
	document = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}], s:{s:{s:s, s:s}}}}",
			     "category", "csaf_vex", "csaf_version", "2.0", "title", "CVEs of a running kernel",
			     "publisher", "category", "user", "name", AUTHOR, "namespace", NAMESPACE,
			     "tracking", "id", id, "status", "final", "version", "1", "initial_release_date", now,
			     "current_release_date", now, "revision_history", "date", now, "number", "1", "summary", "as of this moment",
			     "generator", "engine", "name", "klp-update", "version", QP_VERSION);
	return json_pack("{s:o, s:{s:[{s:s, s:s, s:{s:s}}]}, s:o}", "document", document,
			 "product_tree", "full_product_names", "product_id", PRODUCT, "name", name,
			 "product_identification_helper", "purl", url, "vulnerabilities", list);
}
