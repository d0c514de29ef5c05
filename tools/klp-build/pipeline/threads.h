/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threads.h - functions that never leave a stack, so that a patch of them
 * can't be applied while they run.
 */
#ifndef KLP_THREADS_H
#define KLP_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct build;

/*
 * Warn of each replaced function that its own unit, or one in its folder, starts a kernel thread
 * with; of an update refuse it, since it would keep all that goes into the same patch from being applied.
 */
void threads_check(const struct build *b);

/*
 * What @text starts a kernel thread with main function @name by ("kthread_run"),
 * and in *@line where; NULL: nothing.  The string is static.
 */
const char *threads_starter(const char *text, size_t len, const char *name, uint32_t *line);

#endif
