// SPDX-License-Identifier: GPL-2.0-or-later
/* test_tripwires.c - which refusals of a fix are counted, and that the counted text is the fix's own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/tripwires.h"
#include "elffix.h"
#include "fixture.h"

#define HEAD	"#include <linux/fs.h>\nstatic int foo(struct a *a, int n)\n{\n\tint ret;\n\n"
#define TAIL	"\tret = work(a);\nout:\n\treturn ret;\nbad_size:\n\tput(a);\n\treturn -EINVAL;\nleave:\n\tret = -EPERM;\n\tgoto out;\n}\n"
#define COUNT	"asm volatile(\"call qp_tripwire_here\" : \"+r\" (current_stack_pointer));"

static char *counted(const char *file, const char *orig, const char *text, struct tripwires *t)
{
	bool chosen[16];

	tripwires_find(file, orig, text, t);
	ck_assert_uint_le(t->nr, 16);
	memset(chosen, 1, sizeof(chosen));
	return tripwires_insert(text, t, chosen);
}

/* @added between HEAD and TAIL becomes @want. */
static void becomes(const char *added, const char *want)
{
	char *text, *expected, *got;
	struct tripwires t;

	ck_assert_int_gt(asprintf(&text, HEAD "%s" TAIL, added), 0);
	ck_assert_int_gt(asprintf(&expected, HEAD "%s" TAIL, want), 0);
	got = counted("a.c", HEAD TAIL, text, &t);
	ck_assert_str_eq(got, expected);
	for (size_t i = 0; i < t.nr; i++)
		if (!t.list[i].why)
			ck_assert_str_eq(t.list[i].function, "foo");
	tripwires_free(&t);
	free(got);
	free(expected);
	free(text);
}

/* It stays as it is; @why NULL: not even spoken of. */
static void stays(const char *file, const char *orig, const char *text, const char *why)
{
	struct tripwires t;
	char *got = counted(file, orig, text, &t);

	ck_assert_str_eq(got, text);
	ck_assert_uint_eq(t.nr, why ? 1 : 0);
	if (why)
		ck_assert_msg(strstr(t.list[0].why, why), "no \"%s\" in: %s", why, t.list[0].why);
	tripwires_free(&t);
	free(got);
}

static void added_stays(const char *added, const char *why)
{
	char *text;

	ck_assert_int_gt(asprintf(&text, HEAD "%s" TAIL, added), 0);
	stays("a.c", HEAD TAIL, text, why);
	free(text);
}

START_TEST(each_shape_of_a_refusal)
{
	becomes("\tif (n > 7)\n\t\treturn -EINVAL;\n", "\tif (n > 7)\n\t\t{ " COUNT " return -EINVAL; }\n");
	becomes("\tif (n > 7) return ERR_PTR(-EPERM);\n", "\tif (n > 7) { " COUNT " return ERR_PTR(-EPERM); }\n");
	becomes("\tif (n > 7) {\n\t\tint x = 1;\n\n\t\tret = -EINVAL;\n\t\tgoto out;\n\t}\n",
		"\tif (n > 7) { _Bool qp_tripped __attribute__((unused)) = ({ " COUNT " 0; });\n\t\tint x = 1;\n\n\t\tret = -EINVAL;\n\t\tgoto out;\n\t}\n");
	becomes("\tif (n > 7)\n\t\tgoto bad_size;\n", "\tif (n > 7)\n\t\t{ " COUNT " goto bad_size; }\n");
	/* By what stands behind the label. */
	becomes("\tif (n > 7)\n\t\tgoto leave;\n", "\tif (n > 7)\n\t\t{ " COUNT " goto leave; }\n");
	/* The else stays with its if; the inner if refuses, the outer doesn't. */
	becomes("\tif (n > 7)\n\t\treturn -EINVAL;\n\telse\n\t\tn = 3;\n", "\tif (n > 7)\n\t\t{ " COUNT " return -EINVAL; }\n\telse\n\t\tn = 3;\n");
	becomes("\tif (n > 7)\n\t\tif (a)\n\t\t\treturn -EINVAL;\n", "\tif (n > 7)\n\t\tif (a)\n\t\t\t{ " COUNT " return -EINVAL; }\n");
	becomes("\tswitch (n) {\n\tcase 1:\n\t\tif (a->x)\n\t\t\treturn -EINVAL;\n\t}\n",
		"\tswitch (n) {\n\tcase 1:\n\t\tif (a->x)\n\t\t\t{ " COUNT " return -EINVAL; }\n\t}\n");
	/* What a condition is made of doesn't matter. */
	becomes("\tif (unlikely(({ n++ > ';'; })) || f(\");\") /* ) { */)\n\t\treturn -EINVAL;\n",
		"\tif (unlikely(({ n++ > ';'; })) || f(\");\") /* ) { */)\n\t\t{ " COUNT " return -EINVAL; }\n");
}
END_TEST

START_TEST(what_is_no_refusal_is_not_spoken_of)
{
	added_stays("\tif (n > 7)\n\t\treturn 0;\n", NULL);
	added_stays("\tif (!a)\n\t\treturn -ENOMEM;\n", NULL);
	added_stays("\tif (n > 7)\n\t\tret = -EINVAL;\n", NULL);
	added_stays("\tret = -EINVAL;\n", NULL);
	added_stays("\t/* if (n) return -EINVAL; */\n", NULL);
	added_stays("\twhile (n) {\n\t\tif (a)\n\t\t\tbreak;\n\t}\n", NULL);
}
END_TEST

START_TEST(what_cannot_be_counted_is_told)
{
	static const char old[] = HEAD "\tif (n > 9)\n\t\treturn -EINVAL;\n" TAIL;

	added_stays("\tif (n > 7)\n\t\tgoto out;\n", "isn't seen to lead to an error exit");
	added_stays("\tif (n > 7) {\n\t\tif (a)\n\t\t\treturn 0;\n\t\treturn -EINVAL;\n\t}\n", "branches of its own");
	added_stays("\tif (n > 7\n#ifdef A\n\t    && a\n#endif\n\t   )\n\t\treturn -EINVAL;\n", "a preprocessor's line");
	added_stays("\tWITH_LOCK(a, ({ if (n > 7) return -EINVAL; 0; }));\n", "in parentheses");
	/* It was there, and refuses something else now: who comes there may only do what was wrong before. */
	stays("a.c", old, HEAD "\tif (n > 7)\n\t\treturn -EINVAL;\n" TAIL, "it changes an `if` that was there");
	stays("a.h", HEAD TAIL, HEAD "\tif (n > 7)\n\t\treturn -EINVAL;\n" TAIL, "it is in a header");
	stays("a.c", HEAD TAIL, "#define CHECK(n) \\\n\tdo { \\\n\t\tif (n) return -EINVAL; \\\n\t} while (0)\n\n" HEAD TAIL, "it is in a macro");
	stays("a.c", HEAD "\tunsafe_put_user(1, a, leave);\n" TAIL, HEAD "\tif (n)\n\t\treturn -EINVAL;\n\tunsafe_put_user(1, a, leave);\n" TAIL,
	      "user memory is open");
}
END_TEST

START_TEST(functions_are_named)
{
	struct tripwires t;
	char *got = counted("a.c", "SYSCALL_DEFINE1(nap, int, s)\n{\n\treturn 0;\n}\nint b(int x) __must_hold(y)\n{\n\treturn 0;\n}\n",
			    "SYSCALL_DEFINE1(nap, int, s)\n{\n\tif (s)\n\t\treturn -EINVAL;\n#line 3\n\treturn 0;\n}\nint b(int x) __must_hold(y)\n{\n\tif (x)\n\t\treturn -EPERM;\n\treturn 0;\n}\n", &t);

	ck_assert_uint_eq(t.nr, 2);
	ck_assert_str_eq(t.list[0].function, "nap");
	ck_assert_uint_eq(t.list[0].line, 3);
	ck_assert_str_eq(t.list[1].function, "b");
	/* Our own #line isn't the file's. */
	ck_assert_uint_eq(t.list[1].line, 9);
	tripwires_free(&t);
	free(got);
}
END_TEST

/* What is wrong with the object that has counters. */
enum wrong { NOTHING, NO_COUNTER_BUT_CHANGED, ANOTHER_FUNCTION, ANOTHER_REFERENCE, NEW_SYMBOL, DATA, LOST_REFERENCE };

static struct elf_file *object(bool counted, enum wrong w)
{
	static const uint8_t plain[16] = { 0x85, 0xff, 0x74, 0x05, 0xe8 }, more[24] = { 0x85, 0xff, 0x74, 0x0a, 0xe8, 0, 0, 0, 0, 0xe8 };
	static const uint8_t other[8] = { 0x31, 0xc0, 0xc3 }, changed[8] = { 0x31, 0xc9, 0xc3 };
	struct elf_out *out = elf_out_new();
	struct elffix foo, bar, var;

	if (counted && w != NO_COUNTER_BUT_CHANGED)
		foo = elffix_function(out, "foo", STB_GLOBAL, true, more, sizeof(more));
	else
		foo = elffix_function(out, "foo", STB_GLOBAL, true, counted ? other : plain, counted ? sizeof(other) : sizeof(plain));
	bar = elffix_function(out, "bar", STB_LOCAL, true, counted && w == ANOTHER_FUNCTION ? changed : other, sizeof(other));
	var = elffix_data(out, ".data.var", "var", STB_LOCAL, counted && w == DATA ? "1234" : "4321", 4);
	if (!(counted && (w == LOST_REFERENCE || w == NO_COUNTER_BUT_CHANGED)))
		elffix_undef(out, foo, counted ? 10 : 5, R_X86_64_PLT32, "work");
	if (counted && w != NO_COUNTER_BUT_CHANGED)
		elffix_undef(out, foo, 5, R_X86_64_PLT32, "qp_tripwire_here");
	if (counted && w == ANOTHER_REFERENCE)
		elffix_ref(out, foo, 15, R_X86_64_PC32, var, 0);
	if (counted && w == NEW_SYMBOL)
		elffix_function(out, "foo.part.0", STB_LOCAL, false, other, sizeof(other));
	(void)bar;
	return elffix_finish(out);
}

static bool same(enum wrong w)
{
	struct elf_file *own = object(false, w), *counted = object(true, w);
	char why[300] = "";
	bool ret = tripwires_same(own, counted, why, sizeof(why));

	ck_assert_msg(ret || *why, "no reason given");
	elf_close(own);
	elf_close(counted);
	return ret;
}

START_TEST(an_object_that_differs_in_more_is_not_taken)
{
	ck_assert(same(NOTHING));
	ck_assert(!same(NO_COUNTER_BUT_CHANGED));
	ck_assert(!same(ANOTHER_FUNCTION));
	ck_assert(!same(ANOTHER_REFERENCE));
	ck_assert(!same(LOST_REFERENCE));
	ck_assert(!same(NEW_SYMBOL));
	ck_assert(!same(DATA));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("tripwires");

	tcase_add_test(tc, each_shape_of_a_refusal);
	tcase_add_test(tc, what_is_no_refusal_is_not_spoken_of);
	tcase_add_test(tc, what_cannot_be_counted_is_told);
	tcase_add_test(tc, functions_are_named);
	tcase_add_test(tc, an_object_that_differs_in_more_is_not_taken);
	return fixture_run("tripwires", tc);
}
