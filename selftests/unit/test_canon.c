// SPDX-License-Identifier: GPL-2.0-or-later
/* test_canon.c - names that the compiler numbers, and fields with something behind them. */
#include <check.h>

#include "fixture.h"
#include "../../tools/klp-build/diff_priv.h"

START_TEST(canonical_names)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} t[] = {
		{ "foo.isra.0", "foo.isra.7", true },
		{ "foo.constprop.0.isra.1", "foo.constprop.3.isra.0", true },
		{ "count.12", "count.9", true },
		{ "foo.isra.0.cold", "foo.isra.1.cold", true },
		{ "__UNIQUE_ID_ddebug123.4", "__UNIQUE_ID_ddebug99.7", true },
		{ "__initcall__kmod_x__12_34_f6", "__initcall__kmod_x__13_35_f6", true },
		{ "foo", "foo.isra.0", false },
		{ "foo1", "foo2", false },
		{ "sha256.1", "sha512.1", false },
		{ "foo.isra.0", "foo.part.0", false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_msg(canon_equal(t[i].a, t[i].b) == t[i].equal, "%s %s", t[i].a, t[i].b);
}
END_TEST

/* The place a PC-relative field refers to depends on the immediate behind it. */
START_TEST(immediates_after_the_field)
{
	static const struct {
		uint8_t insn[12];
		unsigned int field, trailing;
	} t[] = {
		{ { 0x48, 0x8b, 0x05 }, 3, 0 },		/* mov x(%rip), %rax */
		{ { 0xc7, 0x05 }, 2, 4 },		/* movl $imm32, x(%rip) */
		{ { 0x66, 0xc7, 0x05 }, 3, 2 },		/* movw $imm16, x(%rip) */
		{ { 0x83, 0x3d }, 2, 1 },		/* cmpl $imm8, x(%rip) */
		{ { 0x48, 0x81, 0x3d }, 3, 4 },		/* cmpq $imm32, x(%rip) */
		{ { 0xf6, 0x05 }, 2, 1 },		/* testb $imm8, x(%rip) */
		{ { 0xf7, 0x1d }, 2, 0 },		/* negl x(%rip) */
		{ { 0x0f, 0xba, 0x2d }, 3, 1 },		/* btsl $imm8, x(%rip) */
		{ { 0xf0, 0x0f, 0xc1, 0x05 }, 4, 0 },	/* lock xadd %eax, x(%rip) */
		{ { 0x83, 0xe0, 0x0f, 0xc7, 0x05 }, 5, 4 },	/* and $0xf, %eax; movl */
		{ { 0xe8 }, 1, 0 },
		{ { 0x0f, 0x85 }, 2, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_msg(canon_trailing(t[i].insn, sizeof(t[i].insn), t[i].field) ==
			      t[i].trailing, "case %zu", i);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("canon");

	tcase_add_test(tc, canonical_names);
	tcase_add_test(tc, immediates_after_the_field);
	return fixture_run("canon", tc);
}
