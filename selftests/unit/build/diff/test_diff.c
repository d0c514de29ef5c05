// SPDX-License-Identifier: GPL-2.0-or-later
/* The object differ: what counts as a change. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "difffix.h"
#include "fixture.h"

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
	static const uint8_t text_of_f[16] = { 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x0f, 0xb9, 0x3a };	/* lea x(%rip), %rdi; ud1 */
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, true, text_of_f, sizeof(text_of_f));
	struct elffix g = func(out, "g"), e;
	uint8_t data[16] = { 0 };

	memcpy(data + 12, &line, 2);
	/* Others' entries come first. */
	for (size_t i = 0; i <= before; i++) {
		bool own = i == before;

		e = elffix_entry(out, "__bug_table", data, sizeof(data));
		elffix_entry_ref(out, e, 0, own ? f : g, 8);
		elffix_entry_ref(out, e, 4, elffix_string(out, own ? text : "other"), 0);
		elffix_entry_ref(out, e, 8, elffix_string(out, "a.c"), 0);
	}
	elffix_ref(out, f, 3, R_X86_64_PC32, e, -4);
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

/* What objtool is told of the place @at of f, besides that another one is a dead end. */
static void add_hint(struct elf_out *out, const char *section, uint8_t type, uint64_t at)
{
	uint8_t row[12] = { [7] = type };
	struct elffix f = func(out, "f"), e;

	elffix_entry_ref(out, elffix_entry(out, ".discard.reachable", zeros, 4), 0, f, 2);
	if (section) {
		e = elffix_entry(out, section, row, sizeof(row));
		elffix_entry_ref(out, e, 0, f, at);
	}
}

#define HINTS ".discard.unwind_hints"

COMPARE(the_same_hint_is_none, CHANGE_SAME,
	add_hint(o, HINTS, 1, 8), add_hint(n, HINTS, 1, 8))

COMPARE(other_unwind_hint_is_one, CHANGE_CHANGED,
	add_hint(o, HINTS, 1, 8), add_hint(n, HINTS, 2, 8))

COMPARE(new_unwind_hint_is_one, CHANGE_CHANGED,
	add_hint(o, NULL, 0, 0), add_hint(n, HINTS, 1, 8))

COMPARE(hint_at_another_place_is_one, CHANGE_CHANGED,
	add_hint(o, HINTS, 1, 8), add_hint(n, HINTS, 1, 9))

COMPARE(hint_of_another_kind_is_one, CHANGE_CHANGED,
	add_hint(o, HINTS, 1, 8), add_hint(n, ".discard.func_stack_frame_non_standard", 1, 8))

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
#define CALL(distance)	{ 0xe8, distance, 0, 0, 0, NOPS_AND_RET }
#define LEA(distance)	{ 0x48, 0x8d, 0x05, distance, 0, 0, 0, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xc3 }
#define NOPS_AND_RET	0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xc3

static const uint8_t nops[16] = { 0x90, 0x90, 0x90, 0x90, 0x90, NOPS_AND_RET };

/* Functions of 16 bytes in one section, by name; the first has the code given, the others do nothing. */
static void in_one_section(struct elf_out *out, const uint8_t *first, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		elffix_function_in(out, ".sched.text", names[i], STB_GLOBAL, true, i ? nops : first, 16);
}

START_TEST(distance_within_a_section_is_none)
{
	static const uint8_t call[2][16] = { CALL(0x0b), CALL(0x1b) }, lea[2][16] = { LEA(0x09), LEA(0x19) };
	static const char *const was[] = { "f", "g", NULL }, *const is[] = { "f", "between", "g", NULL };

	in_one_section(o, _i ? lea[0] : call[0], was);
	in_one_section(n, _i ? lea[1] : call[1], is);
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_SAME);
	ck_assert_int_eq(change_of("between"), CHANGE_NEW);
}
END_TEST

/* A copy of g() lies where g() was, and f(), whose bytes are the same, means the copy. */
START_TEST(another_function_at_the_same_distance_is_a_change)
{
	static const uint8_t call[16] = CALL(0x0b), lea[16] = LEA(0x09);
	static const char *const was[] = { "f", "g", NULL }, *const is[] = { "f", "copy", "g", NULL };

	in_one_section(o, _i ? lea : call, was);
	in_one_section(n, _i ? lea : call, is);
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_CHANGED);
	ck_assert_int_eq(change_of("g"), CHANGE_SAME);
}
END_TEST

/* What the builder can't read may mean anything of its section. */
START_TEST(unknown_instruction_beside_others_is_a_change)
{
	static const uint8_t unknown[16] = { 0x0f, 0x0a, 0, 0, 0, NOPS_AND_RET };
	static const char *const names[] = { "f", "g", NULL };

	in_one_section(o, unknown, names);
	in_one_section(n, unknown, names);
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_CHANGED);
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

START_TEST(matches)
{
	elffix_function(o, "f.isra.0", STB_LOCAL, true, code, sizeof(code));
	elffix_function(n, "f.isra.2", STB_LOCAL, true, code, sizeof(code));
	func(n, "new");
	run();
	ck_assert_ptr_eq(diff_match(&unit, elf_symbol(unit.patched, "f.isra.2", STT_FUNC)),
			 elf_symbol(unit.orig, "f.isra.0", STT_FUNC));
	ck_assert_ptr_null(diff_match(&unit, elf_symbol(unit.patched, "new", STT_FUNC)));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("diff");

	tcase_add_checked_fixture(t, diff_setup, diff_teardown);
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
	tcase_add_test(t, the_same_hint_is_none);
	tcase_add_test(t, other_unwind_hint_is_one);
	tcase_add_test(t, new_unwind_hint_is_one);
	tcase_add_test(t, hint_at_another_place_is_one);
	tcase_add_test(t, hint_of_another_kind_is_one);
	tcase_add_test(t, alternative_that_moves_is_none);
	tcase_add_test(t, alternative_with_other_code_is_one);
	tcase_add_test(t, switch_table_that_moves_is_none);
	tcase_add_test(t, switch_table_with_another_case_is_one);
	tcase_add_loop_test(t, distance_within_a_section_is_none, 0, 2);
	tcase_add_loop_test(t, another_function_at_the_same_distance_is_a_change, 0, 2);
	tcase_add_test(t, unknown_instruction_beside_others_is_a_change);
	tcase_add_test(t, line_in_a_debug_descriptor_is_none);
	tcase_add_test(t, debug_descriptor_of_another_function_is_new);
	tcase_add_test(t, constructor_of_the_compiler_is_no_function);
	tcase_add_test(t, matches);
	return fixture_run("diff", t);
}
