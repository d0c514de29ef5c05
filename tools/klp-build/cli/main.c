// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - klp-build: turn a fix for a kernel into a proven live patch.
 */
#include <getopt.h>
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "base/xalloc.h"
#include "cmd.h"
#include "err.h"
#include "io.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "prepare", cmd_prepare, "fetch and prepare a kernel release, once" },
	{ "build", cmd_build, "make a live patch of a fix: a .klp bundle" },
	{ "check", cmd_check, "say whether a fix can be live-patched; emits nothing" },
	{ "mitigate", cmd_mitigate, "before there is a fix: have a function refuse, for a time" },
	{ "survey", cmd_survey, "which CVEs of an update live patches can cover" },
	{ "files", cmd_files, "which files of CVE records are in a kernel; for klp-repo" },
	{ "diff", cmd_diff, "compare two objects, function by function" },
	{ "prove", cmd_prove, "compile units as they are and compare them with the shipped kernel" },
	{ "inspect", cmd_inspect, "show what is in a bundle or a patch module" },
};

static void usage(FILE *f)
{
	fputs("usage: klp-build COMMAND [options]\n\n", f);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(f, "  %-9s %s\n", commands[i].name, commands[i].summary);
	fputs("\n`klp-build COMMAND --help` tells more; so does klp-build(1).\n"
	      "\n", f);
	fputs(exits_help, f);
}

/*
 * We run make, gcc and apt: what a calling make or a user's shell set for their
 * own builds must not reach them, and their messages are read by us.
 */
static void clean_environment(void)
{
	static const char *const names[] = {
		"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS", "V", "O", "C",
		"W", "M", "ARCH", "SRCARCH", "CROSS_COMPILE", "CC", "HOSTCC", "LD", "LLVM",
		"CFLAGS", "CPPFLAGS", "LDFLAGS", "KCFLAGS", "KCPPFLAGS", "KAFLAGS", "KBUILD_OUTPUT",
		"KBUILD_VERBOSE", "KBUILD_EXTMOD", "KBUILD_CFLAGS", "KERNELRELEASE",
		"LOCALVERSION", "INSTALL_MOD_PATH", "GCC_EXEC_PREFIX", "COMPILER_PATH",
		"CPATH", "C_INCLUDE_PATH", "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES",
		"TAR_OPTIONS", "XZ_DEFAULTS", "XZ_OPT",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	setenv("LC_ALL", "C", 1);
}

/* What was told and didn't arrive is a failure, whatever else went well. */
static int end_output(int code)
{
	struct klp_err err;

	cmd_json_end(code);
	return io_flush_stdout(&err) ? cmd_fail(&err) : code;
}

int main(int argc, char **argv)
{
	io_keep_standard();
	setlocale(LC_ALL, "C");
	clean_environment();
	proc_catch_signals();
	json_set_alloc_funcs(xmalloc, free);
	cmd_json_begin(argc, argv);
	opterr = 0;	/* cmd_usage() says it */
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return end_output(0);
	}
	if (!strcmp(argv[1], "--version")) {
		puts("klp-build " QP_VERSION);
		return end_output(0);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return end_output(commands[i].run(argc - 1, argv + 1));
	cmd_usage("", "\"%s\" isn't a command", argv[1]);
	usage(stderr);
	return end_output(EXIT_USAGE);
}
