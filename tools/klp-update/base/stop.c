// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop.c - see stop.h.
 *
 * The handler writes to an eventfd that each wait polls and nobody reads: a signal that comes between a look at a flag and the
 * wait isn't lost, and the waits after it end at once, too.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "err.h"
#include "monotonic.h"
#include "stop.h"

static int stop_fd = -1;

static void on_signal(int sig)
{
	const uint64_t one = 1;
	int saved = errno;

	(void)sig;
	if (write(stop_fd, &one, sizeof(one)) < 0)
		_exit(1);	/* can't be, short of 2^64 signals */
	errno = saved;
}

void stop_listen(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return;		/* then the signals kill us; the next run recovers */
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

bool stop_asked(void)
{
	return stop_wait(-1, 0) == -EINTR;
}

int stop_wait(int fd, int64_t ms)
{
	/* poll() passes over what is negative. */
	struct pollfd pfd[] = { { .fd = stop_fd, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	int64_t until = monotonic_ms() + ms, left = ms;
	int n;

	do {
		n = poll(pfd, 2, left > INT_MAX ? INT_MAX : left > 0 ? (int)left : 0);
		if (n > 0)
			return pfd[0].revents ? -EINTR : 1;
		left = until - monotonic_ms();
	} while (left > 0);
	return 0;
}

int stop_check(struct klp_err *err)
{
	return stop_asked() ? klp_err_set(err, -EINTR, "klp-update was told to stop; the next run goes on") : 0;
}
