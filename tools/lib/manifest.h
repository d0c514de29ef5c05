/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest.h - what a bundle says of itself: signed JSON, canonical on output.
 *
 * Strings are owned by the manifest and never NULL unless said; a list may be
 * empty.  Unknown members of a known version are refused, so that a typo never
 * passes silently; what may be passed over is a note.
 */
#ifndef KLP_MANIFEST_H
#define KLP_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct klp_err;

#define MANIFEST_VERSION 1

struct manifest_function {
	char *object;		/* "vmlinux" or a module */
	char *name;
	char *file;		/* net/core/sock_map.c */
	uint32_t line;		/* of its definition in the patched source, 0 = unknown */
	uint64_t old_size;	/* bytes */
	uint64_t new_size;
	char *proof;		/* how it was proven: "bytes", ... */
};

/* A commit of the series that the patch was made from, in the series' order. */
struct manifest_commit {
	char *id;		/* 40 hex digits, or "" */
	char *subject;
	char *outcome;		/* "built", "nothing" (to do in this kernel), "refused", "waits" (for a refused one) */
	char *why;		/* of the latter two */
	char **cves;
	size_t nr_cves;
};

/* A file of an update that was put together without commits. */
struct manifest_file {
	char *file;
	char *outcome;		/* "built", "partly", "nothing", "refused" */
	char **left_out;	/* of "partly" and "refused": what, and why */
	size_t nr_left_out;
};

/* What a tool may pass over that doesn't know it.  Signed, like all the rest. */
struct manifest_note {
	char *name;		/* [a-z0-9-]{1,48}, each once */
	char *value;		/* printable, of at most 1024 bytes */
};

struct manifest {
	char *name;		/* patch name: [a-z0-9-]{1,48} */
	uint64_t release;	/* counts up per name; 0 is invalid */
	char *module;		/* module name: manifest_module_name() of it, or of its first release */
	char *summary;		/* one line */
	char *kernel_release;	/* 6.1.0-50-cloud-amd64 */
	char *kernel_build_id;	/* lower-case hex */
	char *kernel_version;	/* package version, 6.1.176-1 */
	char *arch;		/* x86_64 */
	uint32_t flags;		/* QP_PATCH_* */
	char *min_tool;		/* "0.2": earlier versions of the tools refuse it; "": any will do */
	char **cves;
	size_t nr_cves;
	char **objects;		/* objects it patches */
	size_t nr_objects;
	char **requires;	/* "NAME RELEASE": patches that have to be applied, in this release or a later one */
	size_t nr_requires;
	char **mitigates;	/* names of mitigations whose fix this is: it takes their place */
	size_t nr_mitigates;
	char **tripwires;	/* "FUNCTION FILE:LINE": refusals that are counted */
	size_t nr_tripwires;
	uint64_t expires;	/* of a mitigation: seconds since 1970, from when on it does nothing; else 0 */
	struct manifest_function *functions;
	size_t nr_functions;
	struct manifest_commit *commits;	/* of a series; else there are none */
	size_t nr_commits;
	struct manifest_file *files;	/* of an update by files; else there are none */
	size_t nr_files;
	struct manifest_note *notes;
	size_t nr_notes;
	/* provenance */
	char *builder;		/* "klp-build 0.1" */
	char *compiler;		/* "gcc (Debian 12.2.0-14+deb12u1) 12.2.0" */
	char *fix_digest;	/* SHA-256 of the fix, hex */
	char *fix_origin;	/* "linux-source-6.1 6.1.192-2" or a file's base name */
	/* payload: filled by bundle_build() */
	char *module_digest;	/* SHA-256 of the .ko, hex */
	uint64_t module_size;	/* bytes, uncompressed */
};

struct manifest *manifest_new(void);	/* all strings "", lists empty; NULL: no memory */
void manifest_free(struct manifest *m);
int manifest_set(char **field, const char *value);	/* replaces; 0 or -ENOMEM */
int manifest_add_cve(struct manifest *m, const char *cve);
int manifest_add_requirement(struct manifest *m, const char *name, uint64_t release);
int manifest_add_mitigated(struct manifest *m, const char *name);
int manifest_add_tripwire(struct manifest *m, const char *where);
int manifest_add_object(struct manifest *m, const char *object);	/* once each */
#define MANIFEST_NAME_LEN	64	/* a patch's name, with the NUL */
/*
 * A release, as people write it: digits alone, from 1 to 2^63 - 1, which is what a manifest, JSON and klp-apply hold; no leading 0, so that
 * one number is one text.  -EINVAL: it is none.
 */
int manifest_parse_release(const char *text, uint64_t *out);
/* One of `requires`; -EINVAL: it isn't one. */
int manifest_requirement(const char *text, char name[MANIFEST_NAME_LEN], uint64_t *release);
/*
 * "qp_pipe_read" for release 1 of pipe-read, "qp_pipe_read_R2" for release 2: a later release
 * stands beside the one that it takes over from. -ENAMETOOLONG: the kernel has no room for it.
 */
int manifest_module_name(const char *name, uint64_t release, char out[MANIFEST_NAME_LEN]);
/* The new, zeroed entry, or NULL: no memory. */
struct manifest_function *manifest_add_function(struct manifest *m);
struct manifest_commit *manifest_add_commit(struct manifest *m);
int manifest_add_commit_cve(struct manifest_commit *c, const char *cve);
struct manifest_file *manifest_add_file(struct manifest *m);
/* A note: functions, a space between, that stay as they are while all of the kernel's calls go to the patch's own. */
#define MANIFEST_NOTE_SUPERSEDED "superseded"
struct manifest_note *manifest_add_note(struct manifest *m);
/* The value of note @name, or NULL. */
const char *manifest_note(const struct manifest *m, const char *name);
/* The commits and files of @from. */
int manifest_copy_parts(struct manifest *m, const struct manifest *from);
int manifest_add_left_out(struct manifest_file *f, const char *what);

/* Does a tool of that version do for a manifest that wants @min?  -EINVAL: @min is no version; -EPROTONOSUPPORT: no. */
int manifest_tool_serves(const char *min, const char *version);
/*
 * Pure function of (buf, len).  -EBADMSG with what and where; -EFBIG: a list is over its limit;
 * -EPROTONOSUPPORT: it is for a newer version of the tools.
 */
int manifest_parse(const void *json, size_t len, struct manifest **out, struct klp_err *err);
/* Canonical JSON: sorted keys, no spaces.  *out is malloc()ed, NUL-terminated. */
int manifest_format(const struct manifest *m, char **out, size_t *len, struct klp_err *err);
/* Is it CVE-YEAR-NUMBER; is it one line for people? */
bool manifest_is_cve(const char *s);
bool manifest_is_line(const char *s);
bool manifest_is_name(const char *s);	/* of a patch */
/* All rules for a manifest that is to be signed or installed. */
int manifest_check(const struct manifest *m, struct klp_err *err);

#endif
