/* SPDX-License-Identifier: GPL-2.0-or-later */
/* manifest_priv.h - the tables of a manifest's members, for those that read, write and free it. */
#ifndef KLP_MANIFEST_PRIV_H
#define KLP_MANIFEST_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest.h"

enum member_type {
	M_STRING,	/* char * */
	M_WORD,		/* the same, but not there when it is empty */
	M_U32,
	M_U64,		/* up to INT64_MAX: what JSON libraries agree on */
	M_TIME,		/* the same, but not there when it is 0 */
	M_LIST,		/* array of strings: char **, and a size_t count right behind it */
	M_SOME,		/* the same, but not there when it is empty */
};

struct member {
	const char *key;
	enum member_type type;
	size_t offset;		/* into struct manifest or struct manifest_function */
	size_t max;		/* of a list: entries.  It keeps the time that a manifest of the full size takes small. */
};

/* Lists of objects in the top one. */
struct table {
	const char *key;
	const struct member *members;
	size_t size;		/* of an entry */
	size_t list, nr;	/* where the manifest has them */
	size_t max;		/* entries */
	bool always;		/* there, even if empty */
};

/* An object inside the top one. */
struct part {
	const char *key;
	const struct member *members;
};

enum { TABLE_FUNCTIONS, TABLE_COMMITS, TABLE_FILES, TABLE_NOTES };

/* Each ends with a NULL key. */
extern const struct member manifest_top[];
extern const struct table manifest_tables[];
extern const struct part manifest_parts[];

static inline void *field(const void *base, const struct member *m)
{
	return (char *)base + m->offset;
}

static inline bool optional(const struct member *m)
{
	return m->type == M_SOME || m->type == M_TIME || m->type == M_WORD;
}

static inline bool is_string(const struct member *m)
{
	return m->type == M_STRING || m->type == M_WORD;
}

static inline bool is_list(const struct member *m)
{
	return m->type == M_LIST || m->type == M_SOME;
}

static inline size_t *count_of(char ***list)
{
	return (size_t *)(list + 1);
}

static inline char **table_list(const struct manifest *m, const struct table *t)
{
	return (char **)((char *)m + t->list);
}

static inline size_t *table_nr(const struct manifest *m, const struct table *t)
{
	return (size_t *)((char *)m + t->nr);
}

/* -ENOMEM */
int manifest_list_add(char ***list, size_t *nr, const char *item);
/* A zeroed entry more, its strings ""; NULL: no memory. */
void *manifest_table_add(struct manifest *m, const struct table *t);

#endif
