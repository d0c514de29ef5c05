// SPDX-License-Identifier: GPL-2.0-or-later
/* core.c - see core.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "core.h"
#include "err.h"

/* RCU-tasks, which the core waits for after a revert, was seen to take 40 s. */
#define START_WAIT_S	60
#define START_PAUSE_MS	5

struct core {
	int fd;
};

static int cannot_open(int code, struct klp_err *err)
{
	switch (code) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return klp_err_set(err, -ENOENT, "the core module isn't loaded (no %s); load it "
				   "with: modprobe quietpatch", QP_DEVICE);
	case -EPERM:
	case -EACCES:
		return klp_err_set(err, -EPERM, "no permission for %s: it needs root, or "
				   "CAP_SYS_MODULE", QP_DEVICE);
	default:
		return klp_err_sys(err, code, "cannot open %s", QP_DEVICE);
	}
}

int core_open(struct core **out, struct klp_err *err)
{
	struct qp_info info;
	struct core *c;
	int ret;

	c = calloc(1, sizeof(*c));
	if (!c)
		return klp_err_sys(err, -ENOMEM, "cannot open %s", QP_DEVICE);
	c->fd = open(QP_DEVICE, O_RDWR | O_CLOEXEC);
	if (c->fd < 0) {
		ret = cannot_open(-errno, err);
		free(c);
		return ret;
	}
	ret = core_info(c, &info, err);
	if (!ret && info.abi != QP_ABI)
		ret = klp_err_set(err, -EPROTONOSUPPORT, "the core module speaks version %u of its "
				  "interface, this tool version %u; install the two from one "
				  "release, then load the module again", info.abi, QP_ABI);
	if (ret) {
		core_close(c);
		return ret;
	}
	*out = c;
	return 0;
}

void core_close(struct core *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c);
}

static int call(struct core *c, unsigned long request, void *arg)
{
	return ioctl(c->fd, request, arg) < 0 ? -errno : 0;
}

int core_info(struct core *c, struct qp_info *out, struct klp_err *err)
{
	struct qp_info info = { .size = sizeof(info) };
	int ret = call(c, QP_IOC_INFO, &info);

	if (ret == -EPERM || ret == -EACCES)
		return cannot_open(ret, err);
	if (ret)
		return klp_err_sys(err, ret, "cannot ask the core module for its state");
	info.patch[sizeof(info.patch) - 1] = '\0';
	*out = info;
	return 0;
}

int core_bind(struct core *c, const struct qp_sym_desc *syms, uint32_t nr,
	      const char *strings, uint32_t strings_len, struct klp_err *err)
{
	struct qp_bind b = {
		.size = sizeof(b),
		.nr_symbols = nr,
		.symbols = (uintptr_t)syms,
		.strings = (uintptr_t)strings,
		.strings_len = strings_len,
	};
	int ret = call(c, QP_IOC_BIND, &b);
	const char *name = NULL;

	if (!ret)
		return 0;
	if ((ret == -ENOENT || ret == -EINVAL) && b.bad < nr && syms[b.bad].name < strings_len)
		name = strings + syms[b.bad].name;
	if (name && memchr(name, '\0', strings_len - (name - strings))) {
		if (ret == -ENOENT)
			return klp_err_set(err, ret, "the running kernel has no %s at the place "
					   "that the patch was built for; build it again for "
					   "this very kernel", name);
		return klp_err_sys(err, ret, "the core module refuses symbol %s", name);
	}
	if (ret == -EBUSY)
		return klp_err_set(err, ret, "another patch module is being loaded");
	if (ret == -E2BIG)
		return klp_err_set(err, ret, "the patch uses %u symbols that the kernel doesn't export, "
				   "with %u bytes of names; the core module takes %u and %u. Build "
				   "the fix as several patches", nr, strings_len, QP_SYMBOLS_MAX,
				   QP_STRINGS_MAX);
	return klp_err_sys(err, ret, "the core module refuses the patch's symbols");
}

static int cannot_start(int code, const char *patch, uint32_t target, struct klp_err *err)
{
	const char *what = target == QP_PATCH_APPLIED ? "apply" : "revert";

	switch (code) {
	case -EBUSY:
		return klp_err_set(err, code, "cannot %s %s: another transition is under way", what,
				   patch);
	case -EAGAIN:
		return klp_err_set(err, code, "cannot %s %s: a module that it changes is loading "
				   "at this moment; try again", what, patch);
	case -EDEADLK:
		return klp_err_set(err, code, "cannot %s %s: another patch stands on it or requires "
				   "it, and has to go first", what, patch);
	case -ENOPKG:
		return klp_err_set(err, code, "cannot %s %s: it requires a patch that isn't applied",
				   what, patch);
	case -EEXIST:
		return klp_err_set(err, code, "cannot %s %s: a later release of it is applied", what,
				   patch);
	case -EOPNOTSUPP:
		return klp_err_set(err, code, "cannot %s %s: it can't be taken out, because the "
				   "address of one of its functions may be in use; it stays until the "
				   "machine reboots", what, patch);
	default:
		return klp_err_sys(err, code, "the core module refuses to %s %s", what, patch);
	}
}

int core_start(struct core *c, const char *patch, uint32_t target, uint32_t flags,
	       uint32_t leave_ms, uint64_t *epoch, struct klp_err *err)
{
	const struct timespec pause = { .tv_nsec = START_PAUSE_MS * 1000000 };
	struct qp_start s = { .size = sizeof(s), .flags = flags, .target = target, .leave_ms = leave_ms };
	int ret, tries = START_WAIT_S * 1000 / START_PAUSE_MS;

	if (strlen(patch) >= sizeof(s.patch))
		return klp_err_set(err, -ENAMETOOLONG, "patch name %s is too long", patch);
	strcpy(s.patch, patch);
	while ((ret = call(c, QP_IOC_START, &s)) == -EAGAIN && tries--)
		nanosleep(&pause, NULL);
	if (ret == -EINVAL && leave_ms) {
		s.leave_ms = 0;		/* a core from before there were stragglers */
		ret = call(c, QP_IOC_START, &s);
	}
	if (ret)
		return cannot_start(ret, patch, target, err);
	*epoch = s.epoch;
	return 0;
}

int core_observe(struct core *c, struct qp_observe *obs, struct klp_err *err)
{
	int ret;

	obs->size = sizeof(*obs);
	ret = call(c, QP_IOC_OBSERVE, obs);
	if (ret == -ESTALE)
		return klp_err_set(err, ret, "the transition was ended or turned round by another "
				   "process");
	if (ret)
		return klp_err_sys(err, ret, "the core module refuses a round of verdicts");
	return 0;
}

int core_reverse(struct core *c, uint64_t *epoch, struct klp_err *err)
{
	struct qp_reverse r = { .size = sizeof(r), .epoch = *epoch };
	int ret = call(c, QP_IOC_REVERSE, &r);

	if (ret)
		return klp_err_sys(err, ret, "the core module refuses to turn the transition round");
	*epoch = r.epoch;
	return 0;
}

/* Ask for the number first, then for the entries, until all fit. */
static int list(struct core *c, unsigned long request, size_t entry, uint64_t epoch,
		void **out, size_t *nr)
{
	uint32_t room = 64;

	for (;;) {
		struct qp_list l = { .size = sizeof(l), .nr = room, .epoch = epoch };
		void *p = calloc(room, entry);
		int ret;

		if (!p)
			return -ENOMEM;
		l.entries = (uintptr_t)p;
		ret = call(c, request, &l);
		if ((!ret || ret == -ENOSPC) && l.nr > room) {
			room = l.nr + 64;
			free(p);
			continue;
		}
		if (ret || !l.nr) {
			free(p);
			p = NULL;
		}
		if (!ret) {
			*out = p;
			*nr = l.nr;
		}
		return ret;
	}
}

int core_ranges(struct core *c, uint64_t epoch, struct qp_range **out, size_t *nr,
		struct klp_err *err)
{
	void *p = NULL;
	size_t i;
	int ret = list(c, QP_IOC_RANGES, sizeof(**out), epoch, &p, nr);

	if (ret)
		return klp_err_sys(err, ret, "cannot ask the core module which code is affected");
	*out = p;
	for (i = 0; i < *nr; i++)
		(*out)[i].name[QP_NAME_LEN - 1] = '\0';
	return 0;
}

int core_blockers(struct core *c, uint64_t epoch, struct qp_blocker **out, size_t *nr,
		  struct klp_err *err)
{
	void *p = NULL;
	size_t i;
	int ret = list(c, QP_IOC_BLOCKERS, sizeof(**out), epoch, &p, nr);

	if (ret)
		return klp_err_sys(err, ret, "cannot ask the core module which tasks are left");
	*out = p;
	for (i = 0; i < *nr; i++) {
		(*out)[i].comm[QP_COMM_LEN - 1] = '\0';
		(*out)[i].function[QP_NAME_LEN - 1] = '\0';
	}
	return 0;
}

int core_leave(struct core *c, uint64_t epoch, uint32_t *nr_left, struct klp_err *err)
{
	struct qp_leave l = { .size = sizeof(l), .epoch = epoch };
	int ret = call(c, QP_IOC_LEAVE, &l);

	if (ret)
		return klp_err_sys(err, ret, "the core module can't end the transition without the tasks that "
				   "haven't switched");
	*nr_left = l.nr_left;
	return 0;
}

int core_pause(struct core *c, uint64_t epoch, uint32_t limit_us, struct qp_pause *out, struct klp_err *err)
{
	struct qp_pause p = { .size = sizeof(p), .epoch = epoch, .limit_us = limit_us };
	int ret = call(c, QP_IOC_PAUSE, &p);

	if (ret)
		return klp_err_sys(err, ret, limit_us ? "the core module can't bound the pause" :
				   "the core module doesn't tell how long the machine was stopped");
	*out = p;
	return 0;
}

int core_stragglers(struct core *c, struct qp_straggler **out, size_t *nr, struct klp_err *err)
{
	void *p = NULL;
	size_t i;
	int ret = list(c, QP_IOC_STRAGGLERS, sizeof(**out), 0, &p, nr);

	if (ret)
		return klp_err_sys(err, ret, "cannot ask the core module for stragglers");
	*out = p;
	for (i = 0; i < *nr; i++) {
		(*out)[i].comm[QP_COMM_LEN - 1] = '\0';
		(*out)[i].function[QP_NAME_LEN - 1] = '\0';
		(*out)[i].patch[QP_NAME_LEN - 1] = '\0';
	}
	return 0;
}

int core_sites(struct core *c, struct qp_site_info **out, size_t *nr, struct klp_err *err)
{
	void *p = NULL;
	size_t i;
	int ret = list(c, QP_IOC_SITES, sizeof(**out), 0, &p, nr);

	if (ret)
		return klp_err_sys(err, ret, "cannot ask the core module which functions it has in hand");
	*out = p;
	for (i = 0; i < *nr; i++)
		(*out)[i].name[QP_NAME_LEN - 1] = '\0';
	return 0;
}

int core_kick(struct core *c, uint64_t epoch, struct qp_kick_task *tasks, uint32_t nr,
	      struct klp_err *err)
{
	struct qp_kick k = {
		.size = sizeof(k), .nr_tasks = nr, .epoch = epoch, .tasks = (uintptr_t)tasks,
	};
	int ret = call(c, QP_IOC_KICK, &k);

	return ret ? klp_err_sys(err, ret, "the core module refuses to wake tasks") : 0;
}

int core_retire(struct core *c, const char *patch, struct klp_err *err)
{
	struct qp_retire r = { .size = sizeof(r) };
	int ret;

	if (strlen(patch) >= sizeof(r.patch))
		return klp_err_set(err, -ENAMETOOLONG, "patch name %s is too long", patch);
	strcpy(r.patch, patch);
	ret = call(c, QP_IOC_RETIRE, &r);
	return ret ? klp_err_sys(err, ret, "the core module refuses to let go of what %s replaces",
				 patch) : 0;
}
