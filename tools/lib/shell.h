/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell.h - a command of somebody else's, run by sh, with a limit of time; and reading with one. */
#ifndef KLP_SHELL_H
#define KLP_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Read @fd until its other end is closed: *len bytes into @out.  -EFBIG: @room is full, and there may be more; -ETIMEDOUT: not by
 * @deadline (monotonic_ms()); else read()'s error.
 */
int read_until(int fd, int64_t deadline, void *out, size_t room, size_t *len);

/* In a child that becomes another program: what our tools catch or ignore kills it, as it expects. */
void shell_default_signals(void);

/*
 * Start @command in a session of its own, so that its children die with it.  @in is its standard input (-1: ours); *out is for what
 * it prints, @errors: to standard error, too.  -errno; else shell_end() has to follow.
 */
pid_t shell_start(const char *command, int in, bool errors, int *out);
/*
 * Its exit status, 128 + N if signal N ended it.  @ret: what reading gave; if that is an error, or it works on until @deadline with its
 * output closed, it is killed with all its children: that error, or -ETIMEDOUT.
 */
int shell_end(pid_t pid, int ret, int64_t deadline);

#endif
