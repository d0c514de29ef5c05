// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recipe_resolve.c - take a recipe's change out of two source packages.
 *
 * The base is the target's own tree.  Of the fixed version only the files that
 * recipes name are unpacked, to $KLP_CACHE/sources/PACKAGE_VERSION/; its .deb
 * is kept, so that the next recipe needs no download.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "err.h"
#include "fix.h"
#include "io.h"
#include "target/fetch.h"
#include "target/prepare.h"
#include "target/target.h"

#define SOURCE_MAX	(16u << 20)	/* bytes of one source file */

/* The newest version there is that has the fix. */
static int pick_version(const struct target *t, const struct recipe *rec, char **version,
			struct klp_err *err)
{
	const struct recipe_source *src = NULL;
	struct strings versions = { 0 };
	int ret;

	for (size_t i = 0; i < rec->nr_sources; i++)
		if (!strcmp(rec->sources[i].package, t->source_package))
			src = &rec->sources[i];
	if (!src)
		return klp_err_set(err, -ENOENT,
				   "the recipe %s has no source for kernels of %s, which %s is built from",
				   rec->name, t->source_package, t->krel);
	if (!version_less(t->version, src->version))
		return klp_err_set(err, -ENODATA, "%s is built from %s %s, which has the fix already (since %s)",
				   t->krel, src->package, t->version, src->version);
	ret = fetch_versions(src->package, &versions, err);
	if (!ret && (!versions.nr || version_less(versions.list[0], src->version)))
		ret = klp_err_set(err, -ENOENT,
				  "the fix is in %s %s and later, but the newest that apt has is %s; run `apt-get update`",
				  src->package, src->version,
				  versions.nr ? versions.list[0] : "none");
	if (!ret) {
		*version = xstrdup(versions.list[0]);
	}
	strings_free(&versions);
	return ret;
}

/* Unpack @files of the package's tarball into @dir. */
static int unpack_files(const char *package, const char *version, const char *deb,
			const struct strings *files, const char *dir, struct klp_err *err)
{
	char *tmp = format("%s.tmp", dir), *tar = format("%s/usr/src/%s.tar.xz", tmp, package);
	char *log = format("%s/log", tmp);
	const char **argv = xcalloc(files->nr + 8, sizeof(*argv));
	struct strings members = { 0 };
	struct proc p = { .argv = argv, .log_path = log };
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < files->nr; i++) {
		char *m = format("%s/%s", package, files->list[i]);

		strings_add(&members, m);
		free(m);
	}
	ret = fetch_unpack(deb, tmp, err);
	if (!ret)
		ret = io_mkdirs(dir, 0755, err);
	if (!ret) {
		argv[n++] = "tar";
		argv[n++] = "-xf";
		argv[n++] = tar;
		argv[n++] = "-C";
		argv[n++] = dir;
		argv[n++] = "--strip-components=1";
		/* Stop reading when all are found. */
		argv[n++] = "--occurrence=1";
		for (size_t i = 0; i < members.nr; i++)
			argv[n++] = members.list[i];
		if (proc_run(&p, err))
			ret = klp_err_wrap(err, "%s %s lacks a file that the recipe names", package,
					   version);
	}
	remove_tree(tmp, NULL);
	strings_free(&members);
	free(argv);
	free(log);
	free(tar);
	free(tmp);
	return ret;
}

int fix_fetch_source(const char *package, const char *version, struct report *r, char **deb,
		     struct klp_err *err)
{
	char *dir = format("%s/packages/%s_%s", cache_dir(), package, version);
	char *spec = format("%s=%s", package, version);
	int ret = 0;

	/* apt-get download leaves a complete file alone. */
	ret = fetch_download(spec, dir, r, deb, err);
	free(spec);
	free(dir);
	return ret;
}

/* Make sure that the recipe's files of that version are in @dir. */
static int provide_files(const char *package, const char *version, const struct recipe *rec,
			 const char *dir, struct report *r, struct klp_err *err)
{
	struct strings missing = { 0 };
	char *lock_path = format("%s.lock", dir), *deb = NULL;
	int lock = -1, ret = io_mkdirs(dir, 0755, err);

	if (!ret) {
		lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (lock < 0 || flock(lock, LOCK_EX))
			ret = klp_err_sys(err, -errno, "cannot lock %s", lock_path);
	}
	for (size_t i = 0; !ret && i < rec->nr_files; i++) {
		char *path = format("%s/%s", dir, rec->files[i].path);

		if (access(path, R_OK))
			strings_add(&missing, rec->files[i].path);
		free(path);
	}
	if (!ret && missing.nr) {
		report_verbose(r, "fetching %s %s", package, version);
		ret = fix_fetch_source(package, version, r, &deb, err);
		if (!ret)
			ret = unpack_files(package, version, deb, &missing, dir, err);
	}
	if (lock >= 0)
		close(lock);
	free(deb);
	free(lock_path);
	strings_free(&missing);
	return ret;
}

/* 1 from diff means that they differ. */
int fix_make_diff(const char *base, const char *fixed, const char *path, struct text *out,
		  struct klp_err *err)
{
	char *a = strcmp(base, "/dev/null") ? format("a/%s", path) : xstrdup(base), *b = format("b/%s", path), *out_path = NULL;
	char tmp[] = "/tmp/klp-build.XXXXXX";
	int fd = mkostemp(tmp, O_CLOEXEC), ret = 0;
	const char *argv[] = { "diff", "-up", "--label", a, "--label", b, base, tmp, NULL };
	struct proc p = { .argv = argv };
	void *text = NULL;
	size_t len;

	if (fd < 0 || io_write_all(fd, fixed, strlen(fixed))) {
		ret = klp_err_sys(err, -EIO, "cannot write to /tmp");
		goto out;
	}
	out_path = format("%s.diff", tmp);
	p.out_path = out_path;
	ret = proc_run(&p, err);
	if (ret == -ECHILD)
		ret = io_read_file(out_path, SOURCE_MAX, &text, &len, err);
	if (!ret && text)
		text_add(out, text, len);
out:
	if (fd >= 0) {
		close(fd);
		unlink(tmp);
	}
	if (out_path)
		unlink(out_path);
	free(out_path);
	free(text);
	free(a);
	free(b);
	return ret;
}

static int resolve_file(const struct target *t, const struct recipe_file *want, const char *dir,
			struct text *diff, struct klp_err *err)
{
	char *base_path = format("%s/src/%s", t->dir, want->path);
	char *fixed_path = format("%s/%s", dir, want->path);
	void *base = NULL, *fixed = NULL;
	char *selected = NULL;
	size_t len;
	int ret = io_read_file(base_path, SOURCE_MAX, &base, &len, err);

	if (!ret)
		ret = io_read_file(fixed_path, SOURCE_MAX, &fixed, &len, err);
	if (!ret && want->functions.nr + want->also.nr)
		ret = hunks_select(base, fixed, want, &selected, err);
	if (!ret)
		ret = fix_make_diff(base_path, selected ? selected : fixed, want->path, diff, err);
	free(selected);
	free(fixed);
	free(base);
	free(fixed_path);
	free(base_path);
	return ret;
}

int recipe_resolve(const struct target *t, const struct recipe *rec, struct report *r, char **diff,
		   char **origin, struct klp_err *err)
{
	const char *package = t->source_package;
	char *version = NULL, *dir = NULL;
	struct text out = { 0 };
	struct klp_err same = { 0 };	/* of a file where nothing differs */
	int ret;

	ret = pick_version(t, rec, &version, err);
	if (ret)
		return ret;
	dir = format("%s/sources/%s_%s", cache_dir(), package, version);
	ret = provide_files(package, version, rec, dir, r, err);
	for (size_t i = 0; !ret && i < rec->nr_files; i++) {
		ret = resolve_file(t, &rec->files[i], dir, &out, err);
		if (ret == -ENODATA) {
			same = *err;
			*err = (struct klp_err){ 0 };
			ret = 0;
		}
	}
	/* The kernel may have a part of the fix, or a function's name be a slip, and then this were half a fix. */
	if (!ret && same.code && out.len)
		ret = klp_err_set(err, -EINVAL, "%s, but in other files of the recipe something does: leave out what %s has already",
				  same.text, t->krel);
	if (!ret && !out.len)
		ret = klp_err_set(err, -ENODATA, "%s %s and %s have the same files", package, version,
				  t->version);
	if (!ret) {
		*origin = format("%s %s", package, version);
		*diff = text_take(&out);
	}
	text_free(&out);
	free(dir);
	free(version);
	return ret ? klp_err_wrap(err, "recipe %s", rec->name) : 0;
}
