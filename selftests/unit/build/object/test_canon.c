// SPDX-License-Identifier: GPL-2.0-or-later
/* test_canon.c - names that the compiler numbers, and fields with something behind them. */
#include <check.h>

#include "fixture.h"
#include "object/canon.h"

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

int main(void)
{
	TCase *tc = tcase_create("canon");

	tcase_add_test(tc, canonical_names);
	return fixture_run("canon", tc);
}
