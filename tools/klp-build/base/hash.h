/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash.h - FNV-1a (Fowler, Noll, Vo: draft-eastlake-fnv), for tables and caches.  Nothing that is signed depends on it:
 * sha256_hex() is for that.
 */
#ifndef KLP_HASH_H
#define KLP_HASH_H

#include <stddef.h>
#include <stdint.h>

#define FNV1A_START	0xcbf29ce484222325ull

/* Go on from @h, which is FNV1A_START at first. */
static inline uint64_t fnv1a(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

/* 31 bits of a name; bit 0 is clear, for lists that have a flag there. */
static inline uint32_t name_hash(const char *s, size_t len)
{
	uint64_t h = fnv1a(FNV1A_START, s, len);

	return (uint32_t)(h ^ h >> 32) & ~1u;
}

/* 32 bits of a string. */
static inline uint32_t fnv1a_name(const char *s)
{
	uint32_t h = 2166136261u;

	while (*s)
		h = (h ^ (uint8_t)*s++) * 16777619u;
	return h;
}

#endif
