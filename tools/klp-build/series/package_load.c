// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_load.c - which files differ between the target's source package and
 * a newer one, and their texts.
 *
 * The newer tarball is unpacked once; only what differs from the target's tree
 * is kept, in $KLP_CACHE/sources/PACKAGE_VERSION-over-BASE/, with the changelog.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "err.h"
#include "io.h"
#include "package.h"
#include "select/file_state.h"
#include "select/select.h"
#include "target/fetch.h"
#include "target/prepare.h"
#include "target/target.h"

#define SOURCE_MAX	(64u << 20)
#define TEXT_MAX	(2 << 20)	/* larger headers are register lists */

/* nftw() has no argument to hand on. */
static struct {
	const char *base, *tree;
	struct strings *files;
} walk;

static bool is_same(const char *a, const char *b)
{
	void *x = NULL, *y = NULL;
	size_t n, m;
	struct stat sa, sb;
	bool same = !stat(a, &sa) && !stat(b, &sb) && sa.st_size == sb.st_size &&
		    !io_read_file(a, SOURCE_MAX, &x, &n, NULL) &&
		    !io_read_file(b, SOURCE_MAX, &y, &m, NULL) && n == m && !memcmp(x, y, n);

	free(x);
	free(y);
	return same;
}

/* Drop what the target has as well; remember the rest. */
static int visit(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	const char *rel = path + strlen(walk.tree) + 1;
	char *base;

	(void)ftw;
	if (flag == FTW_DP) {
		rmdir(path);	/* only when empty: that is what's wanted */
		return 0;
	}
	base = format("%s/%s", walk.base, rel);
	if (flag != FTW_F || !S_ISREG(st->st_mode) || source_left_out(rel) || is_same(base, path))
		unlink(path);
	else
		strings_add(walk.files, rel);
	free(base);
	return 0;
}

static int keep_changed(const struct target *t, const char *tree, struct strings *files,
			struct klp_err *err)
{
	char *base = format("%s/src", t->dir);
	int ret;

	walk.base = base;
	walk.tree = tree;
	walk.files = files;
	ret = nftw(tree, visit, 64, FTW_DEPTH | FTW_PHYS) < 0 ? klp_err_sys(err, -errno, "comparing %s", tree) : 0;
	free(base);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Changelog and tarball out of the package, the differing files into @dir/tree, their names into @dir/list. */
static int unpack(const struct target *t, const char *package, const char *deb, const char *dir,
		  struct klp_err *err)
{
	char *x = format("%s/x", dir), *tree = format("%s/tree", dir), *log = format("%s/log", dir);
	char *tar = format("%s/usr/src/%s.tar.xz", x, package), *list = format("%s/list", dir);
	char *gz = format("%s/usr/share/doc/%s/changelog.Debian.gz", x, package);
	char *changelog = format("%s/changelog", dir), *no_docs = format("%s/Documentation", package);
	const char *untar[] = { "tar", "-xf", tar, "-C", tree, "--strip-components=1", "--anchored",
				"--exclude", no_docs, NULL };
	const char *gunzip[] = { "gzip", "-dc", gz, NULL };
	struct proc p = { .argv = untar, .log_path = log };
	struct proc q = { .argv = gunzip, .log_path = log, .out_path = changelog };
	struct strings files = { 0 };
	struct text text = { 0 };
	int ret = fetch_unpack(deb, x, err);

	if (!ret)
		ret = io_mkdirs(tree, 0755, err);
	if (!ret)
		ret = proc_run(&p, err);
	/* Without a changelog there are no CVE numbers; that's all. */
	if (!ret && !access(gz, R_OK))
		ret = proc_run(&q, err);
	if (!ret)
		ret = keep_changed(t, tree, &files, err);
	if (!ret && files.nr)
		qsort(files.list, files.nr, sizeof(*files.list), by_name);
	for (size_t i = 0; !ret && i < files.nr; i++)
		text_addf(&text, "%s\n", files.list[i]);
	if (!ret)
		ret = remove_tree(x, err);
	if (!ret)
		ret = io_write_atomic(list, text.s ? text.s : "", text.len, 0644, err);
	text_free(&text);
	strings_free(&files);
	free(no_docs);
	free(changelog);
	free(gz);
	free(list);
	free(tar);
	free(log);
	free(tree);
	free(x);
	return ret;
}

/* Make p->dir if it isn't there; one process at a time. */
static int provide(struct pkg *p, struct report *r, struct klp_err *err)
{
	char *list = format("%s/list", p->dir), *lock_path = format("%s.lock", p->dir), *deb = NULL;
	int lock = -1, ret = io_mkdirs(p->dir, 0755, err);

	if (!ret) {
		lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (lock < 0 || flock(lock, LOCK_EX))
			ret = klp_err_sys(err, -errno, "cannot lock %s", lock_path);
	}
	if (!ret && access(list, R_OK)) {
		report_verbose(r, "fetching %s %s", p->package, p->version);
		ret = fix_fetch_source(p->package, p->version, r, &deb, err);
		if (!ret)
			ret = remove_tree(p->dir, err);
		if (!ret)
			ret = io_mkdirs(p->dir, 0755, err);
		if (!ret)
			ret = unpack(p->target, p->package, deb, p->dir, err);
		/* Half of a source tree is of no use, and a gigabyte. */
		if (ret)
			remove_tree(p->dir, NULL);
	}
	if (lock >= 0)
		close(lock);
	free(deb);
	free(lock_path);
	free(list);
	return ret;
}

static int read_text(const char *dir, const char *path, char **out, struct klp_err *err)
{
	char *full = format("%s/%s", dir, path);
	void *text = NULL;
	size_t len;
	struct stat st;
	int ret = 0;

	if (!stat(full, &st) && st.st_size <= TEXT_MAX)
		ret = io_read_file(full, SOURCE_MAX, &text, &len, err);
	free(full);
	*out = text;
	return ret;
}

/* What the kernel's commands compile, in one spelling: "virt/kvm/kvm_main.c". */
static void load_sources(struct pkg *p)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(p->target, &nr_commands);
	char *src = format("%s/src/", p->target->dir);

	p->sources.list = xcalloc(nr_commands + 1, sizeof(*p->sources.list));
	for (size_t i = 0; i < nr_commands; i++) {
		const char *last = strrchr(commands[i].command, ' ');
		char *source = last && starts_with(last + 1, src) ? xstrdup(last + 1 + strlen(src)) : NULL;

		if (!source)
			continue;
		path_fold(source);
		p->sources.list[p->sources.nr++] = source;
	}
	if (p->sources.nr)
		qsort(p->sources.list, p->sources.nr, sizeof(*p->sources.list), by_name);
	free(src);
}

bool pkg_is_source(const struct pkg *p, const char *path)
{
	return p->sources.nr && bsearch(&path, p->sources.list, p->sources.nr, sizeof(*p->sources.list), by_name);
}

/* Another file than a unit: may it be a part of one? */
static bool is_part(const struct pkg *p, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < p->parts.nr; i++) {
		size_t n = strlen(p->parts.list[i]);

		if (n <= len && !strcmp(path + len - n, p->parts.list[i]) && (n == len || path[len - n - 1] == '/'))
			return true;
	}
	return false;
}

/* Texts of what this kernel's build reads: its units and all headers; others are told by their kind. */
static int add_file(struct pkg *p, const char *path, struct klp_err *err)
{
	char *src = format("%s/src", p->target->dir), *tree = format("%s/tree", p->dir);
	struct pkg_file *f = &p->files[p->nr_files];
	bool included = ends_with(path, ".h");
	int ret = 0;

	*f = (struct pkg_file){ .path = xstrdup(path) };
	p->nr_files++;
	f->unit = ends_with(path, ".c") && pkg_is_source(p, path);
	/* build_policy.c includes rt.c. */
	included |= ends_with(path, ".c") && is_part(p, path);
	f->text = f->unit || included;
	if (f->text)
		ret = read_text(src, path, &f->base, err);
	if (!ret && f->text)
		ret = read_text(tree, path, &f->fixed, err);
	if (!ret && f->text)
		pkg_split(f);
	free(tree);
	free(src);
	return ret;
}

static int load_list(struct pkg *p, struct klp_err *err)
{
	char *path = format("%s/list", p->dir), *line, *next;
	void *text = NULL;
	size_t len, n = 0;
	int ret = io_read_file(path, SOURCE_MAX, &text, &len, err);

	for (const char *s = text; s && *s; s++)
		n += *s == '\n';
	if (!ret)
		p->files = xcalloc(n + 1, sizeof(*p->files));
	for (line = text; !ret && line && *line; line = next) {
		next = strchr(line, '\n');
		if (!next)
			break;
		*next++ = '\0';
		if (strlen(line) > 2)
			ret = add_file(p, line, err);
	}
	free(text);
	free(path);
	return ret;
}

int pkg_load(const struct target *t, const char *version, struct report *r, struct pkg *out,
	     struct klp_err *err)
{
	struct pkg p = { .target = t };
	int ret = 0;

	if (strpbrk(version, "/ \t="))
		return klp_err_set(err, -EINVAL, "\"%s\" isn't a version of a package", version);
	if (!version_less(t->version, version))
		return klp_err_set(err, -ENODATA, "%s is built from %s, which is as new as %s: nothing to do",
				   t->krel, t->version, version);
	p.package = xstrdup(t->source_package);
	p.version = xstrdup(version);
	p.origin = format("%s %s over %s", t->source_package, version, t->version);
	p.dir = format("%s/sources/%s_%s-over-%s", cache_dir(), t->source_package, version,
		       t->version);
	ret = provide(&p, r, err);
	if (!ret)
		load_sources(&p);
	if (!ret)
		ret = includes_parts(t, &p.parts, err);
	if (!ret)
		ret = load_list(&p, err);
	if (ret) {
		pkg_free(&p);
		return klp_err_wrap(err, "cannot compare with version %s", version);
	}
	*out = p;
	return 0;
}

void pkg_free(struct pkg *p)
{
	for (size_t i = 0; i < p->nr_files; i++) {
		struct pkg_file *f = &p->files[i];

		pkg_unsplit(f);
		free(f->base);
		free(f->fixed);
		free(f->path);
	}
	free(p->files);
	strings_free(&p->parts);
	strings_free(&p->sources);
	free(p->dir);
	free(p->origin);
	free(p->version);
	free(p->package);
	*p = (struct pkg){ 0 };
}

struct pkg_file *pkg_find(const struct pkg *p, const char *path)
{
	for (size_t i = 0; i < p->nr_files; i++)
		if (!strcmp(p->files[i].path, path))
			return &p->files[i];
	return NULL;
}
