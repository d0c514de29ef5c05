// SPDX-License-Identifier: GPL-2.0-or-later
/* test_witness.c - what `make -n` says of a small kernel; each line of it torn, lost or doubled. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "target/dryrun.h"
#include "target/witness.h"

#define CC(object, source, more) \
	"set -e;  echo '  CC      " object "';  gcc-12 -DX='\"a;b\"' -DKBUILD_MODFILE='\"" more "\"' -c -o " object " " source \
	"   ; ./tools/objtool/objtool " object "; scripts/basic/fixdep x.d " object " 'gcc-12 -DX='\\''\"a;b\"'\\'' -DKBUILD_MODFILE='\\''\"" \
	more "\"'\\'' -c -o " object " " source "   ; ./tools/objtool/objtool " object "' > x.cmd; rm x.d\n"
#define AR(archive, command) "set -e;  echo '  AR      " archive "';  rm -f " archive "; " command "; printf '%s\\n' 'savedcmd_" archive \
	" := rm -f " archive "; " command "' > x.cmd\n"
#define MOD(module, members) "set -e;  printf '%s\\n'   " members " | awk '!x[$0]++ { print(\"fs/\"$0) }' > " module ".mod; " \
	"printf '%s\\n' 'cmd_" module ".mod := printf '\\''%s\\n'\\''   " members \
	" | awk '\\''!x[$$0]++ { print(\"fs/\"$$0) }'\\'' > " module ".mod' > x.cmd\n"

static const char *const kernel[] = {
	"make -f /s/scripts/Makefile.build obj=init\n",
	CC("init/main.o", "/s/init/main.c", "init/main"),
	AR("init/built-in.a", "printf \"init/%s \" main.o | xargs ar cDPrST init/built-in.a"),
	CC("fs/open.o", "/s/fs/open.c", "fs/open"),
	CC("fs/tables.o", "fs/tables.c", "fs/tables"),
	CC("fs/../virt/x.o", "/s/fs/../virt/x.c", "fs/fat"),
	CC("fs/fat.o", "/s/fs/fat.c", "fs/fat"),
	AR("fs/empty/built-in.a", " ar cDPrST fs/empty/built-in.a"),
	CC("fs/early.o", "/s/fs/early.c", "fs/early"),
	"set -e;  echo '  OBJCOPY fs/early.pi.o'; objcopy --prefix-symbols=__pi_ fs/early.o fs/early.pi.o; "
	"printf '%s\\n' 'savedcmd_fs/early.pi.o := objcopy --prefix-symbols=__pi_ fs/early.o fs/early.pi.o' > x.cmd\n",
	AR("fs/built-in.a", "printf \"fs/%s \" open.o tables.o early.pi.o empty/built-in.a | xargs ar cDPrST fs/built-in.a"),
	MOD("fs/vfat", "fat.o ../virt/x.o"),
	CC("lib/sort.o", "/s/lib/sort.c", "lib/sort"),
	AR("lib/lib.a", "ar cDPrsT lib/lib.a lib/sort.o"),
	AR("arch/x86/lib/lib.a", "ar cDPrsT arch/x86/lib/lib.a"),
	AR("built-in.a", "printf \"./%s \" init/built-in.a fs/built-in.a | xargs ar cDPrST built-in.a"),
	AR("vmlinux.a", "ar cDPrST vmlinux.a ./built-in.a  lib/lib.a  arch/x86/lib/lib.a; ar mPiT $(ar t vmlinux.a | sed -n 1p) vmlinux.a"),
	CC("arch/x86/boot/main.o", "/s/arch/x86/boot/main.c", "main"),
	"set -e; gcc-12 -Wp,-MD,x -c -o /o/tools/objtool/check.o check.c\n",
	"set -e; echo '  HOSTCC  scripts/basic/fixdep'; gcc-12 -o scripts/basic/fixdep /s/scripts/basic/fixdep.c\n",
};

#define LINES	(sizeof(kernel) / sizeof(kernel[0]))

static struct dry_run d;
static struct shipped shipped;
static struct witness w;
static struct klp_err err;

static void setup(void)
{
	d = (struct dry_run){ .cc = "gcc-12", .src = "/s" };
	memset(&w, 0, sizeof(w));
	memset(&err, 0, sizeof(err));
	strings_add(&shipped.modules, "fs/vfat");
	strings_add(&shipped.builtin, "fs/open");
	strings_add(&shipped.files, "virt/x.c");
}

static void teardown(void)
{
	dry_run_free(&d);
	strings_free(&shipped.modules);
	strings_free(&shipped.builtin);
	strings_free(&shipped.initcalls);
	strings_free(&shipped.files);
}

/* The kernel with line @nr replaced by @instead, NULL: left out; @nr -1: as it is. */
static int check_with(int nr, const char *instead)
{
	int ret = 0;

	dry_run_free(&d);
	d = (struct dry_run){ .cc = "gcc-12", .src = "/s" };
	for (int i = 0; !ret && i < (int)LINES; i++) {
		const char *line = i == nr ? instead : kernel[i];

		if (line)
			ret = dry_run_line(&d, line, strlen(line), &err);
	}
	if (!ret)
		ret = dry_run_sort(&d, &err);
	return ret ? ret : witness_check(&d, &shipped, &w, &err);
}

static int line_of(const char *text)
{
	for (int i = 0; i < (int)LINES; i++)
		if (strstr(kernel[i], text))
			return i;
	ck_abort_msg("no line with \"%s\"", text);
	return -1;
}

static void refused(int nr, const char *instead, const char *says)
{
	int ret = check_with(nr, instead);

	ck_assert_msg(ret == -EBADMSG, "%d: %s", ret, err.text);
	ck_assert_msg(strstr(err.text, says) != NULL, "\"%s\" isn't in: %s", says, err.text);
}

START_TEST(a_whole_kernel)
{
	ck_assert_msg(!check_with(-1, NULL), "%s", err.text);
	ck_assert_uint_eq(w.objects, 7);
	ck_assert_uint_eq(w.archives, 7);
	ck_assert_uint_eq(w.modules, 1);
	ck_assert_str_eq(dry_run_command(&d, "virt/x.o")->object, "fs/../virt/x.o");
	ck_assert_str_eq(dry_run_command(&d, "init/main.o")->command,
			 "gcc-12 -DX='\"a;b\"' -DKBUILD_MODFILE='\"init/main\"' -c -o init/main.o /s/init/main.c");
	ck_assert(dry_run_compiles(&d, "virt/x.c") && dry_run_compiles(&d, "fs/tables.c"));
	ck_assert_ptr_null(dry_run_command(&d, "/o/tools/objtool/check.o"));
}
END_TEST

START_TEST(a_lost_line)
{
	refused(line_of("CC      fs/open.o"), NULL, "nothing compiles fs/open.o, and fs/built-in.a is linked from it");
	refused(line_of("CC      fs/../virt"), NULL, "nothing compiles virt/x.o, and fs/vfat.mod");
	refused(line_of("AR      init/built-in.a"), NULL, "of what init/built-in.a is made isn't known, and built-in.a");
	refused(line_of("OBJCOPY"), NULL, "nothing compiles fs/early.pi.o");
	refused(line_of("AR      lib/lib.a"), NULL, "of what lib/lib.a is made");
	refused(line_of("AR      built-in.a"), NULL, "of what built-in.a is made");
	/* Its members are left over. */
	refused(line_of("vfat.mod"), NULL, "is compiled, but into nothing");
	/* That of vmlinux isn't printed by 7.3: the roots are known. */
	ck_assert_msg(!check_with(line_of("AR      vmlinux.a"), NULL), "%s", err.text);
}
END_TEST

/* Are all commands that were taken the kernel's own, to the last character? */
static void only_whole_commands(const char *torn)
{
	for (size_t i = 0; i < d.nr_commands; i++) {
		bool known = false;

		for (size_t k = 0; k < LINES && !known; k++)
			known = strstr(kernel[k], d.commands[i].command) && strstr(kernel[k], "fixdep x.d");
		ck_assert_msg(known, "\"%s\" gave %s", torn, d.commands[i].command);
	}
}

/*
 * Each line, torn at each place: its beginning alone, its end alone, another's end in its middle.  It is
 * refused, or what counts was all on one side.
 */
START_TEST(a_torn_line)
{
	static const char other[] = "objtool net/x.o; scripts/basic/fixdep x.d net/x.o 'gcc-12 -c -o net/x.o /s/net/x.c' > x.cmd\n";
	const char *line = kernel[_i];
	size_t len = strlen(line), refusals = 0;

	for (size_t at = 1; at < len - 1; at++) {
		for (int way = 0; way < 3; way++) {
			char *torn = way == 0 ? format("%.*s\n", (int)at, line) : way == 1 ? strdup(line + at) :
				     format("%.*s%s", (int)at, line, other);
			int ret = check_with(_i, torn);

			refusals += ret == -EBADMSG;
			ck_assert_msg(ret == -EBADMSG || (!ret && w.objects == 7 && w.archives == 7 && w.modules == 1),
				      "\"%s\": %d", torn, ret);
			if (!ret)
				only_whole_commands(torn);
			free(torn);
		}
	}
	ck_assert_msg(refusals > len, "%zu of %zu", refusals, 3 * len);
}
END_TEST

START_TEST(a_list_that_lost_a_word)
{
	char *line = strdup(kernel[line_of("AR      fs/built-in.a")]), *word = strstr(line, "open.o ");

	/* In the command alone, and in the record alone. */
	memmove(word, word + 7, strlen(word + 7) + 1);
	refused(line_of("AR      fs/built-in.a"), line, "makes fs/built-in.a isn't whole");
	free(line);
	line = strdup(kernel[line_of("AR      fs/built-in.a")]);
	word = strstr(strstr(line, "savedcmd"), "open.o ");
	memmove(word, word + 7, strlen(word + 7) + 1);
	refused(line_of("AR      fs/built-in.a"), line, "makes fs/built-in.a isn't whole");
	free(line);
	/* In both: its command is left over. */
	refused(line_of("AR      fs/built-in.a"),
		AR("fs/built-in.a", "printf \"fs/%s \" tables.o early.pi.o empty/built-in.a | xargs ar cDPrST fs/built-in.a"),
		"fs/open.o is compiled, but into nothing");
	/* A form that isn't known isn't an empty list. */
	refused(line_of("AR      fs/built-in.a"), AR("fs/built-in.a", "llvm-ar --thin fs/built-in.a fs/open.o"),
		"cannot read of what fs/built-in.a is made");
	refused(line_of("AR      fs/built-in.a"), AR("fs/built-in.a", "printf \"fs/%s\" open.o | xargs ar cDPrST fs/built-in.a"),
		"cannot read of what fs/built-in.a is made");
}
END_TEST

START_TEST(a_command_that_differs_from_its_record)
{
	char *line = strdup(kernel[line_of("CC      fs/open.o")]);

	strstr(strstr(line, "fixdep"), "open.c")[0] = 'O';
	refused(line_of("CC      fs/open.o"), line, "makes fs/open.o isn't whole");
	free(line);
	refused(line_of("obj=init"), CC("fs/open.o", "/s/fs/other.c", "fs/open"), "compiles fs/open.o in two ways");
	/* The same twice is no harm. */
	ck_assert_msg(!check_with(line_of("obj=init"), kernel[line_of("CC      fs/open.o")]), "%s", err.text);
}
END_TEST

START_TEST(what_was_shipped)
{
	strings_add(&shipped.modules, "fs/isofs/isofs");
	refused(-1, NULL, "the module fs/isofs/isofs.ko is shipped, but nothing makes it");
	strings_free(&shipped.modules);
	strings_add(&shipped.builtin, "fs/ext4/ext4");
	refused(-1, NULL, "modules.builtin has fs/ext4/ext4.ko, but");
	strings_free(&shipped.builtin);
	strings_add(&shipped.initcalls, "af_inet");
	refused(-1, NULL, "an initcall of \"af_inet\", but");
	strings_free(&shipped.initcalls);
	strings_add(&shipped.files, "net/tls/tls_sw.c");
	refused(-1, NULL, "names its source net/tls/tls_sw.c, but");
}
END_TEST

START_TEST(reading_what_was_shipped)
{
	static const char image[] = "\0net/core/dev.c\0\1OPdrivers/tty/vt/vt.c\0init.c\0net/core/dev.c\0a b/c.c\0/build/x-1.0/fs/open.c\0x/y.cc\0x/z.c";
	struct strings l = { 0 };

	witness_files((const uint8_t *)image, sizeof(image), &l);
	ck_assert_uint_eq(l.nr, 3);
	ck_assert_str_eq(l.list[0], "/build/x-1.0/fs/open.c");
	ck_assert_str_eq(l.list[1], "net/core/dev.c");
	strings_free(&l);
	ck_assert_int_eq(witness_modules("kernel/fs/isofs/isofs.ko.xz: kernel/x.ko.xz\nupdates/dkms/zfs.ko:\n", &l), 0);
	ck_assert_uint_eq(l.nr, 2);
	ck_assert_str_eq(l.list[0], "fs/isofs/isofs");
	ck_assert_str_eq(l.list[1], "updates/dkms/zfs");
	strings_free(&l);
	ck_assert_int_eq(witness_owners("0x1\tjiffies\tvmlinux\tEXPORT_SYMBOL\t\n0x2\ta\tfs/fat/fat\tEXPORT_SYMBOL\t\n0x3\tb\tfs/fat/fat\tEXPORT_SYMBOL\t\n", &l), 0);
	ck_assert_uint_eq(l.nr, 1);
	ck_assert_str_eq(l.list[0], "fs/fat/fat");
	strings_free(&l);
	ck_assert_int_eq(witness_initcalls("1 d __initcall__kmod_af_alg__455_1123_af_alg_init6\n2 d x\n3 d __initcall__kmod_a__b__1_2_c7\n", &l), 0);
	ck_assert_uint_eq(l.nr, 2);
	ck_assert_str_eq(l.list[0], "af_alg");
	ck_assert_str_eq(l.list[1], "a__b");
	strings_free(&l);
	witness_includes("#include <linux/fs.h>\n# include \"rt.c\"\n/* include \"no.c\" */\n#include \"../x/y.c\"\n", "kernel/sched", &l);
	ck_assert_uint_eq(l.nr, 6);
	ck_assert_str_eq(l.list[0], "kernel/sched/rt.c");
	ck_assert_str_eq(l.list[3], "kernel/x/y.c");
	strings_free(&l);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("witness");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_whole_kernel);
	tcase_add_test(tc, a_lost_line);
	tcase_add_loop_test(tc, a_torn_line, 1, LINES - 4);
	tcase_add_test(tc, a_list_that_lost_a_word);
	tcase_add_test(tc, a_command_that_differs_from_its_record);
	tcase_add_test(tc, what_was_shipped);
	tcase_add_test(tc, reading_what_was_shipped);
	return fixture_run("witness", tc);
}
