// SPDX-License-Identifier: GPL-2.0-or-later
/* file_kind.c - what a file's path says of it: see file_state.h. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "file_state.h"
#include "io.h"
#include "target/target.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool one_of(const char *s, const char *const *list, bool prefix)
{
	for (; *list; list++)
		if (prefix ? starts_with(s, *list) : !strcmp(s, *list))
			return true;
	return false;
}

/* Folders of tools/ whose programs run on a finished kernel, and that no Makefile outside tools/ names. */
static const char *const apart_tools[] = {
	"tools/accounting/", "tools/bootconfig/", "tools/bpf/bpftool/", "tools/bpf/runqslower/",
	"tools/cgroup/", "tools/counter/", "tools/debugging/", "tools/dma/", "tools/edid/",
	"tools/firewire/", "tools/firmware/", "tools/gpio/", "tools/hv/", "tools/iio/",
	"tools/io_uring/", "tools/kvm/", "tools/laptop/", "tools/leds/", "tools/memory-model/",
	"tools/mm/", "tools/net/", "tools/nfsd/", "tools/pci/", "tools/pcmcia/", "tools/perf/",
	"tools/power/", "tools/rcu/", "tools/sched/", "tools/sched_ext/", "tools/sound/",
	"tools/spi/", "tools/testing/", "tools/thermal/", "tools/time/", "tools/tracing/",
	"tools/usb/", "tools/verification/", "tools/virtio/", "tools/vm/", "tools/wmi/",
	"tools/workqueue/", "tools/writeback/", NULL
};

/* Scripts for people; no Makefile runs them for a kernel. */
static const char *const apart_scripts[] = {
	"scripts/checkpatch.pl", "scripts/get_maintainer.pl", "scripts/coccinelle/", "scripts/gdb/",
	"scripts/kernel-doc", "scripts/spelling.txt", "scripts/const_structs.checkpatch",
	"scripts/decode_stacktrace.sh", "scripts/decodecode", "scripts/faddr2line",
	"scripts/bloat-o-meter", "scripts/package/", "scripts/cleanpatch", "scripts/checkstack.pl", NULL
};

const char *file_no_part(const char *path)
{
	static const char *const text[] = { "COPYING", "CREDITS", "MAINTAINERS", "README", NULL };
	static const char *const dot[] = {
		".gitignore", ".gitattributes", ".mailmap", ".get_maintainer.ignore", ".clang-format",
		".cocciconfig", ".editorconfig", ".rustfmt.toml", ".kunitconfig", NULL
	};
	const char *base = base_name(path);

	/* Documentation/Kconfig is part of the configuration. */
	if (starts_with(path, "Documentation/") && strcmp(path, "Documentation/Kconfig"))
		return "documentation";
	if (starts_with(path, "LICENSES/") || one_of(path, text, false) || ends_with(base, ".rst") ||
	    !strcmp(base, "README") || !strcmp(base, "README.md") || !strcmp(base, "TODO"))
		return "text for people";
	if (one_of(base, dot, false))
		return "git's and editors' own";
	if (starts_with(path, "arch/x86/um/") ||
	    (starts_with(path, "arch/") && strchr(path + 5, '/') && !starts_with(path, "arch/x86/")))
		return "another architecture";
	if (one_of(path, apart_tools, true))
		return "a program of its own: the kernel's build doesn't read it";
	if (one_of(path, apart_scripts, true))
		return "a script for people: the kernel's build doesn't run it";
	return NULL;
}

bool file_is_build_input(const char *path)
{
	static const char *const bases[] = { "Kconfig", "Makefile", "Kbuild", NULL };
	static const char *const begins[] = { "Kconfig.", "Makefile.", "Kbuild.", NULL };
	static const char *const ends[] = {
		".tbl", ".lds.S", ".lds", ".lds.h", ".config", ".awk", ".sh", ".pl", ".py", NULL
	};
	const char *base = base_name(path);

	for (size_t i = 0; ends[i]; i++)
		if (ends_with(path, ends[i]))
			return true;
	return one_of(base, bases, false) || one_of(base, begins, true) || starts_with(path, "scripts/");
}

/* prepare puts the configuration's macros of Rust there, though it doesn't build it. */
bool file_has_rust(const struct target *t)
{
	char *path = format("%s/obj/include/generated/autoconf.h", t->dir);
	void *text = NULL;
	size_t len;
	bool has = !io_read_file(path, 16u << 20, &text, &len, NULL) &&
		   strstr(text, "#define CONFIG_RUST 1\n");

	free(text);
	free(path);
	return has;
}
