// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_config.c - klp-update config: each setting, its value, what it means, where it was made; get and set one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "jsonstr.h"
#include "log.h"
#include "settings/settings_file.h"

static int tell_left_alone(const struct update *u)
{
	if (u->settings.left_alone)
		log_warn("not read, since they look like what an editor or dpkg left behind: %s", u->settings.left_alone);
	return EXIT_DONE;
}

static int show_all(struct update *u)
{
	json_t *obj = json_object();
	char value[PATH_MAX];

	for (const struct setting *def = settings_table; def->key; def++) {
		settings_get(&u->settings, def, value, sizeof(value));
		if (u->json)
			json_object_set_new(obj, def->key, json_text(value));
		else
			printf("# %s (default: %s; here: %s)\n%s = %s\n", def->help, def->initial,
			       settings_origin(&u->settings, def), def->key, value);
	}
	if (u->json)
		update_print_json(json_incref(obj));
	json_decref(obj);
	return tell_left_alone(u);
}

static int show_one(struct update *u, const char *key)
{
	struct klp_err err = { 0 };
	const struct setting *def = settings_find(key, &err);
	char value[PATH_MAX];

	if (!def)
		return update_usage(u, "%s", err.text);
	settings_get(&u->settings, def, value, sizeof(value));
	if (u->json)
		update_print_json(json_pack("{s:s, s:o, s:s}", "key", key, "value", json_text(value), "origin",
					    settings_origin(&u->settings, def)));
	else
		puts(value);
	return tell_left_alone(u);
}

static int change(struct update *u, const char *key, const char *value)
{
	struct klp_err err = { 0 };

	if (settings_write(&u->settings, u->config, key, value, &err))
		return err.code == -EINVAL ? update_usage(u, "%s", err.text) : update_fail(u, &err);
	if (u->json)
		update_print_json(json_pack("{s:s, s:o, s:s}", "key", key, "value", json_text(value), "origin", u->config));
	else
		printf("%s = %s, in %s\n", key, value, u->config);
	return EXIT_DONE;
}

int cmd_config(struct update *u, int argc, char **argv)
{
	if (!argc)
		return show_all(u);
	if (argc == 2 && !strcmp(argv[0], "get"))
		return show_one(u, argv[1]);
	if (argc == 3 && !strcmp(argv[0], "set"))
		return change(u, argv[1], argv[2]);
	return update_usage(u, "config wants nothing, \"get KEY\" or \"set KEY VALUE\"");
}
