// SPDX-License-Identifier: GPL-2.0-or-later
/* proc.c - see proc.h. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "proc.h"
#include "text.h"
#include "xalloc.h"

#define LOG_TAIL	1200	/* bytes of a program's output that go into an error */
#define LOOK_EVERY_MS	100
#define GRACE_SECONDS	30	/* to take files away after a time limit */
#define DISK_FULL	(1u << 20)	/* bytes; a compiler that fails takes its own files away */
#define OUTPUT_MAX	(256u << 20)

static volatile sig_atomic_t caught;	/* the signal */

static void on_signal(int sig)
{
	caught = sig;
	/* Whoever has set a limit, and doesn't get to its end: the next one kills. */
	if (sig == SIGALRM) {
		signal(SIGALRM, SIG_DFL);
		alarm(GRACE_SECONDS);
	}
}

void proc_catch_signals(void)
{
	/* No SA_RESTART: waiting has to end. */
	struct sigaction sa = { .sa_handler = on_signal };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
}

int proc_interrupted(void)
{
	return caught;
}

static int redirect(const char *path, int flags, int to)
{
	int fd = open(path ? path : "/dev/null", flags | O_CLOEXEC, 0644);

	if (fd < 0 || dup2(fd, to) < 0)
		return -1;
	return 0;
}

/* In the child: only async-signal-safe calls and putenv() (we have one thread). */
static void child(const struct proc *p, int report_fd)
{
	int e;

	setpgid(0, 0);	/* for proc_end() */
	if (p->cwd && chdir(p->cwd))
		goto fail;
	if (redirect(p->in_path, O_RDONLY, 0) ||
	    redirect(p->log_path, O_WRONLY | O_CREAT | O_APPEND, 2))
		goto fail;
	if (p->out_path ? redirect(p->out_path, O_WRONLY | O_CREAT | O_TRUNC, 1) : dup2(2, 1) < 0)
		goto fail;
	for (size_t i = 0; p->env && p->env[i]; i++)
		putenv((char *)p->env[i]);
	execvp(p->argv[0], (char *const *)p->argv);
fail:
	e = errno;
	if (write(report_fd, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

pid_t proc_start(const struct proc *p, struct klp_err *err)
{
	int fds[2], e = 0;
	ssize_t n;
	pid_t pid;

	if (caught)
		return klp_err_set(err, -EINTR, "interrupted by %s", strsignal(caught));
	if (pipe2(fds, O_CLOEXEC))
		return klp_err_sys(err, -errno, "cannot start %s", p->argv[0]);
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		e = errno;
		close(fds[0]);
		close(fds[1]);
		return klp_err_sys(err, -e, "cannot start %s", p->argv[0]);
	}
	if (!pid)
		child(p, fds[1]);
	close(fds[1]);
	/* The pipe closes at exec; anything in it is the child's errno. */
	do
		n = read(fds[0], &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (n == (ssize_t)sizeof(e)) {
		waitpid(pid, NULL, 0);
		if (e == ENOENT)
			return klp_err_set(err, -ENOENT, "cannot run %s: not installed; `make deps` (scripts/deps) installs what is needed",
					   p->argv[0]);
		return klp_err_sys(err, -e, "cannot run %s", p->argv[0]);
	}
	return pid;
}

void proc_end(pid_t pid)
{
	kill(-pid, SIGTERM);
}

int proc_wait(pid_t pid, int *status, struct klp_err *err)
{
	for (;;) {
		if (caught)
			kill(pid, SIGTERM);
		if (waitpid(pid, status, 0) >= 0)
			break;
		if (errno != EINTR)
			return klp_err_sys(err, -errno, "waiting for process %d", (int)pid);
	}
	return caught ? klp_err_set(err, -EINTR, "interrupted by %s", strsignal(caught)) : 0;
}

void proc_follow_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* The last lines of a log, without its trailing newlines. */
static char *log_tail(const char *path)
{
	char buf[LOG_TAIL + 1];
	off_t size, start;
	ssize_t n;
	char *s = buf;
	int fd;

	if (!path)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	size = lseek(fd, 0, SEEK_END);
	start = size > LOG_TAIL ? size - LOG_TAIL : 0;
	n = pread(fd, buf, LOG_TAIL, start);
	close(fd);
	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	while (n > 0 && buf[n - 1] == '\n')
		buf[--n] = '\0';
	if (start && strchr(buf, '\n'))
		s = strchr(buf, '\n') + 1;
	return *s ? xstrdup(s) : NULL;
}

int proc_status(const struct proc *p, int status, struct klp_err *err)
{
	char *tail;

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	tail = log_tail(p->log_path);
	if (WIFSIGNALED(status))
		klp_err_set(err, -ECHILD, "%s was killed by signal %d (%s)%s%s", p->argv[0],
			    WTERMSIG(status), strsignal(WTERMSIG(status)), tail ? ":\n" : "",
			    tail ? tail : "");
	else
		klp_err_set(err, -ECHILD, "%s failed with status %d%s%s", p->argv[0],
			    WEXITSTATUS(status), tail ? ":\n" : "", tail ? tail : "");
	free(tail);
	return -ECHILD;
}

int proc_run_watched(const struct proc *p, void (*look)(void *arg), void *arg, struct klp_err *err)
{
	const struct timespec pause = { .tv_nsec = LOOK_EVERY_MS * 1000000L };
	pid_t pid = proc_start(p, err), got;
	int status;

	if (pid < 0)
		return pid;
	while ((got = waitpid(pid, &status, look ? WNOHANG : 0)) <= 0) {
		if (got < 0 && errno != EINTR)
			return klp_err_sys(err, -errno, "waiting for %s", p->argv[0]);
		if (caught)
			proc_end(pid);
		if (!got) {
			look(arg);
			nanosleep(&pause, NULL);
		}
	}
	if (caught)
		return klp_err_set(err, -EINTR, "interrupted by %s", strsignal(caught));
	return proc_status(p, status, err);
}

int proc_run(const struct proc *p, struct klp_err *err)
{
	return proc_run_watched(p, NULL, NULL, err);
}

int proc_capture(const struct proc *p, char **out, struct klp_err *err)
{
	char path[] = "/tmp/klp-build.XXXXXX";
	struct proc q = *p;
	void *data = NULL;
	size_t len;
	int fd, ret;

	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot make a file in /tmp");
	q.out_path = path;
	ret = proc_run(&q, err);
	if (!ret)
		ret = io_read_fd(fd, p->argv[0], OUTPUT_MAX, &data, &len, err);
	close(fd);
	unlink(path);
	if (!ret)
		*out = data;
	return ret;
}

int proc_blame_disk(const char *dir, int ret, struct klp_err *err)
{
	struct statvfs fs;
	uint64_t left;

	if (ret >= 0 || ret == -EINTR || !dir || statvfs(dir, &fs))
		return ret;
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (ret == -ENOSPC || left < DISK_FULL || (fs.f_files && !fs.f_favail))
		klp_err_wrap(err, "no space is left on the disk of %s (%llu KiB)", dir,
			     (unsigned long long)(left >> 10));
	return ret;
}

double proc_children_cpu(void)
{
	struct rusage ru;

	getrusage(RUSAGE_CHILDREN, &ru);
	return (double)ru.ru_utime.tv_sec + (double)ru.ru_utime.tv_usec / 1e6 +
	       (double)ru.ru_stime.tv_sec + (double)ru.ru_stime.tv_usec / 1e6;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path) && errno != ENOENT ? -1 : 0;
}

int remove_tree(const char *path, struct klp_err *err)
{
	if (nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		return klp_err_sys(err, -errno, "cannot remove %s", path);
	return 0;
}
