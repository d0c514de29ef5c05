// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prepare_commands.c - the command that compiles each object of a kernel, and that none is missing.
 *
 * The commands come out of one `make -n`: running make for each unit costs seconds, running its
 * command a fraction of one.  A unit whose command got lost would never be compiled, and a fix of it
 * be "no change": so witness.c has the last word.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "dryrun.h"
#include "err.h"
#include "io.h"
#include "prepare.h"
#include "witness.h"

#define TEXT_MAX	(256u << 20)

/* `make -n` of everything into @d; -k, since some goals need files that were never made. */
static int read_dry_run(const struct prepare *p, const char *dry, struct dry_run *d, struct klp_err *err)
{
	static const char *const goals[] = { "-n", "-k", "vmlinux", "modules", NULL };
	struct klp_err said = { 0 };
	char *line = NULL;
	size_t cap = 0;
	FILE *f = NULL;
	ssize_t n;
	int ret = prepare_make(p, dry, goals, &said);

	if (ret && ret != -ECHILD)
		return klp_err_set(err, ret, "%s", said.text);
	f = fopen(dry, "re");
	if (!f)
		return klp_err_sys(err, -errno, "cannot open %s", dry);
	ret = 0;
	while (!ret && (n = getline(&line, &cap, f)) > 0)
		ret = dry_run_line(d, line, (size_t)n, err);
	if (!ret && ferror(f))
		ret = klp_err_sys(err, -EIO, "cannot read %s", dry);
	free(line);
	fclose(f);
	if (!ret && !d->nr_commands)
		ret = klp_err_set(err, -EBADMSG, "`make -n` gave no compile command: %s", said.text);
	return ret ? ret : dry_run_sort(d, err);
}

static int write_commands(const struct prepare *p, const struct dry_run *d, struct klp_err *err)
{
	char *path = format("%s/commands", p->tmp);
	struct text t = { 0 }, final = { 0 };
	int ret;

	for (size_t i = 0; i < d->nr_commands; i++)
		text_addf(&t, "%s\t%s\n", d->commands[i].object, d->commands[i].command);
	if (t.len)
		text_add_replaced(&final, t.s, t.len, p->tmp, p->final);
	ret = io_write_atomic(path, final.s, final.len, 0644, err);
	text_free(&t);
	text_free(&final);
	free(path);
	return ret;
}

/* ---- what was shipped ---- */

/* Hands the text of a file to @add; one that isn't there says nothing if @optional. */
static int add_from(const char *path, bool optional, int (*add)(const char *text, struct strings *out),
		    struct strings *out, struct klp_err *err)
{
	void *text;
	size_t len;
	int ret;

	if (optional && access(path, F_OK))
		return 0;
	ret = io_read_file(path, TEXT_MAX, &text, &len, err);
	if (ret)
		return ret;
	ret = add(text, out);
	free(text);
	return ret ? klp_err_sys(err, ret, "%s", path) : 0;
}

static int add_files(const char *path, struct strings *out, struct klp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st)) {
		ret = klp_err_sys(err, -errno, "cannot read %s", path);
	} else if (st.st_size) {
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data == MAP_FAILED) {
			ret = klp_err_sys(err, -errno, "cannot read %s", path);
		} else {
			witness_files(data, (size_t)st.st_size, out);
			munmap(data, (size_t)st.st_size);
		}
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

/* All modules' contents, one behind the other. */
static int add_module_files(const struct prepare *p, const char *modules, struct strings *out, struct klp_err *err)
{
	static const char script[] =
		"cd \"$1\" && find . -name '*.ko' -exec cat {} + && find . -name '*.ko.xz' -exec xz -dc {} + &&"
		" find . -name '*.ko.zst' -exec zstd -dcq {} + && find . -name '*.ko.gz' -exec gzip -dc {} +";
	char *all = format("%s/all-modules", p->tmp);
	const char *argv[] = { "sh", "-c", script, "sh", modules, NULL };
	struct proc cat = { .argv = argv, .out_path = all, .log_path = p->log };
	int ret = proc_run(&cat, err);

	if (!ret)
		ret = add_files(all, out, err);
	unlink(all);
	free(all);
	return ret;
}

/* @name below the tree; an absolute one was below the build's folder.  NULL: no such file. */
static char *in_tree(const struct prepare *p, const char *name)
{
	bool absolute = *name == '/';

	while (name) {
		char *path = format("%s/src/%s", p->tmp, name);
		bool there = !access(path, F_OK);

		free(path);
		if (there) {
			path = xstrdup(name);
			path_fold(path);
			return path;
		}
		name = absolute ? strchr(name, '/') : NULL;
		name += !!name;
	}
	return NULL;
}

/* All C sources that those with a command include, and what those include in turn. */
static void add_included(const struct prepare *p, const struct dry_run *d, struct strings *out)
{
	size_t nr = d->sources.nr;

	for (size_t i = 0; i < nr + out->nr; i++) {
		const char *source = i < nr ? d->sources.list[i] : out->list[i - nr];
		const char *slash = strrchr(source, '/');
		char *path = format("%s/src/%s", p->tmp, source);
		char *folder = xstrndup(source, slash ? (size_t)(slash - source) : 0);
		struct strings more = { 0 };
		void *text = NULL;
		size_t len;

		/* Generated sources aren't in the tree, and not each name that an include may mean is there. */
		if (!io_read_file(path, 64u << 20, &text, &len, NULL))
			witness_includes(text, folder, &more);
		for (size_t k = 0; k < more.nr; k++)
			strings_add_once(out, more.list[k]);
		strings_free(&more);
		free(text);
		free(folder);
		free(path);
	}
}

/* Of what the tree is prepared without: see carry_rust(). */
static bool is_rusts(const char *source)
{
	return starts_with(source, "rust/");
}

/* The sources that image and modules name, but for those that others include. */
static int add_named_sources(const struct prepare *p, const struct dry_run *d, const char *modules,
			     struct strings *out, struct klp_err *err)
{
	char *image = format("%s/vmlinux", p->tmp);
	struct strings names = { 0 }, included = { 0 };
	int ret = add_files(image, &names, err);

	if (!ret)
		ret = add_module_files(p, modules, &names, err);
	if (!ret)
		add_included(p, d, &included);
	for (size_t i = 0; !ret && i < names.nr; i++) {
		char *name = in_tree(p, names.list[i]);

		if (name && !is_rusts(name) &&
		    (dry_run_compiles(d, name) || !strings_have(&included, name)))
			strings_add(out, name);
		free(name);
	}
	strings_free(&included);
	strings_free(&names);
	free(image);
	return ret;
}

/* A module of Rust, which the tree is prepared without, or of another tree. */
static bool not_of_this_tree(const struct prepare *p, const char *modules, const char *name)
{
	static const char script[] =
		"n=1; for f in \"$1/kernel/$2\".ko* \"$1/$2\".ko*; do [ -e \"$f\" ] || continue; n=0; case $f in"
		" *.xz) xz -dc \"$f\" ;; *.zst) zstd -dcq \"$f\" ;; *.gz) gzip -dc \"$f\" ;; *) cat \"$f\" ;; esac |"
		" grep -qa 'intree=Y' && exit 1; done; exit $n";
	const char *argv[] = { "sh", "-c", script, "sh", modules, name, NULL };
	struct proc look = { .argv = argv, .log_path = p->log };
	char *rust = format("%s/src/%s.rs", p->tmp, name);
	bool is = rust && (!access(rust, F_OK) || !proc_run(&look, NULL));

	free(rust);
	return is;
}

/* modules.builtin has the same form but for the colon. */
static int gather(const struct prepare *p, const struct dry_run *d, struct shipped *s, struct klp_err *err)
{
	char *modules = format("%s/modules/lib/modules/%s", p->tmp, p->krel);
	char *dep = format("%s/modules.dep", modules), *builtin = format("%s/modules.builtin", modules);
	char *symbols = format("%s/symbols", p->tmp);
	struct strings all = { 0 }, in_image = { 0 };
	int ret = add_from(dep, false, witness_modules, &all, err);

	if (!ret)
		ret = add_from(p->symvers, false, witness_owners, &all, err);
	if (!ret)
		ret = add_from(builtin, true, witness_modules, &in_image, err);
	if (!ret)
		ret = add_from(symbols, false, witness_initcalls, &s->initcalls, err);
	witness_unique(&all);
	for (size_t i = 0; !ret && i < all.nr; i++) {
		char *list = format("%s.mod", all.list[i]);

		if (dry_run_list(d, list) || !not_of_this_tree(p, modules, all.list[i]))
			strings_add(&s->modules, all.list[i]);
		free(list);
	}
	for (size_t i = 0; !ret && i < in_image.nr; i++) {
		char *rust = format("%s/src/%s.rs", p->tmp, in_image.list[i]);

		if (access(rust, F_OK))
			strings_add(&s->builtin, in_image.list[i]);
		free(rust);
	}
	if (!ret)
		ret = add_named_sources(p, d, modules, &s->files, err);
	strings_free(&in_image);
	strings_free(&all);
	free(symbols);
	free(builtin);
	free(dep);
	free(modules);
	return ret;
}

int prepare_commands(const struct prepare *p, struct klp_err *err)
{
	char *dry = format("%s/make-n", p->tmp), *link = format("%s/src", p->tmp);
	/* As make names it, whatever links lead there. */
	char *src = realpath(link, NULL);
	struct dry_run d = { .cc = p->cc, .src = src };
	struct shipped s = { 0 };
	struct witness w = { 0 };
	int ret = src ? 0 : klp_err_sys(err, -errno, "cannot find %s", link);

	report_stage(p->report, "commands");
	if (!ret)
		ret = read_dry_run(p, dry, &d, err);
	if (!ret)
		report_stage_end(p->report, "%zu objects", d.nr_commands);
	report_stage(p->report, "complete?");
	if (!ret)
		ret = gather(p, &d, &s, err);
	if (!ret)
		ret = witness_check(&d, &s, &w, err);
	if (ret == -EBADMSG)
		klp_err_wrap(err, "the compile commands aren't complete, and a fix could be built by half (run it again; if that doesn't help, report it with %s and its makefiles)",
			     dry);
	if (!ret)
		ret = write_commands(p, &d, err);
	if (!ret) {
		report_stage_end(p->report, "%zu objects of %zu archives and %zu modules; %zu modules, %zu sources, %zu initcalls as shipped",
				 w.objects, w.archives, w.modules, s.modules.nr + s.builtin.nr, s.files.nr, s.initcalls.nr);
		unlink(dry);
	}
	strings_free(&s.modules);
	strings_free(&s.builtin);
	strings_free(&s.initcalls);
	strings_free(&s.files);
	dry_run_free(&d);
	free(src);
	free(link);
	free(dry);
	return ret;
}
