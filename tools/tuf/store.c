// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c - see store.h. */
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
#include "role.h"
#include "store.h"

#define TIME_FILE	"trusted-time"
#define TIME_LEN_MAX	24

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

int tuf_store_load_time(const char *folder, int64_t *out, struct klp_err *err)
{
	char *end;
	void *text;
	size_t len;
	int ret = load(folder, TIME_FILE, TIME_LEN_MAX, &text, &len, err);

	if (ret == -ENOENT) {
		*out = 0;
		return 0;
	}
	if (ret)
		return ret;
	errno = 0;
	*out = strtoll(text, &end, 10);
	if (errno || end == text || strcmp(end, "\n") || *out < 0)
		ret = klp_err_set(err, -EINVAL, "%s/" TIME_FILE " isn't a time; if nobody tampered with it, remove it",
				  folder);
	free(text);
	return ret;
}

int tuf_store_save_time(const char *folder, int64_t t, struct klp_err *err)
{
	char text[TIME_LEN_MAX];

	return save(folder, TIME_FILE, text, (size_t)snprintf(text, sizeof(text), "%" PRId64 "\n", t), err);
}
