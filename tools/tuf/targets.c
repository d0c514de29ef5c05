// SPDX-License-Identifier: GPL-2.0-or-later
/* targets.c - see tuf.h: targets files, the search through their delegations (5.6), and a target itself (5.7). */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "err.h"
#include "io.h"
#include "printable.h"
#include "transport.h"

int tuf_load_targets(struct tuf_client *c, const char *name, const struct tuf_authority *by,
		     struct tuf_doc **out, struct klp_err *err)
{
	struct tuf_listed l = { .type = TUF_TARGETS, .name = name, .by = *by };
	char shown[TUF_FILE_NAME_MAX + 1];
	int ret;

	text_printable(name, strlen(name), shown, sizeof(shown));
	if (!tuf_meta_of(c->snapshot, name, &l.meta))
		return klp_err_set(err, -EBADMSG, "role %s isn't in the snapshot", shown);
	/* Verified for this delegator, each time: another one that delegates to the role may name other keys. */
	ret = tuf_load_listed(c, &l, out, err);
	if (ret)
		klp_err_wrap(err, "role %s", shown);
	return ret;
}

struct search {
	struct tuf_client *c;
	const char *path;
	struct tuf_target *found;
	char visited[TUF_VISITED_MAX][TUF_FILE_NAME_MAX + 1];
	int nr;
	bool over;	/* a terminating delegation has been followed */
};

static bool is_visited(const struct search *s, const char *name)
{
	for (int i = 0; i < s->nr; i++)
		if (!strcmp(s->visited[i], name))
			return true;
	return false;
}

/* 1: @doc tells of the target. */
static int take_target(struct search *s, const char *role, const struct tuf_doc *doc, struct klp_err *err)
{
	json_t *entry = json_object_get(json_object_get(doc->content.body, "targets"), s->path);
	struct tuf_target *t = s->found;

	if (!entry)
		return 0;
	t->path = strdup(s->path);
	if (!t->path)
		return klp_err_sys(err, -ENOMEM, "cannot look for a target");
	snprintf(t->role, sizeof(t->role), "%s", role);
	tuf_number(entry, "length", 0, &t->length);
	t->hashes = json_incref(json_object_get(entry, "hashes"));
	t->custom = json_incref(json_object_get(entry, "custom"));
	return 1;
}

static int visit(struct search *s, const char *name, const struct tuf_doc *doc, struct klp_err *err);

static int visit_role(struct search *s, const struct tuf_hop *hop, struct klp_err *err)
{
	struct tuf_doc *doc;
	int ret;

	if (is_visited(s, hop->name))
		return 0;
	/* Not "no such target": nobody has signed that. */
	if (s->nr == TUF_VISITED_MAX)
		return klp_err_set(err, -E2BIG, "more than %d roles would have to be asked", TUF_VISITED_MAX);
	ret = tuf_load_targets(s->c, hop->name, &hop->by, &doc, err);
	if (ret)
		return ret;
	ret = visit(s, hop->name, doc, err);
	tuf_doc_free(doc);
	return ret;
}

/* Pre-order, depth first, delegations in their order (5.6.7).  1: found, 0: not here nor below. */
static int visit(struct search *s, const char *name, const struct tuf_doc *doc, struct klp_err *err)
{
	struct tuf_hop hop;
	size_t pos = 0;
	int ret;

	strcpy(s->visited[s->nr++], name);
	ret = take_target(s, name, doc, err);
	while (!ret && !s->over && tuf_next_hop(doc, s->path, &pos, &hop)) {
		ret = visit_role(s, &hop, err);
		/* Neither later delegations of this role count, nor those of the roles above it. */
		s->over |= hop.terminating;
	}
	return ret;
}

int tuf_find(struct tuf_client *c, const char *path, struct tuf_target *out, struct klp_err *err)
{
	char shown[TUF_NAME_MAX + 1];
	struct tuf_target found = { 0 };
	struct search *s;
	int ret;

	text_printable(path, strlen(path), shown, sizeof(shown));
	if (!tuf_target_path_valid(path))
		return klp_err_set(err, -EINVAL, "%s: a target is a relative path without empty, \".\" or \"..\" parts",
				   shown);
	s = calloc(1, sizeof(*s));
	if (!s)
		return klp_err_sys(err, -ENOMEM, "cannot look for %s", shown);
	s->c = c;
	s->path = path;
	s->found = &found;
	ret = visit(s, "targets", c->targets, err);
	free(s);
	if (ret < 0)
		return klp_err_wrap(err, "cannot look for the target %s", shown);
	if (!ret)
		return klp_err_set(err, -ENOENT, "the repository has no target %s", shown);
	*out = found;
	return 0;
}

static int each_of(const struct tuf_doc *doc, tuf_path_fn each, void *arg, struct klp_err *err)
{
	const char *path;
	json_t *entry;
	int ret;

	json_object_foreach(json_object_get(doc->content.body, "targets"), path, entry) {
		ret = each(arg, path, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int each_of_role(struct tuf_client *c, const char *name, const struct tuf_authority *by, tuf_path_fn each, void *arg,
			struct klp_err *err)
{
	struct tuf_doc *doc;
	int ret = tuf_load_targets(c, name, by, &doc, err);

	if (ret)
		return ret;
	ret = each_of(doc, each, arg, err);
	tuf_doc_free(doc);
	return ret;
}

int tuf_each_target(struct tuf_client *c, tuf_path_fn each, void *arg, struct klp_err *err)
{
	const json_t *d = json_object_get(c->targets->content.body, "delegations"), *roles = json_object_get(d, "roles"), *role;
	const json_t *succinct = json_object_get(d, "succinct_roles");
	struct tuf_authority by = { .role = succinct, .keys = json_object_get(d, "keys") };
	unsigned int bits = (unsigned int)json_integer_value(json_object_get(succinct, "bit_length"));
	char name[TUF_FILE_NAME_MAX + 1];
	int ret = each_of(c->targets, each, arg, err);
	size_t i;

	if (bits >= TUF_BIN_BITS_MAX || 1u << bits > TUF_EACH_MAX)
		return klp_err_set(err, -E2BIG, "targets delegates to 2^%u bins; %d are allowed here", bits, TUF_EACH_MAX);
	for (uint32_t n = 0; bits && n < 1u << bits && !ret; n++)
		ret = tuf_bin_name(succinct, n << (TUF_BIN_BITS_MAX - bits), name) ? each_of_role(c, name, &by, each, arg, err) :
		      klp_err_set(err, -EBADMSG, "the name of a bin is too long");
	json_array_foreach(roles, i, role) {
		by.role = role;
		snprintf(name, sizeof(name), "%s", json_string_value(json_object_get(role, "name")));
		ret = ret ? ret : each_of_role(c, name, &by, each, arg, err);
	}
	return ret;
}

void tuf_target_free(struct tuf_target *t)
{
	free(t->path);
	json_decref(t->hashes);
	json_decref(t->custom);
	memset(t, 0, sizeof(*t));
}

static int check_target(const struct tuf_target *t, const void *data, size_t len, struct klp_err *err)
{
	struct tuf_meta meta = { .length = t->length, .hashes = t->hashes };

	return tuf_check_meta(&meta, data, len, err);
}

/* BASE/DIR/[HASH.]NAME, each part encoded. */
static int target_url(const struct tuf_client *c, const struct tuf_target *t, char *out, size_t room, struct klp_err *err)
{
	const char *base = c->config.targets_url, *hash = json_string_value(json_object_get(t->hashes, "sha256"));
	char encoded[TUF_FILE_NAME_MAX + 1], one[TUF_NAME_MAX + 1];
	bool hashed = json_is_true(json_object_get(c->root->content.body, "consistent_snapshot"));
	size_t n = (size_t)snprintf(out, room, "%s", base), k;

	if (n >= room)
		return klp_err_set(err, -ENAMETOOLONG, "its URL is too long");
	if (!hash)
		hash = json_string_value(json_object_get(t->hashes, "sha512"));
	for (const char *p = t->path; ; p += k + 1) {
		k = strcspn(p, "/");
		snprintf(one, sizeof(one), "%.*s", (int)k, p);
		if (tuf_encode(one, encoded))
			return klp_err_set(err, -ENAMETOOLONG, "no URL for so long a name");
		n += (size_t)snprintf(out + n, n < room ? room - n : 0, "%s%s%s%s",
				      n && out[n - 1] == '/' ? "" : "/", p[k] || !hashed ? "" : hash,
				      p[k] || !hashed ? "" : ".", encoded);
		if (n >= room)
			return klp_err_set(err, -ENAMETOOLONG, "its URL is too long");
		if (!p[k])
			return 0;
	}
}

int tuf_fetch(struct tuf_client *c, const struct tuf_target *t, void **out, size_t *len, struct klp_err *err)
{
	char url[4 * TUF_NAME_MAX + 1024];
	void *data;
	size_t n;
	int ret;

	if (t->length > TUF_TARGET_MAX)
		return klp_err_set(err, -E2BIG, "the target is of %lld bytes; %d are allowed", (long long)t->length,
				   TUF_TARGET_MAX);
	if (!json_object_get(t->hashes, "sha256") && !json_object_get(t->hashes, "sha512"))
		return klp_err_set(err, -EBADMSG, "the target has only hashes of kinds that we don't know");
	ret = target_url(c, t, url, sizeof(url), err);
	if (!ret)
		ret = c->config.transport->get(c->config.transport->ctx, url, (size_t)t->length, &data, &n, err);
	if (ret)
		return ret == -ENOENT ? tuf_missing(err) : ret;
	ret = check_target(t, data, n, err);
	if (ret) {
		free(data);
		return klp_err_wrap(err, "what came from %s", url);
	}
	*out = data;
	*len = n;
	return 0;
}

int tuf_fetch_kept(struct tuf_client *c, const struct tuf_target *t, const char *slot, void **out, size_t *len,
		   struct klp_err *err)
{
	int ret = tuf_load_kept(&c->config, slot, TUF_TARGET_MAX, out, len);

	if (!ret && !check_target(t, *out, *len, NULL))
		return 0;
	if (!ret)
		free(*out);
	ret = tuf_fetch(c, t, out, len, err);
	if (ret)
		return ret;
	ret = tuf_save_kept(&c->config, slot, *out, *len, err);
	if (ret)
		free(*out);
	return ret;
}

int tuf_download(struct tuf_client *c, const struct tuf_target *t, const char *folder, struct klp_err *err)
{
	char name[TUF_FILE_NAME_MAX + 1], path[PATH_MAX];
	void *data;
	size_t len;
	int ret = tuf_encode(t->path, name);

	if (ret)
		return klp_err_sys(err, ret, "no file for so long a path");
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot write %s", name);
	if (t->length <= TUF_TARGET_MAX && !io_read_file(path, (size_t)t->length, &data, &len, NULL)) {
		ret = check_target(t, data, len, NULL);
		free(data);
		if (!ret)
			return 0;
	}
	ret = tuf_fetch(c, t, &data, &len, err);
	if (ret)
		return ret;
	ret = io_write_atomic(path, data, len, 0644, err);
	free(data);
	return ret;
}
