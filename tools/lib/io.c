// SPDX-License-Identifier: GPL-2.0-or-later
/* io.c - see io.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

#define CHUNK	65536
#define PIPEFS_MAGIC	0x50495045	/* linux/magic.h */

/* read(2) that survives signals; bytes read, 0 at the end, or -errno. */
static ssize_t read_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	do {
		n = read(fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Size to start with: what fstat says, for files whose size means something. */
static size_t first_guess(int fd, size_t limit)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return limit < CHUNK ? limit : CHUNK;
	return (size_t)st.st_size < limit ? (size_t)st.st_size : limit;
}

/* Fill *buf, of *room + 1 bytes, growing it up to @limit; the rest must be absent. */
static int read_growing(int fd, size_t limit, char **buf, size_t room, size_t *len)
{
	char probe, *bigger;
	ssize_t n;

	*len = 0;
	for (;;) {
		if (*len < room) {
			n = read_some(fd, *buf + *len, room - *len);
			if (n <= 0)
				return (int)n;
			*len += (size_t)n;
			continue;
		}
		/* /proc and /sys files tell no size, so the end has to be read. */
		n = read_some(fd, &probe, 1);
		if (n <= 0)
			return (int)n;
		if (room == limit)
			return -EFBIG;
		room = room > limit / 2 ? limit : room * 2;
		bigger = realloc(*buf, room + 1);
		if (!bigger)
			return -ENOMEM;
		*buf = bigger;
		(*buf)[(*len)++] = probe;
	}
}

bool io_file_has(const char *path, size_t limit, const char *text)
{
	bool has = false;
	void *data;
	size_t len;

	if (!io_read_file(path, limit, &data, &len, NULL)) {
		has = strstr(data, text);
		free(data);
	}
	return has;
}

int io_read_fd(int fd, const char *what, size_t limit, void **out, size_t *len,
	       struct klp_err *err)
{
	size_t room = first_guess(fd, limit), n;
	char *buf;
	int ret;

	if (!room)
		room = 1;
	buf = malloc(room + 1);
	if (!buf)
		return klp_err_sys(err, -ENOMEM, "cannot read %s", what);
	ret = read_growing(fd, limit, &buf, room, &n);
	if (!ret && n > limit)
		ret = -EFBIG;
	if (ret) {
		free(buf);
		if (ret == -EFBIG)
			return klp_err_set(err, ret, "%s is larger than the limit of %zu bytes",
					   what, limit);
		return klp_err_sys(err, ret, "cannot read %s", what);
	}
	buf[n] = '\0';
	*out = buf;
	*len = n;
	return 0;
}

int io_open_to_read(const char *path, struct klp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot open %s", path);
	/* A shell's <(command) is a pipe without a name: whoever made it is who calls. */
	if (!fstat(fd, &st) && S_ISFIFO(st.st_mode) && (fstatfs(fd, &fs) || fs.f_type != PIPEFS_MAGIC)) {
		close(fd);
		return klp_err_set(err, -EINVAL, "cannot open %s: it is a pipe with a name, where one may wait for ever", path);
	}
	fcntl(fd, F_SETFL, 0);
	return fd;
}

int io_read_file(const char *path, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	int fd = io_open_to_read(path, err), ret;

	if (fd < 0)
		return fd;
	ret = io_read_fd(fd, path, limit, out, len, err);
	close(fd);
	return ret;
}

int io_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int fsync_folder_of(const char *path)
{
	char copy[PATH_MAX];
	int fd, ret = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some network file systems can't sync a folder, and say so. */
	if (fsync(fd) && errno != EINVAL)
		ret = -errno;
	close(fd);
	return ret;
}

static int fill(int fd, const void *data, size_t len, mode_t mode)
{
	int ret = io_write_all(fd, data, len);

	if (!ret && fchmod(fd, mode))
		ret = -errno;
	if (!ret && fsync(fd))
		ret = -errno;
	return ret;
}

/* @publish moves the temporary file to its name: rename(2), or link(2) for a new one. */
static int write_via_tmp(const char *path, const void *data, size_t len, mode_t mode,
			 int (*publish)(const char *tmp, const char *path), struct klp_err *err)
{
	char tmp[PATH_MAX];
	int fd, ret;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= sizeof(tmp))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot write %s", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot write %s: cannot create %s", path, tmp);
	ret = fill(fd, data, len, mode);
	close(fd);
	if (!ret && publish(tmp, path))
		ret = -errno;
	if (!ret)
		ret = fsync_folder_of(path);
	if (ret) {
		unlink(tmp);
		return klp_err_sys(err, ret, "cannot write %s", path);
	}
	return 0;
}

static int publish_new(const char *tmp, const char *path)
{
	if (link(tmp, path))
		return -1;
	unlink(tmp);
	return 0;
}

int io_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
		    struct klp_err *err)
{
	return write_via_tmp(path, data, len, mode, rename, err);
}

/* Something to write into, not to replace.  No file is made among the devices; /dev/shm has files as any folder. */
static bool is_stream(const char *path)
{
	struct stat st;

	return (!strncmp(path, "/dev/", 5) && strncmp(path, "/dev/shm/", 9)) || (!stat(path, &st) && !S_ISREG(st.st_mode));
}

int io_write_output(const char *path, const void *data, size_t len, mode_t mode, struct klp_err *err)
{
	int fd, ret;

	if (!is_stream(path))
		return io_write_atomic(path, data, len, mode, err);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot write %s", path);
	ret = io_write_all(fd, data, len);
	if (close(fd) && !ret)
		ret = -errno;
	return ret ? klp_err_sys(err, ret, "cannot write %s", path) : 0;
}

int io_check_output(const char *path, struct klp_err *err)
{
	char copy[PATH_MAX];
	struct stat st;

	if (!*path || strlen(path) >= sizeof(copy))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot write \"%.40s\"", path);
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return klp_err_sys(err, -EISDIR, "cannot write %s", path);
	if (is_stream(path))
		return access(path, W_OK) ? klp_err_sys(err, -errno, "cannot write %s", path) : 0;
	/* What is there is replaced: the folder has to be writable, not the file. */
	memcpy(copy, path, strlen(path) + 1);
	if (access(dirname(copy), W_OK | X_OK))
		return klp_err_sys(err, -errno, "cannot write %s", path);
	return 0;
}

void io_keep_standard(void)
{
	/* The lowest that is free is the one that is closed.  Opened the wrong way round: nobody is to take it for a file that is there. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_FAILURE);
}

int io_flush_stdout(struct klp_err *err)
{
	int failed = fflush(stdout) ? errno : 0;

	if (!failed && !ferror(stdout))
		return 0;
	return klp_err_sys(err, failed ? -failed : -EIO, "cannot write to the standard output");
}

int io_write_new(const char *path, const void *data, size_t len, mode_t mode,
		 struct klp_err *err)
{
	return write_via_tmp(path, data, len, mode, publish_new, err);
}

int io_mkdirs(const char *path, mode_t mode, struct klp_err *err)
{
	char copy[PATH_MAX], *p = copy;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot create folder %s", path);
	do {
		p = strchr(p + 1, '/');
		if (p)
			*p = '\0';
		if (mkdir(copy, mode) && errno != EEXIST)
			return klp_err_sys(err, -errno, "cannot create folder %s", copy);
		if (p)
			*p = '/';
	} while (p && p[1]);
	return 0;
}

/* A component that stays where it is: neither empty nor "." nor "..". */
static bool plain_component(const char *name, size_t len)
{
	return len && len <= NAME_MAX && !(len == 1 && name[0] == '.') &&
	       !(len == 2 && name[0] == '.' && name[1] == '.');
}

/*
 * Component by component rather than with openat2(), which systemd's RestrictSUIDSGID=
 * answers with ENOSYS. No component may be a symbolic link, so none can be swapped for one.
 */
static int open_beneath(int dirfd, const char *path, int flags)
{
	int at = dirfd, fd, ret;

	if (*path == '/')
		return -EXDEV;
	for (;;) {
		size_t len = strcspn(path, "/");
		bool last = !path[len];
		char name[NAME_MAX + 1];

		fd = -1;
		ret = plain_component(path, len) ? 0 : len > NAME_MAX ? -ENAMETOOLONG : -EXDEV;
		if (!ret) {
			snprintf(name, sizeof(name), "%.*s", (int)len, path);
			fd = openat(at, name, O_NOFOLLOW | O_CLOEXEC |
				    (last ? flags : O_PATH | O_DIRECTORY));
			ret = fd < 0 ? -errno : 0;
		}
		if (at != dirfd)
			close(at);
		if (ret || last)
			return ret ? ret : fd;
		at = fd;
		path += len + 1;
	}
}

int io_open_beneath(int dirfd, const char *path, int flags, struct klp_err *err)
{
	int fd = open_beneath(dirfd, path, flags);

	if (fd == -ELOOP)
		return klp_err_set(err, fd, "cannot open %s: it is a symbolic link, and none is followed here", path);
	return fd < 0 ? klp_err_sys(err, fd, "cannot open %s", path) : fd;
}

int io_sealed_memfd(const char *name, const void *data, size_t len, int *out,
		    struct klp_err *err)
{
	int fd, ret;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot create a memory file for %s", name);
	ret = io_write_all(fd, data, len);
	if (!ret && lseek(fd, 0, SEEK_SET) < 0)
		ret = -errno;
	if (!ret && fcntl(fd, F_ADD_SEALS, IO_SEALS))
		ret = -errno;
	if (ret) {
		close(fd);
		return klp_err_sys(err, ret, "cannot fill and seal the memory file of %s", name);
	}
	*out = fd;
	return 0;
}

int io_sealed_copy(int fd, const char *name, size_t limit, int *out, size_t *len,
		   struct klp_err *err)
{
	void *data;
	size_t n;
	int ret;

	/* A pipe can't seek, and has nothing behind the reader's position. */
	if (lseek(fd, 0, SEEK_SET) < 0 && errno != ESPIPE)
		return klp_err_sys(err, -errno, "cannot rewind %s", name);
	ret = io_read_fd(fd, name, limit, &data, &n, err);
	if (ret)
		return ret;
	ret = io_sealed_memfd(name, data, n, out, err);
	free(data);
	if (!ret)
		*len = n;
	return ret;
}
