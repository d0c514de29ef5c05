// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_proof.c - klp-repo log cosign and proof: witnesses' signatures onto the log's checkpoint, and what travels with a
 * bundle, so that a machine without a network can tell that the log has it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tlog/check.h"
#include "../tlog/policy.h"
#include "../tlog/proof.h"
#include "bundle.h"
#include "err.h"
#include "io.h"
#include "publog.h"
#include "repo_tool.h"
#include "tell.h"

/* ---- cosign ---- */

static bool has_line(const char *note, struct tlog_slice line)
{
	char *text = strndup(line.at, line.len);
	bool found = text && strstr(note, text);

	free(text);
	return found;
}

/* Lines of @more that are a witness's of the policy, and new. */
static int add_lines(const struct tlog_policy *policy, const struct log_text *more, char *note, size_t *added)
{
	const struct tlog_signature *s;
	size_t len = strlen(note);

	for (size_t i = 0; i < more->note.nr; i++) {
		s = &more->note.signatures[i];
		if (!tlog_policy_witness(policy, &more->note, i) || has_line(note, s->line))
			continue;
		if (len + s->line.len + 1 >= TLOG_NOTE_MAX)
			return -EFBIG;
		len += (size_t)sprintf(note + len, "%.*s\n", (int)s->line.len, s->line.at);
		++*added;
	}
	return 0;
}

/* @shown is the log's checkpoint, in a folder that is locked. */
static int add_and_write(const char *dir, const struct tlog_policy *policy, const struct log_text *shown, const struct log_text *more,
			 size_t *added, struct klp_err *err)
{
	struct tlog_checkpoint cp;
	size_t nr = 0;
	char *note;
	int ret = tlog_policy_open_log(policy, &more->note, &cp, err);

	if (ret)
		return ret;
	if (more->note.text.len != shown->note.text.len || memcmp(more->note.text.at, shown->note.text.at, more->note.text.len))
		return klp_err_set(err, -ESTALE, "it is a signature of another checkpoint (%llu leaves) than the log's; have the witness look again",
				   (unsigned long long)cp.size);
	note = calloc(1, TLOG_NOTE_MAX + 1);
	if (!note)
		return klp_err_sys(err, -ENOMEM, "cannot cosign");
	memcpy(note, shown->data, shown->len);
	if (add_lines(policy, more, note, &nr))
		ret = klp_err_set(err, -EFBIG, "too many signatures for one checkpoint");
	else if (nr)
		ret = log_write_checkpoint(dir, note, strlen(note), err);
	free(note);
	*added += ret ? 0 : nr;
	return ret;
}

int log_cosign_note(const char *dir, const struct tlog_policy *policy, const struct log_text *more, size_t *added, struct klp_err *err)
{
	struct tlog_checkpoint cp;
	struct log_text shown;
	int lock = log_lock(dir, err), ret;

	if (lock < 0)
		return lock;
	ret = log_read_note(dir, NULL, &shown, err);
	if (!ret) {
		ret = tlog_policy_open_log(policy, &shown.note, &cp, err);
		if (!ret)
			ret = add_and_write(dir, policy, &shown, more, added, err);
		log_text_free(&shown);
	}
	close(lock);
	return ret;
}

static int cosign_file(const struct log_options *opt, const struct tlog_policy *policy, const char *path, size_t *added,
		       struct klp_err *err)
{
	struct log_text more;
	int ret = log_read_note(NULL, path, &more, err);

	if (ret)
		return ret;
	ret = log_cosign_note(opt->log, policy, &more, added, err);
	log_text_free(&more);
	return ret ? klp_err_wrap(err, "%s", path) : 0;
}

int log_cosign(const struct log_options *opt, int argc, char **argv)
{
	struct tlog_policy *policy;
	struct klp_err err = { 0 };
	size_t added = 0;
	int ret;

	ret = log_read_policy(opt->policy, &policy, &err);
	if (ret)
		return log_fail(opt, &err);
	for (int i = 0; i < argc && !ret; i++)
		ret = cosign_file(opt, policy, argv[i], &added, &err);
	tlog_policy_free(policy);
	if (ret)
		return log_fail(opt, &err);
	if (opt->json)
		repo_print_json(json_pack("{s:I}", "added", (json_int_t)added));
	else
		printf("%zu cosignature%s added\n", added, added == 1 ? "" : "s");
	return added ? EXIT_DONE : EXIT_NOTHING;
}

/* ---- proof ---- */

static int make_proof(const char *dir, const struct log_text *shown, uint64_t size, const struct tlog_leaf *leaf,
		      char **out, size_t *len, struct klp_err *err)
{
	struct tlog_proof *p = calloc(1, sizeof(*p));
	struct tlog_tiles *tiles = NULL;
	char *text = NULL;
	int ret;

	if (!p)
		return klp_err_sys(err, -ENOMEM, "cannot make a proof");
	ret = log_find(dir, size, leaf, &p->index, &text, &p->leaf_len, err);
	if (!ret) {
		memcpy(p->leaf, text, p->leaf_len);	/* a leaf of ours: within its limit */
		ret = tlog_tiles_open(dir, size, &tiles, err);
	}
	if (!ret)
		ret = merkle_inclusion(p->index, size, tlog_tiles_node, tiles, p->path, &p->nr, err);
	p->checkpoint = (struct tlog_slice){ shown->data, shown->len };
	if (!ret)
		ret = tlog_proof_format(p, out, len, err);
	tlog_tiles_close(tiles);
	free(text);
	free(p);
	return ret;
}

int log_make_proof(const char *dir, const struct tlog_policy *policy, const struct tlog_leaf *leaf, char **out, size_t *len,
		   uint64_t *size, struct klp_err *err)
{
	struct tlog_checkpoint cp;
	struct log_text shown;
	char *proof;
	int ret = log_read_note(dir, NULL, &shown, err);

	if (ret)
		return ret;
	ret = tlog_policy_open(policy, &shown.note, &cp, err);
	if (ret)
		klp_err_wrap(err, "%s/" TLOG_CHECKPOINT_FILE, dir);
	else
		ret = make_proof(dir, &shown, cp.size, leaf, &proof, len, err);
	log_text_free(&shown);
	if (ret)
		return ret;
	/* As a machine would, before it is given away: the files may not be what was signed. */
	ret = tlog_check(policy, proof, *len, leaf, err);
	if (ret) {
		free(proof);
		return ret;
	}
	if (size)
		*size = cp.size;
	*out = proof;
	return 0;
}

/* Into a bundle; beside anything else. */
static int write_proof(const struct log_options *opt, const char *path, const struct tlog_leaf *leaf, const char *proof, size_t len,
		       struct klp_err *err)
{
	const char *output = opt->output ? opt->output : path;
	char beside[4096];
	size_t size, more;
	void *data, *out;
	int ret;

	if (leaf->kind != TLOG_BUNDLE) {
		if (!opt->output && snprintf(beside, sizeof(beside), "%s.tlog-proof", path) >= (int)sizeof(beside))
			return klp_err_sys(err, -ENAMETOOLONG, "%s", path);
		return io_write_atomic(opt->output ? opt->output : beside, proof, len, 0644, err);
	}
	ret = io_read_file(path, BUNDLE_MAX, &data, &size, err);
	if (ret)
		return ret;
	ret = bundle_attach(data, size, TLOG_ATTACHMENT, proof, len, &out, &more, err);
	free(data);
	if (ret)
		return ret;
	ret = io_write_atomic(output, out, more, 0644, err);
	free(out);
	return ret;
}

static int proof_file(const struct log_options *opt, const struct tlog_policy *policy, const char *path, struct klp_err *err)
{
	struct tlog_leaf leaf;
	uint64_t size;
	size_t len;
	char *proof;
	int ret;

	ret = log_leaf_of(opt, path, &leaf, err);
	if (!ret)
		ret = log_make_proof(opt->log, policy, &leaf, &proof, &len, &size, err);
	if (ret)
		return klp_err_wrap(err, "no proof for %s", path);
	ret = write_proof(opt, path, &leaf, proof, len, err);
	free(proof);
	if (ret)
		return klp_err_wrap(err, "no proof for %s", path);
	if (opt->json)
		repo_print_json(json_pack("{s:s, s:s, s:s, s:I}", "file", path, "kind", tlog_leaf_word(leaf.kind), "name", leaf.name,
					  "size", (json_int_t)size));
	else
		printf("%s: in the log, with its proof (%zu bytes)\n", path, len);
	return 0;
}

int log_proof(const struct log_options *opt, int argc, char **argv)
{
	struct tlog_policy *policy;
	struct klp_err err = { 0 };
	int ret;

	if (opt->output && argc > 1) {
		klp_err_set(&err, -EINVAL, "--output takes one file at a time");
		return log_fail(opt, &err);
	}
	ret = log_read_policy(opt->policy, &policy, &err);
	if (ret)
		return log_fail(opt, &err);
	for (int i = 0; i < argc && !ret; i++)
		ret = proof_file(opt, policy, argv[i], &err);
	tlog_policy_free(policy);
	return ret ? log_fail(opt, &err) : EXIT_DONE;
}
