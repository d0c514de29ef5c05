// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prepare_source.c - the kernel's source tree: out of its package, or copied from the one that is given.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/text.h"
#include "err.h"
#include "fetch.h"
#include "io.h"
#include "prepare.h"

/* Other architectures, text and tools: 250 MB and 30,000 files that no x86-64 unit reads. */
static const char *const left_out[] = {
	"arch/alpha/", "arch/arc/", "arch/arm/", "arch/arm64/", "arch/csky/", "arch/hexagon/",
	"arch/ia64/", "arch/loongarch/", "arch/m68k/", "arch/microblaze/", "arch/mips/",
	"arch/nios2/", "arch/openrisc/", "arch/parisc/", "arch/powerpc/", "arch/riscv/",
	"arch/s390/", "arch/sh/", "arch/sparc/", "arch/xtensa/", "tools/perf/", "tools/testing/",
	"LICENSES/", NULL
};

bool source_left_out(const char *path)
{
	for (size_t i = 0; left_out[i]; i++)
		if (starts_with(path, left_out[i]))
			return true;
	/* Documentation/Kconfig is part of the configuration. */
	return starts_with(path, "Documentation/") && strchr(path + strlen("Documentation/"), '/');
}

/* The package holds /usr/src/linux-source-X.Y.tar.xz, whose top folder is linux-source-X.Y. */
static int unpack_source(const struct prepare *p, const char *deb, struct klp_err *err)
{
	char *dir = format("%s/x-source", p->tmp), *src = format("%s/src", p->tmp);
	char *tar = format("%s/usr/src/%s.tar.xz", dir, p->source_package);
	struct strings args = { 0 };
	const char *base[] = { "tar", "-xf", tar, "-C", src, "--strip-components=1", "--anchored" };
	struct proc p2 = { .log_path = p->log };
	int ret = dir && src && tar ? 0 : -ENOMEM;

	for (size_t i = 0; !ret && i < sizeof(base) / sizeof(base[0]); i++)
		ret = strings_add(&args, base[i]);
	for (size_t i = 0; !ret && (!i || left_out[i - 1]); i++) {
		/* crypto/Kconfig sources that of all architectures: crypto/ stays, as does what starts like it. */
		char *arg = i ? format("--exclude=%s/%s[!c]*", p->source_package, left_out[i - 1]) :
				format("--exclude=%s/Documentation/*/*", p->source_package);

		ret = arg ? strings_add(&args, arg) : -ENOMEM;
		free(arg);
	}
	if (ret) {
		klp_err_sys(err, ret, "source");
		goto out;
	}
	ret = fetch_unpack(deb, dir, err);
	if (!ret)
		ret = io_mkdirs(src, 0755, err);
	if (!ret) {
		const char **argv = calloc(args.nr + 1, sizeof(*argv));

		for (size_t i = 0; argv && i < args.nr; i++)
			argv[i] = args.list[i];
		p2.argv = argv;
		ret = argv ? proc_run(&p2, err) : klp_err_sys(err, -ENOMEM, "source");
		free(argv);
	}
	if (!ret)
		ret = remove_tree(dir, err);
out:
	strings_free(&args);
	free(tar);
	free(src);
	free(dir);
	return ret;
}

/* find's arguments that leave out what unpack_source() does, and what builds and git leave behind. */
static int find_arguments(struct strings *args)
{
	static const char *const products[] = { "*.o", "*.ko", "*.cmd", "*.mod", "*.a", ".tmp_*" };
	static const char *const tail[] = {
		"(", "-type", "f", "-o", "-type", "l", ")", "-exec", "cp", "--parents", "-Ppt",
	};
	int ret = 0;

	for (size_t i = 0; !ret && left_out[i]; i++) {
		/* crypto/Kconfig sources that of all architectures. */
		char *path = format("./%s[!c]*", left_out[i]);

		ret = path ? strings_add(args, "-path") : -ENOMEM;
		if (!ret && (strings_add(args, path) || strings_add(args, "-prune") || strings_add(args, "-o")))
			ret = -ENOMEM;
		free(path);
	}
	if (!ret && (strings_add(args, "-path") || strings_add(args, "./Documentation/*/*") ||
		     strings_add(args, "-prune") || strings_add(args, "-o") || strings_add(args, "-path") ||
		     strings_add(args, "./.git") || strings_add(args, "-prune") || strings_add(args, "-o") ||
		     strings_add(args, "-path") || strings_add(args, "./vmlinux*") || strings_add(args, "-o")))
		ret = -ENOMEM;
	for (size_t i = 0; !ret && i < sizeof(products) / sizeof(products[0]); i++)
		if (strings_add(args, "-type") || strings_add(args, "f") || strings_add(args, "-name") ||
		    strings_add(args, products[i]) || strings_add(args, "-o"))
			ret = -ENOMEM;
	for (size_t i = 0; !ret && i < sizeof(tail) / sizeof(tail[0]); i++)
		ret = strings_add(args, tail[i]);
	return ret;
}

static int copy_source(const struct prepare *p, struct klp_err *err)
{
	static const char *const mrproper[] = { "make", "-C", NULL, "ARCH=x86", "mrproper", NULL };
	char *src = format("%s/src", p->tmp), *used = format("%s/src/include/config", p->tmp);
	char *config = format("%s/src/.config", p->tmp);
	struct strings args = { 0 };
	const char *clean[6], **argv = NULL;
	struct proc copy = { .cwd = p->given.source, .log_path = p->log };
	struct proc make = { .argv = clean, .log_path = p->log };
	int ret = src && used && config ? io_mkdirs(src, 0755, err) : klp_err_sys(err, -ENOMEM, "source");

	if (!ret && (strings_add(&args, "find") || strings_add(&args, ".") || find_arguments(&args) ||
		     strings_add(&args, src) || strings_add(&args, "{}") || strings_add(&args, "+")))
		ret = klp_err_sys(err, -ENOMEM, "source");
	argv = ret ? NULL : calloc(args.nr + 1, sizeof(*argv));
	for (size_t i = 0; argv && i < args.nr; i++)
		argv[i] = args.list[i];
	copy.argv = argv;
	if (!ret)
		ret = argv ? proc_run(&copy, err) : klp_err_sys(err, -ENOMEM, "source");
	/* A tree that was built in: make refuses to build beside it. */
	if (!ret && (!access(used, F_OK) || !access(config, F_OK))) {
		memcpy(clean, mrproper, sizeof(clean));
		clean[2] = src;
		ret = proc_run(&make, err);
	}
	free(argv);
	strings_free(&args);
	free(config);
	free(used);
	free(src);
	return ret;
}

int prepare_source(const struct prepare *p, const char *deb, struct klp_err *err)
{
	return deb ? unpack_source(p, deb, err) : copy_source(p, err);
}
