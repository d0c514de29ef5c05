// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_approve.c - klp-update approve: what `apply = ask` waits for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "context.h"
#include "jsonstr.h"
#include "state/store.h"
#include "state/store_hold.h"
#include "tell/announce.h"

static int approve_one(struct update *u, const json_t *w, struct klp_err *err)
{
	int64_t release = json_integer_value(json_object_get(w, "release"));
	int ret = store_approve(u->db, str(w, "name"), release, err);

	if (!ret)
		ret = store_event(u->db, u->machine.boot_id, "approved", str(w, "name"), release, "",
				  u->reason ? u->reason : "", err);
	if (!ret && !u->json)
		printf("%s %lld approved; the next run takes it\n", str(w, "name"), (long long)release);
	return ret;
}

static int approve(struct update *u, const char *name, json_t *done, struct klp_err *err)
{
	json_t *waiting, *w;
	size_t i;
	int ret;

	ret = context_open(u, true, err);
	if (!ret)
		ret = store_waiting(u->db, &waiting, err);
	if (ret)
		return ret;
	json_array_foreach(waiting, i, w) {
		/* A file that can't be read has no release. */
		if (ret || (name && strcmp(str(w, "name"), name)) || !json_integer_value(json_object_get(w, "release")))
			continue;
		ret = approve_one(u, w, err);
		json_array_append_new(done, json_pack("{s:s, s:O}", "name", str(w, "name"), "release", json_object_get(w, "release")));
	}
	json_decref(waiting);
	if (!ret && name && !json_array_size(done))
		ret = klp_err_set(err, -ENOENT, "no patch %s waits; `klp-update status` lists those that do", name);
	if (!ret)
		announce(u);
	return ret;
}

int cmd_approve(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	json_t *done;
	int exit;

	if (!argc == !u->all)
		return update_usage(u, "approve wants a patch's name, or --all");
	done = json_array();
	if (approve(u, argc ? argv[0] : NULL, done, &err)) {
		json_decref(done);
		return update_fail(u, &err);
	}
	exit = json_array_size(done) ? EXIT_DONE : EXIT_NOTHING;
	if (u->json)
		update_print_json(json_pack("{s:s, s:O}", "done", "approved", "patches", done));
	else if (exit)
		puts("nothing waits");
	json_decref(done);
	return exit;
}
