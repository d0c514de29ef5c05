/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protection.h - is this machine protected, as far as its source knows fixes?
 *
 * Made from what status tells (a JSON object), so that its first line, its exit code and its
 * details can't say different things.
 */
#ifndef KLP_UPDATE_PROTECTION_H
#define KLP_UPDATE_PROTECTION_H

#include <stdbool.h>

#include <jansson.h>

enum protection {
	PROTECTED,		/* all that the source offers is in force */
	MITIGATED,		/* the same, but there is a function that refuses until its fix comes */
	NOT_PROTECTED,
	PROTECTION_UNKNOWN,	/* the source was never asked, or didn't answer */
};

struct protection_verdict {
	enum protection is;
	int exit;		/* enum exit_code */
	char why[512];		/* with since when, and what next */
};

const char *protection_word(enum protection p);

/*
 * @status: "patches" (each with "now", "in_force", "name", "release", "reason", "changed_at"), "waiting" (each
 * with "name", "reason", "since", "until", "exit"), "last_look", "last_error", "last_exit", "disabled" (why, or empty).
 */
void protection_judge(const json_t *status, struct protection_verdict *out);

/* Is there a fix that isn't in force, or a patch that mustn't be, whatever is known of the source?  Then @out says which. */
bool protection_lacks(const json_t *status, struct protection_verdict *out);

/* Of one of these patches: was it applied, and does it have to go, since it was faulty or was withdrawn? */
bool protection_has_to_go(const json_t *patch);

#endif
