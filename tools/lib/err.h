/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err.h - how libklp and the tools report what went wrong.
 *
 * A function returns 0 or a negative errno and, on failure, leaves a sentence
 * in its struct klp_err.  Callers wrap it with what they were doing, to what,
 * and what the user can do.  Libraries never print; a tool prints the sentence
 * once.
 */
#ifndef KLP_ERR_H
#define KLP_ERR_H

#include <stddef.h>

#define KLP_ERR_LEN 2048

struct klp_err {
	int code;			/* negative errno, 0 = nothing set */
	char text[KLP_ERR_LEN];		/* one or more sentences, no newline at the end */
};

/*
 * Set the error's text, as text_make_printable() leaves it; returns @code (a negative errno) so that
 * `return klp_err_set(err, -EINVAL, ...)` reads well.  @err may be NULL.
 */
int klp_err_set(struct klp_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As klp_err_set(), with ": " and strerror(-code) appended. */
int klp_err_sys(struct klp_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "<fmt>: " before the text that is there; returns err->code. */
int klp_err_wrap(struct klp_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
