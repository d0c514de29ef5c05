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

struct prepare {
	const char *krel;
	const char *cache;	/* $KLP_CACHE */
	bool runtime;		/* only what building the core and booting need */
	bool force;		/* even if it is there */
	unsigned int jobs;
	struct prepare_given {	/* a kernel that no package is of; source NULL: by packages */
		const char *source;	/* its source tree */
		const char *config, *symvers;
		const char *vmlinux;	/* ELF or bootable */
		const char *modules;	/* folder of .ko files, or NULL */
	} given;
	struct report *report;
	/* while it runs */
	char *final;		/* $KLP_CACHE/KREL */
	char *tmp;		/* $KLP_CACHE/.KREL.tmp, renamed to final at the end */
	char *log;		/* beside tmp: what tar, make and others said */
	char *config, *symvers;	/* where they are */
	char *release;		/* given: what its image calls itself; the caller's to free */
	char *version, *source_package;
	char *cc;		/* "gcc-12" */
	char *compiler;		/* CONFIG_CC_VERSION_TEXT */
	char *banner, *build_id;
};

/* 0 also if the target was there already and nothing was to do. */
int prepare_target(struct prepare *p, struct klp_err *err);
/* Is a target there that will do, of this version of klp-build? */
bool prepare_is_ready(const struct prepare *p);
/* Take the compile commands of what is prepared once more, and check that they are complete. */
int prepare_recheck(struct prepare *p, struct klp_err *err);

/*
 * prepare_image.c: symbols, and what tmp/vmlinux says of itself into @p; checks
 * that it is of the wanted release, and that config and symvers are its own.
 */
int prepare_image(struct prepare *p, struct klp_err *err);
/* "6.1.0-50-cloud-amd64" of an ELF image, malloc()ed; NULL: none found. */
char *image_release(const char *vmlinux, struct klp_err *err);

/*
 * prepare_given.c: checks p->given, and finds p->krel if it isn't named; then
 * what fills tmp with all but the tree.
 */
int given_release(struct prepare *p, struct klp_err *err);
int given_stages(struct prepare *p, struct klp_err *err);
/* Take away what given_release() left beside the target. */
void given_end(const struct prepare *p);

/*
 * prepare_tree.c: src/, obj/ and commands; the second half of a full prepare.
 * @source_deb: NULL if the source is given.
 */
int prepare_tree(struct prepare *p, const char *source_deb, struct klp_err *err);
/* prepare_source.c: tmp/src out of @deb, or copied from p->given (NULL), as clean as unpacked. */
int prepare_source(const struct prepare *p, const char *deb, struct klp_err *err);
/* prepare_make.c: run make in the tree as the kernel's own build did. */
int prepare_make(const struct prepare *p, const char *out_path, const char *const *goals,
		 struct klp_err *err);
/* prepare_commands.c: tmp/commands, and the proof that it is complete; see witness.h. */
int prepare_commands(const struct prepare *p, struct klp_err *err);
/*
 * The compiler that @config, of file @path, names, malloc()ed.  -EBADMSG: it isn't @banner's, so the
 * configuration isn't this image's.
 */
int config_compiler(const char *config, const char *path, const char *banner, char **out,
		    struct klp_err *err);

/* prepare_config.c */
/* The value of CONFIG_<NAME>="value" in a .config, malloc()ed; NULL if none. */
char *config_string(const char *config, const char *name);
/* -ENOTSUP, with the option and the reason, if no patches can be built for such a kernel. */
int config_buildable(const char *config, struct klp_err *err);

/*
 * The compiler at hand must be the one of the kernel's banner, to the last digit:
 * "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0".
 */
int compiler_check(const char *compiler, struct klp_err *err);

/* prepare_source.c: parts of the source tree that an x86-64 build never reads, so that they are left out. */
bool source_left_out(const char *path);

/* $KLP_CACHE, or its default. */
const char *cache_dir(void);
/* Where work folders are made: $TMPDIR if that is a whole path, else /tmp. */
const char *tmp_dir(void);

#endif
