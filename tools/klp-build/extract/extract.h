/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extract.h - the changed code and what it needs, out of the patched objects: one object a
 * unit for the link; and the symbols of the running kernel by which the rest is reached.
 */
#ifndef KLP_EXTRACT_H
#define KLP_EXTRACT_H

#include "base/build.h"
#include "base/text.h"

struct defs;			/* extract_defs.c */
struct special;			/* special.h */
struct variables;		/* variables.h */
struct elf_out;
struct fragment;		/* extract_priv.h */
struct kernel_place;		/* target/image.h */

/* One symbol of the running kernel that the patch refers to. */
struct ksym {
	char *undef;			/* name of the undefined symbol until relocs.c; unlike any other's */
	const char *link_name;		/* or the kernel's own name: objtool knows some functions by it */
	char *name;			/* as kallsyms or the module's symtab spells it */
	const char *listed;		/* of what isn't exported by vmlinux: as kallsyms calls its address, which may have several names */
	const char *object;		/* "vmlinux" or the module */
	uint32_t sympos;
	uint32_t flags;			/* QP_SYM_* */
	int64_t offset;			/* as qp_sym_desc::offset; vmlinux only */
	bool plain;			/* exported: the stock loader finds it by its own name */
	bool late;			/* of a module: the core writes the reference */
	struct ksym *next_name, *next_link;	/* in its chains */
};

#define KSYM_CHAINS	4096

struct xunit {
	struct build *b;
	struct unit *u;
	struct extract *x;
	const struct elf_file *ef;	/* the patched object */
	struct elf_out *out;
	struct fragment **by_section;	/* per section: its fragments */
	bool *is_table;			/* per section: its entries are about code (special.c) */
	struct fragment *first, **last;	/* all, in order of making */
	struct fragment *todo;		/* first whose relocations aren't resolved */
	uint32_t *out_sym;		/* per symbol of ef: handle in out, 0 = none */
	const struct ksym **undef;	/* per undefined symbol of ef: what it was found to be */
	struct special *special;
	struct variables *variables;	/* of the patched object; NULL: nobody has asked for them */
	uint32_t index;
};

struct extract {
	struct build *b;
	struct xunit *units;
	size_t nr_units;
	struct ksym **ksyms;
	size_t nr_ksyms;
	struct ksym *by_name[KSYM_CHAINS], *by_link[KSYM_CHAINS];	/* by a hash of the two names */
	char *symvers;			/* text of Module.symvers, cut into words */
	const char **exports;		/* names that vmlinux exports to all, sorted */
	size_t nr_exports;
	const char **spaced;		/* those in a namespace, by name */
	size_t nr_spaced;
	struct { const char *name; uint32_t unit; } *names;	/* functions of the patch, by stem */
	size_t nr_names;
	struct defs *defs;		/* what the units define */
	uint64_t anchor;		/* link-time address of QP_ANCHOR */
	uint32_t flags;			/* QP_PATCH_* */
	bool tripwires;			/* the code has some */
	uint32_t nr_funcs, nr_relocs, nr_callbacks, nr_states;
	struct strings callback_objects;	/* names */
};

/* The pass: one object a unit, with changed code and what it needs. */
int units_extract(struct build *b, struct klp_err *err);
void extract_free(struct extract *x);	/* NULL is fine */

/* extract_desc.c: what the core reads of the patch as a whole, as an object for the link. */
int desc_write_head(struct extract *x, const char *path, struct klp_err *err);
/*
 * extract_ksyms.c: the undefined symbol that stands for @place in @object.  @global: it has the
 * linkage that an export needs.
 */
const struct ksym *ksym_get(struct extract *x, const char *object,
			    const struct kernel_place *place, bool global);
/* By its kallsyms name, which must be unique in vmlinux; NULL if it isn't there. */
const struct ksym *ksym_get_named(struct extract *x, const char *name);
/* By the name that an object of the link has it under; NULL if it isn't one. */
const struct ksym *ksym_find(const struct extract *x, const char *link_name);

#define JUMP_TABLE		"__jump_table"
#define JUMP_ENTRY_SIZE		16	/* struct jump_entry on 64-bit, since relative entries came */

#endif
