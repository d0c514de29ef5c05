// SPDX-License-Identifier: GPL-2.0-or-later
/* fields.c - see fields.h. */
#include <errno.h>

#include "fields.h"
#include "tuf_limits.h"

static const struct {
	const char *name;
	size_t max;
} types[] = {
	[TUF_ROOT] = { "root", TUF_ROOT_MAX },
	[TUF_TIMESTAMP] = { "timestamp", TUF_TIMESTAMP_MAX },
	[TUF_SNAPSHOT] = { "snapshot", TUF_SNAPSHOT_MAX },
	[TUF_TARGETS] = { "targets", TUF_TARGETS_MAX },
};

const char *tuf_type_name(enum tuf_type type)
{
	return types[type].name;
}

size_t tuf_type_max(enum tuf_type type)
{
	return types[type].max;
}

int tuf_number(const json_t *obj, const char *key, int64_t min, int64_t *out)
{
	const json_t *value = json_object_get(obj, key);

	if (!json_is_integer(value) || json_integer_value(value) < min)
		return -EBADMSG;
	*out = json_integer_value(value);
	return 0;
}
