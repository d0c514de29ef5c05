// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_history.c - klp-update history: what happened. */
#include <stdio.h>

#include "base/local_time.h"
#include "command.h"
#include "context.h"
#include "state/store.h"

#define HISTORY_MAX	1000

static void print_event(const json_t *e)
{
	const char *detail = json_string_value(json_object_get(e, "detail"));
	int64_t release = json_integer_value(json_object_get(e, "release"));
	char when[32], number[24] = "";

	local_time(json_integer_value(json_object_get(e, "at")), when);
	if (release)
		snprintf(number, sizeof(number), " %lld", (long long)release);
	printf("%s  %-10s %s%s%s", when, json_string_value(json_object_get(e, "event")),
	       json_string_value(json_object_get(e, "name")), number, *detail ? ": " : "");
	/* An event is told in one line: some reasons, as klp-apply's, have several. */
	for (const char *p = detail; *p; p++)
		putchar(*p == '\n' ? ' ' : *p);
	putchar('\n');
}

int cmd_history(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	json_t *list;
	int ret;

	(void)argc;
	(void)argv;
	ret = context_db(u, false, &err);
	if (!ret)
		ret = store_history(u->db, HISTORY_MAX, &list, &err);
	if (ret)
		return update_fail(u, &err);
	if (u->json) {
		update_print_json(list);
		return EXIT_DONE;
	}
	/* Newest last, where a terminal's reader looks. */
	for (size_t i = json_array_size(list); i-- > 0;)
		print_event(json_array_get(list, i));
	if (!json_array_size(list))
		puts("nothing has happened yet");
	json_decref(list);
	return EXIT_DONE;
}
