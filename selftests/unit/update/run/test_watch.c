// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_watch.c - what happens to a patch from "applied" to "good": which faults are its own, and what a machine that
 * went down says of it.
 *
 * Who is hurt when this is silently wrong: whose machine gets a patch again and again that brings it down; and who
 * loses a security fix because somebody pulled a plug, or because another driver warned.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "machine_fixture.h"
#include "sign.h"

#define NAME "sock-map-alloc"

static struct machine_fixture m;

static void setup(void)
{
	machine_setup(&m);
}

static void teardown(void)
{
	machine_teardown(&m);
}

#define update(status)	machine_expect(&m, status, "update")
#define state(member)	machine_shown(&m, member)
#define happened(event)	machine_happened(&m, event)

#define look(status, ...)	machine_expect(&m, status, "watch", "--set", "watch=300", __VA_ARGS__)

/* Applied, and still being watched. */
static void watched(int status)
{
	ck_assert_int_eq(machine_run(&m, "update", "--set", "watch=300", NULL), status);
	ck_assert_str_eq(state("state"), "watched");
}

/* ---- the machine went down ---- */

/* The machine dies while klp-apply works: in doubt a second try; twice, and it is never tried again. */
START_TEST(crash_while_applying)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "kill -9 $PPID; exit 1\n");
	ck_assert_int_eq(machine_run(&m, "update", NULL), -9);
	ck_assert_str_eq(state("state"), "applying");
	machine_reboot(&m);
	ck_assert_int_eq(machine_run(&m, "update", NULL), -9);
	ck_assert(happened("doubtful") && !happened("crashed"));
	machine_loader(&m, 0, NULL);
	machine_reboot(&m);
	update(7);
	ck_assert_ptr_nonnull(strstr(m.out, "went down a second time while the patch was being applied"));
	ck_assert_str_eq(state("state"), "crashed");
	ck_assert(happened("crashed"));
	update(7);
	update(7);
	ck_assert_int_eq(machine_calls(&m, "load"), 2);
	ck_assert(!machine_is_applied(&m));
	/* A later release is another chance. */
	machine_offer(&m, "a.klp", 4, m.key);
	update(0);
}
END_TEST

START_TEST(crash_in_the_watch)
{
	machine_offer(&m, "a.klp", 3, m.key);
	watched(0);
	machine_reboot(&m);
	/* The power may have failed: boot tries it again, and watches again. */
	ck_assert_int_eq(machine_run(&m, "boot", "--set", "watch=300", NULL), 0);
	ck_assert(machine_is_applied(&m) && happened("doubtful"));
	machine_reboot(&m);
	ck_assert_int_eq(machine_run(&m, "boot", "--set", "watch=300", NULL), 7);
	ck_assert_str_eq(state("state"), "crashed");
	ck_assert(!machine_is_applied(&m));
	update(7);
	ck_assert_int_eq(machine_calls(&m, "load"), 2);
	/* The operator may know better. */
	ck_assert_int_eq(machine_run(&m, "retry", NAME, NULL), 0);
	update(0);
}
END_TEST

/* It outlived a watch between the two. */
START_TEST(a_good_watch_makes_up_for_a_crash)
{
	machine_offer(&m, "a.klp", 3, m.key);
	for (int i = 0; i < 3; i++) {
		watched(0);
		machine_reboot(&m);
		update(0);
		ck_assert_str_eq(state("state"), "good");
		machine_reboot(&m);
	}
	ck_assert(!happened("crashed"));
}
END_TEST

/* Each kind of ending, in each phase; a shutdown is none of the patch's fault, however often. */
START_TEST(a_shutdown_is_no_crash)
{
	machine_offer(&m, "a.klp", 3, m.key);
	for (int i = 0; i < 3; i++) {
		watched(0);
		ck_assert_int_eq(machine_run(&m, "shutdown", NULL), 0);
		machine_reboot(&m);
	}
	machine_loader(&m, 0, "kill -9 $PPID; exit 1\n");
	ck_assert_int_eq(machine_run(&m, "update", NULL), -9);
	ck_assert_int_eq(machine_run(&m, "shutdown", NULL), 0);
	machine_loader(&m, 0, NULL);
	machine_reboot(&m);
	update(0);
	ck_assert_str_eq(state("state"), "good");
	ck_assert(!happened("doubtful") && !happened("crashed"));
}
END_TEST

/* Who runs after it was told of a shutdown hasn't shut down. */
START_TEST(a_shutdown_that_was_called_off)
{
	machine_offer(&m, "a.klp", 3, m.key);
	watched(0);
	ck_assert_int_eq(machine_run(&m, "shutdown", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "watch", "--set", "watch=300", NULL), 6);
	machine_reboot(&m);
	update(0);
	ck_assert(happened("doubtful"));
}
END_TEST

#define PANIC	"Panic#1 Part1\n<1>[  812.5] BUG: kernel NULL pointer dereference, address: 0000000000000008\n"	\
		"<4>[  812.6] RIP: 0010:%s\n<4>[  812.7]  do_syscall_64+0x55/0xb0\n"

static void last_words(const char *file, const char *frame)
{
	char text[400];

	snprintf(text, sizeof(text), PANIC, frame);
	machine_put(&m, file, text);
}

static void make_old(const char *file)
{
	struct timespec times[2] = { { .tv_sec = time(NULL) - 86400 }, { .tv_sec = time(NULL) - 86400 } };
	char *path = fixture_path(m.root, file);

	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
}

/* The kernel's own last words: once is enough, also for what had been good. */
START_TEST(last_words_name_the_patch)
{
	static const char *const files[] = {
		"sys/fs/pstore/dmesg-erst-7412", "var/lib/systemd/pstore/170000/001/dmesg.txt", "var/crash/202611281010/dmesg.202611281010"
	};

	for (size_t i = 0; i < 3; i++) {
		machine_offer(&m, "a.klp", 3 + i, m.key);
		/* Of an earlier crash, somebody else's. */
		last_words("sys/fs/pstore/dmesg-erst-1", "sock_map_alloc+0x51/0xa0");
		make_old("sys/fs/pstore/dmesg-erst-1");
		if (i == 1)
			update(0);
		else
			watched(0);
		last_words(files[i], "sock_map_alloc+0x51/0xa0 [qp_sock_map_alloc]");
		machine_reboot(&m);
		ck_assert_int_eq(machine_run(&m, "boot", NULL), 7);
		ck_assert_ptr_nonnull(strstr(m.out, "last words"));
		ck_assert_str_eq(state("state"), "crashed");
		machine_remove(&m, files[i]);
	}
	ck_assert(!happened("doubtful"));
}
END_TEST

START_TEST(last_words_of_somebody_else)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	last_words("sys/fs/pstore/dmesg-erst-7412", "ext4_read+0x51/0xa0 [ext4]");
	machine_reboot(&m);
	/* It was good, and stays. */
	ck_assert_int_eq(machine_run(&m, "boot", "--set", "watch=300", NULL), 0);
	ck_assert(!happened("doubtful"));
	last_words("sys/fs/pstore/dmesg-erst-7412", "ext4_read+0x51/0xa0 [ext4]");
	machine_reboot(&m);
	ck_assert_int_eq(machine_run(&m, "boot", "--set", "watch=300", NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.out, "dmesg-erst-7412: it gets a second try"));
}
END_TEST

/* ---- a fault in the watch ---- */

START_TEST(fault_in_the_watch_takes_it_out)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "[ $1 = revert ] || " MACHINE_WARNS "\n");
	update(7);
	ck_assert(!machine_is_applied(&m));
	ck_assert_str_eq(state("state"), "reverted");
	update(7);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	machine_reboot(&m);
	update(7);
	/* Who holds it knows. */
	ck_assert_int_eq(machine_run(&m, "hold", NAME, NULL), 0);
	update(5);
}
END_TEST

/* The kernel has had a warning and an oops before: no taint flag is new, its log tells. */
START_TEST(fault_on_a_tainted_kernel)
{
	static const char ours[] =
		"4,7,900,-;WARNING: CPU: 1 PID: 77 at net/core/sock_map.c:31 sock_map_alloc+0x51/0xa0 [qp_sock_map_alloc]\n";
	static const char before[] = "4,2,100,-;WARNING: CPU: 1 PID: 5 at net/core/sock_map.c:31 sock_map_alloc+0x51/0xa0\n";
	char shell[700];

	machine_put(&m, "proc/sys/kernel/tainted", "12928\n");
	machine_put(&m, "dev/kmsg", before);
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	ck_assert_str_eq(state("state"), "good");
	machine_offer(&m, "a.klp", 4, m.key);
	snprintf(shell, sizeof(shell), "[ $1 = revert ] || printf '%%s\\n' '%.*s' >> \"$root/dev/kmsg\"\n",
		 (int)(sizeof(ours) - 2), ours);
	machine_loader(&m, 0, shell);
	update(7);
	ck_assert_ptr_nonnull(strstr(m.out, "net/core/sock_map.c:31"));
	ck_assert(!machine_is_applied(&m));
}
END_TEST

START_TEST(log_that_cannot_be_read_is_told)
{
	machine_remove(&m, "dev/kmsg");
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	ck_assert_ptr_nonnull(strstr(m.out, "only the taint flags were watched"));
}
END_TEST

/* Nobody stays for the watch: each look is a run of its own, and says what it found. */
START_TEST(looks_until_it_is_good)
{
	char *mark = fixture_path(m.root, "run/quietpatch/watching");
	struct stat st;

	ck_assert_int_eq(machine_run(&m, "watch", NULL), 2);
	machine_offer(&m, "a.klp", 3, m.key);
	watched(0);
	ck_assert_int_eq(stat(mark, &st), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(machine_run(&m, "watch", "--set", "watch=300", NULL), 6);
	/* A later run of the timer is no second chance for a fault, and none for the watch either. */
	ck_assert_int_eq(machine_run(&m, "update", "--set", "watch=300", NULL), 2);
	ck_assert_str_eq(state("state"), "watched");
	ck_assert_int_eq(machine_run(&m, "status", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "watch", NULL), 2);
	ck_assert_ptr_nonnull(strstr(m.out, "good"));
	ck_assert_str_eq(state("state"), "good");
	ck_assert_int_ne(stat(mark, &st), 0);
	free(mark);
}
END_TEST

/* A laptop that was closed for an hour has seen a few seconds of the patch. */
START_TEST(sleep_is_no_watch)
{
	machine_offer(&m, "a.klp", 3, m.key);
	watched(0);
	fixture_preload_clock(3600);
	setenv("SLEPT", "3600", 1);
	look(6, "--json");
	unsetenv("SLEPT");
	fixture_preload_end();
	ck_assert_str_eq(state("state"), "watched");
}
END_TEST

START_TEST(a_look_takes_it_out)
{
	char *mark = fixture_path(m.root, "run/quietpatch/watching"), *command;

	machine_offer(&m, "a.klp", 3, m.key);
	watched(0);
	ck_assert(asprintf(&command, "root=%s; " MACHINE_WARNS, m.root) > 0);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(machine_run(&m, "watch", "--set", "watch=300", NULL), 7);
	ck_assert(!machine_is_applied(&m));
	ck_assert_str_eq(state("state"), "reverted");
	ck_assert_int_ne(access(mark, F_OK), 0);
	update(7);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	free(command);
	free(mark);
}
END_TEST

#define STUCK	"[ $1 != revert ] || { echo '{\"error\": \"tasks hadn'\\''t switched\"}'; exit 7; }\n"

/* A task sleeps in it, or another patch stands on it: it is tried again until it is out, and nobody is told that all is well. */
START_TEST(what_cannot_be_taken_out_yet)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "[ $1 = revert ] || " MACHINE_WARNS "\n" STUCK);
	update(7);
	ck_assert(machine_is_applied(&m));
	ck_assert(happened("stuck") && !happened("reverted"));
	ck_assert_str_eq(state("now"), "applied, and has to go");
	ck_assert_int_eq(machine_run(&m, "status", NULL), 7);
	ck_assert_msg(!strncmp(m.out, "not protected: " NAME, strlen("not protected: " NAME)), "%s", m.out);
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "run/quietpatch/motd"), "has to be taken out"));
	/* The looks go on, but not each of them tries. */
	look(6, "--json");
	update(7);
	ck_assert_int_eq(machine_calls(&m, "revert"), 1);
	fixture_preload_clock(61);
	look(6, "--json");
	ck_assert_int_eq(machine_calls(&m, "revert"), 2);
	/* The pause has grown. */
	fixture_preload_clock(130);
	look(6, "--json");
	ck_assert_int_eq(machine_calls(&m, "revert"), 2);
	fixture_preload_clock(200);
	machine_loader(&m, 0, NULL);
	look(7, "--json");
	fixture_preload_end();
	ck_assert(!machine_is_applied(&m) && happened("reverted"));
	ck_assert_str_eq(state("state"), "reverted");
	update(7);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

/* Its fault was seen, and the machine goes down with it, in whatever way: it doesn't come up with it again. */
START_TEST(a_fault_outlives_the_boot)
{
	for (int clean = 0; clean < 2; clean++) {
		machine_put(&m, "dev/kmsg", "6,1,100,-;Linux version 6.1.0\n");
		machine_offer(&m, "a.klp", 3 + (uint64_t)clean, m.key);
		machine_loader(&m, 0, "[ $1 = revert ] || " MACHINE_WARNS "\n" STUCK);
		update(7);
		if (clean)
			ck_assert_int_eq(machine_run(&m, "shutdown", NULL), 0);
		machine_loader(&m, 0, NULL);
		machine_reboot(&m);
		ck_assert_int_eq(machine_run(&m, "boot", NULL), 7);
		ck_assert(!machine_is_applied(&m));
		update(7);
		ck_assert_int_eq(machine_calls(&m, "load"), 1 + clean);
	}
	ck_assert(!happened("doubtful"));
}
END_TEST

START_TEST(wait_stays_to_the_end)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "update", "--wait", "--set", "watch=2", NULL), 0);
	ck_assert_str_eq(state("state"), "good");
}
END_TEST

/* Another driver warns; the kernel gets its taint flag, and the patch stays. */
START_TEST(faults_of_others_are_told_and_not_held_against_it)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "echo 12800 > \"$root/proc/sys/kernel/tainted\"\n"
		       "echo '4,7,900,-;WARNING: CPU: 1 PID: 77 at drivers/x.c:3 x_probe+0x5/0xa [x]' >> \"$root/dev/kmsg\"\n");
	update(0);
	ck_assert_str_eq(state("state"), "good");
	ck_assert(machine_is_applied(&m));
	ck_assert(happened("noticed"));
	ck_assert_ptr_nonnull(strstr(m.out, "x_probe"));
}
END_TEST

/* Nobody can tell whose it is: then it counts. */
START_TEST(a_fault_that_nobody_can_read_of_counts)
{
	machine_remove(&m, "dev/kmsg");
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "[ $1 = revert ] || echo 12800 > \"$root/proc/sys/kernel/tainted\"\n");
	update(7);
	ck_assert(!machine_is_applied(&m));
	ck_assert_ptr_nonnull(strstr(m.out, "whose can't be told"));
}
END_TEST

/* The log went round between two looks. */
START_TEST(a_log_that_was_overwritten_unseen)
{
	machine_offer(&m, "a.klp", 3, m.key);
	watched(0);
	machine_put(&m, "dev/kmsg", "6,5000,9000,-;usb 1-1: new device\n");
	ck_assert_int_eq(machine_run(&m, "watch", "--set", "watch=300", NULL), 6);
	watched(2);
	machine_put(&m, "dev/kmsg", "6,9000,9000,-;usb 1-1: new device\n");
	machine_put(&m, "proc/sys/kernel/tainted", "12800\n");
	ck_assert_int_eq(machine_run(&m, "watch", "--set", "watch=300", NULL), 7);
}
END_TEST

/* ---- health and pressure ---- */

START_TEST(health_says_no_twice)
{
	char set[4200];

	snprintf(set, sizeof(set), "health=cat %s/well; test -e %s/well", m.root, m.root);
	machine_put(&m, "well", "");
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "update", "--set", "watch=300", "--set", set, NULL), 0);
	look(6, "--set", set);
	machine_remove(&m, "well");
	look(6, "--set", set);
	/* It was a moment's trouble. */
	machine_put(&m, "well", "");
	look(6, "--set", set);
	machine_remove(&m, "well");
	look(6, "--set", set);
	sleep(6);
	look(7, "--set", set);
	ck_assert_ptr_nonnull(strstr(m.out, "health says no: exit status 1: cat: "));
	ck_assert(!machine_is_applied(&m));
	update(7);
}
END_TEST

/* It said no before the patch, too: nothing can be told from it, and that is told. */
START_TEST(health_said_no_before)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "update", "--set", "watch=300", "--set", "health=exit 3", NULL), 0);
	sleep(6);
	look(6, "--set", "health=exit 3");
	ck_assert_int_eq(machine_run(&m, "watch", "--set", "watch=1", "--set", "health=exit 3", NULL), 2);
	ck_assert_ptr_nonnull(strstr(m.out, "health wasn't counted"));
	ck_assert_str_eq(state("state"), "good");
}
END_TEST

static void pressure(const char *what, const char *kind, int percent)
{
	char path[64], text[400];

	snprintf(path, sizeof(path), "proc/pressure/%s", what);
	snprintf(text, sizeof(text), "some avg10=99.00 avg60=%d.50 avg300=1.00 total=1\nfull avg10=99.00 avg60=%d.50 avg300=1.00 total=1\n",
		 !strcmp(kind, "some") ? percent : 99, !strcmp(kind, "full") ? percent : 0);
	machine_put(&m, path, text);
}

START_TEST(pressure_beyond_what_was_before)
{
	pressure("cpu", "some", 30);
	pressure("memory", "full", 1);
	machine_offer(&m, "a.klp", 3, m.key);
	watched(0);
	pressure("cpu", "some", 79);
	look(6, "--set", "pressure=50");
	pressure("cpu", "some", 95);
	/* Off, as long as nobody asked for it. */
	look(6, "--json");
	look(7, "--set", "pressure=50");
	ck_assert_ptr_nonnull(strstr(m.out, "pressure: tasks waited for cpu in 96% of the last minute, before it in 30%"));
	machine_offer(&m, "a.klp", 4, m.key);
	watched(0);
	pressure("memory", "full", 70);
	look(7, "--set", "pressure=50");
	ck_assert_ptr_nonnull(strstr(m.out, "memory"));
	ck_assert_int_eq(machine_run(&m, "watch", "--set", "pressure=101", NULL), 64);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("watch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, crash_while_applying);
	tcase_add_test(tc, crash_in_the_watch);
	tcase_add_test(tc, a_good_watch_makes_up_for_a_crash);
	tcase_add_test(tc, a_shutdown_is_no_crash);
	tcase_add_test(tc, a_shutdown_that_was_called_off);
	tcase_add_test(tc, last_words_name_the_patch);
	tcase_add_test(tc, last_words_of_somebody_else);
	tcase_add_test(tc, fault_in_the_watch_takes_it_out);
	tcase_add_test(tc, fault_on_a_tainted_kernel);
	tcase_add_test(tc, log_that_cannot_be_read_is_told);
	tcase_add_test(tc, looks_until_it_is_good);
	tcase_add_test(tc, sleep_is_no_watch);
	tcase_add_test(tc, a_look_takes_it_out);
	tcase_add_test(tc, what_cannot_be_taken_out_yet);
	tcase_add_test(tc, a_fault_outlives_the_boot);
	tcase_add_test(tc, wait_stays_to_the_end);
	tcase_add_test(tc, faults_of_others_are_told_and_not_held_against_it);
	tcase_add_test(tc, a_fault_that_nobody_can_read_of_counts);
	tcase_add_test(tc, a_log_that_was_overwritten_unseen);
	tcase_add_test(tc, health_says_no_twice);
	tcase_add_test(tc, health_said_no_before);
	tcase_add_test(tc, pressure_beyond_what_was_before);
	return fixture_run("watch", tc);
}
