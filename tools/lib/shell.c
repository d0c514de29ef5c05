// SPDX-License-Identifier: GPL-2.0-or-later
/* shell.c - see shell.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monotonic.h"
#include "shell.h"

int read_until(int fd, int64_t deadline, void *out, size_t room, size_t *len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	*len = 0;
	while (*len < room) {
		int64_t left = deadline - monotonic_ms();
		ssize_t n;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&pfd, 1, (int)left) <= 0)
			continue;
		n = read(fd, (char *)out + *len, room - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		*len += (size_t)n;
	}
	return -EFBIG;
}

void shell_default_signals(void)
{
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

static void exec_command(const char *command, int in, int out, bool errors) __attribute__((noreturn));

static void exec_command(const char *command, int in, int out, bool errors)
{
	setsid();
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	if (errors)
		dup2(out, STDERR_FILENO);
	shell_default_signals();
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

pid_t shell_start(const char *command, int in, bool errors, int *out)
{
	int p[2];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC))
		return -errno;
	fflush(NULL);
	pid = fork();
	if (!pid)
		exec_command(command, in, p[1], errors);
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		return -EAGAIN;
	}
	*out = p[0];
	return pid;
}

int shell_end(pid_t pid, int ret, int64_t deadline)
{
	int status;

	while (!ret && !waitpid(pid, &status, WNOHANG)) {
		ret = monotonic_ms() > deadline ? -ETIMEDOUT : 0;
		usleep(10000);
	}
	if (ret) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return ret;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
