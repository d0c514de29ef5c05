/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what a build tells: stages, changed functions, refusals.
 *
 * A refusal isn't an error: the fix was understood and can't be live-patched.
 * Every stage files as many as it finds, the driver stops between stages when
 * there is one, and prints all of them.
 */
#ifndef KLP_REPORT_H
#define KLP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One per entry of klp-build(1), "Refusals"; report_reason_name() gives its tag. */
enum refusal {
	REFUSE_NOT_PROVEN,	/* compiled bytes differ from the shipped ones */
	REFUSE_NO_FENTRY,	/* can't be redirected, and no caller can be */
	REFUSE_INIT,		/* __init/__exit: runs once, its memory is gone */
	REFUSE_NOINSTR,		/* .noinstr.text, .entry.text: no tracing there */
	REFUSE_ASSEMBLY,	/* .S file, or a vdso/boot unit */
	REFUSE_DATA,		/* changed initialiser, const table, ops struct */
	REFUSE_STRUCT,		/* layout of a type changed */
	REFUSE_ENUM,		/* values of an enum changed */
	REFUSE_SIGNATURE,	/* signature of a function that others call changed */
	REFUSE_STATIC_KEY,	/* static key owned by a module */
	REFUSE_RUNTIME_CONST,	/* runtime-const placeholder (6.12+) */
	REFUSE_SPECIAL,		/* special section that can't be carried over */
	REFUSE_SYMBOL,		/* a needed symbol can't be named or found */
	REFUSE_PERCPU,		/* new or changed per-CPU variable */
	REFUSE_WEAK,		/* overridden weak function: a dead copy */
	REFUSE_EXPORT,		/* exported symbol removed or re-typed */
	REFUSE_BUILD,		/* Kconfig, Makefile or other build input changed */
	REFUSE_DIFF,		/* the diff is torn, binary, or doesn't fit to the letter */
	REFUSE_OTHER,
	NR_REFUSALS
};

struct report;
struct strings;		/* text.h */

struct report *report_new(bool json, bool verbose, FILE *out);
void report_free(struct report *r);

/* Stages: begin/end print the time that went by; detail goes on the same line. */
void report_stage(struct report *r, const char *name);
void report_stage_end(struct report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* done of total within a stage; shown after two seconds, in a log every five. */
void report_progress(struct report *r, size_t done, size_t total, const char *what);
/* From here to the stage's end the counts are those of a part: @before of @total are done. */
void report_progress_part(struct report *r, size_t before, size_t total);
/*
 * A file begins to come, of which @have bytes are there; then, how far it is.  @total 0: unknown.
 * Shown as above, in MiB.
 */
void report_bytes_begin(struct report *r, uint64_t have);
void report_bytes(struct report *r, uint64_t done, uint64_t total, const char *what);
/* For who has to know what else is needed: a unit that the compiler doesn't accept; a symbol that nothing defines. */
void report_not_compiled(struct report *r, const char *source);
void report_missing(struct report *r, const char *symbol);
/* Shown only with -v. */
void report_verbose(struct report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void report_warn(struct report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A unit that the fix may change: it is compiled, unless the build ends before. */
void report_unit(struct report *r, const char *source);
/* A function that goes into the patch. */
void report_function(struct report *r, const char *object, const char *function,
		     const char *file, uint32_t line, uint64_t old_size, uint64_t new_size,
		     const char *proof);

/*
 * A function that differs, whether it can go in or not; in the JSON report alone: {"file:name": digest of its new code}.
 * What the compiler made of it beside ("f.cold", "f.isra.0") is a part of it.
 */
void report_changed(struct report *r, const char *file, const char *name, uint64_t code);

/*
 * What became of a file of the fix: @state is "compiled", "irrelevant" or "refused".
 * @units and @functions ("OBJECT:NAME") are those that it changes; NULL: none.
 */
void report_file(struct report *r, const char *path, const char *state, const char *reason,
		 const struct strings *units, const struct strings *functions);

/*
 * File a refusal.  @function and @file may be NULL, @line 0.  @why is the
 * sentence after "cannot patch FUNCTION (FILE:LINE): "; @remedy says what
 * to do instead.  Equal refusals are filed once.
 */
void report_refuse(struct report *r, enum refusal reason, const char *function,
		   const char *file, uint32_t line, const char *remedy, const char *why, ...)
	__attribute__((format(printf, 7, 8)));
/* A refusal that the fix adds: counted, or why not (NULL: it is). */
void report_tripwire(struct report *r, const char *function, const char *file, uint32_t line, const char *why);
/* Those that are counted, as "FUNCTION FILE:LINE". */
void report_counted(const struct report *r, struct strings *out);
size_t report_nr_refusals(const struct report *r);
size_t report_nr_functions(const struct report *r);
/* Why the first thing in @file that was refused was; NULL: nothing.  Borrowed from the report. */
const char *report_refusal_of(const struct report *r, const char *file);
/* The functions of source @file that report_function() told of, as "OBJECT:NAME". */
void report_functions_of(const struct report *r, const char *file, struct strings *out);
const char *report_reason_name(enum refusal reason);	/* "not-proven", "init", ... */

#endif
