/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * canon.h - canonical JSON (OLPC's): the one spelling of a value that its signatures are over.
 *
 * Keys sorted by their bytes, nothing between tokens, only '"' and '\' escaped, integers only.
 * http://wiki.laptop.org/go/Canonical_JSON
 */
#ifndef TUF_CANON_H
#define TUF_CANON_H

#include <jansson.h>
#include <stddef.h>

/*
 * Write @value to @out of @room bytes, *len of them, without a NUL.  It is never longer than the text that
 * @value was parsed from.  -EINVAL: a number that isn't an integer, or nested deeper than TUF_DEPTH_MAX;
 * -ENOSPC: doesn't fit; -ENOMEM.
 */
int tuf_canonical(json_t *value, char *out, size_t room, size_t *len);

#endif
