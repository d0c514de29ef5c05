// SPDX-License-Identifier: GPL-2.0-or-later
/* cve.c - see cve.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/local_time.h"
#include "cve.h"
#include "cve_judge.h"
#include "cve_records.h"
#include "err.h"
#include "jsonstr.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "state/update.h"

static const char *const names[NR_CVE_STATES] = {
	[CVE_IS_FIXED_LIVE] = "fixed-live",
	[CVE_IS_FIXED_KERNEL] = "fixed-kernel",
	[CVE_IS_VULNERABLE] = "vulnerable",
	[CVE_IS_MITIGATED] = "mitigated",
	[CVE_IS_NOT_AFFECTED] = "not-affected",
	[CVE_IS_UNKNOWN] = "unknown",
};

const char *cve_state_name(enum cve_state s)
{
	return names[s];
}

enum cve_state cve_state_of(const json_t *answer)
{
	for (int i = 0; i < NR_CVE_STATES; i++)
		if (!strcmp(names[i], str(answer, "state")))
			return i;
	return CVE_IS_UNKNOWN;
}

bool cve_is_open(const json_t *answer)
{
	enum cve_state s = cve_state_of(answer);

	return s == CVE_IS_VULNERABLE || s == CVE_IS_MITIGATED;
}

/* What is known of all patches: by CVE, of the one that fixes it now, of a mitigation, and of one that isn't in force. */
struct witnesses {
	struct update *u;
	json_t *records;	/* cve_records_load() */
	const char *version;	/* of the kernel's package */
	struct kver kver;
	json_t *in_force;	/* CVE: {"patch", "release"} */
	json_t *mitigated;	/* CVE: {"patch", "release", "why": until when} */
	json_t *offered;	/* CVE: {"patch", "release", "why"} */
};

/* ---- patches ---- */

static void note_cves(json_t *by_cve, const json_t *cves, const char *patch, int64_t release, const char *why)
{
	const char *cve;
	json_t *item;
	size_t i;

	json_array_foreach(cves, i, item) {
		cve = json_string_value(item);
		/* The highest release speaks for all. */
		if (cve && json_integer_value(json_object_get(json_object_get(by_cve, cve), "release")) <= release)
			json_object_set_new(by_cve, cve, json_pack("{s:s, s:I, s:s}", "patch", patch, "release",
								   (json_int_t)release, "why", why));
	}
}

static void note_row(struct witnesses *w, const struct patch_row *p)
{
	json_t *cves = json_loads(p->cves, 0, NULL);
	bool in_force = machine_has(&w->u->machine, p->module, p->release) && !machine_replaced(&w->u->machine, p->module);
	char until[32];

	local_time(p->expires, until);
	/* Whoever loaded it: what counts is that the kernel has it, and that nothing has taken over from it. */
	if (in_force && p->expires > time(NULL))
		note_cves(w->mitigated, cves, p->name, p->release, until);
	else if (in_force && !p->expires)
		note_cves(w->in_force, cves, p->name, p->release, "");
	else if (p->state != PATCH_SUPERSEDED)
		note_cves(w->offered, cves, p->name, p->release, in_force ? "a mitigation that has expired" :
			  *p->reason ? p->reason : patch_state_name(p->state));
	json_decref(cves);
}

static int note_patches(struct witnesses *w, struct klp_err *err)
{
	struct patch_rows rows;
	json_t *waiting, *item;
	size_t i;
	int ret;

	ret = store_patches(w->u->db, &rows, err);
	if (ret)
		return ret;
	for (i = 0; i < rows.nr; i++)
		if (!strcmp(rows.rows[i].build_id, w->u->machine.build_id))
			note_row(w, &rows.rows[i]);
	store_patches_free(&rows);
	ret = store_waiting(w->u->db, &waiting, err);
	if (ret)
		return ret;
	json_array_foreach(waiting, i, item)
		note_cves(w->offered, json_object_get(item, "cves"), str(item, "name"),
			  json_integer_value(json_object_get(item, "release")), str(item, "reason"));
	json_decref(waiting);
	return 0;
}

/* ---- the record ---- */

int cve_pairs(const json_t *record, struct cve_pair pairs[CVE_PAIRS_MAX], size_t *nr)
{
	const json_t *list = json_object_get(record, "pairs"), *pair;
	size_t i;

	/* A few of many would be a wrong answer. */
	if (!record || json_array_size(list) > CVE_PAIRS_MAX)
		return -EBADMSG;
	json_array_foreach(list, i, pair) {
		snprintf(pairs[i].introduced, KVER_LEN, "%s", json_string_value(json_array_get(pair, 0)) ? : "");
		snprintf(pairs[i].fixed, KVER_LEN, "%s", json_string_value(json_array_get(pair, 1)) ? : "");
	}
	*nr = json_array_size(list);
	return 0;
}

static void judge(const struct witnesses *w, const json_t *record, struct cve_verdict *out)
{
	struct cve_pair pairs[CVE_PAIRS_MAX];
	size_t nr;

	*out = (struct cve_verdict){ .is = CVE_UNKNOWN };
	if (*w->version && !cve_pairs(record, pairs, &nr))
		cve_judge(pairs, nr, &w->kver, out);
}

/*
 * Is nothing of its files here?  All must be shown: not compiled, or in modules that aren't loaded and can't be.  @why
 * and @reason then tell.
 */
static bool is_nowhere(const struct witnesses *w, const json_t *record, char *why, size_t size, const char **reason)
{
	json_t *files = json_object_get(record, "files"), *places, *place;
	const char *path, *first = NULL, *module = NULL;
	enum module_presence is = MODULE_ABSENT;
	size_t i;

	if (!json_object_size(files))
		return false;
	json_object_foreach(files, path, places) {
		if (!json_is_array(places))
			return false;
		first = first ? first : path;
		json_array_foreach(places, i, place) {
			if (!json_is_string(place) || !strcmp(json_string_value(place), "vmlinux"))
				return false;
			module = json_string_value(place);
			is = machine_module(&w->u->machine, module);
			if (is != MODULE_ABSENT && is != MODULE_LOCKED_OUT)
				return false;
		}
	}
	*reason = module ? "module-absent" : "not-compiled";
	if (module)
		snprintf(why, size, "it is in the module %s alone, which isn't loaded and %s", module, is == MODULE_ABSENT ?
			 "isn't installed for this kernel" : "can't be before the next boot (kernel.modules_disabled)");
	else
		snprintf(why, size, "%s%s not compiled into this kernel or its modules", first,
			 json_object_size(files) > 1 ? " and its other files are" : " is");
	return true;
}

/* ---- one CVE ---- */

static json_t *answer(const char *cve, enum cve_state state, const char *evidence)
{
	return json_pack("{s:s, s:s, s:s}", "cve", cve, "state", names[state], "evidence", evidence);
}

static const char *never(const char *version)
{
	return !strcmp(version, "0") ? "ever" : version;
}

static json_t *vulnerable(const struct witnesses *w, const char *cve, const json_t *record, const struct cve_verdict *v,
			  const json_t *offer)
{
	char live[600], evidence[1100];
	const char *path = json_object_iter_key(json_object_iter(json_object_get(record, "files")));
	json_t *a;

	if (offer)
		snprintf(live, sizeof(live), "%s %lld is offered: %.400s", str(offer, "patch"),
			 (long long)json_integer_value(json_object_get(offer, "release")), str(offer, "why"));
	else if (*str(record, "refused"))
		snprintf(live, sizeof(live), "none is possible: %.400s", str(record, "refused"));
	else
		snprintf(live, sizeof(live), "none is offered");
	if (v->is == CVE_VULNERABLE)
		snprintf(evidence, sizeof(evidence), "since %s%s%s; %s%s; live patch: %s", never(v->since), path ? ", in " : "", path ? path : "",
			 *v->fixed ? "fixed in kernels from version " : "not fixed in this branch", v->fixed, live);
	else
		snprintf(evidence, sizeof(evidence), "a live patch for exactly this kernel names it; live patch: %s", live);
	a = answer(cve, CVE_IS_VULNERABLE, evidence);
	json_object_set_new(a, "live_patch", json_string(live));
	(void)w;
	return a;
}

static json_t *not_affected(const char *cve, const char *reason, const char *evidence)
{
	json_t *a = answer(cve, CVE_IS_NOT_AFFECTED, evidence);

	json_object_set_new(a, "reason", json_string(reason));
	return a;
}

static json_t *decide(const struct witnesses *w, const char *cve, const json_t *record, const struct cve_verdict *v)
{
	const json_t *live = json_object_get(w->in_force, cve), *offer = json_object_get(w->offered, cve);
	const json_t *mitigated = json_object_get(w->mitigated, cve);
	const char *reason;
	char text[500];

	if (v->is == CVE_FIXED && !offer) {
		snprintf(text, sizeof(text), "fixed in %s, this kernel is %s", v->fixed, w->version);
		return answer(cve, CVE_IS_FIXED_KERNEL, text);
	}
	if (live) {
		snprintf(text, sizeof(text), "live patch %s %lld, which the kernel says is in force, fixes it", str(live, "patch"),
			 (long long)json_integer_value(json_object_get(live, "release")));
		return answer(cve, CVE_IS_FIXED_LIVE, text);
	}
	if (mitigated) {
		snprintf(text, sizeof(text), "not fixed; mitigation %s %lld, which the kernel says is in force, refuses until %s", str(mitigated, "patch"),
			 (long long)json_integer_value(json_object_get(mitigated, "release")), str(mitigated, "why"));
		return answer(cve, CVE_IS_MITIGATED, text);
	}
	/* Somebody proved functions of this very kernel for it: that speaks against all that says "not here". */
	if (offer && (v->is == CVE_NOT_YET || v->is == CVE_FIXED)) {
		snprintf(text, sizeof(text), "by its record it %s %s, and this kernel is %s; but %s %lld, for exactly this kernel, names it",
			 v->is == CVE_FIXED ? "was fixed in" : "came in with", v->is == CVE_FIXED ? v->fixed : v->since,
			 w->version, str(offer, "patch"), (long long)json_integer_value(json_object_get(offer, "release")));
		return answer(cve, CVE_IS_UNKNOWN, text);
	}
	if (v->is == CVE_NOT_YET) {
		snprintf(text, sizeof(text), "it came in with %s, this kernel is %s", v->since, w->version);
		return not_affected(cve, "introduced-later", text);
	}
	if (offer)
		return vulnerable(w, cve, record, v, offer);
	if (v->is == CVE_VULNERABLE && is_nowhere(w, record, text, sizeof(text), &reason))
		return not_affected(cve, reason, text);
	if (v->is == CVE_VULNERABLE)
		return vulnerable(w, cve, record, v, NULL);
	return answer(cve, CVE_IS_UNKNOWN, !w->records ? "the source has no CVE records for this kernel" : !record ?
		      "no record of it came with the source's" : "its record's versions can't be compared with this kernel's");
}

static void add_facts(json_t *a, const struct witnesses *w, const json_t *record, const struct cve_verdict *v)
{
	static const char *const copied[] = { "title", "severity" };
	const char *cve = str(a, "cve"), *path;
	const json_t *patch = json_object_get(w->in_force, cve);
	json_t *files, *place;

	patch = patch ? patch : json_object_get(w->mitigated, cve);
	patch = patch ? patch : json_object_get(w->offered, cve);
	for (size_t i = 0; i < 2; i++)
		if (*str(record, copied[i]))
			json_object_set(a, copied[i], json_object_get(record, copied[i]));
	if (*v->since)
		json_object_set_new(a, "since", json_string(v->since));
	if (*v->fixed)
		json_object_set_new(a, "fixed_in", json_string(v->fixed));
	if (patch) {
		json_object_set(a, "patch", json_object_get(patch, "patch"));
		json_object_set(a, "release", json_object_get(patch, "release"));
	}
	files = json_array();
	json_object_foreach(json_object_get(record, "files"), path, place)
		json_array_append_new(files, json_string(path));
	if (json_array_size(files))
		json_object_set(a, "files", files);
	json_decref(files);
}

static void add_answer(json_t *out, const struct witnesses *w, const char *cve)
{
	const json_t *record = json_object_get(json_object_get(w->records, "cves"), cve);
	struct cve_verdict v;
	json_t *a;

	judge(w, record, &v);
	a = decide(w, cve, record, &v);
	add_facts(a, w, record, &v);
	json_array_append_new(out, a);
}

/* ---- all of them ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each CVE that any witness names, once. */
static int add_all(json_t *out, const struct witnesses *w)
{
	const json_t *sources[] = { json_object_get(w->records, "cves"), w->in_force, w->mitigated, w->offered };
	const char **list, *cve;
	size_t nr = 0;
	json_t *v;

	for (size_t i = 0; i < 4; i++)
		nr += json_object_size(sources[i]);
	list = calloc(nr + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	nr = 0;
	for (size_t i = 0; i < 4; i++)
		json_object_foreach((json_t *)sources[i], cve, v)
			list[nr++] = cve;
	qsort(list, nr, sizeof(*list), by_name);
	for (size_t i = 0; i < nr; i++)
		if (!i || strcmp(list[i - 1], list[i]))
			add_answer(out, w, list[i]);
	free(list);
	return 0;
}

int cve_answers(struct update *u, json_t **out, struct klp_err *err)
{
	struct witnesses w = { .u = u, .in_force = json_object(), .mitigated = json_object(), .offered = json_object() };
	json_t *list = json_array();
	int ret;

	ret = cve_records_load(u, &w.records, err);
	w.version = str(w.records, "version");
	if (!ret && *w.version && kver_parse(w.version, &w.kver))
		w.version = "";
	if (!ret)
		ret = note_patches(&w, err);
	if (!ret && add_all(list, &w))
		ret = klp_err_sys(err, -ENOMEM, "cannot tell CVEs");
	snprintf(u->cves_version, sizeof(u->cves_version), "%s", w.version);
	snprintf(u->cves_as_of, sizeof(u->cves_as_of), "%s", str(w.records, "as_of"));
	json_decref(w.records);
	json_decref(w.in_force);
	json_decref(w.mitigated);
	json_decref(w.offered);
	if (ret)
		json_decref(list);
	else
		*out = list;
	return ret;
}

json_t *cve_summary(const struct update *u, const json_t *answers)
{
	json_int_t nr[NR_CVE_STATES] = { 0 }, open = 0, critical = 0, high = 0, reboot = 0;
	json_t *a;
	size_t i;

	json_array_foreach(answers, i, a) {
		enum cve_state s = cve_state_of(a);

		nr[s]++;
		if (!cve_is_open(a))
			continue;
		open++;
		critical += !strcmp(str(a, "severity"), "critical");
		high += !strcmp(str(a, "severity"), "high");
		/* No patch is on its way, and a later kernel of this branch has the fix. */
		reboot += !*str(a, "patch") && *str(a, "fixed_in");
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "concern", nr[CVE_IS_FIXED_LIVE] + open,
			"covered", nr[CVE_IS_FIXED_LIVE], "open", open, "mitigated", nr[CVE_IS_MITIGATED], "critical", critical, "high", high,
			"reboot", reboot, "unknown", nr[CVE_IS_UNKNOWN], "as_of", u->cves_as_of);
}
