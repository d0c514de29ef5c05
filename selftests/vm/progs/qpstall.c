// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qpstall - calls of the device with buffers in memory that nobody provides (as a page of a dead FUSE server's
 * file): meanwhile the device has to answer others.  In a transition; exit 0 when it always did, 77 where the kernel has
 * no userfaultfd.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "quietpatch.h"

static int fd;
static void *page;
static uint64_t epoch;

static void *observe(void *unused __attribute__((unused)))
{
	struct qp_observe o = { .size = sizeof(o), .epoch = epoch, .verdicts = (uintptr_t)page, .nr_verdicts = 1 };

	return (void *)(intptr_t)ioctl(fd, QP_IOC_OBSERVE, &o);
}

static void *kick(void *unused __attribute__((unused)))
{
	struct qp_kick k = { .size = sizeof(k), .epoch = epoch, .tasks = (uintptr_t)page, .nr_tasks = 1 };

	return (void *)(intptr_t)ioctl(fd, QP_IOC_KICK, &k);
}

static void *list(void *what)
{
	struct qp_list l = { .size = sizeof(l), .epoch = epoch, .entries = (uintptr_t)page, .nr = 1 };

	return (void *)(intptr_t)ioctl(fd, *(unsigned long *)what, &l);
}

static void *info(void *done)
{
	struct qp_info i = { .size = sizeof(i) };

	if (!ioctl(fd, QP_IOC_INFO, &i))
		epoch = i.epoch;
	*(volatile int *)done = 1;
	return NULL;
}

static int try(const char *name, int uffd, void *(*call)(void *), void *arg)
{
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)page, .len = 4096 }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_zeropage zero = { .range = reg.range };
	pthread_t caller, other;
	struct uffd_msg msg;
	volatile int done = 0;
	int i, good;

	madvise(page, 4096, MADV_DONTNEED);
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		return perror("register"), 1;
	pthread_create(&caller, NULL, call, arg);
	if (read(uffd, &msg, sizeof(msg)) != sizeof(msg) || msg.event != UFFD_EVENT_PAGEFAULT)
		return perror("no fault"), 1;
	pthread_create(&other, NULL, info, (void *)&done);
	for (i = 0; i < 300 && !done; i++)
		usleep(10000);
	good = done;
	ioctl(uffd, UFFDIO_ZEROPAGE, &zero);
	pthread_join(caller, NULL);
	pthread_join(other, NULL);
	printf("%s: others %s\n", name, good ? "are answered" : "wait");
	return !good;
}

int main(void)
{
	static unsigned long ranges = QP_IOC_RANGES, blockers = QP_IOC_BLOCKERS;
	struct uffdio_api api = { .api = UFFD_API };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC), done, bad = 0;

	if (uffd < 0 && errno == ENOSYS)
		return 77;
	fd = open(QP_DEVICE, O_RDWR | O_CLOEXEC);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || uffd < 0 || page == MAP_FAILED || ioctl(uffd, UFFDIO_API, &api))
		return perror("qpstall"), 1;
	info(&done);
	bad += try("observe", uffd, observe, NULL);
	bad += try("kick", uffd, kick, NULL);
	bad += try("ranges", uffd, list, &ranges);
	bad += try("blockers", uffd, list, &blockers);
	return bad != 0;
}
