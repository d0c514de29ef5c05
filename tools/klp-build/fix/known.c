// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * known.c - see known.h.
 *
 * b->objects/UNIT.known, a line each:
 *
 *	read HASH	a file that was ever read with some fix
 *	KEY DIGEST	what came of those of them that are the fix's: KEY is a digest of their names and contents
 *
 * If one more is found to be read, the keys from before fit nothing that has it; where the fix has it not, they are as
 * good as they were.  Both kinds of line are in one file, so that of two processes that write it at once one loses both.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "fix.h"
#include "hex.h"
#include "io.h"
#include "known.h"

#define FILE_LIMIT	(64u << 20)
#define FORMAT		"klp-known-2"

struct known_file {
	const char *path;
	uint32_t name;
	bool created;
	char digest[SHA256_HEX_LEN + 1];	/* "" if it isn't there */
};

static int digest_file(const struct build *b, const char *path, char digest[SHA256_HEX_LEN + 1])
{
	char *full = format("%s/patched/%s", b->workdir, path);
	void *text = NULL;
	size_t len;
	int ret = io_read_file(full, FILE_LIMIT, &text, &len, NULL);

	if (!ret)
		ret = sha256_hex(text, len, digest);
	else if (ret == -ENOENT)
		ret = 0;
	free(text);
	free(full);
	return ret;
}

void known_open(const struct build *b, struct known *out)
{
	bool failed = false;

	*out = (struct known){ .dir = b->objects };
	if (!b->objects)
		return;
	out->files = xcalloc(b->fix->nr_files + 1, sizeof(*out->files));
	for (; out->nr < b->fix->nr_files; out->nr++) {
		const struct fix_file *from = &b->fix->files[out->nr];
		struct known_file *f = &out->files[out->nr];

		f->path = from->path;
		f->name = name_hash(from->path, strlen(from->path));
		f->created = from->created;
		failed |= digest_file(b, from->path, f->digest) != 0;
	}
	if (failed)
		known_close(out);
}

void known_close(struct known *k)
{
	free(k->files);
	*k = (struct known){ 0 };
}

char *known_path(const struct known *k, const char *object, const char *suffix)
{
	char *path = format("%s/%s%s", k->dir, object, suffix);

	/* One folder for all. */
	text_swap(path + strlen(k->dir) + 1, '/', '_');
	return path;
}

/* NULL: nothing is kept. */
static char *read_text(const char *path)
{
	void *text;
	size_t len;

	return path && !io_read_file(path, FILE_LIMIT, &text, &len, NULL) ? text : NULL;
}

static bool was_read(const char *text, uint32_t name)
{
	char line[32];

	snprintf(line, sizeof(line), "read %08" PRIx32 "\n", name);
	return text && strstr(text, line);
}

static int make_key(const struct known *k, const char *how, const char *text, char key[SHA256_HEX_LEN + 1])
{
	struct text t = { 0 };
	char *all;
	int ret;

	text_addf(&t, FORMAT " %s\n", how);
	for (size_t i = 0; i < k->nr; i++)
		if (k->files[i].created || was_read(text, k->files[i].name))
			text_addf(&t, "%s %s\n", k->files[i].path, k->files[i].digest);
	all = text_take(&t);
	ret = sha256_hex(all, strlen(all), key);
	free(all);
	return ret;
}

bool known_get(const struct known *k, const char *object, const char *how, uint64_t *digest)
{
	char *path = k->dir ? known_path(k, object, ".known") : NULL, *text = read_text(path), key[SHA256_HEX_LEN + 1];
	const char *line = text && !make_key(k, how, text, key) ? strstr(text, key) : NULL;
	bool found = line && sscanf(line + SHA256_HEX_LEN, " %" SCNx64, digest) == 1;

	free(text);
	free(path);
	return found;
}

void known_put(const struct known *k, const char *object, const char *how, const uint32_t *read, size_t nr_read,
	       uint64_t digest)
{
	char *path = k->dir ? known_path(k, object, ".known") : NULL, *was = read_text(path), key[SHA256_HEX_LEN + 1], *text;
	struct text t = { 0 };

	if (!path)
		return;
	text_addf(&t, "%s", was ? was : "");
	for (size_t i = 0; i < nr_read; i++)
		if (!was_read(was, read[i]))
			text_addf(&t, "read %08" PRIx32 "\n", read[i]);
	if (!make_key(k, how, t.s, key) && !strstr(t.s, key))
		text_addf(&t, "%s %016" PRIx64 "\n", key, digest);
	text = text_take(&t);
	io_write_atomic(path, text, strlen(text), 0644, NULL);
	free(text);
	free(was);
	free(path);
}
