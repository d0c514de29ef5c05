// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_config.c - klp-update config: each setting, its value, what it means. */
#include <stdio.h>

#include "update.h"

int cmd_config(struct update *u, int argc, char **argv)
{
	json_t *obj = json_object();
	char value[PATH_MAX];

	(void)argc;
	(void)argv;
	for (const struct setting *def = settings_table; def->key; def++) {
		settings_get(&u->settings, def, value, sizeof(value));
		if (u->json)
			json_object_set_new(obj, def->key, json_string(value));
		else
			printf("# %s (default: %s)\n%s = %s\n", def->help, def->initial, def->key, value);
	}
	if (u->json)
		update_print_json(json_incref(obj));
	json_decref(obj);
	return EXIT_DONE;
}
