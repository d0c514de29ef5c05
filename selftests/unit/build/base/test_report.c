// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_report.c - what a build says: progress on a terminal and in a log,
 * refusals, and the same as JSON.
 */
#include <check.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/report.h"
#include "base/report_data.h"
#include "cli/cmd.h"
#include "cli/report_print.h"
#include "err.h"
#include "fixture.h"

static struct report *r;
static FILE *out;
static char *text;
static size_t len, seen;
static int master = -1;

static void setup(void)
{
	out = open_memstream(&text, &len);
	r = report_new(false, false, out);
	ck_assert_ptr_nonnull(r);
}

static void teardown(void)
{
	report_free(r);
	fclose(out);
	free(text);
}

/* All that was said since the last call. */
static const char *said(void)
{
	static char copy[4096];
	ssize_t n;

	fflush(out);
	if (master >= 0) {
		n = read(master, copy, sizeof(copy) - 1);
		copy[n > 0 ? n : 0] = '\0';
	} else {
		snprintf(copy, sizeof(copy), "%s", text + seen);
		seen = len;
	}
	return copy;
}

/* From here on the report goes to a terminal. */
static void on_a_terminal(void)
{
	int slave;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	ck_assert_int_eq(fcntl(master, F_SETFL, O_NONBLOCK), 0);
	report_free(r);
	fclose(out);
	free(text);
	text = NULL;
	out = fdopen(slave, "w");
	r = report_new(false, false, out);
}

/* The same, without the hundredths of a stage's seconds: the machine may be slow. */
static const char *said_of_stage(void)
{
	char *s = (char *)said(), *dot = strchr(s, '.');

	if (dot)
		memcpy(dot, ".xx", 3);
	return s;
}

/* The stage has run for so long. */
static void stage(double seconds)
{
	report_stage(r, "compile");
	r->stage_started -= seconds;
}

START_TEST(progress_in_a_log)
{
	stage(3);
	report_progress(r, 3, 12, "net/x.c");
	ck_assert_str_eq(said(), "  compile        3 of 12, 9 s left  net/x.c\n");
	report_progress(r, 4, 12, "net/y.c");
	ck_assert_str_eq(said(), "");
	r->progress_at -= 6;
	report_progress(r, 12, 12, "net/y.c");
	ck_assert_str_eq(said(), "  compile        12 of 12  net/y.c\n");
	report_stage_end(r, "%d of %d differ", 1, 12);
	ck_assert_str_eq(said_of_stage(), "  compile          3.xx s  1 of 12 differ\n");
}
END_TEST

START_TEST(a_long_stage_doesnt_fill_the_log)
{
	stage(400);
	report_progress(r, 3, 12, "net/x.c");
	ck_assert_str_ne(said(), "");
	r->progress_at -= 60;
	report_progress(r, 4, 12, "net/x.c");
	ck_assert_str_eq(said(), "");
	r->progress_at -= 60;
	report_progress(r, 5, 12, "net/x.c");
	ck_assert_str_eq(said(), "  compile        5 of 12, 9 min left  net/x.c\n");
}
END_TEST

START_TEST(nothing_before_two_seconds)
{
	stage(1.5);
	report_progress(r, 3, 12, "net/x.c");
	ck_assert_str_eq(said(), "");
}
END_TEST

START_TEST(minutes_and_parts)
{
	stage(9);
	report_progress_part(r, 20, 1000);
	report_progress(r, 5, 64, "net/x.c");
	ck_assert_str_eq(said(), "  compile        25 of 1000, 6 min left  net/x.c\n");
	/* The next stage counts for itself. */
	stage(10);
	r->progress_at -= 6;
	report_progress(r, 1, 2, NULL);
	ck_assert_str_eq(said(), "  compile        1 of 2, 10 s left  \n");
}
END_TEST

/* A second begins with half of it there: that half says nothing of how fast it goes. */
START_TEST(bytes_of_downloads)
{
	stage(100);
	report_bytes_begin(r, 0);
	report_bytes(r, 0, 40 << 20, "linux-source-6.1");
	ck_assert_str_eq(said(), "");
	r->bytes_started -= 10;
	report_bytes(r, 10 << 20, 40 << 20, "linux-source-6.1");
	ck_assert_str_eq(said(), "  compile        10.0 of 40.0 MiB, 30 s left  linux-source-6.1\n");
	report_bytes_begin(r, 20 << 20);
	r->bytes_started -= 10;
	r->progress_at -= 60;
	report_bytes(r, 20 << 20, 40 << 20, "linux-source-6.1");
	ck_assert_str_eq(said(), "  compile        20.0 of 40.0 MiB  linux-source-6.1\n");
	r->progress_at -= 60;
	report_bytes(r, 21 << 20, 40 << 20, "linux-source-6.1");
	ck_assert_str_eq(said(), "  compile        21.0 of 40.0 MiB, 3 min left  linux-source-6.1\n");
	r->progress_at -= 60;
	report_bytes(r, (21 << 20) + (1 << 19), 0, "linux-source-6.1");
	ck_assert_str_eq(said(), "  compile        21.5 MiB  linux-source-6.1\n");
}
END_TEST

START_TEST(progress_on_a_terminal)
{
	on_a_terminal();
	stage(3);
	ck_assert_str_eq(said(), "\r\033[K  compile        ...");
	report_progress(r, 3, 12, "net/x.c");
	ck_assert_str_eq(said(), "\r\033[K  compile        3 of 12, 9 s left  net/x.c");
	r->progress_at -= 0.3;
	report_progress(r, 6, 12, "net/y.c");
	ck_assert_str_eq(said(), "\r\033[K  compile        6 of 12, 3 s left  net/y.c");
	report_stage_end(r, "done");
	ck_assert_str_eq(said_of_stage(), "\r\033[K  compile          3.xx s  done\r\n");
	stage(3);
	said();
	r->verbose = true;
	report_verbose(r, "gcc");
	ck_assert_str_eq(said(), "\r\033[K    gcc\r\n");
}
END_TEST

START_TEST(json_on_stdout_has_no_text_around)
{
	report_free(r);
	r = report_new(true, true, out);
	stage(3);
	report_progress(r, 3, 12, "net/x.c");
	report_verbose(r, "gcc");
	report_stage_end(r, "done");
	report_print_functions(r, true);
	ck_assert_str_eq(said(), "");
}
END_TEST

START_TEST(commands_only_with_v)
{
	report_verbose(r, "gcc");
	ck_assert_str_eq(said(), "");
	r->verbose = true;
	report_verbose(r, "gcc %d", 1);
	ck_assert_str_eq(said(), "    gcc 1\n");
}
END_TEST

/* ---- refusals ---- */

/* What @print writes to stderr. */
static const char *errors(void)
{
	static char copy[2048];
	FILE *tmp = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t n;

	fflush(stderr);
	dup2(fileno(tmp), STDERR_FILENO);
	report_print_refusals(r);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(tmp);
	n = fread(copy, 1, sizeof(copy) - 1, tmp);
	copy[n] = '\0';
	fclose(tmp);
	return copy;
}

START_TEST(a_refusal_is_complete)
{
	report_refuse(r, REFUSE_INIT, "f", "a/x.c", 7, "restart", "it is %s", "__init");
	ck_assert_str_eq(errors(), "klp-build: cannot patch f (a/x.c:7): it is __init\n"
				   "  remedy: restart\n"
				   "  see klp-build(1), \"Refusals\", init\n");
}
END_TEST

START_TEST(refusals_of_files_and_equal_ones)
{
	report_refuse(r, REFUSE_BUILD, NULL, "a/Makefile", 0, NULL, "it decides");
	report_refuse(r, REFUSE_BUILD, NULL, "a/Makefile", 0, NULL, "it decides");
	ck_assert_uint_eq(report_nr_refusals(r), 1);
	ck_assert_str_eq(errors(), "klp-build: cannot patch a/Makefile: it decides\n"
				   "  see klp-build(1), \"Refusals\", build-input\n");
	report_refuse(r, REFUSE_BUILD, NULL, "b/Makefile", 0, NULL, "it decides");
	ck_assert_uint_eq(report_nr_refusals(r), 2);
}
END_TEST

START_TEST(every_reason_has_a_name_of_its_own)
{
	for (int i = 0; i < NR_REFUSALS; i++) {
		ck_assert_ptr_nonnull(report_reason_name(i));
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(report_reason_name(i), report_reason_name(k));
	}
	ck_assert_str_eq(report_reason_name(NR_REFUSALS), "other");
}
END_TEST

START_TEST(the_same_as_json)
{
	char *folder = fixture_folder(), *path = fixture_path(folder, "r.json");
	struct klp_err err = { 0 };
	const char *reason, *remedy, *outcome, *name, *warning, *stage_name;
	json_t *j, *file;
	int line;

	stage(1);
	report_stage_end(r, "x");
	report_function(r, "vmlinux", "f", "a/x.c", 7, 10, 12, "bytes");
	report_refuse(r, REFUSE_DATA, "v", NULL, 0, "a callback", "it changed");
	report_warn(r, "careful");
	ck_assert_msg(!report_write_json(r, path, "refused", NULL, &err), "%s", err.text);
	j = json_load_file(path, 0, NULL);
	ck_assert_ptr_nonnull(j);
	ck_assert_int_eq(json_unpack(j, "{s:s, s:[{s:s,s:s,s:o}], s:[{s:s,s:i}], s:[s], s:[{s:s}]}", "outcome",
				     &outcome, "refusals", "reason", &reason, "remedy", &remedy, "file", &file,
				     "functions", "name", &name, "line", &line, "warnings", &warning, "stages",
				     "name", &stage_name), 0);
	ck_assert_str_eq(outcome, "refused");
	ck_assert_str_eq(reason, "data");
	ck_assert_str_eq(remedy, "a callback");
	ck_assert(json_is_null(file));
	ck_assert_str_eq(name, "f");
	ck_assert_int_eq(line, 7);
	ck_assert_str_eq(warning, "careful");
	ck_assert_str_eq(stage_name, "compile");
	json_decref(j);
	free(path);
	fixture_remove(folder);
}
END_TEST

START_TEST(functions_as_a_table)
{
	report_function(r, "vmlinux", "f", "a/x.c", 7, 10, 12, "bytes");
	report_function(r, "m", "g", "a/y.c", 0, 1, 2, NULL);
	report_print_functions(r, true);
	ck_assert_str_eq(said(), "  vmlinux:f (a/x.c:7)  10 -> 12 bytes, proven: bytes\n"
				 "  m:g (a/y.c)  1 -> 2 bytes\n");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("report");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, progress_in_a_log);
	tcase_add_test(tc, a_long_stage_doesnt_fill_the_log);
	tcase_add_test(tc, nothing_before_two_seconds);
	tcase_add_test(tc, minutes_and_parts);
	tcase_add_test(tc, bytes_of_downloads);
	tcase_add_test(tc, progress_on_a_terminal);
	tcase_add_test(tc, json_on_stdout_has_no_text_around);
	tcase_add_test(tc, commands_only_with_v);
	tcase_add_test(tc, a_refusal_is_complete);
	tcase_add_test(tc, refusals_of_files_and_equal_ones);
	tcase_add_test(tc, every_reason_has_a_name_of_its_own);
	tcase_add_test(tc, the_same_as_json);
	tcase_add_test(tc, functions_as_a_table);
	return fixture_run("report", tc);
}
