// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_history.c - klp-update history and cve: what happened, and what it closed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "store.h"
#include "update.h"

#define HISTORY_MAX	1000

static void print_event(const json_t *e)
{
	const char *detail = json_string_value(json_object_get(e, "detail"));
	int64_t release = json_integer_value(json_object_get(e, "release"));
	char when[32], number[24] = "";

	update_time(json_integer_value(json_object_get(e, "at")), when);
	if (release)
		snprintf(number, sizeof(number), " %lld", (long long)release);
	printf("%s  %-10s %s%s%s%s\n", when, json_string_value(json_object_get(e, "event")),
	       json_string_value(json_object_get(e, "name")), number, *detail ? ": " : "", detail);
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

/* One CVE of one patch. */
static void add_cve(json_t *out, const char *cve, const char *name, int64_t release,
		    const char *state)
{
	json_array_append_new(out, json_pack("{s:s, s:s, s:I, s:s}", "cve", cve, "patch", name,
					     "release", (json_int_t)release, "state", state));
}

static void add_list(json_t *out, const json_t *cves, const char *name, int64_t release,
		     const char *state)
{
	json_t *item;
	size_t i;

	json_array_foreach(cves, i, item)
		add_cve(out, json_string_value(item), name, release, state);
}

static int collect(struct update *u, json_t *out, struct klp_err *err)
{
	struct patch_rows rows;
	json_t *waiting, *w, *cves;
	size_t i;
	int ret;

	ret = store_patches(u->db, &rows, err);
	if (ret)
		return ret;
	for (i = 0; i < rows.nr; i++) {
		const struct patch_row *p = &rows.rows[i];

		cves = json_loads(p->cves, 0, NULL);
		if (machine_patch(&u->machine, p->module) == IN_KERNEL_APPLIED &&
		    (p->state == PATCH_GOOD || p->state == PATCH_WATCHED))
			add_list(out, cves, p->name, p->release, !p->expires ? "fixed" :
				 p->expires > time(NULL) ? "mitigated" : "open");
		else if (p->state != PATCH_SUPERSEDED && !strcmp(p->build_id, u->machine.build_id))
			add_list(out, cves, p->name, p->release, "open");
		json_decref(cves);
	}
	store_patches_free(&rows);
	ret = store_waiting(u->db, &waiting, err);
	if (ret)
		return ret;
	json_array_foreach(waiting, i, w)
		add_list(out, json_object_get(w, "cves"), json_string_value(json_object_get(w, "name")),
			 json_integer_value(json_object_get(w, "release")), "open");
	json_decref(waiting);
	return 0;
}

static void print_cve(const json_t *c)
{
	printf("%-16s %-9s %s %lld\n", json_string_value(json_object_get(c, "cve")),
	       json_string_value(json_object_get(c, "state")),
	       json_string_value(json_object_get(c, "patch")),
	       (long long)json_integer_value(json_object_get(c, "release")));
}

/* With a number: 0 fixed, 1 open or only mitigated, 3 unknown here. */
int cmd_cve(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	int ret, exit = argc ? EXIT_NOT_FOUND : EXIT_DONE;
	json_t *all = json_array(), *chosen = json_array(), *c;
	size_t i;

	ret = context_open(u, false, &err);
	if (!ret)
		ret = collect(u, all, &err);
	if (ret)
		return update_fail(u, &err);
	json_array_foreach(all, i, c) {
		if (argc && strcmp(json_string_value(json_object_get(c, "cve")), argv[0]))
			continue;
		if (argc)
			exit = strcmp(json_string_value(json_object_get(c, "state")), "fixed") ?
			       EXIT_FAILED : EXIT_DONE;
		json_array_append(chosen, c);
		if (!u->json)
			print_cve(c);
	}
	if (!u->json && argc && exit == EXIT_NOT_FOUND)
		printf("%s: no patch that this machine knows of names it\n", argv[0]);
	if (u->json)
		update_print_json(json_incref(chosen));
	json_decref(chosen);
	json_decref(all);
	return exit;
}
