/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.h - what klp-apply's commands share: options, the reply, exit statuses.
 *
 * A command fills the reply's JSON as it goes and prints for people unless
 * --json was given.  On failure it leaves the sentence in `err` and returns
 * the exit status; main() prints it once.
 */
#ifndef KLP_APPLY_H
#define KLP_APPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "exits.h"
#include "kick.h"
#include "stragglers.h"

struct apply {
	/* options */
	unsigned int timeout_s;		/* of a transition */
	bool json;
	bool all;
	bool strict;
	uint32_t max_pause_us;		/* with strict; 0: no limit */
	bool no_monitor;
	enum kick kick;
	double kick_after_s;
	enum stragglers stragglers;
	bool no_settle;
	bool verify_only;
	double for_s;			/* check: how long to look on; 0: until it is clear, 2 s at most */
	const char *timeline;		/* file for a picture of the switch, or NULL */
	bool insecure;
	unsigned int allow;		/* enum memory_allow */
	const char *keyring;		/* folder */
	const char *signers;		/* "root", "folder", or NULL: folder if a keyring was named */
	const char *root;		/* file: where trust in a publisher starts */
	const char *roots;		/* folder with later ones; NULL: none but klp-update's */
	const char *log_policy;		/* file: which public logs count */
	/* reply */
	json_t *reply;			/* object */
	struct klp_err err;
};

typedef int (*command_fn)(struct apply *a, int argc, char **argv);

int cmd_load(struct apply *a, int argc, char **argv);
int cmd_revert(struct apply *a, int argc, char **argv);
int cmd_resume(struct apply *a, int argc, char **argv);
int cmd_status(struct apply *a, int argc, char **argv);
int cmd_list(struct apply *a, int argc, char **argv);
int cmd_info(struct apply *a, int argc, char **argv);
int cmd_check(struct apply *a, int argc, char **argv);
int cmd_blockers(struct apply *a, int argc, char **argv);
int cmd_settle(struct apply *a, int argc, char **argv);
int cmd_withdraw(struct apply *a, int argc, char **argv);
int cmd_history(struct apply *a, int argc, char **argv);
int cmd_trust(struct apply *a, int argc, char **argv);

/* Print to stdout for people; nothing with --json. */
void say(const struct apply *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As klp_err_set(), but returns @status. */
int refuse(struct apply *a, enum exit_code status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
