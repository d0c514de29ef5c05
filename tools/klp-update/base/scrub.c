// SPDX-License-Identifier: GPL-2.0-or-later
/* scrub.c - see scrub.h. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scrub.h"

#define MASK		"***"
#define URL_END		" \t\n\"'<>,;)"

/* Behind "://": its user part, if there is one, and its query are masked; the rest is copied.  Returns where it goes on. */
static const char *put_url(FILE *f, const char *s)
{
	size_t len = strcspn(s, URL_END), host = strcspn(s, "/?#" URL_END), query = strcspn(s, "?#" URL_END);
	const char *at = NULL;

	for (size_t i = 0; i < host; i++)
		if (s[i] == '@')
			at = s + i;
	/* A password with a slash in it, unescaped: better too much than too little. */
	for (size_t i = host; !at && i < query; i++)
		if (s[i] == '@')
			at = s + i;
	if (at)
		fputs(MASK, f);
	else
		at = s;
	fwrite(at, 1, (size_t)(s + query - at), f);
	if (query < len)
		fputs("?" MASK, f);
	return s + len;
}

/* How many bytes of a word for a secret, with its ':' or '=', @s begins with; 0: of none. */
static size_t secret_word(const char *s)
{
	static const char *const words[] = { "authorization", "cookie", "password", "passwd", "secret", "token", "apikey", "api-key", "api_key" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);

		if (strncasecmp(s, words[i], n))
			continue;
		n += strspn(s + n, "\"' \t");
		if (s[n] == ':' || s[n] == '=')
			return n + 1;
	}
	return 0;
}

char *scrub(const char *text)
{
	char *out = NULL;
	size_t size, n;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		return NULL;
	while (*text) {
		if (!strncmp(text, "-----BEGIN", 10)) {
			fputs(MASK, f);
			break;
		}
		n = secret_word(text);
		if (n) {
			fwrite(text, 1, n, f);
			fputs(MASK, f);
			text += n + strcspn(text + n, "\n");
		} else if (!strncmp(text, "://", 3)) {
			fputs("://", f);
			text = put_url(f, text + 3);
		} else {
			fputc(*text++, f);
		}
	}
	if (fclose(f)) {
		free(out);
		return NULL;
	}
	return out;
}

json_t *scrub_json(const json_t *j)
{
	json_t *out, *value;
	const char *key;
	char *text;
	size_t i;

	if (json_is_string(j)) {
		text = scrub(json_string_value(j));
		out = json_string(text ? text : "");
		free(text);
	} else if (json_is_array(j)) {
		out = json_array();
		json_array_foreach(j, i, value)
			json_array_append_new(out, scrub_json(value));
	} else if (json_is_object(j)) {
		out = json_object();
		json_object_foreach((json_t *)j, key, value)
			json_object_set_new(out, key, scrub_json(value));
	} else {
		out = json_deep_copy(j);
	}
	return out;
}
