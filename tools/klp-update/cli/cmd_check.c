// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_check.c - klp-update check: what update would do, changing nothing. */
#include <stdio.h>

#include "command.h"
#include "context.h"
#include "run/check.h"
#include "run/run.h"

int cmd_check(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	struct run r;
	int ret;

	(void)argc;
	(void)argv;
	ret = context_open(u, false, &err);
	if (!ret)
		ret = run_init(&r, u, &err);
	if (ret)
		return update_fail(u, &err);
	ret = run_check(&r, &err);
	if (ret) {
		json_decref(r.events);
		return update_fail(u, &err);
	}
	if (u->json)
		update_print_json(json_pack("{s:O, s:i}", "events", r.events, "exit", r.exit));
	else if (!json_array_size(r.events))
		puts("nothing for this kernel");
	json_decref(r.events);
	return r.exit;
}
