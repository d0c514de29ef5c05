// SPDX-License-Identifier: GPL-2.0-or-later
/* client.c - see tuf.h: opening and closing, and what the steps of the workflow share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "err.h"
#include "roots.h"
#include "store.h"
#include "transport.h"

int tuf_read(const void *data, size_t len, enum tuf_type type, const struct tuf_authority *by,
	     struct tuf_doc **out, struct klp_err *err)
{
	struct tuf_claim *claim;
	int ret = tuf_parse(data, len, type, &claim, err);

	return ret ? ret : tuf_accept(claim, by, 1, out, err);
}

int tuf_root_check(const void *root, size_t len, int64_t *version, struct klp_err *err)
{
	struct tuf_doc *doc;

	if (tuf_root_first(root, len, &doc, err))
		return klp_err_wrap(err, "the root that is to be trusted");
	*version = doc->content.version;
	tuf_doc_free(doc);
	return 0;
}

int tuf_init(const char *store, const void *root, size_t len, struct klp_err *err)
{
	int64_t version;
	int ret = tuf_root_check(root, len, &version, err);

	return ret ? ret : tuf_store_save(store, "root", root, len, err);
}

int64_t tuf_trusted_time(const char *store)
{
	int64_t t = 0;

	return tuf_store_load_time(store, &t, NULL) ? 0 : t;
}

int tuf_load(const struct tuf_config *config, const char *name, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	return config->ram ? tuf_ram_load(config->ram, name, limit, out, len, err) :
			     tuf_store_load(config->store, name, limit, out, len, err);
}

static int load_time(const struct tuf_config *config, int64_t *out, struct klp_err *err)
{
	return config->ram ? tuf_ram_load_time(config->ram, out, err) : tuf_store_load_time(config->store, out, err);
}

int tuf_open(const struct tuf_config *config, struct tuf_client **out, struct klp_err *err)
{
	struct tuf_client *c = calloc(1, sizeof(*c));
	int64_t seen = 0;
	void *data;
	size_t len;
	int ret;

	if (!c)
		return klp_err_sys(err, -ENOMEM, "cannot open the trusted metadata");
	c->config = *config;
	ret = tuf_load(config, "root", TUF_ROOT_MAX, &data, &len, err);
	if (ret == -ENOENT)
		ret = klp_err_set(err, -ENOKEY, "there is no root to trust");
	if (!ret) {
		ret = tuf_root_first(data, len, &c->root, err);
		free(data);
	}
	if (!ret)
		ret = load_time(config, &seen, err);
	if (ret) {
		tuf_close(c);
		return klp_err_wrap(err, "trusted metadata%s%s", config->ram ? "" : " in ", config->ram ? "" : config->store);
	}
	c->start = config->now > seen ? config->now : seen;
	*out = c;
	return 0;
}

void tuf_close(struct tuf_client *c)
{
	if (!c)
		return;
	tuf_doc_free(c->root);
	tuf_doc_free(c->timestamp);
	tuf_doc_free(c->snapshot);
	tuf_doc_free(c->targets);
	free(c);
}

int tuf_get_metadata(struct tuf_client *c, const char *name, int64_t version, size_t limit, void **out,
		     size_t *len, struct klp_err *err)
{
	const char *base = c->config.metadata_url;
	char file[TUF_FILE_NAME_MAX + 1], number[32] = "", *url;
	int ret = tuf_encode(name, file);

	if (ret)
		return klp_err_sys(err, ret, "no URL for such a role");
	if (version)
		snprintf(number, sizeof(number), "%lld.", (long long)version);
	if (asprintf(&url, "%s%s%s%s.json", base, *base && base[strlen(base) - 1] == '/' ? "" : "/", number, file) < 0)
		return klp_err_sys(err, -ENOMEM, "cannot fetch it");
	ret = c->config.transport->get(c->config.transport->ctx, url, limit, out, len, err);
	free(url);
	return ret;
}

int tuf_missing(struct klp_err *err)
{
	if (err)
		err->code = -ENODATA;
	return -ENODATA;
}

int tuf_check_expiry(const struct tuf_client *c, const struct tuf_doc *doc, struct klp_err *err)
{
	if (doc->content.expires > c->start)
		return 0;
	return klp_err_set(err, -EKEYEXPIRED, "%s %lld expired at %s: the repository isn't maintained, or somebody "
			   "keeps newer files from us", tuf_type_name(doc->content.type), (long long)doc->content.version,
			   json_string_value(json_object_get(doc->content.body, "expires")));
}

struct tuf_doc *tuf_stored(const struct tuf_client *c, enum tuf_type type)
{
	struct tuf_authority by = tuf_root_authority(&c->root->content, type);
	struct tuf_doc *doc = NULL;
	void *data;
	size_t len;

	if (tuf_load(&c->config, tuf_type_name(type), TUF_TARGETS_MAX, &data, &len, NULL))
		return NULL;
	if (tuf_read(data, len, type, &by, &doc, NULL))
		doc = NULL;
	free(data);
	return doc;
}

int tuf_keep(const struct tuf_client *c, const char *name, const struct tuf_doc *doc, struct klp_err *err)
{
	if (c->config.ram)
		return tuf_ram_save(c->config.ram, name, doc->content.bytes, doc->content.len, err);
	return tuf_store_save(c->config.store, name, doc->content.bytes, doc->content.len, err);
}

int tuf_load_kept(const struct tuf_config *config, const char *slot, size_t limit, void **out, size_t *len)
{
	return config->ram ? tuf_ram_load_target(config->ram, slot, limit, out, len) :
			     tuf_store_load_target(config->store, slot, limit, out, len);
}

int tuf_save_kept(const struct tuf_config *config, const char *slot, const void *data, size_t len, struct klp_err *err)
{
	return config->ram ? tuf_ram_save_target(config->ram, slot, data, len, err) :
			     tuf_store_save_target(config->store, slot, data, len, err);
}

int tuf_drop(const struct tuf_client *c, const char *name, struct klp_err *err)
{
	return c->config.ram ? tuf_ram_remove(c->config.ram, name, err) : tuf_store_remove(c->config.store, name, err);
}

int tuf_keep_time(const struct tuf_client *c, struct klp_err *err)
{
	return c->config.ram ? tuf_ram_save_time(c->config.ram, c->start, err) :
			       tuf_store_save_time(c->config.store, c->start, err);
}

const json_t *tuf_root_body(const struct tuf_client *c)
{
	return c->root->content.body;
}

const json_t *tuf_timestamp_body(const struct tuf_client *c)
{
	return c->timestamp->content.body;
}
