/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * master.h - the publisher's own copy of a repository, in a folder outside it, and what has been signed.
 *
 * A command opens it, changes what is in memory, and commits.  Nothing that a server gave back is ever signed again: all that
 * is signed comes from here.  The folder has
 *	head.json	which versions are published, and which have been signed at any time
 *	metadata/	VERSION.NAME.json, never overwritten
 *	targets/	as in the repository
 *	publog.json	where the public log is, if there is one, and how its witnesses are asked
 * A commit notes the versions as signed, writes the files, lets the TUF client try them, and replaces head.json; only then
 * does anything get into the repository, the timestamp last.  So a command that is killed has published all or nothing, or what
 * the next command completes; no version is ever signed twice, but for that of a root that never got out of the folder.
 *
 * With a public log, nothing gets into the repository before it is a leaf there: head.json is replaced with the new leaves
 * among it ("tolog"), they are appended, and then they are taken out of head.json again.  A command that finds some there
 * appends them first, so that a root that may be in the log already isn't signed again with other bytes.
 */
#ifndef KLP_REPO_MASTER_H
#define KLP_REPO_MASTER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "../tlog/leaf.h"
#include "pack.h"

struct klp_err;
struct log_addition;
struct repo_index;
struct repo_options;
struct signing_key;
struct tlog_policy;

#define MASTER_KEYS_MAX	16
#define BIN_BITS	8	/* 256 bins: see docs/bundle-format.md, "Sizes" */
#define NR_BINS		(1 << BIN_BITS)

/* Days that what is signed now is good for. */
#define ROOT_DAYS	365
#define TARGETS_DAYS	180
#define SNAPSHOT_DAYS	90
#define TIMESTAMP_DAYS	3

struct master {
	const struct repo_options *opt;
	char dir[PATH_MAX];
	int lock;
	struct signing_key *keys[MASTER_KEYS_MAX];	/* of --key */
	int nr_keys;
	/* "signed" of what is published; a command changes these, and says so */
	json_t *root, *timestamp, *snapshot, *targets;
	json_t *bins;			/* by role's name: those that have been looked into */
	json_t *changed_bins;		/* names of those that were changed */
	bool root_changed, targets_changed, snapshot_changed;
	/* internal */
	int64_t signed_timestamp, signed_serial;
	int64_t signed_at;		/* s since 1970: when that was; 0: isn't known */
	bool clock_back;		/* the clock shows clearly less than that */
	json_t *old_root;		/* whose keys sign a new one, too; or NULL */
	struct pack fresh;		/* "metadata/..." and "targets/...": to be written */
	struct tlog_leaf *leaves;	/* what this command publishes */
	size_t nr_leaves;
	json_t *publog;			/* publog.json, once it was needed */
	json_t *tolog;			/* head.json's; NULL: all that is published is in the log */
	bool exists;			/* head.json is there */
};

/* @create: of init, which makes the folder; else -ENOENT: there is none. */
int master_open(struct master *m, const struct repo_options *opt, bool create, struct klp_err *err);
void master_close(struct master *m);

/* Sign what was changed, write it down, publish it.  With nothing changed: a new timestamp. */
int master_commit(struct master *m, struct klp_err *err);
/* Days, or what --expires says. */
int64_t master_days(const struct master *m, int days);
/* How late the earliest expiry of root, snapshot, targets and their bins is: s since 1970; @what: whose. */
int master_first_expiry(struct master *m, int64_t *when, char what[64], struct klp_err *err);

/* "2027-01-31T00:00:00Z" and back; -1: no such time. */
int64_t master_parse_time(const char *text);

/* master_head.c: what is published, into memory. */
int master_load_head(struct master *m, struct klp_err *err);
/* head.json anew: with the versions that are signed; if @published, those in memory are published, with @m->tolog. */
int master_write_head(const struct master *m, bool published, struct klp_err *err);

/* master_targets.c: targets, in their bins. */
int master_put(struct master *m, const char *path, const void *data, size_t len, struct klp_err *err);
/* -ENOENT: there is none. */
int master_get(struct master *m, const char *path, size_t limit, void **out, size_t *len, struct klp_err *err);
int master_drop(struct master *m, const char *path, struct klp_err *err);
/* The bin that @path is in; borrowed, and marked as changed if @change. */
int master_bin(struct master *m, const char *path, bool change, json_t **out, struct klp_err *err);
int master_bin_named(struct master *m, const char *name, json_t **out, struct klp_err *err);
void master_bin_name(unsigned int nr, char out[16]);
/* SHA-256 of a target; "": there is none. */
int master_digest(struct master *m, const char *path, char out[SHA256_HEX_LEN + 1], struct klp_err *err);
/* "targets/DIR/SHA256.NAME", the file of a target. */
int master_target_file(const char *path, const char *digest, char out[PATH_MAX], struct klp_err *err);
/* Build-ids that there is an index for: a new reference to a list. */
int master_kernels(struct master *m, json_t **out, struct klp_err *err);
int master_index(struct master *m, const char *build_id, struct repo_index **out, struct klp_err *err);
int master_put_index(struct master *m, const struct repo_index *index, struct klp_err *err);

/* master_log.c: the public log, where publog.json says that there is one. */
/* A command publishes that; @build_id: of a bundle, else "". */
int master_log_leaf(struct master *m, enum tlog_leaf_kind kind, const char *name, uint64_t release, const char *build_id,
		    const char *digest, struct klp_err *err);
/* Before the commit: sees that the log takes all of it.  *out is NULL if there is nothing to append. */
int master_log_prepare(struct master *m, struct log_addition **out, struct klp_err *err);
/* After it, with @m->tolog in head.json. */
int master_log_append(struct master *m, struct log_addition *add, struct klp_err *err);
/* The policy by which bundles get their proofs; NULL: there is no log, or none of its policy is known. */
int master_log_policy(struct master *m, struct tlog_policy **out, struct klp_err *err);
/* What the command publishes, into the log before anything is signed. */
int master_log_ahead(struct master *m, struct klp_err *err);
/* What an earlier command didn't come to. */
int master_log_resume(struct master *m, struct klp_err *err);
/* log_attach.c: from now on that is the log, and it has all that is published; @where: {"log", "state", "key"}, and maybe "policy", "witnesses". */
int master_log_set(struct master *m, json_t *where, struct klp_err *err);

/* export.c: what the repository lacks of the master; the timestamp last. */
int master_export(struct master *m, struct klp_err *err);
/* Does the repository have a timestamp that this master never signed?  -ESTALE. */
int master_check_repo(struct master *m, struct klp_err *err);

/* reader.c: the TUF client over files; all of @fresh before those below @dir. */
int master_try(struct master *m, struct klp_err *err);

/* tufsign.c. */
/* {"signed": @body, "signatures"} by all keys of @m that @role names; @role2 (or NULL) has to be satisfied as well. */
int master_sign(const struct master *m, const char *what, json_t *body, const json_t *role, const json_t *role2, void **out,
		size_t *len, struct klp_err *err);
/* A new body of that type: version 0, for so many days. */
json_t *master_body(const char *type, int64_t days);
void master_set_expiry(json_t *body, int64_t days);

/* roles.c: "--role NAME=[THRESHOLD:]FILE,FILE..." into a root's keys and roles. */
int roles_set(json_t *root, const char *spec, struct klp_err *err);
int roles_set_own(json_t *root, const struct master *m, struct klp_err *err);
/* Take key @id out of all roles, and keys that no role has. */
int roles_drop_key(json_t *root, const char *id, struct klp_err *err);
void roles_sweep(json_t *root);
/* targets' delegation to the bins: the keys of the root's role targets. */
json_t *roles_delegations(const json_t *root);

#endif
