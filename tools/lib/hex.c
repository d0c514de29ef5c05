// SPDX-License-Identifier: GPL-2.0-or-later
/* hex.c - see hex.h. */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "hex.h"

void hex_encode(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

/* Value of a lower-case hex digit, or -1. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool hex_valid(const char *s, size_t digits)
{
	if (strlen(s) != digits)
		return false;
	for (; *s; s++) {
		if (digit(*s) < 0)
			return false;
	}
	return true;
}

int hex_decode(const char *hex, size_t len, uint8_t *out)
{
	if (!hex_valid(hex, 2 * len))
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	return 0;
}

int sha256(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	unsigned int n = SHA256_LEN;

	return EVP_Digest(data, len, out, &n, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

int sha256_hex(const void *data, size_t len, char out[SHA256_HEX_LEN + 1])
{
	uint8_t digest[SHA256_LEN];
	int ret = sha256(data, len, digest);

	if (!ret)
		hex_encode(digest, sizeof(digest), out);
	return ret;
}
