// SPDX-License-Identifier: GPL-2.0-or-later
/* build_args.c - see build_args.h. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build_args.h"
#include "cmd.h"
#include "err.h"
#include "io.h"
#include "link/module_key.h"
#include "manifest.h"
#include "quietpatch.h"
#include "passphrase.h"
#include "sign.h"

#define MAX_UNITS	48	/* of a header's own change: past it, minutes for a file */
#define MAX_UNITS_OF_FIX	2500	/* half of a kernel, an hour of CPU or more */

static const char help_build[] =
	"usage: klp-build build --kernel KREL FIX... -o OUT.klp [options]\n"
	"       klp-build check --kernel KREL FIX...            [options]\n"
	"       klp-build build|check --series MBOX|DIR|A..B    (--help tells more)\n"
	"       klp-build build|check --from-package VERSION    (--help tells more)\n"
	"\n"
	"Make a live patch for a kernel release that `klp-build prepare` has prepared.\n"
	"`check` runs all that can refuse, and emits nothing.\n"
	"\n"
	"FIX is a unified diff against the kernel's source (as for patch -p1), a recipe,\n"
	"or a folder with a file \"recipe\" or \"fix.patch\".\n"
	"\n"
	"  -k, --kernel KREL    e.g. 6.1.0-50-cloud-amd64\n"
	"      --targets LIST   instead: many kernels, K1,K2,... or \"prepared\" for all that are\n"
	"  -o, --output FILE    the bundle; with --targets a folder, with a bundle KREL.klp each\n"
	"      --key KEY.pem    sign it with this Ed25519 key; unsigned without\n"
	"      --module-key KEY.pem   sign the module in it, too, for kernels with Secure Boot (RSA)\n"
	"      --module-cert CERT     the certificate of that key, which the machines have enrolled\n"
	"      --name NAME      name of the patch: a-z, 0-9, '-' (default: the fix's)\n"
	"      --release N      counts up per name (default 1)\n"
	"      --summary TEXT   one line (default: the fix's)\n"
	"      --cve CVE        a CVE that it fixes; may be repeated\n"
	"      --cves FILE|DIR  the kernel's CVE records: they tell which CVEs a commit fixes\n"
	"      --allow-data NAME  changed data that a callback of the patch writes; may be repeated\n"
	"      --requires NAME[:N]  a patch that has to be applied, in release N or later; may be repeated\n"
	"      --mitigates NAME  the mitigation whose fix this is: it takes its place; may be repeated\n"
	"      --tripwires auto  count who gets to a refusal that the fix adds (default: none)\n"
	"      --cumulative     it takes over from all patches that are applied\n"
	"      --max-units N    refuse a fix of headers that more units name (2500)\n"
	"      --json FILE      report as JSON to FILE, - is the standard output\n"
	"  -j, --jobs N         compilers at a time (default: one a CPU)\n"
	"      --keep           keep the work folder\n"
	"  -v, --verbose        commands and detail\n"
	"  -h, --help           this text\n"
	"\n"
	"exit: 0 built, 1 failed, 2 no function changed, 3 refused (see \"Refusals\" in\n"
	"klp-build(1)), 64 usage\n";

static const char help_package[] =
	"usage: klp-build build --from-package VERSION --kernel KREL -o OUT.klp [options]\n"
	"       klp-build check --from-package VERSION --kernel KREL            [options]\n"
	"\n"
	"Take the difference between the kernel's source package and a newer version of\n"
	"it, and make one cumulative patch of every file whose change can be live-patched, each\n"
	"whole and with the files that it needs.  For the others the report says why not.  There\n"
	"are no commits in it: what belongs together by meaning alone isn't known, and the\n"
	"manifest says so.  Interrupted, the same command goes on where it was.\n"
	"\n"
	"      --only FILE...   only the changes of these files, and what they need\n"
	"      --cves FILE|DIR  the kernel's CVE records: files of one CVE go in together or not at all\n"
	"      --parts          of a file that is refused for some functions, what can do without those\n"
	"      --max-units N    skip a header's own change when more units name it (48)\n"
	"  -o, --key, --module-key, --module-cert, --name, --release, --summary, --json, -j, -v:\n"
	"  as for `klp-build build`\n";

static const char help_series[] =
	"usage: klp-build build --series SERIES --kernel KREL -o OUT.klp [options]\n"
	"       klp-build check --series SERIES --kernel KREL            [options]\n"
	"\n"
	"Take one commit after the other, each built against the tree that the accepted ones\n"
	"before it leave, and make one cumulative patch of all that can go in.  A commit that\n"
	"can't is refused by name, with the later ones that can't do without it.  Started\n"
	"again after it was interrupted, it goes on where it was.\n"
	"\n"
	"SERIES is a mailbox (git format-patch --stdout), a folder of *.patch files alone in the\n"
	"order of their names, or commits of a git repository: A..B in the current folder's,\n"
	"DIR:A..B in another.\n"
	"\n"
	"      --cves FILE|DIR  the kernel's CVE records: they tell which CVEs a commit fixes\n"
	"  -o, --key, --module-key, --module-cert, --name, --release, --summary, --cve, --json, -j, -v:\n"
	"  as for `klp-build build`\n";

enum {
	OPT_KEY = CMD_OWN, OPT_NAME, OPT_RELEASE, OPT_SUMMARY, OPT_CVE, OPT_KEEP, OPT_ALLOW_DATA,
	OPT_REQUIRES, OPT_CUMULATIVE, OPT_FROM, OPT_ONLY, OPT_UNITS,
	OPT_SERIES, OPT_MITIGATES, OPT_EXPIRES, OPT_TRIPWIRES, OPT_CVES, OPT_PARTS, OPT_TARGETS,
	OPT_MODULE_KEY, OPT_MODULE_CERT,
};

static const struct option options[] = {
	{ "kernel", required_argument, NULL, 'k' },
	{ "output", required_argument, NULL, 'o' },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "module-key", required_argument, NULL, OPT_MODULE_KEY },
	{ "module-cert", required_argument, NULL, OPT_MODULE_CERT },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "release", required_argument, NULL, OPT_RELEASE },
	{ "summary", required_argument, NULL, OPT_SUMMARY },
	{ "cve", required_argument, NULL, OPT_CVE },
	{ "allow-data", required_argument, NULL, OPT_ALLOW_DATA },
	{ "requires", required_argument, NULL, OPT_REQUIRES },
	{ "tripwires", required_argument, NULL, OPT_TRIPWIRES },
	{ "mitigates", required_argument, NULL, OPT_MITIGATES },
	{ "mitigation-expires", required_argument, NULL, OPT_EXPIRES },
	{ "cumulative", no_argument, NULL, OPT_CUMULATIVE },
	{ "from-package", required_argument, NULL, OPT_FROM },
	{ "parts", no_argument, NULL, OPT_PARTS },
	{ "targets", required_argument, NULL, OPT_TARGETS },
	{ "series", required_argument, NULL, OPT_SERIES },
	{ "cves", required_argument, NULL, OPT_CVES },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "max-units", required_argument, NULL, OPT_UNITS },
	{ "json", required_argument, NULL, CMD_JSON },
	{ "jobs", required_argument, NULL, CMD_JOBS },
	{ "keep", no_argument, NULL, OPT_KEEP },
	{ "verbose", no_argument, NULL, CMD_VERBOSE },
	{ "help", no_argument, NULL, CMD_HELP },
	{ 0 },
};

/* One option, but --help: 0 or EXIT_USAGE. */
static int take(int c, struct cmd_common *common, struct build_args *a)
{
	const char *command = common->command;
	int ret;

	switch (c) {
	case 'k':
		a->o.krel = optarg;
		return 0;
	case 'o':
		a->o.out = optarg;
		return 0;
	case OPT_KEY:
		a->o.key = optarg;
		return 0;
	case OPT_MODULE_KEY:
		a->o.module_key = optarg;
		return 0;
	case OPT_MODULE_CERT:
		a->o.module_cert = optarg;
		return 0;
	case OPT_NAME:
		a->o.name = optarg;
		return 0;
	case OPT_RELEASE:
		return !manifest_parse_release(optarg, &a->o.release) ? 0 : cmd_usage(command, "\"%s\" isn't a release number", optarg);
	case OPT_SUMMARY:
		a->o.summary = optarg;
		return 0;
	case OPT_CVE:
		strings_add(&a->o.cves, optarg);
		return 0;
	case OPT_ALLOW_DATA:
		strings_add(&a->o.allow_data, optarg);
		return 0;
	case OPT_REQUIRES:
		strings_add(&a->o.requires, optarg);
		return 0;
	case OPT_TRIPWIRES:
		a->o.tripwires = !strcmp(optarg, "auto");
		return a->o.tripwires || !strcmp(optarg, "none") ? 0 : cmd_usage(command, "--tripwires is auto or none, not \"%s\"", optarg);
	case OPT_MITIGATES:
		strings_add(&a->o.mitigates, optarg);
		return 0;
	case OPT_EXPIRES:	/* of cmd_mitigate.c, which has checked it */
		a->o.expires = strtoull(optarg, NULL, 10);
		return 0;
	case OPT_CUMULATIVE:
		a->o.flags |= QP_PATCH_REPLACE;
		return 0;
	case OPT_FROM:
		a->version = optarg;
		return 0;
	case OPT_PARTS:
		a->parts = true;
		return 0;
	case OPT_TARGETS:
		a->targets = optarg;
		return 0;
	case OPT_SERIES:
		a->series = optarg;
		return 0;
	case OPT_CVES:
		a->records = optarg;
		return 0;
	case OPT_ONLY:
		strings_add(&a->only, optarg);
		return 0;
	case OPT_UNITS:
		a->o.max_units = cmd_number(optarg);
		return a->o.max_units ? 0 : cmd_usage(command, "\"%s\" isn't a number of units", optarg);
	case OPT_KEEP:
		a->o.keep = true;
		return 0;
	default:
		ret = cmd_common(common, c);
		return ret ? ret - 1 : 0;
	}
}

/* What belongs to only one of the two uses. */
static int check(const char *command, bool emit, const struct build_args *a)
{
	if (a->targets && (a->o.krel || a->series || a->version || a->o.keep))
		return cmd_usage(command, "--targets takes a fix to many kernels: --kernel, --series, --from-package and --keep don't go with it");
	if (!a->o.krel && !a->targets)
		return cmd_usage(command, "--kernel is missing");
	if (!a->version && !a->series && !a->o.nr_fixes)
		return cmd_usage(command, "the fix is missing");
	if (a->series && (a->version || a->o.nr_fixes))
		return cmd_usage(command, "--series is the fix: no other goes with it");
	if (a->series && (a->o.allow_data.nr || a->o.keep || a->o.requires.nr))
		return cmd_usage(command, "--allow-data, --requires and --keep don't go with --series");
	if ((a->series || a->version) && a->o.tripwires)
		return cmd_usage(command, "--tripwires goes with a single fix");
	if ((a->series || a->version) && a->o.mitigates.nr)
		return cmd_usage(command, "--mitigates goes with a single fix: what --series and --from-package make is cumulative, and takes over from all");
	if (!a->version && a->parts)
		return cmd_usage(command, "--parts goes with --from-package");
	if (!a->version && a->only.nr)
		return cmd_usage(command, "--only goes with --from-package");
	if (a->series && a->o.max_units)
		return cmd_usage(command, "--max-units doesn't go with --series");
	if (a->version && (a->o.cves.nr || a->o.allow_data.nr || a->o.keep || a->o.requires.nr))
		return cmd_usage(command, "--cve, --allow-data, --requires and --keep don't go with --from-package");
	if (a->o.requires.nr && a->o.flags & QP_PATCH_REPLACE)
		return cmd_usage(command, "a --cumulative patch takes over from all, so it can't require any");
	if (!a->o.module_key != !a->o.module_cert)
		return cmd_usage(command, "--module-key and --module-cert go together: a key, and the certificate of it");
	if (emit != !!a->o.out)
		return cmd_usage(command, emit ? "--output is missing" : "check writes no bundle");
	return 0;
}

int build_args_check(const struct build_args *a, struct klp_err *err)
{
	struct module_key *module_key = NULL;
	struct signing_key *key = NULL;
	char name[MANIFEST_NAME_LEN];
	int ret = 0;

	if (a->o.name && (strlen(a->o.name) > 48 || !*a->o.name ||
			  a->o.name[strspn(a->o.name, "abcdefghijklmnopqrstuvwxyz0123456789-")]))
		return klp_err_set(err, -EINVAL, "\"%s\" isn't a patch name: a-z, 0-9 and '-', up to 48", a->o.name);
	if (a->o.name && manifest_module_name(a->o.name, a->o.release, name))
		return klp_err_set(err, -ENAMETOOLONG, "\"%s\" is too long a name for release %llu; choose a shorter one with --name",
				   a->o.name, (unsigned long long)a->o.release);
	if (a->o.summary && (!manifest_is_line(a->o.summary) || !text_is_utf8(a->o.summary)))
		return klp_err_set(err, -EINVAL, "--summary must be one line of at most 256 bytes, in UTF-8");
	for (size_t i = 0; i < a->o.cves.nr; i++)
		if (!manifest_is_cve(a->o.cves.list[i]))
			return klp_err_set(err, -EINVAL, "\"%s\" isn't a CVE's number: CVE-YEAR-NUMBER", a->o.cves.list[i]);
	if (a->o.key) {
		ret = signing_key_load_asking(a->o.key, passphrase_ask, &key, err);
		signing_key_free(key);
	}
	if (!ret && a->o.module_key) {
		ret = module_key_load(a->o.module_key, a->o.module_cert, passphrase_ask, &module_key, err);
		module_key_free(module_key);
	}
	/* Of many kernels it is a folder. */
	if (!ret && a->o.out && !a->targets)
		ret = io_check_output(a->o.out, err);
	if (!ret && a->json && strcmp(a->json, "-"))
		ret = io_check_output(a->json, err);
	return ret;
}

int build_args_parse(const char *command, int argc, char **argv, bool emit, struct build_args *a)
{
	struct cmd_common common = { .command = command };
	bool help = false;
	int c, ret;

	a->o.release = 1;
	while ((c = getopt_long(argc, argv, "k:o:j:vh", options, NULL)) != -1) {
		/* Which help, the other options tell. */
		help |= c == CMD_HELP;
		ret = c == CMD_HELP ? 0 : take(c, &common, a);
		if (ret)
			return 1 + ret;
	}
	if (help) {
		fputs(a->series ? help_series : a->version ? help_package : help_build, stdout);
		return 1;
	}
	a->json = common.json;
	a->verbose = common.verbose;
	a->o.jobs = common.jobs ? common.jobs : cmd_default_jobs();
	if (!a->version) {
		a->o.fixes = argv + optind;
		a->o.nr_fixes = (size_t)(argc - optind);
	}
	/* "--only a.c b.c": the rest are files too. */
	for (int i = optind; a->version && i < argc; i++)
		strings_add(&a->only, argv[i]);
	ret = check(command, emit, a);
	if (ret)
		return 1 + ret;
	if (!a->o.max_units && !a->series)
		a->o.max_units = a->version ? MAX_UNITS : MAX_UNITS_OF_FIX;
	return 0;
}

void build_args_free(struct build_args *a)
{
	strings_free(&a->o.cves);
	strings_free(&a->o.allow_data);
	strings_free(&a->o.requires);
	strings_free(&a->o.mitigates);
	strings_free(&a->only);
}
