// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_prepare.c - klp-build prepare: see prepare.c. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "err.h"
#include "prepare.h"
#include "report.h"
#include "report_priv.h"

static const char help[] =
	"usage: klp-build prepare --kernel KREL [options]\n"
	"\n"
	"Fetch the distribution's packages of a kernel release and prepare them, once.\n"
	"\n"
	"  -k, --kernel KREL   e.g. 6.1.0-50-cloud-amd64\n"
	"      --runtime       only image, modules and headers: for booting a VM and for\n"
	"                      building modules, not for building patches\n"
	"      --cache DIR     instead of $KLP_CACHE, /var/cache/quietpatch by default\n"
	"      --force         prepare again what is there\n"
	"  -j, --jobs N        processes at a time (default: one a CPU)\n"
	"  -v, --verbose       more detail\n"
	"  -h, --help          this text\n";

enum { OPT_RUNTIME = 256, OPT_CACHE, OPT_FORCE };

int cmd_prepare(int argc, char **argv)
{
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "runtime", no_argument, NULL, OPT_RUNTIME },
		{ "cache", required_argument, NULL, OPT_CACHE },
		{ "force", no_argument, NULL, OPT_FORCE },
		{ "jobs", required_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct prepare p = { .cache = cache_dir(), .jobs = cmd_default_jobs() };
	struct klp_err err = { 0 };
	bool verbose = false;
	int c, ret;

	while ((c = getopt_long(argc, argv, "k:j:vh", options, NULL)) != -1) {
		switch (c) {
		case 'k':
			p.krel = optarg;
			break;
		case OPT_RUNTIME:
			p.runtime = true;
			break;
		case OPT_CACHE:
			p.cache = optarg;
			break;
		case OPT_FORCE:
			p.force = true;
			break;
		case 'j':
			p.jobs = cmd_number(optarg);
			if (!p.jobs)
				return cmd_usage("prepare", "\"%s\" isn't a number of jobs", optarg);
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return cmd_usage("prepare", NULL);
		}
	}
	if (!p.krel || optind != argc)
		return cmd_usage("prepare", p.krel ? "unexpected argument" : "--kernel is missing");
	p.report = report_new(false, verbose, stdout);
	if (!p.report)
		return EXIT_FAILED;
	ret = prepare_target(&p, &err);
	if (!ret)
		printf("%s/%s is ready (%.1f s, %.1f CPU s)\n", p.cache, p.krel,
		       report_wall(p.report), cpu_now());
	report_free(p.report);
	return ret ? cmd_fail(&err) : 0;
}
