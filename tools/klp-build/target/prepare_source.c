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
#include "base/xalloc.h"
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

static void add_all(struct strings *args, const char *const *words, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		strings_add(args, words[i]);
}

/* The package holds /usr/src/linux-source-X.Y.tar.xz, whose top folder is linux-source-X.Y. */
static int unpack_source(const struct prepare *p, const char *deb, struct klp_err *err)
{
	char *dir = format("%s/x-source", p->tmp), *src = format("%s/src", p->tmp);
	char *tar = format("%s/usr/src/%s.tar.xz", dir, p->source_package);
	struct strings args = { 0 };
	const char *base[] = { "tar", "-xf", tar, "-C", src, "--strip-components=1", "--anchored" };
	struct proc p2 = { .log_path = p->log };
	int ret;

	add_all(&args, base, sizeof(base) / sizeof(base[0]));
	for (size_t i = 0; !i || left_out[i - 1]; i++) {
		/* crypto/Kconfig sources that of all architectures: crypto/ stays, as does what starts like it. */
		char *arg = i ? format("--exclude=%s/%s[!c]*", p->source_package, left_out[i - 1]) :
				format("--exclude=%s/Documentation/*/*", p->source_package);

		strings_add(&args, arg);
		free(arg);
	}
	ret = fetch_unpack(deb, dir, err);
	if (!ret)
		ret = io_mkdirs(src, 0755, err);
	if (!ret) {
		p2.argv = strings_argv(&args);
		ret = proc_run(&p2, err);
		free((void *)p2.argv);
	}
	if (!ret)
		ret = remove_tree(dir, err);
	strings_free(&args);
	free(tar);
	free(src);
	free(dir);
	return ret;
}

/* find's arguments that leave out what unpack_source() does, and what builds and git leave behind. */
static void find_arguments(struct strings *args)
{
	static const char *const products[] = { "*.o", "*.ko", "*.cmd", "*.mod", "*.a", ".tmp_*" };
	static const char *const middle[] = {
		"-path", "./Documentation/*/*", "-prune", "-o", "-path", "./.git", "-prune", "-o", "-path", "./vmlinux*", "-o",
	};
	static const char *const tail[] = {
		"(", "-type", "f", "-o", "-type", "l", ")", "-exec", "cp", "--parents", "-Ppt",
	};

	for (size_t i = 0; left_out[i]; i++) {
		/* crypto/Kconfig sources that of all architectures. */
		char *path = format("./%s[!c]*", left_out[i]);

		add_all(args, (const char *const[]){ "-path", path, "-prune", "-o" }, 4);
		free(path);
	}
	add_all(args, middle, sizeof(middle) / sizeof(middle[0]));
	for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++)
		add_all(args, (const char *const[]){ "-type", "f", "-name", products[i], "-o" }, 5);
	add_all(args, tail, sizeof(tail) / sizeof(tail[0]));
}

static int copy_source(const struct prepare *p, struct klp_err *err)
{
	static const char *const mrproper[] = { "make", "-C", NULL, "ARCH=x86", "mrproper", NULL };
	char *src = format("%s/src", p->tmp), *used = format("%s/src/include/config", p->tmp);
	char *config = format("%s/src/.config", p->tmp);
	struct strings args = { 0 };
	const char *clean[6], **argv;
	struct proc copy = { .cwd = p->given.source, .log_path = p->log };
	struct proc make = { .argv = clean, .log_path = p->log };
	int ret = io_mkdirs(src, 0755, err);

	add_all(&args, (const char *const[]){ "find", "." }, 2);
	find_arguments(&args);
	add_all(&args, (const char *const[]){ src, "{}", "+" }, 3);
	copy.argv = argv = strings_argv(&args);
	if (!ret)
		ret = proc_run(&copy, err);
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
