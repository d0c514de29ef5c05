// SPDX-License-Identifier: GPL-2.0-or-later
/* kick.c - see kick.h. */
#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#include "blockers.h"
#include "core.h"
#include "err.h"
#include "io.h"
#include "kick.h"

#define STATE_INTERRUPTIBLE	0x1	/* task_struct::__state */
/* A 64-bit program's stack is above this; numbers of 32-bit calls mean others. */
#define LOWEST_STACK		(1ull << 32)

/*
 * signal(7), "Interruption of system calls": these start again where no handler runs.  Writes aren't here: what is
 * partly written returns early, with the number of bytes so far.
 */
static const struct { short nr; enum kick_effect effect; } calls[] = {
	{ SYS_read, EFFECT_FD }, { SYS_readv, EFFECT_FD }, { SYS_recvfrom, EFFECT_FD },
	{ SYS_recvmsg, EFFECT_FD }, { SYS_accept, EFFECT_FD }, { SYS_accept4, EFFECT_FD },
	{ SYS_nanosleep, EFFECT_UNSEEN }, { SYS_clock_nanosleep, EFFECT_UNSEEN },
	{ SYS_poll, EFFECT_UNSEEN }, { SYS_ppoll, EFFECT_UNSEEN }, { SYS_select, EFFECT_UNSEEN },
	{ SYS_pselect6, EFFECT_UNSEEN }, { SYS_futex, EFFECT_UNSEEN }, { SYS_pause, EFFECT_UNSEEN },
	{ SYS_rt_sigsuspend, EFFECT_UNSEEN }, { SYS_msgrcv, EFFECT_UNSEEN },
	{ SYS_msgsnd, EFFECT_UNSEEN }, { SYS_wait4, EFFECT_UNSEEN }, { SYS_waitid, EFFECT_UNSEEN },
	{ SYS_flock, EFFECT_UNSEEN }, { SYS_fcntl, EFFECT_UNSEEN },
	/* How nanosleep, poll and futex with a time limit go on once disturbed. */
	{ SYS_restart_syscall, EFFECT_UNSEEN },
};

enum kick_effect kick_effect(long nr, const unsigned long long args[KICK_ARGS])
{
	size_t i;

	/* Part of what was asked for would do, then. */
	if ((nr == SYS_recvfrom && args[3] & MSG_WAITALL) || (nr == SYS_recvmsg && args[2] & MSG_WAITALL))
		return EFFECT_SEEN;
	/* Once requeued, it returns EWOULDBLOCK. */
	if (nr == SYS_futex && (args[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_REQUEUE_PI)
		return EFFECT_SEEN;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].nr == nr)
			return calls[i].effect;
	return EFFECT_SEEN;
}

enum kick_effect kick_file_effect(const char *link)
{
	static const struct { const char *start; enum kick_effect effect; } files[] = {
		{ "pipe:[", EFFECT_UNSEEN }, { "anon_inode:[eventfd]", EFFECT_UNSEEN },
		{ "anon_inode:[timerfd]", EFFECT_UNSEEN }, { "anon_inode:[signalfd]", EFFECT_UNSEEN },
		{ "anon_inode:inotify", EFFECT_UNSEEN }, { "anon_inode:[fanotify]", EFFECT_UNSEEN },
		{ "socket:[", EFFECT_FD }, { "/dev/pts/", EFFECT_FD }, { "/dev/tty", EFFECT_FD },
		{ "/dev/console", EFFECT_FD },
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strncmp(link, files[i].start, strlen(files[i].start)))
			return files[i].effect;
	return EFFECT_SEEN;
}

static bool no_limit(int sock, int option)
{
	struct timeval tv;
	socklen_t len = sizeof(tv);

	return !getsockopt(sock, SOL_SOCKET, option, &tv, &len) && !tv.tv_sec && !tv.tv_usec;
}

bool kick_fd_unseen(int fd)
{
	int low;
	socklen_t len = sizeof(low);
	struct termios t;

	if (!tcgetattr(fd, &t))
		return t.c_lflag & ICANON || (t.c_cc[VMIN] == 1 && !t.c_cc[VTIME]);
	return no_limit(fd, SO_RCVTIMEO) && no_limit(fd, SO_SNDTIMEO) &&
	       !getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low, &len) && low <= 1;
}

static bool their_fd_unseen(unsigned int tgid, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tgid, 0), copy;
	bool unseen;

	if (pidfd < 0)
		return false;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	if (copy < 0)
		return false;
	unseen = kick_fd_unseen(copy);
	close(copy);
	return unseen;
}

static bool file_unseen(const struct qp_blocker *b, unsigned long long fd)
{
	char path[64], link[128];
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/fd/%llu", b->pid, fd);
	if (!stat(path, &st) && S_ISFIFO(st.st_mode))
		return true;	/* its link may be a name */
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return false;
	link[n] = '\0';
	switch (kick_file_effect(link)) {
	case EFFECT_UNSEEN:
		return true;
	case EFFECT_FD:
		return their_fd_unseen(b->tgid, (int)fd);
	default:
		return false;
	}
}

/* "232 0x3 0x7ffc... (six arguments) 0x7ffc... (stack) 0x7f... (program)" */
static bool call_unseen(const struct qp_blocker *b)
{
	unsigned long long args[KICK_ARGS], stack;
	char path[64];
	bool unseen;
	void *text;
	size_t len;
	long nr;

	snprintf(path, sizeof(path), "/proc/%u/syscall", b->pid);
	if (io_read_file(path, 4096, &text, &len, NULL))
		return false;
	unseen = sscanf(text, "%ld %llx %llx %llx %llx %llx %llx %llx", &nr, &args[0], &args[1], &args[2],
			&args[3], &args[4], &args[5], &stack) == KICK_ARGS + 2 && stack >= LOWEST_STACK;
	free(text);
	if (!unseen)
		return false;
	switch (kick_effect(nr, args)) {
	case EFFECT_UNSEEN:
		return true;
	case EFFECT_FD:
		return file_unseen(b, args[0]);
	default:
		return false;
	}
}

static int read_switches(unsigned int pid, __u64 *out)
{
	unsigned long long voluntary, forced;
	char path[64], *p;
	int ret = -ESRCH;
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	if (io_read_file(path, 65536, &text, &len, NULL))
		return ret;
	p = strstr(text, "\nvoluntary_ctxt_switches:");
	if (p && sscanf(p, "\nvoluntary_ctxt_switches: %llu nonvoluntary_ctxt_switches: %llu",
			&voluntary, &forced) == 2) {
		*out = voluntary + forced;
		ret = 0;
	}
	free(text);
	return ret;
}

int kick_blockers(struct core *c, uint64_t epoch, enum kick how, const struct blocker *b,
		  size_t nr, struct klp_err *err)
{
	struct qp_kick_task *tasks = calloc(nr ? nr : 1, sizeof(*tasks));
	int ret, kicked = 0;
	uint32_t n = 0, k;
	size_t i;

	if (!tasks)
		return klp_err_sys(err, -ENOMEM, "cannot kick tasks");
	for (i = 0; i < nr && how != KICK_NEVER; i++) {
		if (b[i].core.verdict != QP_V_AFFECTED || !(b[i].core.state & STATE_INTERRUPTIBLE))
			continue;
		/* Counted before the call is looked at: the core leaves who ran since alone. */
		if (read_switches(b[i].core.pid, &tasks[n].switches))
			continue;
		if (how == KICK_SAFE && !b[i].kthread && !call_unseen(&b[i].core))
			continue;
		tasks[n++].pid = b[i].core.pid;
	}
	ret = n ? core_kick(c, epoch, tasks, n, err) : 0;
	for (k = 0; !ret && k < n; k++)
		kicked += tasks[k].result;
	free(tasks);
	return ret ? ret : kicked;
}
