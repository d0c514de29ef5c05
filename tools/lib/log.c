// SPDX-License-Identifier: GPL-2.0-or-later
/* log.c - see log.h. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "printable.h"

static const char *log_name = "klp";
static enum log_level log_level = LOG_NORMAL;

void log_setup(const char *name, enum log_level level)
{
	io_keep_standard();
	log_name = name;
	log_level = level;
}

static void emit(const char *kind, const char *fmt, va_list ap)
{
	bool colour = *kind && isatty(STDERR_FILENO) && !getenv("NO_COLOR");

	char *text = NULL;
	int len = vasprintf(&text, fmt, ap);
	/* Each byte may become four. */
	char *shown = len < 0 ? NULL : realloc(text, 4 * (size_t)len + 1);

	if (!shown) {
		free(len < 0 ? NULL : text);
		return;
	}
	text_make_printable(shown, 4 * (size_t)len + 1);
	fprintf(stderr, "%s: %s%s%s%s\n", log_name, colour ? "\033[1;31m" : "", kind, colour ? "\033[0m" : "", shown);
	free(shown);
}

#define DEFINE_LOG(name, kind, least)			\
void name(const char *fmt, ...)				\
{							\
	va_list ap;					\
							\
	if (log_level < (least))			\
		return;					\
	va_start(ap, fmt);				\
	emit(kind, fmt, ap);				\
	va_end(ap);					\
}

DEFINE_LOG(log_error, "error: ", LOG_QUIET)
DEFINE_LOG(log_warn, "warning: ", LOG_NORMAL)
DEFINE_LOG(log_info, "", LOG_NORMAL)
DEFINE_LOG(log_verbose, "", LOG_VERBOSE)
