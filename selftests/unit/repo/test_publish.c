// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_publish.c - klp-repo as a publisher of TUF, and klp-update against whoever stands between: each row of the table in
 * docs/security.md, "A repository, and who can do what with it".
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "machine_fixture.h"
#include "manifest.h"
#include "sign.h"

#define NR_KERNELS	300
#define KIB		1024
#define DAY_S		86400

static struct machine_fixture m;
static char *repo, *state, *online, *pem;

/* The release's key has all roles but timestamp's, which is the online key's. */
static void setup(void)
{
	char *trust, *first, role[4][512];
	struct klp_err err;
	size_t len;
	void *root;

	/* Some thousand fsync()s, of which nothing is asked here. */
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	machine_setup(&m);
	repo = fixture_path(m.root, "repo");
	state = fixture_path(m.root, "repo.state");
	online = fixture_path(m.root, "online.pem");
	pem = fixture_path(m.root, "key.pem");
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", online, NULL), 0);
	snprintf(role[0], 512, "root=%s", pem);
	snprintf(role[1], 512, "targets=%s", pem);
	snprintf(role[2], 512, "snapshot=%s", pem);
	snprintf(role[3], 512, "timestamp=1:%s.pub", online);
	ck_assert_msg(!machine_tool(&m, "klp-repo", "init", "--repo", repo, "--key", pem, "--key", online, "--role", role[0], "--role", role[1],
				    "--role", role[2], "--role", role[3], NULL), "%s", m.err);
	trust = fixture_path(m.root, "etc/quietpatch/root.json");
	first = fixture_path(repo, "metadata/1.root.json");
	ck_assert_int_eq(io_read_file(first, 1 << 20, &root, &len, &err), 0);
	ck_assert_int_eq(io_write_atomic(trust, root, len, 0644, &err), 0);
	free(root);
	free(trust);
	free(first);
}

static void teardown(void)
{
	free(repo);
	free(state);
	free(online);
	free(pem);
	machine_teardown(&m);
}

static void shell(const char *format, const char *arg)
{
	char *command;

	ck_assert(asprintf(&command, format, arg) > 0);
	ck_assert_msg(!system(command), "%s", command);
	free(command);
}

/* klp-repo COMMAND with both keys. */
#define both(...)	machine_tool(&m, "klp-repo", "--repo", repo, "--key", pem, "--key", online, "--keys", "/nonexistent", __VA_ARGS__, NULL)
#define alone(...)	machine_tool(&m, "klp-repo", "--repo", repo, "--key", online, "--keys", "/nonexistent", __VA_ARGS__, NULL)
#define update(status)	machine_expect(&m, status, "update", "--source", repo)

static int publish(uint64_t release)
{
	char *file = fixture_path(m.source, "new.klp");
	int status;

	machine_offer(&m, "new.klp", release, m.key);
	status = both("publish", "--rollout", "now", file);
	free(file);
	return status;
}

#define must(call)	ck_assert_msg(!(call), "%s%s", m.out, m.err)

/* "root/name", for the length of the test. */
static char *at(const char *name)
{
	return fixture_path(m.root, name);
}

/* ---- the publisher ---- */

START_TEST(all_or_nothing)
{
	char *good = fixture_path(m.source, "a.klp"), *bad = fixture_path(m.source, "b.klp");

	machine_offer(&m, "a.klp", 3, m.key);
	machine_offer(&m, "b.klp", 4, NULL);
	ck_assert_int_eq(both("publish", good, bad), 4);
	must(both("list"));
	ck_assert_ptr_null(strstr(m.out, "release"));
	must(both("verify"));
	free(good);
	free(bad);
}
END_TEST

/* Signed, and the repository can't be written: the next command publishes it. */
START_TEST(completed_later)
{
	shell("mv %1$s %1$s.away && touch %1$s", repo);
	ck_assert_int_eq(publish(3), 1);
	shell("rm %1$s && mv %1$s.away %1$s", repo);
	must(alone("timestamp"));
	must(both("verify"));
	update(0);
}
END_TEST

/* ---- killed at each call that changes a file ---- */

enum killed { PUBLISH, ROTATE, WITHDRAW, TIMESTAMP, INIT, NR_KILLED };

static char *next_pem;

static int command_of(enum killed which)
{
	char role[2][600], *file = fixture_path(m.source, "next.klp");
	int status = -1;

	snprintf(role[0], 600, "timestamp=%.500s.pub", next_pem);
	snprintf(role[1], 600, "targets=%.500s.pub", next_pem);
	switch (which) {
	case PUBLISH:
		status = both("publish", "--rollout", "now", file);
		break;
	case ROTATE:
		status = both("rotate", "--role", role[0], "--role", role[1], "--key", next_pem);
		break;
	case WITHDRAW:
		status = both("withdraw", "--release", "3", "--reason", "it oopses", "sock-map-alloc");
		break;
	case TIMESTAMP:
		status = alone("timestamp");
		break;
	default:
		status = machine_tool(&m, "klp-repo", "init", "--repo", at("new"), "--key", pem, NULL);
	}
	free(file);
	return status;
}

static long faulty(enum killed which, long call, int *status)
{
	char *count = at("count");

	fixture_preload_fault(call, "kill", count);
	*status = command_of(which);
	fixture_preload_end();
	free(count);
	return call ? 0 : atol(machine_get(&m, "count"));
}

/* What any machine makes of the repository as it is: nothing new, a patch, or one taken back; never an error. */
static void machine_is_content(enum killed which, long call, const char *when)
{
	int status = machine_run(&m, "update", "--source", repo, NULL);

	ck_assert_msg(status == 0 || status == 2 || (which == WITHDRAW && status == 7), "command %d, call %ld, %s: update gives %d\n%s%s",
		      which, call, when, status, m.out, m.err);
}

/* Without further ado: what was begun is there or isn't, the same command and another one work, and machines take what comes. */
static void goes_on(enum killed which, long call)
{
	int status;

	if (which != INIT)
		machine_is_content(which, call, "after the kill");
	status = command_of(which);
	/* It may have got through. */
	ck_assert_msg(status == 0 || (which == WITHDRAW && status == 3) || (which == INIT && status == 1 && strstr(m.err, "already")),
		      "command %d, call %ld, again: %d\n%s%s", which, call, status, m.out, m.err);
	if (which == INIT) {
		must(machine_tool(&m, "klp-repo", "timestamp", "--repo", at("new"), "--key", pem, NULL));
		must(machine_tool(&m, "klp-repo", "verify", "--repo", at("new"), NULL));
		return;
	}
	machine_is_content(which, call, "after it was done again");
	machine_offer(&m, "later.klp", 9, m.key);
	status = both("publish", "--rollout", "now", "--key", next_pem, at("source/later.klp"));
	ck_assert_msg(!status, "command %d, call %ld: the next publish\n%s", which, call, m.err);
	status = machine_run(&m, "update", "--source", repo, "--set", "signers=folder", NULL);
	ck_assert_msg(machine_is_applied(&m), "command %d, call %ld: the next patch isn't in the kernel\n%s", which, call, m.out);
	ck_assert_msg(status == 0 || (which == WITHDRAW && status == 7), "command %d, call %ld: the next patch isn't taken: %d\n%s%s", which, call, status, m.out, m.err);
}

START_TEST(a_publisher_that_dies)
{
	long calls, step;
	int status;

	next_pem = at("next.pem");
	must(machine_tool(&m, "klp-repo", "keygen", next_pem, NULL));
	must(publish(3));
	update(0);
	machine_offer(&m, "next.klp", 4, m.key);
	shell("rm -rf %1$s.before && cp -a %1$s %1$s.before", m.root);
	calls = faulty(_i, 0, &status);
	ck_assert_msg(!status && calls > 5, "%ld calls, exit %d\n%s", calls, status, m.err);
	/* Each of them with FULL=1; of those that write 256 bins, one in sixteen. */
	step = !getenv("FULL") ? calls / 3 + 1 : calls > 1000 ? 16 : 1;
	for (long call = getenv("FULL") ? 1 : 6; call <= calls; call += step) {
		shell("rm -rf %1$s && cp -a %1$s.before %1$s", m.root);
		faulty(_i, call, &status);
		ck_assert_msg(status == -SIGKILL, "command %d, call %ld: %d\n%s", _i, call, status, m.err);
		goes_on(_i, call);
	}
	shell("rm -rf %1$s.before", m.root);
}
END_TEST

START_TEST(an_old_repository_is_not_signed)
{
	must(publish(3));
	shell("cp -r %1$s %1$s.old", repo);
	must(publish(4));
	shell("rm -r %1$s && mv %1$s.old %1$s", repo);
	must(alone("timestamp"));
	must(both("list"));
	ck_assert_ptr_nonnull(strstr(m.out, "release 4"));
	ck_assert_ptr_null(strstr(m.out, "release 3"));
	must(both("verify"));
}
END_TEST

START_TEST(an_old_state)
{
	must(publish(3));
	shell("cp -r %1$s %1$s.old", state);
	must(alone("timestamp"));
	shell("rm -r %1$s && mv %1$s.old %1$s", state);
	ck_assert_int_eq(alone("timestamp"), 1);
	ck_assert_ptr_nonnull(strstr(m.err, "it is an old copy"));
	ck_assert_int_eq(publish(4), 1);
	shell("rm -r %1$s", state);
	ck_assert_int_eq(publish(4), 3);
	ck_assert_ptr_nonnull(strstr(m.err, "no state folder"));
}
END_TEST

START_TEST(links_in_the_repository)
{
	char *victim = fixture_path(m.root, "victim"), *text;
	size_t len;

	must(publish(3));
	machine_put(&m, "victim", "precious");
	shell("ln -sf ../../victim %1$s/metadata/timestamp.json", repo);
	must(alone("timestamp"));
	ck_assert_int_eq(io_read_file(victim, 100, (void **)&text, &len, NULL), 0);
	ck_assert_str_eq(text, "precious");
	must(both("verify"));
	shell("mv %1$s/targets %1$s/../elsewhere && ln -s ../elsewhere %1$s/targets", repo);
	ck_assert_int_eq(publish(4), 1);
	ck_assert_ptr_nonnull(strstr(m.err, "a link isn't followed"));
	free(text);
	free(victim);
}
END_TEST

/* The length stays, the bytes don't: by a disk, or by whoever serves it. */
START_TEST(what_is_bent_is_written_anew)
{
	static const char *const files[] = { "metadata/*.snapshot.json", "metadata/*.targets.json", "targets/bundles/*/*.klp", "targets/kernels/*.json" };
	char command[256];

	must(publish(3));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(command, sizeof(command), "for f in %%1$s/%s; do printf '~' | dd of=$f bs=1 seek=9 conv=notrunc status=none; done", files[i]);
		shell(command, repo);
		ck_assert_int_ne(both("verify"), 0);
		must(alone("timestamp"));
		must(both("verify"));
	}
	/* Nor does it wait for what never comes. */
	shell("for f in %1$s/metadata/*.snapshot.json; do rm $f; mkfifo $f; done", repo);
	must(alone("timestamp"));
	must(both("verify"));
}
END_TEST

/* Then what is signed has lapsed for everybody else: not a success. */
START_TEST(a_publishers_clock_that_was_set_back)
{
	must(publish(3));
	fixture_preload_clock(-400 * DAY_S);
	ck_assert_int_eq(alone("timestamp"), 6);
	ck_assert_ptr_nonnull(strstr(m.err, "clock was set back"));
	fixture_preload_clock(0);
	must(alone("timestamp"));
	/* One that was ahead is told of when it is right again, and then no more. */
	fixture_preload_clock(20 * DAY_S);
	must(alone("timestamp"));
	fixture_preload_clock(0);
	ck_assert_int_eq(alone("timestamp"), 6);
	must(alone("timestamp"));
}
END_TEST

START_TEST(a_lock_of_somebody_else)
{
	int fd = open(repo, O_RDONLY | O_DIRECTORY);

	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	must(publish(3));
	close(fd);
}
END_TEST

/* Where others may write, they can put an older copy of the state in the place of it. */
START_TEST(a_state_folder_that_others_could_replace)
{
	char *open_to_all = fixture_path(m.root, "open"), *moved = fixture_path(m.root, "open/state"), *was = fixture_path(m.root, "repo.state");

	must(publish(3));
	ck_assert(!mkdir(open_to_all, 0777) && !chmod(open_to_all, 0777));
	ck_assert_int_eq(rename(was, moved), 0);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "timestamp", "--repo", repo, "--state", moved, "--key", online, NULL), 1);
	ck_assert_ptr_nonnull(strstr(m.err, open_to_all));
	/* As in /tmp: there nobody renames what isn't theirs. */
	ck_assert_int_eq(chmod(open_to_all, 01777), 0);
	must(machine_tool(&m, "klp-repo", "timestamp", "--repo", repo, "--state", moved, "--key", online, NULL));
	ck_assert_int_eq(rename(moved, was), 0);
	free(was);
	free(moved);
	free(open_to_all);
}
END_TEST

START_TEST(an_online_key_signs_timestamps_only)
{
	char *file = fixture_path(m.source, "new.klp");

	must(publish(3));
	must(alone("timestamp"));
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "timestamp", "--repo", repo, "--key", pem, NULL), 4);
	machine_offer(&m, "new.klp", 4, m.key);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "publish", "--repo", repo, "--key", online, "--keys", "/nonexistent", file, NULL), 4);
	ck_assert_int_eq(alone("withdraw", "--release", "3", "--reason", "x", "sock-map-alloc"), 4);
	ck_assert_int_eq(alone("rotate"), 4);
	/* Refused, nothing is left of it. */
	must(both("list"));
	ck_assert_ptr_nonnull(strstr(m.out, "release 3"));
	free(file);
}
END_TEST

START_TEST(two_of_two)
{
	char *other = fixture_path(m.root, "other.pem"), role[1100];

	must(machine_tool(&m, "klp-repo", "keygen", other, NULL));
	snprintf(role, sizeof(role), "targets=3:%.500s,%.500s.pub", pem, other);
	ck_assert_int_eq(both("rotate", "--role", role), 1);
	ck_assert_msg(strstr(m.err, "--role targets: a threshold of 3, and 2 key(s)"), "%s", m.err);
	snprintf(role, sizeof(role), "targets=2:%.500s,%.500s.pub", pem, other);
	ck_assert_int_eq(both("rotate", "--role", role), 4);
	must(both("rotate", "--role", role, "--key", other));
	ck_assert_int_eq(publish(3), 4);
	ck_assert_ptr_nonnull(strstr(m.err, "of 2 of its 2 keys"));
	machine_offer(&m, "new.klp", 3, m.key);
	shell("cp %1$s/../source/new.klp %1$s/../n.klp", repo);
	snprintf(role, sizeof(role), "%.500s/n.klp", m.root);
	/* As many have to have signed the bundle itself: machines would refuse it. */
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "publish", "--repo", repo, "--key", pem, "--key", online, "--key", other, role, NULL), 4);
	ck_assert_ptr_nonnull(strstr(m.err, "the keyring wants 2"));
	must(both("publish", "--rollout", "now", "--key", other, role));
	update(4);
	must(machine_tool(&m, "klp-repo", "sign", "--key", other, role, NULL));
	must(machine_tool(&m, "klp-repo", "publish", "--repo", repo, "--key", pem, "--key", online, "--key", other, role, NULL));
	update(0);
	free(other);
}
END_TEST

START_TEST(something_else_expires_soon)
{
	must(alone("timestamp"));
	must(both("publish", "--expires", "20"));
	ck_assert_int_eq(alone("timestamp"), 6);
	ck_assert_ptr_nonnull(strstr(m.err, "expires in"));
	must(both("publish"));
	must(alone("timestamp"));
}
END_TEST

/* ---- between it and the machine ---- */

START_TEST(rollback)
{
	must(publish(3));
	shell("cp -r %1$s %1$s.old", repo);
	must(publish(4));
	update(0);
	shell("rm -r %1$s && mv %1$s.old %1$s", repo);
	update(4);
	ck_assert_ptr_nonnull(strstr(m.err, "which was seen before"));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

START_TEST(altered)
{
	must(publish(3));
	shell("sed -i 's/\"version\":2/\"version\":9/g' %s/metadata/timestamp.json", repo);
	update(4);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

/* All signed, but not together: the latest timestamp and snapshot, and a bin from before. */
START_TEST(mix_and_match)
{
	must(publish(3));
	shell("cp -r %1$s/metadata %1$s.old", repo);
	must(publish(4));
	shell("cd %1$s/metadata && for f in 3.bins-*; do cp -f ../../repo.old/2.${f#*.} $f 2>/dev/null || cp -f ../../repo.old/1.${f#*.} $f; done", repo);
	update(4);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

START_TEST(wrong_keys)
{
	char *other = fixture_path(m.root, "o"), *key = fixture_path(m.root, "o.pem"), *file = fixture_path(m.source, "new.klp");

	must(publish(3));
	/* A repository of somebody else, in the place of this one. */
	must(machine_tool(&m, "klp-repo", "keygen", key, NULL));
	must(machine_tool(&m, "klp-repo", "init", "--repo", other, "--key", key, NULL));
	must(machine_tool(&m, "klp-repo", "sign", "--key", key, file, NULL));
	must(machine_tool(&m, "klp-repo", "publish", "--rollout", "now", "--repo", other, "--key", key, "--keys", "/nonexistent", file, NULL));
	machine_expect(&m, 4, "update", "--source", other);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	free(other);
	free(key);
	free(file);
}
END_TEST

START_TEST(freeze)
{
	must(publish(3));
	update(0);
	fixture_preload_clock(2 * DAY_S);
	update(2);
	fixture_preload_clock(4 * DAY_S);
	update(4);
	ck_assert_ptr_nonnull(strstr(m.err, "expired"));
	machine_expect(&m, 4, "status");
	must(alone("timestamp"));
	update(2);
	machine_expect(&m, 0, "status");
}
END_TEST

START_TEST(a_clock_set_back)
{
	must(publish(3));
	fixture_preload_clock(2 * DAY_S);
	update(0);
	fixture_preload_clock(-30 * DAY_S);
	update(1);
	ck_assert_ptr_nonnull(strstr(m.out, "clock has been set back"));
	/* What had expired for it once doesn't come to life again. */
	fixture_preload_clock(2 * DAY_S);
	must(alone("timestamp"));
	fixture_preload_clock(4 * DAY_S);
	update(2);
	shell("cp %1$s/metadata/timestamp.json %1$s/../keep", repo);
	fixture_preload_clock(6 * DAY_S);
	must(alone("timestamp"));
	update(2);
	shell("cp %1$s/../keep %1$s/metadata/timestamp.json; rm %1$s/../var/lib/quietpatch/tuf/timestamp.json", repo);
	fixture_preload_clock(3 * DAY_S);
	update(4);
	ck_assert_ptr_nonnull(strstr(m.err, "expired"));
}
END_TEST

START_TEST(a_revoked_key)
{
	char *next = fixture_path(m.root, "next.pem"), role[600], pub[600];

	must(publish(3));
	update(0);
	shell("cp -r %1$s %1$s.thief", state);
	must(machine_tool(&m, "klp-repo", "keygen", next, NULL));
	snprintf(role, sizeof(role), "timestamp=%.500s.pub", next);
	snprintf(pub, sizeof(pub), "%.500s.pub", online);
	/* In one call, as the role must have a key. */
	must(both("rotate", "--role", role, "--key", next));
	ck_assert_int_eq(both("revoke", pub), 3);
	update(2);
	/* The thief has the old key and the state of then. */
	shell("cp -r %1$s %1$s.good; rm -r %1$s.state; mv %1$s.state.thief %1$s.state; rm -r %1$s; mkdir %1$s", repo);
	must(alone("timestamp"));
	must(alone("timestamp"));
	must(alone("timestamp"));
	shell("cp %1$s/metadata/timestamp.json %1$s.good/metadata/", repo);
	shell("rm -r %1$s; mv %1$s.good %1$s", repo);
	update(4);
	free(next);
}
END_TEST

/* ---- recall ---- */

START_TEST(withdrawn)
{
	must(publish(3));
	update(0);
	ck_assert(machine_is_applied(&m));
	ck_assert_int_eq(both("withdraw", "--release", "9", "--reason", "it oopses", "sock-map-alloc"), 3);
	must(both("withdraw", "--release", "3", "--reason", "it oopses", "sock-map-alloc"));
	update(7);
	ck_assert(!machine_is_applied(&m));
	ck_assert_ptr_nonnull(strstr(m.out, "withdrawn by the publisher: it oopses"));
	ck_assert(machine_happened(&m, "withdrawn"));
	machine_expect(&m, 7, "status");
	/* Not by a reboot, an operator's retry, or another source. */
	machine_reboot(&m);
	machine_expect(&m, 2, "boot");
	machine_run(&m, "retry", "sock-map-alloc", NULL);
	machine_run(&m, "update", NULL);
	ck_assert(!machine_is_applied(&m));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	/* Nor published again; a later release is another matter. */
	ck_assert_int_eq(publish(3), 1);
	ck_assert_ptr_nonnull(strstr(m.err, "was withdrawn (it oopses)"));
	must(publish(4));
	update(0);
	ck_assert(machine_is_applied(&m));
	must(both("verify"));
}
END_TEST

/* klp-apply can't take it out now: the next boot comes up without it, and doesn't ask the source. */
START_TEST(withdrawn_and_stuck)
{
	must(publish(3));
	machine_expect(&m, 0, "update", "--source", repo);
	must(both("withdraw", "--release", "3", "--reason", "it oopses", "sock-map-alloc"));
	machine_loader(&m, 0, "[ \"$1\" != revert ] || { echo '{\"error\": \"a task is in it\"}'; exit 6; }\n");
	update(6);
	ck_assert(machine_is_applied(&m));
	machine_expect(&m, 7, "status");
	ck_assert_ptr_nonnull(strstr(m.out, "not protected: sock-map-alloc: applied, and has to go"));
	machine_reboot(&m);
	machine_run(&m, "boot", NULL);
	ck_assert(!machine_is_applied(&m));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

START_TEST(halted)
{
	must(publish(3));
	ck_assert_int_eq(alone("halt"), 64);
	must(alone("halt", "--reason", "we look into it"));
	update(5);
	ck_assert_ptr_nonnull(strstr(m.out, "the publisher has halted all new patches: we look into it"));
	machine_expect(&m, 5, "check", "--source", repo);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	must(both("list"));
	ck_assert_ptr_nonnull(strstr(m.out, "halted: we look into it"));
	/* The daily signature isn't the end of it. */
	must(alone("timestamp"));
	update(5);
	must(alone("resume"));
	update(0);
	/* What is in stays in. */
	must(alone("halt", "--reason", "again"));
	update(2);
	ck_assert(machine_is_applied(&m));
}
END_TEST

/* ---- sizes ---- */

struct traffic {
	long bytes;		/* bodies */
	int requests;
};

static void answer(int fd, const char *request, void *arg)
{
	char path[1024], head[128], *full;
	struct traffic *t = arg;
	struct klp_err err;
	size_t len;
	void *data;

	if (sscanf(request, "GET /%1000s", path) != 1)
		return;
	full = fixture_path(repo, path);
	t->requests++;
	if (strstr(path, "..") || io_read_file(full, 1 << 20, &data, &len, &err)) {
		io_write_all(fd, "HTTP/1.0 404 Not Found\r\n\r\n", 26);
	} else {
		snprintf(head, sizeof(head), "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
		io_write_all(fd, head, strlen(head));
		io_write_all(fd, data, len);
		t->bytes += (long)len;
		free(data);
	}
	free(full);
}

/* One bundle for each of many other kernels. */
static void many_kernels(void)
{
	struct signing_key *const keys[] = { m.key };
	char *file = fixture_path(m.root, "many"), *klp_repo = fixture_built("bin/klp-repo"), *name, *command;
	struct klp_err err;
	size_t len;
	void *data;

	ck_assert_int_eq(io_mkdirs(file, 0755, &err), 0);
	for (int i = 1; i < NR_KERNELS; i++) {
		struct manifest *mf = fixture_manifest(3);

		snprintf(mf->kernel_build_id, strlen(mf->kernel_build_id) + 1, "%040x", i * 7919);
		ck_assert_msg(!bundle_build(mf, "code", 4, keys, 1, &data, &len, &err), "%s", err.text);
		ck_assert(asprintf(&name, "%s/%d.klp", file, i) > 0);
		ck_assert_int_eq(io_write_atomic(name, data, len, 0644, &err), 0);
		manifest_free(mf);
		free(data);
		free(name);
	}
	machine_offer(&m, "new.klp", 3, m.key);
	ck_assert(asprintf(&command, "%s publish --rollout now --repo %s --key %s --key %s --keys /nonexistent %s/*.klp %s/new.klp > /dev/null",
			   klp_repo, repo, pem, online, file, m.source) > 0);
	ck_assert_msg(!system(command), "%s", command);
	free(command);
	free(klp_repo);
	free(file);
}

START_TEST(sizes)
{
	struct traffic *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long first, same;
	char url[64];
	pid_t pid;
	int status;

	many_kernels();
	pid = fixture_serve(url, answer, t);
	status = machine_run(&m, "update", "--source", url, NULL);
	first = t->bytes;
	ck_assert_msg(!status, "%s%s", m.out, m.err);
	*t = (struct traffic){ 0 };
	status = machine_run(&m, "update", "--source", url, NULL);
	same = t->bytes;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_msg(status == 2, "exit %d\n%s%s", status, m.out, m.err);
	printf("test_publish: %d kernels: first fetch %ld bytes with the bundle, nothing new %ld bytes in %d requests\n", NR_KERNELS, first, same,
	       t->requests);
	ck_assert_msg(first <= 32 * KIB, "%ld bytes the first time", first);
	ck_assert_msg(same <= 2 * KIB, "%ld bytes with nothing new", same);
	ck_assert_int_eq(t->requests, 2);
	munmap(t, sizeof(*t));
}
END_TEST

/* Of a copy that was synced by half, no file tells what isn't there; the metadata does. */
START_TEST(a_copy_that_lacks_files)
{
	static const char *const lacks[] = { "targets/kernels", "targets/bundles", "metadata/1.bins-7a.json", "metadata/2.snapshot.json" };
	machine_offer(&m, "new.klp", 3, m.key);
	must(both("publish", "--rollout", "now", at("source/new.klp")));
	for (size_t i = 0; i < sizeof(lacks) / sizeof(*lacks); i++) {
		shell("cp -r %1$s %1$s.copy", repo);
		shell("rm -r %1$s", fixture_path(at("repo.copy"), lacks[i]));
		ck_assert_msg(machine_tool(&m, "klp-repo", "verify", "--repo", at("repo.copy"), "--root", at("repo/metadata/1.root.json"), NULL) == 101, "%s: %s%s", lacks[i], m.out, m.err);
		shell("rm -r %1$s.copy", repo);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_or_nothing);
	tcase_add_test(tc, completed_later);
	tcase_add_loop_test(tc, a_publisher_that_dies, 0, NR_KILLED);
	tcase_add_test(tc, an_old_repository_is_not_signed);
	tcase_add_test(tc, an_old_state);
	tcase_add_test(tc, links_in_the_repository);
	tcase_add_test(tc, what_is_bent_is_written_anew);
	tcase_add_test(tc, a_publishers_clock_that_was_set_back);
	tcase_add_test(tc, a_lock_of_somebody_else);
	tcase_add_test(tc, a_state_folder_that_others_could_replace);
	tcase_add_test(tc, an_online_key_signs_timestamps_only);
	tcase_add_test(tc, two_of_two);
	tcase_add_test(tc, something_else_expires_soon);
	tcase_add_test(tc, rollback);
	tcase_add_test(tc, altered);
	tcase_add_test(tc, mix_and_match);
	tcase_add_test(tc, wrong_keys);
	tcase_add_test(tc, freeze);
	tcase_add_test(tc, a_clock_set_back);
	tcase_add_test(tc, a_revoked_key);
	tcase_add_test(tc, withdrawn);
	tcase_add_test(tc, withdrawn_and_stuck);
	tcase_add_test(tc, halted);
	tcase_add_test(tc, sizes);
	tcase_add_test(tc, a_copy_that_lacks_files);
	return fixture_run_within("publish", tc, getenv("FULL") ? 1200 : 120);
}
