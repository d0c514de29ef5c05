/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tell.h - how klp-repo's commands tell what came of them: to people, to programs, to the journal. */
#ifndef KLP_REPO_TELL_H
#define KLP_REPO_TELL_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct klp_err;
struct log_options;
struct repo_options;

/* Print the error once; returns the exit code that fits it. */
int repo_fail(const struct repo_options *opt, const struct klp_err *err);
/* The same for `klp-repo log`. */
int log_fail(const struct log_options *opt, const struct klp_err *err);
/* A mistake in the command line, told the same way; EXIT_USAGE. */
int repo_usage(const struct repo_options *opt, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What both are made of: @text, for people and with @json for programs, too; @code. */
int repo_tell(bool json, const char *text, int code);
/* Who had @folder (may be NULL) made, signed or published what, and what was refused, with what repo_tell() told last: to the journal. */
void repo_audit(const char *command, const char *folder, int argc, char **argv, int status);
/* A mistake is told in the form that was asked for, wherever --json stands. */
bool repo_wants_json(int argc, char **argv);
/* Print @obj on one line and drop the reference. */
void repo_print_json(json_t *obj);

#endif
