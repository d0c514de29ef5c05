/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - words of C that aren't names, for those who look for names in text. */
#ifndef KLP_WORDS_H
#define KLP_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool is_word(const char *id, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(id, word, len);
}

/* Keywords and plain types. */
bool names_is_keyword(const char *id, size_t len);
/* What looks like a name and says something of the one that follows or went before. */
bool names_is_attribute(const char *id, size_t len);

#endif
