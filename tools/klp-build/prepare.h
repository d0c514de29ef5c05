/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare.h - make a target: packages in, the layout of target.h out.
 */
#ifndef KLP_PREPARE_H
#define KLP_PREPARE_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;
struct report;
struct text;

struct prepare {
	const char *krel;
	const char *cache;	/* $KLP_CACHE */
	bool runtime;		/* only what building the core and booting need */
	bool force;		/* even if it is there */
	unsigned int jobs;
	struct report *report;
	/* while it runs */
	char *final;		/* $KLP_CACHE/KREL */
	char *tmp;		/* $KLP_CACHE/.KREL.tmp, renamed to final at the end */
	char *log;		/* in tmp: what tar, make and others said */
	char *version, *source_package;
	char *cc;		/* "gcc-12" */
	char *compiler;		/* CONFIG_CC_VERSION_TEXT */
	char *banner, *build_id;
};

/* 0 also if the target was there already and nothing was to do. */
int prepare_target(struct prepare *p, struct klp_err *err);

/* prepare_tree.c: src/, obj/ and commands; the second half of a full prepare. */
int prepare_tree(struct prepare *p, const char *source_deb, struct klp_err *err);
/*
 * Append "OBJECT.o<TAB>COMMAND\n" for each compile command in one line of
 * `make -n` output.  @cc: the compiler's name, as it starts a command.
 */
void commands_parse_line(const char *line, size_t len, const char *cc, struct text *out);
/* The value of CONFIG_<NAME>="value" in a .config, malloc()ed; NULL if none. */
char *config_string(const char *config, const char *name);

/*
 * The compiler at hand must be the one of the kernel's banner, to the last digit:
 * "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0".
 */
int compiler_check(const char *compiler, struct klp_err *err);

/* Parts of the source tree that an x86-64 build never reads, so that they are left out. */
bool source_left_out(const char *path);

/* $KLP_CACHE, or its default. */
const char *cache_dir(void);

#endif
