// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The object differ: strings, constants and tables without names are what their
 * bytes say, wherever they lie and whatever the compiler calls the place.
 */
#include <check.h>
#include <string.h>

#include "difffix.h"
#include "fixture.h"

static const uint8_t load[16] = { 0x0f, 0xb7, 0x05, 0, 0, 0, 0, 0xc3 };		/* movzwl x(%rip), %eax */
static const uint8_t store[16] = { 0x80, 0x3d, 0, 0, 0, 0, 0x22, 0xc3 };	/* cmpb $0x22, x(%rip) */

/* A constant of @entsize bytes that are all @value, behind @before others; NULL @label: by the section. */
struct constant {
	const char *section, *label;
	uint64_t flags, entsize, before;
	uint8_t value;
	int64_t addend;
};

static void refer(struct elf_out *out, const struct constant *c)
{
	bool behind = c->addend % 8 == -5;
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, true, behind ? store : load, sizeof(load));
	uint32_t sec = elf_out_section(out, c->section, SHT_PROGBITS, SHF_ALLOC | c->flags, c->entsize, c->entsize);
	uint8_t bytes[64] = { 0 };
	uint64_t at;

	/* The others are equal to none. */
	for (uint64_t i = 0; i < c->before; i++) {
		memset(bytes, 0x77 + (int)i, c->entsize);
		elf_out_append(out, sec, bytes, (c->flags & SHF_STRINGS ? 2 : 1) * c->entsize, c->entsize);
		memset(bytes, 0, sizeof(bytes));
	}
	memset(bytes, c->value, c->entsize);
	at = elf_out_append(out, sec, bytes, (c->flags & SHF_STRINGS ? 2 : 1) * c->entsize, c->entsize);
	if (c->label)
		elf_out_reloc(out, f.sec, behind ? 2 : 3, R_X86_64_PC32,
			      elf_out_symbol(out, c->label, STB_LOCAL, STT_NOTYPE, sec, at, 0), c->addend);
	else
		elf_out_reloc(out, f.sec, behind ? 2 : 3, R_X86_64_PC32, elf_out_section_symbol(out, sec),
			      (int64_t)at + c->addend);
}

static const struct {
	struct constant orig, patched;
	enum change change;
} cases[] = {
#define CST(label, n, before, value, addend)	{ ".rodata.cst" #n, label, SHF_MERGE, n, before, value, addend }
#define STR(label, n, before, value, addend)	{ ".rodata.str" #n ".8", label, SHF_MERGE | SHF_STRINGS, n, before, value, addend }
	{ CST(".LC1", 2, 0, 1, -4), CST(".LC1", 2, 0, 2, -4), CHANGE_CHANGED },
	{ CST(".LC1", 2, 0, 1, -4), CST(".LC2", 2, 1, 1, -4), CHANGE_SAME },
	{ CST(".LC1", 2, 1, 1, -4), CST(".LC1", 2, 1, 2, -4), CHANGE_CHANGED },
	{ CST(".LC1", 2, 0, 1, -5), CST(".LC1", 2, 0, 2, -5), CHANGE_CHANGED },
	{ CST(".LC1", 2, 0, 1, -5), CST(".LC7", 2, 2, 1, -5), CHANGE_SAME },
	{ CST(NULL, 2, 0, 1, -4), CST(NULL, 2, 0, 2, -4), CHANGE_CHANGED },
	{ CST(NULL, 2, 0, 1, -4), CST(NULL, 2, 3, 1, -4), CHANGE_SAME },
	{ CST(NULL, 4, 0, 1, -5), CST(NULL, 4, 0, 2, -5), CHANGE_CHANGED },
	{ CST(NULL, 4, 0, 1, -5), CST(NULL, 4, 1, 1, -5), CHANGE_SAME },
	{ CST(".LC1", 4, 0, 1, -4), CST(".LC1", 4, 0, 2, -4), CHANGE_CHANGED },
	{ CST(".LC1", 8, 0, 1, -4), CST(".LC2", 8, 2, 1, -4), CHANGE_SAME },
	{ CST(".LC1", 8, 0, 1, -4), CST(".LC1", 8, 0, 2, -4), CHANGE_CHANGED },
	{ CST("constant", 16, 0, 1, -4), CST("constant", 16, 0, 2, -4), CHANGE_CHANGED },
	{ CST("constant", 16, 0, 1, -4), CST("another", 16, 1, 1, -4), CHANGE_SAME },
	{ CST(".LC1", 32, 0, 1, -4), CST(".LC1", 32, 0, 2, -4), CHANGE_CHANGED },
	{ CST(".LC1", 32, 0, 1, -4), CST(NULL, 32, 1, 1, -4), CHANGE_SAME },
	/* Another part of an equal one; all of it counts, since an index may lead anywhere in it. */
	{ CST(".LC1", 16, 0, 1, 4), CST(".LC1", 16, 0, 1, 0), CHANGE_CHANGED },
	{ CST(".LC1", 16, 0, 1, 4), CST(".LC1", 16, 0, 2, 4), CHANGE_CHANGED },
	{ STR(".LC1", 1, 0, 'a', -4), STR(".LC1", 1, 0, 'b', -4), CHANGE_CHANGED },
	{ STR(".LC1", 1, 0, 'a', -4), STR(".LC9", 1, 4, 'a', -4), CHANGE_SAME },
	{ STR(".LC1", 1, 1, 'a', -6), STR(".LC1", 1, 1, 'b', -6), CHANGE_CHANGED },	/* "abc"[i - 2] */
	{ STR(".LC1", 1, 1, 'a', -6), STR(".LC9", 1, 4, 'a', -6), CHANGE_SAME },
	{ STR(".LC1", 1, 0, 'a', -4), STR(".LC1", 1, 0, 'a', -3), CHANGE_CHANGED },
	{ STR(NULL, 4, 0, 'a', -4), STR(NULL, 4, 0, 'b', -4), CHANGE_CHANGED },
	{ STR(".LC3", 2, 0, 'a', -4), STR(NULL, 2, 3, 'a', -4), CHANGE_SAME },
};

START_TEST(constants_are_their_bytes)
{
	refer(o, &cases[_i].orig);
	refer(n, &cases[_i].patched);
	run();
	ck_assert_int_eq(change_of("f"), cases[_i].change);
}
END_TEST

/* A constant of a size that the linker doesn't merge, and a switch's table with a label that was kept. */
static void add_unnamed(struct elf_out *out, const char *label, uint8_t value, uint64_t before)
{
	struct elffix f = func(out, "f");
	uint32_t sec = elf_out_section(out, ".rodata", SHT_PROGBITS, SHF_ALLOC, 8, 0);
	uint8_t bytes[24] = { [20] = value };
	uint64_t at;

	elf_out_append(out, sec, zeros, before, 8);
	at = elf_out_append(out, sec, bytes, sizeof(bytes), 8);
	if (label)
		elf_out_reloc(out, f.sec, 9, R_X86_64_32S,
			      elf_out_symbol(out, label, STB_LOCAL, STT_NOTYPE, sec, at, 0), 0);
	else
		elf_out_reloc(out, f.sec, 9, R_X86_64_32S, elf_out_section_symbol(out, sec), (int64_t)at);
}

static const struct {
	const char *a, *b;
	uint8_t value;
	uint64_t before;
	enum change change;
} unnamed[] = {
	{ NULL, NULL, 1, 0, CHANGE_SAME },
	{ NULL, NULL, 2, 0, CHANGE_CHANGED },
	{ NULL, NULL, 1, 16, CHANGE_SAME },
	{ ".L4", ".L4", 2, 0, CHANGE_CHANGED },
	{ ".L4", ".L5", 1, 16, CHANGE_SAME },
	{ ".LC0", NULL, 1, 8, CHANGE_SAME },
};

START_TEST(unnamed_data_are_their_bytes)
{
	add_unnamed(o, unnamed[_i].a, 1, 0);
	add_unnamed(n, unnamed[_i].b, unnamed[_i].value, unnamed[_i].before);
	run();
	ck_assert_int_eq(change_of("f"), unnamed[_i].change);
}
END_TEST

/* Of an instruction that isn't known the place isn't, either: all that it may be has to be the same. */
static void add_unknown(struct elf_out *out, uint8_t value, uint64_t before)
{
	static const uint8_t text[16] = { 0x0f, 0xff, 0xc0, 0x0f, 0xb7, 0x05, 0, 0, 0, 0, 0xc3 };	/* ud0 */
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, true, text, sizeof(text));
	uint32_t sec = elf_out_section(out, ".rodata", SHT_PROGBITS, SHF_ALLOC, 4, 0);
	uint64_t at;

	elf_out_append(out, sec, zeros, before, 4);
	at = elf_out_append(out, sec, &value, 1, 4);
	elf_out_reloc(out, f.sec, 6, R_X86_64_PC32, elf_out_section_symbol(out, sec), (int64_t)at - 4);
}

static const struct {
	uint8_t value;
	uint64_t before;
	enum change change;
} unknown[] = {
	{ 1, 0, CHANGE_SAME },
	{ 2, 0, CHANGE_CHANGED },
	{ 1, 4, CHANGE_CHANGED },
};

START_TEST(place_that_is_not_known)
{
	add_unknown(o, 1, 0);
	add_unknown(n, unknown[_i].value, unknown[_i].before);
	run();
	ck_assert_int_eq(change_of("f"), unknown[_i].change);
}
END_TEST

/* The same variable in another section: what that means for the one that runs. */
static const struct {
	const char *from, *to;
	const char *old, *now;	/* NULL: .bss */
	enum change change;
	enum refusal reason;	/* REFUSE_OTHER: none */
	bool warned;
} moves[] = {
	{ ".data..read_mostly", ".bss.v", "\0\0\0", NULL, CHANGE_SAME, REFUSE_OTHER, false },
	{ ".bss.v", ".data..read_mostly", NULL, "\0\0\0", CHANGE_SAME, REFUSE_OTHER, false },
	{ ".bss.v", ".data..read_mostly", NULL, "\0\0\1", CHANGE_CHANGED, REFUSE_DATA, false },
	{ ".data.v", ".bss.v", "\1\0\0", NULL, CHANGE_CHANGED, REFUSE_DATA, false },
	{ ".data.v", ".data..read_mostly", "abc", "abc", CHANGE_SAME, REFUSE_OTHER, false },
	{ ".data.v", ".data.once", "abc", "abc", CHANGE_SAME, REFUSE_OTHER, false },
	{ ".data.v", ".ref.data", "abc", "abc", CHANGE_SAME, REFUSE_OTHER, false },
	{ ".data.v", ".data..percpu", "abc", "abc", CHANGE_SAME, REFUSE_PERCPU, false },
	{ ".data..percpu", ".data.v", "abc", "abc", CHANGE_SAME, REFUSE_PERCPU, false },
	{ ".data..percpu", ".data..percpu..read_mostly", "abc", "abc", CHANGE_SAME, REFUSE_OTHER, false },
	{ ".bss.v", ".data..percpu", NULL, "\0\0\0", CHANGE_SAME, REFUSE_PERCPU, false },
	{ ".data.v", ".data..ro_after_init", "abc", "abc", CHANGE_SAME, REFUSE_OTHER, true },
	{ ".data.v", ".rodata.v", "abc", "abc", CHANGE_SAME, REFUSE_OTHER, true },
	{ ".data..ro_after_init", ".data.v", "abc", "abc", CHANGE_SAME, REFUSE_DATA, false },
	{ ".data..ro_after_init", ".bss.v", "\0\0\0", NULL, CHANGE_SAME, REFUSE_DATA, false },
	{ ".rodata.v", ".data.v", "abc", "abc", CHANGE_SAME, REFUSE_DATA, false },
	{ ".rodata.v", ".data..ro_after_init", "abc", "abc", CHANGE_SAME, REFUSE_DATA, false },
	{ ".init.data", ".data.v", "abc", "abc", CHANGE_SAME, REFUSE_INIT, false },
	{ ".data.v", ".init.data", "abc", "abc", CHANGE_SAME, REFUSE_OTHER, false },
	{ ".data.v", ".data..page_aligned", "abc", "abc", CHANGE_SAME, REFUSE_SPECIAL, false },
	{ ".data.v", "_error_injection_whitelist", "abc", "abc", CHANGE_SAME, REFUSE_SPECIAL, false },
};

START_TEST(variable_that_moves)
{
	size_t i = (size_t)_i;

	func(o, "f");
	func(n, "f");
	elffix_data(o, moves[i].from, "v", STB_LOCAL, moves[i].old, 3);
	elffix_data(n, moves[i].to, "v", STB_LOCAL, moves[i].now, 3);
	run();
	ck_assert_int_eq(change_of("v"), moves[i].change);
	ck_assert_uint_eq(report_nr_refusals(report), moves[i].reason != REFUSE_OTHER);
	if (moves[i].reason != REFUSE_OTHER)
		ck_assert(refused(moves[i].reason, "v"));
	ck_assert_uint_eq(json_array_size(report->warnings), moves[i].warned);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("constants");

	tcase_add_checked_fixture(t, diff_setup, diff_teardown);
	tcase_add_loop_test(t, constants_are_their_bytes, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(t, unnamed_data_are_their_bytes, 0, sizeof(unnamed) / sizeof(unnamed[0]));
	tcase_add_loop_test(t, place_that_is_not_known, 0, sizeof(unknown) / sizeof(unknown[0]));
	tcase_add_loop_test(t, variable_that_moves, 0, sizeof(moves) / sizeof(moves[0]));
	return fixture_run("diff_const", t);
}
