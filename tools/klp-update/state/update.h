/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update.h - what a command of klp-update works with: its options, the settings, the machine, the database.
 *
 * klp-update is the background: a timer starts it, it looks for a patch for
 * the running kernel, verifies it, has klp-apply load it, remembers, and exits.
 */
#ifndef KLP_UPDATE_H
#define KLP_UPDATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

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

#endif
