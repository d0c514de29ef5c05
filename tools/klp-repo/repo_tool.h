/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_tool.h - what klp-repo's commands share.
 */
#ifndef KLP_REPO_TOOL_H
#define KLP_REPO_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "exits.h"
#include "repo.h"
#include "rollout.h"

#define REPO_KEYS_MAX	16
#define REPO_ROOT_FILE	"/etc/quietpatch/root.json"	/* as klp-apply and klp-update have it */

struct klp_err;
struct keyring;
struct signing_key;

struct repo_options {
	bool json;
	const char *key[REPO_KEYS_MAX];	/* --key: private key files */
	int nr_keys;
	bool passphrase;	/* --passphrase: of the new key */
	const char *role[REPO_KEYS_MAX];	/* --role NAME=[THRESHOLD:]FILE,... */
	int nr_roles;
	const char *state;	/* --state: the publisher's folder; NULL: DIR.state */
	const char *root;	/* --root: a trusted root.json; NULL: the state folder's */
	const char *reason;	/* --reason */
	const char *kernel;	/* --kernel: a build-id */
	uint64_t release;	/* --release */
	const char *keys;	/* --keys: folder of trusted keys */
	const char *output;	/* --output */
	const char *repo;	/* --repo: the repository's folder */
	long within;		/* --within, hours; 0: the default */
	long expires;		/* --expires, days; 0: the defaults (master.h) */
	struct rollout rollout;	/* --rollout */
	const char *exploited;	/* --exploited: yes, no, or NULL: as it was */
	char maintained_until[REPO_TIME_LEN];	/* --maintained-until; "": as it was */
	const char *cves;	/* --cves: folder or file of CVE records */
	const char *files;	/* --files: of `klp-build files` */
	const char *survey;	/* --survey: of `klp-build survey --json` */
};

/* Each command: @argv holds its operands only.  Returns an exit code. */
int cmd_keygen(const struct repo_options *opt, int argc, char **argv);
int cmd_sign(const struct repo_options *opt, int argc, char **argv);
int cmd_verify(const struct repo_options *opt, int argc, char **argv);
int cmd_init(const struct repo_options *opt, int argc, char **argv);
int cmd_timestamp(const struct repo_options *opt, int argc, char **argv);
int cmd_rotate(const struct repo_options *opt, int argc, char **argv);
int cmd_revoke(const struct repo_options *opt, int argc, char **argv);
int cmd_withdraw(const struct repo_options *opt, int argc, char **argv);
int cmd_halt(const struct repo_options *opt, int argc, char **argv);
int cmd_resume(const struct repo_options *opt, int argc, char **argv);
int cmd_publish(const struct repo_options *opt, int argc, char **argv);
int cmd_probe(const struct repo_options *opt, int argc, char **argv);
int cmd_list(const struct repo_options *opt, int argc, char **argv);

/* log_main.c: `klp-repo log`, with options of its own; from its own name on. */
int cmd_log(int argc, char **argv);

#endif
