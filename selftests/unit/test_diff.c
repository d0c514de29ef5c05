// SPDX-License-Identifier: GPL-2.0-or-later
/* The object differ: what counts as a change, and what may be patched. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "elffix.h"
#include "fixture.h"
#include "../../tools/klp-build/diff_priv.h"
#include "../../tools/klp-build/report_priv.h"

static struct elf_out *o, *n;	/* original, patched */
static struct unit unit;
static struct report *report;

static const uint8_t code[32] = { 0xe8, 0, 0, 0, 0, 0x48, 0x89, 0xf8, 0xc3 };
static const uint8_t other_code[32] = { 0xe8, 0, 0, 0, 0, 0x48, 0x89, 0xf0, 0xc3 };
static const uint8_t zeros[64];

static void setup(void)
{
	o = elf_out_new();
	n = elf_out_new();
	report = report_new(true, false, stdout);
	unit = (struct unit){ .source = "a.c", .object = "vmlinux" };
}

static void teardown(void)
{
	report_free(report);
	free(unit.symbols);
	elf_close(unit.orig);
	elf_close(unit.patched);
}

static void run(void)
{
	struct klp_err err = { 0 };

	unit.orig = elffix_finish(o);
	unit.patched = elffix_finish(n);
	ck_assert_msg(!unit_diff(&unit, report, &err), "%s", err.text);
}

static const struct diff_symbol *find(const char *name)
{
	for (size_t i = 0; i < unit.nr_symbols; i++) {
		const struct diff_symbol *ds = &unit.symbols[i];

		if (!strcmp((ds->patched ? ds->patched : ds->orig)->name, name))
			return ds;
	}
	ck_abort_msg("%s isn't listed", name);
	return NULL;
}

static enum change change_of(const char *name)
{
	return find(name)->change;
}

static bool refused(enum refusal reason, const char *name)
{
	size_t i;
	json_t *j;

	json_array_foreach(report->refusals, i, j)
		if (!strcmp(json_string_value(json_object_get(j, "reason")),
			    report_reason_name(reason)) &&
		    !strcmp(json_string_value(json_object_get(j, "function")), name))
			return true;
	return false;
}

static struct elffix func(struct elf_out *out, const char *name)
{
	return elffix_function(out, name, STB_GLOBAL, true, code, sizeof(code));
}

/* The code of the change itself, where it doesn't matter which. */
static void code_of(struct elf_out *out, const char *section, const char *name, uint8_t bind, bool traced)
{
	elffix_function_in(out, section, name, bind, traced, out == o ? code : other_code, sizeof(code));
}

/* What one line puts into the original and another into the patched object, is it a change of f? */
#define COMPARE(name, change, in_orig, in_patched)		\
START_TEST(name)						\
{								\
	in_orig;						\
	in_patched;						\
	run();							\
	ck_assert_int_eq(change_of("f"), change);		\
}								\
END_TEST

/* The same, of what is refused, and nothing else is. */
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

START_TEST(equal_objects_have_no_change)
{
	func(o, "f");
	func(n, "f");
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_SAME);
	ck_assert(find("f")->has_fentry);
}
END_TEST

START_TEST(changed_new_and_gone)
{
	func(o, "f");
	func(o, "gone");
	elffix_function(n, "f", STB_GLOBAL, true, other_code, sizeof(other_code));
	func(n, "new");
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_CHANGED);
	ck_assert_int_eq(change_of("new"), CHANGE_NEW);
	ck_assert_int_eq(change_of("gone"), CHANGE_GONE);
	ck_assert_uint_eq(report_nr_refusals(report), 0);
}
END_TEST

COMPARE(call_of_another_function_is_a_change, CHANGE_CHANGED,
	elffix_undef(o, func(o, "f"), 1, R_X86_64_PLT32, "a"), elffix_undef(n, func(n, "f"), 1, R_X86_64_PLT32, "b"))

START_TEST(string_that_moves_is_none)
{
	struct elffix s;

	elffix_ref(o, func(o, "f"), 1, R_X86_64_32S, elffix_string(o, "hello"), 0);
	elffix_string(n, "something before it");
	s = elffix_string(n, "hello");
	elffix_ref(n, func(n, "f"), 1, R_X86_64_32S, s, 0);
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_SAME);
}
END_TEST

COMPARE(string_with_other_text_is_one, CHANGE_CHANGED,
	elffix_ref(o, func(o, "f"), 1, R_X86_64_32S, elffix_string(o, "hello"), 0), elffix_ref(n, func(n, "f"), 1, R_X86_64_32S, elffix_string(n, "hallo"), 0))

/* One more `static int count` renumbers the others; their users tell them apart. */
START_TEST(static_locals_are_told_apart_by_their_users)
{
	struct elffix a = func(o, "a"), b = func(o, "b"), c;

	elffix_ref(o, a, 1, R_X86_64_PC32, elffix_data(o, ".bss.count.0", "count.0", STB_LOCAL, NULL, 4), -4);
	elffix_ref(o, b, 1, R_X86_64_PC32, elffix_data(o, ".bss.count.1", "count.1", STB_LOCAL, NULL, 4), -4);
	a = func(n, "a");
	c = func(n, "c");
	b = func(n, "b");
	elffix_ref(n, a, 1, R_X86_64_PC32, elffix_data(n, ".bss.count.0", "count.0", STB_LOCAL, NULL, 4), -4);
	elffix_ref(n, c, 1, R_X86_64_PC32, elffix_data(n, ".bss.count.1", "count.1", STB_LOCAL, NULL, 4), -4);
	elffix_ref(n, b, 1, R_X86_64_PC32, elffix_data(n, ".bss.count.2", "count.2", STB_LOCAL, NULL, 4), -4);
	run();
	ck_assert_int_eq(change_of("a"), CHANGE_SAME);
	ck_assert_int_eq(change_of("b"), CHANGE_SAME);
	ck_assert_int_eq(change_of("c"), CHANGE_NEW);
	ck_assert_str_eq(find("count.2")->orig->name, "count.1");
	ck_assert_int_eq(change_of("count.1"), CHANGE_NEW);
}
END_TEST

START_TEST(cold_part_changes_with_its_parent)
{
	func(o, "f");
	elffix_function(o, "f.cold", STB_LOCAL, false, code, sizeof(code));
	func(n, "f");
	elffix_function(n, "f.cold", STB_LOCAL, false, other_code, sizeof(other_code));
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_CHANGED);
	ck_assert_int_eq(change_of("f.cold"), CHANGE_CHANGED);
}
END_TEST

static void add_bug(struct elf_out *out, uint16_t line, uint16_t flags)
{
	uint8_t data[12] = { 0 };
	struct elffix f = func(out, "f"), e;

	memcpy(data + 8, &line, 2);
	memcpy(data + 10, &flags, 2);
	e = elffix_entry(out, "__bug_table", data, sizeof(data));
	elffix_entry_ref(out, e, 0, f, 8);
	elffix_entry_ref(out, e, 4, elffix_string(out, "a.c"), 0);
}

COMPARE(line_of_a_warning_is_none, CHANGE_SAME,
	add_bug(o, 10, 1), add_bug(n, 20, 1))

COMPARE(kind_of_a_warning_is_one, CHANGE_CHANGED,
	add_bug(o, 10, 1), add_bug(n, 10, 0))

/* Since 6.19 an entry has the text, too, and the code hands its entry on. */
static void add_bug_with_text(struct elf_out *out, uint16_t line, const char *text, size_t before)
{
	uint8_t data[16] = { 0 };
	struct elffix f = func(out, "f"), g = func(out, "g"), e;

	memcpy(data + 12, &line, 2);
	/* Others' entries come first. */
	for (size_t i = 0; i <= before; i++) {
		bool own = i == before;

		e = elffix_entry(out, "__bug_table", data, sizeof(data));
		elffix_entry_ref(out, e, 0, own ? f : g, 8);
		elffix_entry_ref(out, e, 4, elffix_string(out, own ? text : "other"), 0);
		elffix_entry_ref(out, e, 8, elffix_string(out, "a.c"), 0);
	}
	elffix_ref(out, f, 4, R_X86_64_PC32, e, -4);
}

COMPARE(bug_entry_that_moves_is_none, CHANGE_SAME,
	add_bug_with_text(o, 10, "warns", 1), add_bug_with_text(n, 20, "warns", 1))

COMPARE(other_text_of_a_bug_entry_is_one, CHANGE_CHANGED,
	add_bug_with_text(o, 10, "warns", 0), add_bug_with_text(n, 10, "warned", 0))

/* What a bounds check is described by: file, line and column, then types and limits. */
static void add_bounds_check(struct elf_out *out, const char *number, uint32_t line, uint32_t limit)
{
	struct elffix f = func(out, "f"), d = { 0 };
	uint8_t data[24] = { 0 };
	char name[64];

	snprintf(name, sizeof(name), ".data..Lubsan_data%s", number);
	memcpy(data + 8, &line, 4);
	memcpy(data + 16, &limit, 4);
	d.sec = elf_out_section(out, name, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	d.off = elf_out_append(out, d.sec, data, sizeof(data), 8);
	elffix_ref(out, d, 0, R_X86_64_64, elffix_string(out, "a.c"), 0);
	elffix_ref(out, f, 9, R_X86_64_32S, d, 0);
}

COMPARE(place_of_a_bounds_check_is_none, CHANGE_SAME,
	add_bounds_check(o, "7", 10, 5), add_bounds_check(n, "12", 20, 5))

COMPARE(limit_of_a_bounds_check_is_one, CHANGE_CHANGED,
	add_bounds_check(o, "7", 10, 5), add_bounds_check(n, "7", 10, 6))

static void add_extable(struct elf_out *out, uint64_t fixup)
{
	struct elffix f = func(out, "f"), e = elffix_entry(out, "__ex_table", zeros, 12);

	elffix_entry_ref(out, e, 0, f, 5);
	elffix_entry_ref(out, e, 4, f, fixup);
}

COMPARE(other_fixup_of_an_exception_is_one, CHANGE_CHANGED,
	add_extable(o, 8), add_extable(n, 9))

static void add_alternative(struct elf_out *out, uint8_t byte, size_t before)
{
	uint8_t data[12] = { [8] = 1, [10] = 3, [11] = 3 }, repl[3] = { 0x0f, 0x01, byte };
	struct elffix f = func(out, "f"), e, r = { 0 };

	r.sec = elf_out_section(out, ".altinstr_replacement", SHT_PROGBITS,
				SHF_ALLOC | SHF_EXECINSTR, 1, 0);
	elf_out_append(out, r.sec, zeros, before, 1);
	r.off = elf_out_append(out, r.sec, repl, 3, 1);
	e = elffix_entry(out, ".altinstructions", data, sizeof(data));
	elffix_entry_ref(out, e, 0, f, 5);
	elffix_entry_ref(out, e, 4, r, 0);
}

COMPARE(alternative_that_moves_is_none, CHANGE_SAME,
	add_alternative(o, 0xca, 0), add_alternative(n, 0xca, 6))

COMPARE(alternative_with_other_code_is_one, CHANGE_CHANGED,
	add_alternative(o, 0xca, 0), add_alternative(n, 0xcb, 0))

/* A switch's jump table has no name: it is compared by what it leads to. */
static void add_switch(struct elf_out *out, uint64_t second, size_t before)
{
	struct elffix f = func(out, "f"), t = { 0 };

	t.sec = elf_out_section(out, ".rodata", SHT_PROGBITS, SHF_ALLOC, 8, 0);
	elf_out_append(out, t.sec, zeros, before, 8);
	t.off = elf_out_append(out, t.sec, zeros, 16, 8);
	elffix_ref(out, f, 9, R_X86_64_32S, t, 0);
	elffix_ref(out, t, 0, R_X86_64_64, f, 8);
	elffix_ref(out, t, 8, R_X86_64_64, f, second);
}

COMPARE(switch_table_that_moves_is_none, CHANGE_SAME,
	add_switch(o, 12, 0), add_switch(n, 12, 8))

COMPARE(switch_table_with_another_case_is_one, CHANGE_CHANGED,
	add_switch(o, 12, 0), add_switch(n, 14, 0))

/* Functions of one section call each other without a relocation. */
START_TEST(distance_of_a_call_within_a_section_is_none)
{
	uint8_t call_near[16] = { 0xe8, 0x0b }, call_far[16] = { 0xe8, 0x1b };

	elffix_function_in(o, ".sched.text", "f", STB_GLOBAL, true, call_near, 16);
	elffix_function_in(o, ".sched.text", "g", STB_GLOBAL, true, code, 16);
	elffix_function_in(n, ".sched.text", "f", STB_GLOBAL, true, call_far, 16);
	elffix_function_in(n, ".sched.text", "between", STB_GLOBAL, true, code, 16);
	elffix_function_in(n, ".sched.text", "g", STB_GLOBAL, true, code, 16);
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_SAME);
	ck_assert_int_eq(change_of("between"), CHANGE_NEW);
}
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

START_TEST(line_in_a_debug_descriptor_is_none)
{
	uint8_t a[56] = { [32] = 10, [35] = 1 }, b[56] = { [32] = 12, [33] = 1, [35] = 1 };

	elffix_data(o, "__dyndbg", "__UNIQUE_ID_ddebug10.2", STB_LOCAL, a, sizeof(a));
	elffix_data(n, "__dyndbg", "__UNIQUE_ID_ddebug12.1", STB_LOCAL, b, sizeof(b));
	run();
	ck_assert_int_eq(change_of("__UNIQUE_ID_ddebug12.1"), CHANGE_SAME);
}
END_TEST

/* A function with a pr_debug() gets another name, or its body moves into a new one. */
static void debugs(struct elf_out *out, const char *name)
{
	uint8_t bytes[56] = { [32] = 10 };
	struct elffix descriptor = elffix_data(out, "__dyndbg", "descriptor.7", STB_LOCAL, bytes, sizeof(bytes));
	struct elffix string = elffix_data(out, ".rodata.__func__.7", "__func__.7", STB_LOCAL, name, strlen(name) + 1);
	struct elffix f = func(out, name);

	elffix_ref(out, descriptor, 8, R_X86_64_64, string, 0);
	elffix_ref(out, f, 10, R_X86_64_32S, descriptor, 0);
}

START_TEST(debug_descriptor_of_another_function_is_new)
{
	debugs(o, "calc");
	debugs(n, "work");
	func(n, "calc");
	run();
	ck_assert_uint_eq(report_nr_refusals(report), 0);
	ck_assert_int_eq(change_of("work"), CHANGE_NEW);
}
END_TEST

REFUSED(init_code_is_refused, REFUSE_INIT, "setup",
	code_of(o, ".init.text", "setup", STB_LOCAL, true),
	code_of(n, ".init.text", "setup", STB_LOCAL, true))

/* KASAN's: registers the unit's variables, whose number changes with each new one. */
START_TEST(constructor_of_the_compiler_is_no_function)
{
	elffix_function(o, "_sub_I_65535_1", STB_LOCAL, false, code, sizeof(code));
	elffix_function(n, "_sub_I_65535_1", STB_LOCAL, false, other_code, sizeof(other_code));
	func(o, "f");
	func(n, "f");
	run();
	ck_assert_uint_eq(unit.nr_symbols, 1);
	ck_assert_int_eq(change_of("f"), CHANGE_SAME);
	ck_assert_uint_eq(report_nr_refusals(report), 0);
}
END_TEST

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

START_TEST(new_initcall_is_refused)
{
	elffix_entry_ref(o, elffix_entry(o, ".initcall6.init", zeros, 4), 0, func(o, "was"), 0);
	elffix_entry_ref(n, elffix_entry(n, ".initcall7.init", zeros, 4), 0, func(n, "was"), 0);
	elffix_entry_ref(n, elffix_entry(n, ".initcall7.init", zeros, 4), 0, func(n, "later"), 0);
	run();
	ck_assert(refused(REFUSE_INIT, "later"));
	ck_assert_uint_eq(report_nr_refusals(report), 1);
}
END_TEST

REFUSED(new_boot_parameter_is_refused, REFUSE_SPECIAL, "__setup_x", (func(o, "f")),
	(func(n, "f"), elffix_data(n, ".init.setup", "__setup_x", STB_LOCAL, zeros, 24)))

START_TEST(removed_export_is_refused)
{
	func(o, "f");
	elffix_data(o, "___ksymtab+f", "__ksymtab_f", STB_LOCAL, zeros, 12);
	func(n, "f");
	run();
	ck_assert(refused(REFUSE_EXPORT, "f"));
}
END_TEST

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

START_TEST(counterparts)
{
	elffix_function(o, "f.isra.0", STB_LOCAL, true, code, sizeof(code));
	elffix_function(n, "f.isra.2", STB_LOCAL, true, code, sizeof(code));
	func(n, "new");
	run();
	ck_assert_ptr_eq(diff_counterpart(&unit, elf_symbol(unit.patched, "f.isra.2", STT_FUNC)),
			 elf_symbol(unit.orig, "f.isra.0", STT_FUNC));
	ck_assert_ptr_null(diff_counterpart(&unit, elf_symbol(unit.patched, "new", STT_FUNC)));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("diff");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, equal_objects_have_no_change);
	tcase_add_test(t, changed_new_and_gone);
	tcase_add_test(t, call_of_another_function_is_a_change);
	tcase_add_test(t, string_that_moves_is_none);
	tcase_add_test(t, string_with_other_text_is_one);
	tcase_add_test(t, static_locals_are_told_apart_by_their_users);
	tcase_add_test(t, cold_part_changes_with_its_parent);
	tcase_add_test(t, line_of_a_warning_is_none);
	tcase_add_test(t, kind_of_a_warning_is_one);
	tcase_add_test(t, bug_entry_that_moves_is_none);
	tcase_add_test(t, other_text_of_a_bug_entry_is_one);
	tcase_add_test(t, place_of_a_bounds_check_is_none);
	tcase_add_test(t, limit_of_a_bounds_check_is_one);
	tcase_add_test(t, other_fixup_of_an_exception_is_one);
	tcase_add_test(t, alternative_that_moves_is_none);
	tcase_add_test(t, alternative_with_other_code_is_one);
	tcase_add_test(t, switch_table_that_moves_is_none);
	tcase_add_test(t, switch_table_with_another_case_is_one);
	tcase_add_test(t, distance_of_a_call_within_a_section_is_none);
	tcase_add_test(t, changed_data_is_refused_and_new_data_is_not);
	tcase_add_test(t, line_in_a_debug_descriptor_is_none);
	tcase_add_test(t, debug_descriptor_of_another_function_is_new);
	tcase_add_test(t, init_code_is_refused);
	tcase_add_test(t, constructor_of_the_compiler_is_no_function);
	tcase_add_test(t, untraceable_sections_are_refused);
	tcase_add_test(t, new_percpu_data_is_refused);
	tcase_add_test(t, new_quirk_is_refused);
	tcase_add_test(t, quirk_of_another_device_is_refused);
	tcase_add_test(t, quirk_at_another_time_is_refused);
	tcase_add_test(t, quirks_that_move_are_none);
	tcase_add_test(t, new_initcall_is_refused);
	tcase_add_test(t, new_boot_parameter_is_refused);
	tcase_add_test(t, removed_export_is_refused);
	tcase_add_test(t, callers_come_along_for_what_has_no_site);
	tcase_add_test(t, no_site_and_address_taken_is_refused);
	tcase_add_test(t, no_site_and_global_is_refused);
	tcase_add_test(t, no_site_and_no_caller_is_refused);
	tcase_add_test(t, one_body_of_two_functions_is_refused);
	tcase_add_test(t, counterparts);
	return fixture_run("diff", t);
}
