/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command.h - klp-update's commands, and what they share. */
#ifndef KLP_UPDATE_COMMAND_H
#define KLP_UPDATE_COMMAND_H

#include <jansson.h>

#include "err.h"
#include "exits.h"
#include "state/update.h"

typedef int (*command_fn)(struct update *u, int argc, char **argv);

int cmd_check(struct update *u, int argc, char **argv);
int cmd_update(struct update *u, int argc, char **argv);
int cmd_boot(struct update *u, int argc, char **argv);
int cmd_status(struct update *u, int argc, char **argv);
int cmd_history(struct update *u, int argc, char **argv);
int cmd_hold(struct update *u, int argc, char **argv);
int cmd_unhold(struct update *u, int argc, char **argv);
int cmd_disable(struct update *u, int argc, char **argv);
int cmd_enable(struct update *u, int argc, char **argv);
int cmd_approve(struct update *u, int argc, char **argv);
int cmd_retry(struct update *u, int argc, char **argv);
int cmd_config(struct update *u, int argc, char **argv);
int cmd_cve(struct update *u, int argc, char **argv);
int cmd_advise(struct update *u, int argc, char **argv);
int cmd_doctor(struct update *u, int argc, char **argv);
int cmd_support(struct update *u, int argc, char **argv);
int cmd_notify(struct update *u, int argc, char **argv);
int cmd_watch(struct update *u, int argc, char **argv);
int cmd_shutdown(struct update *u, int argc, char **argv);
int cmd_health(struct update *u, int argc, char **argv);
int cmd_fetch(struct update *u, int argc, char **argv);

/* Print the error once, in JSON too if asked for; returns the exit code for it. */
int update_fail(const struct update *u, const struct klp_err *err);
/* A mistake in the command line, told the same way; EXIT_USAGE. */
int update_usage(const struct update *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void update_print_json(json_t *obj);

#endif
