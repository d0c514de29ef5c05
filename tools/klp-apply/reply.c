// SPDX-License-Identifier: GPL-2.0-or-later
/* reply.c - what a command tells people, and how it refuses; see apply.h. */
#include <stdarg.h>
#include <stdio.h>

#include "apply.h"

void say(const struct apply *a, const char *fmt, ...)
{
	va_list ap;

	if (a->json)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fflush(stdout);
}

int refuse(struct apply *a, enum exit_code status, const char *fmt, ...)
{
	char text[KLP_ERR_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	klp_err_set(&a->err, -1, "%s", text);
	return status;
}
