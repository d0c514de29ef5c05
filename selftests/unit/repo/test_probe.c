// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_probe.c - klp-repo probe: a monitor hears of it when the daily signature stays out, when a server has lost or bent
 * something, or doesn't answer; and only then.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jsonstr.h"
#include "machine_fixture.h"

#define HOUR_S	3600

static struct machine_fixture m;
static char *repo, *root, url[64];
static pid_t server;

static void sh(const char *script)
{
	char *command;

	ck_assert(asprintf(&command, "cd '%s' && %s", m.root, script) > 0);
	ck_assert_msg(!system(command), "%s", script);
	free(command);
}

static void setup(void)
{
	/* Some thousand fsync()s, of which nothing is asked here. */
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	machine_setup(&m);
	repo = fixture_path(m.root, "repo");
	root = fixture_path(m.root, "etc/quietpatch/root.json");
	machine_repo(&m, repo);
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_repo_do(&m, repo, "publish", "--rollout", "now", fixture_path(m.source, "a.klp"), NULL), 0);
	server = fixture_serve(url, fixture_answer_file, repo);
}

static void teardown(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	machine_teardown(&m);
}

#define PROBE(status, ...)	do {									\
		int got_ = machine_tool(&m, "klp-repo", "probe", "--root", root, __VA_ARGS__, NULL);		\
		ck_assert_msg(got_ == (status), "exit %d, not %d\n%s%s", got_, (status), m.out, m.err);	\
	} while (0)
#define TOLD(text)	ck_assert_msg(strstr(m.err, text) || strstr(m.out, text), "%s\n%s%s", (text), m.out, m.err)
#define KERNEL		"0123456789abcdef0123456789abcdef01234567"

/* Good for 72 hours, some seconds ago. */
START_TEST(time_left)
{
	PROBE(0, url);
	TOLD(": good: timestamp 2 lapses in 7");
	PROBE(6, "--within", "73", url);
	PROBE(0, "--within", "71", url);
	fixture_preload_clock(35 * HOUR_S);
	PROBE(0, url);
	fixture_preload_clock(37 * HOUR_S);
	PROBE(6, url);
	TOLD("LAPSES SOON");
	TOLD("klp-repo timestamp");
	PROBE(0, "--within", "24", url);
	fixture_preload_clock(73 * HOUR_S);
	PROBE(4, url);
	TOLD("expired");
	fixture_preload_end();
	ck_assert_int_eq(machine_repo_do(&m, repo, "halt", "--reason", "we look into it", NULL), 0);
	PROBE(0, url);
	TOLD("halted: we look into it");
}
END_TEST

START_TEST(for_programs)
{
	json_t *j;

	PROBE(0, "--json", url);
	j = machine_json(&m);
	ck_assert_str_eq(str(j, "state"), "good");
	ck_assert_int_ge(json_integer_value(json_object_get(j, "hours_left")), 71);
	ck_assert_int_le(json_integer_value(json_object_get(j, "hours_left")), 72);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "timestamp")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "root")), 1);
	ck_assert(json_is_false(json_object_get(j, "halted")));
	json_decref(j);
	PROBE(6, "--json", "--within", "100", url);
	j = machine_json(&m);
	ck_assert_str_eq(str(j, "state"), "soon");
	json_decref(j);
	sh("rm repo/metadata/timestamp.json");
	PROBE(101, "--json", url);
	j = machine_json(&m);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "exit")), 101);
	json_decref(j);
}
END_TEST

/* With a state that is good otherwise. */
START_TEST(what_a_server_has_lost_or_bent)
{
	static const struct { const char *harm; int status; bool kernel; } list[] = {
		{ "true", 0, true },
		{ "rm repo/metadata/timestamp.json", 101, false },
		{ "rm repo/metadata/*.snapshot.json", 101, false },
		{ "sed -i 's/\"version\":2/\"version\":9/' repo/metadata/timestamp.json", 4, false },
		{ "for f in repo/metadata/*.targets.json; do echo >> $f; sed -i 's/20/21/' $f; done", 4, false },
		{ "rm -r repo/targets/bundles", 101, true },
		{ "for f in $(find repo/targets/bundles -name '*.klp'); do echo x > $f; done", 4, true },
		{ "for f in $(find repo/targets/kernels -name '*.json'); do echo x > $f; done", 4, true },
		{ "rm -r repo", 101, false },
	};

	sh("cp -a repo good");
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		sh("rm -rf repo && cp -a good repo");
		sh(list[i].harm);
		if (list[i].kernel)
			PROBE(list[i].status, "--kernel", KERNEL, url);
		else
			PROBE(list[i].status, url);
	}
	sh("rm -rf repo && cp -a good repo");
	PROBE(3, "--kernel", "00", url);
	TOLD("nothing for the kernel 00");
}
END_TEST

/* Another publisher's repository, a server that is down, and what isn't a URL. */
START_TEST(another_root_and_no_server)
{
	char *other = fixture_path(m.root, "other"), *pem = fixture_path(m.root, "other.pem");

	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", pem, NULL), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "init", "--repo", other, "--key", pem, NULL), 0);
	root = fixture_path(other, "metadata/1.root.json");
	PROBE(4, url);
	root = fixture_path(m.root, "no.json");
	PROBE(3, url);
	TOLD("--root");
	root = fixture_path(m.root, "etc/quietpatch/root.json");
	PROBE(64, repo);
	TOLD("verify --repo");
	PROBE(64, "--within", "0", url);
	PROBE(64, "--kernel", "../x", url);
	PROBE(0, url);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	PROBE(101, url);
	server = fixture_serve(url, fixture_answer_file, repo);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("probe");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, time_left);
	tcase_add_test(tc, for_programs);
	tcase_add_test(tc, what_a_server_has_lost_or_bent);
	tcase_add_test(tc, another_root_and_no_server);
	return fixture_run("probe", tc);
}
