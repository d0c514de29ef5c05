// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * forks.c - makes and ends tasks in every way, each calling the victim's oracle: fork, vfork,
 * threads, and exec from a thread that isn't the leader (it takes over the leader's identity).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd;
static char *self;

static void call(void)
{
	if (write(fd, "outer", 5) != 5)
		_exit(1);
}

static void *thread(void *exec)
{
	call();
	if (exec)
		execl(self, self, "child", NULL);
	return NULL;
}

static void child(int kind)
{
	pthread_t t[4];
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (kind == 0) {
		for (i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, thread, NULL);
		for (i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
	} else if (kind == 1) {
		pthread_create(&t[0], NULL, thread, self);
		for (;;)
			call();
	} else if (kind == 2) {
		pid_t p = vfork();

		if (!p) {
			execl(self, self, "child", NULL);
			_exit(1);
		}
		waitpid(p, NULL, 0);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int i;

	self = argv[0][0] == '/' ? argv[0] : "/progs/forks";
	fd = open("/proc/qp_victim", O_RDWR);
	if (fd < 0)
		return 1;
	if (argc > 1) {	/* after an exec */
		call();
		return 0;
	}
	for (i = 0; ; i = (i + 1) % 4) {
		pid_t p = fork();

		if (!p)
			child(i);
		while (waitpid(-1, NULL, i == 3 ? 0 : WNOHANG) > 0)
			;
	}
}
