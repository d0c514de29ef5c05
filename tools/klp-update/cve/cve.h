/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cve.h - what this machine can say of CVEs, with the evidence for each word.
 *
 * From three witnesses: the kernel CVE team's records, which the source publishes for this kernel build; the kernel itself, which
 * says what patches are in force and what modules are loaded; and the signed manifests of the patches.  What none of them
 * shows is unknown: a wrong "not affected" is the worst answer there is.
 */
#ifndef KLP_UPDATE_CVE_H
#define KLP_UPDATE_CVE_H

#include <stdbool.h>

#include <jansson.h>

#include "cve_judge.h"

struct klp_err;
struct update;

#define CVE_PAIRS_MAX	64
/* The pairs of versions of a record; -EBADMSG: more than that, or no record. */
int cve_pairs(const json_t *record, struct cve_pair pairs[CVE_PAIRS_MAX], size_t *nr);

enum cve_state {
	CVE_IS_FIXED_LIVE,	/* by a live patch that is in force */
	CVE_IS_FIXED_KERNEL,
	CVE_IS_VULNERABLE,
	CVE_IS_MITIGATED,	/* vulnerable, and a function refuses until a mitigation expires */
	CVE_IS_NOT_AFFECTED,	/* it came in later, isn't compiled, or its module can't be loaded */
	CVE_IS_UNKNOWN,
	NR_CVE_STATES
};
/* "fixed-live", "fixed-kernel", "vulnerable", "mitigated", "not-affected", "unknown" */
const char *cve_state_name(enum cve_state s);
enum cve_state cve_state_of(const json_t *answer);
/* Vulnerable, mitigated or not. */
bool cve_is_open(const json_t *answer);

/*
 * All that is known of each CVE, by name: a new list of {"cve", "state", "evidence"} and, where they are known, "title",
 * "severity", "since" and "fixed_in" (versions), "files", "patch" and "release" (that fix it, or are offered), "live_patch" (a
 * sentence: offered, and why it isn't in; or why none is possible), "reason" (of not-affected: "introduced-later",
 * "not-compiled", "module-absent").
 */
int cve_answers(struct update *u, json_t **out, struct klp_err *err);
/* Of what cve_answers() said before: {"concern", "covered", "open", "mitigated" (of those), "critical", "high", "reboot", "unknown", "as_of"}: numbers, and the records' date ("": none). */
json_t *cve_summary(const struct update *u, const json_t *answers);
#endif
