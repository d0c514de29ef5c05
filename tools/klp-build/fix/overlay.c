// SPDX-License-Identifier: GPL-2.0-or-later
/* overlay.c - see overlay.h. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/build.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "overlay.h"
#include "fix.h"
#include "io.h"
#include "target/target.h"

#define SOURCE_MAX	(16u << 20)

/* A real folder @to with a link to each entry of @from. */
static int link_entries(const char *from, const char *to, struct klp_err *err)
{
	struct dirent *de;
	DIR *d = opendir(from);
	int ret = 0;

	if (!d)
		return klp_err_sys(err, -errno, "cannot read %s", from);
	if (mkdir(to, 0755))
		ret = klp_err_sys(err, -errno, "cannot create %s", to);
	while (!ret && (de = readdir(d))) {
		char *a, *b;

		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		a = format("%s/%s", from, de->d_name);
		b = format("%s/%s", to, de->d_name);
		if (symlink(a, b))
			ret = klp_err_sys(err, -errno, "cannot link %s", b);
		free(a);
		free(b);
	}
	closedir(d);
	return ret;
}

/* One component: @dir is real up to its last one. */
static int make_real(const struct build *b, const char *dir, struct klp_err *err)
{
	char *from = format("%s/src/%s", b->target->dir, dir);
	char *to = format("%s/patched/%s", b->workdir, dir);
	struct stat st;
	int ret = 0;

	if (!lstat(to, &st) && S_ISLNK(st.st_mode)) {
		if (unlink(to))
			ret = klp_err_sys(err, -errno, "cannot replace %s", to);
		else
			ret = link_entries(from, to, err);
	}
	free(to);
	free(from);
	return ret;
}

int overlay_real_dir(const struct build *b, const char *dir, struct klp_err *err)
{
	int ret = 0;

	for (const char *s = dir; *s && !ret;) {
		char *part;

		s += strcspn(s, "/");
		part = xstrndup(dir, (size_t)(s - dir));
		path_fold(part);
		if (*part)
			ret = make_real(b, part, err);
		free(part);
		s += *s == '/';
	}
	return ret;
}

int overlay_real_dirs_of(const struct build *b, const char *path, struct klp_err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup("");
	int ret = overlay_real_dir(b, dir, err);

	free(dir);
	return ret;
}

/* The touched file as a copy, so that patch changes ours and not the pristine one. */
static int make_copy(const struct build *b, const struct fix_file *f, struct klp_err *err)
{
	char *from = format("%s/src/%s", b->target->dir, f->path);
	char *to = format("%s/patched/%s", b->workdir, f->path);
	const char *slash = strrchr(f->path, '/');
	char *dir = slash ? xstrndup(f->path, (size_t)(slash - f->path)) : xstrdup("");
	void *data = NULL;
	size_t len;
	int ret = overlay_real_dir(b, dir, err);

	if (ret || f->created)
		goto out;
	if (access(from, R_OK)) {
		ret = klp_err_set(err, -ENOENT, "the fix changes %s, which the source of %s doesn't have",
				  f->path, b->target->version);
		goto out;
	}
	ret = io_read_file(from, SOURCE_MAX, &data, &len, err);
	if (!ret && unlink(to))
		ret = klp_err_sys(err, -errno, "cannot replace %s", to);
	if (!ret)
		ret = io_write_new(to, data, len, 0644, err);
out:
	free(data);
	free(dir);
	free(to);
	free(from);
	return ret;
}

/* Is it a file that #line means something in? */
static bool is_c(const char *path)
{
	return ends_with(path, ".c") || ends_with(path, ".h");
}

static int mark_file(const struct build *b, const struct fix_file *f, bool on, struct klp_err *err)
{
	char *orig_path = format("%s/src/%s", b->target->dir, f->path);
	char *path = format("%s/patched/%s", b->workdir, f->path);
	char *kept_path = format("%s.unmarked", path);
	void *orig = NULL, *patched = NULL;
	char *text = NULL;
	size_t len;
	int ret = 0;

	if (!on) {
		if (rename(kept_path, path) && errno != ENOENT)
			ret = klp_err_sys(err, -errno, "cannot restore %s", path);
		goto out;
	}
	if (!ret)
		ret = io_read_file(orig_path, SOURCE_MAX, &orig, &len, err);
	if (!ret)
		ret = io_read_file(path, SOURCE_MAX, &patched, &len, err);
	if (!ret)
		text = line_markers_add(orig, patched);
	if (!ret && rename(path, kept_path))
		ret = klp_err_sys(err, -errno, "cannot rename %s", path);
	if (!ret)
		ret = io_write_new(path, text, strlen(text), 0644, err);
out:
	free(text);
	free(patched);
	free(orig);
	free(kept_path);
	free(path);
	free(orig_path);
	return ret;
}

int overlay_line_markers(const struct build *b, bool on, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->fix->nr_files && !ret; i++) {
		const struct fix_file *f = &b->fix->files[i];

		if (fix_file_applies(f) && is_c(f->path) && !f->created && !f->deleted)
			ret = mark_file(b, f, on, err);
	}
	return ret;
}

int overlay_link(const struct build *b, struct klp_err *err)
{
	char *from = format("%s/src", b->target->dir), *to = format("%s/patched", b->workdir);
	int ret = link_entries(from, to, err);

	free(to);
	free(from);
	return ret;
}

int overlay_show(const struct build *b, const char *path, const char *text, struct klp_err *err)
{
	char *to = format("%s/patched/%s", b->workdir, path), *slash = strrchr(to, '/');
	int ret = overlay_real_dirs_of(b, path, err);

	if (!ret) {
		*slash = '\0';
		ret = io_mkdirs(to, 0755, err);
		*slash = '/';
	}
	if (!ret && unlink(to) && errno != ENOENT)
		ret = klp_err_sys(err, -errno, "cannot replace %s", to);
	if (!ret && text && symlink(text, to))
		ret = klp_err_sys(err, -errno, "cannot link %s", to);
	free(to);
	return ret;
}

int overlay_create(struct build *b, struct klp_err *err)
{
	char *to = format("%s/patched", b->workdir);
	int ret = overlay_link(b, err);

	for (size_t i = 0; i < b->fix->nr_files && !ret; i++)
		if (fix_file_applies(&b->fix->files[i]))
			ret = make_copy(b, &b->fix->files[i], err);
	if (!ret)
		ret = fix_files_apply(b->fix->files, b->fix->nr_files, b->fix->diff, b->fix->nr_parts > 1, to, b->report, err);
	if (!ret && !report_nr_refusals(b->report))
		ret = overlay_line_markers(b, true, err);
	free(to);
	return ret;
}
