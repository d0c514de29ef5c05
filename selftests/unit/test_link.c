// SPDX-License-Identifier: GPL-2.0-or-later
/* test_link.c - which of objtool's words stop a build: it warns, and succeeds all the same. */
#include <check.h>
#include <string.h>

#include "fixture.h"
#include "../../tools/klp-build/objtool.h"

#define MIND	"vmlinux.o: warning: objtool: "
#define OWN	"m.o: warning: objtool: .qp.funcs+0x8: data relocation to !ENDBR: helper+0x0\n"

static void warns(const char *text, const char *line)
{
	size_t len = 4711;
	const char *p = objtool_warning(text, &len);

	if (!line) {
		ck_assert_msg(!p, "warned of: %s", p);
		return;
	}
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(len, strlen(line));
	ck_assert_int_eq(strncmp(p, line, len), 0);
}

START_TEST(silence)
{
	warns("", NULL);
	warns("\n\n", NULL);
	warns("  LD [M]  m.o\nWARNING: modpost: \"x\" [m.ko] undefined!\n", NULL);
}
END_TEST

START_TEST(the_line_is_found)
{
	warns(MIND "f()+0x12: stack state mismatch", MIND "f()+0x12: stack state mismatch");
	warns("  LD [M] m.o\n" MIND "f(): unreachable instruction\nmore\n" MIND "g(): second\n",
	      MIND "f(): unreachable instruction");
}
END_TEST

/* Our own tables hold addresses of functions without ENDBR; nobody else's do. */
START_TEST(own_tables)
{
	warns(OWN, NULL);
	warns(OWN OWN, NULL);
	warns(OWN MIND "f(): unreachable instruction", MIND "f(): unreachable instruction");
	warns(MIND ".data.x+0x8: data relocation to !ENDBR: f+0x0\n",
	      MIND ".data.x+0x8: data relocation to !ENDBR: f+0x0");
	warns(MIND ".qp.funcs+0x8: something else\n", MIND ".qp.funcs+0x8: something else");
	/* The two halves in two lines are two warnings. */
	warns(MIND ".qp.funcs\n" MIND "data relocation to !ENDBR", MIND ".qp.funcs");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("link");

	tcase_add_test(tc, silence);
	tcase_add_test(tc, the_line_is_found);
	tcase_add_test(tc, own_tables);
	return fixture_run("link", tc);
}
