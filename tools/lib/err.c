// SPDX-License-Identifier: GPL-2.0-or-later
/* err.c - see err.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "printable.h"

/* What was quoted may come from anybody: a file's name, a server, a manifest that isn't verified yet. */
static int done(struct klp_err *err)
{
	text_make_printable(err->text, sizeof(err->text));
	return err->code;
}

int klp_err_set(struct klp_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return done(err);
}

int klp_err_sys(struct klp_err *err, int code, const char *fmt, ...)
{
	size_t n;
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(-code));
	return done(err);
}

int klp_err_wrap(struct klp_err *err, const char *fmt, ...)
{
	char was[KLP_ERR_LEN];
	size_t n;
	va_list ap;

	if (!err)
		return -EIO;
	memcpy(was, err->text, sizeof(was));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", was);
	return done(err);
}
