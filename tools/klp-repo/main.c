// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - klp-repo: keys, signatures, and repositories of bundles.
 *
 * The publisher's side: klp-build makes bundles, klp-repo signs and publishes
 * them as static files for any web server, klp-update picks them up.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "keyring.h"
#include "log.h"
#include "manifest.h"
#include "passphrase.h"
#include "repo_tool.h"
#include "stray.h"
#include "tell.h"

#define MAX_EXPIRES	3650
#define MAX_WITHIN	8760

static const struct command {
	const char *name;
	int (*run)(const struct repo_options *opt, int argc, char **argv);
	const char *operands;
	const char *help;
	int min_args;
	int max_args;		/* -1: any number */
	bool changes;		/* makes, signs or publishes something */
} commands[] = {
	{ "keygen", cmd_keygen, "KEY.pem", "make a signing key: KEY.pem and KEY.pem.pub", 1, 1, true },
	{ "sign", cmd_sign, "--key KEY.pem FILE.klp", "add a signature (-o OUT, else in place)", 1, 1, true },
	{ "verify", cmd_verify, "[--keys DIR] FILE.klp... | --repo DIR", "verify as klp-apply, klp-update would", 0, -1, false },
	{ "init", cmd_init, "--repo DIR --key KEY.pem... [--role ...]", "make a repository, and its state folder", 0, 0, true },
	{ "publish", cmd_publish, "--repo DIR --key KEY.pem... FILE.klp...",
	  "put bundles, or CVE records (--cves), into a repository", 0, -1, true },
	{ "timestamp", cmd_timestamp, "--repo DIR --key KEY.pem", "the daily signature, without which machines take nothing", 0, 0, true },
	{ "withdraw", cmd_withdraw, "--repo DIR --key KEY.pem... NAME", "have a release taken out of all machines", 1, 1, true },
	{ "halt", cmd_halt, "--repo DIR --key KEY.pem", "keep machines from taking anything new", 0, 0, true },
	{ "resume", cmd_resume, "--repo DIR --key KEY.pem", "the end of that", 0, 0, true },
	{ "rotate", cmd_rotate, "--repo DIR --key KEY.pem... --role ...", "a new root: other keys, or more time", 0, 0, true },
	{ "revoke", cmd_revoke, "--repo DIR --key KEY.pem... KEY.pub|ID", "take a key out of all roles", 1, 1, true },
	{ "probe", cmd_probe, "[--root FILE] [--within HOURS] URL", "is it up, good, and signed for long enough, from outside", 1, 1, false },
	{ "list", cmd_list, "--repo DIR [--root FILE]", "what a repository offers, verified", 0, 0, false },
	{ NULL }
};

enum { OPT_PASSPHRASE = 256, OPT_EXPLOITED, OPT_UNTIL, OPT_CVES, OPT_FILES, OPT_SURVEY, OPT_ROLE, OPT_STATE, OPT_ROOT, OPT_RELEASE,
       OPT_REASON, OPT_KERNEL, OPT_WITHIN };

static const struct option long_options[] = {
	{ "key", required_argument, NULL, 'k' },
	{ "keys", required_argument, NULL, 'K' },
	{ "passphrase", no_argument, NULL, OPT_PASSPHRASE },
	{ "repo", required_argument, NULL, 'r' },
	{ "output", required_argument, NULL, 'o' },
	{ "expires", required_argument, NULL, 'e' },
	{ "rollout", required_argument, NULL, 'R' },
	{ "exploited", required_argument, NULL, OPT_EXPLOITED },
	{ "maintained-until", required_argument, NULL, OPT_UNTIL },
	{ "cves", required_argument, NULL, OPT_CVES },
	{ "files", required_argument, NULL, OPT_FILES },
	{ "survey", required_argument, NULL, OPT_SURVEY },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "release", required_argument, NULL, OPT_RELEASE },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "within", required_argument, NULL, OPT_WITHIN },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL }
};

static void usage(FILE *to)
{
	fputs("Usage: klp-repo COMMAND [OPTION...] [FILE...]\n\nCommands:\n", to);
	for (const struct command *c = commands; c->name; c++)
		fprintf(to, "  %-9s %-40s %s\n", c->name, c->operands, c->help);
	fputs("  log       COMMAND ...                              a public log of it all; see `klp-repo log --help`\n", to);
	fprintf(to, "\nOptions:\n"
		"  -k, --key FILE      private key to sign with (PEM, Ed25519); more than one where a role takes more\n"
		"      --passphrase    keygen: the private key gets one; " PASSPHRASE_FILE " names a file for programs\n"
		"  -K, --keys DIR      trusted keys, *.pub (default %s)\n"
		"  -r, --repo DIR      the repository's folder\n"
		"      --state DIR     the publisher's own folder, outside it (default: the repository's name with .state)\n"
		"      --role NAME=[THRESHOLD:]KEY,KEY...  keys of root, targets, snapshot or timestamp (init, rotate, revoke)\n"
		"      --root FILE     the root.json to trust (list, verify, probe; default: the state folder's; of probe: this machine's)\n"
		"  -o, --output FILE   write there instead of in place\n"
		"  -e, --expires DAYS  how long what is signed is good for (see klp-repo(1))\n"
		"  -R, --rollout STEPS who may take it when, as 0h:1,24h:50,72h:100 (hours:percent), or now\n"
		"                      (default %s)\n"
		"      --exploited yes|no  it is being exploited: machines take it at once, whatever its rollout\n"
		"      --maintained-until YYYY-MM-DD  patches for these kernels are made until then\n"
		"      --cves DIR|FILE the kernel's CVE records, for all kernels of the repository\n"
		"      --files FILE    with --cves: what `klp-build files` told of a kernel\n"
		"      --survey FILE   with --cves: what `klp-build survey --json` told of a kernel\n"
		"      --release N     withdraw: which\n"
		"      --kernel ID     withdraw: for that build-id alone; probe: all that it is offered, too\n"
		"      --within HOURS  probe: a timestamp with less time left is an alarm (default 36)\n"
		"      --reason TEXT   withdraw, halt: why, for those who run the machines\n"
		"  -j, --json          output for machines\n"
		"  -h, --help          this text\n"
		"  -V, --version       version\n\n"
		"%s\nSee klp-repo(1).\n",
		KEYRING_DIR, ROLLOUT_DEFAULT, exits_help);
}

static int usage_error(const struct repo_options *opt, const char *what, const char *arg)
{
	return repo_usage(opt, "%s%s; `klp-repo --help` lists commands and options", what, arg);
}

static bool parse_number(const char *arg, long max, long *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(arg, &end, 10);
	if (errno || *end || end == arg || n < 1 || n > max)
		return false;
	*out = n;
	return true;
}

static int add(const struct repo_options *opt, const char **list, int *nr, const char *arg)
{
	if (*nr == REPO_KEYS_MAX)
		return usage_error(opt, "too many of one option: ", arg);
	list[(*nr)++] = arg;
	return 0;
}

static int parse_option(int c, const char *word, struct repo_options *opt)
{
	struct klp_err err;

	switch (c) {
	case 'k':
		return add(opt, opt->key, &opt->nr_keys, optarg);
	case OPT_ROLE:
		return add(opt, opt->role, &opt->nr_roles, optarg);
	case OPT_STATE:
		opt->state = optarg;
		return 0;
	case OPT_ROOT:
		opt->root = optarg;
		return 0;
	case OPT_REASON:
		opt->reason = optarg;
		return 0;
	case OPT_KERNEL:
		opt->kernel = optarg;
		return 0;
	case OPT_RELEASE:
		return !manifest_parse_release(optarg, &opt->release) ? 0 :
		       usage_error(opt, "--release needs a number from 1 to 9223372036854775807, not ", optarg);
	case 'K':
		opt->keys = optarg;
		return 0;
	case OPT_PASSPHRASE:
		opt->passphrase = true;
		return 0;
	case 'r':
		opt->repo = optarg;
		return 0;
	case 'o':
		opt->output = optarg;
		return 0;
	case 'e':
		return parse_number(optarg, MAX_EXPIRES, &opt->expires) ? 0 :
		       usage_error(opt, "--expires needs a number of days from 1 to 3650, not ", optarg);
	case OPT_WITHIN:
		return parse_number(optarg, MAX_WITHIN, &opt->within) ? 0 :
		       usage_error(opt, "--within needs a number of hours from 1 to 8760, not ", optarg);
	case OPT_EXPLOITED:
		if (strcmp(optarg, "yes") && strcmp(optarg, "no"))
			return usage_error(opt, "--exploited is yes or no, not ", optarg);
		opt->exploited = optarg;
		return 0;
	case OPT_UNTIL:
		snprintf(opt->maintained_until, sizeof(opt->maintained_until), "%.10sT00:00:00Z", optarg);
		if (strlen(optarg) != 10 || repo_time_of(opt->maintained_until) <= 0)
			return usage_error(opt, "--maintained-until needs a day, as 2027-06-30, not ", optarg);
		return 0;
	case OPT_CVES:
		opt->cves = optarg;
		return 0;
	case OPT_FILES:
		opt->files = optarg;
		return 0;
	case OPT_SURVEY:
		opt->survey = optarg;
		return 0;
	case 'R':
		opt->rollout.start = time(NULL);
		return rollout_parse(optarg, &opt->rollout, &err) ? repo_usage(opt, "%s", err.text) : 0;
	case 'j':
		opt->json = true;
		return 0;
	case 'h':
		usage(stdout);
		exit(exit_printed(EXIT_DONE));
	case 'V':
		puts("klp-repo " QP_VERSION);
		exit(exit_printed(EXIT_DONE));
	case ':':
		return usage_error(opt, "no value after ", word);
	default:
		return usage_error(opt, "unknown option ", word);
	}
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

/* An absent folder is an empty keyring; to whoever has named it, and has no key of their own, a mistake. */
static int check_keys(const struct repo_options *opt, struct klp_err *err)
{
	if (opt->nr_keys || !strcmp(opt->keys, KEYRING_DIR) || !access(opt->keys, F_OK))
		return 0;
	return klp_err_sys(err, -errno, "--keys %s", opt->keys);
}

/* The others say where keys and folders are, and go with all commands. */
static const char *stray(const struct repo_options *opt, const char *command)
{
	const struct option_use list[] = {
		{ opt->passphrase, "--passphrase", "keygen" },
		{ opt->nr_roles, "--role", "init rotate revoke" },
		{ opt->root, "--root", "list verify probe" },
		{ opt->output, "--output", "sign" },
		{ opt->expires, "--expires", "init publish timestamp withdraw halt resume rotate revoke" },
		{ opt->rollout.start, "--rollout", "publish" },
		{ opt->exploited, "--exploited", "publish" },
		{ *opt->maintained_until, "--maintained-until", "publish" },
		{ opt->cves, "--cves", "publish" },
		{ opt->files, "--files", "publish" },
		{ opt->survey, "--survey", "publish" },
		{ opt->release, "--release", "withdraw" },
		{ opt->kernel, "--kernel", "withdraw probe" },
		{ opt->within, "--within", "probe" },
		{ opt->reason, "--reason", "withdraw halt" },
	};

	return option_stray(list, sizeof(list) / sizeof(*list), command);
}

static int run(const struct repo_options *opt, int argc, char **argv)
{
	const struct command *cmd;
	struct klp_err err = { 0 };
	int ret;

	if (!argc)
		return usage_error(opt, "no command given", "");
	cmd = find_command(argv[0]);
	if (!cmd)
		return usage_error(opt, "unknown command ", argv[0]);
	argc--;
	argv++;
	if (argc < cmd->min_args || (cmd->max_args >= 0 && argc > cmd->max_args))
		return repo_usage(opt, "wrong number of files; usage: klp-repo %s %s", cmd->name, cmd->operands);
	if (stray(opt, cmd->name))
		return repo_usage(opt, "%s doesn't take %s; `klp-repo --help` lists commands and options", cmd->name, stray(opt, cmd->name));
	if (check_keys(opt, &err))
		return repo_fail(opt, &err);
	ret = cmd->run(opt, argc, argv);
	if (cmd->changes)
		repo_audit(cmd->name, opt->repo, argc, argv, ret);
	return io_flush_stdout(&err) ? repo_fail(opt, &err) : ret;
}

int main(int argc, char **argv)
{
	struct repo_options opt = { .keys = KEYRING_DIR, .json = repo_wants_json(argc, argv) };
	int c, ret;

	log_setup("klp-repo", LOG_NORMAL);
	if (argc > 1 && !strcmp(argv[1], "log"))
		return cmd_log(argc - 1, argv + 1);
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":k:K:r:o:e:R:jhV", long_options, NULL)) != -1) {
		ret = parse_option(c, argv[optind - 1], &opt);
		if (ret)
			return ret;
	}
	return run(&opt, argc - optind, argv + optind);
}
