// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_update.c - klp-update's decisions and memory, on a folder that stands for a
 * machine: what is applied, what never again, what is held, what a crash leaves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/file.h>
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

START_TEST(nothing_to_do)
{
	update(2);
	ck_assert_int_eq(machine_run(&m, "check", NULL), 2);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

START_TEST(new_patch_is_applied_once)
{
	json_t *s, *p;

	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "check", NULL), 0);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	update(0);
	ck_assert(machine_is_applied(&m));
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	update(2);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	ck_assert(happened("applied") && happened("good"));
	ck_assert_ptr_nonnull(strstr(m.out, "42 tasks switched in 1.5 ms"));
	ck_assert_int_eq(machine_run(&m, "status", "--json", NULL), 0);
	s = machine_json(&m);
	p = json_array_get(json_object_get(s, "patches"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(p, "now")), "applied");
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(
		json_object_get(p, "functions"), 0), "name")), "sock_map_alloc");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(p, "cves"), 0)),
			 "CVE-2026-12345");
	json_decref(s);
	ck_assert_int_eq(machine_run(&m, "status", NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.out, NAME " 3: applied"));
	ck_assert_ptr_nonnull(strstr(m.out, "fixes CVE-2026-12345"));
	ck_assert_int_eq(machine_run(&m, "cve", "CVE-2026-12345", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "cve", "CVE-2020-0001", NULL), 3);
}
END_TEST

START_TEST(for_another_kernel)
{
	machine_offer(&m, "a.klp", 3, m.key);
	/* One byte of the running kernel's build-id. */
	char *path = fixture_path(m.root, "sys/kernel/notes");
	FILE *f = fopen(path, "r+");

	ck_assert_int_eq(fseek(f, 12 + 8 + 4 + 12 + 4, SEEK_SET), 0);
	fputc(0xee, f);
	fclose(f);
	free(path);
	update(2);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

START_TEST(unsigned_foreign_and_altered)
{
	struct signing_key *other = fixture_key();

	machine_offer(&m, "a.klp", 3, NULL);
	update(4);
	machine_offer(&m, "a.klp", 3, other);
	update(4);
	update(4);
	machine_put(&m, "source/a.klp", "\x89KLP, the rest is still being copied");
	update(1);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	ck_assert(happened("refused"));
	/* The copy is complete. */
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	signing_key_free(other);
}
END_TEST

START_TEST(bad_file_doesnt_hold_up_a_good_one)
{
	machine_offer(&m, "a.klp", 3, NULL);
	machine_offer(&m, "b.klp", 3, m.key);
	update(4);
	ck_assert(machine_is_applied(&m));
}
END_TEST

START_TEST(nobody_is_trusted)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_remove(&m, "etc/quietpatch/keys/test.pub");
	update(4);
	ck_assert_ptr_nonnull(strstr(m.err, "no key is trusted"));
}
END_TEST

START_TEST(releases_never_go_back)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	machine_offer(&m, "a.klp", 2, m.key);
	update(4);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	ck_assert_ptr_nonnull(strstr(m.out, "releases never go back"));
}
END_TEST

START_TEST(later_release_takes_over)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	machine_offer(&m, "b.klp", 4, m.key);
	update(0);
	ck_assert_int_eq(machine_calls(&m, "revert"), 1);
	ck_assert_int_eq(machine_calls(&m, "load"), 2);
	ck_assert_int_eq(machine_run(&m, "status", NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.out, NAME " 4: applied"));
	ck_assert_ptr_null(strstr(m.out, NAME " 3"));
	update(2);
}
END_TEST

/* The new one fails to load: the machine isn't left without the old one. */
START_TEST(failed_takeover_restores)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	machine_offer(&m, "b.klp", 4, m.key);
	machine_loader(&m, 1, "[ $(grep -c ^load \"$root/calls\") = 2 ] || status=0\n");
	update(1);
	ck_assert(machine_is_applied(&m));
	ck_assert(happened("restored"));
}
END_TEST

START_TEST(hold_everything)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "hold", "--reason", "change freeze", NULL), 0);
	update(5);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	ck_assert_int_eq(machine_run(&m, "status", NULL), 5);
	ck_assert_ptr_nonnull(strstr(m.out, "change freeze"));
	ck_assert_ptr_nonnull(strstr(m.out, "open meanwhile: CVE-2026-12345"));
	ck_assert_int_eq(machine_run(&m, "cve", "CVE-2026-12345", NULL), 1);
	ck_assert_int_eq(machine_run(&m, "unhold", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "unhold", NULL), 2);
	update(0);
	ck_assert_int_eq(machine_run(&m, "status", NULL), 0);
	ck_assert_ptr_null(strstr(m.out, "waiting"));
}
END_TEST

START_TEST(hold_one_patch_with_an_end)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "hold", NAME, "--until", "2d", NULL), 0);
	update(5);
	ck_assert_ptr_nonnull(strstr(m.out, "it is held"));
	ck_assert_int_eq(machine_run(&m, "hold", NAME, "--until", "2020-01-01", NULL), 64);
	ck_assert_int_eq(machine_run(&m, "hold", NAME, "--until", "soon", NULL), 64);
	ck_assert_int_eq(machine_run(&m, "hold", "another-one", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "unhold", NAME, NULL), 0);
	update(0);
}
END_TEST

START_TEST(apply_no_only_looks)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "update", "--set", "apply=no", NULL), 5);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
}
END_TEST

/* Only klp-update died: the kernel knows whether the patch is in. */
START_TEST(killed_in_this_boot)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "mkdir -p \"$patch\"; echo applied > \"$patch/state\"; kill -9 $PPID; exit\n");
	ck_assert_int_eq(machine_run(&m, "update", NULL), -9);
	update(2);
	ck_assert_str_eq(state("state"), "good");
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

/* Only klp-apply died, after its work: it is nobody else's patch, and is watched. */
START_TEST(klp_apply_is_killed_at_its_end)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "mkdir -p \"$patch\"; echo applied > \"$patch/state\"; echo 3 > \"$patch/release\"; kill -9 $$\n");
	update(0);
	ck_assert_str_eq(state("state"), "good");
	machine_loader(&m, 0, "kill -9 $$\n");
	machine_offer(&m, "a.klp", 4, m.key);
	update(1);
}
END_TEST

START_TEST(killed_before_it_was_in)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 0, "kill -9 $PPID; exit\n");
	ck_assert_int_eq(machine_run(&m, "update", NULL), -9);
	machine_loader(&m, 0, NULL);
	update(0);
	ck_assert_str_eq(state("state"), "good");
}
END_TEST

START_TEST(good_is_applied_again_after_a_reboot)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	machine_reboot(&m);
	ck_assert_str_eq(state("now"), "to be applied again");
	/* From the kept copy: the source is gone. */
	machine_remove(&m, "source/a.klp");
	ck_assert_int_eq(rmdir(m.source), 0);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 0);
	ck_assert(machine_is_applied(&m));
	ck_assert(happened("reapplied"));
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 2);
	ck_assert_int_eq(machine_calls(&m, "load"), 2);
}
END_TEST

/* A freeze stops what is new, not what protects; a hold by name means that patch. */
START_TEST(reboot_under_hold)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	ck_assert_int_eq(machine_run(&m, "hold", NULL), 0);
	machine_reboot(&m);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "hold", NAME, NULL), 0);
	machine_reboot(&m);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 5);
	ck_assert(!machine_is_applied(&m));
}
END_TEST

/* Trouble that may pass: never for good, but not at once; told when next, and the status says that it lacks. */
START_TEST(passing_trouble_is_tried_again)
{
	static const int troubles[] = { 7, 6, 3, 1, 101 };

	machine_offer(&m, "a.klp", 3, m.key);
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
		int exit = troubles[i] == 3 ? 1 : troubles[i];
		char attempt[64];

		machine_loader(&m, troubles[i], NULL);
		/* Each failure sets in a pause, in which nothing is tried; a reboot may have cured it. */
		update(exit);
		ck_assert_int_eq(machine_calls(&m, "load"), (int)i + 1);
		update(exit);
		ck_assert_int_eq(machine_calls(&m, "load"), (int)i + 1);
		ck_assert_str_eq(state("state"), "fetched");
		ck_assert_str_eq(state("now"), "to be tried again");
		snprintf(attempt, sizeof(attempt), "the test says no; attempt %zu, the next one after 20", i + 1);
		ck_assert_msg(strstr(state("reason"), attempt), "%s", state("reason"));
		machine_reboot(&m);
	}
	machine_loader(&m, 0, NULL);
	update(0);
	ck_assert_str_eq(state("state"), "good");
}
END_TEST

/* The first line, the exit code and "protection" of status say the same. */
static void status_is(int exit, const char *word, const char *why)
{
	json_t *s;

	ck_assert_int_eq(machine_run(&m, "status", "--json", NULL), exit);
	s = machine_json(&m);
	ck_assert_str_eq(json_string_value(json_object_get(s, "protection")), word);
	ck_assert_int_eq(json_integer_value(json_object_get(s, "exit")), exit);
	json_decref(s);
	ck_assert_int_eq(machine_run(&m, "status", NULL), exit);
	ck_assert_msg(!strncmp(m.out, word, strlen(word)) && m.out[strlen(word)] == ':', "%s", m.out);
	m.out[strcspn(m.out, "\n")] = '\0';
	ck_assert_msg(strstr(m.out, why), "%s", m.out);
}

START_TEST(status_says_whether_it_is_protected)
{
	status_is(3, "unknown", "the source was never asked");
	update(2);
	status_is(0, "protected", "all that the source offers is in force");
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 7, NULL);
	update(7);
	status_is(7, "not protected", "the test says no");
	update(7);
	/* Loaded by hand what had failed: the kernel's word counts, and at once. */
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/name", NAME "\n");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/release", "3\n");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state", "applied\n");
	status_is(0, "protected", "all");
	update(2);
	status_is(0, "protected", "all");
	ck_assert_str_eq(state("now"), "applied, by somebody else than klp-update");
	machine_remove(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state");
	status_is(7, "not protected", "to be tried again");
	/* Held is not protected either. */
	machine_loader(&m, 0, NULL);
	ck_assert_int_eq(machine_run(&m, "hold", NAME, NULL), 0);
	update(5);
	status_is(5, "not protected", "it is held");
	ck_assert_int_eq(machine_run(&m, "unhold", NAME, NULL), 0);
	ck_assert_int_eq(machine_run(&m, "retry", NAME, NULL), 0);
	update(0);
	status_is(0, "protected", "all");
	/* A refused offer, and a source that doesn't answer. */
	machine_put(&m, "source/b.klp", "nonsense");
	update(1);
	status_is(1, "not protected", "b.klp");
	machine_remove(&m, "source/b.klp");
	update(2);
	ck_assert_int_eq(machine_run(&m, "update", "--source", "/nonexistent", NULL), 2);
	status_is(0, "protected", "all");
	ck_assert_int_eq(machine_run(&m, "update", "--source", "/nonexistent", "--set", "offline=0", NULL), 101);
	status_is(101, "unknown", "/nonexistent");
	/* Taken out behind its back: known at once, from the kernel. */
	update(2);
	machine_remove(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state");
	status_is(6, "not protected", "gone: reverted by somebody else");
}
END_TEST

/* In the kernel, unknown to klp-update. */
/* The lines of status, their folds taken back into one space.  None is longer than the screen, but for a single word. */
static const char *unfolded(void)
{
	static char text[65536];
	size_t len = 0;

	for (char *line = strtok(m.out, "\n"); line; line = strtok(NULL, "\n")) {
		size_t margin = strspn(line, " ");
		size_t columns = 0;

		for (const char *s = line; *s; s++)
			columns += (*s & 0xc0) != 0x80;
		ck_assert_msg(line[margin] < '0' || line[margin] > '9' || line[margin + 2] != ':', "a time without its date: %s", line);
		ck_assert_msg(columns <= 80 || !strchr(line + margin, ' '), "%zu columns: %s", columns, line);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", margin ? " " : "\n", line + margin);
	}
	return text;
}

/* What a person typed in another locale, and what was cut within a character, are told all the same. */
START_TEST(texts_of_any_bytes)
{
	char reason[301] = "x";

	for (size_t i = 1; i + 2 < sizeof(reason); i += 2)
		memcpy(reason + i, "\xc3\xa9", 3);
	for (int i = 0; i < 2; i++) {
		machine_offer(&m, "a.klp", 3, m.key);
		ck_assert_int_eq(machine_run(&m, "hold", NAME, "--reason", i ? reason : "caf\xe9", NULL), 0);
		update(5);
		status_is(5, "not protected", "it is held");
		ck_assert_int_eq(machine_run(&m, "history", NULL), 0);
		ck_assert(happened("held"));
		ck_assert_int_eq(machine_run(&m, "update", "--json", NULL), 5);
		json_decref(machine_json(&m));
	}
	ck_assert_int_eq(machine_run(&m, "--json", "b\xe9", NULL), 64);
	json_decref(machine_json(&m));
}
END_TEST

/* Who can open the database can lock it. */
START_TEST(the_state_is_roots_from_the_first_command_on)
{
	char *folder = fixture_path(m.root, "var/lib/quietpatch");
	struct stat st;

	umask(022);
	ck_assert_int_eq(machine_run(&m, "hold", NULL), 0);
	ck_assert_int_eq(stat(folder, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	free(folder);
}
END_TEST

/* An unset variable of a script isn't everybody's hold. */
START_TEST(an_empty_name_is_none)
{
	ck_assert_int_eq(machine_run(&m, "hold", "", NULL), 64);
	ck_assert_int_eq(machine_run(&m, "hold", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "unhold", "", NULL), 64);
	machine_offer(&m, "a.klp", 3, m.key);
	update(5);
}
END_TEST

START_TEST(check_tells_what_update_would_do)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "disable", NULL), 0);
	machine_expect(&m, 5, "check");
	ck_assert_ptr_nonnull(strstr(m.out, "disabled"));
	ck_assert_ptr_null(strstr(m.out, "available"));
	ck_assert_int_eq(machine_run(&m, "enable", NULL), 0);
	machine_expect(&m, 0, "check");
	update(0);
	machine_expect(&m, 2, "check");
	machine_reboot(&m);
	machine_expect(&m, 0, "check");
	ck_assert_msg(!strcmp(m.out, "available  " NAME " 3: to be applied again\n"), "%s", m.out);
	ck_assert_int_eq(machine_run(&m, "hold", NAME, "--reason", "not now", NULL), 0);
	machine_expect(&m, 5, "check");
	ck_assert_msg(!strcmp(m.out, "held       " NAME " 3: not now\n"), "%s", m.out);
}
END_TEST

START_TEST(status_is_a_screen_wide)
{
	char word[101], reason[512];
	const char *all;

	memset(word, 'w', 100);
	word[100] = '\0';
	/* Where 80 columns end is drawn nearer by each of these, so that dates, long and short words come to lie there. */
	for (int i = 1; i < 30; i++) {
		machine_offer(&m, "a.klp", 3, m.key);
		snprintf(reason, sizeof(reason), "%.*s until the frîends of the freeze öf the year have all come home, and %s is over", i, word, word);
		ck_assert_int_eq(machine_run(&m, "hold", "--reason", reason, "--until", "2031-05-06 07:08", NULL), 0);
		update(5);
		ck_assert_int_eq(machine_run(&m, "status", NULL), 5);
		all = unfolded();
		ck_assert_msg(strstr(all, reason), "%s", all);
		ck_assert_ptr_nonnull(strstr(all, "until 2031-05-06 07:08:00"));
		ck_assert_int_eq(machine_run(&m, "unhold", NULL), 0);
	}
}
END_TEST

START_TEST(status_lists_foreign_patches)
{
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_other/state", "applied\n");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_other/name", "other\n");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_other/release", "7\n");
	update(2);
	ck_assert_str_eq(state("now"), "applied, by somebody else than klp-update");
	ck_assert_str_eq(state("name"), "other");
}
END_TEST

START_TEST(retry)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(machine_run(&m, "retry", "--all", NULL), 2);
	ck_assert_int_eq(machine_run(&m, "retry", NAME, NULL), 3);
	ck_assert_int_eq(machine_run(&m, "retry", NULL), 64);
	machine_loader(&m, 7, NULL);
	update(7);
	machine_loader(&m, 0, NULL);
	update(7);
	ck_assert_int_eq(machine_run(&m, "retry", "nosuch", NULL), 3);
	ck_assert_int_eq(machine_run(&m, "retry", NAME, NULL), 0);
	update(0);
	ck_assert_int_eq(machine_run(&m, "retry", NAME, NULL), 2);
	/* What an operator took out can be given back, even without the source. */
	machine_remove(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state");
	update(5);
	machine_remove(&m, "source/a.klp");
	ck_assert_int_eq(machine_run(&m, "retry", "--all", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 0);
	ck_assert(machine_is_applied(&m));
	ck_assert(happened("retry"));
}
END_TEST

/* Its kept bundle is lost: fetched again from the source. */
START_TEST(lost_bundle_is_fetched_again)
{
	char *path = fixture_path(m.root, "var/lib/quietpatch/bundles"), *command;

	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	machine_reboot(&m);
	ck_assert(asprintf(&command, "rm %s/*.klp", path) > 0);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 1);
	machine_run(&m, "update", NULL);
	update(2);
	ck_assert(machine_is_applied(&m));
	ck_assert_str_eq(state("state"), "good");
	free(command);
	free(path);
}
END_TEST

START_TEST(klp_apply_that_doesnt_trust_it_has_the_last_word)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_loader(&m, 4, NULL);
	update(4);
	ck_assert_str_eq(state("state"), "failed");
	update(4);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

START_TEST(klp_apply_is_missing)
{
	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert_int_eq(unlink(m.loader), 0);
	for (int i = 0; i < 4; i++) {
		update(1);
		ck_assert_str_eq(state("state"), "fetched");
	}
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "var/lib/quietpatch/state.db"), "SQLite"));
}
END_TEST

START_TEST(taken_out_by_hand_stays_out)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	machine_remove(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state");
	ck_assert_str_eq(state("now"), "gone: reverted by somebody else");
	/* Their hold, and each run says so. */
	update(5);
	update(5);
	ck_assert_ptr_nonnull(strstr(m.out, "held: it was taken out by hand"));
	ck_assert_int_eq(machine_run(&m, "status", NULL), 5);
	ck_assert_str_eq(state("state"), "reverted");
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

/* The word is for a machine that doesn't come up with its patches: nothing may get round it. */
START_TEST(disabled_on_the_command_line)
{
	static const char *const yes[] = { "ro klp.disable quiet\n", "klp.disable\n", "ro klp.disable=1\n" };
	static const char *const no[] = { "ro quiet\n", "ro klp.disabled xklp.disable\n", "ro klp.disable=0\n" };

	machine_offer(&m, "a.klp", 3, m.key);
	for (size_t i = 0; i < 3; i++) {
		machine_put(&m, "proc/cmdline", yes[i]);
		update(5);
		ck_assert_ptr_nonnull(strstr(m.out, "klp.disable on the kernel command line"));
		ck_assert_int_eq(machine_run(&m, "status", NULL), 5);
		ck_assert_ptr_nonnull(strstr(m.out, "not protected: disabled by klp.disable"));
	}
	ck_assert(happened("disabled"));
	machine_remove(&m, "proc/cmdline");
	update(1);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	for (size_t i = 0; i < 3; i++) {
		machine_put(&m, "proc/cmdline", no[i]);
		update(i ? 2 : 0);
	}
	/* What was good, too. */
	machine_reboot(&m);
	machine_put(&m, "proc/cmdline", yes[0]);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 5);
	update(5);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	machine_reboot(&m);
	machine_put(&m, "proc/cmdline", no[0]);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 0);
	ck_assert(machine_is_applied(&m));
}
END_TEST

START_TEST(disable_and_enable)
{
	machine_offer(&m, "a.klp", 3, m.key);
	update(0);
	machine_reboot(&m);
	ck_assert_int_eq(machine_run(&m, "disable", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 5);
	update(5);
	ck_assert_ptr_nonnull(strstr(m.out, "klp-update enable"));
	ck_assert(!machine_is_applied(&m));
	/* The word on the command line outlives the file. */
	machine_put(&m, "proc/cmdline", "klp.disable\n");
	ck_assert_int_eq(machine_run(&m, "enable", NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.out, "from the next boot on"));
	update(5);
	machine_put(&m, "proc/cmdline", "ro\n");
	ck_assert_int_eq(machine_run(&m, "boot", NULL), 0);
	ck_assert(machine_is_applied(&m));
	ck_assert_int_eq(machine_run(&m, "enable", NULL), 0);
}
END_TEST

START_TEST(one_run_at_a_time)
{
	char *path = fixture_path(m.root, "var/lib/quietpatch/lock");
	FILE *f;

	update(2);
	f = fopen(path, "r+");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(flock(fileno(f), LOCK_EX), 0);
	update(6);
	ck_assert_int_eq(machine_run(&m, "status", NULL), 0);
	fclose(f);
	update(2);
	free(path);
}
END_TEST

/* At a boot it waits for minutes; whoever shuts the machine down, or removes the package, doesn't. */
START_TEST(told_to_stop_while_it_waits)
{
	char *path = fixture_path(m.root, "var/lib/quietpatch/lock");
	time_t before;
	FILE *f;

	update(2);
	f = fopen(path, "r+");
	ck_assert_int_eq(flock(fileno(f), LOCK_EX), 0);
	before = time(NULL);
	m.stop_ms = 300;
	machine_expect(&m, 6, "boot");
	m.stop_ms = 0;
	ck_assert_int_lt(time(NULL) - before, 20);
	ck_assert_msg(strstr(m.err, "was told to stop"), "%s", m.err);
	fclose(f);
	update(2);
	free(path);
}
END_TEST

/* `klp-update update | head -1`: who reads leaves, and the run goes on to its end. */
START_TEST(nobody_reads_what_it_tells)
{
	char *bin = fixture_built("bin/klp-update"), *command;

	machine_offer(&m, "a.klp", 3, m.key);
	ck_assert(asprintf(&command, "(sleep 0.3; %s --root %s --set watch=0 --set loader=%s --source %s update; echo $? > %s/ended) | true",
			   bin, m.root, m.loader, m.source, m.root) > 0);
	ck_assert_int_eq(system(command), 0);
	ck_assert_str_eq(machine_get(&m, "ended"), "1\n");
	ck_assert_str_eq(state("state"), "good");
	free(command);
	free(bin);
}
END_TEST

START_TEST(settings_shout)
{
	machine_put(&m, "etc/quietpatch/update.conf", "# fine\nwatch = 1\nsourse = /x\n");
	update(1);
	ck_assert_ptr_nonnull(strstr(m.err, "update.conf:3: unknown setting \"sourse\""));
	machine_put(&m, "etc/quietpatch/update.conf", "watch = soon\n");
	update(1);
	ck_assert_ptr_nonnull(strstr(m.err, "update.conf:1: watch = soon: it must be seconds"));
	machine_put(&m, "etc/quietpatch/update.conf", "keys = relative\n");
	update(1);
	machine_put(&m, "etc/quietpatch/update.conf", "apply = maybe\n");
	update(1);
	machine_put(&m, "etc/quietpatch/update.conf", "just words\n");
	update(1);
	machine_put(&m, "etc/quietpatch/update.conf", "timeout = 77 # seconds\n");
	update(2);
	ck_assert_int_eq(machine_run(&m, "config", NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.out, "timeout = 77\n"));
}
END_TEST

START_TEST(usage)
{
	ck_assert_int_eq(machine_run(&m, NULL), 64);
	ck_assert_int_eq(machine_run(&m, "updaet", NULL), 64);
	ck_assert_int_eq(machine_run(&m, "update", "now", NULL), 64);
	ck_assert_int_eq(machine_run(&m, "update", "--frobnicate", NULL), 64);
	ck_assert_int_eq(machine_run(&m, "--help", NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.out, "unhold"));
}
END_TEST

START_TEST(mistakes_are_named)
{
	ck_assert_int_eq(machine_run(&m, "update", "--frobnicate", NULL), 64);
	ck_assert_msg(strstr(m.err, "unknown option --frobnicate"), "%s", m.err);
	ck_assert_int_eq(machine_run(&m, "hold", "nosuch-patch", NULL), 0);
	ck_assert_msg(strstr(m.err, "no patch nosuch-patch is known here"), "%s", m.err);
	ck_assert_int_eq(machine_run(&m, "hold", NULL), 0);
	ck_assert_msg(!*m.err, "%s", m.err);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "list", "--frobnicate", NULL), 64);
	ck_assert_msg(strstr(m.err, "unknown option --frobnicate"), "%s", m.err);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "keygen", NULL), 64);
	ck_assert_msg(strstr(m.err, "usage: klp-repo keygen KEY.pem"), "%s", m.err);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", "/nonexistent", "x.klp", NULL), 3);
	ck_assert_msg(strstr(m.err, "--keys /nonexistent: No such file"), "%s", m.err);
	ck_assert_int_eq(machine_tool(&m, "klp-apply", "load", "--json", "--bogus", NULL), 64);
	ck_assert_msg(strstr(m.out, "\"error\": \"unknown option --bogus"), "%s%s", m.out, m.err);
	ck_assert_msg(!*m.err, "%s", m.err);
	ck_assert_int_eq(machine_run(&m, "update", "--bogus", "--json", NULL), 64);
	ck_assert_msg(strstr(m.out, "\"error\": \"unknown option --bogus"), "%s%s", m.out, m.err);
	ck_assert_int_eq(machine_run(&m, "hold", "--json", "--until", "yesterday", NULL), 64);
	ck_assert_msg(strstr(m.out, "\"exit\": 64"), "%s%s", m.out, m.err);
}
END_TEST

START_TEST(status_before_the_first_run)
{
	ck_assert_int_eq(machine_run(&m, "status", NULL), 3);
	ck_assert_ptr_nonnull(strstr(m.out, "last look: never"));
	ck_assert_int_eq(machine_run(&m, "history", NULL), 0);
	ck_assert_int_ne(access(m.source, F_OK), -1);
}
END_TEST

START_TEST(doctor)
{
	machine_put(&m, "sys/kernel/quietpatch/phase", "idle\n");
	ck_assert_msg(!machine_run(&m, "doctor", NULL), "%s", m.out);
	machine_remove(&m, "etc/quietpatch/keys/test.pub");
	ck_assert_int_eq(machine_run(&m, "doctor", NULL), 1);
	ck_assert_ptr_nonnull(strstr(m.out, "BAD  keys"));
	machine_put(&m, "var/lib/quietpatch/state.db", "this is not a database, but it is long enough");
	ck_assert_int_eq(machine_run(&m, "doctor", NULL), 1);
	ck_assert_ptr_nonnull(strstr(m.out, "BAD  state"));
	/* Its remedy helps, and loses nothing. */
	ck_assert_ptr_nonnull(strstr(m.out, "what to do: klp-update update;"));
	machine_run(&m, "update", NULL);
	machine_run(&m, "doctor", NULL);
	ck_assert_ptr_nonnull(strstr(m.out, "ok   state"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("update");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_to_do);
	tcase_add_test(tc, new_patch_is_applied_once);
	tcase_add_test(tc, for_another_kernel);
	tcase_add_test(tc, unsigned_foreign_and_altered);
	tcase_add_test(tc, bad_file_doesnt_hold_up_a_good_one);
	tcase_add_test(tc, nobody_is_trusted);
	tcase_add_test(tc, releases_never_go_back);
	tcase_add_test(tc, later_release_takes_over);
	tcase_add_test(tc, failed_takeover_restores);
	tcase_add_test(tc, hold_everything);
	tcase_add_test(tc, hold_one_patch_with_an_end);
	tcase_add_test(tc, apply_no_only_looks);
	tcase_add_test(tc, killed_in_this_boot);
	tcase_add_test(tc, klp_apply_is_killed_at_its_end);
	tcase_add_test(tc, killed_before_it_was_in);
	tcase_add_test(tc, good_is_applied_again_after_a_reboot);
	tcase_add_test(tc, reboot_under_hold);
	tcase_add_test(tc, passing_trouble_is_tried_again);
	tcase_add_test(tc, status_says_whether_it_is_protected);
	tcase_add_test(tc, texts_of_any_bytes);
	tcase_add_test(tc, the_state_is_roots_from_the_first_command_on);
	tcase_add_test(tc, an_empty_name_is_none);
	tcase_add_test(tc, check_tells_what_update_would_do);
	tcase_add_test(tc, status_is_a_screen_wide);
	tcase_add_test(tc, status_lists_foreign_patches);
	tcase_add_test(tc, retry);
	tcase_add_test(tc, lost_bundle_is_fetched_again);
	tcase_add_test(tc, klp_apply_that_doesnt_trust_it_has_the_last_word);
	tcase_add_test(tc, klp_apply_is_missing);
	tcase_add_test(tc, taken_out_by_hand_stays_out);
	tcase_add_test(tc, disabled_on_the_command_line);
	tcase_add_test(tc, disable_and_enable);
	tcase_add_test(tc, one_run_at_a_time);
	tcase_add_test(tc, told_to_stop_while_it_waits);
	tcase_add_test(tc, nobody_reads_what_it_tells);
	tcase_add_test(tc, settings_shout);
	tcase_add_test(tc, usage);
	tcase_add_test(tc, mistakes_are_named);
	tcase_add_test(tc, status_before_the_first_run);
	tcase_add_test(tc, doctor);
	return fixture_run("update", tc);
}
