// SPDX-License-Identifier: GPL-2.0-or-later
/* ask - one system call whose answer the build-* tests change: prints what it gave. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int say(long ret)
{
	if (ret >= 0)
		printf("%ld\n", ret);
	else
		printf("%s\n", strerrorname_np(errno));
	return 0;
}

int main(int argc, char **argv)
{
	static const gid_t three[] = { 10, 20, 30 };
	gid_t got[8] = { 0 };
	unsigned int value = 0;

	if (argc < 2 || setgroups(3, three))
		return 64;
	if (!strcmp(argv[1], "groups")) {	/* [ADDRESS]: where to */
		void *to = argc > 2 ? (void *)(uintptr_t)strtoull(argv[2], NULL, 16) : got;
		long ret = syscall(SYS_getgroups, 8, to);

		return say(ret == 3 && to == got ? got[0] + got[1] + got[2] : ret);
	}
	if (!strcmp(argv[1], "fcntl")) {	/* with an address that is mapped nowhere, or not */
		long ret = syscall(SYS_fcntl, 0, 4242, argc > 2 ? (void *)64 : &value);

		return say(ret ? ret : (long)value);
	}
	if (!strcmp(argv[1], "ustat")) {
		char buf[64];

		return say(syscall(SYS_ustat, 4242, buf));
	}
	return 64;
}
