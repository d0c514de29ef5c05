// SPDX-License-Identifier: GPL-2.0-or-later
/* role.c - see role.h. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "jsonstr.h"
#include "role.h"

/* Past one character of UTF-8. */
static const char *next_char(const char *s)
{
	do {
		s++;
	} while ((*s & 0xc0) == 0x80);
	return s;
}

/*
 * At most length times length steps: after a mismatch only the last '*' takes one byte more.  fnmatch(3)
 * tries every '*', and takes for ever with twenty of them.
 */
bool tuf_path_matches(const char *pattern, const char *path)
{
	const char *star = NULL, *from = NULL;

	while (*path || *pattern) {
		if (*pattern == '*') {
			star = ++pattern;
			from = path;
		} else if (*pattern == '?' && *path && *path != '/') {
			pattern++;
			path = next_char(path);
		} else if (*pattern && *pattern != '?' && *pattern == *path) {
			/* A '*' before a '/' that fits has done its part. */
			if (*pattern == '/')
				star = NULL;
			pattern++;
			path++;
		} else if (star && *from && *from != '/') {
			pattern = star;
			path = ++from;
		} else {
			return false;
		}
	}
	return true;
}

static bool any_path(const json_t *patterns, const char *target)
{
	json_t *pattern;
	size_t i;

	json_array_foreach(patterns, i, pattern)
		if (tuf_path_matches(json_string_value(pattern), target))
			return true;
	return false;
}

static bool any_prefix(const json_t *prefixes, const char *hash)
{
	const char *prefix;
	json_t *p;
	size_t i;

	json_array_foreach(prefixes, i, p) {
		prefix = json_string_value(p);
		if (*prefix && !strncmp(hash, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

static bool is_about(const json_t *role, const char *target)
{
	const json_t *prefixes = json_object_get(role, "path_hash_prefixes");
	char hash[SHA256_HEX_LEN + 1];

	if (!json_is_array(prefixes))
		return any_path(json_object_get(role, "paths"), target);
	return !sha256_hex(target, strlen(target), hash) && any_prefix(prefixes, hash);
}

bool tuf_bin_name(const json_t *succinct, uint32_t hash, char out[TUF_FILE_NAME_MAX + 1])
{
	unsigned int bits = (unsigned int)json_integer_value(json_object_get(succinct, "bit_length"));

	return snprintf(out, TUF_FILE_NAME_MAX + 1, "%s-%0*x", str(succinct, "name_prefix"), (int)(bits + 3) / 4,
			hash >> (TUF_BIN_BITS_MAX - bits)) <= TUF_FILE_NAME_MAX;
}

static bool bin_of(const json_t *succinct, const char *target, char out[TUF_FILE_NAME_MAX + 1])
{
	uint8_t hash[SHA256_LEN];

	if (sha256(target, strlen(target), hash))
		return false;
	return tuf_bin_name(succinct, (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3], out);
}

bool tuf_next_hop(const struct tuf_doc *doc, const char *target, size_t *pos, struct tuf_hop *out)
{
	const json_t *d = json_object_get(doc->content.body, "delegations");
	const json_t *succinct = json_object_get(d, "succinct_roles"), *roles = json_object_get(d, "roles"), *role;

	out->by.keys = json_object_get(d, "keys");
	if (json_is_object(succinct)) {
		out->by.role = succinct;
		out->terminating = true;
		return !(*pos)++ && bin_of(succinct, target, out->name);
	}
	while (*pos < json_array_size(roles)) {
		role = json_array_get(roles, (*pos)++);
		if (!is_about(role, target))
			continue;
		out->by.role = role;
		out->terminating = json_is_true(json_object_get(role, "terminating"));
		snprintf(out->name, sizeof(out->name), "%s", str(role, "name"));
		return true;
	}
	return false;
}

int tuf_encode(const char *name, char out[TUF_FILE_NAME_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; name[i]; i++) {
		unsigned char c = (unsigned char)name[i];
		/* Not isalnum(): the locale has no say. */
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			     strchr("-_.~", c);

		if (n + (plain ? 1 : 3) > TUF_FILE_NAME_MAX)
			return -ENAMETOOLONG;
		n += (size_t)sprintf(out + n, plain ? "%c" : "%%%02X", c);
	}
	out[n] = '\0';
	return 0;
}

bool tuf_role_name_valid(const char *name)
{
	char file[TUF_FILE_NAME_MAX + 1];

	for (enum tuf_type t = TUF_ROOT; t <= TUF_TARGETS; t++)
		if (!strcmp(name, tuf_type_name(t)))
			return false;
	return *name && !tuf_encode(name, file);
}

bool tuf_target_path_valid(const char *path)
{
	size_t n;

	if (strlen(path) > TUF_NAME_MAX)
		return false;
	for (;; path += n + 1) {
		n = strcspn(path, "/");
		if (!n || (n == 1 && *path == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[n])
			return true;
	}
}
