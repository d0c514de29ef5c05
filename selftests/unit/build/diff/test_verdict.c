// SPDX-License-Identifier: GPL-2.0-or-later
/* The object differ: of what changed, what may be patched. */
#include <check.h>
#include <string.h>

#include "difffix.h"
#include "fixture.h"

/* What one line puts into the original and another into the patched object is refused, and nothing else is. */
#define REFUSED(name, reason, what, in_orig, in_patched)	\
START_TEST(name)						\
{								\
	in_orig;						\
	in_patched;						\
	run();							\
	ck_assert(refused(reason, what));			\
	ck_assert_uint_eq(report_nr_refusals(report), 1);	\
}								\
END_TEST

START_TEST(changed_data_is_refused_and_new_data_is_not)
{
	elffix_data(o, ".rodata.ops", "ops", STB_GLOBAL, "12345678", 8);
	elffix_data(n, ".rodata.ops", "ops", STB_GLOBAL, "12345679", 8);
	elffix_data(n, ".data.fresh", "fresh", STB_LOCAL, "12345679", 8);
	run();
	ck_assert(refused(REFUSE_DATA, "ops"));
	ck_assert_uint_eq(report_nr_refusals(report), 1);
	ck_assert_int_eq(change_of("fresh"), CHANGE_NEW);
}
END_TEST

/* f at +1 refers to a constant of its own, or to a variable, with this content; @other: f's code changes, too. */
static struct elffix with_constant(struct elf_out *out, const char *section, const char *name, const char *text,
				   bool other)
{
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, true, other ? other_code : code, sizeof(code));
	struct elffix c = elffix_data(out, section, name, STB_LOCAL, text, strlen(text) + 1);

	elffix_ref(out, f, 1, R_X86_64_PC32, c, -4);
	return c;
}

START_TEST(constant_of_a_changed_function_comes_along)
{
	with_constant(o, ".rodata.__msg.3", "__msg.3", "no such route", false);
	with_constant(n, ".rodata.__msg.4", "__msg.4", "no route like that", true);
	run();
	ck_assert_uint_eq(report_nr_refusals(report), 0);
	ck_assert_int_eq(change_of("f"), CHANGE_CHANGED);
	ck_assert_int_eq(change_of("__msg.4"), CHANGE_NEW);
	ck_assert_ptr_null(diff_match(&unit, elf_symbol(unit.patched, "__msg.4", STT_OBJECT)));
}
END_TEST

REFUSED(constant_of_a_function_that_stays, REFUSE_DATA, "table.3",
	with_constant(o, ".rodata.table.3", "table.3", "1234", false),
	with_constant(n, ".rodata.table.3", "table.3", "1235", false))

/* Any function of the file may have it, or have handed it out. */
REFUSED(constant_of_the_file, REFUSE_DATA, "table",
	with_constant(o, ".rodata.table", "table", "1234", false),
	with_constant(n, ".rodata.table", "table", "1235", true))

REFUSED(variable_of_a_changed_function, REFUSE_DATA, "state.3",
	with_constant(o, ".data.state.3", "state.3", "1234", false),
	with_constant(n, ".data.state.3", "state.3", "1235", true))

REFUSED(constant_that_another_function_has, REFUSE_DATA, "table.3",
	(elffix_ref(o, func(o, "g"), 1, R_X86_64_PC32, with_constant(o, ".rodata.table.3", "table.3", "1234", false), -4)),
	(elffix_ref(n, func(n, "g"), 1, R_X86_64_PC32, with_constant(n, ".rodata.table.3", "table.3", "1235", true), -4)))

REFUSED(constant_with_pointers, REFUSE_DATA, "ops.3",
	(elffix_ref(o, with_constant(o, ".rodata.ops.3", "ops.3", "1234567", false), 0, R_X86_64_64, func(o, "g"), 0)),
	(elffix_ref(n, with_constant(n, ".rodata.ops.3", "ops.3", "1234567", true), 0, R_X86_64_64, func(n, "h"), 0)))

REFUSED(init_code_is_refused, REFUSE_INIT, "setup",
	code_of(o, ".init.text", "setup", STB_LOCAL, true),
	code_of(n, ".init.text", "setup", STB_LOCAL, true))

REFUSED(untraceable_sections_are_refused, REFUSE_NOINSTR, "f",
	code_of(o, ".noinstr.text", "f", STB_GLOBAL, false),
	code_of(n, ".noinstr.text", "f", STB_GLOBAL, false))

START_TEST(new_percpu_data_is_refused)
{
	func(o, "f");
	func(n, "f");
	elffix_data(n, ".data..percpu", "counter", STB_LOCAL, zeros, 8);
	run();
	ck_assert(refused(REFUSE_PERCPU, "counter"));
}
END_TEST

/* A quirk of a device: vendor and device, class, then the function; made by assembly, without a symbol. */
static void add_fixup(struct elf_out *out, const char *section, uint16_t device, const char *hook)
{
	uint8_t entry[16] = { 0x86, 0x80, (uint8_t)device, (uint8_t)(device >> 8) };
	struct elffix e = elffix_entry(out, section, entry, sizeof(entry));

	elffix_entry_ref(out, e, 12, func(out, hook), 0);
}

REFUSED(new_quirk_is_refused, REFUSE_SPECIAL, "other",
	(add_fixup(o, ".pci_fixup_final", 1, "hook")),
	(add_fixup(n, ".pci_fixup_final", 1, "hook"), add_fixup(n, ".pci_fixup_final", 2, "other")))

REFUSED(quirk_of_another_device_is_refused, REFUSE_SPECIAL, "hook",
	(add_fixup(o, ".pci_fixup_final", 1, "hook")), (add_fixup(n, ".pci_fixup_final", 2, "hook")))

REFUSED(quirk_at_another_time_is_refused, REFUSE_SPECIAL, "hook",
	(add_fixup(o, ".pci_fixup_final", 1, "hook")), (add_fixup(n, ".pci_fixup_resume", 1, "hook")))

START_TEST(quirks_that_move_are_none)
{
	add_fixup(o, ".pci_fixup_final", 1, "a");
	add_fixup(o, ".pci_fixup_final", 2, "b");
	add_fixup(n, ".pci_fixup_final", 2, "b");
	add_fixup(n, ".pci_fixup_final", 1, "a");
	run();
	ck_assert_uint_eq(report_nr_refusals(report), 0);
}
END_TEST

REFUSED(quirk_that_goes_is_refused, REFUSE_SPECIAL, "other",
	(add_fixup(o, ".pci_fixup_final", 1, "hook"), add_fixup(o, ".pci_fixup_final", 2, "other")),
	(add_fixup(n, ".pci_fixup_final", 1, "hook"), func(n, "other")))

static void add_initcall(struct elf_out *out, const char *section, const char *name)
{
	elffix_entry_ref(out, elffix_entry(out, section, zeros, 4), 0, func(out, name), 0);
}

REFUSED(new_initcall_is_refused, REFUSE_INIT, "later",
	(add_initcall(o, ".initcall6.init", "was")),
	(add_initcall(n, ".initcall6.init", "was"), add_initcall(n, ".initcall7.init", "later")))

REFUSED(initcall_of_another_level_is_refused, REFUSE_INIT, "was",
	(add_initcall(o, ".initcall6.init", "was")), (add_initcall(n, ".initcall7.init", "was")))

REFUSED(initcall_that_goes_is_refused, REFUSE_INIT, "was",
	(add_initcall(o, ".initcall6.init", "was"), add_initcall(o, ".initcall6.init", "stays")),
	(func(n, "was"), add_initcall(n, ".initcall6.init", "stays")))

REFUSED(function_that_becomes_notrace, REFUSE_SPECIAL, "f",
	elffix_function(o, "f", STB_GLOBAL, true, code, 32), elffix_function(n, "f", STB_GLOBAL, false, other_code, 32))

REFUSED(function_that_becomes_unprobed, REFUSE_SPECIAL, "f",
	elffix_function_in(o, ".text.f", "f", STB_GLOBAL, true, code, 32),
	elffix_function_in(n, ".kprobes.text", "f", STB_GLOBAL, true, code, 32))

REFUSED(function_that_becomes_probed, REFUSE_SPECIAL, "f",
	elffix_function_in(o, ".kprobes.text", "f", STB_GLOBAL, true, code, 32),
	elffix_function_in(n, ".text", "f", STB_GLOBAL, true, code, 32))

/* Nobody goes by these. */
static const char *const plain[][2] = {
	{ ".text.f", ".sched.text" }, { ".spinlock.text", ".text" }, { ".text.f", ".text.unlikely.f" },
	{ ".ref.text", ".text.f" }, { ".init.text", ".text.f" }, { ".text.f", ".init.text" },
};

START_TEST(function_that_moves_among_plain_sections)
{
	elffix_function_in(o, plain[_i][0], "f", STB_GLOBAL, true, code, 32);
	elffix_function_in(n, plain[_i][1], "f", STB_GLOBAL, true, code, 32);
	run();
	ck_assert_uint_eq(report_nr_refusals(report), 0);
}
END_TEST

REFUSED(new_boot_parameter_is_refused, REFUSE_SPECIAL, "__setup_x", (func(o, "f")),
	(func(n, "f"), elffix_data(n, ".init.setup", "__setup_x", STB_LOCAL, zeros, 24)))

/* static f, without ftrace site, and g that calls it at +1. */
static struct elffix add_hidden(struct elf_out *out, const uint8_t *body, uint8_t bind)
{
	struct elffix f = elffix_function(out, "f", bind, false, body, 32);

	elffix_ref(out, func(out, "g"), 1, R_X86_64_PLT32, f, -4);
	return f;
}

START_TEST(callers_come_along_for_what_has_no_site)
{
	add_hidden(o, code, STB_LOCAL);
	add_hidden(n, other_code, STB_LOCAL);
	run();
	ck_assert_int_eq(change_of("g"), CHANGE_CHANGED);
	ck_assert(find("g")->forced);
	ck_assert(!find("f")->forced);
	ck_assert_uint_eq(report_nr_refusals(report), 0);
}
END_TEST

START_TEST(no_site_and_address_taken_is_refused)
{
	struct elffix f = add_hidden(o, code, STB_LOCAL);

	elffix_ref(o, elffix_data(o, ".data.ops", "ops", STB_LOCAL, zeros, 8), 0, R_X86_64_64, f, 0);
	f = add_hidden(n, other_code, STB_LOCAL);
	elffix_ref(n, elffix_data(n, ".data.ops", "ops", STB_LOCAL, zeros, 8), 0, R_X86_64_64, f, 0);
	run();
	ck_assert(refused(REFUSE_NO_FENTRY, "f"));
}
END_TEST

REFUSED(no_site_and_global_is_refused, REFUSE_NO_FENTRY, "f",
	add_hidden(o, code, STB_GLOBAL),
	add_hidden(n, other_code, STB_GLOBAL))

REFUSED(no_site_and_no_caller_is_refused, REFUSE_NO_FENTRY, "f",
	elffix_function(o, "f", STB_LOCAL, false, code, sizeof(code)),
	elffix_function(n, "f", STB_LOCAL, false, other_code, sizeof(other_code)))

/* -fipa-icf gave two equal functions one body; only one of them changes. */
START_TEST(one_body_of_two_functions_is_refused)
{
	struct elffix f = func(o, "f");

	elf_out_symbol(o, "g", STB_GLOBAL, STT_FUNC, f.sec, f.off, f.size);
	func(n, "f");
	elffix_function(n, "g", STB_GLOBAL, true, other_code, sizeof(other_code));
	run();
	ck_assert(report_nr_refusals(report) > 0);
	ck_assert(refused(REFUSE_OTHER, "g"));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("verdict");

	tcase_add_checked_fixture(t, diff_setup, diff_teardown);
	tcase_add_test(t, changed_data_is_refused_and_new_data_is_not);
	tcase_add_test(t, constant_of_a_changed_function_comes_along);
	tcase_add_test(t, constant_of_a_function_that_stays);
	tcase_add_test(t, constant_of_the_file);
	tcase_add_test(t, variable_of_a_changed_function);
	tcase_add_test(t, constant_that_another_function_has);
	tcase_add_test(t, constant_with_pointers);
	tcase_add_test(t, init_code_is_refused);
	tcase_add_test(t, untraceable_sections_are_refused);
	tcase_add_test(t, new_percpu_data_is_refused);
	tcase_add_test(t, new_quirk_is_refused);
	tcase_add_test(t, quirk_of_another_device_is_refused);
	tcase_add_test(t, quirk_at_another_time_is_refused);
	tcase_add_test(t, quirks_that_move_are_none);
	tcase_add_test(t, quirk_that_goes_is_refused);
	tcase_add_test(t, new_initcall_is_refused);
	tcase_add_test(t, initcall_of_another_level_is_refused);
	tcase_add_test(t, initcall_that_goes_is_refused);
	tcase_add_test(t, function_that_becomes_notrace);
	tcase_add_test(t, function_that_becomes_unprobed);
	tcase_add_test(t, function_that_becomes_probed);
	tcase_add_loop_test(t, function_that_moves_among_plain_sections, 0, sizeof(plain) / sizeof(plain[0]));
	tcase_add_test(t, new_boot_parameter_is_refused);
	tcase_add_test(t, callers_come_along_for_what_has_no_site);
	tcase_add_test(t, no_site_and_address_taken_is_refused);
	tcase_add_test(t, no_site_and_global_is_refused);
	tcase_add_test(t, no_site_and_no_caller_is_refused);
	tcase_add_test(t, one_body_of_two_functions_is_refused);
	return fixture_run("verdict", t);
}
