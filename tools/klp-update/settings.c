// SPDX-License-Identifier: GPL-2.0-or-later
/* settings.c - see settings.h. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "io.h"
#include "settings.h"
#include "sign.h"

#define FILE_MAX	65536
#define SECONDS_MAX	86400

#define DEF(key_, kind_, field, initial_, help_) \
	{ key_, kind_, offsetof(struct settings, field), initial_, help_ }

const struct setting settings_table[] = {
	DEF("source", SETTING_TEXT, source, "/srv/patches",
	    "where bundles come from: a folder, or an http(s):// or file:// URL"),
	DEF("keys", SETTING_PATH, keys, KEYRING_DIR, "folder of trusted keys, *.pub"),
	DEF("state", SETTING_PATH, state, "/var/lib/quietpatch",
	    "folder for history, decisions and kept bundles"),
	DEF("loader", SETTING_TEXT, loader, "klp-apply", "program that loads patches"),
	DEF("fetcher", SETTING_PATH, fetcher, "/run/quietpatch/fetch.sock",
	    "socket of the service that talks to the network; where there is none, a child does"),
	DEF("fetch-user", SETTING_TEXT, fetch_user, FETCH_USER,
	    "whom that child becomes when root started the run (nobody, where there is no such user)"),
	DEF("fetch-timeout", SETTING_SECONDS, fetch_timeout, "300", "time to fetch one file"),
	DEF("apply", SETTING_BOOL, apply, "yes", "no: look and tell, but don't apply"),
	DEF("watch", SETTING_SECONDS, watch, "10",
	    "how long to watch the kernel after applying, before the patch counts as good"),
	DEF("timeout", SETTING_SECONDS, timeout, "30", "time for all tasks to switch, then as stragglers says"),
	DEF("stragglers", SETTING_STRAGGLERS, stragglers, "leave",
	    "what to do about tasks that haven't switched then: leave, reverse or kill (see klp-apply)"),
	{ NULL }
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

static int set_bool(struct settings *s, const struct setting *def, const char *value)
{
	bool yes = !strcmp(value, "yes");

	if (!yes && strcmp(value, "no"))
		return -EINVAL;
	*(bool *)field(s, def) = yes;
	return 0;
}

static int set_stragglers(struct settings *s, const struct setting *def, const char *value)
{
	static const char *const known[] = { "leave", "reverse", "kill" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(value, known[i]))
			return set_text(s, def, value);
	return -EINVAL;
}

static int set_seconds(struct settings *s, const struct setting *def, const char *value)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno || !isdigit((unsigned char)*value) || *end || n > SECONDS_MAX)
		return -EINVAL;
	*(long *)field(s, def) = n;
	return 0;
}

static const char *wanted(enum setting_kind kind)
{
	switch (kind) {
	case SETTING_TEXT:
		return "a text that isn't empty";
	case SETTING_PATH:
		return "an absolute path";
	case SETTING_BOOL:
		return "yes or no";
	case SETTING_SECONDS:
		return "seconds, 0 to 86400";
	case SETTING_STRAGGLERS:
		return "leave, reverse or kill";
	}
	return "";
}

static int set(struct settings *s, const struct setting *def, const char *value,
	       struct klp_err *err)
{
	int ret;

	if (def->kind == SETTING_BOOL)
		ret = set_bool(s, def, value);
	else if (def->kind == SETTING_SECONDS)
		ret = set_seconds(s, def, value);
	else if (def->kind == SETTING_STRAGGLERS)
		ret = set_stragglers(s, def, value);
	else
		ret = set_text(s, def, value);
	if (ret)
		return klp_err_set(err, ret, "%s = %s: it must be %s", def->key, value,
				   wanted(def->kind));
	return 0;
}

int settings_set(struct settings *s, const char *key, const char *value, struct klp_err *err)
{
	for (const struct setting *def = settings_table; def->key; def++) {
		if (!strcmp(def->key, key))
			return set(s, def, value, err);
	}
	return klp_err_set(err, -EINVAL, "unknown setting \"%s\"; `klp-update config` lists them", key);
}

int settings_init(struct settings *s, const char *root, struct klp_err *err)
{
	int ret = 0;

	memset(s, 0, sizeof(*s));
	s->root = root;
	for (const struct setting *def = settings_table; def->key && !ret; def++)
		ret = set(s, def, def->initial, err);
	return ret;
}

static char *trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

/* @line without its comment; empty lines are fine. */
static int read_line(struct settings *s, char *line, struct klp_err *err)
{
	char *eq;

	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (!*line)
		return 0;
	eq = strchr(line, '=');
	if (!eq)
		return klp_err_set(err, -EINVAL, "\"%s\" isn't \"key = value\"", line);
	*eq = '\0';
	return settings_set(s, trim(line), trim(eq + 1), err);
}

int settings_read(struct settings *s, const char *path, struct klp_err *err)
{
	char *text, *line, *rest;
	unsigned int nr = 0;
	size_t len;
	void *data;
	int ret;

	ret = io_read_file(path, FILE_MAX, &data, &len, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	text = rest = data;
	if (strlen(text) != len)
		ret = klp_err_set(err, -EINVAL, "%s: there is a NUL in it", path);
	while (!ret && (line = strsep(&rest, "\n"))) {
		nr++;
		ret = read_line(s, line, err);
		if (ret)
			klp_err_wrap(err, "%s:%u", path, nr);
	}
	free(data);
	return ret;
}

void settings_get(const struct settings *s, const struct setting *def, char *out, size_t size)
{
	const void *slot = field(s, def);

	switch (def->kind) {
	case SETTING_STRAGGLERS:
	case SETTING_TEXT:
	case SETTING_PATH:
		snprintf(out, size, "%s", *(char *const *)slot);
		return;
	case SETTING_BOOL:
		snprintf(out, size, "%s", *(const bool *)slot ? "yes" : "no");
		return;
	case SETTING_SECONDS:
		snprintf(out, size, "%ld", *(const long *)slot);
		return;
	}
}

void settings_free(struct settings *s)
{
	free(s->source);
	free(s->keys);
	free(s->state);
	free(s->loader);
	free(s->fetch_user);
	free(s->fetcher);
	memset(s, 0, sizeof(*s));
}
