// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_blockers.c - the tasks that a transition waits for, why, and what helps. */
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "blockers.h"
#include "core.h"
#include "monotonic.h"

static void print_blocker(const struct apply *a, const struct blocker *b)
{
	const char *p;
	size_t n;

	say(a, "%7u  %-15s  %s\n", b->core.pid, b->comm, b->reason);
	if (b->unit[0])
		say(a, "         of %s\n", b->unit);
	say(a, "         %s\n", b->remedy);
	for (p = b->stack; *p; p += n + !!p[n]) {
		n = strcspn(p, "\n");
		say(a, "%s%.*s", p == b->stack ? "         stack: " : " < ", (int)n, p);
	}
	if (b->stack[0])
		say(a, "\n");
}

int cmd_blockers(struct apply *a, int argc, char **argv)
{
	struct blocker *list = NULL;
	struct core *core = NULL;
	struct qp_info info;
	size_t nr = 0, i;
	double waiting_s;
	int ret, status = EXIT_FAILED;

	(void)argv;
	json_object_set_new(a->reply, "blockers", json_array());
	if (argc)
		return refuse(a, EXIT_USAGE, "blockers takes no arguments");
	ret = core_open(&core, &a->err);
	if (!ret)
		ret = core_info(core, &info, &a->err);
	if (ret) {
		status = exit_of(ret);
		goto out;
	}
	if (info.phase != QP_TRANSITION) {
		status = refuse(a, EXIT_NOTHING, "no transition is under way");
		goto out;
	}
	if (blockers_get(core, info.patch, info.epoch, &list, &nr, &a->err))
		goto out;
	json_object_set_new(a->reply, "patch", json_string(info.patch));
	json_object_set_new(a->reply, "blockers", blockers_json(list, nr));
	/* For so long each of them has been in the way. */
	waiting_s = monotonic_s() - info.started_ns / 1e9;
	json_object_set_new(a->reply, "waiting_s", json_real(waiting_s));
	say(a, "%zu task%s still to switch for %s, after %.1f s:\n", nr, nr == 1 ? "" : "s", info.patch, waiting_s);
	for (i = 0; i < nr; i++)
		print_blocker(a, &list[i]);
	status = EXIT_DONE;
out:
	free(list);
	core_close(core);
	return status;
}
