// SPDX-License-Identifier: GPL-2.0-or-later
/* context.c - see context.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/stop.h"
#include "context.h"
#include "err.h"
#include "io.h"
#include "log.h"
#include "monotonic.h"
#include "state/db.h"
#include "state/rebuild.h"
#include "state/update.h"
#include "tell/public.h"

int context_db(struct update *u, bool write, struct klp_err *err)
{
	int ret = db_open(u->settings.state, write, &u->db, err);

	/* Only who holds the lock: nobody else is writing, then. */
	if (ret != -EUCLEAN || !write || u->lock < 0)
		return ret;
	ret = state_rebuild(u, err);
	return ret ? ret : db_open(u->settings.state, write, &u->db, err);
}

/* Who has the lock may give it back at any time before @until (monotonic_ms()). */
static int pause_until(int64_t until, struct klp_err *err)
{
	if (monotonic_ms() >= until)
		return klp_err_set(err, -EBUSY, "another klp-update is at work; `klp-update status` shows its progress");
	stop_wait(-1, 100);
	return stop_check(err);
}

int context_lock(struct update *u, unsigned int wait_s, struct klp_err *err)
{
	int64_t until = monotonic_ms() + wait_s * INT64_C(1000);
	char path[PATH_MAX];
	int fd, ret;

	ret = io_mkdirs(u->settings.state, 0700, err);
	if (ret)
		return ret;
	/* A read lock on the database is enough to stop all updates, so nobody else may open it. */
	if (chmod(u->settings.state, 0700))
		return klp_err_sys(err, -errno, "cannot make %s private%s", u->settings.state,
				   errno == EPERM ? " (are you root?)" : "");
	snprintf(path, sizeof(path), "%s/lock", u->settings.state);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot open %s (are you root?)", path);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		ret = pause_until(until, err);
		if (!ret)
			continue;
		close(fd);
		return ret;
	}
	u->lock = fd;
	return 0;
}

int context_machine(struct update *u, struct klp_err *err)
{
	return machine_read(u->settings.root, &u->machine, err);
}

int context_open(struct update *u, bool write, struct klp_err *err)
{
	int ret = context_machine(u, err);

	if (!ret)
		ret = context_db(u, write, err);
	return ret == -EACCES && !write ? public_read(u, err) : ret;
}

void context_close(struct update *u)
{
	db_close(u->db);
	u->db = NULL;
	if (u->lock >= 0)
		close(u->lock);
	u->lock = -1;
}
