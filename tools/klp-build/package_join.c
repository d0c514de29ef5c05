// SPDX-License-Identifier: GPL-2.0-or-later
/* package_join.c - which changes of an update stay out when all together don't go in. */
#include <stdlib.h>
#include <string.h>

#include "package.h"

bool change_taken(json_t *change)
{
	return json_object_size(json_object_get(change, "picked")) > 0;
}

void change_drop(json_t *change, const char *why)
{
	json_object_set_new(change, "outcome", json_string("refused"));
	json_object_set_new(change, "why", json_string(why));
	json_object_clear(json_object_get(change, "picked"));
}

/* Is it this change that the refusal (or a compiler's message) is about? */
static bool is_about(json_t *change, const char *file, const char *text)
{
	const char *path = json_string_value(json_object_get(change, "file"));

	if (file && *file)
		return !strcmp(file, path) || json_object_get(json_object_get(change, "picked"), file);
	return text && strstr(text, path);
}

/* Take out what the verdict on all together names; how many changes. */
static size_t drop_named(json_t *changes, json_t *v)
{
	const char *message = json_string_value(json_object_get(v, "message"));
	size_t i, k, dropped = 0;
	json_t *c, *r;

	json_array_foreach(changes, i, c) {
		if (!change_taken(c))
			continue;
		json_array_foreach(json_object_get(v, "refusals"), k, r) {
			const char *why = json_string_value(json_object_get(r, "why"));
			const char *file = json_string_value(json_object_get(r, "file"));

			if (change_taken(c) && is_about(c, file, why)) {
				change_drop(c, why);
				dropped++;
			}
		}
		if (change_taken(c) && message && is_about(c, NULL, message)) {
			change_drop(c, message);
			dropped++;
		}
	}
	return dropped;
}

/*
 * The verdict names none of them: those go that have brought changes of other files along, which
 * is where two that are right by themselves can't both be.
 */
static size_t drop_companions(json_t *changes, json_t *v)
{
	json_t *first = json_array_get(json_object_get(v, "refusals"), 0), *c;
	const char *said = json_string_value(json_object_get(first ? first : v, first ? "why" : "message"));
	char *why = format("with the other changes, not by itself: %s", said ? said : "it doesn't build");
	size_t i, dropped = 0;

	json_array_foreach(changes, i, c) {
		if (json_object_size(json_object_get(c, "picked")) < 2)
			continue;
		change_drop(c, why ? why : "it doesn't go with the other changes");
		dropped++;
	}
	free(why);
	return dropped;
}

size_t changes_drop(json_t *changes, json_t *verdict)
{
	size_t dropped = drop_named(changes, verdict);

	return dropped ? dropped : drop_companions(changes, verdict);
}
