// SPDX-License-Identifier: GPL-2.0-or-later
/* tree.c - see tree.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "tree.h"

/* The folder that @path's last part is in, made if it isn't there; a link in its place is an error. */
static int open_parent(int root, const char *path, mode_t mode, const char **name, struct klp_err *err)
{
	int dir = dup(root), next;
	char part[NAME_MAX + 1];
	const char *slash;

	while (dir >= 0 && (slash = strchr(path, '/'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(dir, part, mode | (mode & 0444) >> 2) && errno != EEXIST) {
			close(dir);
			return klp_err_sys(err, -errno, "cannot make the folder %s", part);
		}
		next = openat(dir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		dir = next;
		if (dir < 0)
			return klp_err_sys(err, -errno, "%s isn't a folder (a link isn't followed)", part);
		path = slash + 1;
	}
	*name = path;
	return dir < 0 ? klp_err_sys(err, -errno, "cannot open the folder") : dir;
}

static int write_to(int fd, const char *what, const void *data, size_t len, bool sync, struct klp_err *err)
{
	int ret = io_write_all(fd, data, len);

	if (!ret && sync && fsync(fd))
		ret = -errno;
	return ret ? klp_err_sys(err, ret, "cannot write %s", what) : 0;
}

static int replace(int dir, const char *name, const void *data, size_t len, mode_t mode, bool sync, struct klp_err *err)
{
	char temp[NAME_MAX + 1];
	int fd, ret;

	snprintf(temp, sizeof(temp), ".%.200s.%d", name, (int)getpid());
	unlinkat(dir, temp, 0);
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot write %s", name);
	ret = fchmod(fd, mode) ? klp_err_sys(err, -errno, "cannot write %s", name) : write_to(fd, name, data, len, sync, err);
	close(fd);
	if (!ret && renameat(dir, temp, dir, name))
		ret = klp_err_sys(err, -errno, "cannot write %s", name);
	if (ret)
		unlinkat(dir, temp, 0);
	else if (sync && fsync(dir))
		ret = klp_err_sys(err, -errno, "cannot write %s", name);
	return ret;
}

bool tree_has(int root, const char *path, const void *data, size_t len)
{
	/* Nonblocking: it may be a FIFO. */
	int fd = io_open_beneath(root, path, O_RDONLY | O_NONBLOCK, NULL);
	struct stat st;
	size_t n;
	void *is;
	bool yes = false;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && (size_t)st.st_size == len && !io_read_fd(fd, path, len, &is, &n, NULL)) {
		yes = n == len && !memcmp(is, data, len);
		free(is);
	}
	if (fd >= 0)
		close(fd);
	return yes;
}

int tree_write(int root, const char *path, const void *data, size_t len, mode_t mode, bool sync, struct klp_err *err)
{
	const char *name;
	int dir = open_parent(root, path, mode, &name, err), ret;

	if (dir < 0)
		return dir;
	ret = replace(dir, name, data, len, mode, sync, err);
	close(dir);
	return ret;
}
