/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_print.h - a finished report, for people. */
#ifndef KLP_REPORT_PRINT_H
#define KLP_REPORT_PRINT_H

#include <stdbool.h>
#include <stdio.h>

struct report;

/* What became of each file of the fix, to @out. */
void report_print_files(struct report *r, FILE *out);
/* The changed functions as a table; @proven: with how each was. */
void report_print_functions(const struct report *r, bool proven);
/* What --tripwires counts, and what not. */
void report_print_tripwires(const struct report *r);
/* All refusals, each with its remedy. */
void report_print_refusals(struct report *r);

#endif
