// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c - see store.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "pack.h"
#include "role.h"
#include "store.h"
#include "tuf.h"

#define TIME_FILE	"trusted-time"
#define TIME_LEN_MAX	24
#define TARGET_ENDING	".target"

/* Encoded name, with @ending. */
static int file_name(const char *role, const char *ending, char out[NAME_MAX + 1], struct klp_err *err)
{
	char encoded[TUF_FILE_NAME_MAX + 1];
	int ret = tuf_encode(role, encoded);

	if (ret)
		return klp_err_sys(err, ret, "no file for such a role");
	snprintf(out, NAME_MAX + 1, "%s%s", encoded, ending);
	return 0;
}

static int load(const char *folder, const char *name, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd, ret;

	if (dir < 0)
		return klp_err_sys(err, -errno, "cannot open the folder %s", folder);
	fd = io_open_beneath(dir, name, O_RDONLY | O_NONBLOCK, err);
	close(dir);
	if (fd < 0)
		return fd;
	ret = io_read_fd(fd, name, limit, out, len, err);
	close(fd);
	return ret;
}

static int save(const char *folder, const char *name, const void *data, size_t len, struct klp_err *err)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot write %s", name);
	return io_write_atomic(path, data, len, 0644, err);
}

int tuf_store_load(const char *folder, const char *role, size_t limit, void **out, size_t *len,
		   struct klp_err *err)
{
	char name[NAME_MAX + 1];
	int ret = file_name(role, ".json", name, err);

	return ret ? ret : load(folder, name, limit, out, len, err);
}

int tuf_store_save(const char *folder, const char *role, const void *data, size_t len, struct klp_err *err)
{
	char name[NAME_MAX + 1];
	int ret = file_name(role, ".json", name, err);

	return ret ? ret : save(folder, name, data, len, err);
}

int tuf_store_remove(const char *folder, const char *role, struct klp_err *err)
{
	char name[NAME_MAX + 1], path[PATH_MAX];
	int ret = file_name(role, ".json", name, err);

	if (ret)
		return ret;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot remove %s", name);
	if (unlink(path) && errno != ENOENT)
		return klp_err_sys(err, -errno, "cannot remove %s", path);
	return 0;
}

int tuf_store_load_target(const char *folder, const char *slot, size_t limit, void **out, size_t *len)
{
	char name[NAME_MAX + 1];
	int ret = file_name(slot, TARGET_ENDING, name, NULL);

	return ret ? ret : load(folder, name, limit, out, len, NULL);
}

int tuf_store_save_target(const char *folder, const char *slot, const void *data, size_t len, struct klp_err *err)
{
	char name[NAME_MAX + 1];
	int ret = file_name(slot, TARGET_ENDING, name, err);

	return ret ? ret : save(folder, name, data, len, err);
}

static int parse_time(const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	return errno || end == text || strcmp(end, "\n") || *out < 0 ? -EINVAL : 0;
}

int tuf_store_load_time(const char *folder, int64_t *out, struct klp_err *err)
{
	void *text;
	size_t len;
	int ret = load(folder, TIME_FILE, TIME_LEN_MAX, &text, &len, err);

	if (ret == -ENOENT) {
		*out = 0;
		return 0;
	}
	if (ret)
		return ret;
	ret = parse_time(text, out);
	free(text);
	return ret ? klp_err_set(err, ret, "%s/" TIME_FILE " isn't a time; if nobody tampered with it, remove it",
				 folder) : 0;
}

int tuf_store_save_time(const char *folder, int64_t t, struct klp_err *err)
{
	char text[TIME_LEN_MAX];

	return save(folder, TIME_FILE, text, (size_t)snprintf(text, sizeof(text), "%" PRId64 "\n", t), err);
}

static int is_part(const struct dirent *de)
{
	size_t n = strlen(de->d_name);

	return de->d_name[0] != '.' && ((n > 5 && !strcmp(de->d_name + n - 5, ".json")) ||
					(n > 7 && !strcmp(de->d_name + n - 7, TARGET_ENDING)) || !strcmp(de->d_name, TIME_FILE));
}

int tuf_store_read(const char *folder, struct pack *out, struct klp_err *err)
{
	struct dirent **list;
	struct pack all = { 0 };
	int nr = scandir(folder, &list, is_part, alphasort), ret = 0;
	void *data;
	size_t len;

	if (nr < 0 && errno != ENOENT)
		return klp_err_sys(err, -errno, "cannot read the trusted metadata in %s", folder);
	for (int i = 0; i < nr; i++) {
		if (!ret)
			ret = load(folder, list[i]->d_name, TUF_TARGETS_MAX, &data, &len, err);
		if (!ret) {
			ret = pack_put(&all, list[i]->d_name, 0, data, len);
			free(data);
			if (ret)
				klp_err_sys(err, ret, "cannot keep %s", list[i]->d_name);
		}
		free(list[i]);
	}
	if (nr >= 0)
		free(list);
	if (ret)
		pack_clear(&all);
	else
		*out = all;
	return ret;
}

/* ---- in memory ---- */

static int ram_load(const struct pack *ram, const char *name, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	const struct pack_item *item = pack_find(ram, name);
	char *copy;

	if (!item)
		return klp_err_set(err, -ENOENT, "there is no %s", name);
	if (item->len > limit)
		return klp_err_set(err, -EFBIG, "%s is longer than %zu bytes", name, limit);
	copy = malloc(item->len + 1);
	if (!copy)
		return klp_err_sys(err, -ENOMEM, "cannot read %s", name);
	memcpy(copy, item->data, item->len + 1);
	*out = copy;
	*len = item->len;
	return 0;
}

static int ram_save(struct pack *ram, const char *name, const void *data, size_t len, struct klp_err *err)
{
	int ret = pack_put(ram, name, 0, data, len);

	return ret ? klp_err_sys(err, ret, "cannot keep %s", name) : 0;
}

int tuf_ram_load(const struct pack *ram, const char *role, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	char name[NAME_MAX + 1];
	int ret = file_name(role, ".json", name, err);

	return ret ? ret : ram_load(ram, name, limit, out, len, err);
}

int tuf_ram_save(struct pack *ram, const char *role, const void *data, size_t len, struct klp_err *err)
{
	char name[NAME_MAX + 1];
	int ret = file_name(role, ".json", name, err);

	return ret ? ret : ram_save(ram, name, data, len, err);
}

int tuf_ram_remove(struct pack *ram, const char *role, struct klp_err *err)
{
	char name[NAME_MAX + 1];
	int ret = file_name(role, ".json", name, err);

	if (!ret)
		pack_remove(ram, name);
	return ret;
}

int tuf_ram_load_target(const struct pack *ram, const char *slot, size_t limit, void **out, size_t *len)
{
	char name[NAME_MAX + 1];
	int ret = file_name(slot, TARGET_ENDING, name, NULL);

	return ret ? ret : ram_load(ram, name, limit, out, len, NULL);
}

int tuf_ram_save_target(struct pack *ram, const char *slot, const void *data, size_t len, struct klp_err *err)
{
	char name[NAME_MAX + 1];
	int ret = file_name(slot, TARGET_ENDING, name, err);

	return ret ? ret : ram_save(ram, name, data, len, err);
}

int tuf_ram_load_time(const struct pack *ram, int64_t *out, struct klp_err *err)
{
	const struct pack_item *item = pack_find(ram, TIME_FILE);

	*out = 0;
	return item && parse_time(item->data, out) ? klp_err_set(err, -EINVAL, TIME_FILE " isn't a time") : 0;
}

int tuf_ram_save_time(struct pack *ram, int64_t t, struct klp_err *err)
{
	char text[TIME_LEN_MAX];

	return ram_save(ram, TIME_FILE, text, (size_t)snprintf(text, sizeof(text), "%" PRId64 "\n", t), err);
}
