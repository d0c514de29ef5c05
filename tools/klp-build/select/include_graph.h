/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include_graph.h - every #include of every file of the prepared tree, whatever #if it stands in; read once a kernel, and
 * kept beside it.
 */
#ifndef KLP_INCLUDE_GRAPH_H
#define KLP_INCLUDE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

struct klp_err;
struct target;

struct include {
	const char *name;	/* "linux/fs.h", as written */
	uint32_t file;		/* the including file */
	uint32_t next;		/* in its bucket, index + 1 */
	bool quoted;
	bool noted;		/* what it may mean in folders that are searched was told: includes.c */
};

struct include_graph {
	const struct target *t;
	struct strings files;	/* relative to src/, or "obj:..." for generated ones */
	struct strings names;	/* owns include::name */
	struct include *includes;
	size_t nr_includes;
	uint32_t *buckets;	/* by hash_base() of the name: index + 1 of the first of it */
};

#define NR_BUCKETS	16384

int include_graph_open(const struct target *t, struct include_graph *out, struct klp_err *err);
void include_graph_close(struct include_graph *g);

static inline const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static inline uint32_t hash_base(const char *path)
{
	return fnv1a_name(base_name(path)) & (NR_BUCKETS - 1);
}

#endif
