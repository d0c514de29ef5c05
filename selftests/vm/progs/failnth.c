// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * failnth.c load MODULE.ko NAME | start NAME | reverse NAME | leave NAME | back NAME - does it again and again, with the
 * 1st, 2nd, ... allocation failing (/proc/thread-self/fail-nth), until it gets through without. What fails may fail only
 * with ENOMEM or the like, and has to leave things as they were, so that the last round succeeds.  `leave` (the end of a way
 * up without its stragglers) and `back` (the way back from there) want a task that sleeps in the code that NAME replaces.
 * exit: 0 good, 1 not, 3: this kernel has no fault injection.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "quietpatch.h"

#define ROUNDS	600

static int dev, ctl;

static void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (pwrite(ctl, text, len, 0) != len)
		exit(3);
}

/* Has it failed? Disarms. */
static int fired(void)
{
	char text[16] = "";
	int n;

	if (pread(ctl, text, sizeof(text) - 1, 0) <= 0)
		exit(3);
	n = atoi(text);
	arm(0);
	return n == 0;
}

static int start(const char *name, int up, unsigned long long *epoch)
{
	struct qp_start s = { .size = sizeof(s), .flags = QP_START_CORE_ONLY,
			      .target = up ? QP_PATCH_APPLIED : QP_PATCH_LOADED };
	int ret;

	snprintf(s.patch, sizeof(s.patch), "%s", name);
	ret = ioctl(dev, QP_IOC_START, &s);
	*epoch = s.epoch;
	return ret;
}

static int finish(unsigned long long epoch)
{
	struct qp_observe o;
	int i;

	for (i = 0; i < 2000; i++) {
		o = (struct qp_observe){ .size = sizeof(o), .epoch = epoch,
			.flags = QP_OBSERVE_WALK | QP_OBSERVE_IPI | QP_OBSERVE_SWEEP };
		if (ioctl(dev, QP_IOC_OBSERVE, &o))
			return -1;
		if (o.phase == QP_IDLE)
			return 0;
		usleep(2000);
	}
	errno = ETIMEDOUT;
	return -1;
}

/* Without those who haven't switched. */
static int leave(unsigned long long epoch)
{
	struct qp_leave l = { .size = sizeof(l), .epoch = epoch };

	if (ioctl(dev, QP_IOC_LEAVE, &l))
		return -1;
	errno = ENODATA;	/* nobody was left: nothing was shown */
	return l.nr_left ? 0 : -1;
}

/* Up, and ended with stragglers. */
static int leave_up(const char *name, unsigned long long *epoch)
{
	int i;

	if (start(name, 1, epoch))
		return -1;
	for (i = 0; leave(*epoch) && i < 2000; i++) {
		if (errno != EAGAIN)
			return -1;
		usleep(2000);
	}
	return 0;
}

static int unload(const char *name)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (!syscall(SYS_delete_module, name, O_NONBLOCK))
			return 0;
		usleep(20000);
	}
	return -1;
}

/* What a try begins with. */
static int prepare(const char *what, char **argv, unsigned long long *epoch)
{
	if (!strcmp(what, "back"))
		return leave_up(argv[2], epoch);
	return !strcmp(what, "reverse") || !strcmp(what, "leave") ? start(argv[2], 1, epoch) : 0;
}

/* One try; 0, or -1 with errno. */
static int attempt(const char *what, char **argv, unsigned long long *epoch)
{
	struct qp_reverse r = { .size = sizeof(r) };
	int fd, ret;

	if (!strcmp(what, "load")) {
		fd = open(argv[2], O_RDONLY | O_CLOEXEC);
		ret = syscall(SYS_finit_module, fd, "", 0);
		close(fd);
		return ret;
	}
	if (!strcmp(what, "start"))
		return start(argv[2], 1, epoch);
	if (!strcmp(what, "leave"))
		return leave(*epoch);
	if (!strcmp(what, "back"))
		return start(argv[2], 0, epoch);
	r.epoch = *epoch;
	ret = ioctl(dev, QP_IOC_REVERSE, &r);
	if (!ret)
		*epoch = r.epoch;
	return ret;
}

static int undo(const char *what, char **argv, unsigned long long epoch)
{
	if (!strcmp(what, "load"))
		return unload(argv[3]);
	if (!strcmp(what, "leave"))
		return start(argv[2], 0, &epoch) ?: finish(epoch);
	if (finish(epoch))
		return -1;
	if (!strcmp(what, "reverse") || !strcmp(what, "back"))
		return 0;
	return start(argv[2], 0, &epoch) ?: finish(epoch);
}

/* A try that has failed has left all as it was before. */
static int go_on(const char *what, char **argv, unsigned long long epoch)
{
	if (!strcmp(what, "reverse"))	/* it is open, and goes up */
		return finish(epoch) ?: start(argv[2], 0, &epoch) ?: finish(epoch);
	if (!strcmp(what, "leave") || !strcmp(what, "back"))
		return attempt(what, argv, &epoch) ?: undo(what, argv, epoch);
	return 0;
}

int main(int argc, char **argv)
{
	int n, ret, hit, err, failed = 0, survived = 0;
	unsigned long long epoch = 0;

	dev = open(QP_DEVICE, O_RDWR | O_CLOEXEC);
	ctl = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (ctl < 0)
		return 3;
	/* The core itself may be what is loaded. */
	if (argc < 3 || (dev < 0 && strcmp(argv[1], "load")))
		return 1;
	for (n = 1; n < ROUNDS; n++) {
		if (prepare(argv[1], argv, &epoch))
			break;
		arm(n);
		ret = attempt(argv[1], argv, &epoch);
		err = errno;
		hit = fired();
		if (ret && !hit) {
			printf("round %d: fails by itself: %s\n", n, strerror(err));
			return 1;
		}
		if (ret)
			failed++;
		else if (hit)
			survived++;
		if (ret ? go_on(argv[1], argv, epoch) : undo(argv[1], argv, epoch)) {
			printf("round %d, which %s: cannot be undone: %s\n", n, ret ? "failed" : "didn't fail", strerror(errno));
			return 1;
		}
		if (!hit) {
			printf("%s: %d allocations: %d failed it, %d did no harm\n", argv[1], n - 1, failed, survived);
			/* What falls back to pages (the list of an end with stragglers) does no harm; nothing hit, nothing shown. */
			return failed + survived == 0;
		}
	}
	printf("%s: gives up after %d rounds: %s\n", argv[1], n, strerror(errno));
	return 1;
}
