// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stopped.c ptrace|signal|vfork|freeze - brings a task that has called the victim's oracle into a state that it
 * can't leave by itself: stopped by a tracer, by a signal, waiting for its vfork child, frozen by its cgroup.
 * Says "ready"; on the first line of input lets it go on; it calls the oracle 20 times more, and all end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUP	"/run/cg/qp"

static void call(int n)
{
	int fd = open("/proc/qp_victim", O_RDWR);

	while (n--)
		if (write(fd, "outer", 5) != 5)
			_exit(1);
	close(fd);
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(file);
		exit(1);
	}
	close(fd);
}

static void child(const char *how, int gate)
{
	char c;

	call(1);
	if (!strcmp(how, "ptrace"))
		ptrace(PTRACE_TRACEME, 0, 0, 0);
	if (!strcmp(how, "vfork")) {
		if (!vfork())
			_exit(read(gate, &c, 1) != 1);	/* the parent waits, uninterruptibly */
	} else if (!strcmp(how, "freeze")) {
		if (read(gate, &c, 1) != 1)
			_exit(1);
	} else {
		raise(SIGSTOP);
	}
	call(20);
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	char line[16];
	int status, gate[2];
	pid_t p;

	if (pipe(gate))
		return 1;
	p = fork();
	if (!p)
		child(how, gate[0]);
	if (!strcmp(how, "ptrace") || !strcmp(how, "signal"))
		waitpid(p, &status, WUNTRACED);
	else
		usleep(300000);
	if (!strcmp(how, "freeze")) {
		snprintf(line, sizeof(line), "%d", p);
		put(CGROUP "/cgroup.procs", line);
		put(CGROUP "/cgroup.freeze", "1");
	}
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	if (!strcmp(how, "freeze"))
		put(CGROUP "/cgroup.freeze", "0");
	if (write(gate[1], "x", 1) != 1)
		return 1;
	if (!strcmp(how, "ptrace"))
		ptrace(PTRACE_DETACH, p, 0, 0);
	kill(p, SIGCONT);
	return waitpid(p, &status, 0) != p || status;
}
