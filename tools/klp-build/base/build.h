/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build.h - one build, from fix to bundle: the data that its passes share.
 *
 * Passes, in order (pipeline/build_run.c reads as this list):
 *   target_open    the prepared kernel: tree, commands, image, symbols
 *   fix_load       diff or recipe -> file edits
 *   overlay_create the tree "patched": links over the pristine one, and the fix
 *   units_select_* touched translation units (with header closure)
 *   units_compile  each unit twice; those with equal objects drop out
 *   units_diff     changed, new and gone functions and data
 *   units_moves    what goes in one unit and comes in another
 *   units_globals  names for all that another unit has, or takes over
 *   units_annotations  exports, and tables of functions that are read at start
 *   types_compare  changed layouts, enums, signatures
 *   units_prove    replaced functions against the shipped bytes; addresses
 *   units_keys     no jump labels of static keys of a module, or read-only since boot
 *   units_extract  one object a unit with changed code and what it needs
 *   link_module    objtool, kbuild, .ko
 *   bundle         manifest, signature, .klp
 * From units_prove on no address is guessed: all come out of the proof.
 */
#ifndef KLP_BUILD_H
#define KLP_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf.h"
#include "err.h"
#include "report.h"
#include "text.h"

struct target;		/* target.h */
struct fix;		/* fix.h */
struct proof;		/* proof.h */
struct extract;		/* extract.h */
struct layouts;		/* layout.h */

/* One function or variable of a unit, as the differ sees it. */
enum change {
	CHANGE_SAME,
	CHANGE_CHANGED,
	CHANGE_NEW,	/* only in the patched object */
	CHANGE_GONE,	/* only in the original */
};

struct diff_symbol {
	const struct elf_symbol *orig;		/* NULL if CHANGE_NEW */
	const struct elf_symbol *patched;	/* NULL if CHANGE_GONE */
	enum change change;
	bool has_fentry;	/* of the original's (new ones: of the patched) */
	bool forced;		/* promoted: a callee without fentry changed */
	bool handed_out;	/* of functions that are gone or new: something takes the address */
	/*
	 * A global one that goes here and comes in another unit, or the reverse: its other
	 * side is symbols[moved_index] of that unit.  NULL: it doesn't move.
	 */
	const struct unit *moved;
	size_t moved_index;
};

struct unit {
	char *source;		/* relative to the tree: "net/core/sock_map.c" */
	char *o;		/* as the commands name it: "arch/x86/kvm/../../../virt/kvm/kvm_main.o" */
	char *object;		/* "vmlinux", or the module's name: "isofs" */
	char *module_path;	/* the shipped .ko, decompressed; NULL for vmlinux */
	/*
	 * Compiled with -ffunction-sections -fdata-sections -g, before objtool.
	 * orig_plain is the original without the two flags, for the proof; made on
	 * demand by unit_compile_plain().
	 */
	char *orig_path, *patched_path, *plain_path;
	struct elf_file *orig, *patched, *plain;
	struct diff_symbol *symbols;	/* functions and data objects; from units_diff */
	size_t nr_symbols;
	const struct target *target;	/* for units_diff; may be NULL */
	const struct strings *allow_data;	/* changed data that a callback of the patch writes; may be NULL */
	struct proof *proof;		/* from units_prove */
	char *extract_path;		/* from units_extract */
};

struct build {
	struct target *target;
	struct fix *fix;
	struct report *report;
	char *workdir;			/* kept on failure */
	struct unit *units;
	size_t nr_units;
	size_t nr_direct;		/* the first of units: the fix touches them itself, the others by a header */
	size_t nr_reached;		/* units that were selected for headers and included files; some may be equal */
	size_t nr_certain;		/* the first of units: the others follow only if one of layouts changed */
	struct layouts *layouts;	/* from units_select_reached(); NULL: none */
	struct strings apart;		/* objects that follow as well, and that can't be units of a patch */
	struct strings renamed;		/* functions with another signature, new ones in the patched objects; from signatures_settle() */
	unsigned int max_units;		/* refuse a fix that reaches more; 0: no limit */
	unsigned int jobs;
	bool no_line_markers;		/* a unit didn't compile with the patched files' #lines: they are gone */
	const char *objects;		/* folder of objects that builds in a row share; NULL: none */
	const struct strings *allow_data;	/* names, from the command line and the recipes */
	char *name;			/* patch name: [a-z0-9-]+ */
	char *module;			/* manifest_module_name() of it */
	bool of_update;			/* one change of many: what would spoil it for the others stays out */
	uint64_t release;
	const struct strings *requires;	/* "NAME RELEASE", from the command line and the recipes */
	const struct strings *mitigates;	/* names of mitigations that it takes the place of, as above */
	char *module_path;		/* the linked .ko; from link_module */
	struct extract *extract;	/* from units_extract, for link_module; extract_free() */
	uint32_t patch_flags;		/* QP_PATCH_* that the code needs; from units_extract */
};

/* ---- unit.c ---- */

void unit_free(struct unit *u);
/* Another file takes an open object's place. */
int unit_reopen(const char *path, struct elf_file **ef, struct klp_err *err);
/* A pass is done with its objects for now: see elf_rest().  Of hundreds of units, one is in memory. */
void unit_rest(struct unit *u);

#endif
