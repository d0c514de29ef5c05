// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - see text.h. */
#include <errno.h>
#include <string.h>

#include "printable.h"
#include "text.h"
#include "tlog_limits.h"

#define ESCAPED	4	/* \xHH */

int tlog_line(struct tlog_slice *text, struct tlog_slice *line)
{
	const char *end = text->len ? memchr(text->at, '\n', text->len) : NULL;

	if (!end)
		return -EBADMSG;
	line->at = text->at;
	line->len = (size_t)(end - text->at);
	text->at = end + 1;
	text->len -= line->len + 1;
	return 0;
}

bool tlog_skip(struct tlog_slice *s, const char *word)
{
	size_t len = strlen(word);

	if (s->len < len || memcmp(s->at, word, len))
		return false;
	s->at += len;
	s->len -= len;
	return true;
}

bool tlog_equals(struct tlog_slice s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

int tlog_number(struct tlog_slice s, uint64_t *out)
{
	uint64_t n = 0;

	if (!s.len || (s.len > 1 && s.at[0] == '0'))
		return -EBADMSG;
	for (size_t i = 0; i < s.len; i++) {
		unsigned int digit = (unsigned char)s.at[i] - '0';

		if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
			return -EBADMSG;
		n = n * 10 + digit;
	}
	*out = n;
	return 0;
}

bool tlog_printable(struct tlog_slice line)
{
	char out[ESCAPED * TLOG_LINE_MAX + 1];

	return line.len <= TLOG_LINE_MAX && !memchr(line.at, 0, line.len) &&
	       text_printable(line.at, line.len, out, sizeof(out)) == line.len;
}

bool tlog_name_valid(struct tlog_slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == '+')
			return false;
	}
	return name.len && name.len <= TLOG_NAME_MAX;
}
