// SPDX-License-Identifier: GPL-2.0-or-later
/* fetch.c - see fetch.h: folders, and what a URL is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "fetch.h"
#include "io.h"
#include "monotonic.h"
#include "settings.h"

/* For all files of a run together; the unit's TimeoutStartSec leaves time for the patches. */
#define SESSION_MS	(20 * 60 * 1000)

static bool is_url(const char *where)
{
	return strstr(where, "://");
}

static bool known_scheme(const char *where)
{
	return !strncmp(where, "http://", 7) || !strncmp(where, "https://", 8) ||
	       !strncmp(where, "file://", 7);
}

int source_open(const struct settings *s, struct source *out, struct klp_err *err)
{
	const char *where = s->source;
	struct source src = { .settings = s, .where = where, .url = is_url(where), .folder = -1, .sock = -1 };

	if (src.url && !known_scheme(where))
		return klp_err_set(err, -EINVAL, "source %s: only http, https and file URLs", where);
	if (!src.url) {
		src.folder = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (src.folder < 0)
			return klp_err_set(err, errno == ENOENT ? -ENETUNREACH : -errno,
					   "cannot read the source %s: %s; `klp-update config` shows where it is set",
					   where, strerror(errno));
	}
	src.deadline = monotonic_ms() + SESSION_MS;
	*out = src;
	return 0;
}

void source_close(struct source *src)
{
	fetcher_hang_up(src);
	if (src->folder >= 0)
		close(src->folder);
	src->folder = -1;
}

static int get_file(const struct source *src, const char *path, size_t limit, void **out,
		    size_t *len, struct klp_err *err)
{
	int fd, ret;

	/* Nonblocking: whoever writes there may have put a FIFO in its place. */
	fd = io_open_beneath(src->folder, path, O_RDONLY | O_NONBLOCK, err);
	if (fd < 0)
		return klp_err_wrap(err, "source %s", src->where);
	ret = io_read_fd(fd, path, limit, out, len, err);
	close(fd);
	return ret;
}

static int get_url(struct source *src, const char *path, size_t limit, void **out, size_t *len,
		   struct klp_err *err)
{
	size_t n = strlen(src->where);
	char *url;
	int ret;

	if (asprintf(&url, "%s%s%s", src->where, src->where[n - 1] == '/' ? "" : "/", path) < 0)
		return klp_err_sys(err, -ENOMEM, "cannot fetch %s", path);
	ret = fetcher_ask(src, url, limit, out, len, err);
	free(url);
	return ret;
}

int source_get(struct source *src, const char *path, size_t limit, void **out, size_t *len,
	       struct klp_err *err)
{
	return src->url ? get_url(src, path, limit, out, len, err) :
			  get_file(src, path, limit, out, len, err);
}
