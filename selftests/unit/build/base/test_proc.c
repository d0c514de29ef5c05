// SPDX-License-Identifier: GPL-2.0-or-later
/* test_proc.c - programs that the builder runs: what they get, what their failure says. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/text.h"
#include "err.h"
#include "fixture.h"
#include "io.h"

static char *folder, *log_path;
static struct klp_err err;

static void setup(void)
{
	folder = fixture_folder();
	log_path = fixture_path(folder, "log");
	memset(&err, 0, sizeof(err));
}

static void teardown(void)
{
	free(log_path);
	fixture_remove(folder);
}

/* Run a shell command; its output goes to the log. */
static int shell(const char *command)
{
	const char *argv[] = { "sh", "-c", command, NULL };
	struct proc p = { .argv = argv, .log_path = log_path };

	return proc_run(&p, &err);
}

START_TEST(success_and_its_output)
{
	const char *argv[] = { "sh", "-c", "pwd; echo $QP_WORD; cat; echo apart >&2", NULL };
	const char *env[] = { "QP_WORD=given", NULL };
	char *in = fixture_path(folder, "in"), *out, want[256];
	struct proc p = { .argv = argv, .cwd = folder, .env = env, .in_path = in };

	ck_assert_int_eq(io_write_atomic(in, "text\n", 5, 0644, NULL), 0);
	ck_assert_msg(!proc_capture(&p, &out, &err), "%s", err.text);
	snprintf(want, sizeof(want), "%s\ngiven\ntext\n", folder);
	ck_assert_str_eq(out, want);
	ck_assert_ptr_null(getenv("QP_WORD"));
	free(out);
	free(in);
}
END_TEST

START_TEST(a_status_with_the_programs_words)
{
	ck_assert_int_eq(shell("echo first; echo the reason >&2; exit 3"), -ECHILD);
	ck_assert_str_eq(err.text, "sh failed with status 3:\nfirst\nthe reason");
}
END_TEST

START_TEST(only_the_end_of_a_long_log)
{
	ck_assert_int_eq(shell("i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i + 1)); done; exit 1"), -ECHILD);
	ck_assert_ptr_nonnull(strstr(err.text, "\nline 499"));
	ck_assert_ptr_null(strstr(err.text, "line 1\n"));
	/* It begins with a whole line. */
	ck_assert(starts_with(strchr(err.text, '\n') + 1, "line "));
}
END_TEST

START_TEST(killed_by_a_signal)
{
	ck_assert_int_eq(shell("kill -9 $$"), -ECHILD);
	ck_assert_ptr_nonnull(strstr(err.text, "killed by signal 9"));
}
END_TEST

START_TEST(not_there)
{
	const char *argv[] = { "qp-no-such-program", NULL };
	struct proc p = { .argv = argv };

	ck_assert_int_eq(proc_run(&p, &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "not installed"));
	argv[0] = "true";
	p.cwd = "/nonexistent";
	ck_assert_int_lt(proc_run(&p, &err), 0);
}
END_TEST

START_TEST(an_interrupt_ends_what_runs)
{
	time_t before = time(NULL);
	pid_t child;

	proc_catch_signals();
	child = fork();
	if (!child) {
		usleep(200000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	ck_assert_int_eq(shell("exec sleep 30"), -EINTR);
	ck_assert_int_lt(time(NULL) - before, 20);
	ck_assert(proc_interrupted());
	/* Nothing is started any more. */
	ck_assert_int_eq(shell("true"), -EINTR);
	waitpid(child, NULL, 0);
}
END_TEST

START_TEST(a_time_limit_ends_what_runs)
{
	time_t before = time(NULL);

	proc_catch_signals();
	alarm(1);
	ck_assert_int_eq(shell("exec sleep 30"), -EINTR);
	ck_assert_int_lt(time(NULL) - before, 20);
	ck_assert_int_eq(proc_interrupted(), SIGALRM);
	/* There is time to clean up, but not for ever. */
	ck_assert_uint_gt(alarm(0), 0);
}
END_TEST

/* A child that does a part of the work, and would take half a minute. */
static pid_t sleeper(bool follows, int fd)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	signal(SIGTERM, SIG_DFL);
	if (follows)
		proc_follow_parent();
	if (write(fd, "x", 1) == 1)
		sleep(30);
	_exit(0);
}

START_TEST(an_interrupt_ends_a_part)
{
	time_t before = time(NULL);
	int fds[2], status = 0;
	pid_t child, other;
	char c;

	proc_catch_signals();
	ck_assert_int_eq(pipe(fds), 0);
	child = sleeper(false, fds[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	other = fork();
	if (!other) {
		usleep(200000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	ck_assert_int_eq(proc_wait(child, &status, &err), -EINTR);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	ck_assert_int_lt(time(NULL) - before, 20);
	waitpid(other, NULL, 0);
}
END_TEST

START_TEST(a_part_ends_with_its_parent)
{
	time_t before = time(NULL);
	int fds[2];
	pid_t parent;
	char c;

	ck_assert_int_eq(pipe(fds), 0);
	parent = fork();
	if (!parent) {
		sleeper(true, fds[1]);
		pause();
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	kill(parent, SIGKILL);
	ck_assert_int_eq(proc_wait(parent, NULL, &err), 0);
	/* The pipe ends with the last one that has it. */
	ck_assert_int_eq(read(fds[0], &c, 1), 0);
	ck_assert_int_lt(time(NULL) - before, 20);
}
END_TEST

START_TEST(removing_a_tree)
{
	char *tree = fixture_path(folder, "tree"), *deep = fixture_path(folder, "tree/a/b");
	char *link = fixture_path(folder, "tree/a/link"), *kept = fixture_path(folder, "kept");
	char *file = fixture_path(folder, "kept/file");

	ck_assert_int_eq(io_mkdirs(deep, 0755, NULL), 0);
	ck_assert_int_eq(io_mkdirs(kept, 0755, NULL), 0);
	ck_assert_int_eq(io_write_atomic(file, "x", 1, 0644, NULL), 0);
	ck_assert_int_eq(symlink(kept, link), 0);
	ck_assert_msg(!remove_tree(tree, &err), "%s", err.text);
	ck_assert_int_ne(access(tree, F_OK), 0);
	ck_assert_int_eq(access(file, F_OK), 0);	/* links aren't followed */
	ck_assert_int_eq(remove_tree(tree, &err), 0);
	free(tree);
	free(deep);
	free(link);
	free(kept);
	free(file);
}
END_TEST

/* ---- text.c ---- */

START_TEST(text_grows)
{
	struct text t = { 0 };
	char *s;

	for (int i = 0; i < 1000; i++)
		text_addf(&t, "%d,", i);
	text_add(&t, "end", 2);
	s = text_take(&t);
	ck_assert_uint_eq(strlen(s), 10 * 2 + 90 * 3 + 900 * 4 + 2);
	ck_assert(ends_with(s, "998,999,en"));
	free(s);
	s = text_take(&t);
	ck_assert_str_eq(s, "");
	free(s);
}
END_TEST

START_TEST(text_replaces)
{
	struct text t = { 0 };
	char *s;

	text_add_replaced(&t, "-I/a/src/x /a/srcy /a/src/", 26, "/a/src/", "/b/");
	s = text_take(&t);
	ck_assert_str_eq(s, "-I/b/x /a/srcy /b/");
	free(s);
	/* Not beyond the length. */
	text_add_replaced(&t, "aXXa", 3, "Xa", "!");
	s = text_take(&t);
	ck_assert_str_eq(s, "aXX");
	free(s);
}
END_TEST

START_TEST(lists_of_strings)
{
	struct strings l = { 0 };
	char word[] = "word";

	ck_assert(!strings_have(&l, "word"));
	strings_add(&l, word);
	strings_add_len(&l, "longer", 4);
	ck_assert(!strings_add_once(&l, "long") && strings_add_once(&l, "lo") && l.nr == 3);
	word[0] = 'W';
	ck_assert_str_eq(l.list[0], "word");	/* a copy */
	ck_assert_str_eq(l.list[1], "long");
	ck_assert(strings_have(&l, "long") && !strings_have(&l, "lon") && !strings_have(&l, "longer"));
	strings_free(&l);
	ck_assert(!ends_with("c", ".c") && ends_with("x.c", ".c") && !starts_with("a", "ab"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proc");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, success_and_its_output);
	tcase_add_test(tc, a_status_with_the_programs_words);
	tcase_add_test(tc, only_the_end_of_a_long_log);
	tcase_add_test(tc, killed_by_a_signal);
	tcase_add_test(tc, not_there);
	tcase_add_test(tc, an_interrupt_ends_what_runs);
	tcase_add_test(tc, a_time_limit_ends_what_runs);
	tcase_add_test(tc, an_interrupt_ends_a_part);
	tcase_add_test(tc, a_part_ends_with_its_parent);
	tcase_add_test(tc, removing_a_tree);
	tcase_add_test(tc, text_grows);
	tcase_add_test(tc, text_replaces);
	tcase_add_test(tc, lists_of_strings);
	return fixture_run("proc", tc);
}
