// SPDX-License-Identifier: GPL-2.0-or-later
/* listed.c - see client.h: the files that a timestamp or a snapshot lists, from the store or from the repository. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "err.h"
#include "printable.h"

/* 5.5.5: what @old listed @doc lists too, and in no older version. */
static int check_rollback(const struct tuf_doc *doc, const struct tuf_doc *old, struct klp_err *err)
{
	json_t *was = json_object_get(old->content.body, "meta"), *file;
	json_t *is = json_object_get(doc->content.body, "meta");
	const char *name;
	int64_t before, now;
	char shown[128];

	json_object_foreach(was, name, file) {
		text_printable(name, strlen(name), shown, sizeof(shown));
		if (tuf_number(file, "version", 1, &before) || tuf_number(json_object_get(is, name), "version", 1, &now))
			return klp_err_set(err, -ESTALE, "no longer lists %s, which it did before", shown);
		if (now < before)
			return klp_err_set(err, -ESTALE, "lists version %lld of %s, of which %lld was seen before",
					   (long long)now, shown, (long long)before);
	}
	return 0;
}

/* 5.5.2 to 5.5.6, 5.6.2 to 5.6.5: in this order. */
static int read_listed(const struct tuf_client *c, const struct tuf_listed *l, const void *data, size_t len,
		       const struct tuf_doc *old, struct tuf_doc **out, struct klp_err *err)
{
	struct tuf_doc *doc;
	int ret = tuf_check_meta(&l->meta, data, len, err);

	if (!ret)
		ret = tuf_read(data, len, l->type, &l->by, &doc, err);
	if (ret)
		return ret;
	if (doc->content.version != l->meta.version)
		ret = klp_err_set(err, -EBADMSG, "is of version %lld; %lld was signed for",
				  (long long)doc->content.version, (long long)l->meta.version);
	if (!ret && old)
		ret = check_rollback(doc, old, err);
	if (!ret)
		ret = tuf_check_expiry(c, doc, err);
	if (ret)
		tuf_doc_free(doc);
	else
		*out = doc;
	return ret;
}

static int from_store(const struct tuf_client *c, const struct tuf_listed *l, struct tuf_doc **out)
{
	void *data;
	size_t len;
	int ret = tuf_load(&c->config, l->name, TUF_TARGETS_MAX, &data, &len, NULL);

	if (ret)
		return ret;
	ret = read_listed(c, l, data, len, NULL, out, NULL);
	free(data);
	return ret;
}

static int from_repository(struct tuf_client *c, const struct tuf_listed *l, struct tuf_doc **out, struct klp_err *err)
{
	bool consistent = json_is_true(json_object_get(c->root->content.body, "consistent_snapshot"));
	size_t limit = l->type == TUF_SNAPSHOT ? TUF_SNAPSHOT_MAX : TUF_TARGETS_MAX, len;
	void *data;
	int ret;

	if (l->meta.length >= 0 && (uint64_t)l->meta.length < limit)
		limit = (size_t)l->meta.length;
	ret = tuf_get_metadata(c, l->name, consistent ? l->meta.version : 0, limit, &data, &len, err);
	if (ret)
		return ret == -ENOENT ? tuf_missing(err) : ret;
	ret = read_listed(c, l, data, len, l->old, out, err);
	free(data);
	if (ret)
		return ret;
	ret = tuf_keep(c, l->name, *out, err);
	if (ret)
		tuf_doc_free(*out);
	return ret;
}

int tuf_load_listed(struct tuf_client *c, const struct tuf_listed *l, struct tuf_doc **out, struct klp_err *err)
{
	return from_store(c, l, out) ? from_repository(c, l, out, err) : 0;
}
