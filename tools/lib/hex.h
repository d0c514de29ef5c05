/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hex.h - digests and key ids as lower-case hex, the only spelling we accept.
 */
#ifndef KLP_HEX_H
#define KLP_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN	32
#define SHA256_HEX_LEN	(2 * SHA256_LEN)	/* without the NUL */

/* @out has room for 2 * len + 1 bytes. */
void hex_encode(const void *data, size_t len, char *out);
/* Exactly 2 * @len lower-case digits, else -EINVAL. */
int hex_decode(const char *hex, size_t len, uint8_t *out);
/* Is @s exactly @digits lower-case hex digits? */
bool hex_valid(const char *s, size_t digits);

/* -EIO if the crypto library fails. */
int sha256(const void *data, size_t len, uint8_t out[SHA256_LEN]);
int sha256_hex(const void *data, size_t len, char out[SHA256_HEX_LEN + 1]);

#endif
