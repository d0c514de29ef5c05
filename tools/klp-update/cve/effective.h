/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * effective.h - one version for people and scanners: this kernel with these patches has the CVE fixes of 6.1.N, but for ...
 *
 * N is the highest version of the kernel's own branch a fix of which is in force as a live patch; without one it is the
 * kernel's own.  "But for" are the CVEs that are fixed between the kernel's own and that one, and aren't here, or of which
 * it isn't known.  It speaks of CVEs alone: 6.1.N has other changes, too.
 */
#ifndef KLP_UPDATE_EFFECTIVE_H
#define KLP_UPDATE_EFFECTIVE_H

#include <jansson.h>

struct update;

#define EFFECTIVE_WORD	"effective"
#define EFFECTIVE_NAMED	8	/* of the exceptions */

/*
 * From cve_answers(): {"version", "but_for": names, "but_for_total": number, "why"}; "version" is "" if it isn't known, and
 * "why" says why.
 */
json_t *effective_of(const struct update *u, const json_t *answers);
/* As the last run had it: {} before the first one. */
json_t *effective_json(const struct update *u);

#endif
