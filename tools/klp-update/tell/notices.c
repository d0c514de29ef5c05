// SPDX-License-Identifier: GPL-2.0-or-later
/* notices.c - see notices.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "notices.h"

#define NR_MAX		100	/* of one look; the rest is for the next one */

static void path_of(const char *root, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s" NOTICES_DIR "/%s", root, name);
}

int notices_add(const char *root, const char *text, struct klp_err *err)
{
	char path[PATH_MAX], name[64];
	struct timespec now;
	int64_t at;
	int ret;

	path_of(root, "", path);
	ret = io_mkdirs(path, 0755, err);
	clock_gettime(CLOCK_REALTIME, &now);
	at = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	do {
		snprintf(name, sizeof(name), "%0*lld.notice", NOTICE_PLACE, (long long)at++);
		path_of(root, name, path);
		ret = ret ? ret : io_write_new(path, text, strlen(text), 0644, err);
	} while (ret == -EEXIST && !(ret = 0));
	return ret;
}

/* "N.notice", "N.command.notice", "N.mail.notice"; nothing else is one, a temporary file neither. */
static bool parse(const char *name, struct notice *n)
{
	const char *rest;

	if (strspn(name, "0123456789") != NOTICE_PLACE)
		return false;
	rest = name + NOTICE_PLACE;
	n->command = !strcmp(rest, ".notice") || !strcmp(rest, ".command.notice");
	n->mail = !strcmp(rest, ".notice") || !strcmp(rest, ".mail.notice");
	snprintf(n->name, sizeof(n->name), "%.63s", name);
	return n->command || n->mail;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct notice *)a)->name, ((const struct notice *)b)->name);
}

int notices_list(const char *root, struct notice **out, size_t *nr, struct klp_err *err)
{
	struct notice *list = calloc(NR_MAX, sizeof(*list));
	const struct dirent *e;
	char path[PATH_MAX];
	size_t n = 0;
	DIR *dir;
	int ret = 0;

	path_of(root, "", path);
	dir = list ? opendir(path) : NULL;
	if (!list || (!dir && errno != ENOENT))
		ret = klp_err_sys(err, list ? -errno : -ENOMEM, "cannot list %s", path);
	while (dir && n < NR_MAX && (e = readdir(dir)))
		n += parse(e->d_name, &list[n]);
	if (dir)
		closedir(dir);
	if (ret) {
		free(list);
		return ret;
	}
	qsort(list, n, sizeof(*list), by_name);
	*out = list;
	*nr = n;
	return 0;
}

int notices_read(const char *root, const struct notice *n, char **text, struct klp_err *err)
{
	char path[PATH_MAX];
	void *data;
	size_t len;
	int ret;

	path_of(root, n->name, path);
	ret = io_read_file(path, NOTICE_MAX, &data, &len, err);
	if (!ret)
		*text = data;
	return ret;
}

int notices_keep(const char *root, struct notice *n, struct klp_err *err)
{
	char path[PATH_MAX], to[PATH_MAX], name[64];
	int ret;

	path_of(root, n->name, path);
	snprintf(name, sizeof(name), "%.*s%s.notice", NOTICE_PLACE, n->name, n->command && n->mail ? "" : n->command ? ".command" : ".mail");
	path_of(root, name, to);
	ret = n->command || n->mail ? rename(path, to) : unlink(path);
	if (ret && errno != ENOENT)
		return klp_err_sys(err, -errno, "cannot write down that a notice was delivered, %s", path);
	snprintf(n->name, sizeof(n->name), "%s", name);
	return 0;
}

int notices_drop(const char *root, struct klp_err *err)
{
	struct notice *list;
	size_t nr;
	int ret = notices_list(root, &list, &nr, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < nr && !ret; i++) {
		list[i].command = list[i].mail = false;
		ret = notices_keep(root, &list[i], err);
	}
	free(list);
	return ret;
}
