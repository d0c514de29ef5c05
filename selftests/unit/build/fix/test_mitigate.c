// SPDX-License-Identifier: GPL-2.0-or-later
/* test_mitigate.c - where a mitigation's line goes, and what is refused. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fix/mitigate.h"
#include "fixture.h"

static const char source[] =
	"#include <linux/fs.h>\n"
	"static int twice(int x);\n"
	"#define CALL(name) static int name(void)\n"
	"\n"
	"static struct bpf_map *map_of(union attr *a)\n"
	"{\n"
	"\tint n;\n"
	"\n"
	"\treturn twice(n);\n"
	"}\n"
	"static void stop(void) { gone = 1; }\n"
	"void *place(void)\n"
	"{\n"
	"}\n"
	"SYSCALL_DEFINE1(nap, int, s)\n"
	"{\n"
	"\treturn 0;\n"
	"}\n"
	"#ifdef A\n"
	"int either(void)\n"
	"{\n"
	"}\n"
	"#else\n"
	"int either(void)\n"
	"{\n"
	"}\n"
	"#endif\n";

static int make(const char *function, const char *value, char **out, struct klp_err *err)
{
	struct mitigation m = { .function = function, .value = value, .when = "a->n > 1", .expires = 1000 };

	*out = NULL;
	return mitigate_file("a/b.c", source, sizeof(source) - 1, &m, out, err);
}

static void has(const char *function, const char *value, const char *what)
{
	struct klp_err err;
	char *out;

	ck_assert_msg(!make(function, value, &out, &err), "%s: %s", function, err.text);
	ck_assert_msg(strstr(out, what), "no \"%s\" in: %s", what, out);
	free(out);
}

static void refused(const char *function, const char *value, int code, const char *what)
{
	struct klp_err err;
	char *out;

	ck_assert_int_eq(make(function, value, &out, &err), code);
	ck_assert_ptr_null(out);
	ck_assert_msg(strstr(err.text, what), "no \"%s\" in: %s", what, err.text);
}

START_TEST(the_line_comes_first_in_the_body)
{
	has("map_of", "ERR_PTR(-EPERM)", "--- a/a/b.c\n+++ b/a/b.c\n@@ -3,7 +3,8 @@\n");
	has("map_of", "ERR_PTR(-EPERM)", " static struct bpf_map *map_of(union attr *a)\n {\n+\t_Bool qp_refused");
	has("map_of", "ERR_PTR(-EPERM)", "if ((a->n > 1) && qp_mitigates(\"map_of\", 1000LL)) return ERR_PTR(-EPERM);");
	has("nap", "-EPERM", " SYSCALL_DEFINE1(nap, int, s)\n {\n+");
	has("place", "NULL", "return NULL;");
}
END_TEST

START_TEST(a_body_on_the_braces_line_keeps_what_it_does)
{
	has("stop", NULL, "-static void stop(void) { gone = 1; }\n+static void stop(void) {\n+\t_Bool");
	has("stop", NULL, "0; });\n+ gone = 1; }\n void *place(void)\n");
	has("stop", NULL, "return ;");
}
END_TEST

START_TEST(what_does_not_go_together_is_refused)
{
	refused("stop", "1", -EINVAL, "returns nothing");
	refused("map_of", NULL, -EINVAL, "returns something");
	refused("place", NULL, -EINVAL, "returns something");
	refused("twice", "1", -ENOENT, "doesn't define");
	refused("nosuch", "1", -ENOENT, "doesn't define");
	refused("either", "1", -EEXIST, "several times");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("mitigate");

	tcase_add_test(tc, the_line_comes_first_in_the_body);
	tcase_add_test(tc, a_body_on_the_braces_line_keeps_what_it_does);
	tcase_add_test(tc, what_does_not_go_together_is_refused);
	return fixture_run("mitigate", tc);
}
