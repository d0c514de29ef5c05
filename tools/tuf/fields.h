/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields.h - the four types of metadata, and the numbers in them. */
#ifndef TUF_FIELDS_H
#define TUF_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum tuf_type { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS };

/* The name of a type, as in "_type". */
const char *tuf_type_name(enum tuf_type type);
/* The most bytes that a file of it may have. */
size_t tuf_type_max(enum tuf_type type);

/* "version" or "length" of an object: an integer of at least @min; -EBADMSG. */
int tuf_number(const json_t *obj, const char *key, int64_t min, int64_t *out);

#endif
