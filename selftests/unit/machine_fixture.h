/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine_fixture.h - a folder that stands for a machine, for klp-update.
 *
 * It has a kernel with a build-id, a boot id, trusted keys, a source folder, and
 * a klp-apply of shell that does what the test tells it and "applies" by writing
 * the core module's sysfs file.  The tests run the real klp-update against it.
 */
#ifndef UNIT_MACHINE_FIXTURE_H
#define UNIT_MACHINE_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "fixture.h"

struct signing_key;

/* For machine_loader(): the kernel reports a warning in the patch's code. */
#define MACHINE_WARNS	"echo '4,7,900,-;WARNING: CPU: 1 PID: 77 at net/core/sock_map.c:31 sock_map_alloc+0x51/0xa0" \
			" [qp_sock_map_alloc]' >> \"$root/dev/kmsg\""

struct machine_fixture {
	char *root;
	char *source;		/* root/source, a plain folder */
	char *loader;		/* root/klp-apply */
	struct signing_key *key;	/* trusted */
	bool as_nobody;		/* run tools as an ordinary user; takes root */
	char out[65536];	/* stdout of the last run */
	char err[16384];	/* stderr */
};

void machine_setup(struct machine_fixture *m);
void machine_teardown(struct machine_fixture *m);

/* Write, or remove, a file below the root. */
void machine_put(struct machine_fixture *m, const char *path, const char *text);
void machine_remove(struct machine_fixture *m, const char *path);
/* First bytes of a file below the root, "" if it isn't there; static. */
const char *machine_get(struct machine_fixture *m, const char *path);

/* A bundle of that release in the source folder; @key NULL: unsigned. */
void machine_offer(struct machine_fixture *m, const char *file, uint64_t release,
		   struct signing_key *key);
/* How often the fake klp-apply was called with this word first. */
int machine_calls(struct machine_fixture *m, const char *word);
/* What klp-apply shall do: its exit status, and more as shell. */
void machine_loader(struct machine_fixture *m, int status, const char *shell);
/* Another boot: new boot id, no patch in the kernel, no taint. */
void machine_reboot(struct machine_fixture *m);
bool machine_is_applied(struct machine_fixture *m);

/* Run klp-update; arguments end with NULL.  Its exit status, or -signal. */
int machine_run(struct machine_fixture *m, ...) __attribute__((sentinel));
/* Run another of our tools. */
int machine_tool(struct machine_fixture *m, const char *tool, ...) __attribute__((sentinel));
/*
 * A repository at @repo, made with the machine's key for all roles, and its root as the one that the machine trusts; where there
 * is one already: nothing.
 */
void machine_repo(struct machine_fixture *m, const char *repo);
/* klp-repo @command --repo @repo with that key, and more arguments; made by machine_repo() if need be.  Its exit status. */
int machine_repo_do(struct machine_fixture *m, const char *repo, const char *command, ...) __attribute__((sentinel));
/* The same, which has to end with @status. */
#define machine_expect(m, status, ...)	do {					\
		int got_ = machine_run((m), __VA_ARGS__, NULL);			\
		ck_assert_msg(got_ == (status), "exit %d, not %d\n%s%s", got_,	\
			      (status), (m)->out, (m)->err);			\
	} while (0)
/* stdout of the last run as JSON; a new reference. */
json_t *machine_json(struct machine_fixture *m);
/* Member of the one patch in status, or "" when there is none; static. */
const char *machine_shown(struct machine_fixture *m, const char *member);
/* Is there an event like that in the history? */
bool machine_happened(struct machine_fixture *m, const char *event);

#endif
