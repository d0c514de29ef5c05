/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_state.h - each file of a fix ends compiled, irrelevant or refused.
 *
 * Allow-lists decide: what isn't compiled is irrelevant only if that is shown
 * to hold, and a file of a kind that isn't known is refused.
 */
#ifndef KLP_FILE_STATE_H
#define KLP_FILE_STATE_H

#include <stdbool.h>

struct build;
struct fix_file;
struct klp_err;
struct strings;
struct target;

/* Settle what can be told before anything is compiled: irrelevant and refused ones.  Files refusals. */
int files_settle(struct build *b, struct klp_err *err);

/* The build is over: what came of the files goes into its report.  @refused: as a whole. */
int files_report(struct build *b, bool refused, struct klp_err *err);

/* ---- file_kind.c: pure, but for file_has_rust() ---- */

/* Why a file of this path is no part of the kernel, whatever the configuration; NULL: it may be one. */
const char *file_no_part(const char *path);
/* Does it decide what is built, or how? */
bool file_is_build_input(const char *path);
/* Was the target configured with Rust? */
bool file_has_rust(const struct target *t);

/* ---- file_witness.c: what the prepared kernel tells of a file ---- */

/* All objects that are compiled from a source, sorted: "virt/kvm/kvm_main.c", "lib/cmdline.c". */
void file_objects(const struct target *t, const char *path, struct strings *objects);
/* Did a program or a script of the kernel's build read it, as make recorded? */
int file_read_by_build(const struct target *t, const char *path, bool *read, struct klp_err *err);
/* Does a Makefile name an object of it that kbuild links into the kernel, if it is configured? */
int file_named_object(const struct target *t, const char *path, bool *named, struct klp_err *err);
/*
 * Does a Makefile name the header?  Then something other than the compiler reads it, be it in comments: of the numbers
 * behind OID_* in include/linux/oid_registry.h a script makes a table.
 */
int file_named_header(const struct target *t, const char *path, bool *named, struct klp_err *err);
/* Does a unit include it, other than the one that it is itself? */
int file_is_included(const struct target *t, const char *path, bool *included, struct klp_err *err);

#endif
