// SPDX-License-Identifier: GPL-2.0-or-later
/* command.c - see command.h: how a command tells what came of it. */
#include <stdarg.h>
#include <stdio.h>

#include "command.h"
#include "jsonstr.h"
#include "log.h"

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
