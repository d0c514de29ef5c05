/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dryrun.h - what `make -n` of a kernel says: how each object is compiled, and of what each archive
 * and each module is put together.
 *
 * kbuild prints a rule's command twice: as it is run, and as it is recorded in a .cmd file for the next
 * make.  A line counts only when both are equal; one that was torn is an error, not a lesser line.
 */
#ifndef KLP_DRYRUN_H
#define KLP_DRYRUN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct klp_err;

struct dry_command {
	char *object;		/* "net/core/sock_map.o", as make names it */
	char *path;		/* the same without "./" and "x/../" */
	char *command;
	char *source;		/* below the tree: "net/core/sock_map.c"; a generated one's path as it is */
	bool reached;		/* for witness.c */
};

struct dry_list {
	char *target;		/* "net/core/built-in.a", "fs/isofs/isofs.mod"; "x.pi.o" if objcopy makes it of x.o */
	struct strings members;	/* objects and archives, folded */
	bool reached;
};

struct dry_run {
	const char *cc;		/* the compiler as it starts a command; the caller's */
	const char *src;	/* the source tree's folder; the caller's */
	struct dry_command *commands;	/* by path, once dry_run_sort() ran */
	size_t nr_commands;
	struct dry_list *lists;		/* by target */
	size_t nr_lists;
	struct strings sources;		/* sorted */
};

/* Take in one line of the output.  -EBADMSG: it is torn, and the text says what it would have made. */
int dry_run_line(struct dry_run *d, const char *line, size_t len, struct klp_err *err);
/* After the last line.  -EBADMSG: one object has two commands. */
int dry_run_sort(struct dry_run *d, struct klp_err *err);
void dry_run_free(struct dry_run *d);

/* NULL: there is none.  After dry_run_sort(). */
struct dry_command *dry_run_command(const struct dry_run *d, const char *path);
struct dry_list *dry_run_list(const struct dry_run *d, const char *target);
bool dry_run_compiles(const struct dry_run *d, const char *source);

/*
 * Append "OBJECT.o<TAB>COMMAND\n" for each compile command in one line of
 * `make -n` output.  @cc: the compiler's name, as it starts a command.
 */
void commands_parse_line(const char *line, size_t len, const char *cc, struct text *out);

#endif
