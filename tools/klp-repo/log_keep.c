// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_keep.c - klp-repo log init and append: the keeper's side of a public log.  All that a command of a repository publishes
 * comes in by the same way (master_log.c).
 *
 * A log's key must never sign two histories.  So what is signed is first written into the state folder, with the entries
 * that it adds, then the files, then the checkpoint.  After a crash the next append finds in the state what it had
 * signed, and writes the very same files again.  A folder that is older than the last but one signature, or newer, or
 * other, isn't touched: it was restored from somewhere, or the state was.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "own_folder.h"
#include "publog.h"
#include "repo_tool.h"
#include "sign.h"
#include "tell.h"

#define STATE_FILE	"log.json"
#define STATE_MAX	(64u << 20)	/* bytes; the entries of one append are in it */

struct keeper {
	const struct log_options *opt;
	int lock, log_lock;
	struct signing_key *private;
	struct tlog_key key;
	/* The state: the last checkpoint that was signed, and what it added to @from leaves. */
	struct log_text signed_;
	struct tlog_checkpoint last;
	uint64_t from;
	json_t *entries;
};

static int state_path(const struct keeper *k, char out[PATH_MAX], struct klp_err *err)
{
	if (snprintf(out, PATH_MAX, "%s/" STATE_FILE, k->opt->state) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", k->opt->state);
	return 0;
}

static void keeper_close(struct keeper *k)
{
	json_decref(k->entries);
	log_text_free(&k->signed_);
	signing_key_free(k->private);
	if (k->lock >= 0)
		close(k->lock);
	if (k->log_lock >= 0)
		close(k->log_lock);
}

static int take_locks(struct keeper *k, struct klp_err *err)
{
	int ret = own_folder_check(k->opt->state, err);

	if (ret)
		return ret;
	k->lock = log_lock(k->opt->state, err);
	if (k->lock < 0)
		return k->lock;
	k->log_lock = log_lock(k->opt->log, err);
	return k->log_lock < 0 ? k->log_lock : 0;
}

/* What is remembered before anybody else sees it. */
static int write_state(const struct keeper *k, const char *note, uint64_t from, json_t *entries, struct klp_err *err)
{
	json_t *obj = json_pack("{s:s, s:I, s:O}", "checkpoint", note, "from", (json_int_t)from, "entries", entries);
	char *text = json_dumps(obj, JSON_COMPACT | JSON_SORT_KEYS);
	char path[PATH_MAX];
	int ret;

	json_decref(obj);
	if (!text)
		return klp_err_sys(err, -ENOMEM, "cannot write the log's state");
	ret = state_path(k, path, err);
	if (!ret)
		ret = io_write_atomic(path, text, strlen(text), 0600, err);
	free(text);
	return ret;
}

/* ---- init ---- */

static int begin(struct keeper *k, struct klp_err *err)
{
	struct tlog_checkpoint cp = { 0 };
	json_t *none = json_array();
	char path[PATH_MAX], *note;
	int ret;

	ret = state_path(k, path, err);
	if (!ret && !access(path, F_OK))
		ret = klp_err_set(err, -EEXIST, "%s has the state of a log already; a new log takes another state folder and another key", k->opt->state);
	if (!ret && snprintf(path, sizeof(path), "%s/" TLOG_CHECKPOINT_FILE, k->opt->log) < (int)sizeof(path) && !access(path, F_OK))
		ret = klp_err_set(err, -EEXIST, "%s has a log already", k->opt->log);
	if (!ret && merkle_empty(&cp.root))
		ret = klp_err_set(err, -EIO, "cannot hash an empty log");
	strcpy(cp.origin, k->key.name);
	if (!ret)
		ret = log_sign_checkpoint(&cp, &k->key, k->private, &note, err);
	if (!ret) {
		ret = write_state(k, note, 0, none, err);
		if (!ret)
			ret = log_write_checkpoint(k->opt->log, note, strlen(note), err);
		free(note);
	}
	json_decref(none);
	return ret;
}

int log_init(const struct log_options *opt, int argc, char **argv)
{
	struct keeper k = { .opt = opt, .lock = -1, .log_lock = -1 };
	char vkey[TLOG_VKEY_ROOM];
	struct klp_err err = { 0 };
	int ret;

	(void)argc;
	(void)argv;
	ret = log_read_key(opt->key, TLOG_LOG, opt->name, &k.private, &k.key, &err);
	if (!ret)
		ret = io_mkdirs(opt->state, 0700, &err);
	if (!ret)
		ret = io_mkdirs(opt->log, 0755, &err);
	if (!ret)
		ret = take_locks(&k, &err);
	if (!ret)
		ret = begin(&k, &err);
	keeper_close(&k);
	if (ret)
		return log_fail(opt, &err);
	tlog_key_format(&k.key, vkey);
	if (opt->json)
		repo_print_json(json_pack("{s:s, s:s}", "log", opt->name, "vkey", vkey));
	else
		printf("log %s, empty; for policies of machines, witnesses and auditors:\nlog %s\n", opt->name, vkey);
	return EXIT_DONE;
}

/* ---- append ---- */

/* Adds the new leaves to what is in the files: the hash of any node of the log as it will be. */
struct grown {
	struct tlog_tiles *old;
	uint64_t old_size;
	const struct tlog_slice *entries;
};

static int grown_node(void *ctx, unsigned int level, uint64_t index, struct tlog_hash *out, struct klp_err *err)
{
	const struct grown *g = ctx;
	struct tlog_hash left, right;
	const struct tlog_slice *entry;
	int ret;

	if ((index + 1) << level <= g->old_size)
		return tlog_tiles_node(g->old, level, index, out, err);
	if (!level) {
		entry = &g->entries[index - g->old_size];
		ret = merkle_leaf(entry->at, entry->len, out);
		return ret ? klp_err_set(err, ret, "cannot hash a leaf") : 0;
	}
	ret = grown_node(ctx, level - 1, 2 * index, &left, err);
	if (!ret)
		ret = grown_node(ctx, level - 1, 2 * index + 1, &right, err);
	if (!ret && merkle_node(&left, &right, out))
		ret = klp_err_set(err, -EIO, "cannot hash a node of the log");
	return ret;
}

static int grown_root(const char *dir, uint64_t old_size, const struct tlog_slice *entries, size_t nr, struct tlog_hash *out,
		      struct klp_err *err)
{
	struct grown g = { .old_size = old_size, .entries = entries };
	int ret;

	ret = tlog_tiles_open(dir, old_size, &g.old, err);
	if (ret)
		return ret;
	ret = merkle_root(old_size + nr, grown_node, &g, out, err);
	tlog_tiles_close(g.old);
	return ret;
}

/* The strings of @list, borrowed; *out is malloc()ed. */
static int entries_of(const json_t *list, struct tlog_slice **out, struct klp_err *err)
{
	size_t nr = json_array_size(list);

	*out = calloc(nr + 1, sizeof(**out));
	if (!*out)
		return klp_err_sys(err, -ENOMEM, "cannot append to the log");
	for (size_t i = 0; i < nr; i++) {
		const json_t *s = json_array_get(list, i);

		(*out)[i] = (struct tlog_slice){ json_string_value(s), json_string_length(s) };
	}
	return 0;
}

/* Write files and checkpoint of what the state says was signed, from @from leaves on. */
static int publish(const struct keeper *k, uint64_t from, const json_t *entries, const char *note, struct klp_err *err)
{
	struct tlog_slice *slices;
	int ret;

	ret = entries_of(entries, &slices, err);
	if (ret)
		return ret;
	ret = tlog_tiles_append(k->opt->log, from, slices, json_array_size(entries), err);
	free(slices);
	return ret ? ret : log_write_checkpoint(k->opt->log, note, strlen(note), err);
}

/* The state, whose checkpoint this key has signed. */
static int read_state(struct keeper *k, struct klp_err *err)
{
	char path[PATH_MAX], *name;
	json_t *obj;
	size_t len;
	void *data;
	int ret;

	ret = state_path(k, path, err);
	if (!ret)
		ret = io_read_file(path, STATE_MAX, &data, &len, err);
	if (ret)
		return klp_err_wrap(err, "`klp-repo log init` makes a log and its state; one that got lost has to come from a backup");
	obj = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
	free(data);
	k->signed_.data = strdup(str(obj, "checkpoint"));
	k->from = (uint64_t)json_integer_value(json_object_get(obj, "from"));
	k->entries = json_incref(json_object_get(obj, "entries"));
	json_decref(obj);
	if (!k->signed_.data || !json_is_array(k->entries))
		return klp_err_set(err, -EBADMSG, "%s isn't the state of a log", path);
	k->signed_.len = strlen(k->signed_.data);
	ret = tlog_note_parse(k->signed_.data, k->signed_.len, &k->signed_.note, err);
	if (!ret)
		ret = tlog_checkpoint_parse(k->signed_.note.text, &k->last, err);
	if (ret)
		return klp_err_wrap(err, "%s", path);
	name = k->last.origin;
	ret = log_read_key(k->opt->key, TLOG_LOG, name, &k->private, &k->key, err);
	if (!ret)
		ret = tlog_checkpoint_open(&k->signed_.note, &k->key, &k->last, err);
	return ret ? klp_err_wrap(err, "%s isn't the key of the log %s", k->opt->key, name) : 0;
}

/* Do the files, with the entries of the state behind their @size leaves, give what was signed? */
static int check_files(const struct keeper *k, uint64_t size, struct klp_err *err)
{
	size_t nr = size == k->last.size ? 0 : json_array_size(k->entries);
	struct tlog_slice *slices;
	struct tlog_hash root;
	int ret;

	ret = entries_of(k->entries, &slices, err);
	if (ret)
		return ret;
	ret = grown_root(k->opt->log, size, slices, nr, &root, err);
	free(slices);
	if (ret)
		return ret;
	if (size + nr != k->last.size || memcmp(&root, &k->last.root, sizeof(root)))
		return klp_err_set(err, -EKEYREJECTED, "the files of %s aren't the log that was signed last (%llu leaves): something has changed them, "
				   "or they come from an old copy; nothing is signed; get them from a mirror",
				   k->opt->log, (unsigned long long)k->last.size);
	return 0;
}

/* The folder has the last checkpoint, or, after a crash, the one before it: then the rest is made up for. */
static int recover(const struct keeper *k, struct klp_err *err)
{
	struct log_text shown;
	struct tlog_checkpoint cp;
	int ret;

	ret = log_read_note(k->opt->log, NULL, &shown, err);
	if (ret == -ENOENT && !k->last.size)
		return log_write_checkpoint(k->opt->log, k->signed_.data, k->signed_.len, err);
	if (ret)
		return ret;
	ret = tlog_checkpoint_open(&shown.note, &k->key, &cp, err);
	log_text_free(&shown);
	if (ret)
		return klp_err_wrap(err, "%s/" TLOG_CHECKPOINT_FILE, k->opt->log);
	if (cp.size != k->last.size && cp.size != k->from)
		return klp_err_set(err, -ESTALE, "the log %s shows %llu leaves, and the last that was signed had %llu: %s; nothing is signed",
				   k->opt->log, (unsigned long long)cp.size, (unsigned long long)k->last.size,
				   cp.size > k->last.size ? "the state is from an old copy, or somebody else has the key" :
				   "the log is an old copy; get it from a mirror");
	ret = check_files(k, cp.size, err);
	if (!ret && cp.size != k->last.size)
		ret = publish(k, k->from, k->entries, k->signed_.data, err);
	return ret;
}

/* Is the last of @nr leaves among those before it?  -EEXIST: one is that can't be beside it. */
static int said_before(const struct tlog_leaf *leaves, size_t nr, bool *said, struct klp_err *err)
{
	for (size_t i = 0; i + 1 < nr; i++) {
		if (log_leaf_clash(&leaves[i], &leaves[nr - 1]))
			return klp_err_set(err, -EEXIST, "two different files are %s %s of release %llu", tlog_leaf_word(leaves[i].kind),
					   leaves[i].name, (unsigned long long)leaves[i].release);
		*said |= log_leaf_same(&leaves[i], &leaves[nr - 1]);
	}
	return 0;
}

/* Those that aren't in the log yet; all are looked at before anything is signed. */
static int new_leaves(const struct keeper *k, const struct tlog_leaf *leaves, size_t nr, json_t *fresh, struct klp_err *err)
{
	bool *found = calloc(nr + 1, sizeof(*found));
	char *text;
	size_t len;
	int ret;

	if (!found)
		return klp_err_sys(err, -ENOMEM, "cannot append to the log");
	ret = log_find_all(k->opt->log, k->last.size, leaves, nr, found, err);
	for (size_t i = 0; i < nr && !ret; i++) {
		ret = said_before(leaves, i + 1, &found[i], err);
		if (ret || found[i])
			continue;
		ret = tlog_leaf_format(&leaves[i], &text, &len, err);
		if (ret)
			break;
		json_array_append_new(fresh, json_stringn(text, len));
		free(text);
	}
	free(found);
	return ret;
}

struct log_addition {
	struct log_options opt;
	struct keeper k;
	json_t *fresh;
	struct tlog_checkpoint cp;	/* with @fresh */
	char *note;			/* of @cp; NULL: nothing is fresh */
};

static int sign_more(struct log_addition *add, struct klp_err *err)
{
	const struct keeper *k = &add->k;
	size_t nr = json_array_size(add->fresh);
	struct tlog_slice *slices;
	int ret;

	add->cp = k->last;
	if (!nr)
		return 0;
	add->cp.size += nr;
	ret = entries_of(add->fresh, &slices, err);
	if (ret)
		return ret;
	ret = grown_root(k->opt->log, k->last.size, slices, nr, &add->cp.root, err);
	free(slices);
	return ret ? ret : log_sign_checkpoint(&add->cp, &k->key, k->private, &add->note, err);
}

int log_prepare(const struct log_options *opt, const struct tlog_leaf *leaves, size_t nr, struct log_addition **out,
		struct klp_err *err)
{
	struct log_addition *add = calloc(1, sizeof(*add));
	int ret;

	if (!add)
		return klp_err_sys(err, -ENOMEM, "cannot append to the log");
	add->opt = *opt;
	add->k = (struct keeper){ .opt = &add->opt, .lock = -1, .log_lock = -1 };
	add->fresh = json_array();
	ret = take_locks(&add->k, err);
	if (!ret)
		ret = read_state(&add->k, err);
	if (!ret)
		ret = recover(&add->k, err);
	if (!ret)
		ret = new_leaves(&add->k, leaves, nr, add->fresh, err);
	if (!ret)
		ret = sign_more(add, err);
	if (ret)
		log_addition_free(add);
	else
		*out = add;
	return ret;
}

int log_add(struct log_addition *add, struct klp_err *err)
{
	const struct keeper *k = &add->k;
	int ret;

	if (!add->note)
		return 0;
	ret = write_state(k, add->note, k->last.size, add->fresh, err);
	return ret ? ret : publish(k, k->last.size, add->fresh, add->note, err);
}

json_t *log_addition_entries(const struct log_addition *add)
{
	return add->fresh;
}

const struct tlog_checkpoint *log_addition_checkpoint(const struct log_addition *add)
{
	return &add->cp;
}

void log_addition_free(struct log_addition *add)
{
	if (!add)
		return;
	json_decref(add->fresh);
	free(add->note);
	keeper_close(&add->k);
	free(add);
}

static int leaves_of(const struct log_options *opt, int argc, char **argv, struct tlog_leaf **out, struct klp_err *err)
{
	int ret = 0;

	*out = calloc((size_t)argc + 1, sizeof(**out));
	if (!*out)
		return klp_err_sys(err, -ENOMEM, "cannot append to the log");
	for (int i = 0; i < argc && !ret; i++)
		ret = log_leaf_of(opt, argv[i], &(*out)[i], err);
	return ret;
}

int log_append(const struct log_options *opt, int argc, char **argv)
{
	struct log_addition *add = NULL;
	struct tlog_checkpoint cp = { 0 };
	struct tlog_leaf *leaves;
	struct klp_err err = { 0 };
	size_t nr = 0;
	int ret;

	ret = leaves_of(opt, argc, argv, &leaves, &err);
	if (!ret)
		ret = log_prepare(opt, leaves, (size_t)argc, &add, &err);
	if (!ret)
		ret = log_add(add, &err);
	if (!ret) {
		nr = json_array_size(add->fresh);
		cp = add->cp;
	}
	log_addition_free(add);
	free(leaves);
	if (ret)
		return log_fail(opt, &err);
	if (opt->json)
		repo_print_json(json_pack("{s:s, s:I, s:I}", "log", cp.origin, "appended", (json_int_t)nr, "size", (json_int_t)cp.size));
	else
		printf("%zu appended to %s, which has %llu\n", nr, cp.origin, (unsigned long long)cp.size);
	return nr ? EXIT_DONE : EXIT_NOTHING;
}
