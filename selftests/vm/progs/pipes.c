// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pipes - what selftests/vm/fixes/pipe-read.patch changes, seen from outside.
 *
 * usage: pipes zero          read 0 bytes from a pipe: "0" or the errno's name
 *        pipes wait FIFO [NAME]  sleep in pipe_read() until somebody writes a byte, called NAME
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int zero(void)
{
	int p[2];
	char c;

	if (pipe(p))
		return 1;
	if (!read(p[0], &c, 0))
		puts("0");
	else
		puts(errno == EINVAL ? "EINVAL" : strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	char c;
	int fd;

	if (argc == 2 && !strcmp(argv[1], "zero"))
		return zero();
	if (argc < 3 || argc > 4 || strcmp(argv[1], "wait"))
		return 64;
	if (argc == 4)
		prctl(PR_SET_NAME, argv[3]);
	/* Read and write: opening doesn't wait for the other side. */
	fd = open(argv[2], O_RDWR);
	if (fd < 0)
		return 1;
	return read(fd, &c, 1) != 1;
}
