// SPDX-License-Identifier: GPL-2.0-or-later
/* fixture.c - see fixture.h. */
#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "fixture.h"
#include "io.h"
#include "manifest.h"
#include "sign.h"

char *fixture_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char *folder;

	ck_assert(asprintf(&folder, "%s/qp-unit.XXXXXX", tmp ? tmp : "/tmp") > 0);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	return folder;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fixture_remove(char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(folder);
}

char *fixture_path(const char *folder, const char *name)
{
	char *path;

	ck_assert(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

struct signing_key *fixture_key(void)
{
	struct klp_err err = { 0 };
	struct signing_key *key;

	ck_assert_msg(!signing_key_generate(&key, &err), "%s", err.text);
	return key;
}

struct keyring *fixture_keyring(const struct signing_key *key)
{
	struct klp_err err = { 0 };
	struct keyring *ring;

	ck_assert_msg(!keyring_load("/nonexistent", &ring, &err), "%s", err.text);
	ck_assert_msg(!keyring_add_own(ring, key, &err), "%s", err.text);
	return ring;
}

static void set(char **field, const char *value)
{
	ck_assert_int_eq(manifest_set(field, value), 0);
}

struct manifest *fixture_manifest(uint64_t release)
{
	struct manifest *m = manifest_new();
	struct manifest_function *f;

	ck_assert_ptr_nonnull(m);
	m->release = release;
	set(&m->name, "sock-map-alloc");
	set(&m->module, "qp_sock_map_alloc");
	set(&m->summary, "bpf, sockmap: refuse max_entries above INT_MAX");
	set(&m->kernel_release, "6.1.0-50-cloud-amd64");
	set(&m->kernel_build_id, FIXTURE_BUILD_ID);
	set(&m->kernel_version, "6.1.176-1");
	set(&m->arch, "x86_64");
	set(&m->builder, "klp-build 0.1");
	ck_assert_int_eq(manifest_add_cve(m, "CVE-2026-12345"), 0);
	ck_assert_int_eq(manifest_add_object(m, "vmlinux"), 0);
	f = manifest_add_function(m);
	ck_assert_ptr_nonnull(f);
	set(&f->object, "vmlinux");
	set(&f->name, "sock_map_alloc");
	set(&f->file, "net/core/sock_map.c");
	set(&f->proof, "bytes");
	f->line = 30;
	f->old_size = 287;
	f->new_size = 301;
	return m;
}

struct bytes fixture_bundle(uint64_t release, struct signing_key *key)
{
	struct manifest *m = fixture_manifest(release);
	struct signing_key *const keys[] = { key };
	struct klp_err err = { 0 };
	uint8_t module[512];
	struct bytes b;
	void *data;

	for (size_t i = 0; i < sizeof(module); i++)
		module[i] = (uint8_t)(i * i + release);
	ck_assert_msg(!bundle_build(m, module, sizeof(module), keys, key ? 1 : 0, &data, &b.len,
				    &err), "%s", err.text);
	manifest_free(m);
	b.data = data;
	return b;
}

int fixture_fd(const void *data, size_t len)
{
	int fd = memfd_create("fixture", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, data, len), 0);
	return fd;
}

int fixture_run_within(const char *name, TCase *tc, double seconds)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, seconds);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int fixture_listen(unsigned int *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, len), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	*port = ntohs(addr.sin_port);
	return fd;
}

pid_t fixture_serve(char url[64], void (*answer)(int fd, const char *request, void *arg), void *arg)
{
	char request[FIXTURE_REQUEST];
	unsigned int port;
	int listener = fixture_listen(&port), fd;
	pid_t pid;
	ssize_t n;

	snprintf(url, 64, "http://127.0.0.1:%u/", port);
	pid = fork();
	if (pid) {
		close(listener);
		return pid;
	}
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		n = read(fd, request, sizeof(request) - 1);
		request[n > 0 ? n : 0] = '\0';
		answer(fd, request, arg);
		close(fd);
	}
}

void fixture_answer_file(int fd, const char *request, void *folder)
{
	char path[1024], head[128], *full;
	size_t len;
	void *data;

	if (sscanf(request, "GET /%1000s", path) != 1)
		return;
	full = fixture_path(folder, path);
	if (strstr(path, "..") || io_read_file(full, 1 << 20, &data, &len, NULL)) {
		io_write_all(fd, "HTTP/1.0 404 Not Found\r\n\r\n", 26);
	} else {
		snprintf(head, sizeof(head), "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
		io_write_all(fd, head, strlen(head));
		io_write_all(fd, data, len);
		free(data);
	}
	free(full);
}

/* @so is built beside the test. */
static void preload(const char *so)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 32);

	ck_assert_int_gt(len, 0);
	self[len] = '\0';
	strcpy(strrchr(self, '/') + 1, so);
	ck_assert_int_eq(access(self, R_OK), 0);
	setenv("LD_PRELOAD", self, 1);
}

static void set_number(const char *variable, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	setenv(variable, text, 1);
}

void fixture_preload_clock(long seconds)
{
	preload("clock.so");
	set_number("CLOCK_SHIFT", seconds);
}

void fixture_preload_fault(long at, const char *how, const char *count)
{
	preload("faulty.so");
	set_number("FAULTY_AT", at);
	setenv("FAULTY_HOW", how, 1);
	setenv("FAULTY_COUNT", count, 1);
}

void fixture_preload_end(void)
{
	unsetenv("LD_PRELOAD");
}

int fixture_run(const char *name, TCase *tc)
{
	return fixture_run_within(name, tc, 60);
}
