/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survey.h - `klp-build survey`: which of the CVEs that a newer source package
 * fixes a live patch can cover.
 *
 *   cmd_survey.c    which CVEs, their tries, the table
 *   survey_ties.c   which other files of the update a file's change needs
 */
#ifndef KLP_SURVEY_H
#define KLP_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

struct pkg;

/*
 * Switch on in @on (a flag for each file of @p) the headers that give a new name to those which are on, and what these
 * need in turn.  It only chooses what is tried: whether it is enough, the compiler says.  0 or -ENOMEM.
 */
int survey_ties(const struct pkg *p, bool *on);

#endif
