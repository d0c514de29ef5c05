// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * known.c - see known.h.
 *
 * b->objects/UNIT.known, a line each:
 *
 *	read HASH	a file that was read with some fix, and isn't with the pristine tree
 *	KEY DIGEST	what came of the files that KEY is a digest of
 *
 * The files that count are all that were ever read.  If one more is found, the keys from before fit nothing
 * that has it; where the fix has it not, they are as good as they were.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/text.h"
#include "fix/fix.h"
#include "hex.h"
#include "io.h"
#include "known.h"

#define FILE_LIMIT	(64u << 20)
#define FORMAT		"klp-known-1"

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
	int ret = full ? io_read_file(full, FILE_LIMIT, &text, &len, NULL) : -ENOMEM;

	if (!ret)
		ret = sha256_hex(text, len, digest);
	else if (ret == -ENOENT)
		ret = 0;
	free(text);
	free(full);
	return ret;
}

int known_open(const struct build *b, struct known *out)
{
	int ret = 0;

	*out = (struct known){ .dir = b->objects };
	if (!b->objects)
		return 0;
	out->files = calloc(b->fix->nr_files + 1, sizeof(*out->files));
	if (!out->files)
		return -ENOMEM;
	for (; out->nr < b->fix->nr_files && !ret; out->nr++) {
		const struct fix_file *from = &b->fix->files[out->nr];
		struct known_file *f = &out->files[out->nr];

		f->path = from->path;
		f->name = summary_hash(from->path, strlen(from->path));
		f->created = from->created;
		ret = digest_file(b, from->path, f->digest);
	}
	if (ret)
		known_close(out);
	return ret;
}

void known_close(struct known *k)
{
	free(k->files);
	*k = (struct known){ 0 };
}

static char *path_of(const struct known *k, const char *object)
{
	char *path = format("%s/%s.known", k->dir, object);

	/* One folder for all. */
	if (path)
		text_swap(path + strlen(k->dir) + 1, '/', '_');
	return path;
}

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

static int make_key(const struct known *k, uint64_t command, const struct hashes *read, const char *text,
		    char key[SHA256_HEX_LEN + 1])
{
	struct text t = { 0 };
	char *all;
	int ret;

	text_addf(&t, FORMAT " %" PRIx64 "\n", command);
	for (size_t i = 0; i < k->nr; i++) {
		const struct known_file *f = &k->files[i];

		if (f->created || hashes_have(read, f->name) || was_read(text, f->name))
			text_addf(&t, "%s %s\n", f->path, f->digest);
	}
	all = text_take(&t);
	ret = all ? sha256_hex(all, strlen(all), key) : -ENOMEM;
	free(all);
	return ret;
}

bool known_get(const struct known *k, const char *object, uint64_t command, const struct hashes *read,
	       uint64_t *digest)
{
	char *path = k->dir ? path_of(k, object) : NULL, *text = read_text(path), key[SHA256_HEX_LEN + 1];
	const char *line = text && !make_key(k, command, read, text, key) ? strstr(text, key) : NULL;
	bool found = line && sscanf(line + SHA256_HEX_LEN, " %" SCNx64, digest) == 1;

	free(text);
	free(path);
	return found;
}

void known_put(const struct known *k, const char *object, uint64_t command, const struct hashes *read,
	       const struct summary *patched)
{
	char *path = k->dir ? path_of(k, object) : NULL, *was = read_text(path), key[SHA256_HEX_LEN + 1], *text;
	struct text t = { 0 };

	text_addf(&t, "%s", was ? was : "");
	for (size_t i = 0; i < patched->files.nr; i++)
		if (!hashes_have(read, patched->files.list[i]) && !was_read(was, patched->files.list[i]))
			text_addf(&t, "read %08" PRIx32 "\n", patched->files.list[i]);
	if (!make_key(k, command, read, t.s, key))
		text_addf(&t, "%s %016" PRIx64 "\n", key, patched->digest);
	text = text_take(&t);
	if (path && text)
		io_write_atomic(path, text, strlen(text), 0644, NULL);
	free(text);
	free(was);
	free(path);
}
