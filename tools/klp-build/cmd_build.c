// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_build.c - `klp-build build` and `klp-build check`: see build_run.c. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build_priv.h"
#include "cmd.h"
#include "report_priv.h"

static const char help_build[] =
	"usage: klp-build build --kernel KREL FIX... -o OUT.klp [options]\n"
	"       klp-build check --kernel KREL FIX...            [options]\n"
	"       klp-build build|check --from-package VERSION    (--help tells more)\n"
	"\n"
	"Make a live patch for a kernel release that `klp-build prepare` has prepared.\n"
	"`check` runs all that can refuse, and emits nothing.\n"
	"\n"
	"FIX is a unified diff against the kernel's source (as for patch -p1), a recipe,\n"
	"or a folder with a file \"recipe\" or \"fix.patch\".\n"
	"\n"
	"  -k, --kernel KREL    e.g. 6.1.0-50-cloud-amd64\n"
	"  -o, --output FILE    the bundle\n"
	"      --key KEY.pem    sign it with this Ed25519 key; unsigned without\n"
	"      --name NAME      name of the patch: a-z, 0-9, '-' (default: the fix's)\n"
	"      --release N      counts up per name (default 1)\n"
	"      --summary TEXT   one line (default: the fix's)\n"
	"      --cve CVE        a CVE that it fixes; may be repeated\n"
	"      --allow-data NAME  changed data that a callback of the patch writes; may be repeated\n"
	"      --json FILE      report as JSON to FILE, - is the standard output\n"
	"  -j, --jobs N         compilers at a time (default: one a CPU)\n"
	"      --keep           keep the work folder\n"
	"  -v, --verbose        commands and detail\n"
	"  -h, --help           this text\n"
	"\n"
	"exit: 0 built, 1 failed, 2 no function changed, 3 refused (see \"Refusals\" in\n"
	"klp-build(1)), 64 usage\n";

enum { OPT_KEY = 256, OPT_NAME, OPT_RELEASE, OPT_SUMMARY, OPT_CVE, OPT_JSON, OPT_KEEP, OPT_ALLOW_DATA };

static const struct option options[] = {
	{ "kernel", required_argument, NULL, 'k' },
	{ "output", required_argument, NULL, 'o' },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "release", required_argument, NULL, OPT_RELEASE },
	{ "summary", required_argument, NULL, OPT_SUMMARY },
	{ "cve", required_argument, NULL, OPT_CVE },
	{ "allow-data", required_argument, NULL, OPT_ALLOW_DATA },
	{ "json", required_argument, NULL, OPT_JSON },
	{ "jobs", required_argument, NULL, 'j' },
	{ "keep", no_argument, NULL, OPT_KEEP },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct args {
	struct build_options o;
	const char *json;
	bool verbose;
};

/* 0, or the exit code plus one when there is nothing more to do. */
static int parse_args(const char *command, int argc, char **argv, struct args *a)
{
	int c;

	while ((c = getopt_long(argc, argv, "k:o:j:vh", options, NULL)) != -1) {
		switch (c) {
		case 'k':
			a->o.krel = optarg;
			break;
		case 'o':
			a->o.out = optarg;
			break;
		case OPT_KEY:
			a->o.key = optarg;
			break;
		case OPT_NAME:
			a->o.name = optarg;
			break;
		case OPT_RELEASE:
			a->o.release = strtoull(optarg, NULL, 10);
			if (!a->o.release)
				return 1 + cmd_usage(command, "\"%s\" isn't a release number", optarg);
			break;
		case OPT_SUMMARY:
			a->o.summary = optarg;
			break;
		case OPT_CVE:
			if (strings_add(&a->o.cves, optarg))
				return 1 + EXIT_FAILED;
			break;
		case OPT_ALLOW_DATA:
			if (strings_add(&a->o.allow_data, optarg))
				return 1 + EXIT_FAILED;
			break;
		case OPT_JSON:
			a->json = optarg;
			break;
		case 'j':
			a->o.jobs = cmd_number(optarg);
			if (!a->o.jobs)
				return 1 + cmd_usage(command, "\"%s\" isn't a number of jobs", optarg);
			break;
		case OPT_KEEP:
			a->o.keep = true;
			break;
		case 'v':
			a->verbose = true;
			break;
		case 'h':
			fputs(help_build, stdout);
			return 1;
		default:
			return 1 + cmd_usage(command, NULL);
		}
	}
	a->o.fixes = argv + optind;
	a->o.nr_fixes = (size_t)(argc - optind);
	return 0;
}

static const struct {
	const char *name;	/* in JSON */
	int code;
} outcomes[] = {
	[OUTCOME_BUILT] = { "built", EXIT_BUILT },
	[OUTCOME_NO_CHANGE] = { "no-change", EXIT_NO_CHANGE },
	[OUTCOME_REFUSED] = { "refused", EXIT_REFUSED },
};

static void print_outcome(const struct args *a, struct report *r, enum outcome outcome)
{
	if (outcome != OUTCOME_NO_CHANGE)
		report_print_functions(r);
	switch (outcome) {
	case OUTCOME_BUILT:
		if (!r->quiet)
			printf("%s in %.1f s (%.1f CPU s)\n",
			       a->o.out ? "built" : "can be live-patched; checked", report_wall(r),
			       cpu_now());
		break;
	case OUTCOME_NO_CHANGE:
		fprintf(stderr, "klp-build: no function of this kernel changes\n");
		break;
	case OUTCOME_REFUSED:
		report_print_refusals(r);
		break;
	}
	fflush(stdout);
}

static int run(const char *command, int argc, char **argv, bool emit)
{
	struct args a = { .o = { .release = 1, .jobs = cmd_default_jobs() } };
	struct klp_err err = { 0 };
	enum outcome outcome = OUTCOME_BUILT;
	struct report *r;
	int ret, code;

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--from-package", 14))
			return cmd_package(command, argc, argv, emit);
	ret = parse_args(command, argc, argv, &a);
	if (ret)
		return ret - 1;
	if (!a.o.krel || !a.o.nr_fixes)
		return cmd_usage(command, "%s is missing", a.o.krel ? "the fix" : "--kernel");
	if (emit != !!a.o.out)
		return cmd_usage(command, emit ? "--output is missing" : "check writes no bundle");
	r = report_new(a.json && !strcmp(a.json, "-"), a.verbose, stdout);
	if (!r)
		return EXIT_FAILED;
	ret = build_run(&a.o, r, &outcome, &err);
	progress_clear(r);
	code = ret ? cmd_fail(&err) : outcomes[outcome].code;
	if (!ret)
		print_outcome(&a, r, outcome);
	if (a.json && report_write_json(r, a.json, ret ? "failed" : outcomes[outcome].name,
					ret ? err.text : NULL, &err))
		code = cmd_fail(&err);
	report_free(r);
	strings_free(&a.o.cves);
	strings_free(&a.o.allow_data);
	return code;
}

int cmd_build(int argc, char **argv)
{
	return run("build", argc, argv, true);
}

int cmd_check(int argc, char **argv)
{
	return run("check", argc, argv, false);
}
