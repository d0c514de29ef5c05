// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_shutdown.c - klp-update shutdown: the mark by which the next boot knows that this one didn't crash. */
#include "command.h"
#include "context.h"
#include "run/ending.h"

int cmd_shutdown(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	int ret;

	(void)argc;
	(void)argv;
	ret = context_machine(u, &err);
	if (!ret)
		ret = ending_mark(u, &err);
	return ret ? update_fail(u, &err) : EXIT_DONE;
}
