/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build_run.h - run one build: what it is asked for, and how it ends.
 */
#ifndef KLP_BUILD_RUN_H
#define KLP_BUILD_RUN_H

#include "base/build.h"
#include "base/text.h"

struct manifest;

enum outcome {
	OUTCOME_BUILT,
	OUTCOME_NO_CHANGE,
	OUTCOME_REFUSED,
};

struct build_options {
	const char *krel;
	char *const *fixes;
	size_t nr_fixes;
	const char *name;	/* NULL: the fix's */
	const char *out;	/* the bundle; NULL: check only */
	const char *key;	/* PEM; NULL: unsigned */
	const char *module_key, *module_cert;	/* for the kernel's own signature on the .ko, see module_key_load(); NULL: none */
	const char *summary;	/* NULL: the fix's */
	struct strings cves;	/* in addition to the fix's */
	struct strings allow_data;	/* in addition to the fix's */
	struct strings requires;	/* "NAME[:RELEASE]", in addition to the fix's */
	struct strings mitigates;	/* names of mitigations, in addition to the fix's */
	uint64_t expires;		/* of a mitigation: see struct manifest */
	uint64_t release;
	unsigned int jobs;
	unsigned int max_units;	/* refuse a fix that reaches more; 0: no limit */
	bool tripwires;		/* count who gets to refusals that the fix adds */
	bool keep;		/* the work folder, also after success */
	bool of_update;		/* as build::of_update */
	struct target *target;	/* opened already, stays open; NULL: open krel */
	const char *objects;	/* as build::objects; then no work folder is kept, not even after a failure */
	const char *origin;	/* where the fix is from; NULL: what fix_load() says */
	uint32_t flags;		/* QP_PATCH_* on top of what the code needs */
	bool list_changes;	/* the report gets "changed": all functions that differ, with digests of their code */
	const struct manifest *parts;	/* its commits and files go into the bundle's manifest; NULL: none */
};

/* Run all passes.  A refusal is an outcome, not an error. */
int build_run(const struct build_options *o, struct report *r, enum outcome *outcome,
	      struct klp_err *err);

/* A function that the patch replaces; .cold parts go with their parents. */
bool build_replaces(const struct diff_symbol *d);

/* build_bundle.c: manifest and bundle of a linked patch; also fills the report. */
void build_list_functions(struct build *b, struct klp_err *err);
int build_write_bundle(struct build *b, const struct build_options *o, struct klp_err *err);

#endif
