// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qpdrive.c - drives the core alone, without the monitor, for the core-* tests.
 *
 *   qpdrive apply|revert MODULE [strict|nosettle] [MS]  start, observe until done; after MS reverse (exit 7)
 *   qpdrive start up|down MODULE [FLAGS [MS]]   start only (the transition stays open; after MS the core ends it without the rest), prints the epoch
 *   qpdrive leave                               end the current transition without those who haven't switched
 *   qpdrive stragglers                          PID UID TARGET FUNCTION COMM of each
 *   qpdrive leaveloop MODULE N                  N times up and down, each ended with stragglers; pulses the victim between
 *   qpdrive observe [WALK-FLAGS]                one round of the current transition
 *   qpdrive finish [MS]                         take over what is open and observe until done
 *   qpdrive reverse                             turn round, then finish
 *   qpdrive loop MODULE N                       N times up and down; prints the slowest
 *   qpdrive retire MODULE                       lets go of what it has taken over from
 *   qpdrive blockers | ranges | info
 *   qpdrive abi                                 malformed calls must all be refused
 *   qpdrive abi-open                            the same of what needs an open transition
 *   qpdrive hold                                opens the device and sleeps
 * exit: 0 done, 1 failed, 6 still open, 7 reversed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "quietpatch.h"

static int fd;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int fail(const char *what)
{
	printf("%s: %s (%d)\n", what, strerror(errno), errno);
	return 1;
}

static struct qp_info info(void)
{
	struct qp_info i = { .size = sizeof(i) };

	if (ioctl(fd, QP_IOC_INFO, &i))
		exit(fail("info"));
	return i;
}

static unsigned int leave_ms;

static int start(const char *name, int up, unsigned int flags, unsigned long long *epoch)
{
	struct qp_start s = { .size = sizeof(s), .flags = flags, .target = up ? QP_PATCH_APPLIED : QP_PATCH_LOADED,
			      .leave_ms = leave_ms };

	snprintf(s.patch, sizeof(s.patch), "%s", name);
	if (ioctl(fd, QP_IOC_START, &s))
		return -1;
	*epoch = s.epoch;
	return 0;
}

static int observe(unsigned long long epoch, unsigned int flags, struct qp_observe *o)
{
	memset(o, 0, sizeof(*o));
	o->size = sizeof(*o);
	o->flags = flags;
	o->epoch = epoch;
	return ioctl(fd, QP_IOC_OBSERVE, o);
}

#define ROUND (QP_OBSERVE_WALK | QP_OBSERVE_IPI | QP_OBSERVE_SWEEP)

/* Until the transition has ended (0), or `ms` are over (6). */
static int finish(unsigned long long epoch, double ms)
{
	double end = now_ms() + ms;
	struct qp_observe o;

	for (;;) {
		if (observe(epoch, ROUND, &o))
			return fail("observe");
		if (o.phase == QP_IDLE)
			return 0;
		if (now_ms() > end)
			return 6;
		usleep(1000);
	}
}

/* Rounds for `ms`, then an end without the rest: how many they are, or -1. */
static int leave(unsigned long long epoch, double ms)
{
	struct qp_leave l = { .size = sizeof(l), .epoch = epoch };
	double end = now_ms() + 5000;
	int ret = finish(epoch, ms);

	if (ret != 6)
		return ret ? -1 : 0;
	while (ioctl(fd, QP_IOC_LEAVE, &l)) {
		if (errno != EAGAIN || now_ms() > end) {
			fail("leave");
			return -1;
		}
		usleep(1000);
	}
	return l.nr_left;
}

static int stragglers(void)
{
	static struct qp_straggler s[256];
	struct qp_list l = { .size = sizeof(l), .nr = 256, .entries = (uintptr_t)s };
	unsigned int i;

	if (ioctl(fd, QP_IOC_STRAGGLERS, &l))
		return fail("stragglers");
	for (i = 0; i < l.nr && i < 256; i++)
		printf("%u %u %s %s %s\n", s[i].pid, s[i].uid, s[i].target == QP_PATCH_APPLIED ? "old" : "new",
		       s[i].function, s[i].comm);
	return 0;
}

static int leaveloop(const char *name, int n)
{
	int victim = open("/proc/qp_victim", O_WRONLY | O_CLOEXEC), i, left, times = 0, all = 0;
	unsigned long long epoch;

	srand(n);
	for (i = 0; i < 2 * n; i++) {
		if (start(name, !(i & 1), QP_START_CORE_ONLY, &epoch))
			return fail("start");
		left = leave(epoch, 20 + rand() % 30);
		if (left < 0)
			return 1;
		times += left > 0;
		all += left;
		if (rand() % 3 && write(victim, "pulse", 5) != 5)
			return fail("pulse");
		/* Now and then long enough for the core to look by itself. */
		usleep(rand() % 16 ? 1000 + rand() % 20000 : 1200000);
		if (rand() % 2 && write(victim, "pulse", 5) != 5)
			return fail("pulse");
	}
	printf("%d switches, %d of them with stragglers, %d in all\n", 2 * n, times, all);
	return 0;
}

static int reverse(double ms)
{
	struct qp_reverse r = { .size = sizeof(r), .epoch = info().epoch };

	if (ioctl(fd, QP_IOC_REVERSE, &r))
		return fail("reverse");
	return finish(r.epoch, ms);
}

static int go(const char *name, int up, unsigned int flags, double ms)
{
	unsigned long long epoch;
	int ret;

	if (start(name, up, flags, &epoch))
		return fail("start");
	ret = finish(epoch, ms);
	if (ret != 6)
		return ret;
	return reverse(5000) ? 1 : 7;
}

static int loop(const char *name, int n)
{
	double t, worst[2] = { 0, 0 }, all = now_ms();
	int i, ret;

	for (i = 0; i < 2 * n; i++) {
		t = now_ms();
		ret = go(name, !(i & 1), QP_START_CORE_ONLY, 30000);
		t = now_ms() - t;
		if (ret) {
			printf("round %d: %d\n", i, ret);
			return ret;
		}
		usleep(50000);
		if (t > worst[i & 1])
			worst[i & 1] = t;
	}
	printf("%d times up and down in %.0f ms; slowest up %.1f ms, down %.1f ms\n",
	       n, now_ms() - all, worst[0], worst[1]);
	return 0;
}

static int blockers(void)
{
	static struct qp_blocker b[4096];
	struct qp_list l = { .size = sizeof(l), .nr = 4096, .epoch = info().epoch, .entries = (uintptr_t)b };
	unsigned int i;

	if (ioctl(fd, QP_IOC_BLOCKERS, &l))
		return fail("blockers");
	for (i = 0; i < l.nr && i < 4096; i++)
		printf("%u %s verdict %u in %s\n", b[i].pid, b[i].comm, b[i].verdict, b[i].function);
	return 0;
}

static int ranges(void)
{
	static struct qp_range r[256];
	struct qp_list l = { .size = sizeof(l), .nr = 256, .epoch = info().epoch, .entries = (uintptr_t)r };
	unsigned int i;

	if (ioctl(fd, QP_IOC_RANGES, &l))
		return fail("ranges");
	for (i = 0; i < l.nr && i < 256; i++)
		printf("%llu %s\n", (unsigned long long)(r[i].end - r[i].start), r[i].name);
	return 0;
}

static int refused(const char *what, int ret, int want)
{
	if (ret == -1 && errno == want)
		return 0;
	printf("%s: wanted error %d, got %d, error %d\n", what, want, ret, errno);
	return 1;
}

static int bind_refused(struct qp_bind *b, const char *what, int want)
{
	b->bad = 0;
	return refused(what, ioctl(fd, QP_IOC_BIND, b), want);
}

/* The table of a patch. */
static int abi_bind(void)
{
	struct qp_bind b = { .size = sizeof(b) };
	struct qp_sym_desc sym = { .offset = 64 };
	const char names[] = "x\0" QP_ANCHOR;
	int bad = 0;

	b.bad = 1;
	bad += refused("bind, number", ioctl(fd, QP_IOC_BIND, &b), EINVAL);
	b.bad = 0;
	b.nr_symbols = 1u << 30;
	bad += refused("bind, too many", ioctl(fd, QP_IOC_BIND, &b), E2BIG);
	b.nr_symbols = 1;
	b.symbols = (uintptr_t)&sym;
	b.strings = (uintptr_t)names;
	b.strings_len = 4;
	bad += refused("bind, strings without end", ioctl(fd, QP_IOC_BIND, &b), EINVAL);
	b.strings_len = sizeof(names);
	bad += bind_refused(&b, "bind, wrong symbol", ENOENT);
	sym.offset = 1ull << 63;
	bad += bind_refused(&b, "bind, far away", ENOENT);
	sym.name = 1;
	bad += bind_refused(&b, "bind, no name", EINVAL);
	sym.name = 1000;
	bad += bind_refused(&b, "bind, name outside", EINVAL);
	sym = (struct qp_sym_desc){ .name = 2, .flags = 4 };
	bad += bind_refused(&b, "bind, flag", EINVAL);
	sym = (struct qp_sym_desc){ .name = 2, .flags = QP_SYM_PERCPU, .offset = -8 };
	bad += bind_refused(&b, "bind, per-CPU offset", EINVAL);
	b.symbols = 8;
	bad += bind_refused(&b, "bind, pointer", EFAULT);
	b.nr_symbols = 0;
	b.bad = 0;
	if (ioctl(fd, QP_IOC_BIND, &b))
		bad += fail("bind, clear") ;
	return bad;
}

/* Every size, flag and reserved field is checked; nothing of this changes anything. */
static int abi(void)
{
	struct qp_info i = { .size = sizeof(i) - 1 };
	struct qp_start s = { .size = sizeof(s), .target = QP_PATCH_APPLIED, .patch = "none" };
	struct qp_observe o = { .size = sizeof(o), .epoch = ~0ull };
	struct qp_reverse r = { .size = sizeof(r), .epoch = ~0ull };
	struct qp_list l = { .size = sizeof(l) };
	struct qp_leave v = { .size = sizeof(v), .epoch = ~0ull };
	struct qp_kick k = { .size = sizeof(k), .epoch = info().epoch };
	struct qp_retire t = { .size = sizeof(t), .patch = "none" };
	struct qp_pause p = { .size = sizeof(p), .epoch = ~0ull };
	int bad = 0;

	bad += refused("info, size", ioctl(fd, QP_IOC_INFO, &i), EINVAL);
	bad += refused("info, pointer", ioctl(fd, QP_IOC_INFO, 8), EFAULT);
	bad += refused("unknown call", ioctl(fd, _IOWR(QP_IOC_MAGIC, 99, int), &i), ENOTTY);
	bad += refused("start, no such patch", ioctl(fd, QP_IOC_START, &s), ENOENT);
	s.flags = 1u << 31;
	bad += refused("start, flag", ioctl(fd, QP_IOC_START, &s), EINVAL);
	s.flags = 0;
	s.target = QP_PATCH_REVERTING;
	bad += refused("start, target", ioctl(fd, QP_IOC_START, &s), EINVAL);
	s.target = QP_PATCH_APPLIED;
	s.epoch = 1;
	bad += refused("start, epoch", ioctl(fd, QP_IOC_START, &s), EINVAL);
	s.epoch = 0;
	s.flags = QP_START_STRICT;
	s.leave_ms = 1;
	bad += refused("start, strict with stragglers", ioctl(fd, QP_IOC_START, &s), EINVAL);
	s.flags = s.leave_ms = 0;
	memset(s.patch, 'x', sizeof(s.patch));
	bad += refused("start, name without end", ioctl(fd, QP_IOC_START, &s), EINVAL);
	bad += refused("observe, epoch", ioctl(fd, QP_IOC_OBSERVE, &o), ESTALE);
	o.flags = 1u << 31;
	bad += refused("observe, flag", ioctl(fd, QP_IOC_OBSERVE, &o), EINVAL);
	o.flags = 0;
	o.counts[3] = 1;
	bad += refused("observe, counts", ioctl(fd, QP_IOC_OBSERVE, &o), EINVAL);
	memset(o.counts, 0, sizeof(o.counts));
	o.phase = 1;
	bad += refused("observe, phase", ioctl(fd, QP_IOC_OBSERVE, &o), EINVAL);
	o.phase = 0;
	o.nr_old = 1;
	bad += refused("observe, number", ioctl(fd, QP_IOC_OBSERVE, &o), EINVAL);
	o.nr_old = 0;
	o.nr_verdicts = QP_VERDICTS_MAX + 1;
	bad += refused("observe, too many", ioctl(fd, QP_IOC_OBSERVE, &o), E2BIG);
	bad += refused("reverse, epoch", ioctl(fd, QP_IOC_REVERSE, &r), ESTALE);
	r.reserved = 1;
	bad += refused("reverse, reserved", ioctl(fd, QP_IOC_REVERSE, &r), EINVAL);
	bad += refused("leave, epoch", ioctl(fd, QP_IOC_LEAVE, &v), ESTALE);
	v.epoch = info().epoch;
	bad += refused("leave when idle", ioctl(fd, QP_IOC_LEAVE, &v), ESTALE);
	v.nr_left = 1;
	bad += refused("leave, number", ioctl(fd, QP_IOC_LEAVE, &v), EINVAL);
	l.epoch = 1;
	bad += refused("stragglers, epoch", ioctl(fd, QP_IOC_STRAGGLERS, &l), EINVAL);
	bad += refused("sites, epoch", ioctl(fd, QP_IOC_SITES, &l), EINVAL);
	l.epoch = 0;
	bad += refused("ranges when idle", ioctl(fd, QP_IOC_RANGES, &l), ESTALE);
	bad += refused("kick when idle", ioctl(fd, QP_IOC_KICK, &k), ESTALE);
	k.nr_tasks = QP_KICK_MAX + 1;
	bad += refused("kick, too many", ioctl(fd, QP_IOC_KICK, &k), E2BIG);
	k.size = 0;
	bad += refused("kick, size", ioctl(fd, QP_IOC_KICK, &k), EINVAL);
	l.nr = QP_LIST_MAX + 1;
	bad += refused("blockers, too many", ioctl(fd, QP_IOC_BLOCKERS, &l), E2BIG);
	l.size = 0;
	bad += refused("blockers, size", ioctl(fd, QP_IOC_BLOCKERS, &l), EINVAL);
	bad += refused("retire, no such patch", ioctl(fd, QP_IOC_RETIRE, &t), ENOENT);
	t.nr_retired = 1;
	bad += refused("retire, number", ioctl(fd, QP_IOC_RETIRE, &t), EINVAL);
	t.nr_retired = t.size = 0;
	bad += refused("retire, size", ioctl(fd, QP_IOC_RETIRE, &t), EINVAL);
	bad += refused("pause, epoch", ioctl(fd, QP_IOC_PAUSE, &p), ESTALE);
	p.nr_late = 1;
	bad += refused("pause, number", ioctl(fd, QP_IOC_PAUSE, &p), EINVAL);
	return bad + abi_bind() != 0;
}

/* What is told of tasks: only while a transition is open is it looked at. */
static int abi_open(void)
{
	struct qp_task_verdict v = { .pid = 1, .verdict = QP_V_MAX };
	struct qp_observe o = { .size = sizeof(o), .epoch = info().epoch, .verdicts = (uintptr_t)&v, .nr_verdicts = 1 };
	struct qp_kick_task t = { .pid = 1, .result = 1 };
	struct qp_kick k = { .size = sizeof(k), .epoch = info().epoch, .tasks = (uintptr_t)&t, .nr_tasks = 1 };
	int bad = 0;

	bad += refused("observe, verdict", ioctl(fd, QP_IOC_OBSERVE, &o), EINVAL);
	v.verdict = QP_V_AFFECTED;
	v.result = 1;
	bad += refused("observe, result", ioctl(fd, QP_IOC_OBSERVE, &o), EINVAL);
	bad += refused("kick, result", ioctl(fd, QP_IOC_KICK, &k), EINVAL);
	return bad != 0;
}

int main(int argc, char **argv)
{
	const char *cmd = argc > 1 ? argv[1] : "info", *a = argc > 2 ? argv[2] : "", *b = argc > 3 ? argv[3] : "";
	unsigned int flags = QP_START_CORE_ONLY;
	unsigned long long epoch;
	struct qp_observe o;
	struct qp_info i;

	fd = open(QP_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(QP_DEVICE);
	if (!strcmp(cmd, "apply") || !strcmp(cmd, "revert")) {
		const char *ms = b;

		if (!strcmp(b, "strict")) {
			flags |= QP_START_STRICT;
			ms = argc > 4 ? argv[4] : "";
		} else if (!strcmp(b, "nosettle")) {
			flags |= QP_START_NO_SETTLE;
			ms = argc > 4 ? argv[4] : "";
		}
		return go(a, cmd[0] == 'a', flags, *ms ? atof(ms) : 10000);
	}
	if (!strcmp(cmd, "start")) {
		leave_ms = argc > 5 ? atoi(argv[5]) : 0;
		if (start(b, !strcmp(a, "up"), argc > 4 ? (unsigned int)atoi(argv[4]) : flags, &epoch))
			return fail("start");
		printf("%llu\n", epoch);
		return 0;
	}
	if (!strcmp(cmd, "observe")) {
		if (observe(info().epoch, *a ? (unsigned int)atoi(a) : ROUND, &o))
			return fail("observe");
		printf("phase %u old %llu\n", o.phase, (unsigned long long)o.nr_old);
		return 0;
	}
	if (!strcmp(cmd, "finish"))
		return finish(info().epoch, *a ? atof(a) : 10000);
	if (!strcmp(cmd, "reverse"))
		return reverse(*a ? atof(a) : 10000);
	if (!strcmp(cmd, "loop"))
		return loop(a, atoi(b));
	if (!strcmp(cmd, "leave")) {
		int left = leave(info().epoch, 200);

		printf("%d left\n", left);
		return left < 0;
	}
	if (!strcmp(cmd, "stragglers"))
		return stragglers();
	if (!strcmp(cmd, "leaveloop"))
		return leaveloop(a, atoi(b));
	if (!strcmp(cmd, "retire")) {
		struct qp_retire r = { .size = sizeof(r) };

		snprintf(r.patch, sizeof(r.patch), "%s", a);
		if (ioctl(fd, QP_IOC_RETIRE, &r))
			return fail("retire");
		printf("%u retired\n", r.nr_retired);
		return 0;
	}
	if (!strcmp(cmd, "blockers"))
		return blockers();
	if (!strcmp(cmd, "ranges"))
		return ranges();
	if (!strcmp(cmd, "abi"))
		return abi();
	if (!strcmp(cmd, "abi-open"))
		return abi_open();
	if (!strcmp(cmd, "hold"))
		pause();
	i = info();
	printf("phase %u epoch %llu patches %u old %llu tasks %llu patch %s took_ms %.1f\n", i.phase,
	       (unsigned long long)i.epoch, i.nr_patches, (unsigned long long)i.nr_old,
	       (unsigned long long)i.nr_tasks, i.patch, (i.finished_ns - i.started_ns) / 1e6);
	return 0;
}
