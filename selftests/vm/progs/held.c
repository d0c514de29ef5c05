// SPDX-License-Identifier: GPL-2.0-or-later
/* held.c N - N processes called "held" that call the victim's oracle without end; it keeps each until the next pulse. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int i, n = argc > 1 ? atoi(argv[1]) : 3, fd = open("/proc/qp_victim", O_RDWR);

	if (fd < 0)
		return 1;
	prctl(PR_SET_NAME, "held");
	for (i = 0; i < n; i++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				if (write(fd, "outer", 5) != 5)
					_exit(1);
		}
	}
	pause();
}
