// SPDX-License-Identifier: GPL-2.0-or-later
/* files.c - see transport.h: a repository that is a folder of this machine. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "pack.h"
#include "transport.h"

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* As a server would: %XX is a byte of a name.  -EINVAL: not one that tuf_encode() writes. */
static int decode(const char *url, char out[PATH_MAX])
{
	size_t n = 0;

	for (; *url; url++) {
		int high = *url == '%' ? hex_digit(url[1]) : 0, low = *url == '%' && high >= 0 ? hex_digit(url[2]) : 0;

		if (n == PATH_MAX - 1 || high < 0 || low < 0 || (*url == '%' && !(high | low)))
			return -EINVAL;
		out[n++] = (char)(*url == '%' ? high << 4 | low : *url);
		url += *url == '%' ? 2 : 0;
	}
	out[n] = '\0';
	return 0;
}

static int from_pack(const struct pack_item *item, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	void *copy;

	if (item->len > limit)
		return klp_err_set(err, -EFBIG, "%s: longer than the %zu bytes that are allowed", item->name, limit);
	copy = malloc(item->len + 1);
	if (!copy)
		return klp_err_sys(err, -ENOMEM, "cannot read %s", item->name);
	memcpy(copy, item->data, item->len + 1);
	*out = copy;
	*len = item->len;
	return 0;
}

int tuf_files_get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	const struct tuf_files *files = ctx;
	const struct pack_item *item;
	char path[PATH_MAX];
	int fd, ret;

	if (decode(url, path))
		return klp_err_set(err, -ENOENT, "%s is no file's name", url);
	item = files->before ? pack_find(files->before, path) : NULL;
	if (item)
		return from_pack(item, limit, out, len, err);
	/* Nonblocking: whoever writes there may have put a FIFO in its place. */
	fd = io_open_beneath(files->folder, path, O_RDONLY | O_NONBLOCK, err);
	if (fd < 0)
		return fd;
	ret = io_read_fd(fd, path, limit, out, len, err);
	close(fd);
	return ret;
}
