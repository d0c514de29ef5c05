/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target.h - a kernel that patches are built for, prepared once and cached.
 *
 * $KLP_CACHE/KREL/ holds (all paths stable, other scripts rely on them):
 *   vmlinuz        the shipped image, as the VM boots it
 *   modules/       the shipped lib/modules/KREL (modprobe -d style: modules/lib/modules/KREL)
 *   headers/       a KDIR for out-of-tree modules
 *   vmlinux        the ELF image inside vmlinuz: text, data, BTF, no symbols
 *   symbols        its kallsyms, one "ADDRESS TYPE NAME" a line, by address order of the table
 *   src/           pristine source tree, as the distribution patched it
 *   obj/           O= folder with .config, Module.symvers and generated headers
 *   commands       compile commands: "OBJECT.o<TAB>COMMAND" a line
 *   target.json    versions, build-id, compiler, TARGET_REVISION
 * `klp-build prepare --runtime` makes only the first three (enough to build the
 * core and to boot a VM), a plain prepare all.
 */
#ifndef KLP_TARGET_H
#define KLP_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf.h"
#include "err.h"

struct strings;

/*
 * How a target is prepared.  Counts up with each mend that makes an older one unfit to build for: it is
 * prepared anew then.  2: the compile commands are shown to be complete; they may have been torn before.
 */
#define TARGET_REVISION	2

struct target_symbol {
	uint64_t address;
	const char *name;
	char type;		/* as in kallsyms: t T d D b B r R a A w W ... */
};

/* How one object of the kernel is compiled. */
struct compile_command {
	const char *object;	/* "net/core/sock_map.o" */
	const char *command;
	const char *module;	/* target_object_of()'s: ask that */
	bool module_known;
};

struct target {
	char *krel;		/* 6.1.0-50-cloud-amd64 */
	char *dir;		/* $KLP_CACHE/KREL */
	char *version;		/* 6.1.176-1 */
	char *compiler;		/* "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0", of the banner */
	char *build_id;		/* lower-case hex */
	char *source_package;	/* "linux-source-6.1" */
	unsigned int major, minor;	/* 6, 1 */
	struct elf_file *image;	/* vmlinux */
	struct target_symbol *symbols;	/* by address, stable in kallsyms order for equal ones */
	size_t nr_symbols;
	/* internal to target*.c */
	void *priv;
};

/* Open a prepared target.  -ENOENT: not prepared; the text says how to. */
int target_open(const char *krel, struct target **out, struct klp_err *err);
void target_close(struct target *t);

/*
 * The parts of opening, for a target that isn't wholly there: one of folder @dir that nothing is read of (NULL: out of
 * memory), the folder's compile commands, and the names in t->symbols, once more after they have changed.
 */
struct target *target_new(const char *krel, const char *dir);
int target_load_commands(struct target *t, struct klp_err *err);
void target_index(struct target *t);

/* @len bytes of the image at link-time address @addr, or NULL if not in it (or NOBITS). */
const uint8_t *target_bytes(const struct target *t, uint64_t addr, size_t len);
/* First symbol of that name from *@pos on (set it to 0 first); NULL at the end. */
const struct target_symbol *target_symbol_next(const struct target *t, const char *name, size_t *pos);
/* How many symbols lie at @addr or below: the first of them, since they are sorted by address. */
size_t target_symbols_until(const struct target *t, uint64_t addr);
/* Distance to the next higher symbol address, which bounds a symbol's size. */
uint64_t target_symbol_size(const struct target *t, const struct target_symbol *s);
/*
 * What the running kernel's kallsyms calls link-time address @addr: the first of the names of that very place.  NULL: it
 * doesn't find the place by its address: there is no symbol, or it is the end of all.
 */
const char *target_listed(const struct target *t, uint64_t addr);
/* Compile command of "net/core/sock_map.o", or NULL: not built in this config. */
const char *target_command(const struct target *t, const char *object);
/* All of them, by object. */
const struct compile_command *target_commands(const struct target *t, size_t *nr);
/* Module name that "fs/isofs/rock.o" ends up in, "vmlinux" if built in; NULL if not built. */
const char *target_object_of(const struct target *t, const char *object);
/* Path of a shipped module, decompressed in the cache: "isofs".  -ENOENT if none. */
int target_module_path(const struct target *t, const char *module, char **path, struct klp_err *err);

/* vmlinux has a strong function of that name, so that a weak one is a dead copy. */
bool target_has_strong(const struct target *t, const char *name);
/* Built, but neither linked into vmlinux nor a module: programs of their own. */
bool target_object_apart(const char *object);
/* Let kbuild make objects, with all that they need; what it says goes to @log, or nowhere. */
int target_make(const struct target *t, const struct strings *objects, const char *log, struct klp_err *err);

#endif
