// SPDX-License-Identifier: GPL-2.0-or-later
/* settings.c - see settings.h: the table, and one value. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "keyring.h"
#include "policy.h"
#include "settings.h"
#include "tlog/logcheck.h"

#define DAY_S		86400L
#define DELAY_MAX_S	(90 * DAY_S)

static bool is_source(const char *v)
{
	return !strstr(v, "://") || !strpbrk(v, "# \t");
}

static bool is_proxy(const char *v)
{
	return !strcmp(v, "none") ||
	       ((!strncmp(v, "http://", 7) || !strncmp(v, "https://", 8) || !strncmp(v, "socks5h://", 10)) && !strpbrk(v, "# \t"));
}

static bool is_ca(const char *v)
{
	return !strcmp(v, "system") || *v == '/';
}

static bool is_recipient(const char *v)
{
	/* It becomes a word of a command line. */
	return *v != '-' && !strpbrk(v, " \t,;");
}

#define DEF(key_, kind_, field, initial_, help_, ...)	\
	{ .key = key_, .kind = kind_, .offset = offsetof(struct settings, field), .initial = initial_, .help = help_, __VA_ARGS__ }

const struct setting settings_table[] = {
	DEF("source", SETTING_TEXT, source, "/srv/patches",
	    "where bundles come from: a folder, or an http(s):// or file:// URL",
	    .wanted = "a folder or a URL, without # or white space in a URL", .check = is_source, .secret = true),
	DEF("proxy", SETTING_TEXT, proxy, "none",
	    "proxy for http(s) sources; the environment's isn't used",
	    .wanted = "none, or an http://, https:// or socks5h:// URL", .check = is_proxy, .secret = true),
	DEF("ca", SETTING_TEXT, ca, "system",
	    "file of the certificates (PEM) that https sources are checked with, instead of the system's",
	    .wanted = "system, or an absolute path", .check = is_ca),
	DEF("signers", SETTING_CHOICE, signers, "root",
	    "whose signatures a bundle takes. root: those that the publisher's newest root names, or those of \"keys\" where no root is trusted; "
	    "folder: those of \"keys\", whatever a root says",
	    .wanted = "root folder"),
	DEF("keys", SETTING_PATH, keys, KEYRING_DIR,
	    "folder of trusted keys, *.pub"),
	DEF("trust", SETTING_PATH, trust, "/etc/quietpatch/root.json",
	    "the root.json of the publisher whose repository the source is"),
	DEF("log-policy", SETTING_PATH, log_policy, LOG_POLICY,
	    "public logs that a bundle has to be in, and their witnesses; see klp-apply(1)"),
	DEF("state", SETTING_PATH, state, "/var/lib/quietpatch",
	    "folder for history, decisions and kept bundles"),
	DEF("loader", SETTING_TEXT, loader, "klp-apply",
	    "program that loads patches"),
	DEF("fetcher", SETTING_PATH, fetcher, "/run/quietpatch/fetch.sock",
	    "socket of the service that talks to the network; where there is none, a child does"),
	DEF("fetch-user", SETTING_TEXT, fetch_user, FETCH_USER,
	    "whom that child becomes when root started the run (nobody, where there is no such user)"),
	DEF("fetch-timeout", SETTING_SECONDS, fetch_timeout, "300",
	    "time to fetch one file, with the metadata that comes before it",
	    .max = DAY_S),
	DEF("offline", SETTING_SECONDS, offline, "3d",
	    "how long after the last good look a source that doesn't answer is told, and is no error",
	    .max = 366 * DAY_S),
	DEF("apply", SETTING_CHOICE, apply, "yes",
	    "no: look and tell, but don't apply; ask: apply what `klp-update approve` names",
	    .wanted = "yes no ask"),
	DEF("severity", SETTING_CHOICE, severity, "any",
	    "least severity (of the CVEs that a patch fixes, by the source's records) that is taken; what isn't rated is taken",
	    .wanted = "any low medium high critical"),
	DEF("window", SETTING_TEXT, window, "any",
	    "when patches may be applied, local time, as \"Mon-Fri 22:00-04:00; Sun 00:00-24:00\"",
	    .wanted = "any, or [DAYS] HH:MM-HH:MM, of two hours at least (the timer looks once an hour), more of them with ; between", .check = window_valid),
	DEF("delay", SETTING_SECONDS, delay, "0",
	    "how long a release waits after it was first seen",
	    .max = DELAY_MAX_S),
	DEF("pin", SETTING_TEXT, pin, "none",
	    "patches that don't go beyond a release, as \"pipe-read 2, sock-map 1\"",
	    .wanted = "none, or NAME RELEASE with commas between", .check = pin_valid),
	DEF("exclude", SETTING_TEXT, exclude, "none",
	    "patches that are left alone, as \"pipe-read, net-*\""),
	DEF("phase", SETTING_TEXT, phase, "machine",
	    "this machine's place in a rollout, in percent: 0 is first, 100 last; machine: another one for each release",
	    .wanted = "machine, or a number from 0 to 100", .check = phase_valid),
	DEF("emergency", SETTING_CHOICE, emergency, "yes",
	    "yes: what its publisher marks as exploited now waits for no rollout, delay or window (but for a hold)",
	    .wanted = "yes no"),
	DEF("watch", SETTING_SECONDS, watch, "600",
	    "how long the kernel is looked at again and again after applying, before the patch counts as good",
	    .max = DAY_S),
	DEF("health", SETTING_TEXT, health, "none",
	    "command for sh: 0 is well; a patch is taken out when it says no twice in a row as long as it is watched",
	    .wanted = "none, or a command"),
	DEF("pressure", SETTING_TEXT, pressure, "none",
	    "a patch is taken out when so many percent points more time is spent waiting (PSI, over a minute) than before it",
	    .wanted = "none, or a number from 1 to 100", .check = pressure_valid),
	DEF("timeout", SETTING_SECONDS, timeout, "30",
	    "time for all tasks to switch, then as stragglers says",
	    .max = DAY_S),
	DEF("stragglers", SETTING_CHOICE, stragglers, "leave",
	    "what to do about tasks that haven't switched then (see klp-apply)",
	    .wanted = "leave reverse kill"),
	DEF("kick", SETTING_CHOICE, kick, "never",
	    "wake tasks that hold a switch back (see klp-apply)",
	    .wanted = "never safe all"),
	DEF("consistency", SETTING_CHOICE, consistency, "task",
	    "strict: all tasks at once, with the machine stopped (see klp-apply)",
	    .wanted = "task strict"),
	DEF("notify", SETTING_TEXT, notify, "none",
	    "command that gets, on its standard input, what a human has to see", .secret = true),
	DEF("mail", SETTING_TEXT, mail, "root",
	    "to whom the same is mailed, where there is a sendmail",
	    .wanted = "none, or one address", .check = is_recipient),
	DEF("reboot-required", SETTING_CHOICE, reboot_required, "yes",
	    "yes: /run/reboot-required is raised when a reboot closes more, and says what `klp-update advise` says; no: it is left alone",
	    .wanted = "yes no"),
	{ .key = NULL }
};

static void *field(const struct settings *s, const struct setting *def)
{
	return (char *)s + def->offset;
}

static int set_text(struct settings *s, const struct setting *def, const char *value)
{
	char **slot = field(s, def), *copy;

	/* Paths of the machine move with --root; programs and sources don't. */
	if (def->kind == SETTING_PATH && *value != '/')
		return -EINVAL;
	if (!*value || asprintf(&copy, "%s%s", def->kind == SETTING_PATH ? s->root : "", value) < 0)
		return *value ? -ENOMEM : -EINVAL;
	free(*slot);
	*slot = copy;
	return 0;
}

/* Is @word one of those in @list, which has a space between each two? */
static bool is_one_of(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *p = list; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (n == strcspn(p, " ") && !strncmp(p, word, n))
			return true;
	return false;
}

/* "90", "90s", "15m", "12h", "3d" */
static int set_seconds(struct settings *s, const struct setting *def, const char *value)
{
	static const char units[] = "smhd";
	static const long worth[] = { 1, 60, 3600, DAY_S };
	const char *unit;
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno || !isdigit((unsigned char)*value) || n > def->max || (*end && end[1]))
		return -EINVAL;
	unit = *end ? strchr(units, *end) : units;
	if (!unit || n * worth[unit - units] > def->max)
		return -EINVAL;
	*(long *)field(s, def) = n * worth[unit - units];
	return 0;
}

static void wanted(const struct setting *def, char out[160])
{
	size_t n = 0;

	if (def->kind == SETTING_SECONDS)
		snprintf(out, 160, "seconds (or 15m, 12h, 3d), from 0 to %ld", def->max);
	else if (def->kind == SETTING_PATH)
		snprintf(out, 160, "an absolute path");
	else if (def->kind == SETTING_TEXT)
		snprintf(out, 160, "%s", def->wanted ? def->wanted : "a text that isn't empty");
	else
		for (const char *p = def->wanted; *p; p += strcspn(p, " "), p += strspn(p, " "))
			n += (size_t)snprintf(out + n, 160 - n, "%s%.*s", p == def->wanted ? "" : strchr(p, ' ') ? ", " : " or ",
					      (int)strcspn(p, " "), p);
}

static int set(struct settings *s, const struct setting *def, const char *value,
	       struct klp_err *err)
{
	char must_be[160];
	int ret = 0;

	if (def->kind == SETTING_SECONDS)
		ret = set_seconds(s, def, value);
	else if ((def->kind == SETTING_CHOICE && !is_one_of(value, def->wanted)) || (def->check && !def->check(value)))
		ret = -EINVAL;
	else
		ret = set_text(s, def, value);
	if (!ret)
		return 0;
	wanted(def, must_be);
	return klp_err_set(err, ret, "%s = %s: it must be %s", def->key, value, must_be);
}

const struct setting *settings_find(const char *key, struct klp_err *err)
{
	for (const struct setting *def = settings_table; def->key; def++) {
		if (!strcmp(def->key, key))
			return def;
	}
	klp_err_set(err, -EINVAL, "unknown setting \"%s\"; `klp-update config` lists them", key);
	return NULL;
}

int settings_set(struct settings *s, const char *key, const char *value, const char *origin, struct klp_err *err)
{
	const struct setting *def = settings_find(key, err);
	char *copy;
	int ret;

	if (!def)
		return -EINVAL;
	ret = set(s, def, value, err);
	if (ret)
		return ret;
	copy = strdup(origin);
	if (!copy)
		return klp_err_sys(err, -ENOMEM, "%s", key);
	free(s->origin[def - settings_table]);
	s->origin[def - settings_table] = copy;
	return 0;
}

const char *settings_origin(const struct settings *s, const struct setting *def)
{
	const char *where = s->origin[def - settings_table];

	return where ? where : "default";
}

_Static_assert(sizeof(settings_table) / sizeof(*settings_table) <= SETTINGS_NR_MAX, "origin[] has a place for each");

int settings_init(struct settings *s, const char *root, struct klp_err *err)
{
	int ret = 0;

	memset(s, 0, sizeof(*s));
	s->root = root;
	for (const struct setting *def = settings_table; def->key && !ret; def++)
		ret = set(s, def, def->initial, err);
	return ret;
}

void settings_get(const struct settings *s, const struct setting *def, char *out, size_t size)
{
	const void *slot = field(s, def);

	if (def->kind == SETTING_SECONDS)
		snprintf(out, size, "%ld", *(const long *)slot);
	else
		snprintf(out, size, "%s", *(char *const *)slot);
}

void settings_free(struct settings *s)
{
	for (const struct setting *def = settings_table; def->key; def++) {
		if (def->kind != SETTING_SECONDS)
			free(*(char **)field(s, def));
		free(s->origin[def - settings_table]);
	}
	free(s->left_alone);
	memset(s, 0, sizeof(*s));
}
