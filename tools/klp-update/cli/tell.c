// SPDX-License-Identifier: GPL-2.0-or-later
/* tell.c - see update.h: how errors and times are told. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "err.h"
#include "jsonstr.h"
#include "log.h"
#include "state/update.h"

void update_print_json(json_t *obj)
{
	json_dumpf(obj, stdout, JSON_SORT_KEYS | JSON_INDENT(2));
	putchar('\n');
	json_decref(obj);
}

static int tell(const struct update *u, const char *text, int exit)
{
	if (u->json)
		update_print_json(json_pack("{s:o, s:i}", "error", json_text(text), "exit", exit));
	log_error("%s", text);
	return exit;
}

int update_fail(const struct update *u, const struct klp_err *err)
{
	return tell(u, err->text, exit_of(err->code));
}

int update_usage(const struct update *u, const char *fmt, ...)
{
	char text[KLP_ERR_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return tell(u, text, EXIT_USAGE);
}

void update_time(int64_t t, char out[32])
{
	time_t tt = (time_t)t;
	struct tm tm;

	out[0] = '\0';
	if (t && localtime_r(&tt, &tm))
		strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
}
