// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * waits - a thread that sleeps in one system call until a byte comes through FIFO,
 * and then tells what the call returned: did it notice that it was disturbed?
 *
 * usage: waits epoll|recv|limited FIFO
 *        waits answer          what selftests/vm/fixes/sleepers-answer.patch changes: "EINVAL" or another
 * "limited": recv() on a socket with a time limit.  Prints "asleep TID", then the result.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static const char *kind;
static int fds[2];

static void *sleeper(void *arg)
{
	struct timeval hour = { .tv_sec = 3600 };
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0), n;
	char c;

	epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev);
	if (!strcmp(kind, "limited"))
		setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof(hour));
	printf("asleep %d\n", (int)syscall(SYS_gettid));
	if (!strcmp(kind, "epoll"))
		n = epoll_wait(ep, &ev, 1, -1);
	else
		n = read(fds[0], &c, 1);
	puts(n == 1 ? "undisturbed" : strerror(errno));
	return arg;
}

static int answer(void)
{
	struct epoll_event ev;

	if (epoll_wait(epoll_create1(0), &ev, 0, 0) != -1)
		return 1;
	puts(errno == EINVAL ? "EINVAL" : strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	pthread_t t;
	int fifo;
	char c;

	if (argc == 2 && !strcmp(argv[1], "answer"))
		return answer();
	if (argc != 3)
		return 64;
	kind = argv[1];
	setlinebuf(stdout);
	fifo = open(argv[2], O_RDWR);
	if (fifo < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) ||
	    pthread_create(&t, NULL, sleeper, NULL) || read(fifo, &c, 1) != 1 || write(fds[1], &c, 1) != 1)
		return 1;
	return pthread_join(t, NULL) != 0;
}
