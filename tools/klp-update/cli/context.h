/* SPDX-License-Identifier: GPL-2.0-or-later */
/* context.h - opening what commands work with. */
#ifndef KLP_UPDATE_CONTEXT_H
#define KLP_UPDATE_CONTEXT_H

#include <stdbool.h>

struct klp_err;
struct update;

/* The database, for reading or writing. */
int context_db(struct update *u, bool write, struct klp_err *err);
/* One run at a time.  -EBUSY: another one is at work, after @wait_s still. */
int context_lock(struct update *u, unsigned int wait_s, struct klp_err *err);
/* For what an operator asks for while the timer's run is at work. */
#define RETRY_WAIT_S	30
/* The running kernel. */
int context_machine(struct update *u, struct klp_err *err);
/* The kernel, then the database. */
int context_open(struct update *u, bool write, struct klp_err *err);
void context_close(struct update *u);

#endif
