// SPDX-License-Identifier: GPL-2.0-or-later
/* test_schema.c - what klp-update, klp-repo and klp-apply print with --json is what docs/schema/ says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine_fixture.h"
#include "schema.h"
#include "schema_holds.h"

static struct machine_fixture m;
static char *repo;

static void setup(void)
{
	machine_setup(&m);
	repo = fixture_path(m.root, "repo");
	machine_offer(&m, "a.klp", 3, m.key);
}

static void teardown(void)
{
	free(repo);
	machine_teardown(&m);
}

#define says(name, ...)	do { machine_run(&m, __VA_ARGS__, "--json", NULL); schema_holds(name, m.out); } while (0)

START_TEST(the_validator_can_fail)
{
	json_t *s = schema_file("update-hold"), *j;
	static const char *const bad[] = {
		"{\"done\": \"held\", \"name\": \"\"}", "{\"done\": \"gone\", \"name\": \"\", \"until\": 0}", "[]",
		"{\"done\": \"held\", \"name\": 1, \"until\": 0}", "{\"done\": \"held\", \"name\": \"\", \"until\": -1}",
		"{\"done\": \"held\", \"name\": \"\", \"until\": 0, \"more\": 1}",
	};
	char where[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		j = json_loads(bad[i], 0, NULL);
		where[0] = '\0';
		ck_assert_msg(!schema_valid(s, j, where, sizeof(where)), "%s", bad[i]);
		json_decref(j);
	}
	json_decref(s);
	s = schema_file("update-cve");
	j = json_loads("[{\"cve\": \"X-1\", \"state\": \"unknown\", \"evidence\": \"\"}]", 0, NULL);
	where[0] = '\0';
	ck_assert(!schema_valid(s, j, where, sizeof(where)));
	json_decref(j);
	json_decref(s);
}
END_TEST

static void publish(const char *name, const char *option, const char *value, const char *file)
{
	ck_assert_msg(!machine_repo_do(&m, repo, "publish", "--json", option, value, file, NULL), "%s", m.err);
	schema_holds(name, m.out);
}

static void repo_says(const char *name, const char *command, const char *option, const char *value)
{
	ck_assert_msg(!machine_repo_do(&m, repo, command, "--json", option, value, NULL), "%s", m.err);
	schema_holds(name, m.out);
}

START_TEST(klp_repo)
{
	char *file = fixture_path(m.source, "a.klp"), *table = fixture_path(m.root, "t.tsv"), *keys = fixture_path(m.root, "etc/quietpatch/keys");
	char *pem = fixture_path(m.root, "new.pem"), *root = fixture_path(m.root, "etc/quietpatch/root.json"), url[64];
	pid_t server;

	machine_put(&m, "t.tsv", "CVE-2026-7\t5.15\t6.1.177\t0123456789abcdef0123456789abcdef01234567\tt\ta.c\n");
	publish("repo-publish", "--expires", "30", file);
	publish("repo-publish-cves", "--cves", table, NULL);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "list", "--json", "--repo", repo, NULL), 0);
	schema_holds("repo-list", m.out);
	server = fixture_serve(url, fixture_answer_file, repo);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "probe", "--json", "--root", root, url, NULL), 0);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	schema_holds("repo-probe", m.out);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", "--json", pem, NULL), 0);
	schema_holds("repo-keygen", m.out);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "sign", "--json", "--key", pem, file, NULL), 0);
	schema_holds("repo-sign", m.out);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--json", "--keys", keys, file, NULL), 0);
	schema_holds("repo-verify", m.out);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--json", "--repo", repo, NULL), 0);
	schema_holds("repo-verify-repo", m.out);
	repo_says("repo-signed", "timestamp", NULL, NULL);
	repo_says("repo-signed", "rotate", NULL, NULL);
	repo_says("repo-halt", "halt", "--reason", "we look into it");
	repo_says("repo-halt", "resume", NULL, NULL);
	ck_assert_int_eq(machine_repo_do(&m, repo, "withdraw", "--json", "--release", "3", "--reason", "it oopses", "sock-map-alloc", NULL), 0);
	schema_holds("repo-withdraw", m.out);
	machine_tool(&m, "klp-repo", "list", "--json", "--repo", "/nonexistent", NULL);
	schema_holds("error", m.out);
	free(root);
	free(pem);
	free(keys);
	free(table);
	free(file);
}
END_TEST

/* A log with one bundle, from its beginning to an audit. */
START_TEST(klp_repo_log)
{
	char *file = fixture_path(m.source, "a.klp"), *keys = fixture_path(m.root, "etc/quietpatch/keys"), *pem = fixture_path(m.root, "log.pem");
	char *log = fixture_path(m.root, "log"), *state = fixture_path(m.root, "state"), *policy = fixture_path(m.root, "policy");
	char *seen = fixture_path(m.root, "seen"), *note = fixture_path(m.root, "note"), *other = fixture_path(m.root, "w.pem"), text[1024];
	char *folder = fixture_path(m.root, "repo.state");
	json_t *j;

#define LOG(name, command, ...)	do {											\
		ck_assert_msg(!machine_tool(&m, "klp-repo", "log", command, "--json", "--log", log, __VA_ARGS__, NULL), "%s", m.err);	\
		schema_holds(name, m.out);											\
	} while (0)
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", pem, NULL), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", other, NULL), 0);
	LOG("repo-log-init", "init", "--state", state, "--key", pem, "--name", "example.com/patches");
	j = machine_json(&m);
	snprintf(text, sizeof(text), "log %s\nquorum none\n", json_string_value(json_object_get(j, "vkey")));
	json_decref(j);
	machine_put(&m, "policy", text);
	LOG("repo-log-append", "append", "--state", state, "--key", pem, "--keys", keys, file);
	LOG("repo-log-attach", "attach", "--state", state, "--key", pem, folder);
	LOG("repo-log-witness", "witness", "--policy", policy, "--state", seen, "--key", other, "--name", "w", "--new", "-o", note);
	j = machine_json(&m);
	snprintf(text + strlen(text) - strlen("quorum none\n"), 512, "witness w %s\nquorum w\n", json_string_value(json_object_get(j, "vkey")));
	json_decref(j);
	machine_put(&m, "policy", text);
	LOG("repo-log-cosign", "cosign", "--policy", policy, note);
	LOG("repo-log-proof", "proof", "--policy", policy, "--keys", keys, file);
	LOG("repo-log-audit", "audit", "--policy", policy, file);
	machine_tool(&m, "klp-repo", "log", "audit", "--json", "--log", "/nonexistent", "--policy", policy, NULL);
	schema_holds("error", m.out);
	machine_tool(&m, "klp-repo", "log", "bogus", "--json", NULL);
	schema_holds("error", m.out);
	free(folder);
	free(other);
	free(note);
	free(seen);
	free(policy);
	free(state);
	free(log);
	free(pem);
	free(keys);
	free(file);
}
END_TEST

START_TEST(klp_update)
{
	char *report = fixture_path(m.root, "report.json");

	says("update-status", "status");
	says("update-run", "check");
	says("update-hold", "hold");
	says("update-run", "update");
	says("update-status", "status");
	says("update-approve", "approve", "--all");
	says("update-hold", "unhold");
	says("error", "unhold");
	says("update-run", "update");
	says("update-status", "status");
	says("update-history", "history");
	says("update-cve", "cve", "--all");
	says("update-cve", "cve", "CVE-2020-0001");
	says("update-config", "config");
	says("update-config-key", "config", "get", "watch");
	says("update-config-key", "config", "set", "kick", "safe");
	says("update-doctor", "doctor");
	says("update-advise", "advise");
	says("update-retry", "retry", "--all");
	says("update-disable", "disable");
	says("update-disable", "enable");
	says("update-support", "support", report);
	says("error", "config", "get", "nosuch");
	says("error", "bogus");
	/* They print nothing, or for another process. */
	says("error", "notify");
	says("error", "shutdown");
	says("error", "health");
	says("error", "fetch");
	says("update-run", "boot");
	says("update-run", "watch");
	schema_holds("public-cves", machine_get(&m, "run/quietpatch/cves.json"));
	free(report);
}
END_TEST

/* As far as it goes without a core; the rest is the VM test main-schema's. */
START_TEST(klp_apply)
{
	char *file = fixture_path(m.source, "a.klp");

#define APPLY(name, ...)	do { machine_tool(&m, "klp-apply", "--json", __VA_ARGS__, NULL); schema_holds(name, m.out); } while (0)
	APPLY("apply-status", "status");
	APPLY("apply-list", "list");
	APPLY("apply-info", "info", file);
	APPLY("apply-check", "check", file);
	APPLY("apply-check", "check", "/nonexistent.klp");
	APPLY("apply-load", "load", "--verify-only", file);
	APPLY("apply-blockers", "blockers");
	APPLY("apply-settle", "settle");
	APPLY("apply-history", "history");
	APPLY("error", "bogus");
	free(file);
}
END_TEST

/* Taken back by the watch, and a foreign patch. */
START_TEST(klp_update_in_trouble)
{
	machine_loader(&m, 0, "[ \"$1\" = revert ] || echo 12800 > \"$root/proc/sys/kernel/tainted\"\n");
	says("update-run", "update");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_other/state", "applied\n");
	says("update-status", "status");
	ck_assert_ptr_nonnull(strstr(m.out, "foreign"));
	says("update-run", "update");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("schema");

	/* `support` writes no new file below /dev, where the fixture would be. */
	setenv("TMPDIR", "/tmp", 0);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_validator_can_fail);
	tcase_add_test(tc, klp_repo);
	tcase_add_test(tc, klp_repo_log);
	tcase_add_test(tc, klp_update);
	tcase_add_test(tc, klp_update_in_trouble);
	tcase_add_test(tc, klp_apply);
	return fixture_run("schema", tc);
}
