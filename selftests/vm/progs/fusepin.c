// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fusepin NAME - without any privilege, stands in pipe_read() for as long as it likes: what it reads goes to a page of
 * its own FUSE file, whose server (a child, which has its standard output closed) never answers a read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE	4096

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(file);
	close(fd);
}

static void reply(int fd, const struct fuse_in_header *to, int error, const void *data, size_t n)
{
	char b[512];
	struct fuse_out_header h = { .len = sizeof(h) + n, .error = error, .unique = to->unique };

	memcpy(b, &h, sizeof(h));
	memcpy(b + sizeof(h), data, n);
	if (write(fd, b, h.len) < 0)
		perror("reply");
}

static void answer(int fd, const struct fuse_in_header *h)
{
	struct fuse_attr dir = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 };
	struct fuse_attr file = { .ino = 2, .mode = S_IFREG | 0644, .nlink = 1, .size = SIZE, .blocks = 8 };
	struct fuse_init_out init = {
		.major = 7, .minor = 31, .max_readahead = SIZE, .max_write = SIZE,
		.max_background = 4, .congestion_threshold = 3, .max_pages = 1,
	};
	struct fuse_entry_out entry = { .nodeid = 2, .attr_valid = 3600, .entry_valid = 3600, .attr = file };
	struct fuse_attr_out attr = { .attr_valid = 3600, .attr = h->nodeid == 1 ? dir : file };
	struct fuse_open_out opened = { .fh = 1 };

	switch (h->opcode) {
	case FUSE_INIT:
		return reply(fd, h, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		return reply(fd, h, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
		return reply(fd, h, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
		return reply(fd, h, 0, &opened, sizeof(opened));
	case FUSE_READ:
	case FUSE_INTERRUPT:
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		return;		/* never */
	}
	reply(fd, h, -ENOSYS, "", 0);
}

static void serve(int fd)
{
	static char request[1 << 20];

	prctl(PR_SET_NAME, "fuseserver");
	while (read(fd, request, sizeof(request)) > 0)
		answer(fd, (void *)request);
}

int main(int argc, char **argv)
{
	unsigned int uid = getuid();
	char options[128], map[32], *page;
	int fd, f, ends[2];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die("unshare");
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	put("/proc/self/uid_map", map);
	put("/proc/self/gid_map", map);
	fd = open("/dev/fuse", O_RDWR);
	if (fd < 0)
		die("/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("x", "/mnt", "fuse", MS_NOSUID | MS_NODEV, options))
		die("mount");
	if (!fork()) {
		serve(fd);
		_exit(0);
	}
	close(fd);	/* with the server the connection goes, and the reader gets an error */
	f = open("/mnt/f", O_RDONLY);
	page = f < 0 ? MAP_FAILED : mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
	if (page == MAP_FAILED)
		die("/mnt/f");
	if (pipe(ends) || write(ends[1], "x", 1) != 1)
		die("pipe");
	if (argc > 1)
		prctl(PR_SET_NAME, argv[1]);
	printf("pid %d\n", getpid());
	fflush(stdout);
	printf("read: %zd\n", read(ends[0], page, 1));
	return 0;
}
