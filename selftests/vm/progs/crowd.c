// SPDX-License-Identifier: GPL-2.0-or-later
/* crowd.c N COMMAND - N threads that give the victim this command, each for as long as it takes; runs until killed. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *give(void *command)
{
	/* A file each: writers of one wait for each other. */
	int fd = open("/proc/qp_victim", O_WRONLY);

	if (fd < 0 || write(fd, command, strlen(command)) < 0)
		perror("crowd: /proc/qp_victim");
	return NULL;
}

int main(int argc, char **argv)
{
	int i, n = argc == 3 ? atoi(argv[1]) : 0;
	pthread_attr_t attr;
	pthread_t t;

	if (n < 1)
		return 1;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (i = 0; i < n; i++)
		if (pthread_create(&t, &attr, give, argv[2]))
			return 1;
	for (;;)
		pause();
}
