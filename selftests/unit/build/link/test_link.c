// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_link.c - which of objtool's words stop a build: it warns, and succeeds all the same;
 * what kbuild asks the compiler is asked once.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/text.h"
#include "err.h"
#include "fixture.h"
#include "io.h"
#include "link/answers.h"
#include "link/objtool.h"

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

/* A run of make, as kbuild's are: what it prints, and in *@asked how many questions it has put. */
static char *run_make(const char *folder, size_t *asked)
{
	char *dir = format("D=%s", folder), *kept = format("%s/kept", folder), *questions = format("%s/asked", folder);
	const char *argv[] = { "make", "-s", "-C", folder, "-rR", dir, NULL };
	struct answers a;
	struct klp_err err;
	struct proc p = { .argv = argv, .env = (const char *const *)a.env };
	void *text;
	char *out;

	ck_assert_msg(!answers_open(&a, folder, kept, &err), "%s", err.text);
	ck_assert_msg(!proc_capture(&p, &out, &err), "%s", err.text);
	answers_keep(&a);
	answers_free(&a);
	ck_assert_int_eq(io_read_file(questions, 1000, &text, asked, NULL), 0);
	free(text);
	free(questions);
	free(kept);
	free(dir);
	return out;
}

static const char makefile[] =
	"TMPOUT = $(D)/tmp.$$$$\n"
	"comma := ,\n"
	"FLAGS := -Wa$(comma)--fatal '-fx=(y)' -DA='a\\#b'\n"
	"try-run = $(error this one isn't asked)\n"
	"one := $(call try-run,printf . >> $(D)/asked; echo $(FLAGS) > \"$$TMP\" && test -s \"$$TMP\",-yes=1 -x,no)\n"
	"two := $(call try-run,printf . >> $(D)/asked; false $(FLAGS),yes,)\n"
	"three := $(call try-run,printf . >> $(D)/asked; false $(FLAGS),yes,n)\n"
	"all:\n\techo '$(one)|$(two)|$(three)'\n";

START_TEST(questions_are_asked_once)
{
	char *folder = fixture_folder(), *path = format("%s/Makefile", folder), *out;
	size_t asked;

	ck_assert_int_eq(io_write_atomic(path, makefile, strlen(makefile), 0644, NULL), 0);
	for (int i = 0; i < 3; i++) {
		out = run_make(folder, &asked);
		ck_assert_str_eq(out, "-yes=1 -x||n\n");
		ck_assert_uint_eq(asked, 3);
		free(out);
	}
	/* Other options, other questions. */
	out = format("%s", makefile);
	memcpy(strstr(out, "--fatal"), "--other", 7);
	ck_assert_int_eq(io_write_atomic(path, out, strlen(out), 0644, NULL), 0);
	free(out);
	for (int i = 0; i < 2; i++) {
		out = run_make(folder, &asked);
		ck_assert_str_eq(out, "-yes=1 -x||n\n");
		ck_assert_uint_eq(asked, 6);
		free(out);
	}
	/* After a failure nothing is taken on trust. */
	free(path);
	path = format("%s/kept", folder);
	ck_assert_int_eq(access(path, F_OK), 0);
	answers_drop(&(struct answers){ .kept = path });
	free(run_make(folder, &asked));
	ck_assert_uint_eq(asked, 9);
	free(path);
	fixture_remove(folder);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("link");

	tcase_add_test(tc, silence);
	tcase_add_test(tc, questions_are_asked_once);
	tcase_add_test(tc, the_line_is_found);
	tcase_add_test(tc, own_tables);
	return fixture_run("link", tc);
}
