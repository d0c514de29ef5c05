// SPDX-License-Identifier: GPL-2.0-or-later
/* fetch.c - see fetch.h: the source and the parent's side; fetch_child.c is the child. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "fetch.h"
#include "fetch_child.h"
#include "io.h"

static bool is_url(const char *where)
{
	return strstr(where, "://");
}

static bool known_scheme(const char *where)
{
	return !strncmp(where, "http://", 7) || !strncmp(where, "https://", 8) ||
	       !strncmp(where, "file://", 7);
}

int source_open(const char *where, const char *user, struct source *out, struct klp_err *err)
{
	struct source src = { .where = where, .user = user, .url = is_url(where), .folder = -1 };

	if (src.url && !known_scheme(where))
		return klp_err_set(err, -EINVAL, "source %s: only http, https and file URLs", where);
	if (!src.url) {
		src.folder = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (src.folder < 0)
			return klp_err_set(err, errno == ENOENT ? -ENETUNREACH : -errno,
					   "cannot read the source %s: %s; `klp-update config` shows where it is set",
					   where, strerror(errno));
	}
	*out = src;
	return 0;
}

void source_close(struct source *src)
{
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

/* The child's words come from the far side of the network: keep them printable. */
static void take_error(const struct fetch_result *shared, struct klp_err *err)
{
	char text[sizeof(shared->text)];

	memcpy(text, shared->text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (char *p = text; *p; p++) {
		if (!isprint((unsigned char)*p))
			*p = '?';
	}
	klp_err_set(err, shared->code, "%s", text);
}

/* Only these may come out of a child, whatever it wrote. */
static int sane_code(int code)
{
	return code == -ENOENT || code == -EFBIG || code == -EPERM ? code : -ENETUNREACH;
}

static int wait_for(pid_t pid, struct fetch_result *shared, const char *url, struct klp_err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return klp_err_sys(err, -errno, "cannot wait for the fetch of %s", url);
	}
	if (!WIFEXITED(status))
		return klp_err_set(err, -ENETUNREACH, "the fetch of %s died of signal %d", url,
				   WTERMSIG(status));
	if (!WEXITSTATUS(status))
		return 0;
	shared->code = sane_code(shared->code);
	take_error(shared, err);
	return shared->code;
}

static int run_child(const struct source *src, const char *url, size_t limit, int body,
		     struct klp_err *err)
{
	struct fetch_result *shared;
	pid_t pid;
	int ret;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return klp_err_sys(err, -errno, "cannot fetch %s", url);
	shared->code = -ENETUNREACH;
	snprintf(shared->text, sizeof(shared->text), "the fetch ended without a word");
	fflush(NULL);
	pid = fork();
	if (!pid)
		fetch_child(url, src->user, limit, body, shared);
	ret = pid < 0 ? klp_err_sys(err, -errno, "cannot fetch %s", url) :
			wait_for(pid, shared, url, err);
	munmap(shared, sizeof(*shared));
	return ret;
}

static int get_url(const struct source *src, const char *path, size_t limit, void **out,
		   size_t *len, struct klp_err *err)
{
	size_t n = strlen(src->where);
	char *url;
	int body, ret;

	if (asprintf(&url, "%s%s%s", src->where, src->where[n - 1] == '/' ? "" : "/", path) < 0)
		return klp_err_sys(err, -ENOMEM, "cannot fetch %s", path);
	body = memfd_create("fetched", MFD_CLOEXEC);
	if (body < 0) {
		ret = klp_err_sys(err, -errno, "cannot fetch %s", url);
	} else {
		ret = run_child(src, url, limit, body, err);
		if (!ret && lseek(body, 0, SEEK_SET))
			ret = klp_err_sys(err, -errno, "cannot fetch %s", url);
		if (!ret)
			ret = io_read_fd(body, url, limit, out, len, err);
		close(body);
	}
	free(url);
	return ret;
}

int source_get(const struct source *src, const char *path, size_t limit, void **out,
	       size_t *len, struct klp_err *err)
{
	return src->url ? get_url(src, path, limit, out, len, err) :
			  get_file(src, path, limit, out, len, err);
}
