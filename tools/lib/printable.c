// SPDX-License-Identifier: GPL-2.0-or-later
/* printable.c - see printable.h. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "printable.h"

/* The character at @s, and its length in bytes; 0: it isn't well-formed UTF-8 (RFC 3629). */
static size_t decode(const unsigned char *s, size_t len, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	size_t i;

	if (!n || n > len)
		return 0;
	*c = n == 1 ? s[0] : s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	return *c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff) ? 0 : n;
}

/*
 * What doesn't show, or shows something else than it is: Cc, Cf, Zl, Zp, Default_Ignorable_Code_Point, fillers and
 * the blank of Braille (Unicode 15, DerivedCoreProperties.txt and extracted/DerivedGeneralCategory.txt); in order.
 */
static const struct range {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x0600, 0x0605 },
	{ 0x061c, 0x061c }, { 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x0890, 0x0891 }, { 0x08e2, 0x08e2 },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
	{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_harmless(uint32_t c)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return false;
	return (c & 0xfffe) != 0xfffe;		/* the last two of each plane are no characters */
}

bool text_is_printable(const char *in, size_t len)
{
	const unsigned char *s = (const unsigned char *)in;
	uint32_t c;
	size_t n;

	for (; len; s += n, len -= n) {
		n = decode(s, len, &c);
		if (!n || !is_harmless(c))
			return false;
	}
	return true;
}

/* text_printable(), but what is in @also stays, too. */
static size_t copy_printable(const char *in, size_t len, const char *also, char *out, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)in;
	size_t left = strnlen(in, len), used = 0, n, i;
	uint32_t c;

	for (; left; s += n, left -= n) {
		n = decode(s, left, &c);
		if (n && (is_harmless(c) || (n == 1 && strchr(also, *s)))) {
			if (used + n >= room)
				break;
			memcpy(out + used, s, n);
			used += n;
			continue;
		}
		n = n ? n : 1;
		if (used + 4 * n >= room)
			break;
		for (i = 0; i < n; i++) {
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = digits[s[i] >> 4];
			out[used++] = digits[s[i] & 15];
		}
	}
	out[used] = '\0';
	return used;
}

size_t text_printable(const char *in, size_t len, char *out, size_t room)
{
	return copy_printable(in, len, "", out, room);
}

void text_make_printable(char *text, size_t room)
{
	char *was = strdup(text);

	if (was)
		copy_printable(was, strlen(was), "\n\t", text, room);
	else
		*text = '\0';
	free(was);
}
