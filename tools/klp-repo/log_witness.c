// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_witness.c - klp-repo log witness: whoever cosigns a log says that it has only ever grown, as far as they have seen.
 *
 * Meant for a machine of somebody else than the publisher, with a copy of the log (rsync, wget).  The state folder has the
 * last checkpoint that was cosigned.  The next one is cosigned only when the log's own files prove that it begins with all
 * of the last; it is remembered before the signature leaves the machine.  A fork is refused, and both checkpoints, each
 * signed by the log, are kept: they convict it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../tlog/policy.h"
#include "err.h"
#include "io.h"
#include "own_folder.h"
#include "publog.h"
#include "repo_tool.h"
#include "sign.h"
#include "tell.h"

#define SEEN_FILE	"seen"
#define EVIDENCE_FILE	"fork"

struct witness {
	const struct log_options *opt;
	int lock;
	struct tlog_policy *policy;
	struct signing_key *private;
	struct tlog_key key;
	struct log_text shown;		/* what the log shows now */
	struct tlog_checkpoint now;
	bool has_seen;
	struct log_text seen;
	struct tlog_checkpoint last;
};

static int state_path(const struct witness *w, const char *name, char out[PATH_MAX], struct klp_err *err)
{
	if (snprintf(out, PATH_MAX, "%s/%s", w->opt->state, name) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", w->opt->state);
	return 0;
}

static int read_seen(struct witness *w, struct klp_err *err)
{
	char path[PATH_MAX];
	int ret;

	ret = state_path(w, SEEN_FILE, path, err);
	if (!ret)
		ret = log_read_note(NULL, path, &w->seen, err);
	if (ret == -ENOENT)
		return w->opt->fresh ? 0 : klp_err_set(err, -ENOENT, "%s remembers nothing of a log; a witness that has forgotten would cosign any "
						       "history: --new believes this log once, as it is now", w->opt->state);
	if (ret)
		return ret;
	w->has_seen = true;
	ret = tlog_policy_open_log(w->policy, &w->seen.note, &w->last, err);
	if (!ret && w->opt->fresh)
		return klp_err_set(err, -EEXIST, "%s remembers the log %s already; --new is for the first time", w->opt->state, w->last.origin);
	return ret ? klp_err_wrap(err, "%s", path) : 0;
}

static int witness_open(struct witness *w, struct klp_err *err)
{
	int ret;

	ret = log_read_key(w->opt->key, TLOG_WITNESS, w->opt->name, &w->private, &w->key, err);
	if (!ret)
		ret = log_read_policy(w->opt->policy, &w->policy, err);
	if (!ret)
		ret = io_mkdirs(w->opt->state, 0700, err);
	if (!ret)
		ret = own_folder_check(w->opt->state, err);
	if (!ret) {
		w->lock = log_lock(w->opt->state, err);
		ret = w->lock < 0 ? w->lock : 0;
	}
	if (!ret)
		ret = read_seen(w, err);
	if (!ret)
		ret = log_read_note(w->opt->log, NULL, &w->shown, err);
	if (!ret) {
		ret = tlog_policy_open_log(w->policy, &w->shown.note, &w->now, err);
		if (ret)
			klp_err_wrap(err, "%s/" TLOG_CHECKPOINT_FILE, w->opt->log);
	}
	return ret;
}

static void witness_close(struct witness *w)
{
	log_text_free(&w->shown);
	log_text_free(&w->seen);
	signing_key_free(w->private);
	tlog_policy_free(w->policy);
	if (w->lock >= 0)
		close(w->lock);
}

/* Both, one behind the other, in a file that is never written over. */
static int keep_evidence(const struct witness *w, char path[PATH_MAX], struct klp_err *err)
{
	char name[64], *text;
	int ret, len;

	snprintf(name, sizeof(name), EVIDENCE_FILE "-%llu-%llu-%lld", (unsigned long long)w->last.size,
		 (unsigned long long)w->now.size, (long long)time(NULL));
	ret = state_path(w, name, path, err);
	if (ret)
		return ret;
	len = asprintf(&text, "%.*s\n%.*s", (int)w->seen.len, w->seen.data, (int)w->shown.len, w->shown.data);
	if (len < 0)
		return klp_err_sys(err, -ENOMEM, "cannot keep %s", path);
	ret = io_write_new(path, text, (size_t)len, 0644, err);
	free(text);
	return ret == -EEXIST ? 0 : ret;
}

static int refuse_fork(const struct witness *w, struct klp_err *err)
{
	static const char why[] = "it doesn't begin with what it was when it was last cosigned";
	struct klp_err other = { 0 };
	char path[PATH_MAX] = "";

	if (keep_evidence(w, path, &other))
		return klp_err_set(err, -EKEYREJECTED, "the log %s has FORKED: %s; not cosigned; and the two checkpoints couldn't be kept: %.500s",
				   w->now.origin, why, other.text);
	return klp_err_set(err, -EKEYREJECTED, "the log %s has FORKED: %s; not cosigned; the two checkpoints that its key has signed are in %s: show them to others",
			   w->now.origin, why, path);
}

/*
 * The files don't prove that the log has only grown.  Damaged on their way, or a fork?  A fork is when the hashes of all
 * leaves give the root that is signed now, and those of the first ones not the root that was signed then.
 */
static int tell_fork(const struct witness *w, struct klp_err *err)
{
	struct tlog_hash *hashes, now, then;
	int ret;

	ret = log_leaf_hashes(w->opt->log, w->now.size, &hashes, err);
	if (ret)
		return ret;
	ret = merkle_fold(hashes, w->now.size, &now);
	if (!ret)
		ret = merkle_fold(hashes, w->last.size, &then);
	free(hashes);
	if (ret)
		return klp_err_set(err, ret, "cannot hash the log's leaves");
	if (!memcmp(&now, &w->now.root, sizeof(now)) && memcmp(&then, &w->last.root, sizeof(then)))
		return refuse_fork(w, err);
	return klp_err_set(err, -EBADMSG, "the files of %s don't fit each other or its checkpoint; copy it again", w->opt->log);
}

/* Does the log as it is now begin with all that was seen?  Its own files have to prove it. */
static int check_growth(const struct witness *w, struct klp_err *err)
{
	struct tlog_hash path[TLOG_CONSISTENCY_MAX], root;
	struct tlog_tiles *tiles;
	size_t nr;
	int ret;

	ret = log_root(w->opt->log, w->now.size, &root, err);
	if (!ret && memcmp(&root, &w->now.root, sizeof(root)))
		ret = klp_err_set(err, -EBADMSG, "the files of %s don't give the root of its checkpoint; copy it again", w->opt->log);
	if (ret || !w->has_seen)
		return ret;
	ret = tlog_tiles_open(w->opt->log, w->now.size, &tiles, err);
	if (ret)
		return ret;
	ret = merkle_consistency(w->last.size, w->now.size, tlog_tiles_node, tiles, path, &nr, err);
	tlog_tiles_close(tiles);
	if (!ret && merkle_check_consistency(w->last.size, &w->last.root, w->now.size, &w->now.root, path, nr))
		ret = tell_fork(w, err);
	return ret;
}

static int check(const struct witness *w, struct klp_err *err)
{
	if (w->has_seen && strcmp(w->last.origin, w->now.origin))
		return klp_err_set(err, -EBADMSG, "this is the log %s, and %s remembers %s; each log takes a state folder of its own",
				   w->now.origin, w->opt->state, w->last.origin);
	if (w->has_seen && w->now.size < w->last.size)
		return klp_err_set(err, -ESTALE, "the log %s has %llu leaves, and had %llu when it was last cosigned: an old copy, or a log that was "
				   "set back; not cosigned", w->now.origin, (unsigned long long)w->now.size, (unsigned long long)w->last.size);
	return check_growth(w, err);
}

/* The log's text with our line alone; what is remembered is what the log has signed. */
static int cosign(const struct witness *w, struct klp_err *err)
{
	char line[TLOG_SIGNATURE_ROOM], path[PATH_MAX], *text;
	int ret, len;

	ret = state_path(w, SEEN_FILE, path, err);
	if (!ret)
		ret = io_write_atomic(path, w->shown.data, w->shown.len, 0600, err);
	if (!ret)
		ret = tlog_note_sign(w->shown.note.text, &w->key, w->private, (uint64_t)time(NULL), line, err);
	if (ret)
		return ret;
	if (!w->opt->output) {
		printf("%.*s%s", (int)w->shown.len, w->shown.data, line);
		return 0;
	}
	len = asprintf(&text, "%.*s%s", (int)w->shown.len, w->shown.data, line);
	if (len < 0)
		return klp_err_sys(err, -ENOMEM, "cannot write %s", w->opt->output);
	ret = io_write_output(w->opt->output, text, (size_t)len, 0644, err);
	free(text);
	return ret;
}

int log_witness(const struct log_options *opt, int argc, char **argv)
{
	struct witness w = { .opt = opt, .lock = -1 };
	char vkey[TLOG_VKEY_ROOM];
	struct klp_err err = { 0 };
	int ret;

	(void)argc;
	(void)argv;
	if (opt->json && !opt->output) {
		klp_err_set(&err, -EINVAL, "with --json the cosigned checkpoint needs a file: --output FILE");
		return log_fail(opt, &err);
	}
	ret = witness_open(&w, &err);
	if (!ret)
		ret = check(&w, &err);
	if (!ret)
		ret = cosign(&w, &err);
	witness_close(&w);
	if (ret)
		return log_fail(opt, &err);
	tlog_key_format(&w.key, vkey);
	if (opt->json)
		repo_print_json(json_pack("{s:s, s:I, s:s}", "log", w.now.origin, "size", (json_int_t)w.now.size, "vkey", vkey));
	else if (opt->output)
		printf("cosigned %s with %llu leaves; for policies:\nwitness NAME %s\n", w.now.origin, (unsigned long long)w.now.size, vkey);
	return EXIT_DONE;
}
