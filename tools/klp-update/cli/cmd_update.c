// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_update.c - klp-update update, boot and watch: a run, and what is told of it. */
#include <signal.h>
#include <stdio.h>

#include "base/stop.h"
#include "command.h"
#include "context.h"
#include "log.h"
#include "machine/health.h"
#include "run/passes.h"
#include "run/run.h"
#include "state/store_value.h"
#include "tell/announce.h"

/* At boot the timer may have been faster; what it hasn't applied again by then is boot's. */
#define BOOT_WAIT_S	300
/* A look that takes nothing out is over in no time, but for the operator's command. */
#define LOOK_WAIT_S	3
#define HEALTH_WAIT_S	45

static int finish(struct run *r, enum job job, int ret, struct klp_err *err)
{
	char text[KLP_ERR_LEN];

	snprintf(text, sizeof(text), "%s", ret ? err->text : "");
	if (ret)
		run_exit(r, exit_of(ret));
	/* Of the last time that somebody asked the source; a look doesn't. */
	if (job != JOB_WATCH) {
		store_set_word(r->u->db, "last-error", text, NULL);
		store_set_number(r->u->db, "last-exit", ret ? exit_of(ret) : r->exit, NULL);
	}
	announce(r->u);
	if (ret)
		log_error("%s", text);
	else if (!r->u->json && r->exit == EXIT_NOTHING)
		puts(job == JOB_WATCH ? "nothing is being watched" : "nothing to do");
	if (r->u->json)
		update_print_json(json_pack("{s:O, s:i, s:s*}", "events", r->events, "exit", r->exit,
					    "error", ret ? text : NULL));
	json_decref(r->events);
	return r->exit;
}

static int run(struct update *u, enum job job)
{
	unsigned int wait_s = job == JOB_BOOT ? BOOT_WAIT_S : health_wanted(&u->settings) ? HEALTH_WAIT_S : LOOK_WAIT_S;
	struct klp_err err = { 0 };
	struct run r;
	int ret;

	stop_listen();
	/* Whoever reads what is told may leave; the run goes on. */
	signal(SIGPIPE, SIG_IGN);
	ret = context_machine(u, &err);
	if (!ret)
		ret = context_lock(u, wait_s, &err);
	if (!ret)
		ret = context_db(u, true, &err);
	if (!ret)
		ret = run_init(&r, u, &err);
	if (ret)
		return update_fail(u, &err);
	return finish(&r, job, run_passes(&r, job, &err), &err);
}

int cmd_update(struct update *u, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(u, JOB_UPDATE);
}

int cmd_boot(struct update *u, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(u, JOB_BOOT);
}

int cmd_watch(struct update *u, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(u, JOB_WATCH);
}
