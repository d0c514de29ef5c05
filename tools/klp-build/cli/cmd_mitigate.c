// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_mitigate.c - `klp-build mitigate`: before there is a fix, have a function refuse. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "callers_print.h"
#include "cmd.h"
#include "err.h"
#include "fix/mitigate.h"
#include "io.h"
#include "target/callers.h"
#include "target/prepare.h"
#include "target/target.h"

#define NAME_MAX_LEN	48
#define LONGEST_DAYS	366	/* who still needs it then decides anew */

static const char help[] =
	"usage: klp-build mitigate --kernel KREL --function NAME[@FILE] --return VALUE|void\n"
	"                          --expires DATE -o OUT.klp [options]\n"
	"\n"
	"Make a patch in which a function refuses: it returns VALUE (a C expression, such as\n"
	"-EPERM or ERR_PTR(-EPERM)) before it does anything.  Each attempt is counted and told in\n"
	"the kernel's log, with who made it.  After DATE the function is as it was.  Read what its\n"
	"callers do with that value first: what they took before the call is theirs to give back.\n"
	"\n"
	"  -k, --kernel KREL    kernel release, prepared with `klp-build prepare`\n"
	"      --function NAME[@FILE]  FILE (net/core/sock_map.c) where several define it\n"
	"      --return VALUE   void: the function returns nothing\n"
	"      --when EXPR      refuse only then: a C expression over the function's arguments\n"
	"      --expires DATE   YYYY-MM-DD, at 0:00 UTC; a year ahead at most\n"
	"  -o, --output FILE    the bundle\n"
	"      --print          print it as a diff, and build nothing\n"
	"      --name NAME      of the patch (default: mitigate-FUNCTION)\n"
	"      --key, --module-key, --module-cert, --release, --summary, --cve, --json, -j, --keep, -v: as for `klp-build build`\n"
	"\n"
	"A fix takes over from it in one transition when it is built with --mitigates and its name,\n"
	"or with its --name and a higher --release.\n"
	"exit: as for `klp-build build`\n";

enum { OPT_FUNCTION = CMD_OWN, OPT_RETURN, OPT_WHEN, OPT_EXPIRES, OPT_PRINT, OPT_NAME, OPT_SUMMARY, OPT_PASS, OPT_FLAG };

static const struct option options[] = {
	{ "kernel", required_argument, NULL, 'k' },
	{ "function", required_argument, NULL, OPT_FUNCTION },
	{ "return", required_argument, NULL, OPT_RETURN },
	{ "when", required_argument, NULL, OPT_WHEN },
	{ "expires", required_argument, NULL, OPT_EXPIRES },
	{ "print", no_argument, NULL, OPT_PRINT },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "summary", required_argument, NULL, OPT_SUMMARY },
	{ "output", required_argument, NULL, 'o' },
	{ "key", required_argument, NULL, OPT_PASS },
	{ "module-key", required_argument, NULL, OPT_PASS },
	{ "module-cert", required_argument, NULL, OPT_PASS },
	{ "release", required_argument, NULL, OPT_PASS },
	{ "cve", required_argument, NULL, OPT_PASS },
	{ "json", required_argument, NULL, OPT_PASS },
	{ "jobs", required_argument, NULL, 'j' },
	{ "keep", no_argument, NULL, OPT_FLAG },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, CMD_HELP },
	{ 0 },
};

struct args {
	struct mitigation m;
	const char *krel, *name, *summary, *date;
	bool print, out;
	struct strings pass;		/* for `build` */
	char function[256];
};

/* Midnight, UTC, of a day that is there and still to come. */
static int parse_date(const char *s, int64_t *out)
{
	struct tm tm = { 0 }, back;
	const char *end = strptime(s, "%Y-%m-%d", &tm);
	time_t t;

	if (!end || *end)
		return cmd_usage("mitigate", "\"%s\" isn't a date: YYYY-MM-DD", s);
	t = timegm(&tm);
	if (!gmtime_r(&t, &back) || back.tm_mday != tm.tm_mday)
		return cmd_usage("mitigate", "\"%s\" isn't a day", s);
	if (t <= time(NULL))
		return cmd_usage("mitigate", "\"%s\" is over", s);
	if (t > time(NULL) + LONGEST_DAYS * 86400ll)
		return cmd_usage("mitigate", "\"%s\" is more than a year ahead", s);
	*out = t;
	return 0;
}

/* One C expression on one line: what would end it, or the statement around it, is no expression. */
static bool is_expression(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
		if (depth < 0 || *s < ' ' || strchr(";{}#\\", *s) || (*s == '/' && (s[1] == '/' || s[1] == '*')))
			return false;
	}
	return !depth;
}

static int take(struct args *a, int c, int index)
{
	char *at;

	switch (c) {
	case 'k':
		a->krel = optarg;
		return 0;
	case OPT_FUNCTION:
		if (strlen(optarg) >= sizeof(a->function))
			return cmd_usage("mitigate", "--function is too long");
		strcpy(a->function, optarg);
		at = strchr(a->function, '@');
		if (at)
			*at++ = '\0';
		a->m.function = a->function;
		a->m.file = at;
		return 0;
	case OPT_RETURN:
		a->m.value = optarg;
		return 0;
	case OPT_WHEN:
		a->m.when = optarg;
		return 0;
	case OPT_EXPIRES:
		a->date = optarg;
		return parse_date(optarg, &a->m.expires);
	case OPT_PRINT:
		a->print = true;
		return 0;
	case OPT_NAME:
		a->name = optarg;
		return 0;
	case OPT_SUMMARY:
		a->summary = optarg;
		return 0;
	case 'o':
		a->out = true;
		strings_add(&a->pass, "-o");
		strings_add(&a->pass, optarg);
		return 0;
	case 'j':
		strings_add(&a->pass, "-j");
		strings_add(&a->pass, optarg);
		return 0;
	case 'v':
		strings_add(&a->pass, "-v");
		return 0;
	case OPT_PASS:
	case OPT_FLAG:
		at = format("--%s", options[index].name);
		strings_add(&a->pass, at);
		if (c == OPT_PASS)
			strings_add(&a->pass, optarg);
		free(at);
		return 0;
	default:
		return cmd_usage("mitigate", NULL);
	}
}

static int check(struct args *a)
{
	if (!a->krel)
		return cmd_usage("mitigate", "--kernel is missing");
	if (!a->m.function || !*a->m.function ||
	    a->m.function[strspn(a->m.function, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
		return cmd_usage("mitigate", "--function wants a C function's name");
	if (!a->m.value)
		return cmd_usage("mitigate", "--return is missing: a value, or void");
	if (!strcmp(a->m.value, "void"))
		a->m.value = NULL;
	if (a->m.value && (!*a->m.value || !is_expression(a->m.value)))
		return cmd_usage("mitigate", "--return wants a C expression, not \"%s\"", a->m.value);
	if (a->m.when && (!*a->m.when || !is_expression(a->m.when)))
		return cmd_usage("mitigate", "--when wants a C expression, not \"%s\"", a->m.when);
	if (!a->date)
		return cmd_usage("mitigate", "--expires is missing: nobody should be left with a refusal for ever");
	if (!a->print && !a->out)
		return cmd_usage("mitigate", "--output is missing");
	if (a->print && strings_have(&a->pass, "--json"))
		return cmd_usage("mitigate", "--print builds nothing that --json could tell of");
	return 0;
}

static char *default_name(const char *function)
{
	char *name = format("mitigate-%s", function);

	for (char *p = name; p && *p; p++)
		*p = *p == '_' ? '-' : tolower((unsigned char)*p);
	if (strlen(name) > NAME_MAX_LEN)
		name[NAME_MAX_LEN] = '\0';
	return name;
}

/* As a fix of its own name, so that reports and the manifest say what it is. */
static int build(struct args *a, const char *diff, struct klp_err *err)
{
	char *dir = format("%s/klp-mitigate.XXXXXX", tmp_dir()), *path, *name, *summary;
	char expires[24];
	struct strings argv = { 0 };
	char **list;
	int ret;

	if (!mkdtemp(dir)) {
		klp_err_sys(err, -errno, "cannot make a folder in %s", tmp_dir());
		free(dir);
		return EXIT_FAILED;
	}
	name = a->name ? xstrdup(a->name) : default_name(a->m.function);
	summary = a->summary ? xstrdup(a->summary) :
		  format("Mitigation, not a fix: %s() refuses until %s", a->m.function, a->date);
	path = format("%s/%s.patch", dir, a->m.function);
	snprintf(expires, sizeof(expires), "%lld", (long long)a->m.expires);
	const char *const fixed[] = { "build", "--kernel", a->krel, "--name", name, "--summary", summary, "--mitigation-expires", expires };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		strings_add(&argv, fixed[i]);
	strings_add_all(&argv, &a->pass);
	strings_add(&argv, path);
	list = (char **)strings_argv(&argv);
	ret = io_write_atomic(path, diff, strlen(diff), 0600, err);
	optind = 0;
	ret = ret ? EXIT_FAILED : cmd_build((int)argv.nr, list);
	unlink(path);
	rmdir(dir);
	free(dir);
	free(list);
	strings_free(&argv);
	free(path);
	free(summary);
	free(name);
	return ret;
}

/* Before anything is built: who reads that may want another function, or another value. */
static int tell_callers(const struct target *t, const struct mitigation *m, const char *object, struct klp_err *err)
{
	struct callers c;
	int ret = callers_find(t, object, m->function, &c, err);

	if (!ret)
		callers_print(&c, m->function, m->value, stderr);
	callers_free(&c);
	return ret;
}

int cmd_mitigate(int argc, char **argv)
{
	struct args a = { 0 };
	struct klp_err err = { 0 };
	struct target *t;
	char *diff = NULL, *object = NULL;
	int c, index = 0, ret = 0;

	while (!ret && (c = getopt_long(argc, argv, "k:o:j:vh", options, &index)) != -1) {
		if (c == CMD_HELP) {
			fputs(help, stdout);
			strings_free(&a.pass);
			return 0;
		}
		ret = take(&a, c, index);
	}
	if (!ret && optind < argc)
		ret = cmd_usage("mitigate", "\"%s\" is too much", argv[optind]);
	if (!ret)
		ret = check(&a);
	if (ret)
		goto out;
	if (target_open(a.krel, &t, &err)) {
		ret = cmd_fail(&err);
		goto out;
	}
	ret = mitigate_diff(t, &a.m, &diff, &object, &err);
	if (!ret)
		ret = tell_callers(t, &a.m, object, &err);
	target_close(t);
	if (ret) {
		ret = cmd_fail(&err);
		goto out;
	}
	if (a.print)
		fputs(diff, stdout);
	else
		ret = build(&a, diff, &err);
	if (ret == EXIT_FAILED && err.text[0])
		cmd_fail(&err);
out:
	free(diff);
	free(object);
	strings_free(&a.pass);
	return ret;
}
