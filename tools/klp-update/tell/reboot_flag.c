// SPDX-License-Identifier: GPL-2.0-or-later
/* reboot_flag.c - see reboot_flag.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "reboot_flag.h"

#define TEXT_MAX	65536
#define OURS		"Quietpatch: "
#define HEADING		"*** System restart required ***\n"	/* what Ubuntu's and reboot-notifier's hooks write */

struct flag {
	char flag[PATH_MAX], pkgs[PATH_MAX], ours[PATH_MAX];
};

static void paths(const char *root, struct flag *f)
{
	snprintf(f->flag, sizeof(f->flag), "%s" REBOOT_FLAG, root);
	snprintf(f->pkgs, sizeof(f->pkgs), "%s" REBOOT_PKGS, root);
	snprintf(f->ours, sizeof(f->ours), "%s" REBOOT_OURS, root);
}

/* ---- whose it is ---- */

/* `touch`, and whatever else writes it, changes that. */
static int look_of(const char *path, char *out, size_t size)
{
	struct stat st;

	if (lstat(path, &st))
		return -errno;
	snprintf(out, size, "%llu %lld %lld.%09ld", (unsigned long long)st.st_ino, (long long)st.st_size,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	return 0;
}

static int looks(const struct flag *f, const char *flag, char out[256])
{
	char a[96], b[96];
	int ret = look_of(flag, a, sizeof(a));

	if (!ret)
		ret = look_of(f->pkgs, b, sizeof(b));
	if (!ret)
		snprintf(out, 256, "%s\n%s\n", a, b);
	return ret;
}

/* Is what is there, the flag being at @flag, just as we left it when nobody else had asked for a reboot? */
static bool is_ours(const struct flag *f, const char *flag)
{
	char now[256];
	void *then;
	size_t len;
	bool is;

	if (looks(f, flag, now) || io_read_file(f->ours, sizeof(now), &then, &len, NULL))
		return false;
	is = !strcmp(then, now);
	free(then);
	return is;
}

static int remember_ours(const struct flag *f, struct klp_err *err)
{
	char now[256];
	char folder[PATH_MAX];
	int ret = looks(f, f->flag, now);

	if (ret)
		return klp_err_sys(err, ret, "cannot look at %s", f->flag);
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(f->ours, '/') - f->ours), f->ours);
	ret = io_mkdirs(folder, 0755, err);
	return ret ? ret : io_write_atomic(f->ours, now, strlen(now), 0644, err);
}

/* ---- what is in it ---- */

/* @text without our line, and with @line as ours. */
static char *with_line(const char *text, const char *line)
{
	size_t size = strlen(text) + strlen(line) + sizeof(OURS) + 2, n = 0;
	char *out = malloc(size);

	if (!out)
		return NULL;
	for (const char *p = text; *p;) {
		size_t len = strcspn(p, "\n");

		if (strncmp(p, OURS, strlen(OURS)))
			n += (size_t)snprintf(out + n, size - n, "%.*s\n", (int)len, p);
		p += len + (p[len] == '\n');
	}
	snprintf(out + n, size - n, "%s%s\n", OURS, line);
	/* One line, whatever an error's text has in it. */
	for (char *p = out + n; p[0] && p[1]; p++)
		if (*p == '\n')
			*p = ' ';
	return out;
}

/*
 * Give the flag that is there our line.  It is written in place, so that it is there at each moment, and keeps its time: since when a
 * reboot is wanted.
 */
static int annotate(const struct flag *f, const char *line, struct klp_err *err)
{
	int fd = open(f->flag, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	char *text = NULL;
	struct stat st;
	void *old = NULL;
	size_t len;
	int ret = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : klp_err_sys(err, -errno, "cannot write %s", f->flag);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		ret = klp_err_set(err, -EINVAL, "%s isn't a file", f->flag);
	if (!ret)
		ret = io_read_fd(fd, f->flag, TEXT_MAX, &old, &len, err);
	if (!ret) {
		text = with_line(old, line);
		if (!text)
			ret = klp_err_sys(err, -ENOMEM, "cannot write %s", f->flag);
	}
	times[1] = st.st_mtim;
	if (!ret && strcmp(text, old) &&
	    (lseek(fd, 0, SEEK_SET) || io_write_all(fd, text, strlen(text)) || ftruncate(fd, (off_t)strlen(text)) || futimens(fd, times)))
		ret = klp_err_sys(err, -errno, "cannot write %s", f->flag);
	close(fd);
	free(text);
	free(old);
	return ret;
}

/* A name a line, each once; only ever added to, as others add theirs in the same way. */
static int add_package(const struct flag *f, const char *package, struct klp_err *err)
{
	char line[256];
	void *text = NULL;
	size_t len = 0, n = strlen(package);
	bool there = false;
	int fd, ret;

	ret = io_read_file(f->pkgs, TEXT_MAX, &text, &len, err);
	if (ret && ret != -ENOENT)
		return ret;
	for (const char *p = text; p && *p && !there; p += strcspn(p, "\n"), p += *p == '\n')
		there = strcspn(p, "\n") == n && !strncmp(p, package, n);
	snprintf(line, sizeof(line), "%s%.200s\n", len && ((char *)text)[len - 1] != '\n' ? "\n" : "", package);
	free(text);
	if (there)
		return 0;
	fd = open(f->pkgs, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || io_write_all(fd, line, strlen(line)))
		ret = klp_err_sys(err, -errno, "cannot write %s", f->pkgs);
	else
		ret = 0;
	if (fd >= 0)
		close(fd);
	return ret;
}

/* ---- up and down ---- */

/* A new one.  Its time is of whole seconds, which no `touch` gives it. */
static int create(const struct flag *f, struct klp_err *err)
{
	struct timespec times[2] = { { .tv_sec = time(NULL) }, { .tv_sec = time(NULL) } };
	int ret = io_write_new(f->flag, HEADING, strlen(HEADING), 0644, err);

	if (!ret && utimensat(AT_FDCWD, f->flag, times, AT_SYMLINK_NOFOLLOW))
		ret = klp_err_sys(err, -errno, "cannot write %s", f->flag);
	return ret;
}

static int raise_flag(const struct flag *f, const char *package, const char *line, struct klp_err *err)
{
	bool ours = is_ours(f, f->flag);
	int ret = 0;

	if (access(f->flag, F_OK)) {
		/* A list without a flag is somebody's, too. */
		ours = access(f->pkgs, F_OK);
		ret = create(f, err);
		if (ret == -EEXIST)
			ours = false;
		ret = ret == -EEXIST ? 0 : ret;
	}
	if (!ret)
		ret = add_package(f, package, err);
	if (!ret)
		ret = annotate(f, line, err);
	return ret || !ours ? ret : remember_ours(f, err);
}

/* Out of the way first, then looked at: who touches it meanwhile makes a new one, which stays, or is seen, and it comes back. */
static int lower_flag(const struct flag *f, struct klp_err *err)
{
	char aside[PATH_MAX + 16];
	int ret = 0;

	snprintf(aside, sizeof(aside), "%s.quietpatch", f->flag);
	if (rename(f->flag, aside))
		return klp_err_sys(err, -errno, "cannot remove %s", f->flag);
	if (!is_ours(f, aside)) {
		if (link(aside, f->flag) && errno != EEXIST)
			ret = klp_err_sys(err, -errno, "cannot put back %s", f->flag);
	} else if (unlink(f->pkgs)) {
		ret = klp_err_sys(err, -errno, "cannot remove %s", f->pkgs);
	}
	unlink(aside);
	unlink(f->ours);
	return ret;
}

int reboot_flag_set(const char *root, enum reboot_flag how, const char *package, const char *line, struct klp_err *err)
{
	struct flag f;
	bool ours;
	int ret;

	paths(root, &f);
	if (how == REBOOT_FLAG_RAISE)
		return raise_flag(&f, package, line, err);
	ours = is_ours(&f, f.flag);
	if (how == REBOOT_FLAG_LOWER && ours)
		return lower_flag(&f, err);
	ret = annotate(&f, line, err);
	return ret || !ours ? ret : remember_ours(&f, err);
}
