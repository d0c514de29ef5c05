/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pack.h - named files in memory, and as one run of bytes: what passes between klp-update and its fetcher.
 *
 * Each item: int32_t code, uint32_t length of the name, uint64_t length of the data, in the machine's own order, then the name
 * and the data.  A code other than 0 is a negative errno that took the data's place; the data is its text, then.
 */
#ifndef KLP_PACK_H
#define KLP_PACK_H

#include <stddef.h>
#include <stdint.h>

#define PACK_NAME_MAX	4096	/* bytes */
#define PACK_ITEMS_MAX	4096

struct klp_err;

struct pack_item {
	char *name;
	int code;
	void *data;		/* with a NUL behind it */
	size_t len;
};

struct pack {
	struct pack_item *items;
	size_t nr;
};

/* A copy of the data under @name, in place of what is there.  -ENOMEM; -E2BIG: too many items, or too long a name. */
int pack_put(struct pack *p, const char *name, int code, const void *data, size_t len);
/* NULL: there is none. */
const struct pack_item *pack_find(const struct pack *p, const char *name);
void pack_remove(struct pack *p, const char *name);
void pack_clear(struct pack *p);

/* *out is malloc()ed. */
int pack_format(const struct pack *p, void **out, size_t *len);
/* Of bytes that anybody may have made.  -EBADMSG. */
int pack_parse(const void *data, size_t len, struct pack *out, struct klp_err *err);

#endif
