// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prepare_tree.c - the kernel's source tree, configured as the shipped kernel
 * was; prepare_commands.c takes the compile commands out of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "err.h"
#include "io.h"
#include "prepare.h"

static int copy_file(const char *from, const char *to, struct klp_err *err)
{
	void *data;
	size_t len;
	int ret = io_read_file(from, 64u << 20, &data, &len, err);

	if (ret)
		return ret;
	ret = io_write_atomic(to, data, len, 0644, err);
	free(data);
	return ret;
}

int compiler_check(const char *compiler, struct klp_err *err)
{
	char *cc = xstrndup(compiler, strcspn(compiler, " "));
	const char *argv[] = { cc, "--version", NULL };
	struct proc run = { .argv = argv };
	char *out = NULL;
	int ret = proc_capture(&run, &out, err);

	if (ret) {
		klp_err_wrap(err, "the kernel was built with %s", compiler);
	} else {
		out[strcspn(out, "\n")] = '\0';
		if (strcmp(out, compiler))
			ret = klp_err_set(err, -EINVAL,
					  "the kernel was built with \"%s\", but %s here is \"%s\"; only the same compiler gives the same bytes: install that version",
					  compiler, cc, out);
	}
	free(out);
	free(cc);
	return ret;
}

static int configure(const struct prepare *p, struct klp_err *err)
{
	static const char *const olddefconfig[] = { "olddefconfig", NULL };
	static const char *const modules_prepare[] = { "modules_prepare", NULL };
	static const char *const files[] = { ".config", "Module.symvers" };
	const char *from[] = { p->config, p->symvers };
	char *obj = format("%s/obj", p->tmp);
	int ret = io_mkdirs(obj, 0755, err);

	for (size_t i = 0; !ret && i < 2; i++) {
		char *to = format("%s/%s", obj, files[i]);

		ret = copy_file(from[i], to, err);
		free(to);
	}
	if (!ret)
		ret = prepare_make(p, NULL, olddefconfig, err);
	if (!ret)
		ret = prepare_make(p, NULL, modules_prepare, err);
	free(obj);
	return ret;
}

/* Settings that olddefconfig loses for want of Rust's tools. */
static bool is_rust_setting(const char *line)
{
	return starts_with(line, "CONFIG_RUST") || starts_with(line, "CONFIG_BINDGEN_");
}

/*
 * A kernel with Rust is prepared without it: make neither needs rustc then nor
 * builds the Rust libraries.  C code does see CONFIG_RUST (lib/vsprintf.c of
 * 7.3), so the macros of the shipped configuration are put back.
 */
static int carry_rust(const struct prepare *p, struct klp_err *err)
{
	char *header = format("%s/obj/include/generated/autoconf.h", p->tmp);
	struct text t = { 0 };
	void *from = NULL, *to = NULL;
	size_t len;
	int ret = io_read_file(p->config, 16u << 20, &from, &len, err);

	if (!ret)
		ret = io_read_file(header, 16u << 20, &to, &len, err);
	if (ret)
		goto out;
	text_add(&t, to, len);
	for (char *line = from, *end; *line; line = end + (*end != '\0')) {
		size_t name = strcspn(line, "=\n");

		end = line + strcspn(line, "\n");
		if (is_rust_setting(line) && line[name] == '=') {
			const char *value = line + name + 1;
			int n = (int)(end - value);

			text_addf(&t, "#undef %.*s\n#define %.*s %.*s\n", (int)name, line,
				  (int)name, line, n, *value == 'y' ? "1" : value);
		}
	}
	ret = io_write_atomic(header, t.s, t.len, 0644, err);
out:
	text_free(&t);
	free(to);
	free(from);
	free(header);
	return ret;
}

/*
 * olddefconfig must have changed comments only (pahole makes no code, Rust's
 * settings are put back), or the tree isn't the kernel's.
 */
static int check_config(const struct prepare *p, struct klp_err *err)
{
	char *b = format("%s/obj/.config", p->tmp);
	const char *argv[] = { "diff", "-U0", "-I", "^#", "-I", "^CONFIG_PAHOLE_", "-I", "^CONFIG_RUST",
			       "-I", "^CONFIG_BINDGEN_", p->config, b, NULL };
	struct proc run = { .argv = argv, .log_path = p->log };
	int ret = proc_run(&run, err);

	if (ret)
		klp_err_wrap(err, "the source tree or compiler isn't the kernel's: its configuration comes out different");
	free(b);
	return ret;
}

static int check_release(const struct prepare *p, struct klp_err *err)
{
	char *path = format("%s/obj/include/generated/utsrelease.h", p->tmp);
	char *want = format("#define UTS_RELEASE \"%s\"", p->krel);
	void *have = NULL;
	size_t len;
	int ret = io_read_file(path, 4096, &have, &len, err);

	if (!ret && strncmp(have, want, strlen(want)))
		ret = klp_err_set(err, -EINVAL, "the tree calls itself \"%s\", not %s",
				  (const char *)have, p->krel);
	free(have);
	free(want);
	free(path);
	return ret;
}

/* For rewrite_one(): nftw() has no argument to pass. */
static const char *rewrite_from, *rewrite_to;

static int rewrite_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	struct text t = { 0 };
	void *data;
	size_t len;
	int ret = 0;

	(void)ftw;
	if (flag != FTW_F || st->st_size > 16 << 20 ||
	    !(ends_with(path, ".cmd") || ends_with(path, ".d") || ends_with(path, "/Makefile")))
		return 0;
	if (io_read_file(path, 16u << 20, &data, &len, NULL))
		return -1;
	if (memmem(data, len, rewrite_from, strlen(rewrite_from))) {
		struct timespec times[2] = { st->st_atim, st->st_mtim };

		text_add_replaced(&t, data, len, rewrite_from, rewrite_to);
		/* Keep the time, so that make sees nothing to do. */
		if (io_write_atomic(path, t.s, t.len, 0644, NULL) ||
		    utimensat(AT_FDCWD, path, times, 0))
			ret = -1;
	}
	text_free(&t);
	free(data);
	return ret;
}

/* obj/ holds the tree's absolute path in its Makefile and in kbuild's .cmd files. */
static int rewrite_paths(const struct prepare *p, struct klp_err *err)
{
	char *obj = format("%s/obj", p->tmp), *link = format("%s/obj/source", p->tmp);
	char *src = format("%s/src", p->final);
	int ret = 0;

	rewrite_from = p->tmp;
	rewrite_to = p->final;
	if (nftw(obj, rewrite_one, 32, FTW_PHYS))
		ret = klp_err_sys(err, -EIO, "cannot rewrite the paths in %s", obj);
	if (!ret && ((unlink(link) && errno != ENOENT) || symlink(src, link)))
		ret = klp_err_sys(err, -errno, "cannot link %s", link);
	free(src);
	free(link);
	free(obj);
	return ret;
}

int prepare_tree(struct prepare *p, const char *source_deb, struct klp_err *err)
{
	int ret = compiler_check(p->compiler, err);

	if (ret)
		return ret;
	report_stage(p->report, "source");
	ret = prepare_source(p, source_deb, err);
	if (ret)
		return ret;
	report_stage_end(p->report, "%s %s", source_deb ? p->source_package : p->given.source,
			 p->version);
	report_stage(p->report, "configure");
	ret = configure(p, err);
	if (!ret)
		ret = check_config(p, err);
	if (!ret)
		ret = carry_rust(p, err);
	if (!ret)
		ret = check_release(p, err);
	if (ret)
		return ret;
	report_stage_end(p->report, "olddefconfig, modules_prepare");
	ret = prepare_commands(p, err);
	if (!ret)
		ret = rewrite_paths(p, err);
	return ret;
}
