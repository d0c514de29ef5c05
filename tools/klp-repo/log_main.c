// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_main.c - klp-repo log: a public log of all that a publisher published, and those who watch it.
 *
 * The publisher keeps the log (init, append, attach, cosign, proof), witnesses vouch that it only grows (witness), anybody reads it
 * from the first leaf on (audit).  This file: options and the table of commands.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "io.h"
#include "keyring.h"
#include "log.h"
#include "manifest.h"
#include "publog.h"
#include "repo_tool.h"
#include "stray.h"
#include "tell.h"

enum { NEED_STATE = 1, NEED_KEY = 2, NEED_NAME = 4, NEED_POLICY = 8 };

static const struct command {
	const char *name;
	int (*run)(const struct log_options *opt, int argc, char **argv);
	const char *operands;
	const char *help;
	int min_args;
	int needs;
	const char *audited;	/* as which it goes to the journal; NULL: it changes nothing */
} commands[] = {
	{ "init", log_init, "--state DIR --key KEY.pem --name NAME", "begin a log", 0, NEED_STATE | NEED_KEY | NEED_NAME, "log init" },
	{ "append", log_append, "--state DIR --key KEY.pem FILE...", "bundles, roots, or with --withdraw a withdrawal", 1,
	  NEED_STATE | NEED_KEY, "log append" },
	{ "attach", log_attach, "--state DIR --key KEY.pem [--policy FILE] STATE-FOLDER", "all that this repository publishes is appended from now on", 1,
	  NEED_STATE | NEED_KEY, "log attach" },
	{ "cosign", log_cosign, "--policy FILE NOTE...", "take over what witnesses have signed", 1, NEED_POLICY, "log cosign" },
	{ "proof", log_proof, "--policy FILE FILE...", "put its proof into a bundle, or beside a file", 1, NEED_POLICY, "log proof" },
	{ "witness", log_witness, "--policy FILE --state DIR --key KEY.pem --name NAME", "check that it only grew, and cosign", 0,
	  NEED_POLICY | NEED_STATE | NEED_KEY | NEED_NAME, "log witness" },
	{ "audit", log_audit, "--policy FILE [NOTE|PROOF|FILE.klp...]", "read it all, compare with what others were shown", 0,
	  NEED_POLICY, NULL },
	{ NULL }
};

enum { OPT_LOG = 256, OPT_STATE, OPT_NAME, OPT_POLICY, OPT_WITNESS, OPT_NEW, OPT_WITHDRAW, OPT_RELEASE };

static const struct option long_options[] = {
	{ "log", required_argument, NULL, OPT_LOG },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "key", required_argument, NULL, 'k' },
	{ "keys", required_argument, NULL, 'K' },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "witness", required_argument, NULL, OPT_WITNESS },
	{ "new", no_argument, NULL, OPT_NEW },
	{ "withdraw", required_argument, NULL, OPT_WITHDRAW },
	{ "release", required_argument, NULL, OPT_RELEASE },
	{ "output", required_argument, NULL, 'o' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL }
};

static void usage(FILE *to)
{
	fputs("Usage: klp-repo log COMMAND --log DIR [OPTION...] [FILE...]\n\nCommands:\n", to);
	for (const struct command *c = commands; c->name; c++)
		fprintf(to, "  %-8s %-55s %s\n", c->name, c->operands, c->help);
	fprintf(to, "\nOptions:\n"
		"      --log DIR       the log's files, or a copy of them\n"
		"      --state DIR     what the log's keeper, or a witness, must never forget; outside of the log\n"
		"  -k, --key FILE      private key of the log, or of the witness (klp-repo keygen)\n"
		"      --name NAME     of the log, as example.com/patches, or of the witness\n"
		"      --policy FILE   trusted logs and witnesses, as /etc/quietpatch/log.conf; attach: bundles are published with their proofs\n"
		"      --witness COMMAND  attach: publish asks a witness by it; the checkpoint goes in, and comes out cosigned\n"
		"  -K, --keys DIR      append, proof: who may sign bundles (default %s)\n"
		"      --withdraw NAME --release N   append, proof: the files withdraw that release of a patch\n"
		"      --new           witness: there is no state yet; believe the log this once\n"
		"  -o, --output FILE   proof, witness: write there\n"
		"  -j, --json          output for machines\n\n"
		"%s\nSee klp-repo(1).\n", KEYRING_DIR, exits_help);
}

static int usage_error(const struct log_options *opt, const char *what, const char *arg)
{
	const struct repo_options repo = { .json = opt->json };

	return repo_usage(&repo, "%s%s; see klp-repo log --help", what, arg);
}

static int parse_option(int c, const char *word, struct log_options *opt)
{
	switch (c) {
	case OPT_LOG:
		opt->log = optarg;
		return 0;
	case OPT_STATE:
		opt->state = optarg;
		return 0;
	case 'k':
		opt->key = optarg;
		return 0;
	case 'K':
		opt->keys = optarg;
		return 0;
	case OPT_NAME:
		opt->name = optarg;
		return 0;
	case OPT_POLICY:
		opt->policy = optarg;
		return 0;
	case OPT_WITNESS:
		if (opt->nr_witnesses == LOG_WITNESSES_MAX)
			return usage_error(opt, "too many witnesses: ", optarg);
		opt->witness[opt->nr_witnesses++] = optarg;
		return 0;
	case OPT_NEW:
		opt->fresh = true;
		return 0;
	case OPT_WITHDRAW:
		opt->withdraw = optarg;
		return 0;
	case OPT_RELEASE:
		return !manifest_parse_release(optarg, &opt->release) ? 0 :
		       usage_error(opt, "--release needs a number from 1 to 9223372036854775807, not ", optarg);
	case 'o':
		opt->output = optarg;
		return 0;
	case 'j':
		opt->json = true;
		return 0;
	case 'h':
		usage(stdout);
		exit(EXIT_DONE);
	case ':':
		return usage_error(opt, "no value after ", word);
	default:
		return usage_error(opt, "unknown option ", word);
	}
}

static const char *stray(const struct log_options *opt, const char *command)
{
	const struct option_use list[] = {
		{ opt->name, "--name", "init witness" },
		{ opt->nr_witnesses, "--witness", "attach" },
		{ opt->withdraw, "--withdraw", "append proof" },
		{ opt->fresh, "--new", "witness" },
		{ opt->output, "--output", "proof witness" },
	};

	return option_stray(list, sizeof(list) / sizeof(*list), command);
}

static int check_options(const struct log_options *opt, const struct command *c, int argc)
{
	const struct repo_options repo = { .json = opt->json };

	if (stray(opt, c->name))
		return repo_usage(&repo, "log %s doesn't take %s; see klp-repo log --help", c->name, stray(opt, c->name));
	if (argc < c->min_args)
		return usage_error(opt, "no file given to ", c->name);
	if (!opt->log)
		return usage_error(opt, "which log? --log DIR is missing after ", c->name);
	if ((c->needs & NEED_STATE) && !opt->state)
		return usage_error(opt, "--state DIR, where the last checkpoint is remembered, is missing after ", c->name);
	if ((c->needs & NEED_KEY) && !opt->key)
		return usage_error(opt, "--key KEY.pem is missing after ", c->name);
	if ((c->needs & NEED_NAME) && !opt->name)
		return usage_error(opt, "--name NAME is missing after ", c->name);
	if ((c->needs & NEED_POLICY) && !opt->policy)
		return usage_error(opt, "--policy FILE, with the trusted logs and witnesses, is missing after ", c->name);
	if (opt->nr_witnesses && !opt->policy)
		return usage_error(opt, "--witness goes with --policy FILE, which says whom to believe", "");
	if (!opt->withdraw != !opt->release)
		return usage_error(opt, "--withdraw NAME and --release N go together", "");
	return 0;
}

int cmd_log(int argc, char **argv)
{
	struct log_options opt = { .keys = KEYRING_DIR, .json = repo_wants_json(argc, argv) };
	const struct command *cmd = commands;
	struct klp_err err = { 0 };
	int c, ret;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":k:K:o:jh", long_options, NULL)) != -1) {
		ret = parse_option(c, argv[optind - 1], &opt);
		if (ret)
			return ret;
	}
	if (optind == argc)
		return usage_error(&opt, "no command given after log", "");
	while (cmd->name && strcmp(cmd->name, argv[optind]))
		cmd++;
	if (!cmd->name)
		return usage_error(&opt, "unknown command log ", argv[optind]);
	argc -= optind + 1;
	argv += optind + 1;
	ret = check_options(&opt, cmd, argc);
	if (!ret) {
		ret = cmd->run(&opt, argc, argv);
		if (cmd->audited)
			repo_audit(cmd->audited, opt.log, argc, argv, ret);
	}
	return io_flush_stdout(&err) ? log_fail(&opt, &err) : ret;
}
