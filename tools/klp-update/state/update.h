/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update.h - what klp-update's commands share.
 *
 * klp-update is the background: a timer starts it, it looks for a patch for
 * the running kernel, verifies it, has klp-apply load it, remembers, and exits.
 */
#ifndef KLP_UPDATE_H
#define KLP_UPDATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "err.h"
#include "exits.h"
#include "machine/machine.h"
#include "settings/settings.h"

struct db;

struct update {
	/* options of the command line */
	bool json;
	bool all;		/* retry, approve, cve --all */
	bool open;		/* cve --open */
	const char *format;	/* cve --format */
	const char *user;	/* notify --user */
	bool flag;		/* advise --reboot-required */
	bool wait;		/* stay until what was applied has been watched */
	const char *until;	/* hold --until */
	const char *reason;	/* hold --reason */
	/* what every command needs */
	struct settings settings;
	char config[PATH_MAX];	/* the file that they were read from */
	struct machine machine;
	/* of the commands that open it */
	struct db *db;
	int lock;		/* fd, or -1 */
	char cves_version[64];	/* of the kernel, by those records */
	char cves_as_of[32];	/* of the CVE records that cve_answers() used; "": none */
	char halted[512];	/* why the publisher has halted all new patches, as the look of this run says; "": nothing of that */
	int64_t public_at;	/* `db` is the public part (public.h), of that time; else 0 */
};

typedef int (*command_fn)(struct update *u, int argc, char **argv);

int cmd_check(struct update *u, int argc, char **argv);
int cmd_update(struct update *u, int argc, char **argv);
int cmd_boot(struct update *u, int argc, char **argv);
int cmd_status(struct update *u, int argc, char **argv);
int cmd_history(struct update *u, int argc, char **argv);
int cmd_hold(struct update *u, int argc, char **argv);
int cmd_unhold(struct update *u, int argc, char **argv);
int cmd_disable(struct update *u, int argc, char **argv);
int cmd_enable(struct update *u, int argc, char **argv);
int cmd_approve(struct update *u, int argc, char **argv);
int cmd_retry(struct update *u, int argc, char **argv);
int cmd_config(struct update *u, int argc, char **argv);
int cmd_cve(struct update *u, int argc, char **argv);
int cmd_advise(struct update *u, int argc, char **argv);
int cmd_doctor(struct update *u, int argc, char **argv);
int cmd_support(struct update *u, int argc, char **argv);
int cmd_notify(struct update *u, int argc, char **argv);
int cmd_watch(struct update *u, int argc, char **argv);
int cmd_shutdown(struct update *u, int argc, char **argv);
int cmd_health(struct update *u, int argc, char **argv);
int cmd_fetch(struct update *u, int argc, char **argv);

/* Print the error once, in JSON too if asked for; returns the exit code for it. */
int update_fail(const struct update *u, const struct klp_err *err);
/* A mistake in the command line, told the same way; EXIT_USAGE. */
int update_usage(const struct update *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void update_print_json(json_t *obj);

/* "2026-11-24 08:15:00" local time; "" for 0. */
void update_time(int64_t t, char out[32]);

#endif
