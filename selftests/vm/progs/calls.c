// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * calls - one process in each of many system calls that sleep, until a byte comes through FIFO; then each gets what it
 * waits for and tells what its call returned.  Did it notice that it was disturbed?
 *
 * usage: calls FIFO SECONDS        those with a time limit sleep for SECONDS
 * Prints "asleep KIND PID" for each, "all asleep", and after the byte "KIND undisturbed" or "KIND " and what it noticed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define BIG	100000		/* bytes; a pipe holds 65536 */

/* A call returns what it returned; `want` is what it returns when nobody disturbs it. */
struct kind {
	const char *name;
	void (*set_up)(struct kind *k);
	long (*call)(struct kind *k);
	void (*release)(struct kind *k);	/* NULL: time does it */
	long want;
	int fds[2];
	int other[2];
	int id;
	uint32_t *word;
	char path[32];
	pid_t pid;
};

static struct timespec limit;
static volatile sig_atomic_t signalled;
static char big[BIG];

static void on_usr1(int sig)
{
	(void)sig;
	signalled = 1;
}

static void must(bool ok, const struct kind *k, const char *what)
{
	if (ok)
		return;
	printf("%s: %s: %s\n", k->name, what, strerror(errno));
	exit(1);
}

static void up_pipe(struct kind *k) { must(!pipe(k->fds), k, "pipe"); }
static void up_pair(struct kind *k) { must(!socketpair(AF_UNIX, SOCK_STREAM, 0, k->fds), k, "socketpair"); }
static void give(struct kind *k) { must(write(k->fds[1], "x", 1) == 1, k, "write"); }
static void send_usr1(struct kind *k) { kill(k->pid, SIGUSR1); }

static long c_read(struct kind *k) { char c; return read(k->fds[0], &c, 1); }
static long c_write(struct kind *k) { return write(k->fds[1], big, BIG); }

static void drain(struct kind *k)
{
	static char sink[BIG];
	size_t n = 0;
	ssize_t one;

	/* What was cut short leaves less. */
	while (n < BIG) {
		struct pollfd p = { .fd = k->fds[0], .events = POLLIN };

		if (poll(&p, 1, 1000) != 1 || (one = read(k->fds[0], sink, BIG - n)) <= 0)
			return;
		n += one;
	}
}

static void up_word(struct kind *k)
{
	k->word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(k->word != MAP_FAILED, k, "mmap");
}
static long c_futex(struct kind *k) { return syscall(SYS_futex, k->word, FUTEX_WAIT, 0, NULL, NULL, 0); }
static long c_futex_timed(struct kind *k)
{
	long ret = syscall(SYS_futex, k->word, FUTEX_WAIT, 0, &limit, NULL, 0);

	return ret < 0 && errno == ETIMEDOUT ? 0 : ret;
}
static void wake(struct kind *k)
{
	__atomic_store_n(k->word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, k->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static long c_poll(struct kind *k)
{
	struct pollfd p = { .fd = k->fds[0], .events = POLLIN };

	return poll(&p, 1, -1);
}
static long c_ppoll_timed(struct kind *k)
{
	struct pollfd p = { .fd = k->fds[0], .events = POLLIN };

	return ppoll(&p, 1, &limit, NULL);
}
static long c_select(struct kind *k)
{
	fd_set in;

	FD_ZERO(&in);
	FD_SET(k->fds[0], &in);
	return select(k->fds[0] + 1, &in, NULL, NULL, NULL);
}
static long c_pselect_timed(struct kind *k)
{
	sigset_t none;
	fd_set in;

	sigemptyset(&none);
	FD_ZERO(&in);
	FD_SET(k->fds[0], &in);
	return pselect(k->fds[0] + 1, &in, NULL, NULL, &limit, &none);
}
static long c_nanosleep(struct kind *k)
{
	(void)k;
	return nanosleep(&limit, NULL);
}
static long c_clock_abs(struct kind *k)
{
	struct timespec t;

	(void)k;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += limit.tv_sec;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	return errno ? -1 : 0;
}

static struct sockaddr_un address(const struct kind *k)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	/* Abstract: nothing to clean up. */
	snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "calls-%s", k->name);
	return a;
}
static int connected(struct kind *k)
{
	struct sockaddr_un a = address(k);
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	return connect(s, (struct sockaddr *)&a, sizeof(a)) ? -1 : s;
}
static void up_listen(struct kind *k)
{
	struct sockaddr_un a = address(k);

	k->fds[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	must(!bind(k->fds[0], (struct sockaddr *)&a, sizeof(a)) && !listen(k->fds[0], 0), k, "listen");
}
static void up_full(struct kind *k)
{
	up_listen(k);
	must(connected(k) >= 0, k, "the first connection");
}
static long c_accept(struct kind *k) { return accept(k->fds[0], NULL, NULL) < 0 ? -1 : 0; }
static long c_connect(struct kind *k) { return connected(k) < 0 ? -1 : 0; }
static void do_connect(struct kind *k) { must(connected(k) >= 0, k, "connect"); }
static void do_accept(struct kind *k) { must(accept(k->fds[0], NULL, NULL) >= 0, k, "accept"); }

static void up_limited(struct kind *k)
{
	struct timeval hour = { .tv_sec = 3600 };

	up_pair(k);
	must(!setsockopt(k->fds[0], SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof(hour)), k, "setsockopt");
}
static void up_half(struct kind *k)
{
	up_pair(k);
	give(k);
}
static void up_lowat(struct kind *k)
{
	int two = 2;

	up_half(k);
	must(!setsockopt(k->fds[0], SOL_SOCKET, SO_RCVLOWAT, &two, sizeof(two)), k, "setsockopt");
}
static long c_recv(struct kind *k) { char c; return recv(k->fds[0], &c, 1, 0); }
static long c_recv_two(struct kind *k) { char c[2]; return recv(k->fds[0], c, 2, 0); }
static long c_recv_all(struct kind *k) { char c[2]; return recv(k->fds[0], c, 2, MSG_WAITALL); }
static long c_recvmsg_all(struct kind *k)
{
	char c[2];
	struct iovec v = { c, 2 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	return recvmsg(k->fds[0], &m, MSG_WAITALL);
}

static void up_msg(struct kind *k) { must((k->id = msgget(IPC_PRIVATE, 0600)) >= 0, k, "msgget"); }
static long c_msgrcv(struct kind *k)
{
	struct { long type; char text; } m;

	return msgrcv(k->id, &m, 1, 0, 0);
}
static void do_msgsnd(struct kind *k)
{
	struct { long type; char text; } m = { .type = 1 };

	must(!msgsnd(k->id, &m, 1, 0), k, "msgsnd");
}
static void up_sem(struct kind *k) { must((k->id = semget(IPC_PRIVATE, 1, 0600)) >= 0, k, "semget"); }
static long sem_add(struct kind *k, int n)
{
	struct sembuf op = { .sem_op = n };

	return semop(k->id, &op, 1);
}
static long c_semop(struct kind *k) { return sem_add(k, -1); }
static void do_sem(struct kind *k) { must(!sem_add(k, 1), k, "semop"); }

static sigset_t usr1(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return set;
}
static long c_sigtimedwait(struct kind *k)
{
	sigset_t set = usr1();

	(void)k;
	return sigtimedwait(&set, NULL, NULL) == SIGUSR1 ? 0 : -1;
}
/* EINTR is theirs, if the signal has come. */
static long by_signal(long ret) { return ret < 0 && errno == EINTR && signalled ? 0 : ret; }
static long c_pause(struct kind *k)
{
	sigset_t set = usr1();

	(void)k;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return by_signal(syscall(SYS_pause));
}
static long c_sigsuspend(struct kind *k)
{
	sigset_t none;

	(void)k;
	sigemptyset(&none);
	return by_signal(sigsuspend(&none));
}

static pid_t with_child(struct kind *k)
{
	pid_t pid = fork();

	if (!pid) {
		c_read(k);
		_exit(0);
	}
	return pid;
}
static long c_wait4(struct kind *k)
{
	pid_t pid = with_child(k);

	return wait4(pid, NULL, 0, NULL) == pid ? 0 : -1;
}
static long c_waitid(struct kind *k)
{
	siginfo_t i;

	return waitid(P_PID, with_child(k), &i, WEXITED);
}

static void up_lock(struct kind *k)
{
	snprintf(k->path, sizeof(k->path), "/tmp/calls.lock");
	k->fds[0] = open(k->path, O_RDWR | O_CREAT, 0600);
	must(!flock(k->fds[0], LOCK_EX), k, "flock");
}
static long c_flock(struct kind *k) { return flock(open(k->path, O_RDWR), LOCK_EX); }
static void unlock(struct kind *k) { flock(k->fds[0], LOCK_UN); }

static void up_event(struct kind *k) { k->fds[0] = k->fds[1] = eventfd(0, 0); }
static long c_event(struct kind *k) { uint64_t n; return read(k->fds[0], &n, sizeof(n)); }
static void do_event(struct kind *k) { eventfd_write(k->fds[1], 1); }

static long c_epoll(struct kind *k)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, k->fds[0], &ev);
	return epoll_wait(ep, &ev, 1, -1);
}

static void up_mq(struct kind *k)
{
	struct mq_attr a = { .mq_maxmsg = 1, .mq_msgsize = 1 };

	k->id = mq_open("/calls", O_CREAT | O_RDWR, 0600, &a);
	must(k->id >= 0, k, "mq_open");
}
static long c_mq(struct kind *k) { char c; return mq_receive(k->id, &c, 1, NULL); }
static void do_mq(struct kind *k) { must(!mq_send(k->id, "x", 1, 0), k, "mq_send"); }

static void up_fifo(struct kind *k)
{
	snprintf(k->path, sizeof(k->path), "/tmp/calls.fifo");
	unlink(k->path);
	must(!mkfifo(k->path, 0600), k, "mkfifo");
}
static long c_open(struct kind *k) { return open(k->path, O_RDONLY) < 0 ? -1 : 0; }
static void do_open(struct kind *k) { must(open(k->path, O_WRONLY) >= 0, k, "open"); }

static void up_pipes(struct kind *k)
{
	up_pipe(k);
	must(!pipe(k->other), k, "pipe");
}
static long c_splice(struct kind *k) { return splice(k->fds[0], NULL, k->other[1], NULL, 1, 0); }

#define KIND(n, up, sleep, end, result) { .name = n, .set_up = up, .call = sleep, .release = end, .want = result }
static struct kind kinds[] = {
	KIND("read", up_pipe, c_read, give, 1),
	KIND("write", up_pipe, c_write, drain, BIG),
	KIND("open", up_fifo, c_open, do_open, 0),
	KIND("splice", up_pipes, c_splice, give, 1),
	KIND("eventfd", up_event, c_event, do_event, 8),
	KIND("flock", up_lock, c_flock, unlock, 0),
	KIND("poll", up_pipe, c_poll, give, 1),
	KIND("ppoll-timed", up_pipe, c_ppoll_timed, NULL, 0),
	KIND("select", up_pipe, c_select, give, 1),
	KIND("pselect-timed", up_pipe, c_pselect_timed, NULL, 0),
	KIND("epoll", up_pipe, c_epoll, give, 1),
	KIND("futex", up_word, c_futex, wake, 0),
	KIND("futex-timed", up_word, c_futex_timed, NULL, 0),
	KIND("nanosleep", NULL, c_nanosleep, NULL, 0),
	KIND("clock-nanosleep", NULL, c_clock_abs, NULL, 0),
	KIND("accept", up_listen, c_accept, do_connect, 0),
	KIND("connect", up_full, c_connect, do_accept, 0),
	KIND("recv", up_pair, c_recv, give, 1),
	KIND("recv-limited", up_limited, c_recv, give, 1),
	KIND("recv-lowat", up_lowat, c_recv_two, give, 2),
	KIND("recv-all", up_half, c_recv_all, give, 2),
	KIND("recvmsg-all", up_half, c_recvmsg_all, give, 2),
	KIND("msgrcv", up_msg, c_msgrcv, do_msgsnd, 1),
	KIND("semop", up_sem, c_semop, do_sem, 0),
	KIND("mq-receive", up_mq, c_mq, do_mq, 1),
	KIND("wait4", up_pipe, c_wait4, give, 0),
	KIND("waitid", up_pipe, c_waitid, give, 0),
	KIND("sigtimedwait", NULL, c_sigtimedwait, send_usr1, 0),
	KIND("pause", NULL, c_pause, send_usr1, 0),
	KIND("sigsuspend", NULL, c_sigsuspend, send_usr1, 0),
};
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void sleeper(struct kind *k)
{
	double start = now(), took;
	long ret;

	printf("asleep %s %d\n", k->name, getpid());
	ret = k->call(k);
	took = now() - start;
	if (ret < 0)
		printf("%s %s\n", k->name, strerror(errno));
	else if (ret != k->want)
		printf("%s got %ld of %ld\n", k->name, ret, k->want);
	else if (!k->release && (took < limit.tv_sec || took > limit.tv_sec + 5))
		printf("%s slept for %.2f s, not %ld\n", k->name, took, (long)limit.tv_sec);
	else
		printf("%s undisturbed\n", k->name);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_usr1 };
	sigset_t set = usr1();
	size_t i;
	int fifo;
	char c;

	if (argc != 3)
		return 64;
	limit.tv_sec = atoi(argv[2]);
	setlinebuf(stdout);
	sigaction(SIGUSR1, &sa, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fifo = open(argv[1], O_RDWR);
	for (i = 0; i < NR_KINDS; i++) {
		if (kinds[i].set_up)
			kinds[i].set_up(&kinds[i]);
		kinds[i].pid = fork();
		if (!kinds[i].pid)
			sleeper(&kinds[i]);
	}
	if (fifo < 0 || read(fifo, &c, 1) != 1)
		return 1;
	for (i = 0; i < NR_KINDS; i++)
		if (kinds[i].release)
			kinds[i].release(&kinds[i]);
	for (i = 0; i < NR_KINDS; i++)
		waitpid(kinds[i].pid, NULL, 0);
	return 0;
}
