// SPDX-License-Identifier: GPL-2.0-or-later
/* stray.c - see stray.h. */
#include <string.h>

#include "stray.h"

static bool is_word_of(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == len && !strncmp(p, word, len))
			return true;
	return false;
}

const char *option_stray(const struct option_use *list, size_t nr, const char *command)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i].given && !is_word_of(list[i].commands, command))
			return list[i].name;
	return NULL;
}
