// SPDX-License-Identifier: GPL-2.0-or-later
/* test_printable.c - foreign text: whatever comes in, what goes out can be printed. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "printable.h"

static void becomes(const char *in, const char *want)
{
	char out[256];

	ck_assert_uint_eq(text_printable(in, strlen(in), out, sizeof(out)), strlen(want));
	ck_assert_str_eq(out, want);
}

START_TEST(what_can_steer_a_terminal_is_spelled_out)
{
	becomes("kworker/0:1", "kworker/0:1");
	becomes("caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xa7", "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xa7");
	becomes("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m");
	becomes("a\nb\rc\td\x7f", "a\\x0ab\\x0dc\\x09d\\x7f");
	becomes("\xc2\x9b" "2J", "\\xc2\\x9b2J");			/* C1's own CSI */
	becomes("\xe2\x80\xae" "gnp", "\\xe2\\x80\\xaegnp");		/* right to left, overriding */
	becomes("\xe2\x81\xa6x", "\\xe2\\x81\\xa6x");			/* isolate */
	becomes("\xe2\x80\xa8x", "\\xe2\\x80\\xa8x");			/* line separator */
	becomes("a\xe2\x80\x8b" "b", "a\\xe2\\x80\\x8bb");			/* no width */
	becomes("a\xc2\xad" "b", "a\\xc2\\xadb");				/* soft hyphen */
	becomes("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81");			/* a tag: text in text */
	becomes("\xef\xbf\xbe", "\\xef\\xbf\\xbe");				/* no character */
}
END_TEST

START_TEST(broken_utf8_is_spelled_out_and_nothing_after_it_is_lost)
{
	becomes("\xff\xfe ok", "\\xff\\xfe ok");
	becomes("\xc3", "\\xc3");
	becomes("\xc3(", "\\xc3(");
	becomes("\xc0\xaf", "\\xc0\\xaf");				/* overlong */
	becomes("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	becomes("\xed\xa0\x80", "\\xed\\xa0\\x80");			/* a surrogate */
	becomes("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");		/* beyond Unicode */
	becomes("\xe6\x97", "\\xe6\\x97");
}
END_TEST

START_TEST(what_does_not_fit_is_left_out_whole)
{
	char out[8];

	ck_assert_uint_eq(text_printable("abcdefghij", 10, out, sizeof(out)), 7);
	ck_assert_str_eq(out, "abcdefg");
	ck_assert_uint_eq(text_printable("abcdef\xc3\xa9", 8, out, sizeof(out)), 6);
	ck_assert_str_eq(out, "abcdef");
	ck_assert_uint_eq(text_printable("abcd\x1b", 5, out, sizeof(out)), 4);
	ck_assert_uint_eq(text_printable("x", 1, out, 1), 0);
	ck_assert_str_eq(out, "");
	/* An array without a NUL. */
	ck_assert_uint_eq(text_printable("abc", 2, out, sizeof(out)), 2);
}
END_TEST

START_TEST(whatever_goes_in_json_takes_what_comes_out)
{
	char in[16], out[65];
	unsigned int seed = 1;
	size_t i, k, n;
	json_t *j;

	for (i = 0; i < 100000; i++) {
		for (k = 0; k < sizeof(in); k++)
			in[k] = rand_r(&seed);
		n = text_printable(in, sizeof(in), out, sizeof(out));
		ck_assert(text_is_printable(out, n));
		ck_assert_int_eq(text_is_printable(in, strnlen(in, sizeof(in))), n == strnlen(in, sizeof(in)));
		ck_assert_uint_eq(n, strlen(out));
		j = json_string(out);
		ck_assert_ptr_nonnull(j);
		json_decref(j);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("printable");

	tcase_add_test(tc, what_can_steer_a_terminal_is_spelled_out);
	tcase_add_test(tc, broken_utf8_is_spelled_out_and_nothing_after_it_is_lost);
	tcase_add_test(tc, what_does_not_fit_is_left_out_whole);
	tcase_add_test(tc, whatever_goes_in_json_takes_what_comes_out);
	return fixture_run("printable", tc);
}
