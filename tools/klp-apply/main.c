// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * klp-apply - put live patches into the running kernel, and take them out.
 *
 * The last link of the flow: it trusts nobody who called it, verifies the
 * bundle again, loads exactly the bytes that it verified, and drives the
 * switch of all tasks.  This file: options and the table of commands.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../tlog/logcheck.h"
#include "apply.h"
#include "environment.h"
#include "keyring.h"
#include "log.h"
#include "remember.h"
#include "roots.h"
#include "stray.h"

#define TIMEOUT_S	30
#define TIMEOUT_MAX_S	86400
#define FOR_MAX_S	3600
#define MAX_PAUSE_MS	60000
/* Whoever still sleeps there then won't leave by itself so soon. */
#define KICK_AFTER_S	0.5
#define PRIORITY	(-20)

static const struct {
	const char *name;
	command_fn run;
	const char *args;
	const char *help;
	bool changes;	/* the kernel, or what it takes later: who did that is kept */
} commands[] = {
	{ "load", cmd_load, "FILE.klp...", "verify, load and switch to these patches (the default)", true },
	{ "revert", cmd_revert, "NAME... | --all", "switch back and unload", true },
	{ "resume", cmd_resume, "", "finish a transition that a killed klp-apply left behind", true },
	{ "status", cmd_status, "", "the patches in the kernel, and any transition", false },
	{ "list", cmd_list, "", "names and states, one a line", false },
	{ "blockers", cmd_blockers, "", "the tasks that the transition waits for, and why", false },
	{ "check", cmd_check, "FILE.klp...", "verify, and tell whether it would load; change nothing", false },
	{ "info", cmd_info, "FILE.klp...", "what a bundle says of itself, unverified", false },
	{ "settle", cmd_settle, "[on | off]", "off: keep patched functions' sites free for BPF programs", false },
	{ "withdraw", cmd_withdraw, "NAME RELEASE REASON", "don't load that release into this kernel again", true },
	{ "trust", cmd_trust, "", "whose signatures count here, and by which root; takes newer ones", true },
	{ "history", cmd_history, "", "who loaded and took out what here, and what was refused", false },
};
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: klp-apply [OPTIONS] [load] FILE.klp...\n"
	      "       klp-apply [OPTIONS] COMMAND ...\n\n", to);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(to, "  %-8s %-19s  %s\n", commands[i].name, commands[i].args,
			commands[i].help);
	fputs("\n"
	      "  --json               one JSON object on stdout\n"
	      "  --timeout S          when the switch takes longer, do as --stragglers says (30)\n"
	      "  --stragglers WHAT    reverse (default): put everything back; wait: go on;\n"
	      "                       leave: end without the tasks that haven't left, which keep\n"
	      "                       what they run until they do; kill: leave, and kill those\n"
	      "                       of users other than root; abort: kill, and abort the FUSE\n"
	      "                       filesystems of a user whose task outlives that\n"
	      "  --consistency WHICH  task (default): each task when it is safe;\n"
	      "                       strict: all at once, with the machine stopped\n"
	      "  --max-pause MS       with strict: for no longer than MS milliseconds, or not at all (exit 7)\n"
	      "  --no-monitor         do without the eBPF monitor: the core's own walk decides\n"
	      "  --timeline FILE.svg  load, revert: draw who switched when and how, and who was waited for\n"
	      "  --no-settle          stay with ftrace handlers, so that tracers can attach\n"
	      "  --verify-only        load: stop after the checks\n"
	      "  --for S              check: look on for S seconds (until it is clear how the switch would go, 2 at most)\n"
	      "  --insecure           accept a bundle that nobody signed\n"
	      "  --allow WHAT         older: an earlier release than this machine has had, or another bundle of the\n"
	      "                       same one; crashed: with which the machine went down; withdrawn;\n"
	      "                       trust: older starts anew from --root\n"
	      "  --signers WHICH      root (default): the keys of the publisher's root.json, or those of --keyring where no\n"
	      "                       root is trusted; folder (default with --keyring): those of --keyring, whatever a root says\n"
	      "  --root FILE          the root.json with which trust starts (" ROOT_FILE ")\n"
	      "  --roots DIR          where later ones are looked for, too: the metadata folder of a repository's copy\n"
	      "  --keyring DIR        public keys to trust (" KEYRING_DIR ")\n"
	      "  --log-policy FILE    public logs that a bundle has to be in (" LOG_POLICY ")\n"
	      "  --kick WHICH         never (default): name the tasks that block, don't touch them;\n"
	      "                       safe: wake those whose system call starts again unseen;\n"
	      "                       all: wake any; some calls return EINTR, or part of what they were to do\n"
	      "  --after S            with --kick: first after S seconds (0.5), then every two\n"
	      "\n", to);
	fputs(exits_help, to);
}

/* Which of the @nr words it is; @nr: none. */
static size_t choice(const char *word, const char *const *words, size_t nr)
{
	size_t n = 0;

	while (n < nr && strcmp(word, words[n]))
		n++;
	return n;
}

/* "2", "0.5s": seconds. */
static bool seconds(const char *word, double *out)
{
	char *end;

	*out = strtod(word, &end);
	return end != word && (!*end || !strcmp(end, "s"));
}

enum { TIMEOUT = 256, CONSISTENCY, KICK, KEYRING, SIGNERS, ROOT, ROOTS, LOGS, FOR, STRAGGLERS, AFTER, TIMELINE, MAX_PAUSE, ALLOW };

static const char *const policies[] = {
	[STRAGGLERS_REVERSE] = "reverse", [STRAGGLERS_WAIT] = "wait",
	[STRAGGLERS_LEAVE] = "leave", [STRAGGLERS_KILL] = "kill",
	[STRAGGLERS_ABORT] = "abort",
};

/* An option with a value, in optarg.  0, or an exit status. */
static int take_value(struct apply *a, int option)
{
	static const char *const kicks[] = {
		[KICK_NEVER] = "never", [KICK_SAFE] = "safe", [KICK_ALL] = "all",
	};
	/* In the order of enum memory_allow. */
	static const char *const allows[] = { "older", "crashed", "withdrawn" };
	unsigned long n;
	double ms;
	char *end;

	switch (option) {
	case TIMEOUT:
		n = strtoul(optarg, &end, 10);
		if (end == optarg || *end || optarg[0] == '-' || n > TIMEOUT_MAX_S)
			return refuse(a, EXIT_USAGE, "--timeout wants seconds, 0 to %d, not "
				      "\"%s\"", TIMEOUT_MAX_S, optarg);
		a->timeout_s = n;
		break;
	case CONSISTENCY:
		a->strict = !strcmp(optarg, "strict");
		if (!a->strict && strcmp(optarg, "task"))
			return refuse(a, EXIT_USAGE, "--consistency is task or strict, not "
				      "\"%s\"", optarg);
		break;
	case KICK:
		n = choice(optarg, kicks, sizeof(kicks) / sizeof(kicks[0]));
		if (n == sizeof(kicks) / sizeof(kicks[0]))
			return refuse(a, EXIT_USAGE, "--kick is never, safe or all, not "
				      "\"%s\"", optarg);
		a->kick = n;
		break;
	case STRAGGLERS:
		n = choice(optarg, policies, sizeof(policies) / sizeof(policies[0]));
		if (n == sizeof(policies) / sizeof(policies[0]))
			return refuse(a, EXIT_USAGE, "--stragglers is reverse, wait, leave, kill or abort, not "
				      "\"%s\"", optarg);
		a->stragglers = n;
		break;
	case ALLOW:
		n = choice(optarg, allows, sizeof(allows) / sizeof(allows[0]));
		if (n == sizeof(allows) / sizeof(allows[0]))
			return refuse(a, EXIT_USAGE, "--allow is older, crashed or withdrawn, not \"%s\"", optarg);
		a->allow |= 1u << n;
		break;
	case KEYRING:
		a->keyring = optarg;
		break;
	case SIGNERS:
		a->signers = optarg;
		if (strcmp(optarg, "root") && strcmp(optarg, "folder"))
			return refuse(a, EXIT_USAGE, "--signers is root or folder, not \"%s\"", optarg);
		break;
	case ROOT:
		a->root = optarg;
		break;
	case ROOTS:
		a->roots = optarg;
		break;
	case LOGS:
		a->log_policy = optarg;
		break;
	case FOR:
		if (!seconds(optarg, &a->for_s) || !(a->for_s > 0 && a->for_s <= FOR_MAX_S))
			return refuse(a, EXIT_USAGE, "--for wants seconds, more than 0 and at most %d, not "
				      "\"%s\"", FOR_MAX_S, optarg);
		break;
	case AFTER:
		if (!seconds(optarg, &a->kick_after_s) || !(a->kick_after_s >= 0 && a->kick_after_s <= TIMEOUT_MAX_S))
			return refuse(a, EXIT_USAGE, "--after wants seconds, 0 to %d, not \"%s\"",
				      TIMEOUT_MAX_S, optarg);
		break;
	case TIMELINE:
		a->timeline = optarg;
		break;
	case MAX_PAUSE:
		ms = strtod(optarg, &end);
		if (end == optarg || *end || !(ms >= 0.001 && ms <= MAX_PAUSE_MS))
			return refuse(a, EXIT_USAGE, "--max-pause wants milliseconds, 0.001 to %d, not \"%s\"",
				      MAX_PAUSE_MS, optarg);
		a->max_pause_us = ms * 1000 + 0.5;
		break;
	}
	return 0;
}

/* What doesn't go together, or isn't there. */
static int check_options(struct apply *a)
{
	if (strcmp(a->keyring, KEYRING_DIR) && access(a->keyring, F_OK))
		return refuse(a, EXIT_NOT_FOUND, "--keyring %s: %s", a->keyring, strerror(errno));
	if (strcmp(a->root, ROOT_FILE) && access(a->root, F_OK))
		return refuse(a, EXIT_NOT_FOUND, "--root %s: %s", a->root, strerror(errno));
	if (a->roots && access(a->roots, F_OK))
		return refuse(a, EXIT_NOT_FOUND, "--roots %s: %s", a->roots, strerror(errno));
	if (strcmp(a->log_policy, LOG_POLICY) && access(a->log_policy, F_OK))
		return refuse(a, EXIT_NOT_FOUND, "--log-policy %s: %s", a->log_policy, strerror(errno));
	if (a->kick == KICK_NEVER && a->kick_after_s >= 0)
		return refuse(a, EXIT_USAGE, "--after needs --kick safe or --kick all");
	if (a->kick_after_s < 0)
		a->kick_after_s = KICK_AFTER_S;
	if (a->max_pause_us && !a->strict)
		return refuse(a, EXIT_USAGE, "--max-pause needs --consistency strict: otherwise the machine isn't stopped");
	if (a->strict && a->timeline)
		return refuse(a, EXIT_USAGE, "--timeline needs --consistency task: in strict mode all switch at once");
	if (a->strict && a->stragglers >= STRAGGLERS_LEAVE)
		return refuse(a, EXIT_USAGE, "--stragglers %s needs --consistency task: in strict mode all switch at once",
			      policies[a->stragglers]);
	return 0;
}

/* 0, an exit status, or -1: --help was served. */
static int parse_options(struct apply *a, int argc, char **argv)
{
	int json = 0, all = 0, no_monitor = 0, no_settle = 0, verify_only = 0, insecure = 0;
	const struct option options[] = {
		{ "json", no_argument, &json, 1 },
		{ "all", no_argument, &all, 1 },
		{ "no-monitor", no_argument, &no_monitor, 1 },
		{ "no-settle", no_argument, &no_settle, 1 },
		{ "verify-only", no_argument, &verify_only, 1 },
		{ "insecure", no_argument, &insecure, 1 },
		{ "timeout", required_argument, NULL, TIMEOUT },
		{ "consistency", required_argument, NULL, CONSISTENCY },
		{ "kick", required_argument, NULL, KICK },
		{ "stragglers", required_argument, NULL, STRAGGLERS },
		{ "keyring", required_argument, NULL, KEYRING },
		{ "signers", required_argument, NULL, SIGNERS },
		{ "root", required_argument, NULL, ROOT },
		{ "roots", required_argument, NULL, ROOTS },
		{ "log-policy", required_argument, NULL, LOGS },
		{ "allow", required_argument, NULL, ALLOW },
		{ "for", required_argument, NULL, FOR },
		{ "after", required_argument, NULL, AFTER },
		{ "timeline", required_argument, NULL, TIMELINE },
		{ "max-pause", required_argument, NULL, MAX_PAUSE },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c, status;

	/* A mistake is told in the form that was asked for, wherever --json stands. */
	for (c = 1; c < argc; c++)
		a->json |= !strcmp(argv[c], "--json");
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":hV", options, NULL)) != -1) {
		switch (c) {
		case 0:
			break;
		case 'h':
			usage(stdout);
			return -1;
		case 'V':
			puts("klp-apply " QP_VERSION);
			return -1;
		case ':':
			return refuse(a, EXIT_USAGE, "no value after %s; see klp-apply --help", argv[optind - 1]);
		case '?':
			return refuse(a, EXIT_USAGE, "unknown option %s; see klp-apply --help", argv[optind - 1]);
		default:
			status = take_value(a, c);
			if (status)
				return status;
		}
	}
	a->json = json;
	a->all = all;
	a->no_monitor = no_monitor;
	a->no_settle = no_settle;
	a->verify_only = verify_only;
	a->insecure = insecure;
	return check_options(a);
}

/* What would mean something else than it says; how to switch and whom to trust goes with all commands. */
static const char *stray(const struct apply *a, const char *command)
{
	const struct option_use list[] = {
		{ a->all, "--all", "revert" },
		{ a->verify_only, "--verify-only", "load" },
		{ a->for_s > 0, "--for", "check" },
		{ a->timeline, "--timeline", "load revert" },
		{ a->allow, "--allow", "load check trust" },
		{ a->insecure, "--insecure", "load check" },
	};

	return option_stray(list, sizeof(list) / sizeof(*list), command);
}

static int run(struct apply *a, int argc, char **argv)
{
	size_t i;
	int status;

	if (!argc) {
		usage(stderr);
		return refuse(a, EXIT_USAGE, "nothing to load");
	}
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[0], commands[i].name))
			break;
	if (i < NR_COMMANDS) {
		argc--;
		argv++;
	} else if (!strpbrk(argv[0], "./")) {
		/* A misspelt command isn't a missing file. */
		return refuse(a, EXIT_USAGE, "no command \"%s\"; see klp-apply --help", argv[0]);
	} else {
		i = 0;
	}
	json_object_set_new(a->reply, "command", json_string(commands[i].name));
	if (stray(a, commands[i].name))
		return refuse(a, EXIT_USAGE, "%s doesn't take %s; see klp-apply --help", commands[i].name, stray(a, commands[i].name));
	/* On a busy machine too a switch should be a short one.  As good without. */
	if (commands[i].changes)
		setpriority(PRIO_PROCESS, 0, PRIORITY);
	status = commands[i].run(a, argc, argv);
	if (commands[i].changes && !a->verify_only)
		remember_command(a, commands[i].name, argc, argv, status);
	return status;
}

int main(int argc, char **argv)
{
	struct apply a = { .timeout_s = TIMEOUT_S, .kick_after_s = -1, .keyring = KEYRING_DIR, .root = ROOT_FILE, .log_policy = LOG_POLICY, .reply = json_object() };
	int status;

	log_setup("klp-apply", LOG_NORMAL);
	environment_drop();
	/* Whoever reads what is told may leave: in the middle of a load that would count as a crash of the machine. */
	signal(SIGPIPE, SIG_IGN);
	if (!a.reply) {
		fputs("klp-apply: out of memory\n", stderr);
		return EXIT_FAILED;
	}
	status = parse_options(&a, argc, argv);
	if (!status)
		status = run(&a, argc - optind, argv + optind);
	if (status < 0)
		status = EXIT_DONE;
	else if (a.json) {
		json_object_set_new(a.reply, "exit", json_integer(status));
		json_object_set_new(a.reply, "error", status && a.err.text[0] ?
				    json_string(a.err.text) : json_null());
		json_dumpf(a.reply, stdout, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
		putchar('\n');
	} else if (status && a.err.text[0]) {
		log_error("%s", a.err.text);
	}
	json_decref(a.reply);
	return exit_printed(status);
}
