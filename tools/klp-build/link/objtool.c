// SPDX-License-Identifier: GPL-2.0-or-later
/* objtool.c - see objtool.h. */
#include <stdbool.h>
#include <string.h>

#include "objtool.h"

/*
 * With IBT (6.12 on) objtool minds that our own tables hold addresses of functions without
 * ENDBR: static ones that are only called.  The core reaches them by a direct jump or RET.
 */
static bool is_harmless(const char *line, size_t len)
{
	return memmem(line, len, "objtool: .qp.", 13) &&
	       memmem(line, len, "data relocation to !ENDBR", 25);
}

const char *objtool_warning(const char *text, size_t *len)
{
	for (const char *p = text; *p; p += *len + (p[*len] == '\n')) {
		*len = strcspn(p, "\n");
		if (memmem(p, *len, "objtool: ", 9) && !is_harmless(p, *len))
			return p;
	}
	return NULL;
}
