// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_publog.c - klp-repo log: a keeper that dies anywhere and never signs two histories, witnesses that see no fork cosigned,
 * an auditor that finds what was altered, and a split view.  What a machine makes of a proof: test_logcheck.c.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "audit.h"
#include "bundle.h"
#include "err.h"
#include "io.h"
#include "machine_fixture.h"
#include "manifest.h"
#include "sign.h"
#include "../../../tools/tlog/checkpoint.h"
#include "../../../tools/tlog/tiles.h"

#define ORIGIN	"example.com/patches"

static struct machine_fixture m;
static char *keys, *policy;

/* "root/name", for the length of the test. */
static char *at(const char *name)
{
	return fixture_path(m.root, name);
}

static int tool_log(const char *command, const char *log, ...) __attribute__((sentinel));

/* klp-repo log COMMAND --log root/@log --keys ..., and what follows. */
static int tool_log(const char *command, const char *log, ...)
{
	const char *args[16] = { NULL };
	va_list ap;

	va_start(ap, log);
	for (int i = 0; i < 15 && (args[i] = va_arg(ap, const char *)); i++)
		;
	va_end(ap);
	return machine_tool(&m, "klp-repo", "log", command, "--log", at(log), "--keys", keys, args[0], args[1], args[2], args[3], args[4],
			    args[5], args[6], args[7], args[8], args[9], args[10], args[11], NULL);
}

#define MUST(status, ...)	do {								\
		int got_ = tool_log(__VA_ARGS__, NULL);						\
		ck_assert_msg(got_ == (status), "exit %d, not %d\n%s%s", got_, (status), m.out, m.err);	\
	} while (0)
#define TOLD(text)	ck_assert_msg(strstr(m.err, text) || strstr(m.out, text), "%s\n%s%s", (text), m.out, m.err)

/* A bundle of that release; @summary makes it another one. */
static void offer(const char *file, uint64_t release, const char *summary)
{
	struct manifest *mf = fixture_manifest(release);
	struct signing_key *const by[] = { m.key };
	struct klp_err err;
	void *data;
	size_t len;

	ck_assert_int_eq(manifest_set(&mf->summary, summary), 0);
	ck_assert_msg(!bundle_build(mf, "module", 6, by, 1, &data, &len, &err), "%s", err.text);
	ck_assert_msg(!io_write_atomic(at(file), data, len, 0644, &err), "%s", err.text);
	manifest_free(mf);
	free(data);
}

/* Line @n of what was printed, without "log " or "witness NAME ". */
static const char *vkey(void)
{
	static char text[512];
	const char *p = strrchr(m.out, ' ');

	ck_assert_ptr_nonnull(p);
	snprintf(text, sizeof(text), "%s", p + 1);
	text[strcspn(text, "\n")] = 0;
	return text;
}

static void setup(void)
{
	char text[1024];

	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	machine_setup(&m);
	keys = at("etc/quietpatch/keys");
	policy = at("log.conf");
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", at("log.pem"), NULL), 0);
	MUST(0, "init", "log", "--state", at("state"), "--key", at("log.pem"), "--name", ORIGIN);
	snprintf(text, sizeof(text), "log %s\nquorum none\n", vkey());
	machine_put(&m, "log.conf", text);
	for (int i = 1; i <= 6; i++) {
		snprintf(text, sizeof(text), "%d.klp", i);
		offer(text, (uint64_t)i, "as it was published");
	}
}

static void teardown(void)
{
	machine_teardown(&m);
}

#define APPEND(status, log, state, ...)	MUST(status, "append", log, "--state", at(state), "--key", at("log.pem"), __VA_ARGS__)

static void copy(const char *from, const char *to)
{
	char command[1024];

	snprintf(command, sizeof(command), "rm -rf '%s' && cp -a '%s' '%s'", at(to), at(from), at(to));
	ck_assert_int_eq(system(command), 0);
}

/* The log as somebody else's disk has it: @n releases, then the key signs on in another state. */
static void fork_log(const char *file)
{
	copy("log", "other-log");
	copy("state", "other-state");
	APPEND(0, "other-log", "other-state", at(file));
}

START_TEST(a_log_grows)
{
	APPEND(0, "log", "state", at("1.klp"));
	TOLD("1 appended");
	APPEND(2, "log", "state", at("1.klp"));
	APPEND(0, "log", "state", at("2.klp"), at("3.klp"), at("1.klp"), at("2.klp"));
	TOLD("2 appended to " ORIGIN ", which has 3");
	MUST(0, "audit", "log", "--policy", policy);
	TOLD("3 leaves read (3 bundles, 0 roots, 0 withdrawals)");
	TOLD("0 findings");
}
END_TEST

START_TEST(what_a_log_takes)
{
	offer("again.klp", 1, "another under the same name");
	machine_put(&m, "root.json", "{\"signed\": {\"_type\": \"root\", \"version\": 3}}");
	machine_put(&m, "other.json", "{\"signed\": {\"_type\": \"targets\", \"version\": 3}}");
	APPEND(0, "log", "state", at("1.klp"), at("root.json"));
	APPEND(1, "log", "state", at("2.klp"), at("again.klp"));
	TOLD("release 1 is in the log already");
	offer("two.klp", 2, "another under the same name");
	APPEND(1, "log", "state", at("2.klp"), at("two.klp"));
	TOLD("two different files are bundle sock-map-alloc of release 2");
	APPEND(4, "log", "state", at("other.json"));
	TOLD("--withdraw");
	APPEND(0, "log", "state", at("other.json"), "--withdraw", "sock-map-alloc", "--release", "1");
	APPEND(1, "log", "state", at("2.klp"), "--withdraw", "sock-map-alloc", "--release", "1");
	APPEND(64, "log", "state", at("other.json"), "--withdraw", "sock-map-alloc");
	/* Signed by nobody that the publisher trusts, cut short, or not there: nothing is signed. */
	machine_put(&m, "cut.klp", "\x89KLP");
	APPEND(4, "log", "state", at("cut.klp"));
	APPEND(3, "log", "state", at("nowhere.klp"));
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", at("foreign.pem"), NULL), 0);
	MUST(4, "append", "log", "--state", at("state"), "--key", at("foreign.pem"), at("2.klp"));
	keys = at("nowhere");
	APPEND(4, "log", "state", at("2.klp"));
	MUST(0, "audit", "log", "--policy", policy);
	TOLD("3 leaves read (1 bundles, 1 roots, 1 withdrawals)");
}
END_TEST

/* A journal of the test's own, in the place of the machine's: its socket, or -1 where that can't be (an ordinary user). */
static int own_journal(void)
{
	const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = AUDIT_JOURNAL };
	struct klp_err err;
	int fd;

	if (geteuid() || unshare(CLONE_NEWNS))
		return -1;
	ck_assert(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) && !mount("journal", "/run", "tmpfs", 0, NULL));
	ck_assert_msg(!io_mkdirs("/run/systemd/journal", 0755, &err), "%s", err.text);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert(!bind(fd, (const struct sockaddr *)&addr, sizeof(addr)));
	return fd;
}

static void journal_has(int journal, const char *const words[])
{
	char text[8192];
	ssize_t n = recv(journal, text, sizeof(text) - 1, 0);

	ck_assert_msg(n > 0, "nothing in the journal of %s", words[0]);
	text[n] = '\0';
	for (size_t i = 0; words[i]; i++)
		ck_assert_msg(strstr(text, words[i]), "no %s in %s", words[i], text);
}

START_TEST(who_appended_what)
{
	int journal = own_journal();

	if (journal < 0)
		return;
	APPEND(0, "log", "state", at("1.klp"));
	journal_has(journal, (const char *[]){ "MESSAGE_ID=1ababa81708444f89e897d80bc48d856", "QUIETPATCH_COMMAND=log append", "1.klp",
					       "QUIETPATCH_OUTCOME=done", NULL });
	keys = at("nowhere");
	APPEND(4, "log", "state", at("2.klp"));
	journal_has(journal, (const char *[]){ "MESSAGE_ID=ee8be075535d4be38ec874396395572b", "QUIETPATCH_COMMAND=log append", "2.klp",
					       "QUIETPATCH_OUTCOME=refused", "trusted key", NULL });
	keys = at("etc/quietpatch/keys");
	MUST(0, "proof", "log", "--policy", policy, at("1.klp"));
	journal_has(journal, (const char *[]){ "QUIETPATCH_COMMAND=log proof", NULL });
	/* Reading changes nothing. */
	MUST(0, "audit", "log", "--policy", policy);
	ck_assert_int_lt(recv(journal, &(char){ 0 }, 1, 0), 0);
	close(journal);
}
END_TEST

/* As manifests, JSON and klp-apply: the same for both commands. */
START_TEST(releases_have_one_limit)
{
	static const struct { const char *number; int status; } list[] = {
		{ "0", 64 }, { "-1", 64 }, { "1x", 64 }, { "9223372036854775808", 64 }, { "18446744073709551615", 64 }, { "9223372036854775807", 3 },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		MUST(list[i].status, "append", "log", "--state", at("state"), "--key", at("log.pem"), "--withdraw", "x", "--release", list[i].number, at("no"));
		ck_assert_int_eq(machine_tool(&m, "klp-repo", "withdraw", "--repo", at("no"), "--key", at("log.pem"), "--reason", "y", "--release",
					      list[i].number, "x", NULL), list[i].status);
	}
}
END_TEST

START_TEST(a_second_log_in_the_same_place)
{
	MUST(1, "init", "log", "--state", at("state"), "--key", at("log.pem"), "--name", ORIGIN);
	MUST(1, "init", "log2", "--state", at("state"), "--key", at("log.pem"), "--name", ORIGIN);
	MUST(1, "init", "log", "--state", at("state2"), "--key", at("log.pem"), "--name", ORIGIN);
	MUST(1, "init", "log3", "--state", at("state3"), "--key", at("log.pem"), "--name", "two words");
}
END_TEST

START_TEST(one_keeper_at_a_time)
{
	static const char *const locks[] = { "state/.lock", "log/.lock" };
	struct stat st;
	int fd;

	for (int i = 0; i < 2; i++) {
		fd = open(at(locks[i]), O_RDONLY);
		ck_assert_int_eq(flock(fd, LOCK_EX), 0);
		APPEND(6, "log", "state", at("1.klp"));
		/* Nobody else can do that. */
		ck_assert(!fstat(fd, &st) && !(st.st_mode & 077));
		close(fd);
	}
	/* What any user can lock doesn't keep a fix away. */
	fd = open(at("log"), O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	APPEND(0, "log", "state", at("1.klp"));
	close(fd);
}
END_TEST

/* ---- a key that never signs two histories ---- */

START_TEST(folders_of_another_time)
{
	APPEND(0, "log", "state", at("1.klp"));
	copy("log", "log-of-1");
	copy("state", "state-of-1");
	APPEND(0, "log", "state", at("2.klp"));
	APPEND(0, "log", "state", at("3.klp"));
	/* The folder from a backup; the state from a backup; no state. */
	APPEND(4, "log-of-1", "state", at("4.klp"));
	TOLD("nothing is signed");
	APPEND(4, "log", "state-of-1", at("4.klp"));
	TOLD("nothing is signed");
	APPEND(3, "log", "nowhere", at("4.klp"));
	/* The same number of leaves, and others. */
	fork_log("4.klp");
	APPEND(0, "log", "state", at("5.klp"));
	APPEND(4, "other-log", "state", at("6.klp"));
	TOLD("aren't the log that was signed last");
	APPEND(0, "log", "state", at("6.klp"));
	MUST(0, "audit", "log", "--policy", policy);
}
END_TEST

START_TEST(files_that_were_changed)
{
	char command[512];

	APPEND(0, "log", "state", at("1.klp"), at("2.klp"));
	copy("log", "good");
	machine_put(&m, "log/tile/0/000.p/2", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	APPEND(4, "log", "state", at("3.klp"));
	MUST(4, "audit", "log", "--policy", policy);
	TOLD("isn't the one whose hash");
	copy("good", "log");
	machine_put(&m, "log/tile/entries/000.p/2", "");
	APPEND(4, "log", "state", at("3.klp"));
	copy("good", "log");
	snprintf(command, sizeof(command), "sed -i 's/\"release\":1/\"release\":9/' '%s'", at("log/tile/entries/000.p/2"));
	ck_assert_int_eq(system(command), 0);
	APPEND(4, "log", "state", at("3.klp"));
	TOLD("isn't the one of its hash");
	copy("good", "log");
	machine_remove(&m, "log/tile/0/000.p/2");
	APPEND(3, "log", "state", at("3.klp"));
	copy("good", "log");
	machine_remove(&m, "log/tile/entries/000.p/2");
	APPEND(4, "log", "state", at("3.klp"));
	copy("good", "log");
	APPEND(0, "log", "state", at("3.klp"));
}
END_TEST

static int faulty_append(const char *file, long call, const char *how)
{
	int status;

	fixture_preload_fault(call, how, at("count"));
	status = tool_log("append", "log", "--state", at("state"), "--key", at("log.pem"), at(file), NULL);
	fixture_preload_end();
	return status;
}

/*
 * Killed, or out of disk, at each call that changes a file: the next append, of something else, finds its way, nothing that
 * was signed is lost, and a witness that has seen the checkpoint of the dead one's finds its successor consistent.
 */
START_TEST(a_keeper_that_dies)
{
	const char *how = _i ? "full" : "kill";
	long calls;

	APPEND(0, "log", "state", at("1.klp"), at("2.klp"));
	copy("log", "good-log");
	copy("state", "good-state");
	ck_assert_int_eq(faulty_append("3.klp", 0, how), 0);
	calls = atol(machine_get(&m, "count"));
	ck_assert_int_gt(calls, 15);
	/* Each of them with FULL=1. */
	for (long call = 1 + 3 * _i; call <= calls; call += getenv("FULL") ? 1 : 7) {
		copy("good-log", "log");
		copy("good-state", "state");
		ck_assert_int_ne(faulty_append("3.klp", call, how), 2);
		/* What may have been seen by others: the checkpoint that is in the state, or the one that is shown. */
		copy("log", "seen-log");
		APPEND(0, "log", "state", at("4.klp"));
		MUST(0, "audit", "log", "--policy", policy, at("seen-log/checkpoint"));
		TOLD("0 findings");
		if (strstr(machine_get(&m, "seen-log/checkpoint"), ORIGIN "\n3\n"))
			TOLD("4 leaves read");
		APPEND(0, "log", "state", at("5.klp"));
		MUST(0, "audit", "log", "--policy", policy);
	}
}
END_TEST

/* ---- witnesses ---- */

#define WITNESS(status, log, n, ...)	MUST(status, "witness", log, "--policy", policy, "--state", at("w" n), "--key", at("w" n ".pem"), \
					     "--name", "example.org/w" n, "-o", at("w" n ".note"), __VA_ARGS__)

static void new_witness(const char *pem)
{
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", at(pem), NULL), 0);
}

/* Whose state others could replace by an older one would sign two histories; whose policy, cosign any log. */
START_TEST(folders_that_others_could_replace)
{
	new_witness("w1.pem");
	APPEND(0, "log", "state", at("1.klp"));
	WITNESS(0, "log", "1", "--new");
	for (int above = 0; above < 2; above++) {
		char keep[32], seen[32], conf[32];

		snprintf(keep, sizeof(keep), "open%d/state", above);
		snprintf(seen, sizeof(seen), "open%d/w1", above);
		snprintf(conf, sizeof(conf), "open%d/log.conf", above);
		ck_assert_int_eq(mkdir(at(above ? "open1" : "open0"), 0755), 0);
		copy("state", keep);
		copy("w1", seen);
		copy("log.conf", conf);
		if (above)
			ck_assert_int_eq(chmod(at("open1"), 0777), 0);
		else
			ck_assert(!chmod(at(keep), 0770) && !chmod(at(seen), 0770) && !chmod(at(conf), 0666));
		APPEND(1, "log", keep, at("2.klp"));
		TOLD(above ? "open1" : "of yours alone");
		MUST(1, "witness", "log", "--policy", policy, "--state", at(seen), "--key", at("w1.pem"), "--name", "example.org/w1",
		     "-o", at("w1.note"));
		TOLD(above ? "open1" : "of yours alone");
		MUST(1, "audit", "log", "--policy", at(conf));
		TOLD(at(conf));
	}
	APPEND(0, "log", "state", at("2.klp"));
	WITNESS(0, "log", "1", NULL);
	MUST(0, "audit", "log", "--policy", policy);
}
END_TEST

START_TEST(a_witness_sees_a_fork)
{
	char command[512];

	new_witness("w1.pem");
	APPEND(0, "log", "state", at("1.klp"));
	WITNESS(3, "log", "1", NULL);
	TOLD("--new");
	WITNESS(0, "log", "1", "--new");
	TOLD("cosigned " ORIGIN " with 1");
	WITNESS(1, "log", "1", "--new");
	fork_log("2.klp");
	APPEND(0, "log", "state", at("3.klp"));
	WITNESS(0, "log", "1", NULL);
	WITNESS(0, "log", "1", NULL);
	/* Another root at the same size; then a longer one that doesn't begin with what was seen. */
	machine_remove(&m, "w1.note");
	WITNESS(4, "other-log", "1", NULL);
	TOLD("FORKED");
	APPEND(0, "other-log", "other-state", at("4.klp"), at("5.klp"));
	WITNESS(4, "other-log", "1", NULL);
	TOLD("FORKED");
	ck_assert_int_ne(access(at("w1.note"), F_OK), 0);
	/* The evidence: two checkpoints, each signed by the log. */
	snprintf(command, sizeof(command), "test $(cat '%s'/fork-2-4-* | grep -c '^" ORIGIN "$') -ge 2", at("w1"));
	ck_assert_int_eq(system(command), 0);
	/* What it has seen, it still has. */
	APPEND(0, "log", "state", at("6.klp"));
	WITNESS(0, "log", "1", NULL);
}
END_TEST

START_TEST(a_witness_of_an_old_or_broken_copy)
{
	new_witness("w1.pem");
	APPEND(0, "log", "state", at("1.klp"));
	copy("log", "old");
	APPEND(0, "log", "state", at("2.klp"));
	WITNESS(0, "log", "1", "--new");
	WITNESS(4, "old", "1", NULL);
	TOLD("old copy");
	APPEND(0, "log", "state", at("3.klp"));
	/* A checkpoint that was copied before its files; a tile that was damaged on its way: no fork is cried. */
	copy("log", "half");
	machine_remove(&m, "half/tile/0/000.p/3");
	WITNESS(3, "half", "1", NULL);
	copy("log", "half");
	machine_put(&m, "half/tile/0/000.p/3", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	WITNESS(4, "half", "1", NULL);
	TOLD("copy it again");
	ck_assert_ptr_null(strstr(m.err, "FORK"));
	WITNESS(0, "log", "1", NULL);
	/* Of a log that the policy doesn't name. */
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", at("b.pem"), NULL), 0);
	MUST(0, "init", "b", "--state", at("b-state"), "--key", at("b.pem"), "--name", "example.com/b");
	WITNESS(4, "b", "1", NULL);
}
END_TEST

/* "log VKEY", "witness w1 VKEY", ..., two of three. */
static void three_witnesses(void)
{
	char text[4096];
	size_t n;

	new_witness("w1.pem");
	new_witness("w2.pem");
	new_witness("w3.pem");
	n = (size_t)snprintf(text, sizeof(text), "%s", machine_get(&m, "log.conf"));
	n = (size_t)(strstr(text, "quorum") - text);
	WITNESS(0, "log", "1", "--new");
	n += (size_t)snprintf(text + n, sizeof(text) - n, "witness w1 %s\n", vkey());
	WITNESS(0, "log", "2", "--new");
	n += (size_t)snprintf(text + n, sizeof(text) - n, "witness w2 %s\n", vkey());
	WITNESS(0, "log", "3", "--new");
	snprintf(text + n, sizeof(text) - n, "witness w3 %s\ngroup g 2 w1 w2 w3\nquorum g\n", vkey());
	machine_put(&m, "log.conf", text);
}

START_TEST(cosigned_by_two_of_three)
{
	APPEND(0, "log", "state", at("1.klp"), at("2.klp"));
	machine_put(&m, "root.json", "{\"signed\": {\"_type\": \"root\", \"version\": 3}}");
	APPEND(0, "log", "state", at("root.json"));
	three_witnesses();
	MUST(4, "proof", "log", "--policy", policy, at("1.klp"));
	TOLD("too few witnesses");
	MUST(0, "cosign", "log", "--policy", policy, at("w1.note"));
	MUST(2, "cosign", "log", "--policy", policy, at("w1.note"));
	MUST(4, "proof", "log", "--policy", policy, at("1.klp"));
	MUST(0, "cosign", "log", "--policy", policy, at("w3.note"), at("w1.note"));
	MUST(0, "proof", "log", "--policy", policy, at("1.klp"), at("2.klp"), at("root.json"));
	ck_assert_int_eq(access(at("root.json.tlog-proof"), R_OK), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", keys, at("1.klp"), NULL), 0);
	MUST(3, "proof", "log", "--policy", policy, at("3.klp"));
	TOLD("isn't in the log's 3 leaves");
	/* A bundle with a proof is the bundle that it was. */
	APPEND(2, "log", "state", at("1.klp"));
	/* The log goes on: signatures of the old checkpoint are no use to the new one. */
	APPEND(0, "log", "state", at("3.klp"));
	MUST(4, "cosign", "log", "--policy", policy, at("w2.note"));
	TOLD("another checkpoint");
	MUST(0, "audit", "log", "--policy", policy, at("1.klp"), at("root.json.tlog-proof"), at("w1.note"));
	TOLD("3 checkpoints of others compared: 0 findings");
}
END_TEST

/* ---- auditors ---- */

/* The one was shown this, the other that: each may be consistent in itself, and so it takes what both were shown. */
START_TEST(a_split_view)
{
	APPEND(0, "log", "state", at("1.klp"));
	fork_log("2.klp");
	MUST(0, "proof", "other-log", "--policy", policy, at("2.klp"));
	MUST(0, "audit", "other-log", "--policy", policy);
	APPEND(0, "log", "state", at("3.klp"), at("4.klp"));
	MUST(0, "audit", "log", "--policy", policy);
	MUST(4, "audit", "log", "--policy", policy, at("other-log/checkpoint"));
	TOLD("SPLIT VIEW");
	MUST(4, "audit", "log", "--policy", policy, at("2.klp"));
	TOLD("SPLIT VIEW");
	/* One that is ahead of the copy can't be judged, and isn't passed over. */
	MUST(4, "audit", "other-log", "--policy", policy, at("log/checkpoint"));
	TOLD("get the log again");
	MUST(3, "audit", "log", "--policy", policy, at("1.klp"));
	TOLD("no proof");
}
END_TEST

/* A log with these leaves, whatever they are, signed: by who has the key, and another program. */
static void forge_log(const char *const *leaves, size_t nr)
{
	struct tlog_checkpoint cp = { .origin = ORIGIN, .size = nr };
	struct tlog_slice entries[8];
	struct tlog_hash hashes[8];
	struct signing_key *private;
	uint8_t public[TLOG_PUBLIC_LEN];
	char text[4096], line[TLOG_SIGNATURE_ROOM];
	struct tlog_key key;
	struct klp_err err;

	for (size_t i = 0; i < nr; i++) {
		entries[i] = (struct tlog_slice){ leaves[i], strlen(leaves[i]) };
		ck_assert_int_eq(merkle_leaf(leaves[i], strlen(leaves[i]), &hashes[i]), 0);
	}
	machine_put(&m, "forged/checkpoint", "");
	ck_assert_msg(!tlog_tiles_append(at("forged"), 0, entries, nr, &err), "%s", err.text);
	ck_assert_int_eq(merkle_fold(hashes, nr, &cp.root), 0);
	ck_assert_int_eq(signing_key_load(at("log.pem"), &private, &err), 0);
	signing_key_public(private, public);
	ck_assert_int_eq(tlog_key_make(TLOG_LOG, ORIGIN, public, &key, &err), 0);
	tlog_checkpoint_format(&cp, text);
	ck_assert_int_eq(tlog_note_sign((struct tlog_slice){ text, strlen(text) }, &key, private, 0, line, &err), 0);
	strcat(strcat(text, "\n"), line);
	machine_put(&m, "forged/checkpoint", text);
	signing_key_free(private);
}

/* No append takes them, but an auditor is for those who don't use ours. */
START_TEST(leaves_that_are_not_honest)
{
#define DIGEST(c)	c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define LEAF(c, kind)	"{" "\"digest\":\"" DIGEST(c) "\",\"kind\":\"" kind "\",\"name\":\"a\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}"
	static const char *const twice[] = { LEAF("a", "root"), LEAF("b", "root") };
	static const char *const again[] = { LEAF("a", "root"), LEAF("a", "root"), LEAF("b", "withdrawal"), LEAF("c", "withdrawal") };
	static const char *const strange[] = { LEAF("a", "root"), "something else" };

	forge_log(twice, 2);
	MUST(4, "audit", "forged", "--policy", policy);
	TOLD("leaves 0 and 1 are two different roots a of release 3");
	forge_log(again, 4);
	MUST(0, "audit", "forged", "--policy", policy);
	forge_log(strange, 2);
	MUST(4, "audit", "forged", "--policy", policy);
	TOLD("leaf 1 isn't anything that this program knows");
	MUST(4, "audit", "forged", "--policy", policy, "--json");
	ck_assert_int_eq(json_array_size(json_object_get(machine_json(&m), "findings")), 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publog");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_log_grows);
	tcase_add_test(tc, what_a_log_takes);
	tcase_add_test(tc, who_appended_what);
	tcase_add_test(tc, releases_have_one_limit);
	tcase_add_test(tc, a_second_log_in_the_same_place);
	tcase_add_test(tc, one_keeper_at_a_time);
	tcase_add_test(tc, folders_of_another_time);
	tcase_add_test(tc, files_that_were_changed);
	tcase_add_loop_test(tc, a_keeper_that_dies, 0, 2);
	tcase_add_test(tc, folders_that_others_could_replace);
	tcase_add_test(tc, a_witness_sees_a_fork);
	tcase_add_test(tc, a_witness_of_an_old_or_broken_copy);
	tcase_add_test(tc, cosigned_by_two_of_three);
	tcase_add_test(tc, a_split_view);
	tcase_add_test(tc, leaves_that_are_not_honest);
	return fixture_run("publog", tc);
}
