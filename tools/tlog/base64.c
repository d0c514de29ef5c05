// SPDX-License-Identifier: GPL-2.0-or-later
/* base64.c - see base64.h.  OpenSSL decodes; encoded again it has to be the same text. */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "base64.h"

void tlog_base64_encode(const void *data, size_t len, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, data, (int)len);
}

/* Four characters, of which the last @pad are '='. */
static int decode_group(const char *text, size_t pad, uint8_t *out)
{
	unsigned char bytes[4], again[5];

	if (EVP_DecodeBlock(bytes, (const unsigned char *)text, 4) != 3)
		return -EINVAL;
	EVP_EncodeBlock(again, bytes, (int)(3 - pad));
	if (memcmp(again, text, 4))
		return -EINVAL;
	memcpy(out, bytes, 3 - pad);
	return 0;
}

int tlog_base64_decode(const char *text, size_t len, uint8_t *out, size_t room, size_t *out_len)
{
	size_t pad = 0, n, i;
	int ret;

	if (len % 4)
		return -EINVAL;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	n = len / 4 * 3 - pad;
	if (n > room)
		return -EFBIG;
	for (i = 0; i < len; i += 4) {
		ret = decode_group(text + i, i + 4 == len ? pad : 0, out + i / 4 * 3);
		if (ret)
			return ret;
	}
	*out_len = n;
	return 0;
}
