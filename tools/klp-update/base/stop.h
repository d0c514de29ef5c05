/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stop.h - a run that is told to end (SIGTERM, SIGINT) does so at the next place where nothing is half done: between two patches,
 * and wherever it only waits.  klp-apply, which works for it, always gets to its own end.
 */
#ifndef KLP_STOP_H
#define KLP_STOP_H

#include <stdbool.h>
#include <stdint.h>

struct klp_err;

/* From here on the two signals are obeyed by what follows, instead of killing us. */
void stop_listen(void);
bool stop_asked(void);
/*
 * Wait for @ms milliseconds, or until @fd (-1: none) can be read or is closed.  1: it is; 0: the time is over; -EINTR: told to stop,
 * before this was called or since.
 */
int stop_wait(int fd, int64_t ms);
/* -EINTR, and the words, if we were told to stop; else 0. */
int stop_check(struct klp_err *err);

#endif
