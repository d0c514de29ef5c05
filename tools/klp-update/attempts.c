// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * attempts.c - who tries what patches forbid, as far as the patches count it.
 *
 * The kernel's log has each attempt (or those that its rate limit lets through) with who it was; a run remembers the
 * sums, and tells new ones to the journal, where MESSAGE_ID finds them: see docs/patch-author.md.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine.h"
#include "err.h"
#include "io.h"
#include "store.h"
#include "update.h"

#define ATTEMPTS_ID	"b7a8f0c95d2e4d33a1f06c8de1a4e5b2"

int64_t attempts_of(const struct machine *m, const char *module)
{
	char path[256];
	int64_t n = -1;
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "%.120s/sys/module/%.63s/parameters/tripped", m->root, module);
	if (!io_read_file(path, 64, &text, &len, NULL)) {
		n = strtoll(text, NULL, 10);
		free(text);
	}
	return n;
}

/* In the journal's own protocol: a field a line.  Where there is no journal, the kernel's log has said it. */
static void tell_journal(const struct update *u, const struct patch_row *p, int64_t all, int64_t new)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char entry[512];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), n;

	if (fd < 0)
		return;
	snprintf(to.sun_path, sizeof(to.sun_path), "%.80s/run/systemd/journal/socket", u->machine.root);
	n = snprintf(entry, sizeof(entry), "MESSAGE_ID=" ATTEMPTS_ID "\nPRIORITY=4\nSYSLOG_IDENTIFIER=klp-update\n"
		     "MESSAGE=%lld new attempts at what patch %s forbids\nQUIETPATCH_PATCH=%s\nQUIETPATCH_MODULE=%s\n"
		     "QUIETPATCH_ATTEMPTS=%lld\nQUIETPATCH_NEW=%lld\n", (long long)new, p->name, p->name, p->module,
		     (long long)all, (long long)new);
	(void)!sendto(fd, entry, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to));
	close(fd);
}

static int remember_one(struct run *r, const struct patch_row *p, struct klp_err *err)
{
	int64_t now = attempts_of(&r->u->machine, p->module), before;
	char key[256], detail[128];
	int ret;

	if (now < 0)
		return 0;
	/* A boot, and a module that is loaded again, count anew. */
	snprintf(key, sizeof(key), "tripped %.64s %.63s", r->u->machine.boot_id, p->module);
	ret = store_number(r->u->db, key, &before, err);
	if (ret || now == before)
		return ret;
	if (now > before) {
		snprintf(detail, sizeof(detail), "%lld attempts at what it forbids, %lld of them new", (long long)now,
			 (long long)(now - before));
		ret = store_event(r->u->db, r->u->machine.boot_id, "attempted", p->name, p->release, p->digest, detail, err);
		run_tell(r, "attempted", p->name, p->release, detail);
		tell_journal(r->u, p, now, now - before);
	}
	return ret ? ret : store_set_number(r->u->db, key, now, err);
}

int attempts_remember(struct run *r, struct klp_err *err)
{
	struct patch_rows rows;
	int ret = store_patches(r->u->db, &rows, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < rows.nr && !ret; i++)
		if (machine_patch(&r->u->machine, rows.rows[i].module) == IN_KERNEL_APPLIED)
			ret = remember_one(r, &rows.rows[i], err);
	store_patches_free(&rows);
	return ret;
}
