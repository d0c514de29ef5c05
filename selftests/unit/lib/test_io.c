// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_io.c - limits, atomic replacement, paths that can't lead out, seals.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "fixture.h"
#include "io.h"

static char *folder, *file;
static struct klp_err err;

static void setup(void)
{
	folder = fixture_folder();
	file = fixture_path(folder, "file");
}

static void teardown(void)
{
	free(file);
	fixture_remove(folder);
}

static int entries(void)
{
	DIR *d = opendir(folder);
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

START_TEST(read_with_a_limit)
{
	void *data;
	size_t len;

	ck_assert_int_eq(io_write_atomic(file, "12345", 5, 0640, &err), 0);
	ck_assert_int_eq(io_read_file(file, 5, &data, &len, &err), 0);
	ck_assert_uint_eq(len, 5);
	ck_assert_str_eq(data, "12345");
	free(data);
	ck_assert_int_eq(io_read_file(file, 4, &data, &len, &err), -EFBIG);
	ck_assert_int_eq(io_read_file("/nonexistent", 4, &data, &len, &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent"));
}
END_TEST

/* Files of /proc say that they have no bytes, and have. */
START_TEST(read_a_file_without_a_size)
{
	void *data;
	size_t len;

	ck_assert_int_eq(io_read_file("/proc/self/status", 1 << 20, &data, &len, &err), 0);
	ck_assert_ptr_nonnull(strstr(data, "VmPeak"));
	free(data);
	ck_assert_int_eq(io_read_file("/proc/self/status", 16, &data, &len, &err), -EFBIG);
	ck_assert_int_eq(io_read_file("/dev/zero", 1 << 20, &data, &len, &err), -EFBIG);
}
END_TEST

START_TEST(read_nothing)
{
	void *data;
	size_t len;

	ck_assert_int_eq(io_read_file("/dev/null", 16, &data, &len, &err), 0);
	ck_assert_uint_eq(len, 0);
	free(data);
}
END_TEST

START_TEST(write_replaces_at_once)
{
	struct stat st;
	void *data;
	size_t len;

	ck_assert_int_eq(io_write_atomic(file, "old", 3, 0600, &err), 0);
	ck_assert_int_eq(io_write_atomic(file, "newer", 5, 0644, &err), 0);
	ck_assert_int_eq(io_read_file(file, 16, &data, &len, &err), 0);
	ck_assert_str_eq(data, "newer");
	free(data);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	ck_assert_int_eq(entries(), 1);
}
END_TEST

START_TEST(failed_write_leaves_nothing)
{
	char *sub = fixture_path(folder, "sub"), *inside = fixture_path(sub, "x");

	ck_assert_int_eq(mkdir(sub, 0755), 0);
	ck_assert_int_eq(io_write_atomic(inside, "x", 1, 0644, &err), 0);
	/* rename onto a folder that isn't empty fails after the data were written */
	ck_assert_int_lt(io_write_atomic(sub, "x", 1, 0644, &err), 0);
	ck_assert_int_eq(entries(), 1);
	ck_assert_int_eq(io_write_atomic("/nonexistent/x", "x", 1, 0644, &err), -ENOENT);
	free(inside);
	free(sub);
}
END_TEST

START_TEST(write_new_never_overwrites)
{
	ck_assert_int_eq(io_write_new(file, "a", 1, 0600, &err), 0);
	ck_assert_int_eq(io_write_new(file, "b", 1, 0600, &err), -EEXIST);
	ck_assert_int_eq(entries(), 1);
}
END_TEST

START_TEST(mkdirs)
{
	char *deep = fixture_path(folder, "a/b/c");
	struct stat st;

	ck_assert_int_eq(io_mkdirs(deep, 0755, &err), 0);
	ck_assert_int_eq(io_mkdirs(deep, 0755, &err), 0);
	ck_assert_int_eq(stat(deep, &st), 0);
	ck_assert(S_ISDIR(st.st_mode));
	ck_assert_int_eq(io_write_atomic(file, "", 0, 0644, &err), 0);
	free(deep);
	deep = fixture_path(folder, "file/b");
	ck_assert_int_eq(io_mkdirs(deep, 0755, &err), -ENOTDIR);
	free(deep);
}
END_TEST

START_TEST(beneath)
{
	char *link_path = fixture_path(folder, "link");
	int dir, fd;

	ck_assert_int_eq(io_write_atomic(file, "x", 1, 0644, &err), 0);
	ck_assert_int_eq(symlink("file", link_path), 0);
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	fd = io_open_beneath(dir, "file", O_RDONLY, &err);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(io_open_beneath(dir, "link", O_RDONLY, &err), -ELOOP);
	ck_assert_int_eq(io_open_beneath(dir, "../etc/passwd", O_RDONLY, &err), -EXDEV);
	ck_assert_int_eq(io_open_beneath(dir, "/etc/passwd", O_RDONLY, &err), -EXDEV);
	ck_assert_int_eq(io_open_beneath(dir, "none", O_RDONLY, &err), -ENOENT);
	/* Below a folder of its own; through a link to one; up again; and with empty components. */
	ck_assert_int_eq(mkdirat(dir, "sub", 0755), 0);
	ck_assert_int_eq(linkat(dir, "file", dir, "sub/file", 0), 0);
	ck_assert_int_eq(symlinkat("sub", dir, "way"), 0);
	fd = io_open_beneath(dir, "sub/file", O_RDONLY, &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
	ck_assert_int_eq(io_open_beneath(dir, "way/file", O_RDONLY, &err), -ENOTDIR);
	ck_assert_int_eq(io_open_beneath(dir, "sub/../file", O_RDONLY, &err), -EXDEV);
	ck_assert_int_eq(io_open_beneath(dir, "./file", O_RDONLY, &err), -EXDEV);
	ck_assert_int_eq(io_open_beneath(dir, "sub//file", O_RDONLY, &err), -EXDEV);
	ck_assert_int_eq(io_open_beneath(dir, "", O_RDONLY, &err), -EXDEV);
	ck_assert_int_eq(io_open_beneath(dir, "file/x", O_RDONLY, &err), -ENOTDIR);
	close(dir);
	free(link_path);
}
END_TEST

START_TEST(sealed_copy)
{
	int src = fixture_fd("hello", 5), fd;
	char buf[8];
	size_t len;

	ck_assert_int_eq(io_sealed_copy(src, "test", 5, &fd, &len, &err), 0);
	ck_assert_uint_eq(len, 5);
	ck_assert_int_eq(pread(fd, buf, sizeof(buf), 0), 5);
	ck_assert_int_lt(pwrite(fd, "x", 1, 0), 0);
	ck_assert_int_lt(ftruncate(fd, 0), 0);
	ck_assert_int_lt(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
	ck_assert_int_eq(io_sealed_copy(src, "test", 4, &fd, &len, &err), -EFBIG);
	close(src);
}
END_TEST

START_TEST(sealed_copy_of_a_pipe)
{
	int p[2], fd;
	size_t len;

	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(io_write_all(p[1], "piped", 5), 0);
	close(p[1]);
	ck_assert_int_eq(io_sealed_copy(p[0], "test", 16, &fd, &len, &err), 0);
	ck_assert_uint_eq(len, 5);
	close(fd);
	close(p[0]);
}
END_TEST

/* Whoever may write to a folder can put a pipe there, and nothing into it; a pipe that the caller made is read. */
START_TEST(a_pipe_with_a_name_holds_nobody_up)
{
	char path[32];
	void *data;
	size_t len;
	int p[2];

	alarm(5);
	ck_assert_int_eq(mkfifo(file, 0644), 0);
	ck_assert_int_eq(io_read_file(file, 16, &data, &len, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "a pipe with a name"));
	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(io_write_all(p[1], "piped", 5), 0);
	close(p[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	ck_assert_int_eq(io_read_file(path, 16, &data, &len, &err), 0);
	ck_assert_uint_eq(len, 5);
	free(data);
	close(p[0]);
}
END_TEST

/* Of a tool whose caller has closed descriptor _i; each opens a file, and one that it has opened would be that descriptor. */
START_TEST(a_closed_descriptor_becomes_no_file)
{
	static const struct {
		const char *command;
		int empty;		/* exit status for an empty file; for none it is 3 */
	} tools[] = { { "klp-apply info", 4 }, { "klp-repo verify", 4 } };
	char *command, *bin = fixture_built("bin");
	int status;

	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		ck_assert(asprintf(&command, "%s/%s /proc/self/fd/%d %d>&-", bin, tools[i].command, _i, _i) > 0);
		status = system(command);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == tools[i].empty, "%s: %d", command, WEXITSTATUS(status));
		free(command);
	}
	free(bin);
}
END_TEST

START_TEST(descriptors_that_were_closed_stay_useless)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		char c;

		close(0);
		close(1);
		close(2);
		io_keep_standard();
		_exit(read(0, &c, 1) < 0 && errno == EBADF && write(1, "x", 1) < 0 && errno == EBADF && write(2, "x", 1) < 0 &&
		      errno == EBADF && open("/dev/null", O_RDONLY) > 2 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("io");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, read_with_a_limit);
	tcase_add_test(tc, read_a_file_without_a_size);
	tcase_add_test(tc, read_nothing);
	tcase_add_test(tc, write_replaces_at_once);
	tcase_add_test(tc, failed_write_leaves_nothing);
	tcase_add_test(tc, write_new_never_overwrites);
	tcase_add_test(tc, mkdirs);
	tcase_add_test(tc, beneath);
	tcase_add_test(tc, sealed_copy);
	tcase_add_test(tc, sealed_copy_of_a_pipe);
	tcase_add_test(tc, a_pipe_with_a_name_holds_nobody_up);
	tcase_add_loop_test(tc, a_closed_descriptor_becomes_no_file, 0, 3);
	tcase_add_test(tc, descriptors_that_were_closed_stay_useless);
	return fixture_run("io", tc);
}
