// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load - keeps a guest busy while it is patched: WORKERS processes that call
 * the function that the demo patches, and pipes, files, forks and naps beside
 * it, until SIGTERM.  Then one line says how often each answer of the patched
 * function was seen, and how often one worker at most saw the answer change: a
 * task switches once a transition, so never more often than there were any.
 *
 * usage: load WORKERS
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORKERS 64

struct counts {
	unsigned long enomem, einval, created, other, rounds, flips;
};

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static int huge_map(void)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_SOCKMAP;
	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = (1u << 31) + 1;
	fd = syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void others(unsigned long round)
{
	struct timespec nap = { 0, 200000 };
	char c = 'x';
	int p[2], fd;
	pid_t pid;

	if (!pipe(p)) {
		if (write(p[1], &c, 1) == 1 && read(p[0], &c, 1) != 1)
			abort();
		close(p[0]);
		close(p[1]);
	}
	fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	if (round % 16 == 0)
		nanosleep(&nap, NULL);
	if (round % 64 == 0) {
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static void worker(struct counts *c)
{
	int last = -1, now;

	while (!stop) {
		now = huge_map();
		if (now == ENOMEM)
			c->enomem++;
		else if (now == EINVAL)
			c->einval++;
		else if (!now)
			c->created++;
		else
			c->other++;
		if (last >= 0 && now != last)
			c->flips++;
		last = now;
		others(c->rounds++);
	}
}

int main(int argc, char **argv)
{
	struct counts *c, sum = { 0 };
	unsigned long max_flips = 0;
	pid_t pids[MAX_WORKERS];
	int i, n = argc == 2 ? atoi(argv[1]) : 0;

	if (n < 1 || n > MAX_WORKERS) {
		fprintf(stderr, "usage: load WORKERS (1 to %d)\n", MAX_WORKERS);
		return 64;
	}
	c = mmap(NULL, n * sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return 1;
	signal(SIGTERM, on_term);
	for (i = 0; i < n; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			worker(&c[i]);
			_exit(0);
		}
		if (pids[i] < 0)
			return 1;
	}
	while (!stop)
		pause();
	for (i = 0; i < n; i++)
		kill(pids[i], SIGTERM);
	for (i = 0; i < n; i++) {
		waitpid(pids[i], NULL, 0);
		sum.enomem += c[i].enomem;
		sum.einval += c[i].einval;
		sum.created += c[i].created;
		sum.other += c[i].other;
		sum.rounds += c[i].rounds;
		if (c[i].flips > max_flips)
			max_flips = c[i].flips;
	}
	/* flips: the most changes of answer that one worker saw; one a switch is right. */
	printf("rounds=%lu enomem=%lu einval=%lu created=%lu other=%lu flips=%lu\n",
	       sum.rounds, sum.enomem, sum.einval, sum.created, sum.other, max_flips);
	return 0;
}
