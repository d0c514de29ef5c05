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
#include <unistd.h>

#include "elf.h"
#include "err.h"
#include "fetch.h"
#include "hex.h"
#include "io.h"
#include "kallsyms.h"
#include "prepare.h"
#include "proc.h"
#include "report.h"
#include "text.h"
#include "vmlinuz.h"

#define DEFAULT_CACHE	"/var/cache/quietpatch"
#define IMAGE_MAX	(512u << 20)

const char *cache_dir(void)
{
	const char *dir = getenv("KLP_CACHE");

	return dir && *dir ? dir : DEFAULT_CACHE;
}

/* rename() with formatted names below p->tmp. */
static int move(const struct prepare *p, const char *from, const char *to, struct klp_err *err)
{
	char *a = format("%s/%s", p->tmp, from), *b = format("%s/%s", p->tmp, to);
	int ret = a && b ? 0 : -ENOMEM;

	if (!ret && rename(a, b))
		ret = klp_err_sys(err, -errno, "cannot move %s to %s", from, to);
	free(a);
	free(b);
	return ret;
}

static int link_to(const struct prepare *p, const char *target, const char *name, struct klp_err *err)
{
	char *path = format("%s/%s", p->tmp, name);
	int ret = path ? 0 : -ENOMEM;

	if (!ret && unlink(path) && errno != ENOENT)
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
	int ret = debs && dir ? 0 : klp_err_sys(err, -ENOMEM, "download");

	if (!ret)
		ret = fetch_download(package, debs, &deb, err);
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
	int ret = from && newer && base && dir ? 0 : klp_err_sys(err, -ENOMEM, "unpacking");

	if (!ret)
		ret = io_mkdirs(dir, 0755, err);
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
	ret = s ? io_write_atomic(path, s, strlen(s), 0644, err) :
		  klp_err_sys(err, -ENOMEM, "headers");
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
	int ret = flavour && common && kbuild && path ? 0 : klp_err_sys(err, -ENOMEM, "headers");

	if (!ret)
		ret = move(p, flavour, "headers", err);
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

/* "Linux version 6.1.0-50-cloud-amd64 (...) (gcc-12 ...) #1 SMP ..." */
static char *find_banner(const struct elf_file *ef)
{
	static const char start[] = "Linux version ";
	const uint8_t *p = ef->data, *end = ef->data + ef->len;

	while ((p = memmem(p, (size_t)(end - p), start, sizeof(start) - 1))) {
		const uint8_t *nul = memchr(p, 0, (size_t)(end - p));

		/* Not the format string "Linux version %s (%s)". */
		if (nul && nul - p < 512 && p[sizeof(start) - 1] != '%')
			return strndup((const char *)p, strcspn((const char *)p, "\n"));
		p++;
	}
	return NULL;
}

/* NT_GNU_BUILD_ID in .notes, as hex. */
static char *find_build_id(const struct elf_file *ef)
{
	const struct elf_section *s = elf_section(ef, ".notes");
	size_t pos = 0;

	while (s && s->data && s->size - pos >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr n;
		size_t name, desc;

		memcpy(&n, s->data + pos, sizeof(n));
		name = pos + sizeof(n);
		desc = name + ((n.n_namesz + 3ul) & ~3ul);
		if (desc > s->size || n.n_descsz > s->size - desc)
			break;
		if (n.n_type == NT_GNU_BUILD_ID && n.n_namesz == 4 &&
		    !memcmp(s->data + name, "GNU", 4)) {
			char *hex = malloc(2 * (size_t)n.n_descsz + 1);

			if (hex)
				hex_encode(s->data + desc, n.n_descsz, hex);
			return hex;
		}
		pos = desc + ((n.n_descsz + 3ul) & ~3ul);
		if (pos > s->size)
			break;
	}
	return NULL;
}

static int write_symbols(const struct prepare *p, const void *data, size_t len, struct klp_err *err)
{
	char *path = format("%s/symbols", p->tmp);
	struct kallsyms k = { 0 };
	struct text t = { 0 };
	int ret = path ? kallsyms_parse(data, len, &k, err) : klp_err_sys(err, -ENOMEM, "symbols");

	for (size_t i = 0; !ret && i < k.nr; i++)
		text_addf(&t, "%016llx %c %s\n", (unsigned long long)k.symbols[i].address,
			  k.symbols[i].type, k.strings + k.symbols[i].name);
	if (!ret && t.failed)
		ret = klp_err_sys(err, -ENOMEM, "symbols");
	if (!ret)
		ret = io_write_atomic(path, t.s, t.len, 0644, err);
	if (!ret)
		report_verbose(p->report, "%zu symbols", k.nr);
	text_free(&t);
	kallsyms_free(&k);
	free(path);
	return ret;
}

/* vmlinux and symbols; and what the image says of itself. */
static int read_image(struct prepare *p, struct klp_err *err)
{
	char *vmlinuz = format("%s/vmlinuz", p->tmp), *vmlinux = format("%s/vmlinux", p->tmp);
	struct elf_file *ef = NULL;
	int ret = vmlinuz && vmlinux ? 0 : klp_err_sys(err, -ENOMEM, "image");

	if (!ret)
		ret = vmlinuz_extract(vmlinuz, vmlinux, err);
	if (!ret)
		ret = elf_open(vmlinux, &ef, err);
	if (!ret)
		ret = write_symbols(p, ef->data, ef->len, err);
	if (!ret) {
		p->banner = find_banner(ef);
		p->build_id = find_build_id(ef);
		if (!p->banner || !p->build_id)
			ret = klp_err_set(err, -EBADMSG, "the image has no %s",
					  p->banner ? "build-id" : "banner");
	}
	/* "Linux version KREL (": the right image? */
	if (!ret && (strncmp(p->banner + 14, p->krel, strlen(p->krel)) ||
		     p->banner[14 + strlen(p->krel)] != ' '))
		ret = klp_err_set(err, -EBADMSG, "the image's banner is \"%s\", which isn't release %s",
				  p->banner, p->krel);
	elf_close(ef);
	free(vmlinux);
	free(vmlinuz);
	return ret;
}

/* The compiler of the config must be that of the banner: else the headers aren't this image's. */
static int read_config(struct prepare *p, struct klp_err *err)
{
	char *path = format("%s/headers/.config", p->tmp);
	void *config = NULL;
	size_t len;
	int ret = path ? io_read_file(path, 16u << 20, &config, &len, err) : -ENOMEM;

	if (ret)
		goto out;
	p->compiler = config_string(config, "CC_VERSION_TEXT");
	if (!p->compiler || !strstr(p->banner, p->compiler)) {
		ret = klp_err_set(err, -EBADMSG,
				  "the headers' .config names the compiler \"%s\", the image's banner is \"%s\": not the same build",
				  p->compiler ? p->compiler : "(none)", p->banner);
		goto out;
	}
	p->cc = strndup(p->compiler, strcspn(p->compiler, " "));
	if (!p->cc)
		ret = klp_err_sys(err, -ENOMEM, "config");
out:
	free(config);
	free(path);
	return ret;
}

static int write_target_json(const struct prepare *p, struct klp_err *err)
{
	char *path = format("%s/target.json", p->tmp);
	json_t *j = json_pack("{s:i,s:s,s:s,s:b,s:s,s:s,s:s,s:s,s:s,s:s}", "format", 1, "kernel",
			      p->krel, "version", p->version, "complete", !p->runtime, "build_id",
			      p->build_id, "compiler", p->compiler, "cc", p->cc, "banner", p->banner,
			      "source_package", p->source_package, "prepared_by",
			      "klp-build " QP_VERSION);
	char *s = j ? json_dumps(j, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
	int ret = path && s ? io_write_atomic(path, s, strlen(s), 0644, err) :
			      klp_err_sys(err, -ENOMEM, "target.json");

	free(s);
	json_decref(j);
	free(path);
	return ret;
}

/* Is a target there that will do? */
static bool have_target(const struct prepare *p)
{
	char *path = format("%s/target.json", p->final);
	json_t *j = path ? json_load_file(path, 0, NULL) : NULL;
	bool complete = json_is_true(json_object_get(j, "complete"));
	bool have = j && (complete || p->runtime);

	json_decref(j);
	free(path);
	return have;
}

static int run_stages(struct prepare *p, struct klp_err *err)
{
	static const char *const dirs[] = { "x-image", "x-headers", "x-common", "x-kbuild" };
	struct kernel_packages pk = { 0 };
	char *debs = format("%s/deb", p->tmp), *source = NULL;
	int ret;

	report_stage(p->report, "find packages");
	ret = fetch_find_kernel(p->krel, &pk, err);
	if (ret)
		goto out;
	p->version = strdup(pk.version);
	p->source_package = strdup(pk.source_name);
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
		ret = fetch_download(pk.source, debs, &source, err);
	if (ret)
		goto out;
	report_stage_end(p->report, "image, headers%s", p->runtime ? "" : ", source");

	report_stage(p->report, "image");
	ret = lay_out_image(p, err);
	if (!ret)
		ret = lay_out_headers(p, &pk, err);
	for (size_t i = 0; !ret && i < 4; i++) {
		char *dir = format("%s/%s", p->tmp, dirs[i]);

		ret = dir ? remove_tree(dir, err) : -ENOMEM;
		free(dir);
	}
	if (!ret)
		ret = read_image(p, err);
	if (!ret)
		ret = read_config(p, err);
	if (ret)
		goto out;
	report_stage_end(p->report, "build-id %.12s, %s", p->build_id, p->compiler);
	if (!p->runtime)
		ret = prepare_tree(p, source, err);
	if (!ret)
		ret = remove_tree(debs, err);
	if (!ret)
		ret = write_target_json(p, err);
out:
	free(source);
	free(debs);
	kernel_packages_free(&pk);
	return ret;
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
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;

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

int prepare_target(struct prepare *p, struct klp_err *err)
{
	int lock = -1, ret;

	/* It becomes part of paths. */
	if (!*p->krel || *p->krel == '.' || strchr(p->krel, '/') || strlen(p->krel) > 64)
		return klp_err_set(err, -EINVAL, "\"%s\" isn't a kernel release", p->krel);
	p->final = format("%s/%s", p->cache, p->krel);
	p->tmp = format("%s/.%s.tmp", p->cache, p->krel);
	p->log = format("%s/.%s.log", p->cache, p->krel);
	ret = p->final && p->tmp && p->log ? 0 : klp_err_sys(err, -ENOMEM, "prepare");
	if (!ret)
		ret = io_mkdirs(p->cache, 0755, err);
	if (ret)
		goto out;
	lock = lock_cache(p, err);
	if (lock < 0) {
		ret = err->code;
		goto out;
	}
	if (!p->force && have_target(p)) {
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
	if (!ret || proc_interrupted())
		unlink(p->log);
	if (ret && proc_interrupted())
		remove_tree(p->tmp, NULL);
	if (ret)
		klp_err_wrap(err, "cannot prepare %s", p->krel);
out:
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
	return ret;
}
