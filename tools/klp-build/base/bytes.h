/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes.h - numbers of this machine's byte order at any address. */
#ifndef KLP_BYTES_H
#define KLP_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

#endif
