/* SPDX-License-Identifier: GPL-2.0-or-later */
/* remember.h - the commands' use of memory.h. */
#ifndef KLP_APPLY_REMEMBER_H
#define KLP_APPLY_REMEMBER_H

struct apply;
struct verified_bundle;

/*
 * Does what this machine has had allow it?  0, or an exit status with the reason in a->err: EXIT_TRUST, EXIT_HELD.
 * A bundle that nobody signed is loaded by explicit choice alone, and isn't remembered.
 */
int remember_check(struct apply *a, const struct verified_bundle *vb);
/* Its loading begins.  What can't be written is told; it is no reason to keep a fix out. */
void remember_begin(const struct verified_bundle *vb);
/* Nothing is under way any more. */
void remember_end(void);
/* Who did what, and how it ended, to the journal and (when root) to the history. */
void remember_command(const struct apply *a, const char *command, int argc, char **argv, int status);

#endif
