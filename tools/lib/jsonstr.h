/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jsonstr.h - the strings and numbers of a JSON object, where one that isn't there is as good as "" or 0; and strings of any bytes. */
#ifndef KLP_JSONSTR_H
#define KLP_JSONSTR_H

#include <jansson.h>

/* Borrowed from @obj; "" if there is none of that name, or it is something else. */
static inline const char *str(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
}

/* 0 if there is none of that name, or it is no whole number. */
static inline json_int_t num(const json_t *obj, const char *key)
{
	return json_integer_value(json_object_get(obj, key));
}

/*
 * @text as a JSON string, whatever bytes are in it: where it isn't UTF-8, as what was typed in another locale or was cut within a
 * character, those bytes are shown as \\xNN.  A new reference; NULL: no memory.
 */
json_t *json_text(const char *text);

#endif
