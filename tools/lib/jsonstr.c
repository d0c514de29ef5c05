// SPDX-License-Identifier: GPL-2.0-or-later
/* jsonstr.c - see jsonstr.h. */
#include <stdlib.h>
#include <string.h>

#include "jsonstr.h"
#include "printable.h"

json_t *json_text(const char *text)
{
	json_t *j = json_string(text);
	size_t len = strlen(text), room = 4 * len + 1;
	char *shown = j ? NULL : malloc(room);

	if (shown) {
		text_printable(text, len, shown, room);
		j = json_string(shown);
	}
	free(shown);
	return j;
}
