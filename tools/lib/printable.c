// SPDX-License-Identifier: GPL-2.0-or-later
/* printable.c - see printable.h. */
#include <stdbool.h>
#include <stdint.h>
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

static bool is_harmless(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return false;
	if (c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return false;
	return c != 0xfeff && c != 0xfffe && c != 0xffff;
}

size_t text_printable(const char *in, size_t len, char *out, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)in;
	size_t left = strnlen(in, len), used = 0, n, i;
	uint32_t c;

	for (; left; s += n, left -= n) {
		n = decode(s, left, &c);
		if (n && is_harmless(c)) {
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
