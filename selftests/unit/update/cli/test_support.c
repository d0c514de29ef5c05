// SPDX-License-Identifier: GPL-2.0-or-later
/* test_support.c - the file for a bug report: what has to be in it, and what must not be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/scrub.h"
#include "machine_fixture.h"

static struct machine_fixture m;

static void setup(void)
{
	machine_setup(&m);
}

static void teardown(void)
{
	machine_teardown(&m);
}

static void becomes(const char *in, const char *out)
{
	char *text = scrub(in);

	ck_assert_str_eq(text, out);
	free(text);
}

START_TEST(secrets_by_their_form)
{
	becomes("", "");
	becomes("see: http://host/path", "see: http://host/path");
	becomes("https://joe:hunter2@host:8080/p", "https://***@host:8080/p");
	becomes("https://joe@host/p and http://a:b@c", "https://***@host/p and http://***@c");
	becomes("https://joe:p@ss@host/", "https://***@host/");
	becomes("https://joe:p/ss@host/", "https://***@host/");
	becomes("\"https://host/x?token=abc&b=c\" failed", "\"https://host/x?***\" failed");
	becomes("curl -H 'Authorization: Bearer abc' x", "curl -H 'Authorization:***");
	becomes("API_KEY=abc\nnext", "API_KEY=***\nnext");
	becomes("db_password = x", "db_password =***");
	becomes("{\"access_token\": \"x\"}", "{\"access_token\":***");
	becomes("tokens are words", "tokens are words");
	becomes("a -----BEGIN PRIVATE KEY-----\nMC4C", "a ***");
}
END_TEST

static char *report(void)
{
	char *path = fixture_path(m.root, "report.json"), *text;
	size_t size = 1 << 20, n;
	struct stat st;
	FILE *f;

	ck_assert_msg(!machine_run(&m, "support", path, NULL), "%s%s", m.out, m.err);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	f = fopen(path, "r");
	text = calloc(1, size);
	n = fread(text, 1, size - 1, f);
	ck_assert_uint_gt(n, 100);
	fclose(f);
	free(path);
	return text;
}

START_TEST(what_is_in_it)
{
	json_t *j, *state;
	char *text;

	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "update", NULL), 0);
	machine_put(&m, "proc/version", "Linux version 6.1.0 Debian 6.1.176-1\n");
	text = report();
	j = json_loads(text, 0, NULL);
	state = json_object_get(j, "state");
	ck_assert_ptr_nonnull(json_object_get(json_object_get(state, "status"), "protection"));
	ck_assert_uint_ge(json_array_size(json_object_get(state, "history")), 2);
	ck_assert_ptr_nonnull(json_object_get(state, "cves"));
	ck_assert_ptr_nonnull(json_object_get(j, "blockers"));
	ck_assert_ptr_nonnull(json_object_get(j, "in_kernel"));
	ck_assert_ptr_nonnull(strstr(text, "Debian 6.1.176-1"));
	ck_assert_ptr_nonnull(strstr(text, "sock-map-alloc"));
	ck_assert_ptr_nonnull(strstr(text, "test.pub"));
	json_decref(j);
	free(text);
}
END_TEST

/* Wherever they stand: settings, drop-ins, errors in the state, history, kernel log. */
START_TEST(what_must_not_be_in_it)
{
	static const char *const secrets[] = { "hunter2", "s3cr3t", "t0k3n", "b34r3r", "MC4CAQ", "0123456789abcdef0123456789abcdee", "pr0xy" };
	char *text;

	machine_put(&m, "etc/machine-id", "0123456789abcdef0123456789abcdee\n");
	machine_put(&m, "etc/quietpatch/update.conf", "source = http://joe:hunter2@127.0.0.1:1/repo?key=t0k3n\nproxy = http://u:pr0xy@127.0.0.1:1\n"
		    "notify = /usr/bin/curl -H 'X-Key: s3cr3t' https://example.org\n");
	machine_put(&m, "etc/quietpatch/keys/mine.pem", "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n");
	machine_put(&m, "dev/kmsg", "6,1,100,-;quietpatch: Authorization: Bearer b34r3r\n");
	/* With a source that fails, so that its address is in the state and in the history. */
	machine_run(&m, "update", "--source", "http://joe:hunter2@127.0.0.1:1/repo?key=t0k3n", NULL);
	machine_run(&m, "hold", "--reason", "password: s3cr3t", NULL);
	text = report();
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		ck_assert_msg(!strstr(text, secrets[i]), "%s in %s", secrets[i], text);
	ck_assert_ptr_nonnull(strstr(text, "***@127.0.0.1:1"));
	ck_assert_ptr_nonnull(strstr(text, "/usr/bin/curl"));
	free(text);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("support");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, secrets_by_their_form);
	tcase_add_test(tc, what_is_in_it);
	tcase_add_test(tc, what_must_not_be_in_it);
	return fixture_run("support", tc);
}
