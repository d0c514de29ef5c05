// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_tuf_http.c - the TUF client's way to the network (tools/tuf/http.c) against servers that are slow, endless, or
 * send it elsewhere.  They are children of this program, on the loopback interface.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "fixture.h"
#include "io.h"
#include "monotonic.h"
#include "tuffix.h"

/* ---- the servers; nothing is asserted in them ---- */

struct server {
	pid_t pid;
	int port;
	int *visits;		/* shared with the child */
};

struct conn {
	int fd;
	SSL *ssl;
};

static struct tuf_fix *f;
static SSL_CTX *tls;

static bool say(const struct conn *c, const char *data, size_t len)
{
	if (c->ssl)
		return SSL_write(c->ssl, data, (int)len) == (int)len;
	return !io_write_all(c->fd, data, len);
}

static bool sayf(const struct conn *c, const char *fmt, ...)
{
	char text[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return say(c, text, (size_t)n);
}

static void answer_file(const struct conn *c, const char *name)
{
	for (size_t i = 0; i < f->nr_files; i++) {
		if (strcmp(f->files[i].name, name))
			continue;
		sayf(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", f->files[i].len);
		say(c, f->files[i].data, f->files[i].len);
		return;
	}
	sayf(c, "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

static void drip(const struct conn *c)
{
	sayf(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n");
	while (say(c, "x", 1))
		usleep(100000);
}

static void endless(const struct conn *c)
{
	sayf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	while (sayf(c, "1000\r\n%04096d\r\n", 0))
		;
}

static void endless_headers(const struct conn *c)
{
	sayf(c, "HTTP/1.1 200 OK\r\n");
	while (sayf(c, "X-More: %01000d\r\n", 0))
		;
}

/* Shall the connection stay? */
static bool answer(const struct conn *c, const char *path)
{
	if (!strcmp(path, "/keep"))
		return sayf(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	if (!strncmp(path, "/repo/", 6))
		answer_file(c, path + 6);
	else if (!strncmp(path, "/status/", 8))
		sayf(c, "HTTP/1.1 %s X\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", path + 8);
	else if (!strncmp(path, "/to/", 4))
		sayf(c, "HTTP/1.1 302 Found\r\nLocation: %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", path + 4);
	else if (!strcmp(path, "/empty"))
		sayf(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	else if (!strcmp(path, "/cut"))
		sayf(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nhello");
	else if (!strcmp(path, "/loop"))
		sayf(c, "HTTP/1.1 307 Again\r\nLocation: /loop\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	else if (!strcmp(path, "/drip"))
		drip(c);
	else if (!strcmp(path, "/endless"))
		endless(c);
	else if (!strcmp(path, "/headers"))
		endless_headers(c);
	else if (!strcmp(path, "/silent"))
		pause();
	return false;
}

static bool read_path(const struct conn *c, char path[4096])
{
	char request[8192] = "";
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(request) - 1 && !strstr(request, "\r\n\r\n")) {
		got = c->ssl ? SSL_read(c->ssl, request + n, (int)(sizeof(request) - 1 - n)) :
			       read(c->fd, request + n, sizeof(request) - 1 - n);
		if (got <= 0)
			return false;
		n += (size_t)got;
		request[n] = '\0';
	}
	return sscanf(request, "GET %4095s", path) == 1;
}

static void serve_one(int fd, SSL_CTX *ctx)
{
	struct conn c = { .fd = fd, .ssl = ctx ? SSL_new(ctx) : NULL };
	char path[4096];

	if (c.ssl && (SSL_set_fd(c.ssl, fd) != 1 || SSL_accept(c.ssl) != 1))
		return;
	while (read_path(&c, path) && answer(&c, path))
		;
	if (c.ssl)
		SSL_shutdown(c.ssl);
}

static void serve(int listener, SSL_CTX *ctx, int *visits)
{
	int null = open("/dev/null", O_RDWR);

	/* Not outliving a test that fails, nor keeping its output open. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 1);
	dup2(null, 2);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		++*visits;
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			alarm(60);
			serve_one(fd, ctx);
			_exit(0);
		}
		close(fd);
	}
}

static struct server start(SSL_CTX *ctx)
{
	struct server s;
	unsigned int port;
	int fd = fixture_listen(&port);

	s.visits = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s.port = port;
	s.pid = fork();
	ck_assert_int_ge(s.pid, 0);
	if (!s.pid) {
		setpgid(0, 0);
		serve(fd, ctx, s.visits);
	}
	setpgid(s.pid, s.pid);
	close(fd);
	return s;
}

static void stop(struct server *s)
{
	kill(-s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	munmap(s->visits, sizeof(int));
}

/* ---- the client's side ---- */

static struct server server, other, secure;
static struct tuf_transport http;
static struct klp_err err;
static char *ca;

/* A key and a certificate of 127.0.0.1 that it has signed itself; the certificate goes to a file, to be trusted. */
static void make_tls(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	FILE *file;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"here", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_add_ext(cert, ext, -1);
	ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
	tls = SSL_CTX_new(TLS_server_method());
	ck_assert(SSL_CTX_use_certificate(tls, cert) == 1 && SSL_CTX_use_PrivateKey(tls, key) == 1);
	ca = fixture_path(f->store, "ca.pem");
	file = fopen(ca, "w");
	ck_assert(file && PEM_write_X509(file, cert) == 1);
	fclose(file);
	X509_EXTENSION_free(ext);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void setup(void)
{
	struct tuf_http_policy policy = { .connect_s = 20, .total_s = 40 };

	f = tf_new();
	tf_target(f, f->body[TUF_TARGETS], "dir/fix.klp", "a fix");
	tf_publish(f, TF_TOP);
	make_tls();
	policy.ca_file = ca;
	server = start(NULL);
	other = start(NULL);
	secure = start(tls);
	memset(&err, 0, sizeof(err));
	ck_assert(!tuf_http_open(&policy, &http, &err));
}

static void teardown(void)
{
	tuf_http_close(&http);
	stop(&server);
	stop(&other);
	stop(&secure);
	SSL_CTX_free(tls);
	free(ca);
	tf_free(f);
}

/* What comes from @path of server @s, in words; or the error. */
static int get(const struct server *s, size_t limit, const char *want, const char *fmt, ...)
{
	char path[2048], url[4096];
	void *data = NULL;
	size_t len = 0;
	va_list ap;
	int ret;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	snprintf(url, sizeof(url), "%s://127.0.0.1:%d%s", s == &secure ? "https" : "http", s->port, path);
	ret = http.get(http.ctx, url, limit, &data, &len, &err);
	if (ret) {
		ck_assert_ptr_null(data);
		ck_assert_ptr_nonnull(strstr(err.text, url));
		return ret;
	}
	ck_assert_str_eq(data, want);
	ck_assert_uint_eq(len, strlen(want));
	free(data);
	return 0;
}

START_TEST(what_servers_answer)
{
	ck_assert_msg(!get(&server, 5, "hello", "/status/200"), "%s", err.text);
	ck_assert_int_eq(get(&server, 5, "", "/empty"), 0);
	ck_assert_msg(!get(&secure, 5, "hello", "/status/200"), "%s", err.text);
	ck_assert_int_eq(get(&server, 5, "", "/status/404"), -ENOENT);
	ck_assert_int_eq(get(&server, 5, "", "/status/403"), -ENOENT);
	ck_assert_int_eq(get(&server, 5, "", "/status/410"), -ENOENT);
	/* A 404 whose page is longer than what was asked for is one all the same. */
	ck_assert_int_eq(get(&server, 1, "", "/status/404"), -ENOENT);
	ck_assert_int_eq(get(&server, 5, "", "/status/500"), -ENETUNREACH);
	ck_assert_int_eq(get(&server, 5, "", "/status/206"), -ENETUNREACH);
	ck_assert_int_eq(get(&server, 5, "", "/status/304"), -ENETUNREACH);
	ck_assert_int_eq(get(&server, 500, "", "/cut"), -ENETUNREACH);
	ck_assert_int_eq(get(&server, 500, "", "/nothing"), -ENETUNREACH);
}
END_TEST

START_TEST(nobody_listens)
{
	kill(-server.pid, SIGKILL);
	waitpid(server.pid, NULL, 0);
	ck_assert_int_eq(get(&server, 5, "", "/status/200"), -ENETUNREACH);
}
END_TEST

START_TEST(endless_data)
{
	int64_t before = monotonic_ms();

	ck_assert_int_eq(get(&server, 100000, "", "/endless"), -EFBIG);
	ck_assert_int_eq(get(&server, 4, "", "/status/200"), -EFBIG);
	ck_assert_int_eq(get(&server, 100000, "", "/headers"), -ENETUNREACH);
	ck_assert_int_lt(monotonic_ms() - before, 25000);
}
END_TEST

/* 10 bytes/s where 64 is the floor, and nothing at all. */
START_TEST(slow_retrieval)
{
	static const struct tuf_http_policy policy = { .low_speed = 64, .low_speed_s = 1 };
	int64_t before = monotonic_ms();

	/* Only here: on a busy machine an honest server may take longer than that. */
	tuf_http_close(&http);
	ck_assert(!tuf_http_open(&policy, &http, &err));
	ck_assert_int_eq(get(&server, 1000000, "", "/drip"), -ENETUNREACH);
	ck_assert_int_eq(get(&server, 1000000, "", "/silent"), -ENETUNREACH);
	ck_assert_int_lt(monotonic_ms() - before, 25000);
}
END_TEST

START_TEST(a_signal_ends_a_slow_one)
{
	static const struct tuf_http_policy policy;
	pid_t pid = fork();
	int status;

	if (!pid) {
		signal(SIGTERM, SIG_DFL);	/* Check has one of its own */
		if (tuf_http_open(&policy, &http, &err))
			_exit(1);
		get(&server, 1000000, "", "/silent");
		_exit(2);
	}
	for (int i = 0; i < 100 && !*server.visits; i++)
		usleep(50000);
	kill(pid, SIGTERM);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}
END_TEST

START_TEST(redirects)
{
	/* On the server itself, by a path or in full. */
	ck_assert_msg(!get(&server, 5, "hello", "/to//status/200"), "%s", err.text);
	ck_assert_msg(!get(&server, 5, "hello", "/to/http://127.0.0.1:%d/status/200", server.port), "%s", err.text);
	ck_assert_msg(!get(&secure, 5, "hello", "/to//status/200"), "%s", err.text);
	ck_assert_msg(get(&server, 5, "", "/loop") == -EPERM, "%s", err.text);
	ck_assert_int_eq(*server.visits, 2 + 2 + 6);
	ck_assert_int_eq(get(&server, 5, "", "/to//status/404"), -ENOENT);
}
END_TEST

START_TEST(redirect_from_https_to_http)
{
	ck_assert_int_eq(get(&secure, 5, "", "/to/http://127.0.0.1:%d/status/200", server.port), -EPERM);
	ck_assert_int_eq(*server.visits, 0);
	ck_assert_ptr_nonnull(strstr(err.text, "from https"));
	/* Nor on the way through another https URL. */
	ck_assert_int_eq(get(&secure, 5, "", "/to//to/http://127.0.0.1:%d/status/200", server.port), -EPERM);
	ck_assert_int_eq(*server.visits, 0);
}
END_TEST

START_TEST(redirect_to_an_internal_address)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::ffff:127.0.0.1]" };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		ck_assert_msg(get(&server, 5, "", "/to/http://%s:%d/status/200", hosts[i], other.port) == -EPERM, "%s: %s",
			      hosts[i], err.text);
		ck_assert_ptr_nonnull(strstr(err.text, "internal"));
	}
	/* A connection that stands already makes it no better. */
	ck_assert(!get(&other, 5, "hello", "/keep"));
	ck_assert(!get(&other, 5, "hello", "/keep"));
	ck_assert_int_eq(*other.visits, 1);
	ck_assert_int_eq(get(&server, 5, "", "/to/http://127.0.0.1:%d/keep", other.port), -EPERM);
	ck_assert_int_eq(*other.visits, 1);
	/* What is asked for directly is still fetched. */
	ck_assert(!get(&other, 5, "hello", "/keep"));
}
END_TEST

START_TEST(redirect_to_another_scheme)
{
	static const char *const urls[] = { "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "javascript:x" };

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		ck_assert_msg(get(&server, 100000, "", "/to/%s", urls[i]) < 0, "%s", urls[i]);
	ck_assert_int_eq(get(&server, 100000, "", "/to/%s", urls[0]), -EPERM);
	ck_assert_int_eq(http.get(http.ctx, "file:///etc/passwd", 100000, &(void *){ NULL }, &(size_t){ 0 }, &err), -ENETUNREACH);
}
END_TEST

START_TEST(an_unknown_certificate)
{
	static const struct tuf_http_policy policy;

	tuf_http_close(&http);
	ck_assert(!tuf_http_open(&policy, &http, &err));
	ck_assert_int_eq(get(&secure, 5, "", "/status/200"), -ENETUNREACH);
}
END_TEST

START_TEST(a_proxy_of_the_environment_has_no_say)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", other.port);
	setenv("http_proxy", url, 1);
	setenv("ALL_PROXY", url, 1);
	ck_assert_msg(!get(&server, 5, "hello", "/status/200"), "%s", err.text);
	ck_assert_int_eq(*other.visits, 0);
}
END_TEST

/* All of it: the fixture's repository by http and by https. */
START_TEST(a_repository)
{
	const struct server *s = _i ? &secure : &server;
	char metadata[128], targets[256], *folder = fixture_path(f->store, "targets");
	struct tuf_config config = {
		.store = f->store, .metadata_url = metadata, .targets_url = targets, .transport = &http, .now = f->now,
	};
	struct tuf_client *c;
	struct tuf_target t;
	char *path = fixture_path(folder, "dir%2Ffix.klp");

	snprintf(metadata, sizeof(metadata), "%s://127.0.0.1:%d/repo", _i ? "https" : "http", s->port);
	snprintf(targets, sizeof(targets), "%s/t", metadata);
	ck_assert_msg(!tuf_open(&config, &c, &err), "%s", err.text);
	ck_assert_msg(!tuf_refresh(c, &err), "%s", err.text);
	ck_assert_msg(!tuf_find(c, "dir/fix.klp", &t, &err), "%s", err.text);
	ck_assert_str_eq(t.role, "targets");
	ck_assert_msg(!tuf_download(c, &t, folder, &err), "%s", err.text);
	ck_assert(io_file_has(path, 100, "a fix"));
	tuf_target_free(&t);
	tuf_close(c);
	free(folder);
	free(path);
}
END_TEST

START_TEST(addresses)
{
	static const struct {
		const char *text;
		bool internal;
	} cases[] = {
		{ "127.0.0.1", true }, { "127.255.255.255", true }, { "0.0.0.0", true }, { "10.1.2.3", true }, { "172.15.255.255", false },
		{ "172.16.0.0", true }, { "172.31.255.255", true }, { "172.32.0.0", false }, { "192.168.1.1", true },
		{ "192.167.1.1", false }, { "169.254.169.254", true }, { "169.253.0.1", false }, { "100.63.255.255", false },
		{ "100.64.0.1", true }, { "100.127.255.255", true }, { "100.128.0.0", false }, { "192.0.0.8", true }, { "192.0.1.1", false },
		{ "198.18.0.1", true }, { "198.19.255.255", true }, { "198.20.0.1", false }, { "224.0.0.1", true }, { "255.255.255.255", true },
		{ "223.255.255.255", false }, { "8.8.8.8", false }, { "::", true }, { "::1", true }, { "fe80::1", true }, { "febf::1", true },
		{ "fec0::1", true }, { "fc00::1", true }, { "fdff::1", true }, { "ff02::1", true }, { "2001:4860::1", false },
		{ "::ffff:127.0.0.1", true }, { "::ffff:8.8.8.8", false }, { "::10.0.0.1", true }, { "::8.8.8.8", false },
		{ "64:ff9b::10.0.0.1", true }, { "64:ff9b::8.8.8.8", false }, { "2002:a00:1::1", true }, { "2002:808:808::1", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockaddr_in a4 = { .sin_family = AF_INET };
		struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
		bool six = strchr(cases[i].text, ':');
		const void *a = six ? (const void *)&a6 : &a4;

		ck_assert_int_eq(six ? inet_pton(AF_INET6, cases[i].text, &a6.sin6_addr) :
				       inet_pton(AF_INET, cases[i].text, &a4.sin_addr), 1);
		ck_assert_msg(tuf_address_internal(a) == cases[i].internal, "%s", cases[i].text);
	}
	ck_assert(tuf_address_internal(&(struct sockaddr){ .sa_family = AF_UNIX }));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("http");

	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_servers_answer);
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, endless_data);
	tcase_add_test(tc, slow_retrieval);
	tcase_add_test(tc, a_signal_ends_a_slow_one);
	tcase_add_test(tc, redirects);
	tcase_add_test(tc, redirect_from_https_to_http);
	tcase_add_test(tc, redirect_to_an_internal_address);
	tcase_add_test(tc, redirect_to_another_scheme);
	tcase_add_test(tc, an_unknown_certificate);
	tcase_add_test(tc, a_proxy_of_the_environment_has_no_say);
	tcase_add_loop_test(tc, a_repository, 0, 2);
	tcase_add_test(tc, addresses);
	return fixture_run("tuf http", tc);
}
