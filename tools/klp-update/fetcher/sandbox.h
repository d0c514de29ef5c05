/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox.h - what the fetcher keeps of the kernel once it has no privilege any more. */
#ifndef KLP_UPDATE_SANDBOX_H
#define KLP_UPDATE_SANDBOX_H

#include <sys/types.h>

/*
 * After fetcher_drop(): limits on memory and CPU time; Landlock, where the kernel has it: files are read, nothing is written,
 * created or executed; and a filter that lets through the system calls of a transfer alone.
 * @parent: with whose end we end, at once, or 0.  (Giving up the user's id has cleared a PR_SET_PDEATHSIG from before.)
 * 0, or a negative errno with its reason in @text: then nothing may be fetched.
 */
int sandbox_enter(pid_t parent, char text[512]);

#endif
