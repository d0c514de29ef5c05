// SPDX-License-Identifier: GPL-2.0-or-later
/* fuse.c - see fuse.h.  The kernel's side is fs/fuse/control.c: a folder a connection, owned by who has mounted it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuse.h"
#include "io.h"

#define CONNECTIONS	"/sys/fs/fuse/connections"

static bool owes_an_answer(int connection)
{
	char number[32] = "";
	int fd = openat(connection, "waiting", O_RDONLY | O_CLOEXEC);
	bool some = fd >= 0 && read(fd, number, sizeof(number) - 1) > 0 && atol(number) > 0;

	if (fd >= 0)
		close(fd);
	return some;
}

static bool end(int connection)
{
	int fd = openat(connection, "abort", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && !io_write_all(fd, "1", 1);

	if (fd >= 0)
		close(fd);
	return done;
}

size_t fuse_abort(uid_t uid)
{
	DIR *dir = opendir(CONNECTIONS);
	struct dirent *e;
	struct stat st;
	size_t n = 0;
	int fd;

	while (dir && (e = readdir(dir))) {
		fd = e->d_name[0] == '.' ? -1 : openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!fstat(fd, &st) && st.st_uid == uid && owes_an_answer(fd) && end(fd))
			n++;
		close(fd);
	}
	if (dir)
		closedir(dir);
	return n;
}
