/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publog.h - what the commands of `klp-repo log` share: options, and the files of one log. */
#ifndef KLP_REPO_PUBLOG_H
#define KLP_REPO_PUBLOG_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "../tlog/checkpoint.h"
#include "../tlog/leaf.h"
#include "../tlog/tiles.h"
#include "exits.h"

struct klp_err;
struct log_addition;
struct signing_key;
struct tlog_policy;

#define LOG_WITNESSES_MAX	16

struct log_options {
	bool json;
	bool fresh;		/* --new */
	const char *log;	/* --log: its folder */
	const char *state;	/* --state: what must not be forgotten; outside of it */
	const char *key;	/* --key: private key file */
	const char *name;	/* --name: of the log (its origin), or of the witness */
	const char *policy;	/* --policy: file of trusted logs and witnesses */
	const char *keys;	/* --keys: who signs bundles */
	const char *output;	/* --output */
	const char *witness[LOG_WITNESSES_MAX];	/* --witness: commands */
	int nr_witnesses;
	const char *withdraw;	/* --withdraw: NAME */
	uint64_t release;	/* --release, of --withdraw; 0: none */
};

/* Each command: @argv holds its operands only.  Returns an exit code. */
int log_init(const struct log_options *opt, int argc, char **argv);
int log_append(const struct log_options *opt, int argc, char **argv);
int log_attach(const struct log_options *opt, int argc, char **argv);
int log_cosign(const struct log_options *opt, int argc, char **argv);
int log_proof(const struct log_options *opt, int argc, char **argv);
int log_witness(const struct log_options *opt, int argc, char **argv);
int log_audit(const struct log_options *opt, int argc, char **argv);

/* A note's bytes, and what they say; log_text_free() frees them. */
struct log_text {
	char *data;
	size_t len;
	struct tlog_note note;
};

/* log_files.c */
/* DIR/checkpoint, or @path if @dir is NULL; parsed, unverified. */
int log_read_note(const char *dir, const char *path, struct log_text *out, struct klp_err *err);
void log_text_free(struct log_text *text);
int log_write_checkpoint(const char *dir, const char *data, size_t len, struct klp_err *err);
int log_read_policy(const char *path, struct tlog_policy **out, struct klp_err *err);
/* @path's private key, and its public half as that of @name. */
int log_read_key(const char *path, enum tlog_key_kind kind, const char *name, struct signing_key **private,
		 struct tlog_key *out, struct klp_err *err);
/* A checkpoint as a note that @key has signed; malloc()ed. */
int log_sign_checkpoint(const struct tlog_checkpoint *cp, const struct tlog_key *key, const struct signing_key *private,
			char **out, struct klp_err *err);
/* One at a time in a folder: returns an fd that holds the lock.  -EBUSY: somebody else has it. */
int log_lock(const char *dir, struct klp_err *err);
/* The root that the folder's files give at @size; what they are compared with is the caller's. */
int log_root(const char *dir, uint64_t size, struct tlog_hash *out, struct klp_err *err);
/* All hashes of leaves that the folder has; *out is malloc()ed. */
int log_leaf_hashes(const char *dir, uint64_t size, struct tlog_hash **out, struct klp_err *err);

/*
 * log_keep.c: an append in two steps, for who has to write something down between them.  log_prepare() locks the log, puts
 * right what a crash left, refuses what can't be in an honest log, and signs; none of the @leaves is anywhere yet.  -EBUSY:
 * another has the lock.  log_add() then writes it all; after a failure of it nobody knows whether others will see it, so the
 * same leaves have to be appended later.
 */
int log_prepare(const struct log_options *opt, const struct tlog_leaf *leaves, size_t nr, struct log_addition **out,
		struct klp_err *err);
int log_add(struct log_addition *add, struct klp_err *err);
/* The @leaves that the log doesn't have, as strings of their own bytes; borrowed. */
json_t *log_addition_entries(const struct log_addition *add);
/* The log as it is after log_add(). */
const struct tlog_checkpoint *log_addition_checkpoint(const struct log_addition *add);
void log_addition_free(struct log_addition *add);

/* log_proof.c: the lines of witnesses in @more onto the log's checkpoint; *added goes up.  -ESTALE: it is of another one. */
int log_cosign_note(const char *dir, const struct tlog_policy *policy, const struct log_text *more, size_t *added, struct klp_err *err);
/*
 * The proof of @leaf, by the log's checkpoint of now, checked as a machine with that policy would; malloc()ed.  @size: of the log,
 * or NULL.  -ENOENT: it isn't in the log; -EACCES: too few witnesses have cosigned that checkpoint.
 */
int log_make_proof(const char *dir, const struct tlog_policy *policy, const struct tlog_leaf *leaf, char **out, size_t *len,
		   uint64_t *size, struct klp_err *err);

/*
 * log_ask.c: unless the log's checkpoint has the policy's quorum, run each of the @commands, for sh, one after the other until it
 * has.  One gets the checkpoint on its standard input, and has a minute to print it cosigned.  -EACCES: too few have.
 */
int log_ask_witnesses(const char *dir, const struct tlog_policy *policy, const json_t *commands, struct klp_err *err);

/* log_leaf.c: what a file is, as a leaf of now: a bundle (verified with --keys), a root, or with --withdraw a withdrawal. */
int log_leaf_of(const struct log_options *opt, const char *path, struct tlog_leaf *out, struct klp_err *err);
void log_leaf_date(struct tlog_leaf *leaf);
/* The same thing, whenever it was appended. */
bool log_leaf_same(const struct tlog_leaf *a, const struct tlog_leaf *b);
/* Two things under one name: never in an honest log. */
bool log_leaf_clash(const struct tlog_leaf *a, const struct tlog_leaf *b);
/*
 * Where @leaf is among @size leaves.  -ENOENT: nowhere; -EEXIST: another one under its name is, see log_leaf_clash().  @text
 * (may be NULL) is the leaf's own bytes, malloc()ed.
 */
int log_find(const char *dir, uint64_t size, const struct tlog_leaf *leaf, uint64_t *index, char **text, size_t *len,
	     struct klp_err *err);
/* For many: @found[i] is set if @leaves[i] is there.  -EEXIST as above. */
int log_find_all(const char *dir, uint64_t size, const struct tlog_leaf *leaves, size_t nr, bool *found, struct klp_err *err);

#endif
