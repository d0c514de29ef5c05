// SPDX-License-Identifier: GPL-2.0-or-later
/* victims.c N - N processes that call the victim's oracle without end, and one that forks children to do so. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void call(int fd)
{
	if (write(fd, "outer", 5) != 5)
		_exit(1);
}

int main(int argc, char **argv)
{
	int i, n = argc > 1 ? atoi(argv[1]) : 4, fd = open("/proc/qp_victim", O_RDWR);

	if (fd < 0)
		return 1;
	for (i = 0; i < n; i++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				call(fd);
		}
	}
	for (;;) {
		pid_t p = fork();

		if (p == 0) {
			call(fd);
			_exit(0);
		}
		waitpid(p, NULL, 0);
	}
}
