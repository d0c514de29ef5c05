/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jsonstr.h - the strings of a JSON object, where one that isn't there is as good as an empty one. */
#ifndef KLP_JSONSTR_H
#define KLP_JSONSTR_H

#include <jansson.h>

/* Borrowed from @obj; "" if there is none of that name, or it is something else. */
static inline const char *str(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
}

#endif
