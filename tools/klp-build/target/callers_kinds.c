// SPDX-License-Identifier: GPL-2.0-or-later
/* callers_kinds.c - what a function gives back or takes, by its name: see callers.h. */
#include <string.h>

#include "callers.h"

static const struct kind {
	const char *name;
	const char *release[6], *acquire[6];
} kinds[] = {
	{ "lock", { "unlock", "up", NULL }, { "lock", "trylock", "down", NULL } },
	{ "reference", { "put", "fput", "dput", "iput", "mmput", NULL }, { "get", "fget", "hold", "find", "lookup", NULL } },
	{ "memory", { "free", "kfree", "kvfree", "consume", "drop", NULL }, { "alloc", "kmalloc", "kvmalloc", "dup", NULL } },
};

/* Is one of @words a word of @name, or what one begins with: "alloc" of "kmem_cache_alloc", "lock" of "_raw_spin_lock"? */
static bool has_word(const char *name, const char *const *words)
{
	for (; *words; words++)
		for (const char *p = name; *p; p += strcspn(p, "_"), p += *p == '_') {
			size_t n = strlen(*words);

			if (!strncmp(p, *words, n) && (!p[n] || p[n] == '_' || p[n] == '.'))
				return true;
		}
	return false;
}

const char *callers_releases(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (has_word(name, kinds[i].release))
			return kinds[i].name;
	return NULL;
}

const char *callers_acquires(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (has_word(name, kinds[i].acquire) && !has_word(name, kinds[i].release))
			return kinds[i].name;
	return NULL;
}
