/* SPDX-License-Identifier: GPL-2.0-or-later */
/* difffix.h - two objects for the differ, and what it says of them. */
#ifndef DIFFFIX_H
#define DIFFFIX_H

#include "base/report_data.h"
#include "diff/diff_priv.h"
#include "elffix.h"

extern struct elf_out *o, *n;	/* original, patched */
extern struct unit unit;
extern struct report *report;

extern const uint8_t code[32], other_code[32], zeros[64];

/* Around each test. */
void diff_setup(void);
void diff_teardown(void);
/* Compare the two, and judge. */
void run(void);

const struct diff_symbol *find(const char *name);
enum change change_of(const char *name);
bool refused(enum refusal reason, const char *name);

/* A global function of @code. */
struct elffix func(struct elf_out *out, const char *name);
/* The code of the change itself, where it doesn't matter which. */
void code_of(struct elf_out *out, const char *section, const char *name, uint8_t bind, bool traced);

#endif
