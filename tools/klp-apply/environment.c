// SPDX-License-Identifier: GPL-2.0-or-later
/* environment.c - see environment.h. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "environment.h"

#define PATH	"/usr/sbin:/usr/bin:/sbin:/bin"

void environment_drop(void)
{
	static const char *const looks[] = { "TERM", "COLUMNS", "NO_COLOR" };
	char *kept[sizeof(looks) / sizeof(*looks)];

	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		const char *value = getenv(looks[i]);

		kept[i] = value ? strdup(value) : NULL;
	}
	clearenv();
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		if (kept[i])
			setenv(looks[i], kept[i], 1);
		free(kept[i]);
	}
	setenv("PATH", PATH, 1);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}
