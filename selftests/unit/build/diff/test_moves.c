// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes in one unit and comes in another: diff_moves.c on objects made in code, without debug information. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/report_data.h"
#include "base/text.h"
#include "diff/diff.h"
#include "elffix.h"
#include "fixture.h"

static const uint8_t code[16] = { 0x48, 0x89, 0xf8, 0xc3 };
static const uint8_t zeros[64], ones[64] = { 1, 1, 1, 1 };

static struct elf_out *o[2], *n[2];	/* original and patched of the two units */
static struct unit units[2];
static struct build b;
static struct strings allowed;

static void setup(void)
{
	memset(units, 0, sizeof(units));
	for (int i = 0; i < 2; i++) {
		o[i] = elf_out_new();
		n[i] = elf_out_new();
		elffix_function(o[i], i ? "g" : "f", STB_GLOBAL, true, code, sizeof(code));
		elffix_function(n[i], i ? "g" : "f", STB_GLOBAL, true, code, sizeof(code));
		units[i] = (struct unit){ .source = i ? "b.c" : "a.c", .object = "vmlinux" };
	}
	allowed = (struct strings){ 0 };
	b = (struct build){ .units = units, .nr_units = 2, .report = report_new(true, false, stdout),
			    .allow_data = &allowed };
}

static void teardown(void)
{
	report_free(b.report);
	strings_free(&allowed);
	for (int i = 0; i < 2; i++) {
		free(units[i].symbols);
		elf_close(units[i].orig);
		elf_close(units[i].patched);
	}
}

/* The number of refusals. */
static size_t compare(void)
{
	struct klp_err err = { 0 };

	for (int i = 0; i < 2; i++) {
		units[i].orig = elffix_finish(o[i]);
		units[i].patched = elffix_finish(n[i]);
		ck_assert_msg(!unit_diff(&units[i], b.report, &err), "%s", err.text);
	}
	ck_assert_msg(!units_moves(&b, &err), "%s", err.text);
	return report_nr_refusals(b.report);
}

static const struct diff_symbol *find(int unit, const char *name)
{
	for (size_t i = 0; i < units[unit].nr_symbols; i++) {
		const struct diff_symbol *d = &units[unit].symbols[i];

		if (!strcmp((d->orig ? d->orig : d->patched)->name, name))
			return d;
	}
	ck_abort_msg("%s isn't listed", name);
	return NULL;
}

START_TEST(global_function_that_moves_is_replaced)
{
	const struct unit *where;

	elffix_function(o[0], "h", STB_GLOBAL, true, code, sizeof(code));
	elffix_function(n[1], "h", STB_GLOBAL, true, code, sizeof(code));
	ck_assert_uint_eq(compare(), 0);
	ck_assert_ptr_eq(diff_successor(&units[0], find(0, "h"), &where), find(1, "h")->patched);
	ck_assert_ptr_eq(where, &units[1]);
	ck_assert_ptr_eq(diff_origin(&units[1], find(1, "h")->patched, &where), find(0, "h")->orig);
	ck_assert_ptr_eq(where, &units[0]);
}
END_TEST

START_TEST(static_functions_of_one_name_are_two)
{
	elffix_function(o[0], "h", STB_LOCAL, true, code, sizeof(code));
	elffix_function(n[1], "h", STB_LOCAL, true, code, sizeof(code));
	ck_assert_uint_eq(compare(), 0);
	ck_assert_ptr_null(find(0, "h")->moved);
}
END_TEST

START_TEST(without_a_site_it_cannot_move)
{
	elffix_function(o[0], "h", STB_GLOBAL, false, code, sizeof(code));
	elffix_function(n[1], "h", STB_GLOBAL, true, code, sizeof(code));
	ck_assert_uint_eq(compare(), 1);
}
END_TEST

START_TEST(functions_of_two_objects_are_two)
{
	units[1].object = "dummy";
	elffix_function(o[0], "h", STB_GLOBAL, true, code, sizeof(code));
	elffix_function(n[1], "h", STB_GLOBAL, true, code, sizeof(code));
	compare();
	ck_assert_ptr_null(find(0, "h")->moved);
}
END_TEST

START_TEST(global_variable_stays_where_it_is)
{
	elffix_data(o[0], ".data.v", "v", STB_GLOBAL, ones, 8);
	elffix_data(n[1], ".data.v", "v", STB_GLOBAL, ones, 8);
	ck_assert_uint_eq(compare(), 0);
	ck_assert_ptr_eq(find(1, "v")->moved, &units[0]);
}
END_TEST

START_TEST(with_another_value_it_is_refused)
{
	elffix_data(o[0], ".data.v", "v", STB_GLOBAL, ones, 8);
	elffix_data(n[1], ".data.v", "v", STB_GLOBAL, zeros, 8);
	ck_assert_uint_eq(compare(), 1);
}
END_TEST

/* Of one size, which is all that is known: in the same unit, in another; static or not. */
START_TEST(what_could_be_the_same_state_is_refused)
{
	elffix_data(o[0], ".data.v", "v", STB_LOCAL, ones, 8);
	elffix_data(n[_i], ".data.w", "w", _i ? STB_GLOBAL : STB_LOCAL, zeros, 8);
	ck_assert_uint_eq(compare(), 1);
}
END_TEST

START_TEST(what_cannot_be_is_not)
{
	elffix_data(o[0], ".data.v", "v", STB_LOCAL, ones, 8);
	elffix_data(n[0], ".data.w", "w", STB_LOCAL, ones, 16);
	elffix_data(n[1], ".rodata.c", "c", STB_LOCAL, ones, 8);
	ck_assert_uint_eq(compare(), 0);
}
END_TEST

START_TEST(what_the_author_allows_is_not)
{
	elffix_data(o[0], ".data.v.3", "v.3", STB_LOCAL, ones, 8);
	elffix_data(n[1], ".data.w", "w", STB_LOCAL, zeros, 8);
	strings_add(&allowed, "v");
	ck_assert_uint_eq(compare(), 0);
}
END_TEST

/* Who has a pointer to the old table goes on calling what it says. */
START_TEST(table_of_functions_cannot_move)
{
	struct elffix f = elffix_function(o[0], "op", STB_LOCAL, true, code, sizeof(code));

	elffix_ref(o[0], elffix_data(o[0], ".rodata.ops", "ops", STB_LOCAL, zeros, 8), 0, R_X86_64_64, f, 0);
	f = elffix_function(n[1], "op", STB_LOCAL, true, code, sizeof(code));
	elffix_ref(n[1], elffix_data(n[1], ".rodata.ops", "ops", STB_LOCAL, zeros, 8), 0, R_X86_64_64, f, 0);
	ck_assert_uint_eq(compare(), 1);
}
END_TEST

/* A timer or a work has the old one's address; a call doesn't keep it, and one that only goes is told. */
static const struct {
	bool call;
	int unit;		/* where the new one is; -1: there is none */
	const char *allowed;
	size_t refused, warned;
} callbacks[] = {
	{ false, 0, NULL, 1, 0 },
	{ false, 1, NULL, 1, 0 },
	{ false, -1, NULL, 0, 1 },
	{ false, 0, "old", 0, 1 },
	{ false, 0, "new", 0, 1 },
	{ true, 0, NULL, 0, 0 },
};

static void add_callback(struct elf_out *out, const char *name, bool call)
{
	struct elffix cb = elffix_function(out, name, STB_LOCAL, true, code, sizeof(code));

	elffix_ref(out, elffix_function(out, "starts", STB_LOCAL, true, code, sizeof(code)), 8,
		   call ? R_X86_64_PLT32 : R_X86_64_64, cb, call ? -4 : 0);
}

START_TEST(callback_under_another_name)
{
	add_callback(o[0], "old", callbacks[_i].call);
	if (callbacks[_i].unit >= 0)
		add_callback(n[callbacks[_i].unit], "new", callbacks[_i].call);
	if (callbacks[_i].allowed)
		strings_add(&allowed, callbacks[_i].allowed);
	ck_assert_uint_eq(compare(), callbacks[_i].refused);
	ck_assert_uint_eq(json_array_size(b.report->warnings), callbacks[_i].warned);
}
END_TEST

START_TEST(what_only_remembers_a_message_may_come_and_go)
{
	elffix_data(o[0], ".data.once", "__already_done.1", STB_LOCAL, zeros, 1);
	elffix_data(n[1], ".data.once", "__already_done.1", STB_LOCAL, zeros, 1);
	ck_assert_uint_eq(compare(), 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("moves");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, global_function_that_moves_is_replaced);
	tcase_add_test(t, static_functions_of_one_name_are_two);
	tcase_add_test(t, without_a_site_it_cannot_move);
	tcase_add_test(t, functions_of_two_objects_are_two);
	tcase_add_test(t, global_variable_stays_where_it_is);
	tcase_add_test(t, with_another_value_it_is_refused);
	tcase_add_loop_test(t, what_could_be_the_same_state_is_refused, 0, 2);
	tcase_add_test(t, what_cannot_be_is_not);
	tcase_add_test(t, what_the_author_allows_is_not);
	tcase_add_test(t, table_of_functions_cannot_move);
	tcase_add_loop_test(t, callback_under_another_name, 0, sizeof(callbacks) / sizeof(callbacks[0]));
	tcase_add_test(t, what_only_remembers_a_message_may_come_and_go);
	return fixture_run("moves", t);
}
