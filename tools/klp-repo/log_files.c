// SPDX-License-Identifier: GPL-2.0-or-later
/* log_files.c - the files of a log, its keys and policies: see publog.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../tlog/policy.h"
#include "err.h"
#include "io.h"
#include "owned.h"
#include "passphrase.h"
#include "publog.h"
#include "sign.h"

/* Its owner's alone: a folder that anybody may read could be locked by anybody. */
#define LOCK_FILE	".lock"

int log_read_note(const char *dir, const char *path, struct log_text *out, struct klp_err *err)
{
	char inside[PATH_MAX];
	struct log_text text;
	void *data;
	int ret;

	if (dir) {
		if (snprintf(inside, sizeof(inside), "%s/" TLOG_CHECKPOINT_FILE, dir) >= (int)sizeof(inside))
			return klp_err_sys(err, -ENAMETOOLONG, "%s", dir);
		path = inside;
	}
	ret = io_read_file(path, TLOG_NOTE_MAX, &data, &text.len, err);
	if (ret)
		return ret;
	text.data = data;
	ret = tlog_note_parse(text.data, text.len, &text.note, err);
	if (ret) {
		free(data);
		return klp_err_wrap(err, "%s", path);
	}
	*out = text;
	return 0;
}

void log_text_free(struct log_text *text)
{
	free(text->data);
	text->data = NULL;
}

int log_write_checkpoint(const char *dir, const char *data, size_t len, struct klp_err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" TLOG_CHECKPOINT_FILE, dir) >= (int)sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "%s", dir);
	return io_write_atomic(path, data, len, 0644, err);
}

int log_read_policy(const char *path, struct tlog_policy **out, struct klp_err *err)
{
	size_t len;
	void *data;
	int ret;

	/* Whose log, whose witnesses: as trusted as keys are. */
	ret = owned_check(path, err);
	if (!ret)
		ret = io_read_file(path, TLOG_POLICY_MAX, &data, &len, err);
	if (ret)
		return ret;
	ret = tlog_policy_parse(data, len, out, err);
	free(data);
	return ret ? klp_err_wrap(err, "%s", path) : 0;
}

int log_read_key(const char *path, enum tlog_key_kind kind, const char *name, struct signing_key **private,
		 struct tlog_key *out, struct klp_err *err)
{
	uint8_t public[TLOG_PUBLIC_LEN];
	int ret;

	ret = signing_key_load_asking(path, passphrase_ask, private, err);
	if (ret)
		return ret;
	signing_key_public(*private, public);
	ret = tlog_key_make(kind, name, public, out, err);
	if (ret) {
		signing_key_free(*private);
		*private = NULL;
	}
	return ret;
}

int log_sign_checkpoint(const struct tlog_checkpoint *cp, const struct tlog_key *key, const struct signing_key *private,
			char **out, struct klp_err *err)
{
	char text[TLOG_CHECKPOINT_ROOM], line[TLOG_SIGNATURE_ROOM];
	int ret;

	tlog_checkpoint_format(cp, text);
	ret = tlog_note_sign((struct tlog_slice){ text, strlen(text) }, key, private, 0, line, err);
	if (ret)
		return ret;
	if (asprintf(out, "%s\n%s", text, line) < 0)
		return klp_err_sys(err, -ENOMEM, "cannot sign a checkpoint");
	return 0;
}

int log_lock(const char *dir, struct klp_err *err)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/" LOCK_FILE, dir) >= (int)sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "%s", dir);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot lock %s", dir);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return klp_err_set(err, -EBUSY, "another klp-repo is at work in %s; try again when it has ended", dir);
	}
	return fd;
}

int log_root(const char *dir, uint64_t size, struct tlog_hash *out, struct klp_err *err)
{
	struct tlog_tiles *tiles;
	int ret;

	ret = tlog_tiles_open(dir, size, &tiles, err);
	if (ret)
		return ret;
	ret = merkle_root(size, tlog_tiles_node, tiles, out, err);
	tlog_tiles_close(tiles);
	return ret;
}

int log_leaf_hashes(const char *dir, uint64_t size, struct tlog_hash **out, struct klp_err *err)
{
	struct tlog_hash *hashes = calloc(size + 1, sizeof(*hashes));
	struct tlog_tiles *tiles;
	int ret;

	if (!hashes)
		return klp_err_sys(err, -ENOMEM, "cannot read the log %s", dir);
	ret = tlog_tiles_open(dir, size, &tiles, err);
	if (ret) {
		free(hashes);
		return ret;
	}
	for (uint64_t i = 0; i < size && !ret; i++)
		ret = tlog_tiles_node(tiles, 0, i, &hashes[i], err);
	tlog_tiles_close(tiles);
	if (ret)
		free(hashes);
	else
		*out = hashes;
	return ret;
}
