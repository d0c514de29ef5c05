// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_publish_proof.c - a repository whose bundles travel with the proof that a public log has them: it is made by publish, which
 * asks the witnesses; no bundle gets into the repository without it, whoever is killed, slow or lies.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "keyring.h"
#include "publish_fixture.h"
#include "../../../tools/tlog/logcheck.h"

static char *policy, *bin;

#define attach(...)	log_("attach", "--state", at("logstate"), "--key", at("log.pem"), __VA_ARGS__, state)

/* What publish runs: the witness's own machine, as it were; its faults aren't the publisher's. */
static char *witness(const char *name)
{
	char *command;

	ck_assert(asprintf(&command, "cd '%s' && env -u LD_PRELOAD '%s' log witness --log log --policy log.conf --state %s --key %s.pem --name example.org/%s",
			   m.root, bin, name, name, name) > 0);
	return command;
}

/* The line for the policy; it believes the log as it is now. */
static void new_witness(const char *name, char *text, size_t size)
{
	char *key, *full, *said = at("said");
	size_t n = strlen(text);
	const char *line;

	ck_assert(asprintf(&key, "%s/%s.pem", m.root, name) > 0);
	must(tool("keygen", key));
	ck_assert(asprintf(&full, "example.org/%s", name) > 0);
	must(log_("witness", "--new", "--policy", policy, "--state", at(name), "--key", key, "--name", full, "-o", said));
	line = strstr(m.out, "witness NAME ");
	ck_assert_ptr_nonnull(line);
	snprintf(text + n, size - n, "witness %s %s", name, line + strlen("witness NAME "));
	free(key);
	free(full);
}

static void setup(void)
{
	char text[4096];
	size_t n;

	publisher_setup(text, sizeof(text));
	policy = at("log.conf");
	bin = fixture_built("bin/klp-repo");
	n = strlen(text);
	snprintf(text + n, sizeof(text) - n, "quorum none\n");
	machine_put(&m, "log.conf", text);
	text[n] = '\0';
	new_witness("w1", text, sizeof(text));
	new_witness("w2", text, sizeof(text));
	new_witness("w3", text, sizeof(text));
	n = strlen(text);
	snprintf(text + n, sizeof(text) - n, "group g 2 w1 w2 w3\nquorum g\n");
	machine_put(&m, "log.conf", text);
}

static void begin(void)
{
	must(attach("--policy", policy, "--witness", witness("w1"), "--witness", witness("w2"), "--witness", witness("w3")));
	TOLD("bundles are published with their proofs");
	must(tool("init", "--repo", repo, "--key", pem));
}

/* Every bundle in the repository's folder is one that a machine with this policy takes; how many there are. */
static int all_is_proven(const char *when)
{
	struct verified_bundle *vb;
	struct keyring *ring;
	char path[4096];
	struct klp_err err;
	FILE *f;
	int nr = 0;

	snprintf(path, sizeof(path), "find '%s' -name '*.klp'", repo);
	f = popen(path, "r");
	ck_assert(f && !keyring_load(at("etc/quietpatch/keys"), &ring, &err));
	while (fgets(path, sizeof(path), f)) {
		void *data;
		size_t len;
		int fd;

		path[strcspn(path, "\n")] = '\0';
		ck_assert(!io_read_file(path, BUNDLE_MAX, &data, &len, &err) && !io_sealed_memfd("bundle", data, len, &fd, &err));
		ck_assert_msg(!bundle_verify(fd, ring, false, &vb, &err), "%s: %s: %s", when, path, err.text);
		ck_assert_msg(!logcheck_once(policy, vb, &err), "%s: %s: %s", when, path, err.text);
		verified_bundle_free(vb);
		close(fd);
		free(data);
		nr++;
	}
	pclose(f);
	keyring_free(ring);
	return nr;
}

static void audited(const char *when)
{
	int status = log_("audit", "--policy", policy);

	ck_assert_msg(!status && strstr(m.out, "0 findings"), "%s: %d\n%s%s", when, status, m.out, m.err);
	status = do_("verify");
	ck_assert_msg(!status, "%s: verify: %d\n%s%s", when, status, m.out, m.err);
}

START_TEST(publish_asks_the_witnesses)
{
	begin();
	must(publish(3));
	TOLD("1 appended to the log example.com/patches, which has 2");
	ck_assert_int_eq(all_is_proven("published"), 1);
	/* Two of three were enough: the third wasn't asked. */
	sh("test \"$(grep -ac '^— example.org/' log/checkpoint)\" = 2");
	/* Another rollout is no other bundle, and needs nobody. */
	sh("mv w1 w1.away && mv w2 w2.away && mv w3 w3.away");
	must(do_("publish", "--rollout", "0h:1,1h:100", at("source/new.klp")));
	sh("mv w1.away w1 && mv w2.away w2 && mv w3.away w3");
	must(publish(4));
	must(do_("withdraw", "--release", "4", "--reason", "it oopses", "sock-map-alloc"));
	must(publish(5));
	ck_assert_int_ge(all_is_proven("in the end"), 1);
	audited("in the end");
}
END_TEST

/* No bundle without its proof; what the log has stays, and the same command goes on. */
START_TEST(too_few_witnesses)
{
	begin();
	must(publish(3));
	sh("mv w2 w2.away && mv w3 w3.away && cp -a repo repo.before && cp -a repo.state/head.json head.before");
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(publish(4), 6);
		TOLD("too few witnesses have cosigned the log's checkpoint: 1 of the 3");
		TOLD("nothing is published yet");
		TOLD("remembers nothing of a log");
		sh("diff -r repo repo.before && cmp repo.state/head.json head.before");
	}
	/* By hand, as long as a command can't reach them. */
	sh("rm -r w2 && mv w2.away w2");
	must(log_("witness", "--policy", policy, "--state", at("w2"), "--key", at("w2.pem"), "--name", "example.org/w2", "-o", at("w2.note")));
	must(log_("cosign", "--policy", policy, at("w2.note")));
	sh("mv w1 w1.away && mv w2 w2.away");
	must(publish(4));
	ck_assert_ptr_null(strstr(m.err, "appended"));
	ck_assert_int_ge(all_is_proven("cosigned by hand"), 1);
	audited("in the end");
}
END_TEST

/* Nothing is appended that can't be published for another reason. */
START_TEST(what_is_refused_isnt_appended)
{
	begin();
	must(publish(3));
	must(tool("keygen", at("other.pem")));
	machine_offer(&m, "new.klp", 4, m.key);
	sh("cp log/checkpoint before && cp log.conf good && echo garbage > garbage.klp");
	ck_assert_int_ne(tool("--repo", repo, "--key", at("other.pem"), "publish", at("source/new.klp")), 0);
	ck_assert_int_ne(do_("publish", at("source/new.klp"), at("garbage.klp")), 0);
	ck_assert_int_ne(publish(2), 0);
	sh("cmp log/checkpoint before && mv log.conf away");
	ck_assert_int_eq(publish(4), 1);
	TOLD("log.conf");
	sh("echo 'quorum none' > log.conf");
	ck_assert_int_ne(publish(4), 0);
	sh("cmp log/checkpoint before && cp good log.conf");
	must(publish(4));
	ck_assert_int_ge(all_is_proven("in the end"), 1);
}
END_TEST

/* What a witness's command gives back is anybody's: none of these counts, and each is told. */
START_TEST(witnesses_that_lie)
{
	static const struct { const char *command, *told; } list[] = {
		{ "sleep 1000 & sleep 1000", "no answer in 60 s" },
		{ "exit 3", "exit status 3" },
		{ "kill -9 $$", "exit status 137" },
		{ "cat", "no signature of a witness" },
		{ "echo hello", "hello" },
		{ "yes", "no checkpoint" },
		{ "head -c 100 /dev/zero", "" },
		{ "true", "" },
		{ "cat /old", "another checkpoint" },
		{ "cat /forged", "no signature of a witness" },
	};
	char *command;

	begin();
	must(publish(3));
	sh("cp log/checkpoint old");
	for (size_t i = getenv("FULL") ? 0 : 1; i < sizeof(list) / sizeof(*list); i++) {
		bool file = !strncmp(list[i].command, "cat /", 5);

		/* The right text, and the signature of another one. */
		ck_assert(asprintf(&command, file && strstr(list[i].command, "forged") ? "cat; grep '^— example.org' '%s/old'" :
				   file ? "cat '%s/old'" : "%s", file ? m.root : list[i].command) > 0);
		must(attach("--policy", policy, "--witness", witness("w1"), "--witness", command));
		ck_assert_int_eq(publish(4 + i), 6);
		TOLD("witness \"");
		TOLD(list[i].told);
		ck_assert_int_eq(all_is_proven(command), 1);
		free(command);
	}
	audited("in the end");
}
END_TEST

START_TEST(what_attach_refuses)
{
	ck_assert_int_eq(attach("--witness", "true"), 64);
	machine_put(&m, "other.conf", "quorum none\n");
	ck_assert_int_ne(attach("--policy", at("other.conf")), 0);
	ck_assert_int_ne(attach("--policy", at("none.conf")), 0);
	/* Of another log. */
	must(tool("keygen", at("b.pem")));
	must(tool("log", "init", "--log", at("b"), "--state", at("bstate"), "--key", at("b.pem"), "--name", "example.com/b"));
	ck_assert_int_ne(tool("log", "attach", "--log", at("b"), "--state", at("bstate"), "--key", at("b.pem"), "--policy", policy, state), 0);
	TOLD("signed by no log of the policy");
	sh("! test -e repo.state/publog.json");
	/* Without witnesses it is the log alone that is asked. */
	sh("sed -i 's/^quorum g/quorum none/' log.conf");
	must(attach("--policy", policy));
	must(tool("init", "--repo", repo, "--key", pem));
	must(publish(3));
	ck_assert_int_eq(all_is_proven("no witness"), 1);
}
END_TEST

/* ---- killed ---- */

static int faulty(long call)
{
	int status;

	fixture_preload_fault(call, "kill", at("count"));
	setenv("FAULTY_MARK", "/log.json", 1);
	status = do_("publish", "--rollout", "now", at("source/next.klp"));
	fixture_preload_end();
	return status;
}

/* Around the append, the cosignatures, and what comes after them; each call with FULL=1. */
START_TEST(a_publisher_that_dies)
{
	bool each = getenv("FULL");
	long calls, mark;
	char when[64];
	int status;

	begin();
	must(publish(3));
	machine_offer(&m, "next.klp", 4, m.key);
	sh("rm -rf ../before.$PPID && cp -a . ../before.$PPID");
	must(faulty(0));
	ck_assert_int_eq(sscanf(machine_get(&m, "count"), "%ld %ld", &calls, &mark), 2);
	ck_assert_msg(mark > 0 && calls > mark + 40, "%ld calls, the log's state in %ld", calls, mark);
	for (long call = each ? 1 : mark; call <= calls; call += each ? 1 : 11) {
		sh("find . -mindepth 1 -delete && cp -a ../before.$PPID/. .");
		status = faulty(call);
		snprintf(when, sizeof(when), "killed at %ld of %ld (log's state: %ld)", call, calls, mark);
		ck_assert_msg(status == -SIGKILL, "%s: %d\n%s", when, status, m.err);
		ck_assert_int_ge(all_is_proven(when), 1);
		status = do_("publish", "--rollout", "now", at("source/next.klp"));
		ck_assert_msg(!status, "%s, again: %d\n%s", when, status, m.err);
		sh("find repo -name '*-4.klp' | grep -q .");
		ck_assert_int_ge(all_is_proven(when), 1);
		audited(when);
	}
	sh("rm -rf ../before.$PPID");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish_proof");

	tcase_add_checked_fixture(tc, setup, publisher_teardown);
	tcase_add_test(tc, publish_asks_the_witnesses);
	tcase_add_test(tc, too_few_witnesses);
	tcase_add_test(tc, what_is_refused_isnt_appended);
	tcase_add_test(tc, witnesses_that_lie);
	tcase_add_test(tc, what_attach_refuses);
	tcase_add_test(tc, a_publisher_that_dies);
	return fixture_run_within("publish_proof", tc, getenv("FULL") ? 600 : 120);
}
