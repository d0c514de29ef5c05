// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel_keys.c - see kernel_keys.h.
 *
 * A module's signature is looked up in .builtin_trusted_keys, .secondary_trusted_keys (which .machine is part of) and, by
 * a patch of Debian's, .platform: there are the firmware's db and, from shim, the machine owner's keys.  The kernel
 * describes a certificate by its subject and its subject key identifier.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "kernel_keys.h"

#define KEYS		"/proc/keys"
#define KEYS_LIMIT	(4u << 20)
#define RING_MAX	4096	/* keys */
#define DESCRIPTION_MAX	4096

/* "0b7c9cbc I------     1 perm 1f0b0000     0     0 keyring   .platform: 3" */
int kernel_keys_ring(const char *text, const char *name, int32_t *out)
{
	const size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		unsigned int number, uid;
		char type[16];
		int at = 0;

		line += *line == '\n';
		if (sscanf(line, "%8x %*16s %*d %*16s %*8x %u %*d %15s %n", &number, &uid, type, &at) == 3 && at && !uid &&
		    !strcmp(type, "keyring") && !strncmp(line + at, name, len) && line[at + len] == ':') {
			*out = (int32_t)number;
			return 0;
		}
	}
	return -ENOENT;
}

bool kernel_key_is(const char *description, const char *key_id)
{
	static const char type[] = "asymmetric;";
	const char *last = strrchr(description, ' ');

	return *key_id && !strncmp(description, type, sizeof(type) - 1) && last && last > description && last[-1] == ':' &&
	       !strcmp(last + 1, key_id);
}

static int in_ring(int32_t ring, const char *key_id, bool *found)
{
	char description[DESCRIPTION_MAX];
	int32_t *keys = calloc(RING_MAX, sizeof(*keys));
	long len = keys ? syscall(SYS_keyctl, KEYCTL_READ, ring, keys, RING_MAX * sizeof(*keys)) : -1;
	int ret = !keys ? -ENOMEM : len < 0 ? -errno : len > (long)(RING_MAX * sizeof(*keys)) ? -E2BIG : 0;

	for (long i = 0; !ret && i < len / (long)sizeof(*keys) && !*found; i++) {
		long n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, keys[i], description, sizeof(description));

		*found = n > 0 && n <= (long)sizeof(description) && kernel_key_is(description, key_id);
	}
	free(keys);
	return ret;
}

int kernel_keys_find(const char *key_id, const char **ring)
{
	static const char *const rings[] = { ".builtin_trusted_keys", ".secondary_trusted_keys", ".machine", ".platform" };
	bool found = false;
	int32_t number;
	void *text;
	size_t len;
	int ret;

	/* With a NUL behind it. */
	ret = io_read_file(KEYS, KEYS_LIMIT, &text, &len, NULL);
	if (ret)
		return ret;
	/* Every kernel that checks signatures has the first; who isn't shown it isn't shown the others. */
	if (kernel_keys_ring(text, rings[0], &number))
		ret = -EACCES;
	for (size_t i = 0; !ret && !found && i < sizeof(rings) / sizeof(rings[0]); i++) {
		if (kernel_keys_ring(text, rings[i], &number))
			continue;
		ret = in_ring(number, key_id, &found);
		if (found)
			*ring = rings[i];
	}
	free(text);
	return ret ? ret : found ? 0 : -ENOKEY;
}
