// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - klp-update: the background of live patching, started by a timer.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "context.h"
#include "exits.h"
#include "log.h"
#include "printable.h"
#include "settings/settings_file.h"
#include "stray.h"

static const struct command {
	const char *name;
	command_fn run;
	const char *operands;
	const char *help;
	int max_args;
} commands[] = {
	{ "update", cmd_update, "", "take what is new and apply it; apply again after a reboot", 0 },
	{ "check", cmd_check, "", "what update would do; changes nothing", 0 },
	{ "boot", cmd_boot, "", "apply again what was good; doesn't look at the source", 0 },
	{ "status", cmd_status, "", "what is applied, what waits, why, until when", 0 },
	{ "history", cmd_history, "", "what happened", 0 },
	{ "hold", cmd_hold, "[NAME]", "take nothing new, or leave one patch alone", 1 },
	{ "unhold", cmd_unhold, "[NAME]", "go on", 1 },
	{ "disable", cmd_disable, "", "apply nothing by itself, after a boot neither", 0 },
	{ "enable", cmd_enable, "", "apply again what was good, and take what is new", 0 },
	{ "approve", cmd_approve, "NAME", "let what waits for you (apply = ask), or --all, go in", 1 },
	{ "retry", cmd_retry, "NAME", "give what failed or was taken out (or --all) another try", 1 },
	{ "cve", cmd_cve, "[CVE]", "is this machine open to it, by what evidence; all that concern it", 1 },
	{ "advise", cmd_advise, "", "reboot now, later, or not", 0 },
	{ "config", cmd_config, "[get|set]", "each setting, its value and meaning; one; change one", 3 },
	{ "doctor", cmd_doctor, "", "would a run work, and if not, what to do", 0 },
	{ "support", cmd_support, "[FILE]", "one file for a bug report, without secrets", 1 },
	{ "notify", cmd_notify, "", "hand a notice on; quietpatch-notify.path starts it", 0 },
	{ "watch", cmd_watch, "", "one look at what was applied lately: good, faulty, or not yet known", 0 },
	{ "shutdown", cmd_shutdown, "", "leave word that this is no crash; init calls it when the machine goes down", 0 },
	{ "health", cmd_health, "", "run `health = COMMAND`; quietpatch-health.socket starts it", 0 },
	{ "fetch", cmd_fetch, "", "the part that talks to the network; quietpatch-fetch.socket starts it", 0 },
	{ NULL }
};

enum { OPT_ROOT = 256, OPT_CONFIG, OPT_SET, OPT_UNTIL, OPT_REASON, OPT_SOURCE, OPT_OPEN, OPT_FORMAT, OPT_FLAG, OPT_USER };

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "all", no_argument, NULL, 'a' },
	{ "open", no_argument, NULL, OPT_OPEN },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "user", required_argument, NULL, OPT_USER },
	{ "reboot-required", no_argument, NULL, OPT_FLAG },
	{ "wait", no_argument, NULL, 'w' },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "set", required_argument, NULL, OPT_SET },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL }
};

/* Options that must wait until the file is read. */
struct options {
	const char *root, *config, *source;
	const char *sets[32];
	size_t nr_sets;
	bool wrong;	/* one of them can't be so */
	char reason[256];
};

/* It is stored, shown to everybody, and told to the journal: one line, without what steers a terminal. */
static const char *clean_reason(const char *typed, char out[256])
{
	char *line = strdup(typed);

	for (char *p = line; p && *p; p++)
		*p = *p == '\n' || *p == '\t' ? ' ' : *p;
	text_printable(line ? line : "", line ? strlen(line) : 0, out, 256);
	free(line);
	return out;
}

static void usage(FILE *to)
{
	fputs("Usage: klp-update COMMAND [OPTION...]\n\nCommands:\n", to);
	for (const struct command *c = commands; c->name; c++)
		fprintf(to, "  %-8s %-9s  %s\n", c->name, c->operands, c->help);
	fputs("\nOptions:\n"
	      "  --json              output for machines\n"
	      "  --source WHERE      folder or URL, instead of the configured one\n"
	      "  --set KEY=VALUE     override a setting; `klp-update config` lists them\n"
	      "  --config FILE       instead of " SETTINGS_FILE "\n"
	      "  --root DIR          a folder that stands for /\n"
	      "  --all               approve, retry, cve: all of them\n"
	      "  --open              cve: those that are open; exit 1 if there is one\n"
	      "  --format FORM       cve: openvex or csaf, documents for other tools\n"
	      "  --reboot-required   advise: tell it by /run/reboot-required, too\n"
	      "  --user NAME         notify: who runs what it hands notices to\n"
	      "  --wait              update, boot, watch: stay until all that is watched is good, or out again\n"
	      "  --until WHEN        hold: 30m, 12h, 7d, 2026-12-24, \"2026-12-24 18:00\"\n"
	      "  --reason TEXT       hold, approve: why; shown later\n"
	      "  --help, --version\n\n", to);
	fputs(exits_help, to);
	fputs("\nSee klp-update(1).\n", to);
}

static int usage_error(const struct update *u, const char *what, const char *arg)
{
	return update_usage(u, "%s%s; `klp-update --help` lists commands and options", what, arg);
}

static int parse_option(int c, const char *word, struct update *u, struct options *o)
{
	switch (c) {
	case 'j':
		u->json = true;
		return 0;
	case 'a':
		u->all = true;
		return 0;
	case OPT_OPEN:
		u->open = true;
		return 0;
	case OPT_FORMAT:
		u->format = optarg;
		return 0;
	case OPT_USER:
		u->user = optarg;
		return 0;
	case OPT_FLAG:
		u->flag = true;
		return 0;
	case 'w':
		u->wait = true;
		return 0;
	case OPT_ROOT:
		o->root = optarg;
		return 0;
	case OPT_CONFIG:
		o->config = optarg;
		return 0;
	case OPT_SOURCE:
		o->source = optarg;
		return 0;
	case OPT_UNTIL:
		u->until = optarg;
		return 0;
	case OPT_REASON:
		u->reason = clean_reason(optarg, o->reason);
		return 0;
	case OPT_SET:
		if (o->nr_sets == sizeof(o->sets) / sizeof(*o->sets) || !strchr(optarg, '='))
			return usage_error(u, "--set needs KEY=VALUE, not ", optarg);
		o->sets[o->nr_sets++] = optarg;
		return 0;
	case 'h':
		usage(stdout);
		exit(exit_printed(EXIT_DONE));
	case 'V':
		puts("klp-update " QP_VERSION);
		exit(exit_printed(EXIT_DONE));
	case ':':
		return usage_error(u, "no value after ", word);
	default:
		return usage_error(u, "unknown option ", word);
	}
}

static int override(struct settings *s, const char *set, struct klp_err *err)
{
	char key[64];
	const char *eq = strchr(set, '=');

	snprintf(key, sizeof(key), "%.*s", (int)(eq - set), set);
	return settings_set(s, key, eq + 1, "--set", err);
}

static int load_settings(struct update *u, struct options *o, struct klp_err *err)
{
	int ret;

	snprintf(u->config, sizeof(u->config), "%s%s", o->config ? "" : o->root, o->config ? o->config : SETTINGS_FILE);
	ret = settings_init(&u->settings, o->root, err);
	if (!ret)
		ret = settings_read(&u->settings, u->config, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < o->nr_sets && !ret; i++)
		ret = override(&u->settings, o->sets[i], err);
	if (!ret && o->source)
		ret = settings_set(&u->settings, "source", o->source, "--source", err);
	o->wrong = ret == -EINVAL;
	return ret;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

/* The others say where things are, and go with all commands. */
static const char *stray(const struct update *u, const char *command)
{
	const struct option_use list[] = {
		{ u->json, "--json", "update check boot watch status history hold unhold disable enable approve retry cve advise config doctor support" },
		{ u->all, "--all", "approve retry cve" },
		{ u->open, "--open", "cve" },
		{ u->format, "--format", "cve" },
		{ u->flag, "--reboot-required", "advise" },
		{ u->user, "--user", "notify" },
		{ u->wait, "--wait", "update boot watch" },
		{ u->until, "--until", "hold" },
		{ u->reason, "--reason", "hold approve" },
	};

	return option_stray(list, sizeof(list) / sizeof(*list), command);
}

static int run(struct update *u, struct options *o, int argc, char **argv)
{
	const struct command *cmd;
	struct klp_err err = { 0 };
	int exit;

	if (!argc)
		return usage_error(u, "no command given", "");
	cmd = find_command(argv[0]);
	if (!cmd)
		return usage_error(u, "unknown command ", argv[0]);
	if (argc - 1 > cmd->max_args)
		return usage_error(u, "too many arguments for ", cmd->name);
	if (stray(u, cmd->name))
		return update_usage(u, "%s doesn't take %s; `klp-update --help` lists commands and options", cmd->name, stray(u, cmd->name));
	/* What the fetcher has to know comes with each request; it may not see a file that has a proxy's password. */
	if (load_settings(u, o, &err) && !(cmd->run == cmd_fetch && err.code == -EACCES)) {
		exit = o->wrong ? update_usage(u, "%s", err.text) : update_fail(u, &err);
	} else {
		exit = cmd->run(u, argc - 1, argv + 1);
		context_close(u);
	}
	settings_free(&u->settings);
	return exit;
}

int main(int argc, char **argv)
{
	struct update u = { .lock = -1 };
	struct options o = { .root = "" };
	int c, ret;

	log_setup("klp-update", LOG_NORMAL);
	/* A mistake is told in the form that was asked for, wherever --json stands. */
	for (c = 1; c < argc; c++)
		u.json |= !strcmp(argv[c], "--json");
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":jhV", long_options, NULL)) != -1) {
		ret = parse_option(c, argv[optind - 1], &u, &o);
		if (ret)
			return ret;
	}
	ret = run(&u, &o, argc - optind, argv + optind);
	return exit_printed(ret);
}
