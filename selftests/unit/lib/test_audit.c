// SPDX-License-Identifier: GPL-2.0-or-later
/* test_audit.c - who did what: in the journal and in a file, and nobody's text begins a field or a line of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "audit.h"
#include "err.h"
#include "exits.h"
#include "fixture.h"
#include "io.h"
#include "jsonstr.h"

static char *folder;
static struct klp_err err;

static void setup(void)
{
	folder = fixture_folder();
}

static void teardown(void)
{
	fixture_remove(folder);
}

static json_t *entry_of(const char *what, int status, const char *why)
{
	char *words[] = { (char *)what };
	json_t *e = audit_entry("klp-apply", "load", words, 1, status, why);

	ck_assert_ptr_nonnull(e);
	return e;
}

START_TEST(an_entry_says_who_what_when_and_why)
{
	json_t *e = entry_of("a.klp", EXIT_TRUST, "signed by\nnobody\x1b[2J");
	char comm[64];
	FILE *f;

	ck_assert_int_eq(json_integer_value(json_object_get(e, "user")), getuid());
	ck_assert_str_eq(str(e, "command"), "load");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(e, "what"), 0)), "a.klp");
	ck_assert_str_eq(str(e, "outcome"), "refused");
	ck_assert_int_eq(json_integer_value(json_object_get(e, "exit")), EXIT_TRUST);
	ck_assert_str_eq(str(e, "why"), "signed by\\x0anobody\\x1b[2J");
	ck_assert_int_gt(json_integer_value(json_object_get(e, "at")), 1700000000);
	snprintf(comm, sizeof(comm), "/proc/%d/comm", (int)getppid());
	f = fopen(comm, "r");
	ck_assert_ptr_nonnull(fgets(comm, sizeof(comm), f));
	fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	ck_assert_str_eq(str(e, "by"), comm);
	json_decref(e);
}
END_TEST

START_TEST(outcomes)
{
	static const struct { int status; const char *word; } list[] = {
		{ EXIT_DONE, "done" }, { EXIT_NOTHING, "nothing" }, { EXIT_TRUST, "refused" }, { EXIT_HELD, "refused" },
		{ EXIT_FAILED, "failed" }, { EXIT_ROLLED_BACK, "failed" }, { EXIT_PENDING, "failed" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		json_t *e = entry_of("a", list[i].status, "");

		ck_assert_str_eq(str(e, "outcome"), list[i].word);
		json_decref(e);
	}
}
END_TEST

static size_t lines(json_t **all)
{
	ck_assert_msg(!audit_read(folder, all, &err), "%s", err.text);
	return json_array_size(*all);
}

START_TEST(the_file_keeps_them)
{
	char *path = fixture_path(folder, AUDIT_FILE);
	json_t *e, *all;
	struct stat st;
	FILE *f;

	ck_assert_uint_eq(lines(&all), 0);
	json_decref(all);
	for (int i = 0; i < 3; i++) {
		e = entry_of(i ? "b" : "a", i, "x\ny");
		ck_assert_msg(!audit_append(folder, e, &err), "%s", err.text);
		json_decref(e);
	}
	/* A crash cut the last line off; what comes next isn't lost with it. */
	f = fopen(path, "a");
	fputs("{\"at\": 1, \"comm", f);
	fclose(f);
	e = entry_of("c", 0, "");
	ck_assert_int_eq(audit_append(folder, e, &err), 0);
	json_decref(e);
	ck_assert_uint_eq(lines(&all), 4);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(json_array_get(all, 3), "what"), 0)), "c");
	json_decref(all);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	/* It doesn't grow without end. */
	ck_assert_int_eq(truncate(path, 1 << 20), 0);
	e = entry_of("d", 0, "");
	ck_assert_int_eq(audit_append(folder, e, &err), 0);
	json_decref(e);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_lt(st.st_size, 4096);
	/* Somebody's link isn't written through. */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	e = entry_of("e", 0, "");
	ck_assert_int_lt(audit_append(folder, e, &err), 0);
	json_decref(e);
	free(path);
}
END_TEST

/* A disk that lost power may hold zeros where an entry was to be. */
START_TEST(zeros_hide_nothing_that_comes_after_them)
{
	char *path = fixture_path(folder, AUDIT_FILE);
	json_t *e, *all;

	for (int i = 0; i < 3; i++) {
		e = entry_of(i ? "b" : "a", 0, "");
		ck_assert_int_eq(audit_append(folder, e, &err), 0);
		json_decref(e);
		if (!i)
			ck_assert_int_eq(truncate(path, 2000), 0);
	}
	ck_assert_uint_eq(lines(&all), 3);
	json_decref(all);
	free(path);
}
END_TEST

START_TEST(what_is_no_file_is_neither_waited_for_nor_followed)
{
	char *path = fixture_path(folder, AUDIT_FILE), *other = fixture_path(folder, "other"), *link_ = fixture_path(folder, "link"), *inside;
	json_t *e = entry_of("a", 0, ""), *all;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	alarm(20);
	ck_assert_int_lt(audit_append(folder, e, &err), 0);
	ck_assert_uint_eq(lines(&all), 0);
	alarm(0);
	json_decref(all);
	ck_assert(!mkdir(other, 0700) && !symlink("other", link_));
	ck_assert_int_lt(audit_append(link_, e, &err), 0);
	ck_assert_int_lt(audit_read(link_, &all, &err), 0);
	inside = fixture_path(other, AUDIT_FILE);
	ck_assert_int_ne(access(inside, F_OK), 0);
	free(inside);
	json_decref(e);
	free(link_);
	free(other);
	free(path);
}
END_TEST

START_TEST(the_journal_gets_them)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char *path = fixture_path(folder, "socket"), text[8192];
	json_t *e = entry_of("a.klp\nPRIORITY=0", EXIT_TRUST, "bad\nMESSAGE=good");
	ssize_t n;

	audit_journal(path, e, "d0", "n0");	/* there is none: nothing happens */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	audit_journal(path, e, "d0", "n0");
	n = recv(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "MESSAGE_ID=n0\nPRIORITY=4\nSYSLOG_IDENTIFIER=klp-apply\nQUIETPATCH_COMMAND=load\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nQUIETPATCH_OUTCOME=refused\nQUIETPATCH_EXIT=4\n"));
	ck_assert_ptr_null(strstr(text, "\nPRIORITY=0"));
	ck_assert_ptr_null(strstr(text, "\nMESSAGE=good"));
	json_decref(e);
	e = entry_of("a.klp", EXIT_DONE, "");
	audit_journal(path, e, "d0", "n0");
	n = recv(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "MESSAGE_ID=d0\nPRIORITY=5\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nMESSAGE=load a.klp: done\n"));
	json_decref(e);
	close(fd);
	free(path);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("audit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_entry_says_who_what_when_and_why);
	tcase_add_test(tc, outcomes);
	tcase_add_test(tc, the_file_keeps_them);
	tcase_add_test(tc, zeros_hide_nothing_that_comes_after_them);
	tcase_add_test(tc, what_is_no_file_is_neither_waited_for_nor_followed);
	tcase_add_test(tc, the_journal_gets_them);
	return fixture_run("audit", tc);
}
