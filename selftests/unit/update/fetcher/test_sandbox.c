// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_sandbox.c - what somebody who has taken over the fetcher can still do: each attempt from inside, by a process
 * that has given up all as the fetcher does.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetcher/fetcher.h"
#include "fetcher/sandbox.h"
#include "fixture.h"

static char *folder, *writable;	/* anybody may write to that file, and execute it */

static void setup(void)
{
	int fd;

	folder = fixture_folder();
	ck_assert_int_eq(chmod(folder, 0777), 0);
	writable = fixture_path(folder, "w");
	fd = open(writable, O_CREAT | O_WRONLY | O_CLOEXEC, 0777);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "#!/bin/true\n", 12), 12);
	ck_assert_int_eq(fchmod(fd, 0777), 0);
	close(fd);
}

static void teardown(void)
{
	free(writable);
	fixture_remove(folder);
}

static void shut_in(pid_t parent)
{
	char text[512] = "";

	if (fetcher_drop("nobody", text) || sandbox_enter(parent, text)) {
		fprintf(stderr, "%s\n", text);
		_exit(99);
	}
}

/* The errno of @attempt in the sandbox; 0: it went well; 99: no sandbox. */
static int inside(int (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		shut_in(0);
		errno = 0;
		_exit(attempt() < 0 ? errno : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static int execute(void)	{ return execl("/bin/true", "true", NULL); }
static int execute_by_fd(void)	{ return (int)syscall(SYS_execveat, AT_FDCWD, "/bin/true", NULL, NULL, 0); }
static int fork_a_process(void)	{ return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static int write_file(void)	{ return open(writable, O_WRONLY); }
static int truncate_file(void)	{ return truncate(writable, 0); }
static int create_file(void)	{ return openat(AT_FDCWD, "/tmp/qp-sandbox", O_CREAT | O_RDWR, 0600); }
static int remove_file(void)	{ return unlink(writable); }
static int make_folder(void)	{ return mkdir("/tmp/qp-sandbox", 0700); }
static int kill_parent(void)	{ return kill(getppid(), 0); }
static int trace_parent(void)	{ return (int)ptrace(PTRACE_ATTACH, getppid(), 0, 0); }
static int packets(void)	{ return socket(AF_PACKET, SOCK_RAW, 0); }
static int vsock(void)		{ return socket(AF_VSOCK, SOCK_STREAM, 0); }
static int be_root(void)	{ return setresuid(0, 0, 0); }
static int namespace(void)	{ return unshare(CLONE_NEWUSER); }
static int load_module(void)	{ return (int)syscall(SYS_finit_module, 0, "", 0); }
static int use_bpf(void)	{ return (int)syscall(SYS_bpf, 0, NULL, 0); }
static int use_ring(void)	{ return (int)syscall(SYS_io_uring_setup, 1, NULL); }
static int more_memory(void)	{ return setrlimit(RLIMIT_AS, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY }); }
static int take_keys(void)	{ return (int)syscall(SYS_keyctl, 0, 0, 0, 0, 0); }

static int code_that_is_written(void)
{
	return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int code_after_writing(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? 0 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static const struct {
	const char *what;
	int (*attempt)(void);
} refused[] = {
	{ "execve", execute }, { "execveat", execute_by_fd }, { "fork", fork_a_process }, { "write a file", write_file },
	{ "truncate", truncate_file }, { "create a file", create_file }, { "unlink", remove_file }, { "mkdir", make_folder },
	{ "kill", kill_parent }, { "ptrace", trace_parent }, { "a packet socket", packets }, { "a vsock", vsock }, { "setuid", be_root },
	{ "unshare", namespace }, { "finit_module", load_module }, { "bpf", use_bpf }, { "io_uring", use_ring },
	{ "raise a limit", more_memory }, { "keyctl", take_keys }, { "writable code", code_that_is_written },
	{ "code from written memory", code_after_writing },
};

START_TEST(what_is_refused)
{
	int got = inside(refused[_i].attempt);

	ck_assert_msg(got == EPERM || got == EACCES, "%s: %d (%s)", refused[_i].what, got, strerror(got));
}
END_TEST

static void *thread(void *arg)
{
	return arg;
}

static int a_thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, thread, NULL) || pthread_join(t, NULL) ? -1 : 0;
}

static int read_file(void)	{ return open("/etc/hosts", O_RDONLY | O_CLOEXEC); }
static int speak(void)		{ return socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0); }

/* Its own memory of its own making, sealed: what it hands over. */
static int seal(void)
{
	int fd = memfd_create("fetched", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 || write(fd, "x", 1) != 1 ? -1 : fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL);
}

static int much_memory(void)
{
	return mmap(NULL, 2ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED ? -1 : 0;
}

/* Else nothing above would say anything. */
START_TEST(what_it_needs)
{
	ck_assert_int_eq(inside(read_file), 0);
	ck_assert_int_eq(inside(speak), 0);
	ck_assert_int_eq(inside(a_thread), 0);
	ck_assert_int_eq(inside(seal), 0);
	ck_assert_int_eq(inside(much_memory), ENOMEM);
}
END_TEST

/* A klp-update that is killed takes its fetcher along, though that has another user by then. */
START_TEST(it_ends_with_its_parent)
{
	int p[2];
	pid_t parent;
	char c;

	ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
	parent = fork();
	if (!parent) {
		pid_t self = getpid();

		if (!fork()) {
			shut_in(self);
			if (write(p[1], "r", 1) != 1)
				_exit(1);
			for (;;)
				poll(NULL, 0, 1000);
		}
		for (;;)
			pause();
	}
	close(p[1]);
	ck_assert_int_eq(read(p[0], &c, 1), 1);		/* the child is ready */
	ck_assert_int_eq(kill(parent, SIGKILL), 0);
	ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
	alarm(10);
	ck_assert_int_eq(read(p[0], &c, 1), 0);		/* and gone: nobody has the other end */
	close(p[0]);
}
END_TEST

/* A parent that ended before the child could ask to end with it. */
START_TEST(it_does_not_start_without_its_parent)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		shut_in(1 + getppid());
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("sandbox");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, what_is_refused, 0, sizeof(refused) / sizeof(*refused));
	tcase_add_test(tc, what_it_needs);
	tcase_add_test(tc, it_ends_with_its_parent);
	tcase_add_test(tc, it_does_not_start_without_its_parent);
	return fixture_run("sandbox", tc);
}
