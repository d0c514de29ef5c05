/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health.h - the operator's own word on whether the machine is well: `health = COMMAND`.
 *
 * Under systemd quietpatch-health.socket has it run in a service of its own, so that it may have a network and
 * whatever else the operator gives it, and the side that loads modules hasn't.  Elsewhere a child runs it.
 */
#ifndef KLP_UPDATE_HEALTH_H
#define KLP_UPDATE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

struct settings;

#define HEALTH_SOCKET	"/run/quietpatch/health.sock"
#define HEALTH_S	30	/* a command that takes longer says no */

/* Is there a command? */
bool health_wanted(const struct settings *s);
/* Is it well?  Without a command it is.  If not, @why says what the command said. */
bool health_ask(const struct settings *s, char *why, size_t size);
/* The service: run the command, and write what came of it to @to. */
int health_serve(const struct settings *s, int to);

#endif
