// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_audit.c - klp-repo log audit: the whole log, read again from its first leaf, by anybody.
 *
 * What is found is told, one line each: a leaf that isn't what its hash says, files that don't give the signed root, leaves
 * that nobody can make sense of, two things published under one name, and a checkpoint that somebody else was shown and
 * that isn't of this history (a split view).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../tlog/check.h"
#include "../tlog/policy.h"
#include "../tlog/proof.h"
#include "bundle.h"
#include "err.h"
#include "io.h"
#include "publog.h"
#include "repo_tool.h"
#include "tell.h"

#define LEAVES_MAX	(1u << 24)	/* of a log that is read whole into memory: 512 MiB of hashes */
#define BUNDLE_BYTE	0x89		/* a bundle begins with it, and no text does */

struct audit {
	const struct log_options *opt;
	struct tlog_policy *policy;
	struct log_text shown;
	struct tlog_checkpoint cp;
	struct tlog_hash *hashes;	/* of the leaves, computed from the entries */
	json_t *digests;		/* "kind release build-id name" -> digest and index */
	json_t *findings;
	size_t counts[TLOG_LEAF_KINDS];
};

static void found(struct audit *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void found(struct audit *a, const char *fmt, ...)
{
	char text[KLP_ERR_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(a->findings, json_string(text));
	if (!a->opt->json)
		printf("FOUND %s\n", text);
}

/* ---- leaves ---- */

/* Under one name there is one thing, however often it is appended. */
static void check_name(struct audit *a, uint64_t i, const struct tlog_leaf *leaf)
{
	char name[TLOG_LEAF_NAME_MAX + TLOG_BUILD_ID_MAX + 64];
	const json_t *before;

	snprintf(name, sizeof(name), "%d %llu %s %s", leaf->kind, (unsigned long long)leaf->release, leaf->build_id, leaf->name);
	before = json_object_get(a->digests, name);
	if (!before)
		json_object_set_new(a->digests, name, json_pack("{s:s, s:I}", "digest", leaf->digest, "index", (json_int_t)i));
	else if (leaf->kind != TLOG_WITHDRAWAL && strcmp(json_string_value(json_object_get(before, "digest")), leaf->digest))
		found(a, "leaves %lld and %llu are two different %ss %s of release %llu: one of them may have been meant for somebody in particular",
		      (long long)json_integer_value(json_object_get(before, "index")), (unsigned long long)i, tlog_leaf_word(leaf->kind),
		      leaf->name, (unsigned long long)leaf->release);
}

static int read_entry(struct audit *a, struct tlog_tiles *tiles, uint64_t i, struct klp_err *err)
{
	struct tlog_hash stored;
	struct tlog_slice entry;
	struct tlog_leaf leaf;
	int ret;

	ret = tlog_tiles_entry(tiles, i, &entry, err);
	if (!ret)
		ret = merkle_leaf(entry.at, entry.len, &a->hashes[i]);
	if (ret)
		return ret;
	if (tlog_leaf_parse(entry.at, entry.len, &leaf, NULL)) {
		found(a, "leaf %llu isn't anything that this program knows", (unsigned long long)i);
	} else {
		a->counts[leaf.kind]++;
		check_name(a, i, &leaf);
	}
	ret = tlog_tiles_node(tiles, 0, i, &stored, err);
	if (!ret && memcmp(&stored, &a->hashes[i], sizeof(stored)))
		found(a, "leaf %llu isn't the one whose hash the log's tiles have", (unsigned long long)i);
	return ret;
}

/* Every tile's hashes, against those computed from the entries. */
static int check_tiles(struct audit *a, struct tlog_tiles *tiles, struct klp_err *err)
{
	struct tlog_hash stored, want;
	int ret = 0;

	for (unsigned int level = TLOG_TILE_HEIGHT; level < 64 && a->cp.size >> level && !ret; level += TLOG_TILE_HEIGHT) {
		for (uint64_t i = 0; i < a->cp.size >> level && !ret; i++) {
			ret = tlog_tiles_node(tiles, level, i, &stored, err);
			if (!ret)
				ret = merkle_fold(a->hashes + (i << level), (size_t)1 << level, &want);
			if (!ret && memcmp(&stored, &want, sizeof(want)))
				found(a, "hash %llu of the tiles of level %u isn't that of its leaves", (unsigned long long)i,
				      level / TLOG_TILE_HEIGHT);
		}
	}
	return ret;
}

/* Of the first @size leaves. */
static int root_at(const struct audit *a, uint64_t size, struct tlog_hash *out)
{
	return size ? merkle_fold(a->hashes, size, out) : merkle_empty(out);
}

static int read_log(struct audit *a, struct klp_err *err)
{
	struct tlog_tiles *tiles;
	struct tlog_hash root;
	int ret;

	if (a->cp.size > LEAVES_MAX)
		return klp_err_set(err, -EFBIG, "the log has %llu leaves; this program reads up to %u", (unsigned long long)a->cp.size, LEAVES_MAX);
	a->hashes = calloc(a->cp.size + 1, sizeof(*a->hashes));
	if (!a->hashes)
		return klp_err_sys(err, -ENOMEM, "cannot read the log");
	ret = tlog_tiles_open(a->opt->log, a->cp.size, &tiles, err);
	if (ret)
		return ret;
	for (uint64_t i = 0; i < a->cp.size && !ret; i++)
		ret = read_entry(a, tiles, i, err);
	if (!ret)
		ret = check_tiles(a, tiles, err);
	tlog_tiles_close(tiles);
	if (!ret)
		ret = root_at(a, a->cp.size, &root);
	if (!ret && memcmp(&root, &a->cp.root, sizeof(root)))
		found(a, "the leaves don't give the root that the log has signed for %llu of them", (unsigned long long)a->cp.size);
	return ret;
}

/* ---- what others were shown ---- */

static int compare_note(struct audit *a, const char *path, const char *data, size_t len, struct klp_err *err)
{
	struct tlog_checkpoint cp;
	struct tlog_note note;
	struct tlog_hash root;
	int ret;

	ret = tlog_note_parse(data, len, &note, err);
	if (!ret)
		ret = tlog_policy_open_log(a->policy, &note, &cp, err);
	if (ret)
		return ret;
	if (strcmp(cp.origin, a->cp.origin))
		return klp_err_set(err, -EBADMSG, "it is of the log %s, not of %s", cp.origin, a->cp.origin);
	if (cp.size > a->cp.size)
		return klp_err_set(err, -ESTALE, "it has %llu leaves, and this copy of the log %llu: get the log again, then compare",
				   (unsigned long long)cp.size, (unsigned long long)a->cp.size);
	ret = root_at(a, cp.size, &root);
	if (!ret && memcmp(&root, &cp.root, sizeof(root)))
		found(a, "SPLIT VIEW: %s is a checkpoint of %llu leaves, signed by the log %s, and not of the history that it shows here", path,
		      (unsigned long long)cp.size, cp.origin);
	return ret;
}

static int compare_bundle(struct audit *a, const char *path, const void *data, size_t len, struct klp_err *err)
{
	struct tlog_proof *p = malloc(sizeof(*p));
	const void *proof;
	struct bundle *b;
	size_t n;
	int ret;

	ret = p ? bundle_parse(data, len, &b, err) : klp_err_sys(err, -ENOMEM, "cannot read %s", path);
	if (!ret) {
		if (!bundle_attachment(b, TLOG_ATTACHMENT, &proof, &n))
			ret = klp_err_set(err, -ENOENT, "the bundle has no proof with a checkpoint in it");
		if (!ret)
			ret = tlog_proof_parse(proof, n, p, err);
		if (!ret)
			ret = compare_note(a, path, p->checkpoint.at, p->checkpoint.len, err);
		bundle_free(b);
	}
	free(p);
	return ret;
}

/* A bundle, a proof or a checkpoint: whatever has a checkpoint in it. */
static int compare_file(struct audit *a, const char *path, struct klp_err *err)
{
	struct tlog_proof *p = malloc(sizeof(*p));
	size_t len;
	void *data;
	int ret;

	ret = p ? io_read_file(path, BUNDLE_MAX, &data, &len, err) : klp_err_sys(err, -ENOMEM, "cannot read %s", path);
	if (!ret) {
		if (len && *(const uint8_t *)data == BUNDLE_BYTE)
			ret = compare_bundle(a, path, data, len, err);
		else if (!tlog_proof_parse(data, len, p, NULL))
			ret = compare_note(a, path, p->checkpoint.at, p->checkpoint.len, err);
		else
			ret = compare_note(a, path, data, len, err);
		free(data);
		if (ret)
			klp_err_wrap(err, "cannot compare %s", path);
	}
	free(p);
	return ret;
}

/* ---- */

static int audit(struct audit *a, int argc, char **argv, struct klp_err *err)
{
	int ret;

	a->findings = json_array();
	a->digests = json_object();
	ret = log_read_policy(a->opt->policy, &a->policy, err);
	if (!ret)
		ret = log_read_note(a->opt->log, NULL, &a->shown, err);
	if (!ret)
		ret = tlog_policy_open_log(a->policy, &a->shown.note, &a->cp, err);
	if (!ret)
		ret = read_log(a, err);
	if (ret)
		return klp_err_wrap(err, "cannot audit %s", a->opt->log);
	for (int i = 0; i < argc && !ret; i++)
		ret = compare_file(a, argv[i], err);
	return ret;
}

int log_audit(const struct log_options *opt, int argc, char **argv)
{
	struct audit a = { .opt = opt };
	struct klp_err err = { 0 };
	size_t nr;
	int ret;

	ret = audit(&a, argc, argv, &err);
	nr = json_array_size(a.findings);
	if (!ret && opt->json)
		repo_print_json(json_pack("{s:s, s:I, s:i, s:i, s:i, s:i, s:O}", "log", a.cp.origin, "size", (json_int_t)a.cp.size,
					  "bundles", (int)a.counts[TLOG_BUNDLE], "roots", (int)a.counts[TLOG_ROOT], "withdrawals",
					  (int)a.counts[TLOG_WITHDRAWAL], "compared", argc, "findings", a.findings));
	else if (!ret)
		printf("%s: %llu leaves read (%zu bundles, %zu roots, %zu withdrawals), %d checkpoint%s of others compared: %zu finding%s\n",
		       a.cp.origin, (unsigned long long)a.cp.size, a.counts[TLOG_BUNDLE], a.counts[TLOG_ROOT],
		       a.counts[TLOG_WITHDRAWAL], argc, argc == 1 ? "" : "s", nr, nr == 1 ? "" : "s");
	json_decref(a.findings);
	json_decref(a.digests);
	free(a.hashes);
	log_text_free(&a.shown);
	tlog_policy_free(a.policy);
	if (ret)
		return log_fail(opt, &err);
	return nr ? EXIT_TRUST : EXIT_DONE;
}
