/* SPDX-License-Identifier: GPL-2.0-or-later */
/* callers_print.h - who calls a function, in words. */
#ifndef KLP_CALLERS_PRINT_H
#define KLP_CALLERS_PRINT_H

#include <stdbool.h>
#include <stdio.h>

struct callers;

/* @returns: the function returns something. */
void callers_print(const struct callers *c, const char *function, bool returns, FILE *to);

#endif
