// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prepare.c - `klp-build prepare`: fetch a kernel's packages and lay them out.
 *
 * All is made in a folder of its own and renamed at the end, under a lock, so
 * that a target is whole or isn't there.  Makefiles and commands hold absolute
 * paths of the tree; they are rewritten to the final place before the rename.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "err.h"
#include "fetch.h"
#include "io.h"
#include "prepare.h"
#include "target.h"
#include "vmlinuz.h"

/* A block that didn't fit any more may leave some. */
#define FULL_DISK	(1u << 20)
#define DEFAULT_CACHE	"/var/cache/quietpatch"

const char *cache_dir(void)
{
	const char *dir = getenv("KLP_CACHE");

	return dir && *dir ? dir : DEFAULT_CACHE;
}

const char *tmp_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && *tmp == '/' ? tmp : "/tmp";
}

/* rename() with formatted names below p->tmp. */
static int move(const struct prepare *p, const char *from, const char *to, struct klp_err *err)
{
	char *a = format("%s/%s", p->tmp, from), *b = format("%s/%s", p->tmp, to);
	int ret = 0;

	if (rename(a, b))
		ret = klp_err_sys(err, -errno, "cannot move %s to %s", from, to);
	free(a);
	free(b);
	return ret;
}

static int link_to(const struct prepare *p, const char *target, const char *name, struct klp_err *err)
{
	char *path = format("%s/%s", p->tmp, name);
	int ret = 0;

	if (unlink(path) && errno != ENOENT)
		ret = klp_err_sys(err, -errno, "cannot replace %s", path);
	if (!ret && symlink(target, path))
		ret = klp_err_sys(err, -errno, "cannot link %s", path);
	free(path);
	return ret;
}

static int get_package(struct prepare *p, const char *package, const char *as, struct klp_err *err)
{
	char *debs = format("%s/deb", p->tmp), *dir = format("%s/%s", p->tmp, as);
	char *deb = NULL;
	int ret = fetch_download(package, debs, p->report, &deb, err);

	if (!ret)
		ret = fetch_unpack(deb, dir, err);
	if (deb)
		unlink(deb);
	free(deb);
	free(debs);
	free(dir);
	return ret;
}

/* vmlinuz and modules/, with depmod's tables, so that modprobe -d works on it. */
static int lay_out_image(struct prepare *p, struct klp_err *err)
{
	char *from = format("x-image/boot/vmlinuz-%s", p->krel);
	/* Newer packages have all of it below usr/. */
	char *newer = format("x-image/usr/lib/modules/%s/vmlinuz", p->krel);
	char *base = format("%s/modules", p->tmp);
	const char *argv[] = { "depmod", "-b", base, p->krel, NULL };
	struct proc depmod = { .argv = argv, .log_path = p->log };
	char *dir = format("%s/modules/lib", p->tmp);
	int ret = io_mkdirs(dir, 0755, err);

	if (!ret && move(p, from, "vmlinuz", err))
		ret = move(p, newer, "vmlinuz", err);
	if (!ret && move(p, "x-image/lib/modules", "modules/lib/modules", err))
		ret = move(p, "x-image/usr/lib/modules", "modules/lib/modules", err);
	if (!ret)
		ret = proc_run(&depmod, err);
	free(dir);
	free(base);
	free(newer);
	free(from);
	return ret;
}

/* The packaged Makefile names its own and the common headers' folder by absolute paths. */
static int relocate_makefile(const char *path, struct klp_err *err)
{
	static const char makefile[] =
		"KDIR_HERE := $(realpath $(dir $(lastword $(MAKEFILE_LIST))))\n"
		"%sinclude $(KDIR_HERE)/common/Makefile\n";
	void *old;
	size_t len;
	char *s;
	int ret = io_read_file(path, 64u << 10, &old, &len, err);

	if (ret)
		return ret;
	/* Newer kernels' must be told where the output of the kernel's own build is. */
	s = format(makefile, strstr(old, "KBUILD_OUTPUT") ? "KBUILD_OUTPUT := $(KDIR_HERE)\n" : "");
	ret = io_write_atomic(path, s, strlen(s), 0644, err);
	free(s);
	free(old);
	return ret;
}

/*
 * headers/ is a KDIR: Debian's flavour headers, with the common headers and
 * kbuild's programs below it.
 */
static int lay_out_headers(struct prepare *p, const struct kernel_packages *pk, struct klp_err *err)
{
	char *flavour = format("x-headers/usr/src/linux-headers-%s", p->krel);
	char *common = format("x-common/usr/src/%.*s", (int)strcspn(pk->headers_common, "="),
			      pk->headers_common);
	char *kbuild = format("x-kbuild/usr/lib/%.*s", (int)strcspn(pk->kbuild, "="), pk->kbuild);
	char *path = format("%s/headers/Makefile", p->tmp);
	int ret = move(p, flavour, "headers", err);

	if (!ret)
		ret = move(p, common, "headers/common", err);
	if (!ret)
		ret = move(p, kbuild, "headers/kbuild", err);
	if (!ret)
		ret = relocate_makefile(path, err);
	if (!ret)
		ret = link_to(p, "kbuild/scripts", "headers/scripts", err);
	if (!ret)
		ret = link_to(p, "kbuild/tools", "headers/tools", err);
	if (!ret)
		ret = link_to(p, "../kbuild/scripts", "headers/common/scripts", err);
	if (!ret)
		ret = link_to(p, "../kbuild/tools", "headers/common/tools", err);
	free(path);
	free(kbuild);
	free(common);
	free(flavour);
	return ret;
}

static int write_target_json(const struct prepare *p, struct klp_err *err)
{
	char *path = format("%s/target.json", p->tmp);
	json_t *j = json_pack("{s:i,s:i,s:s,s:s,s:b,s:s,s:s,s:s,s:s,s:s,s:s}", "format", 1, "revision",
			      TARGET_REVISION, "kernel", p->krel, "version", p->version, "complete", !p->runtime, "build_id",
			      p->build_id, "compiler", p->compiler, "cc", p->cc, "banner", p->banner,
			      "source_package", p->source_package, "prepared_by",
			      "klp-build " QP_VERSION);
	char *s = j ? json_dumps(j, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
	int ret = s ? io_write_atomic(path, s, strlen(s), 0644, err) :
			      klp_err_sys(err, -ENOMEM, "target.json");

	free(s);
	json_decref(j);
	free(path);
	return ret;
}

bool prepare_is_ready(const struct prepare *p)
{
	char *path = format("%s/%s/target.json", p->cache, p->krel);
	json_t *j = json_load_file(path, 0, NULL);
	bool complete = json_is_true(json_object_get(j, "complete"));
	/* Image, modules and headers are laid out as they always were. */
	bool ready = j && (p->runtime ||
			   (complete && json_integer_value(json_object_get(j, "revision")) == TARGET_REVISION));

	json_decref(j);
	free(path);
	return ready;
}

static int unpack_image(struct prepare *p, struct klp_err *err)
{
	char *vmlinuz = format("%s/vmlinuz", p->tmp), *vmlinux = format("%s/vmlinux", p->tmp);
	int ret;

	p->config = format("%s/headers/.config", p->tmp);
	p->symvers = format("%s/headers/Module.symvers", p->tmp);
	ret = vmlinuz_extract(vmlinuz, vmlinux, err);
	free(vmlinux);
	free(vmlinuz);
	return ret;
}

static int package_stages(struct prepare *p, struct klp_err *err)
{
	static const char *const dirs[] = { "x-image", "x-headers", "x-common", "x-kbuild" };
	struct kernel_packages pk = { 0 };
	char *debs = format("%s/deb", p->tmp), *source = NULL;
	int ret;

	report_stage(p->report, "find packages");
	ret = fetch_find_kernel(p->krel, &pk, err);
	if (ret)
		goto out;
	p->version = xstrdup(pk.version);
	p->source_package = xstrdup(pk.source_name);
	report_stage_end(p->report, "%s", pk.image);

	report_stage(p->report, "download");
	ret = get_package(p, pk.image, dirs[0], err);
	if (!ret && pk.modules)
		ret = get_package(p, pk.modules, dirs[0], err);
	if (!ret)
		ret = get_package(p, pk.headers, dirs[1], err);
	if (!ret)
		ret = get_package(p, pk.headers_common, dirs[2], err);
	if (!ret)
		ret = get_package(p, pk.kbuild, dirs[3], err);
	if (!ret && !p->runtime)
		ret = fetch_download(pk.source, debs, p->report, &source, err);
	if (ret)
		goto out;
	report_stage_end(p->report, "image, headers%s", p->runtime ? "" : ", source");

	report_stage(p->report, "image");
	ret = lay_out_image(p, err);
	if (!ret)
		ret = lay_out_headers(p, &pk, err);
	for (size_t i = 0; !ret && i < 4; i++) {
		char *dir = format("%s/%s", p->tmp, dirs[i]);

		ret = remove_tree(dir, err);
		free(dir);
	}
	if (!ret)
		ret = unpack_image(p, err);
	if (!ret)
		ret = prepare_image(p, err);
	if (ret)
		goto out;
	report_stage_end(p->report, "build-id %.12s, %s", p->build_id, p->compiler);
	if (!p->runtime)
		ret = prepare_tree(p, source, err);
	if (!ret)
		ret = remove_tree(debs, err);
out:
	free(source);
	free(debs);
	kernel_packages_free(&pk);
	return ret;
}

static int run_stages(struct prepare *p, struct klp_err *err)
{
	int ret = p->given.source ? given_stages(p, err) : package_stages(p, err);

	return ret ? ret : write_target_json(p, err);
}

/* Put the new target in the old one's place, in one step. */
static int publish(const struct prepare *p, struct klp_err *err)
{
	if (!renameat2(AT_FDCWD, p->tmp, AT_FDCWD, p->final, RENAME_EXCHANGE))
		return remove_tree(p->tmp, err);
	if (errno == ENOENT && !rename(p->tmp, p->final))
		return 0;
	return klp_err_sys(err, -errno, "cannot rename %s to %s", p->tmp, p->final);
}

static int lock_cache(const struct prepare *p, struct klp_err *err)
{
	char *path = format("%s/.%s.lock", p->cache, p->krel);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0) {
		klp_err_sys(err, -errno, "cannot create a lock in %s", p->cache);
	} else if (flock(fd, LOCK_EX | LOCK_NB)) {
		report_warn(p->report, "another klp-build prepares %s; waiting for it", p->krel);
		if (flock(fd, LOCK_EX)) {
			klp_err_sys(err, -errno, "cannot lock %s", path);
			close(fd);
			fd = -1;
		}
	}
	free(path);
	return fd;
}

/* The compiler that the target was prepared with, to @p. */
static int target_compiler(struct prepare *p, struct klp_err *err)
{
	char *path = format("%s/target.json", p->final);
	json_t *j = json_load_file(path, 0, NULL);
	const char *cc = json_string_value(json_object_get(j, "cc"));

	p->cc = cc ? xstrdup(cc) : NULL;
	json_decref(j);
	free(path);
	return p->cc ? 0 : klp_err_set(err, -ENOENT, "%s isn't prepared", p->final);
}

/*
 * What is prepared, in tmp, with an obj/ of its own: as it was before fixes were built, since make is
 * silent about what is built already.
 */
static int copy_target(const struct prepare *p, struct klp_err *err)
{
	static const char script[] =
		"mkdir \"$2\" && cp -aH \"$1/obj\" \"$2/\" && find -H \"$2/obj\" -type f -newer \"$1/commands\" -delete &&"
		" for f in src modules vmlinux symbols; do ln -s \"$1/$f\" \"$2/$f\" || exit 1; done";
	const char *argv[] = { "sh", "-c", script, "sh", p->final, p->tmp, NULL };
	struct proc copy = { .argv = argv, .log_path = p->log };
	int ret = remove_tree(p->tmp, err);

	return ret ? ret : proc_run(&copy, err);
}

/* Are the commands in tmp those of the target, in whatever order? */
static int compare_commands(const struct prepare *p, struct klp_err *err)
{
	static const char script[] =
		"LC_ALL=C sort \"$1/commands\" > \"$2/old\" && LC_ALL=C sort \"$2/commands\" | cmp - \"$2/old\"";
	const char *argv[] = { "sh", "-c", script, "sh", p->final, p->tmp, NULL };
	struct proc compare = { .argv = argv, .log_path = p->log };
	int ret = proc_run(&compare, err);

	if (ret == -ECHILD)
		klp_err_wrap(err, "make gives other compile commands than %s/commands has; run `klp-build prepare --force`",
			     p->final);
	return ret;
}

int prepare_recheck(struct prepare *p, struct klp_err *err)
{
	int lock = -1, ret;

	p->final = format("%s/%s", p->cache, p->krel);
	p->tmp = format("%s/.%s.tmp", p->cache, p->krel);
	p->log = format("%s/.%s.log", p->cache, p->krel);
	p->symvers = format("%s/%s/obj/Module.symvers", p->cache, p->krel);
	ret = target_compiler(p, err);
	if (!ret) {
		lock = lock_cache(p, err);
		ret = lock < 0 ? err->code : copy_target(p, err);
	}
	if (!ret)
		ret = prepare_commands(p, err);
	if (!ret)
		ret = compare_commands(p, err);
	if (!ret) {
		unlink(p->log);
		ret = remove_tree(p->tmp, err);
	}
	if (lock >= 0)
		close(lock);
	free(p->final);
	free(p->tmp);
	free(p->log);
	free(p->symvers);
	free(p->cc);
	return ret ? klp_err_wrap(err, "cannot check %s", p->krel) : 0;
}

/* What fails for want of space, fails with another program's words. */
static void tell_full_disk(const struct prepare *p, struct klp_err *err)
{
	struct statvfs fs;

	if (!statvfs(p->cache, &fs) && (uint64_t)fs.f_bavail * fs.f_frsize < FULL_DISK)
		klp_err_wrap(err, "the disk of %s is full; a kernel takes 2 GB there (--cache DIR or KLP_CACHE=DIR: elsewhere)",
			     p->cache);
}

int prepare_target(struct prepare *p, struct klp_err *err)
{
	int lock = -1, ret = p->given.source ? given_release(p, err) : 0;

	if (ret)
		return klp_err_wrap(err, "cannot prepare the kernel of %s", p->given.vmlinux);
	/* It becomes part of paths. */
	if (!*p->krel || *p->krel == '.' || strchr(p->krel, '/') || strlen(p->krel) > 64)
		return klp_err_set(err, -EINVAL, "\"%s\" isn't a kernel release", p->krel);
	p->final = format("%s/%s", p->cache, p->krel);
	p->tmp = format("%s/.%s.tmp", p->cache, p->krel);
	p->log = format("%s/.%s.log", p->cache, p->krel);
	ret = 0;
	if (!ret)
		ret = io_mkdirs(p->cache, 0755, err);
	if (ret)
		goto out;
	lock = lock_cache(p, err);
	if (lock < 0) {
		ret = err->code;
		goto out;
	}
	if (!p->force && prepare_is_ready(p)) {
		report_verbose(p->report, "%s is prepared already", p->final);
		goto out;
	}
	unlink(p->log);
	ret = remove_tree(p->tmp, err);
	if (!ret)
		ret = io_mkdirs(p->tmp, 0755, err);
	if (!ret)
		ret = run_stages(p, err);
	if (!ret)
		ret = publish(p, err);
	ret = proc_blame_disk(p->cache, ret, err);
	if (!ret || proc_interrupted())
		unlink(p->log);
	if (ret && proc_interrupted())
		remove_tree(p->tmp, NULL);
	if (ret && !proc_interrupted())
		tell_full_disk(p, err);
	if (ret)
		klp_err_wrap(err, "cannot prepare %s", p->krel);
out:
	if (p->given.source)
		given_end(p);
	if (lock >= 0)
		close(lock);
	free(p->final);
	free(p->tmp);
	free(p->log);
	free(p->version);
	free(p->source_package);
	free(p->cc);
	free(p->compiler);
	free(p->banner);
	free(p->build_id);
	free(p->config);
	free(p->symvers);
	return ret;
}
