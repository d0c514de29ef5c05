// SPDX-License-Identifier: GPL-2.0-or-later
/* owned.c - see owned.h. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "owned.h"

#define LINKS_MAX	40	/* as the kernel's MAXSYMLINKS */

/* The walk: @done was checked, @rest is to come. */
struct walk {
	const char *path;	/* as it was asked for */
	char done[PATH_MAX], rest[PATH_MAX];
	int links;
};

static int too_long(const struct walk *w, struct klp_err *err)
{
	return klp_err_sys(err, -ENAMETOOLONG, "cannot check who may write to %s", w->path);
}

static int check_one(const struct walk *w, const struct stat *st, bool last, struct klp_err *err)
{
	const char *here = *w->done ? w->done : "/";
	bool link = S_ISLNK(st->st_mode);	/* its mode says nothing; the folder that it is in does */
	mode_t others = link ? 0 : st->st_mode & 0022;

	if (st->st_uid && st->st_uid != geteuid())
		return klp_err_set(err, -EPERM, "%s is trusted, and %s belongs to user %u, who could put something else there; `chown root` it if you know that nobody did",
				   w->path, here, (unsigned int)st->st_uid);
	if (others & 0020 && (!st->st_gid || st->st_gid == getegid()))
		others &= ~0020u;
	if (!others || (!last && S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX))
		return 0;
	return klp_err_set(err, -EPERM, "%s is trusted, and others than root may write to %s; `chmod go-w %s` if you know that nobody did",
			   w->path, here, here);
}

/* Its target takes the link's place before what is still to come. */
static int follow(struct walk *w, struct klp_err *err)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlink(w->done, target, sizeof(target) - 1);

	if (n < 0)
		return klp_err_sys(err, -errno, "cannot read the link %s", w->done);
	if (++w->links > LINKS_MAX)
		return klp_err_sys(err, -ELOOP, "cannot check who may write to %s", w->path);
	target[n] = '\0';
	if (snprintf(rest, sizeof(rest), "%s%s%s", target, *w->rest ? "/" : "", w->rest) >= (int)sizeof(rest))
		return too_long(w, err);
	strcpy(w->rest, rest);
	if (*target == '/')
		*w->done = '\0';
	else
		*strrchr(w->done, '/') = '\0';
	return 0;
}

/* The next name of w->rest into @name of NAME_MAX + 1 bytes; false: it is used up. */
static bool next_name(struct walk *w, char *name)
{
	size_t skip = strspn(w->rest, "/"), n = strcspn(w->rest + skip, "/");

	if (!w->rest[skip])
		return false;
	snprintf(name, NAME_MAX + 1, "%.*s", (int)n, w->rest + skip);
	memmove(w->rest, w->rest + skip + n, strlen(w->rest + skip + n) + 1);
	return true;
}

static int step(struct walk *w, const char *name, struct klp_err *err)
{
	size_t used = strlen(w->done);
	struct stat st;
	bool last;
	int ret;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		if (*w->done)
			*strrchr(w->done, '/') = '\0';
		return 0;	/* it was checked on the way in */
	}
	if (used + 1 + strlen(name) >= sizeof(w->done))
		return too_long(w, err);
	sprintf(w->done + used, "/%s", name);
	if (lstat(w->done, &st))
		return klp_err_sys(err, -errno, "cannot check who may write to %s", w->done);
	last = !w->rest[strspn(w->rest, "/")];
	ret = check_one(w, &st, last, err);
	return ret || !S_ISLNK(st.st_mode) ? ret : follow(w, err);
}

int owned_check(const char *path, struct klp_err *err)
{
	struct walk w = { .path = path };
	char name[NAME_MAX + 1];
	struct stat st;
	int ret = 0;

	if (*path != '/' && !getcwd(w.rest, sizeof(w.rest)))
		return klp_err_sys(err, -errno, "cannot check who may write to %s", path);
	if (strlen(w.rest) + strlen(path) + 2 > sizeof(w.rest))
		return too_long(&w, err);
	strcat(strcat(w.rest, "/"), path);
	if (lstat("/", &st))
		return klp_err_sys(err, -errno, "cannot check who may write to /");
	ret = check_one(&w, &st, false, err);
	while (!ret && next_name(&w, name))
		ret = step(&w, name, err);
	return ret;
}
