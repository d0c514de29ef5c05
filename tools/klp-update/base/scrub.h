/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scrub.h - text of a machine, made fit for strangers: what looks like a secret goes. */
#ifndef KLP_UPDATE_SCRUB_H
#define KLP_UPDATE_SCRUB_H

#include <jansson.h>

/*
 * Masked with ***: the user and password of a URL, what follows its '?'; the rest of a line after a word that ends in
 * "authorization", "cookie", "password", "passwd", "secret", "token", "apikey", "api-key" or "api_key" (in any case) and ':' or
 * '='; all that begins with a PEM header.  malloc()ed; NULL: no memory.  Pure.
 */
char *scrub(const char *text);
/* Each string inside @j, keys of objects left alone; a new reference. */
json_t *scrub_json(const json_t *j);

#endif
