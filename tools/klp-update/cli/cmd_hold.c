// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_hold.c - klp-update hold and unhold: stop changes, for all or for one patch. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/local_time.h"
#include "command.h"
#include "context.h"
#include "jsonstr.h"
#include "log.h"
#include "manifest.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "tell/announce.h"

/* "30m", "12h", "7d" from now, or "2026-12-24" or "2026-12-24 18:00", local time. */
static int parse_until(const char *text, int64_t *out)
{
	struct tm tm = { .tm_isdst = -1 };
	char *end;
	long n;
	int64_t unit;

	end = strptime(text, "%Y-%m-%d", &tm);
	if (end && *end)
		end = strptime(end, " %H:%M", &tm);
	if (end && !*end) {
		*out = mktime(&tm);
		return *out > time(NULL) ? 0 : -ERANGE;
	}
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || n < 1 || n > 100000 || !*end || end[1])
		return -EINVAL;
	unit = *end == 'm' ? 60 : *end == 'h' ? 3600 : *end == 'd' ? 86400 : 0;
	if (!unit)
		return -EINVAL;
	*out = time(NULL) + n * unit;
	return 0;
}

static int change(struct update *u, const char *name, int64_t until, bool hold,
		  struct klp_err *err)
{
	const char *reason = u->reason ? u->reason : "";
	int ret;

	ret = context_open(u, true, err);
	if (!ret)
		ret = hold ? store_hold(u->db, name, until, reason, err) :
			     store_unhold(u->db, name, err);
	if (!ret)
		ret = store_event(u->db, u->machine.boot_id, hold ? "held" : "unheld", name, 0, "",
				  reason, err);
	if (!ret)
		announce(u);
	return ret;
}

/* Is it one that this machine has heard of?  A hold may come before its patch, but that is told. */
static bool heard_of(struct update *u, const char *name)
{
	json_t *waiting = NULL, *w;
	struct patch_rows rows;
	bool known = !*name;
	size_t i;

	if (!store_patches(u->db, &rows, NULL)) {
		for (i = 0; i < rows.nr; i++)
			known |= !strcmp(rows.rows[i].name, name);
		store_patches_free(&rows);
	}
	store_waiting(u->db, &waiting, NULL);
	json_array_foreach(waiting, i, w)
		known |= !strcmp(json_string_value(json_object_get(w, "name")), name);
	json_decref(waiting);
	return known;
}

static int done(const struct update *u, const char *verb, const char *name, int64_t until)
{
	char when[32];

	local_time(until, when);
	if (u->json)
		update_print_json(json_pack("{s:s, s:o, s:I}", "done", verb, "name", json_text(name),
					    "until", (json_int_t)until));
	else
		printf("%s %s%s%s\n", *name ? name : "everything new", verb, *when ? " until " : "",
		       when);
	return EXIT_DONE;
}

int cmd_hold(struct update *u, int argc, char **argv)
{
	const char *name = argc ? argv[0] : "";
	struct klp_err err = { 0 };
	int64_t until = 0;

	if (argc && !*name)
		return update_usage(u, "hold \"\": a name is empty; without one, everything new is held");
	if (argc && !manifest_is_name(name))
		return update_usage(u, "hold %s: no patch has such a name: they are 1 to 48 of a-z, 0-9 and '-'", name);
	if (u->until && parse_until(u->until, &until))
		return update_usage(u, "--until %s: it must be in the future, as 30m, 12h, 7d, 2026-12-24 or \"2026-12-24 18:00\"",
				    u->until);
	if (change(u, name, until, true, &err))
		return update_fail(u, &err);
	if (!heard_of(u, name))
		log_warn("no patch %s is known here; it will be held should it come (`klp-update status` lists the names)",
			 name);
	return done(u, "held", name, until);
}

int cmd_unhold(struct update *u, int argc, char **argv)
{
	const char *name = argc ? argv[0] : "";
	struct klp_err err = { 0 };

	if (argc && !*name)
		return update_usage(u, "unhold \"\": a name is empty; without one, the hold on everything new ends");
	if (change(u, name, 0, false, &err)) {
		update_fail(u, &err);
		return err.code == -ENOENT ? EXIT_NOTHING : exit_of(err.code);
	}
	return done(u, "released", name, 0);
}
