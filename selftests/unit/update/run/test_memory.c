// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_memory.c - klp-update's memory: killed, or out of disk, at any call that changes a file; damaged; read by
 * an ordinary user.
 *
 * Who is hurt when this is silently wrong: the owner of a machine that goes down with a bad patch, comes up, and gets
 * the same patch again; who held a patch, and it comes all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hex.h"
#include "io.h"
#include "machine_fixture.h"
#include "sign.h"

#define NAME	"sock-map-alloc"
#define DB	"var/lib/quietpatch/state.db"

static struct machine_fixture m;
static char *snapshot;
static char digest4[SHA256_HEX_LEN + 1];

static void setup(void)
{
	machine_setup(&m);
	ck_assert(asprintf(&snapshot, "%s.snapshot", m.root) > 0);
}

static void teardown(void)
{
	char *command;

	ck_assert(asprintf(&command, "rm -rf %s", snapshot) > 0);
	ck_assert_int_eq(system(command), 0);
	free(command);
	free(snapshot);
	machine_teardown(&m);
}

static void copy(const char *from, const char *to)
{
	char *command;

	ck_assert(asprintf(&command, "rm -rf %s && cp -a %s %s", to, from, to) > 0);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

#define must(status, ...)	do {							\
		int got_ = machine_run(&m, __VA_ARGS__, NULL);				\
		ck_assert_msg(got_ == (status), "%s: exit %d, not %d\n%s%s",		\
			      #__VA_ARGS__, got_, (status), m.out, m.err);		\
	} while (0)

/* Of the history: how many rows say @event of @release (0: any). */
static int events(const char *event, int release)
{
	json_t *h, *e;
	int nr = 0;
	size_t i;

	must(0, "history", "--json");
	h = machine_json(&m);
	json_array_foreach(h, i, e)
		nr += (!*event || !strcmp(json_string_value(json_object_get(e, "event")), event)) &&
		      (!release || json_integer_value(json_object_get(e, "release")) == release);
	json_decref(h);
	return nr;
}

/* How often klp-apply was to load release 4. */
static int loads_of_4(void)
{
	const char *p = machine_get(&m, "calls");
	int nr = 0;

	for (p = strstr(p, digest4); p; p = strstr(p + 1, digest4))
		nr++;
	return nr;
}

static void offer_4(void)
{
	char *path = fixture_path(m.source, "b.klp");
	size_t len;
	void *data;

	machine_offer(&m, "b.klp", 4, m.key);
	ck_assert_int_eq(io_read_file(path, 1 << 20, &data, &len, NULL), 0);
	ck_assert_int_eq(sha256_hex(data, len, digest4), 0);
	free(data);
	free(path);
}

/* ---- a fault at one call ---- */

static int faulty(const char *command, long at, const char *how)
{
	char *count = fixture_path(m.root, "count");
	int status;

	fixture_preload_fault(at, how, count);
	status = machine_run(&m, command, NULL);
	fixture_preload_end();
	free(count);
	return status;
}

/* A few of the calls, unless FULL=1. */
static long stride(void)
{
	return getenv("FULL") ? 1 : 17;
}

/* Release 3 good, another patch held, release 4 on offer: in m.root and in the snapshot. */
static long prepare(const char *command)
{
	long calls;

	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	must(0, "hold", "some-other-patch");
	offer_4();
	if (!strcmp(command, "boot"))
		machine_reboot(&m);
	copy(m.root, snapshot);
	ck_assert_int_eq(faulty(command, 0, "kill"), 0);
	calls = atol(machine_get(&m, "count"));
	ck_assert_int_gt(calls, 20);
	return calls;
}

/* In the same boot the next runs bring all to its end. */
static void ends_well(long at, const char *how)
{
	for (int i = 0; i < 3 && machine_run(&m, "update", NULL) != 2; i++)
		machine_run(&m, "retry", NAME, NULL);
	must(2, "update");
	must(0, "status");
	ck_assert_msg(strstr(m.out, NAME " 4: applied"), "call %ld, %s:\n%s", at, how, m.out);
	ck_assert_msg(!events("crashed", 0), "call %ld, %s: the machine didn't go down", at, how);
	ck_assert_msg(!events("reverted", 0), "call %ld, %s: nobody took it out", at, how);
}

static void each_call(const char *command, const char *how, void (*then)(long at, const char *how))
{
	long calls = prepare(command);
	int before, status;

	copy(snapshot, m.root);
	before = events("", 0);
	for (long at = 1; at <= calls; at += stride()) {
		copy(snapshot, m.root);
		status = faulty(command, at, how);
		if (!strcmp(how, "kill"))
			ck_assert_msg(status == -9 || status == 0, "call %ld: exit %d\n%s%s", at, status, m.out, m.err);
		then(at, how);
		ck_assert_msg(events("", 0) >= before, "call %ld: rows of the history are lost", at);
		must(0, "unhold", "some-other-patch");
	}
}

START_TEST(killed_at_any_call)
{
	each_call("update", "kill", ends_well);
}
END_TEST

START_TEST(full_disk_from_any_call_on)
{
	each_call("update", "full", ends_well);
}
END_TEST

/* The machine goes down again as soon as klp-apply loads a file whose name has @what in it. */
static void dies_loading(const char *what)
{
	char shell[256];

	snprintf(shell, sizeof(shell), "case \"$*\" in load*%s*) kill -9 $PPID; exit 1;; esac\n", what);
	machine_loader(&m, 0, shell);
}

/* The machine goes down: what was at work then, and wasn't good yet, gets a second try, and never a third. */
static void comes_up_without_it(long at, const char *how)
{
	int loads = loads_of_4(), good = events("good", 4);

	machine_reboot(&m);
	if (loads && !good) {
		dies_loading(digest4);
		must(-9, "update");
		ck_assert_msg(events("doubtful", 4) == 1, "call %ld, %s: a second try, and it isn't told", at, how);
		machine_loader(&m, 0, NULL);
		machine_reboot(&m);
	}
	machine_run(&m, "boot", NULL);
	machine_run(&m, "update", NULL);
	if (loads && !good) {
		ck_assert_msg(loads_of_4() == loads + 1, "call %ld, %s: what took the machine down twice is loaded again", at, how);
		ck_assert_msg(events("crashed", 4) == 1, "call %ld, %s: and it isn't told", at, how);
	} else {
		must(2, "update");
		ck_assert_msg(machine_is_applied(&m), "call %ld, %s: a good patch is lost\n%s", at, how, m.out);
	}
}

START_TEST(down_at_any_call)
{
	each_call("update", "kill", comes_up_without_it);
}
END_TEST

/* The same at boot, with release 3, which was good. */
static void comes_up(long at, const char *how)
{
	int loads = machine_calls(&m, "load"), good = events("good", 3);

	machine_remove(&m, "source/b.klp");
	machine_reboot(&m);
	if (loads > 1 && good < 2) {
		dies_loading("");
		must(-9, "boot");
		machine_loader(&m, 0, NULL);
		machine_reboot(&m);
	}
	machine_run(&m, "boot", NULL);
	if (loads > 1 && good < 2)
		ck_assert_msg(machine_calls(&m, "load") == loads + 1 && events("crashed", 3) == 1 && events("doubtful", 3) == 1,
			      "call %ld, %s: what took the machine down twice is loaded again", at, how);
	else
		ck_assert_msg(machine_is_applied(&m), "call %ld, %s: a good patch is lost\n%s%s", at, how, m.out, m.err);
}

START_TEST(down_at_any_call_of_a_boot)
{
	each_call("boot", "kill", comes_up);
}
END_TEST

/* The disk stays full from there to the reboot: that is a shutdown, and no crash. */
static void shuts_down_full(long at, const char *how)
{
	ck_assert_msg(!faulty("shutdown", 1, "full"), "call %ld: no word of the shutdown\n%s", at, m.err);
	machine_reboot(&m);
	for (int i = 0; i < 4 && machine_run(&m, "update", NULL) != 2; i++)
		machine_run(&m, "retry", NAME, NULL);
	must(0, "status");
	ck_assert_msg(strstr(m.out, NAME " 4: applied"), "call %ld, %s:\n%s", at, how, m.out);
	ck_assert_msg(!events("crashed", 0) && !events("doubtful", 0), "call %ld, %s: counted as a crash", at, how);
}

START_TEST(full_disk_until_the_reboot)
{
	each_call("update", "full", shuts_down_full);
}
END_TEST

/* ---- a damaged database ---- */

static void overwrite(long from, const char *text)
{
	char *path = fixture_path(m.root, DB);
	FILE *f = fopen(path, "r+");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, from, from < 0 ? SEEK_END : SEEK_SET), 0);
	for (int i = 0; i < 64; i++)
		fputs(text, f);
	fclose(f);
	free(path);
}

static void is_told(const char *words)
{
	ck_assert_int_eq(machine_run(&m, "status", NULL), 1);
	ck_assert_msg(strstr(m.out, "unknown: ") && strstr(m.out, "is damaged: "), "%s%s", m.out, m.err);
	ck_assert_msg(strstr(m.out, words), "no \"%s\" in %s", words, m.out);
	machine_run(&m, "history", NULL);
	ck_assert_msg(!strstr(m.err, "no such table") && strstr(m.err, "is damaged"), "%s", m.err);
}

START_TEST(nothing_of_it_can_be_read)
{
	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	overwrite(0, "this is no database ");
	is_told("sock-map-alloc 3: applied, by somebody else");
	machine_run(&m, "update", NULL);
	ck_assert_msg(strstr(m.err, "is damaged") && strstr(m.err, "damaged-"), "%s", m.err);
	must(2, "update");
	must(0, "status");
	ck_assert_msg(strstr(m.out, NAME " 3: applied ("), "%s", m.out);
	ck_assert_int_eq(events("rebuilt", 3), 1);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	/* Later it comes back after a boot, as ever. */
	machine_reboot(&m);
	must(0, "boot");
}
END_TEST

/* Bundle kept, row lost, not in the kernel: it may be what took the machine down. */
START_TEST(a_lost_marker_counts_as_a_crash)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "[ $1 = revert ] || { kill -9 $PPID; exit 1; }\n");
	machine_run(&m, "update", NULL);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	machine_reboot(&m);
	overwrite(0, "this is no database ");
	must(7, "update");
	must(7, "update");
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	ck_assert_int_eq(machine_run(&m, "status", NULL), 7);
	ck_assert_msg(strstr(m.out, "was lost with the damaged database"), "%s", m.out);
	machine_loader(&m, 0, NULL);
	must(0, "retry", NAME);
	must(0, "update");
}
END_TEST

START_TEST(a_hole_in_the_middle)
{
	int before;

	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	for (int i = 0; i < 120; i++) {
		char name[32];

		snprintf(name, sizeof(name), "patch-number-%d", i);
		must(0, "hold", name, "--reason", "a reason of some length, so that the pages fill up sooner");
	}
	before = events("held", 0);
	ck_assert_int_eq(before, 120);
	overwrite(-4096, "a hole");
	machine_run(&m, "update", NULL);
	must(2, "update");
	must(0, "status");
	/* What lay in other pages is there. */
	ck_assert_msg(events("held", 0) > before / 3, "%d of %d rows", events("held", 0), before);
	ck_assert_int_eq(events("rebuilt", 0), 1);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

START_TEST(an_empty_file)
{
	machine_put(&m, DB, "");
	ck_assert_int_eq(machine_run(&m, "status", NULL), 3);
	ck_assert_ptr_null(strstr(m.err, "no such table"));
	must(0, "history");
	must(2, "update");
}
END_TEST

/* Applied, then the memory of it is spoilt by @shell, in the state folder: it is told, and built anew. */
static void spoilt(const char *shell)
{
	char *command;

	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	ck_assert(asprintf(&command, "cd %s/var/lib/quietpatch && %s", m.root, shell) > 0);
	ck_assert_int_eq(system(command), 0);
	free(command);
	is_told("sock-map-alloc 3: applied, by somebody else");
	must(2, "update");
	ck_assert_msg(strstr(m.err, "is damaged"), "%s", m.err);
	must(0, "status");
	ck_assert_msg(strstr(m.out, NAME " 3: applied ("), "%s", m.out);
	ck_assert_int_eq(events("rebuilt", 3), 1);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	must(2, "update");
	ck_assert_str_eq(m.err, "");
}

/* To SQLite each of these is a new database, or no error at all. */
START_TEST(an_empty_file_beside_bundles)
{
	spoilt(": > state.db");
}
END_TEST

START_TEST(a_file_that_is_gone)
{
	spoilt("rm state.db");
}
END_TEST

START_TEST(a_folder_in_its_place)
{
	spoilt("rm state.db && mkdir state.db");
}
END_TEST

/* Its pages are whole; a word in the row is one that no klp-update writes. */
START_TEST(a_foreign_row)
{
	spoilt("grep -q 'goodno fault' state.db && sed -i 's/goodno fault/g0odno fault/' state.db");
}
END_TEST

static void rebuilt(long at, const char *how)
{
	for (int i = 0; i < 3 && machine_run(&m, "update", NULL) != 2; i++)
		;
	must(0, "status");
	ck_assert_msg(strstr(m.out, NAME " 3: applied ("), "call %ld, %s:\n%s", at, how, m.out);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	ck_assert_int_eq(events("rebuilt", 3), 1);
}

START_TEST(killed_while_it_is_rebuilt)
{
	long calls;

	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	overwrite(0, "this is no database ");
	copy(m.root, snapshot);
	ck_assert_int_eq(faulty("update", 0, "kill"), 2);
	calls = atol(machine_get(&m, "count"));
	for (long at = 1; at <= calls; at += stride()) {
		copy(snapshot, m.root);
		faulty("update", at, at % 2 ? "kill" : "full");
		rebuilt(at, "");
	}
}
END_TEST

/* ---- other keys ---- */

START_TEST(other_keys_are_another_chance)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_put(&m, "proc/keys", "3f1a2b I------ 1 perm 1f030000 0 0 asymmetri Debian: X509.rsa []\n");
	machine_loader(&m, 4, NULL);
	must(4, "update");
	/* In another boot the same keys have other numbers. */
	machine_put(&m, "proc/keys", "111111 I------ 1 perm 1f030000 0 0 asymmetri Debian: X509.rsa []\n");
	must(4, "update");
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	machine_put(&m, "proc/keys", "111111 I------ 1 perm 1f030000 0 0 asymmetri Debian: X509.rsa []\n"
		    "222222 I------ 1 perm 1f030000 0 0 asymmetri The owner: X509.rsa []\n");
	machine_loader(&m, 0, NULL);
	must(0, "update");
	ck_assert_int_eq(events("retry", 3), 1);
}
END_TEST

START_TEST(a_new_key_file_is_another_chance)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 4, NULL);
	must(4, "update");
	machine_put(&m, "etc/quietpatch/keys/z.pub", machine_get(&m, "etc/quietpatch/keys/test.pub"));
	machine_loader(&m, 0, NULL);
	must(0, "update");
}
END_TEST

/* ---- a fault, and killed in the middle of taking it out ---- */

START_TEST(a_fault_is_no_hand)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "[ $1 = revert ] || " MACHINE_WARNS "\n"
		       "[ $1 != revert ] || { rm -rf \"$patch\"; kill -9 $PPID; }\n");
	machine_run(&m, "update", NULL);
	ck_assert(!machine_is_applied(&m));
	must(7, "update");
	ck_assert_msg(strstr(m.out, "net/core/sock_map.c:31"), "%s", m.out);
	must(7, "update");
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

START_TEST(and_is_taken_out_by_the_next_run)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "[ $1 = revert ] || " MACHINE_WARNS "\n"
		       "[ $1 != revert ] || { kill -9 $PPID; exit 1; }\n");
	machine_run(&m, "update", NULL);
	ck_assert(machine_is_applied(&m));
	machine_loader(&m, 0, NULL);
	must(7, "update");
	ck_assert(!machine_is_applied(&m));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

/* Release 4 takes the place of 3; killed when 3 is out, and 4 isn't in. */
START_TEST(a_replacement_is_no_hand)
{
	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	machine_offer(&m, "b.klp", 4, m.key);
	machine_loader(&m, 0, "[ $1 != revert ] || { rm -rf \"$patch\"; kill -9 $PPID; exit; }\n");
	machine_run(&m, "update", NULL);
	ck_assert(!machine_is_applied(&m));
	machine_loader(&m, 0, NULL);
	machine_remove(&m, "source/b.klp");
	/* Without the source, what was good is in force again. */
	must(0, "boot");
	ck_assert(machine_is_applied(&m));
	ck_assert_int_eq(events("reverted", 0), 0);
}
END_TEST

/* ---- everybody's part ---- */

/* As somebody who can't read the state. */
static int as_anybody(const char *command, const char *more)
{
	int status;

	m.as_nobody = true;
	status = machine_run(&m, command, more, NULL);
	m.as_nobody = false;
	return status;
}

START_TEST(anybody_sees_the_same)
{
	const char *file = "run/quietpatch/status.json";
	struct stat st;
	char *path;

	if (getuid())
		return;
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(as_anybody("status", NULL), 3);
	must(0, "update");
	ck_assert_int_eq(as_anybody("status", NULL), 0);
	ck_assert_msg(strstr(m.out, "protected: ") && strstr(m.out, NAME " 3: applied"), "%s%s", m.out, m.err);
	ck_assert_msg(strstr(m.out, "as of "), "%s", m.out);
	ck_assert_int_eq(as_anybody("cve", "CVE-2026-12345"), 0);
	ck_assert_int_eq(as_anybody("history", NULL), 1);
	ck_assert_msg(strstr(m.err, "for root alone"), "%s", m.err);
	path = fixture_path(m.root, file);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0644);
	free(path);
	/* What the kernel has is asked now, not remembered. */
	machine_remove(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state");
	ck_assert_int_eq(as_anybody("status", NULL), machine_run(&m, "status", NULL));
	ck_assert_int_ne(as_anybody("status", NULL), 0);
}
END_TEST

START_TEST(anybody_isnt_told_when_or_how)
{
	const char *file = "run/quietpatch/status.json";

	if (getuid())
		return;
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 7, "echo '{\"error\": \"blocked by cat, pid 4711, in pipe_read\"}'; exit 7\n");
	must(7, "update");
	must(0, "hold", "--reason", "the big sale", "--until", "12h");
	must(0, "retry", NAME);
	must(5, "update");
	/* What waits for the hold, and what is tried again later. */
	ck_assert_ptr_null(strstr(machine_get(&m, file), "sale"));
	ck_assert_ptr_null(strstr(machine_get(&m, file), "until"));
	must(0, "unhold");
	must(7, "update");
	must(7, "update");
	ck_assert_ptr_nonnull(strstr(machine_get(&m, file), NAME));
	ck_assert_ptr_null(strstr(machine_get(&m, file), "4711"));
	ck_assert_ptr_null(strstr(machine_get(&m, file), "sale"));
	ck_assert_ptr_null(strstr(machine_get(&m, file), "until"));
	ck_assert_ptr_null(strstr(machine_get(&m, file), "next_at"));
	ck_assert_ptr_null(strstr(machine_get(&m, file), m.source));
	ck_assert_int_eq(machine_run(&m, "status", NULL), 7);
	ck_assert_int_eq(as_anybody("status", NULL), 7);
	ck_assert_msg(strstr(m.out, "not protected: " NAME ": taken back;"), "%s", m.out);
}
END_TEST

START_TEST(anybody_is_told_that_it_is_stale)
{
	if (getuid())
		return;
	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	machine_reboot(&m);
	ck_assert_int_eq(as_anybody("status", NULL), 3);
	ck_assert_msg(strstr(m.out, "unknown: ") && strstr(m.out, "from before the reboot"), "%s", m.out);
	must(0, "boot");
	ck_assert_int_eq(as_anybody("status", NULL), 0);
	machine_put(&m, "run/quietpatch/status.json", "{\"half\": ");
	ck_assert_int_eq(as_anybody("status", NULL), 3);
	machine_remove(&m, "run/quietpatch/status.json");
	ck_assert_int_eq(as_anybody("status", NULL), 3);
}
END_TEST

/* SQLite's count of transactions that changed the file (its format, 1.3.7). */
static long changes(void)
{
	char *path = fixture_path(m.root, DB);
	const uint8_t *data;
	long nr;
	size_t len;
	void *file;

	ck_assert_int_eq(io_read_file(path, 1 << 20, &file, &len, NULL), 0);
	ck_assert_uint_ge(len, 100);
	data = file;
	nr = (long)data[24] << 24 | data[25] << 16 | data[26] << 8 | data[27];
	free(file);
	free(path);
	return nr;
}

/* Each costs four fdatasync(): that it looked, and when, is all that there is to note. */
START_TEST(a_look_with_nothing_new_writes_little)
{
	long before;

	machine_offer(&m, "a.klp", 3, m.key);
	must(0, "update");
	must(2, "update");
	before = changes();
	must(2, "update");
	ck_assert_int_le(changes() - before, 2);
	ck_assert_int_ge(changes() - before, 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("memory");

	/* Thousands of small files that are synced one by one. */
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, killed_at_any_call);
	tcase_add_test(tc, full_disk_from_any_call_on);
	tcase_add_test(tc, full_disk_until_the_reboot);
	tcase_add_test(tc, down_at_any_call);
	tcase_add_test(tc, down_at_any_call_of_a_boot);
	tcase_add_test(tc, nothing_of_it_can_be_read);
	tcase_add_test(tc, a_lost_marker_counts_as_a_crash);
	tcase_add_test(tc, a_hole_in_the_middle);
	tcase_add_test(tc, an_empty_file);
	tcase_add_test(tc, an_empty_file_beside_bundles);
	tcase_add_test(tc, a_file_that_is_gone);
	tcase_add_test(tc, a_folder_in_its_place);
	tcase_add_test(tc, a_foreign_row);
	tcase_add_test(tc, killed_while_it_is_rebuilt);
	tcase_add_test(tc, other_keys_are_another_chance);
	tcase_add_test(tc, a_new_key_file_is_another_chance);
	tcase_add_test(tc, a_fault_is_no_hand);
	tcase_add_test(tc, and_is_taken_out_by_the_next_run);
	tcase_add_test(tc, a_replacement_is_no_hand);
	tcase_add_test(tc, anybody_sees_the_same);
	tcase_add_test(tc, anybody_isnt_told_when_or_how);
	tcase_add_test(tc, anybody_is_told_that_it_is_stale);
	tcase_add_test(tc, a_look_with_nothing_new_writes_little);
	return fixture_run_within("memory", tc, getenv("FULL") ? 1800 : 110);
}
