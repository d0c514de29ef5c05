// SPDX-License-Identifier: GPL-2.0-or-later
/* Jump labels of chosen keys become reads of the key in a unit's assembly; all else stays as it is. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compile/keys_text.h"
#include "fixture.h"

static struct strings keys;

static void setup(void)
{
	strings_add(&keys, "mine");
	strings_add(&keys, "mine.12");
}

static void teardown(void)
{
	strings_free(&keys);
}

#define ENTRY(label, key)								\
	"\t.pushsection __jump_table,  \"aw\" \n\t .balign 8 \n\t.long 1b - . \n"	\
	"\t.long " label " - . \n\t .quad " key " - .\n\t.popsection \n"
#define SITE(label, key)	"\t1:jmp " label " # objtool NOPs this \n" ENTRY(label, key)

static char *rewrite(const char *s, int nr)
{
	struct text t = { 0 };

	ck_assert_int_eq(keys_rewrite(s, strlen(s), &keys, &t), nr);
	return text_take(&t);
}

static void becomes(const char *s, int nr, const char *want)
{
	char *got = rewrite(s, nr);

	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(off_by_default)
{
	becomes("a\n" SITE(".L5", "mine + 2") "b\n", 1,
		"a\n1:cmpl $0, mine+0(%rip)\n\tjne .L5\nb\n");
}
END_TEST

/* static_branch_likely() of a key that is on by default: jumps if it is off. */
START_TEST(on_by_default)
{
	becomes(SITE(".L6", "mine + 3"), 1, "1:cmpl $0, mine+0(%rip)\n\tje .L6\n");
	becomes("\t1:jmp .L6\n" ENTRY(".L6", "mine + 1"), 1, "1:cmpl $0, mine+0(%rip)\n\tje .L6\n");
}
END_TEST

/* A tracepoint's key is a member, a static local has a number. */
START_TEST(inside_a_variable)
{
	becomes(SITE(".L1", "mine.12+8 + 2"), 1, "1:cmpl $0, mine.12+8(%rip)\n\tjne .L1\n");
	becomes(SITE(".L1", "mine+16 + 3"), 1, "1:cmpl $0, mine+16(%rip)\n\tje .L1\n");
}
END_TEST

/* As Linux 7.3 writes it. */
START_TEST(annotated)
{
	becomes("\t1: jmp .L5 # objtool NOPs this \n\t.pushsection __jump_table,  \"aw\" \n\t .balign 8 \n"
		"911:\n\t.pushsection .discard.annotate_data,\"M\", @progbits, 8\n\t.long 911b - .\n"
		"\t.long 1\n\t.popsection\n\n.long 1b - . \n\t.long .L5 - . \n"
		"\t .quad mine+8 + 1 + 2 - . \n\t.popsection \n\tret\n", 1,
		"1:cmpl $0, mine+8(%rip)\n\tje .L5\n\tret\n");
}
END_TEST

START_TEST(others_stay)
{
	static const char *const same[] = {
		SITE(".L5", "other + 2"), SITE(".L5", "mine2 + 2"), SITE(".L5", "min + 2"),
		"\t1:jmp .L5\n\tret\n", "\tjmp .L5\n" ENTRY(".L5", "mine + 2"), "",
		SITE(".L5", "mine - 2"), SITE(".L5", "mine + other"), SITE(".L5", "2"),
		"\t1:jmp .L5\n\t.pushsection __jump_table,  \"aw\"", "1:jmp .L5 # no end of line",
		"\t1:jmp .L5\n\t.pushsection __bug_table, \"aw\"\n\t.quad mine + 2 - .\n\t.popsection\n",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		becomes(same[i], 0, same[i]);
}
END_TEST

START_TEST(several)
{
	becomes(SITE(".L1", "mine + 2") SITE(".L2", "other + 2") SITE(".L3", "mine + 2"), 2,
		"1:cmpl $0, mine+0(%rip)\n\tjne .L1\n" SITE(".L2", "other + 2")
		"1:cmpl $0, mine+0(%rip)\n\tjne .L3\n");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("keys");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, off_by_default);
	tcase_add_test(tc, on_by_default);
	tcase_add_test(tc, inside_a_variable);
	tcase_add_test(tc, annotated);
	tcase_add_test(tc, others_stay);
	tcase_add_test(tc, several);
	return fixture_run("keys", tc);
}
