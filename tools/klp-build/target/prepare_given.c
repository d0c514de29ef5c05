// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prepare_given.c - a target of a kernel that no package is of: built by hand,
 * of another distribution, or installed while its packages are gone.
 *
 * Source, configuration, Module.symvers and image are given, and may be
 * anything: whether they are one build is found out before anything is compiled.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/text.h"
#include "err.h"
#include "inputs.h"
#include "io.h"
#include "prepare.h"
#include "vmlinuz.h"

#define IMAGE_MAX	(2u << 30)	/* with debug information */

static int check_file(const char *path, const char *option, struct klp_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return klp_err_sys(err, -errno, "cannot read %s, given by %s", path, option);
	if (!S_ISREG(st.st_mode))
		return klp_err_set(err, -EINVAL, "%s, given by %s, isn't a file", path, option);
	return 0;
}

static bool is_elf(const char *path)
{
	char magic[4] = { 0 };
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(magic, 1, sizeof(magic), f) : 0;

	if (f)
		fclose(f);
	return n == sizeof(magic) && !memcmp(magic, "\177ELF", 4);
}

/* The image as an ELF file without debug information and symbols, as it is inside a bootable one. */
static int plain_image(const char *from, const char *to, struct klp_err *err)
{
	const char *argv[] = { "objcopy", "-S", "-R", ".comment", from, to, NULL };
	char *log = format("%s.log", to);
	struct proc run = { .argv = argv, .log_path = log };
	int ret = is_elf(from) ? proc_run(&run, err) : vmlinuz_extract(from, to, err);

	unlink(log);
	free(log);
	return ret;
}

/* Beside the target, since its name isn't known yet. */
static char *plain_path(const struct prepare *p)
{
	return format("%s/.image.%d", p->cache, (int)getpid());
}

void given_end(const struct prepare *p)
{
	char *plain = plain_path(p);

	unlink(plain);
	free(plain);
}

int given_release(struct prepare *p, struct klp_err *err)
{
	char *plain = plain_path(p), *makefile = format("%s/Makefile", p->given.source);
	int ret = io_mkdirs(p->cache, 0755, err);

	if (!ret && access(makefile, R_OK))
		ret = klp_err_sys(err, -errno, "%s, given by --source, isn't a kernel's source tree",
				  p->given.source);
	if (!ret)
		ret = check_file(p->given.config, "--config", err);
	if (!ret)
		ret = check_file(p->given.symvers, "--symvers", err);
	if (!ret)
		ret = check_file(p->given.vmlinux, "--vmlinux", err);
	if (!ret && p->given.modules && access(p->given.modules, R_OK | X_OK))
		ret = klp_err_sys(err, -errno, "cannot read %s, given by --modules", p->given.modules);
	if (!ret)
		ret = plain_image(p->given.vmlinux, plain, err);
	if (!ret) {
		p->release = image_release(plain, err);
		if (!p->release)
			ret = err->code;
		else if (!p->krel)
			p->krel = p->release;
		else if (strcmp(p->krel, p->release))
			ret = klp_err_set(err, -EINVAL, "%s is release %s, not %s", p->given.vmlinux,
					  p->release, p->krel);
	}
	if (ret)
		unlink(plain);
	free(makefile);
	free(plain);
	return ret;
}

/* Is the source the image's? */
static int check_source(struct prepare *p, struct klp_err *err)
{
	char *path = format("%s/Makefile", p->given.source);
	unsigned int major, minor;
	void *text = NULL;
	size_t len;
	int ret = io_read_file(path, 4u << 20, &text, &len, err);

	if (!ret) {
		p->version = inputs_version(text);
		if (!p->version || sscanf(p->version, "%u.%u", &major, &minor) != 2)
			ret = klp_err_set(err, -EINVAL, "%s has no VERSION, PATCHLEVEL and SUBLEVEL: not a kernel's",
					  path);
		else
			ret = inputs_check_version(p->version, p->banner, err);
	}
	if (!ret) {
		/* Recipes take their changes from packages of this series. */
		p->source_package = format("linux-source-%u.%u", major, minor);
	}
	free(text);
	free(path);
	return ret;
}

/* Modules wherever they lie below the folder: of an installed kernel or of a build. */
static int copy_modules(const struct prepare *p, struct klp_err *err)
{
	static const char script[] =
		"cd \"$1\" && find -L . \\( -name build -o -name source \\) -prune -o -type f"
		" \\( -name '*.ko' -o -name '*.ko.xz' -o -name '*.ko.zst' -o -name '*.ko.gz'"
		" -o -name modules.order -o -name 'modules.builtin*' \\) -exec cp --parents -pt \"$2\" {} +";
	char *base = format("%s/modules", p->tmp);
	char *dir = format("%s/lib/modules/%s", base, p->krel);
	const char *copy[] = { "sh", "-c", script, "sh", p->given.modules, dir, NULL };
	const char *argv[] = { "depmod", "-b", base, p->krel, NULL };
	struct proc run = { .argv = copy, .log_path = p->log };
	struct proc depmod = { .argv = argv, .log_path = p->log };
	int ret = io_mkdirs(dir, 0755, err);

	if (!ret && p->given.modules)
		ret = proc_run(&run, err);
	if (!ret)
		ret = proc_run(&depmod, err);
	free(dir);
	free(base);
	return ret;
}

static int keep_image(const struct prepare *p, struct klp_err *err)
{
	char *plain = plain_path(p), *vmlinux = format("%s/vmlinux", p->tmp);
	char *vmlinuz = format("%s/vmlinuz", p->tmp);
	void *data;
	size_t len;
	int ret = 0;

	if (rename(plain, vmlinux))
		ret = klp_err_sys(err, -errno, "cannot move %s to %s", plain, vmlinux);
	/* A virtual machine boots this one; an ELF file can't be booted. */
	if (!ret && !is_elf(p->given.vmlinux)) {
		ret = io_read_file(p->given.vmlinux, IMAGE_MAX, &data, &len, err);
		if (!ret) {
			ret = io_write_atomic(vmlinuz, data, len, 0644, err);
			free(data);
		}
	}
	free(vmlinuz);
	free(vmlinux);
	free(plain);
	return ret;
}

int given_stages(struct prepare *p, struct klp_err *err)
{
	char *headers = format("%s/headers", p->tmp);
	int ret;

	p->config = realpath(p->given.config, NULL);
	p->symvers = realpath(p->given.symvers, NULL);
	report_stage(p->report, "image");
	ret = p->config && p->symvers ? keep_image(p, err) :
					klp_err_sys(err, -errno, "cannot find %s", p->config ? p->given.symvers : p->given.config);
	if (!ret)
		ret = prepare_image(p, err);
	if (!ret)
		ret = check_source(p, err);
	if (!ret)
		ret = compiler_check(p->compiler, err);
	if (!ret)
		ret = copy_modules(p, err);
	if (!ret) {
		report_stage_end(p->report, "%s, build-id %.12s, %s", p->krel, p->build_id, p->compiler);
		/* What modules are built against is the tree itself. */
		if (symlink("obj", headers))
			ret = klp_err_sys(err, -errno, "cannot link %s", headers);
	}
	if (!ret)
		ret = prepare_tree(p, NULL, err);
	free(headers);
	return ret;
}
