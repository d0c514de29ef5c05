// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said of functions beside their bodies: diff_annotations.c on objects made in code. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/report.h"
#include "diff/diff.h"
#include "elffix.h"
#include "fixture.h"

static const uint8_t code[16] = { 0xc3 };
static const uint8_t zeros[64];

static struct elf_out *o, *n;
static struct elffix of, nf;
static struct unit unit;
static struct build b;

static void setup(void)
{
	o = elf_out_new();
	n = elf_out_new();
	of = elffix_function(o, "f", STB_GLOBAL, true, code, sizeof(code));
	nf = elffix_function(n, "f", STB_GLOBAL, true, code, sizeof(code));
	unit = (struct unit){ .source = "a.c", .object = "vmlinux" };
	b = (struct build){ .units = &unit, .nr_units = 1, .report = report_new(true, false, stdout) };
}

static void teardown(void)
{
	report_free(b.report);
	free(unit.symbols);
	elf_close(unit.orig);
	elf_close(unit.patched);
}

/* The number of refusals; the differ itself has none. */
static size_t compare(void)
{
	struct klp_err err = { 0 };

	unit.orig = elffix_finish(o);
	unit.patched = elffix_finish(n);
	ck_assert_msg(!unit_diff(&unit, b.report, &err), "%s", err.text);
	ck_assert_uint_eq(report_nr_refusals(b.report), 0);
	units_annotations(&b);
	return report_nr_refusals(b.report);
}

static void add_export(struct elf_out *out, const char *section)
{
	elffix_data(out, section, "__ksymtab_f", STB_LOCAL, zeros, 12);
}

static void add_entry(struct elf_out *out, const char *section, struct elffix f, const uint8_t *data)
{
	elffix_ref(out, elffix_data(out, section, "entry", STB_LOCAL, data, 16), 0, R_X86_64_64, f, 0);
}

static void add_id(struct elf_out *out, uint32_t sec, const char *name, uint8_t flags)
{
	uint8_t bytes[8] = { 0, 0, 0, 0, flags };
	uint64_t at = elf_out_append(out, sec, bytes, sizeof(bytes), 4);

	elf_out_symbol(out, name, STB_LOCAL, STT_OBJECT, sec, at, 4);
}

static void add_set(struct elf_out *out, const char *first, const char *second, uint8_t flags)
{
	uint32_t sec = elf_out_section(out, ".BTF_ids", SHT_PROGBITS, SHF_ALLOC, 4, 0);
	uint64_t at = elf_out_append(out, sec, zeros, 8, 4);

	elf_out_symbol(out, "__BTF_ID__set8__s", STB_LOCAL, STT_OBJECT, sec, at, 8);
	add_id(out, sec, first, flags);
	if (second)
		add_id(out, sec, second, flags);
}

START_TEST(removed_export_is_refused)
{
	add_export(o, "___ksymtab+f");
	ck_assert_uint_eq(compare(), 1);
}
END_TEST

START_TEST(export_for_gpl_only_is_refused)
{
	add_export(o, "___ksymtab+f");
	add_export(n, "___ksymtab_gpl+f");
	ck_assert_uint_eq(compare(), 1);
}
END_TEST

/* As newer kernels have it: licence and namespace, at one symbol. */
START_TEST(export_into_a_namespace_is_refused)
{
	elffix_data(o, ".export_symbol", "__export_symbol_f", STB_LOCAL, "GPL\0\0\0\0", 8);
	elffix_data(n, ".export_symbol", "__export_symbol_f", STB_LOCAL, _i ? "GPL\0NS\0" : "GPL\0\0\0\0", 8);
	ck_assert_uint_eq(compare(), (size_t)_i);
}
END_TEST

START_TEST(new_export_is_told)
{
	add_export(n, "___ksymtab+f");
	ck_assert_uint_eq(compare(), 0);
}
END_TEST

START_TEST(error_injection_that_goes_is_refused)
{
	add_entry(o, "_error_injection_whitelist", of, zeros);
	ck_assert_uint_eq(compare(), 1);
}
END_TEST

START_TEST(error_injection_of_another_kind_is_refused)
{
	static const uint8_t kind[16] = { [8] = 1 };

	add_entry(o, "_error_injection_whitelist", of, zeros);
	add_entry(n, "_error_injection_whitelist", nf, _i ? kind : zeros);
	ck_assert_uint_eq(compare(), (size_t)_i);
}
END_TEST

START_TEST(nokprobe_of_a_function_that_goes_is_not)
{
	struct elffix g = elffix_function(o, "g", STB_LOCAL, true, code, sizeof(code));

	elffix_ref(o, elffix_data(o, "_kprobe_blacklist", "_kbl_addr_g", STB_LOCAL, zeros, 8), 0, R_X86_64_64, g, 0);
	ck_assert_uint_eq(compare(), 0);
}
END_TEST

/* Their counters and their order mean nothing. */
START_TEST(equal_sets_are_equal)
{
	add_set(o, "__BTF_ID__func__f__1", "__BTF_ID__func__g__2", 0);
	add_set(n, "__BTF_ID__func__g__7", "__BTF_ID__func__f__8", 0);
	ck_assert_uint_eq(compare(), 0);
}
END_TEST

START_TEST(flags_and_members_of_sets_are_compared)
{
	add_set(o, "__BTF_ID__func__f__1", "__BTF_ID__func__g__2", 0);
	add_set(n, "__BTF_ID__func__f__1", _i ? NULL : "__BTF_ID__func__g__2", _i ? 0 : 4);
	ck_assert_uint_eq(compare(), _i ? 1 : 2);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("annotations");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, removed_export_is_refused);
	tcase_add_test(t, export_for_gpl_only_is_refused);
	tcase_add_loop_test(t, export_into_a_namespace_is_refused, 0, 2);
	tcase_add_test(t, new_export_is_told);
	tcase_add_test(t, error_injection_that_goes_is_refused);
	tcase_add_loop_test(t, error_injection_of_another_kind_is_refused, 0, 2);
	tcase_add_test(t, nokprobe_of_a_function_that_goes_is_not);
	tcase_add_test(t, equal_sets_are_equal);
	tcase_add_loop_test(t, flags_and_members_of_sets_are_compared, 0, 2);
	return fixture_run("annotations", t);
}
