// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_publish_log.c - a repository with a public log: nothing gets into it that isn't a leaf there, however the publisher
 * dies, and whatever becomes of the log; and no leaf is there twice, with other bytes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "manifest.h"
#include "publish_fixture.h"
#include "sign.h"

static char *next_pem, *log_pem;

#define by_hand(file)	log_("append", "--state", at("logstate"), "--key", log_pem, "--keys", at("etc/quietpatch/keys"), at(file))
#define attach()	log_("attach", "--state", at("logstate"), "--key", log_pem, state)

static void setup(void)
{
	char text[512];
	size_t n;

	publisher_setup(text, sizeof(text));
	next_pem = at("next.pem");
	log_pem = at("log.pem");
	must(tool("keygen", next_pem));
	n = strlen(text);
	snprintf(text + n, sizeof(text) - n, "quorum none\n");
	machine_put(&m, "log.conf", text);
	/* Before there is a repository: its first root is in the log as well. */
	must(attach());
	TOLD("no repository has that state folder yet");
}

static int withdraw(const char *release)
{
	return do_("withdraw", "--release", release, "--reason", "it oopses", "sock-map-alloc");
}

static int rotate(void)
{
	char role[600];

	snprintf(role, sizeof(role), "timestamp=%.500s", pem);
	return do_("rotate", "--role", role);
}

/*
 * What is in the repository's folder, all of it, is a leaf that the log's checkpoint covers: roots by digest, bundles
 * and what indexes withdraw by release.  The auditor finds nothing, such as two of one name.
 */
static void all_is_logged(const char *when)
{
	static const char script[] =
		"n=$(sed -n 2p log/checkpoint); e=log/tile/entries/000.p/$n; [ \"$n\" != 0 ] || e=/dev/null; [ -d repo ] || exit 0\n"
		"for f in $(ls -d repo/metadata/*.root.json 2>/dev/null); do\n"
		"	grep -aq \"$(sha256sum < $f | cut -c-64)\\\",\\\"kind\\\":\\\"root\" $e || { echo $f; exit 1; }\n"
		"done\n"
		"for f in $(find repo -name '*.klp'); do\n"
		"	r=${f##*-}\n"
		"	grep -aq \"\\\"kind\\\":\\\"bundle\\\",\\\"name\\\":\\\"sock-map-alloc\\\",\\\"release\\\":${r%.klp},\" $e || { echo $f; exit 1; }\n"
		"done\n"
		"f=$(grep -rl '\"withdrawn\":\\[{' repo) || exit 0\n"
		"grep -aq '\"kind\":\"withdrawal\",\"name\":\"sock-map-alloc\",\"release\":3,' $e || { echo $f; exit 1; }\n";

	ck_assert_msg(!shell(script), "%s: not in the log", when);
}

static void audited(const char *when)
{
	int status = log_("audit", "--policy", at("log.conf"));

	ck_assert_msg(!status && strstr(m.out, "0 findings"), "%s: %d\n%s%s", when, status, m.out, m.err);
}

static void begin(void)
{
	must(tool("init", "--repo", repo, "--key", pem));
	TOLD("1 appended to the log example.com/patches, which has 1");
}

START_TEST(all_that_is_published)
{
	begin();
	must(publish(3));
	TOLD("1 appended");
	/* The same again, with another rollout, isn't another. */
	must(do_("publish", "--rollout", "0h:1,1h:100", at("source/new.klp")));
	ck_assert_ptr_null(strstr(m.err, "appended"));
	must(rotate());
	must(withdraw("3"));
	sh("grep -aq $(sha256sum $(grep -rl '\"withdrawn\":\\[{' repo) | cut -c-64)'\",\"kind\":\"withdrawal' log/tile/entries/000.p/4");
	must(publish(4));
	must(do_("timestamp"));
	must(do_("halt", "--reason", "a while"));
	must(log_("audit", "--policy", at("log.conf")));
	TOLD("5 leaves read (2 bundles, 2 roots, 1 withdrawals)");
	TOLD("0 findings");
	all_is_logged("in the end");
	/* Appended by hand before, to travel with its proof. */
	machine_offer(&m, "new.klp", 5, m.key);
	must(by_hand("source/new.klp"));
	must(log_("proof", "--policy", at("log.conf"), "--keys", at("etc/quietpatch/keys"), at("source/new.klp")));
	must(do_("publish", at("source/new.klp")));
	ck_assert_ptr_null(strstr(m.err, "appended"));
	audited("with one by hand");
}
END_TEST

/* What was published before there was a log. */
START_TEST(a_log_that_comes_later)
{
	sh("rm -r repo.state");
	must(tool("init", "--repo", repo, "--key", pem));
	must(publish(3));
	must(withdraw("3"));
	must(publish(4));
	must(rotate());
	/* Another's key: nothing has changed. */
	ck_assert_int_eq(log_("attach", "--state", at("logstate"), "--key", next_pem, state), 4);
	must(publish(5));
	ck_assert_ptr_null(strstr(m.err, "appended"));
	must(attach());
	TOLD("4 appended now, it has 4");
	must(attach());
	TOLD("0 appended now, it has 4");
	audited("attached");
	must(publish(6));
	TOLD("1 appended to the log example.com/patches, which has 5");
	/* Two folders are a slip, and a state folder that others may write to is nobody's word. */
	ck_assert_int_eq(log_("attach", "--state", at("logstate"), "--key", log_pem, state, state), 64);
	sh("chmod 777 repo.state");
	ck_assert_int_ne(attach(), 0);
}
END_TEST

/* Nothing is signed, nothing gets out; what the log has no part in goes on. */
START_TEST(a_log_that_cant_take_it)
{
	static const struct { const char *before, *after, *told; } list[] = {
		{ "mv log log.away", "mv log.away log", "public log" },
		{ "mv logstate logstate.away", "mv logstate.away logstate", "logstate" },
		{ "mv log.pem away.pem", "mv away.pem log.pem", "log.pem" },
		{ "cp -a log log.good && rm -r log/tile && mkdir log/tile", "rm -r log && mv log.good log", "public log" },
		{ "cp repo.state/publog.json p && echo '{}' > repo.state/publog.json", "mv p repo.state/publog.json", "log attach" },
	};

	begin();
	must(publish(3));
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		sh("rm -rf repo.before && cp -a repo repo.before && cp -a repo.state/head.json head.before");
		sh(list[i].before);
		ck_assert_int_ne(publish(4), 0);
		TOLD(list[i].told);
		ck_assert_int_ne(withdraw("3"), 0);
		ck_assert_int_ne(withdraw("3"), 3);
		ck_assert_int_ne(rotate(), 0);
		sh("diff -r repo repo.before && cmp repo.state/head.json head.before");
		must(do_("timestamp"));
		must(do_("halt", "--reason", "the log is gone"));
		sh(list[i].after);
	}
	must(publish(4));
	must(rotate());
	all_is_logged("in the end");
	audited("in the end");
}
END_TEST

/* Not what machine_offer() makes. */
static void other_bundle(const char *file, uint64_t release)
{
	struct manifest *mf = fixture_manifest(release);
	struct signing_key *const by[] = { m.key };
	struct klp_err err;
	void *data;
	size_t len;

	ck_assert_msg(!bundle_build(mf, "other", 5, by, 1, &data, &len, &err), "%s", err.text);
	ck_assert_msg(!io_write_atomic(at(file), data, len, 0644, &err), "%s", err.text);
	manifest_free(mf);
	free(data);
}

/* A log's key that its file alone doesn't give away. */
START_TEST(a_key_with_a_passphrase)
{
	char *sealed = at("sealed.pem");

	machine_put(&m, "words", "a long one\n");
	machine_put(&m, "wrong", "another one\n");
	setenv("KLP_PASSPHRASE_FILE", at("words"), 1);
	must(tool("keygen", "--passphrase", sealed));
	where = at("sealed-log");
	must(log_("init", "--state", at("sealed-state"), "--key", sealed, "--name", "example.com/sealed"));
	must(log_("attach", "--state", at("sealed-state"), "--key", sealed, state));
	must(tool("init", "--repo", repo, "--key", pem));
	setenv("KLP_PASSPHRASE_FILE", at("wrong"), 1);
	ck_assert_int_ne(publish(3), 0);
	TOLD("nothing is published");
	must(do_("timestamp"));
	setenv("KLP_PASSPHRASE_FILE", at("words"), 1);
	must(publish(3));
	TOLD("1 appended to the log example.com/sealed, which has 2");
	unsetenv("KLP_PASSPHRASE_FILE");
}
END_TEST

/* Two bundles under one release: the log has the first, which somebody has appended. */
START_TEST(another_of_that_release)
{
	begin();
	other_bundle("other.klp", 3);
	must(by_hand("other.klp"));
	sh("cp -a repo repo.before && cp -a repo.state/head.json head.before");
	ck_assert_int_eq(publish(3), 1);
	TOLD("nothing is published");
	TOLD("another bundle sock-map-alloc of release 3 is in the log already");
	sh("diff -r repo repo.before && cmp repo.state/head.json head.before");
	must(publish(4));
	audited("with the next release");
}
END_TEST

/* ---- killed ---- */

enum killed { PUBLISH, ROTATE, WITHDRAW, INIT, NR_KILLED };

static int command_of(enum killed which)
{
	switch (which) {
	case PUBLISH:
		return do_("publish", "--rollout", "now", at("source/next.klp"));
	case ROTATE:
		return rotate();
	case WITHDRAW:
		return withdraw("3");
	default:
		return tool("init", "--repo", repo, "--key", pem);
	}
}

static int faulty(enum killed which, long call, const char *how)
{
	int status;

	fixture_preload_fault(call, how, at("count"));
	setenv("FAULTY_MARK", "/log.json", 1);
	status = command_of(which);
	fixture_preload_end();
	return status;
}

static void goes_on(enum killed which, const char *when)
{
	int status;

	all_is_logged(when);
	status = command_of(which);
	/* It may have got through. */
	ck_assert_msg(status == 0 || (which == WITHDRAW && status == 3) || (which == INIT && status == 1 && strstr(m.err, "already")),
		      "%s, again: %d\n%s", when, status, m.err);
	all_is_logged(when);
	machine_offer(&m, "later.klp", 9, m.key);
	status = do_("publish", "--rollout", "now", at("source/later.klp"));
	ck_assert_msg(!status, "%s: the next publish: %d\n%s", when, status, m.err);
	all_is_logged(when);
	status = do_("verify");
	ck_assert_msg(!status, "%s: verify: %d\n%s", when, status, m.err);
	audited(when);
}

/* Before, while and after the log's state is replaced, which is in the middle of it; each call with FULL=1, or if there are very many each around that. */
START_TEST(a_publisher_that_dies)
{
	enum killed which = (enum killed)(_i % NR_KILLED);
	const char *how = _i < NR_KILLED ? "kill" : "full";
	bool each = getenv("FULL");
	long calls, mark, first, last;
	char when[64];
	int status;

	if (which != INIT) {
		begin();
		must(publish(3));
		machine_offer(&m, "next.klp", 4, m.key);
	}
	sh("rm -rf ../before.$PPID && cp -a . ../before.$PPID");
	must(faulty(which, 0, how));
	ck_assert_int_eq(sscanf(machine_get(&m, "count"), "%ld %ld", &calls, &mark), 2);
	ck_assert_msg(mark > 10 && calls > mark + 20, "%ld calls, the log's state in %ld", calls, mark);
	first = each && calls < 1000 ? 1 : mark - 4 + (each ? 0 : which);
	last = each && calls < 1000 ? calls : mark + 25;
	for (long call = first; call <= last; call += each ? 1 : *how == 'k' ? 7 : 14) {
		sh("find . -mindepth 1 -delete && cp -a ../before.$PPID/. .");
		status = faulty(which, call, how);
		snprintf(when, sizeof(when), "command %d, %s at %ld (log's state: %ld)", which, how, call, mark);
		ck_assert_msg(*how == 'k' ? status == -SIGKILL : status != 2, "%s: %d\n%s", when, status, m.err);
		goes_on(which, when);
	}
	sh("rm -rf ../before.$PPID");
}
END_TEST

/* It has signed, and the log has gone: nothing at all is published until it is there again; then all of it is. */
START_TEST(what_waits_for_the_log)
{
	long calls, mark;
	int status;

	begin();
	must(publish(3));
	sh("cp -a . ../before.$PPID");
	must(faulty(ROTATE, 0, "kill"));
	ck_assert_int_eq(sscanf(machine_get(&m, "count"), "%ld %ld", &calls, &mark), 2);
	sh("find . -mindepth 1 -delete && cp -a ../before.$PPID/. . && rm -r ../before.$PPID");
	ck_assert_int_eq(faulty(ROTATE, mark, "kill"), -SIGKILL);
	sh("grep -q tolog repo.state/head.json && sha256sum < repo.state/metadata/2.root.json > second && cp -a repo repo.before && mv log log.away");
	for (int i = 0; i < 3; i++) {
		status = !i ? do_("timestamp") : i == 1 ? publish(4) : rotate();
		ck_assert_msg(status && status != 3, "%d: %d\n%s", i, status, m.out);
		TOLD("an earlier command has signed");
	}
	sh("diff -r repo repo.before && mv log.away log");
	must(do_("timestamp"));
	TOLD("1 appended");
	sh("! grep -q tolog repo.state/head.json && sha256sum < repo/metadata/2.root.json | cmp - second");
	all_is_logged("resumed");
	audited("resumed");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish_log");

	tcase_add_checked_fixture(tc, setup, publisher_teardown);
	tcase_add_test(tc, all_that_is_published);
	tcase_add_test(tc, a_log_that_comes_later);
	tcase_add_test(tc, a_log_that_cant_take_it);
	tcase_add_test(tc, another_of_that_release);
	tcase_add_test(tc, a_key_with_a_passphrase);
	tcase_add_loop_test(tc, a_publisher_that_dies, 0, 2 * NR_KILLED);
	tcase_add_test(tc, what_waits_for_the_log);
	return fixture_run_within("publish_log", tc, getenv("FULL") ? 1200 : 120);
}
