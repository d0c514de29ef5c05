// SPDX-License-Identifier: GPL-2.0-or-later
/* canon.c - see canon.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canon.h"
#include "tuf_limits.h"

struct out {
	char *at;
	size_t room, len;
};

static int put_value(struct out *o, json_t *value, int depth);

static int put(struct out *o, const char *text, size_t len)
{
	if (len > o->room - o->len)
		return -ENOSPC;
	memcpy(o->at + o->len, text, len);
	o->len += len;
	return 0;
}

static int put_string(struct out *o, const char *s, size_t len)
{
	int ret = put(o, "\"", 1);

	for (size_t i = 0; !ret && i < len; i++) {
		if (s[i] == '"' || s[i] == '\\')
			ret = put(o, "\\", 1);
		if (!ret)
			ret = put(o, s + i, 1);
	}
	return ret ? ret : put(o, "\"", 1);
}

static int put_integer(struct out *o, json_int_t n)
{
	char text[32];

	return put(o, text, (size_t)snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, n));
}

static int put_array(struct out *o, json_t *array, int depth)
{
	json_t *value;
	size_t i;
	int ret = put(o, "[", 1);

	json_array_foreach(array, i, value) {
		if (!ret && i)
			ret = put(o, ",", 1);
		if (!ret)
			ret = put_value(o, value, depth);
	}
	return ret ? ret : put(o, "]", 1);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int put_object(struct out *o, json_t *object, int depth)
{
	const char **keys = calloc(json_object_size(object) + 1, sizeof(*keys)), *key;
	size_t nr = 0;
	json_t *value;
	int ret;

	if (!keys)
		return -ENOMEM;
	json_object_foreach(object, key, value)
		keys[nr++] = key;
	qsort(keys, nr, sizeof(*keys), by_bytes);
	ret = put(o, "{", 1);
	for (size_t i = 0; !ret && i < nr; i++) {
		if (i)
			ret = put(o, ",", 1);
		if (!ret)
			ret = put_string(o, keys[i], strlen(keys[i]));
		if (!ret)
			ret = put(o, ":", 1);
		if (!ret)
			ret = put_value(o, json_object_get(object, keys[i]), depth);
	}
	free(keys);
	return ret ? ret : put(o, "}", 1);
}

static int put_value(struct out *o, json_t *value, int depth)
{
	if (depth >= TUF_DEPTH_MAX)
		return -EINVAL;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return put_object(o, value, depth + 1);
	case JSON_ARRAY:
		return put_array(o, value, depth + 1);
	case JSON_STRING:
		return put_string(o, json_string_value(value), json_string_length(value));
	case JSON_INTEGER:
		return put_integer(o, json_integer_value(value));
	case JSON_TRUE:
		return put(o, "true", 4);
	case JSON_FALSE:
		return put(o, "false", 5);
	case JSON_NULL:
		return put(o, "null", 4);
	default:
		return -EINVAL;
	}
}

int tuf_canonical(json_t *value, char *out, size_t room, size_t *len)
{
	struct out o = { .at = out, .room = room };
	int ret = put_value(&o, value, 0);

	if (!ret)
		*len = o.len;
	return ret;
}
