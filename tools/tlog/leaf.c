// SPDX-License-Identifier: GPL-2.0-or-later
/* leaf.c - see leaf.h. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "jsonstr.h"
#include "leaf.h"
#include "text.h"

#define RELEASE_MAX	(1ll << 53)

static const char *const words[] = {
	[TLOG_BUNDLE] = "bundle", [TLOG_ROOT] = "root", [TLOG_WITHDRAWAL] = "withdrawal",
};

const char *tlog_leaf_word(enum tlog_leaf_kind kind)
{
	return words[kind];
}

/* "2027-01-31T00:00:00Z": digits where a 0 stands here, the same elsewhere. */
static bool is_time(const char *s)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	for (size_t i = 0; i < sizeof(form); i++) {
		if (form[i] == '0' ? !isdigit((unsigned char)s[i]) : s[i] != form[i])
			return false;
	}
	return true;
}

static bool is_build_id(const char *s)
{
	size_t len = strlen(s);

	return len && len % 2 == 0 && hex_valid(s, len);
}

static bool is_valid(const struct tlog_leaf *leaf)
{
	return leaf->name[0] && tlog_printable((struct tlog_slice){ leaf->name, strlen(leaf->name) }) &&
	       leaf->release >= 1 && leaf->release <= RELEASE_MAX && hex_valid(leaf->digest, SHA256_HEX_LEN) &&
	       is_time(leaf->time) && (leaf->kind == TLOG_BUNDLE ? is_build_id(leaf->build_id) : !leaf->build_id[0]);
}

int tlog_leaf_format(const struct tlog_leaf *leaf, char **out, size_t *len, struct klp_err *err)
{
	json_t *obj;
	char *text;

	if (!is_valid(leaf))
		return klp_err_set(err, -EINVAL, "cannot make a leaf of %s: its name, release, build-id, digest or time can't be written",
				   words[leaf->kind]);
	obj = json_pack("{s:s, s:s, s:s, s:I, s:s}", "kind", words[leaf->kind], "name", leaf->name, "digest", leaf->digest,
			"release", (json_int_t)leaf->release, "time", leaf->time);
	if (obj && leaf->kind == TLOG_BUNDLE)
		json_object_set_new(obj, "build_id", json_string(leaf->build_id));
	text = json_dumps(obj, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(obj);
	if (!text)
		return klp_err_set(err, -EINVAL, "cannot make a leaf of %s: its name isn't UTF-8", words[leaf->kind]);
	*len = strlen(text);
	*out = text;
	return 0;
}

/* Into @room bytes, NUL included. */
static int copy(const json_t *obj, const char *key, char *out, size_t room)
{
	return (size_t)snprintf(out, room, "%s", str(obj, key)) < room ? 0 : -EBADMSG;
}

static int read_members(const json_t *obj, struct tlog_leaf *leaf)
{
	json_int_t release = json_integer_value(json_object_get(obj, "release"));

	while (leaf->kind < TLOG_LEAF_KINDS && strcmp(words[leaf->kind], str(obj, "kind")))
		leaf->kind++;
	if (leaf->kind == TLOG_LEAF_KINDS || release < 1 || copy(obj, "name", leaf->name, sizeof(leaf->name)) ||
	    copy(obj, "build_id", leaf->build_id, sizeof(leaf->build_id)) ||
	    copy(obj, "digest", leaf->digest, sizeof(leaf->digest)) || copy(obj, "time", leaf->time, sizeof(leaf->time)))
		return -EBADMSG;
	leaf->release = (uint64_t)release;
	return is_valid(leaf) ? 0 : -EBADMSG;
}

int tlog_leaf_parse(const void *data, size_t len, struct tlog_leaf *out, struct klp_err *err)
{
	struct tlog_leaf leaf = { 0 };
	json_t *obj = len <= TLOG_LEAF_MAX ? json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	char *again = NULL;
	size_t n = 0;
	int ret = -EBADMSG;

	if (json_is_object(obj) && !read_members(obj, &leaf) && !tlog_leaf_format(&leaf, &again, &n, NULL) &&
	    n == len && !memcmp(again, data, len))
		ret = 0;
	free(again);
	json_decref(obj);
	if (ret)
		return klp_err_set(err, ret, "malformed leaf: not what `klp-repo log append` writes");
	*out = leaf;
	return 0;
}
