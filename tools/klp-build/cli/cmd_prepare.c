// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_prepare.c - klp-build prepare: see prepare.c. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/report.h"
#include "base/report_data.h"
#include "cmd.h"
#include "err.h"
#include "target/prepare.h"

static const char help[] =
	"usage: klp-build prepare --kernel KREL [options]\n"
	"       klp-build prepare --source DIR --config FILE --symvers FILE --vmlinux FILE [options]\n"
	"\n"
	"Fetch the distribution's packages of a kernel release and prepare them, once;\n"
	"or prepare a kernel of which you have source, .config, Module.symvers and image.\n"
	"\n"
	"  -k, --kernel KREL   e.g. 6.1.0-50-cloud-amd64\n"
	"      --runtime       only image, modules and headers: for booting a VM and for\n"
	"                      building modules, not for building patches\n"
	"      --source DIR    the source tree that the kernel was built from\n"
	"      --config FILE   its .config\n"
	"      --symvers FILE  its Module.symvers\n"
	"      --vmlinux FILE  its image, vmlinux or bzImage; names the release, too\n"
	"      --modules DIR   a folder with its .ko files (without: only vmlinux can be patched)\n"
	"      --cache DIR     instead of $KLP_CACHE, /var/cache/quietpatch by default\n"
	"      --force         prepare again what is there\n"
	"      --ready         only tell, by exit status 0, whether it is prepared\n"
	"      --recheck       take the compile commands of what is there once more, and check them\n"
	"  -j, --jobs N        processes at a time (default: one a CPU)\n"
	"  -v, --verbose       more detail\n"
	"  -h, --help          this text\n";

enum {
	OPT_RUNTIME = CMD_OWN, OPT_CACHE, OPT_FORCE, OPT_SOURCE, OPT_CONFIG, OPT_SYMVERS, OPT_VMLINUX,
	OPT_MODULES, OPT_READY, OPT_RECHECK,
};

/* The option that belongs with others and is missing; NULL: none is. */
static const char *missing(const struct prepare *p)
{
	const struct prepare_given *g = &p->given;

	if (!g->source && !g->config && !g->symvers && !g->vmlinux && !g->modules)
		return p->krel ? NULL : "--kernel";
	return !g->source ? "--source" : !g->config ? "--config" : !g->symvers ? "--symvers" :
	       !g->vmlinux ? "--vmlinux" : NULL;
}

int cmd_prepare(int argc, char **argv)
{
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "runtime", no_argument, NULL, OPT_RUNTIME },
		{ "source", required_argument, NULL, OPT_SOURCE },
		{ "config", required_argument, NULL, OPT_CONFIG },
		{ "symvers", required_argument, NULL, OPT_SYMVERS },
		{ "vmlinux", required_argument, NULL, OPT_VMLINUX },
		{ "modules", required_argument, NULL, OPT_MODULES },
		{ "cache", required_argument, NULL, OPT_CACHE },
		{ "force", no_argument, NULL, OPT_FORCE },
		{ "ready", no_argument, NULL, OPT_READY },
		{ "recheck", no_argument, NULL, OPT_RECHECK },
		{ "jobs", required_argument, NULL, CMD_JOBS },
		{ "verbose", no_argument, NULL, CMD_VERBOSE },
		{ "help", no_argument, NULL, CMD_HELP },
		{ 0 },
	};
	struct cmd_common common = { .command = "prepare", .help = help };
	struct prepare p = { .cache = cache_dir() };
	struct klp_err err = { 0 };
	bool ready = false, recheck = false;
	int c, ret;

	while ((c = getopt_long(argc, argv, "k:j:vh", options, NULL)) != -1) {
		switch (c) {
		case 'k':
			p.krel = optarg;
			break;
		case OPT_RUNTIME:
			p.runtime = true;
			break;
		case OPT_SOURCE:
			p.given.source = optarg;
			break;
		case OPT_CONFIG:
			p.given.config = optarg;
			break;
		case OPT_SYMVERS:
			p.given.symvers = optarg;
			break;
		case OPT_VMLINUX:
			p.given.vmlinux = optarg;
			break;
		case OPT_MODULES:
			p.given.modules = optarg;
			break;
		case OPT_CACHE:
			p.cache = optarg;
			break;
		case OPT_FORCE:
			p.force = true;
			break;
		case OPT_READY:
			ready = true;
			break;
		case OPT_RECHECK:
			recheck = true;
			break;
		default:
			ret = cmd_common(&common, c);
			if (ret)
				return ret - 1;
		}
	}
	if (missing(&p))
		return cmd_usage("prepare", "%s is missing", missing(&p));
	if (optind != argc || (p.given.source && p.runtime))
		return cmd_usage("prepare", optind != argc ? "unexpected argument" :
				 "--runtime is for a distribution's kernel");
	if (p.given.source && (ready || recheck))
		return cmd_usage("prepare", "--ready and --recheck are for --kernel");
	if (ready)
		return prepare_is_ready(&p) ? 0 : EXIT_FAILED;
	p.jobs = common.jobs ? common.jobs : cmd_default_jobs();
	p.report = report_new(false, common.verbose, stdout);
	if (!p.report)
		return EXIT_FAILED;
	ret = recheck ? prepare_recheck(&p, &err) : prepare_target(&p, &err);
	progress_clear(p.report);
	if (!ret)
		printf("%s/%s is ready (%.1f s, %.1f CPU s)\n", p.cache, p.krel,
		       report_wall(p.report), cpu_now());
	report_free(p.report);
	free(p.release);
	return ret ? cmd_fail(&err) : 0;
}
