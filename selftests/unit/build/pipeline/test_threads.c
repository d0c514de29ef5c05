// SPDX-License-Identifier: GPL-2.0-or-later
/* test_threads.c - main functions of kernel threads are told from others by the source. */
#include <check.h>
#include <string.h>

#include "base/report_data.h"
#include "fixture.h"
#include "pipeline/threads.h"
#include "treefix.h"

static struct treefix f;

static void setup(void)
{
	tree_setup(&f);
}

static void teardown(void)
{
	tree_teardown(&f);
}

static uint32_t line;

static const char *by(const char *text)
{
	line = 0;
	return threads_starter(text, strlen(text), "loop", &line);
}

START_TEST(what_starts_a_thread)
{
	ck_assert_str_eq(by("int f(void)\n{\n\tt = kthread_run(loop, NULL, \"x\");\n}\n"), "kthread_run");
	ck_assert_uint_eq(line, 3);
	ck_assert_str_eq(by("kthread_create_on_node (&loop , d, 1, \"x\");"), "kthread_create_on_node");
	ck_assert_str_eq(by("kthread_run(\n\t/* never returns */\n\tother, 0);\nkthread_create(\n\tloop,\n\t0);"),
			 "kthread_create");
	ck_assert_uint_eq(line, 4);
	ck_assert_str_eq(by("create_io_thread(loop, data, -1)"), "create_io_thread");
}
END_TEST

START_TEST(what_does_not)
{
	ck_assert_ptr_null(by("INIT_WORK(&w, loop); timer_setup(&t, loop, 0);"));
	ck_assert_ptr_null(by("/* kthread_run(loop, 0) */ s = \"kthread_run(loop, 0)\";"));
	ck_assert_ptr_null(by("kthread_run(other, loop, \"loop\");"));
	ck_assert_ptr_null(by("kthread_run(ops->loop, 0); kthread_run(loop2, 0); kthread_run(loop(1), 0);"));
	ck_assert_ptr_null(by("my_kthread_run(loop, 0); kthread_run_loop, loop,"));
	ck_assert_ptr_null(by("kthread_run"));
	ck_assert_ptr_null(by("kthread_run("));
	ck_assert_ptr_null(by("kthread_run(loop"));
	ck_assert_ptr_null(by(""));
}
END_TEST

/* Of the replaced functions only the main one is told, and only if it is replaced. */
START_TEST(only_what_is_replaced)
{
	struct elf_symbol loop = { .name = "loop", .type = STT_FUNC }, step = { .name = "step", .type = STT_FUNC };
	struct diff_symbol list[] = {
		{ .orig = &loop, .patched = &loop, .has_fentry = true },
		{ .orig = &step, .patched = &step, .has_fentry = true, .change = CHANGE_CHANGED },
	};
	struct unit u = { .source = "a/x.c", .symbols = list, .nr_symbols = 2 };
	const char *says;

	tree_unit(&f, "a/x.c", "", "int loop(void *p);\nint g(void) { return kthread_run(loop, 0); }\n");
	tree_load(&f);
	f.b.units = &u;
	f.b.nr_units = 1;
	threads_check(&f.b);
	ck_assert_uint_eq(json_array_size(f.b.report->warnings), 0);
	list[0].change = CHANGE_CHANGED;
	threads_check(&f.b);
	ck_assert_uint_eq(json_array_size(f.b.report->warnings), 1);
	says = json_string_value(json_array_get(f.b.report->warnings, 0));
	ck_assert_ptr_nonnull(strstr(says, "loop is the main function of a kernel thread (kthread_run() at a/x.c:2)"));
	/* Where others would have to wait with it. */
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 0);
	f.b.of_update = true;
	threads_check(&f.b);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 1);
	ck_assert_uint_eq(json_array_size(f.b.report->warnings), 1);
	f.b.units = NULL;
	f.b.nr_units = 0;
}
END_TEST

/* What others can see may be started beside; a static of the same name is another one. */
START_TEST(in_a_file_beside)
{
	struct elf_symbol loop = { .name = "loop", .type = STT_FUNC, .bind = _i ? STB_LOCAL : STB_GLOBAL };
	struct diff_symbol d = { .orig = &loop, .patched = &loop, .has_fentry = true, .change = CHANGE_CHANGED };
	struct unit u = { .source = "a/x.c", .symbols = &d, .nr_symbols = 1 };

	tree_unit(&f, "a/x.c", "", "int loop(void *p) { return 0; }\n");
	tree_file(&f, "src/a/beside.c", "int loop(void *p);\n\nint g(void) { return kthread_run(loop, 0); }\n");
	tree_file(&f, "src/a/beside.txt", "kthread_run(loop, 0);\n");
	tree_load(&f);
	f.b.units = &u;
	f.b.nr_units = 1;
	threads_check(&f.b);
	ck_assert_uint_eq(json_array_size(f.b.report->warnings), _i ? 0 : 1);
	if (!_i)
		ck_assert_ptr_nonnull(strstr(json_string_value(json_array_get(f.b.report->warnings, 0)),
					     "kthread_run() at a/beside.c:3"));
	f.b.units = NULL;
	f.b.nr_units = 0;
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("threads");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_starts_a_thread);
	tcase_add_test(tc, what_does_not);
	tcase_add_test(tc, only_what_is_replaced);
	tcase_add_loop_test(tc, in_a_file_beside, 0, 2);
	return fixture_run("threads", tc);
}
