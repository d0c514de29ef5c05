// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_health.c - klp-update health: the operator's command, run by quietpatch-health@.service. */
#include <unistd.h>

#include "command.h"
#include "machine/health.h"

int cmd_health(struct update *u, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return health_serve(&u->settings, STDOUT_FILENO) ? EXIT_FAILED : EXIT_DONE;
}
