// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * objcache.c - see objcache.h.
 *
 * b->objects has the last object of each unit and variant, NAME.orig.o.  One of the pristine tree is always the same; what
 * a patched one was made from is known by fix/known.c, with a digest of the object: another process, or another
 * fix, may have put its own there since.
 *
 * A cache that can't be written or read costs time, no more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "compile.h"
#include "fix/known.h"
#include "io.h"
#include "objcache.h"

#define FILE_LIMIT	(256u << 20)
#define HOW		"compiled"

/* "DIR/net_core_sock_map.o.patched.o" */
static char *path_of(const struct known *k, const struct job *j)
{
	const char *name = strrchr(j->out, '/') + 1, *variant = strrchr(name, '.');

	do {
		variant--;
	} while (*variant != '.');
	return known_path(k, j->unit->o, variant);
}

static bool is_patched(const struct job *j)
{
	return ends_with(j->out, ".patched.o");
}

static bool digest_of(const char *path, uint64_t *digest)
{
	void *data;
	size_t len;

	if (io_read_file(path, FILE_LIMIT, &data, &len, NULL))
		return false;
	*digest = fnv1a(FNV1A_START, data, len);
	free(data);
	return true;
}

bool objcache_get(const struct known *k, const struct job *j)
{
	uint64_t want = 0, is;
	char *object;
	bool got = false;

	if (!k->dir || (is_patched(j) && !known_get(k, j->unit->o, HOW, &want)))
		return false;
	object = path_of(k, j);
	if (object) {
		unlink(j->out);
		got = !link(object, j->out);
	}
	if (got && is_patched(j) && !(digest_of(j->out, &is) && is == want)) {
		unlink(j->out);
		got = false;
	}
	free(object);
	return got;
}

/* The files below patched/ of a make rule, which it loses: name_hash() of each. */
static uint32_t *read_files(char *rule, const char *tree, size_t *nr)
{
	uint32_t *list = xcalloc(strlen(rule) / 2 + 1, sizeof(*list));
	char *save, *word;

	*nr = 0;
	for (word = strtok_r(rule, " \\\n", &save); list && word; word = strtok_r(NULL, " \\\n", &save)) {
		if (!starts_with(word, tree))
			continue;
		word += strlen(tree);
		path_fold(word);
		list[(*nr)++] = name_hash(word, strlen(word));
	}
	return list;
}

static void know(const struct build *b, const struct known *k, const struct job *j)
{
	char *deps = format("%s.d", j->out), *tree = format("%s/patched/", b->workdir);
	uint32_t *read = NULL;
	uint64_t digest;
	void *rule = NULL;
	size_t len, nr;

	if (deps && tree && !io_read_file(deps, FILE_LIMIT, &rule, &len, NULL))
		read = read_files(rule, tree, &nr);
	if (read && digest_of(j->out, &digest))
		known_put(k, j->unit->o, HOW, read, nr, digest);
	free(read);
	free(rule);
	free(tree);
	free(deps);
}

void objcache_put(const struct build *b, const struct known *k, const struct job *j)
{
	char *object = k->dir ? path_of(k, j) : NULL, *tmp = object ? format("%s.%d", object, (int)getpid()) : NULL;

	if (tmp) {
		unlink(tmp);
		if (!link(j->out, tmp) && !rename(tmp, object) && is_patched(j))
			know(b, k, j);
		unlink(tmp);	/* rename() leaves it if both are one file already */
	}
	free(tmp);
	free(object);
}
