// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sleepers - THREADS threads that sleep, a quarter each in nanosleep, futex,
 * poll and a pipe's read (with "nopipe": half of them in nanosleep).  Prints
 * "ready" when all are there; runs until killed.
 *
 * usage: sleepers THREADS [nopipe]
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static atomic_int ready;
static int pipefd[2];

static void *sleeper(void *arg)
{
	long kind = (long)arg % 4;
	char c;

	ready++;
	for (;;) {
		switch (kind) {
		case 0:
			sleep(100000);
			break;
		case 1:
			pthread_mutex_lock(&held);
			break;
		case 2:
			poll(NULL, 0, -1);
			break;
		default:
			if (read(pipefd[0], &c, 1) < 0)
				return NULL;
		}
	}
}

int main(int argc, char **argv)
{
	int n = argc >= 2 ? atoi(argv[1]) : 0;
	bool nopipe = argc == 3 && !strcmp(argv[2], "nopipe");
	pthread_attr_t attr;
	pthread_t t;

	if (n < 1) {
		fprintf(stderr, "usage: sleepers THREADS [nopipe]\n");
		return 64;
	}
	if (pipe(pipefd))
		return 1;
	pthread_mutex_lock(&held);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32 * 1024);
	for (long i = 0; i < n; i++)
		if (pthread_create(&t, &attr, sleeper, (void *)(nopipe && i % 4 == 3 ? 0 : i))) {
			perror("sleepers: pthread_create");
			return 1;
		}
	while (ready < n)
		usleep(10000);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
