/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base64.h - base64 (RFC 4648, section 4) where one value has one spelling. */
#ifndef TLOG_BASE64_H
#define TLOG_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters for @n bytes, without the NUL. */
#define TLOG_BASE64_LEN(n)	(((n) + 2) / 3 * 4)

/* @out has room for TLOG_BASE64_LEN(@len) + 1 characters. */
void tlog_base64_encode(const void *data, size_t len, char *out);
/*
 * -EINVAL: a character that isn't base64's, padding that is missing, or bits set behind the end (OpenSSL
 * takes white space and such bits); -EFBIG: more than @room bytes.
 */
int tlog_base64_decode(const char *text, size_t len, uint8_t *out, size_t room, size_t *out_len);

#endif
