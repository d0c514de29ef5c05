// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uringwait.c [wait] - with "wait": sleeps in io_uring_enter() for an event that doesn't come, until a signal does.
 * Else calls it with flags that it doesn't know, and prints errno.  exit 3: no io_uring here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct io_uring_params p = {};
	int ring = syscall(SYS_io_uring_setup, 4, &p);

	(void)argv;
	if (ring < 0)
		return 3;
	if (argc > 1)
		return syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0;
	syscall(SYS_io_uring_enter, ring, 0, 0, 1u << 31, NULL, 0);
	printf("%d\n", errno);
	return 0;
}
