// SPDX-License-Identifier: GPL-2.0-or-later
/* fetch.c - see fetch.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "fetch.h"
#include "fetcher/source_url.h"
#include "fetcher_ask_priv.h"
#include "io.h"
#include "jsonstr.h"
#include "keyring.h"
#include "monotonic.h"
#include "printable.h"
#include "settings/settings.h"
#include "trust.h"
#include "tuf/transport.h"
#include "tuf/tuf.h"

/* For all files of a run together; the unit's TimeoutStartSec leaves time for the patches. */
#define SESSION_MS	(20 * 60 * 1000)

static bool is_url(const char *where)
{
	return strstr(where, "://");
}

static bool known_scheme(const char *where)
{
	return !strncmp(where, "http://", 7) || !strncmp(where, "https://", 8) ||
	       !strncmp(where, "file://", 7);
}

int source_open(const struct settings *s, bool keep, struct source *out, struct klp_err *err)
{
	const char *where = s->source;
	struct source src = { .settings = s, .where = where, .url = is_url(where), .keep = keep, .folder = -1, .sock = -1 };

	if (src.url && !known_scheme(where))
		return klp_err_set(err, -EINVAL, "source %s: only http, https and file URLs", where);
	if (!src.url) {
		src.folder = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (src.folder < 0)
			return klp_err_set(err, errno == ENOENT ? -ENETUNREACH : -errno,
					   "cannot read the source %s: %s; `klp-update config` shows where it is set",
					   where, strerror(errno));
		src.plain = faccessat(src.folder, "metadata", F_OK, AT_SYMLINK_NOFOLLOW);
	}
	src.deadline = monotonic_ms() + SESSION_MS;
	*out = src;
	return 0;
}

int source_open_trusted(const struct settings *s, bool keep, struct source *src, struct keyring **keyring,
			struct klp_err *err)
{
	int ret;

	ret = trust_keyring(s, keyring, NULL, err);
	if (ret)
		return ret;
	if (!keyring_size(*keyring))
		ret = klp_err_set(err, -ENOKEY,
				  "no key is trusted: put the publisher's .pub file into %s", s->keys);
	if (!ret)
		ret = source_open(s, keep, src, err);
	if (ret)
		keyring_free(*keyring);
	return ret;
}

void source_open_kept(const struct settings *s, struct source *out)
{
	*out = (struct source){ .settings = s, .where = s->source, .kept = true, .folder = -1, .sock = -1 };
}

void source_close(struct source *src)
{
	fetcher_hang_up(src);
	pack_clear(&src->store);
	if (src->folder >= 0)
		close(src->folder);
	src->folder = -1;
}

/* ---- the workflow, over bytes that are here already ---- */

static int copy_item(const struct pack_item *item, const char *url, void **out, size_t *len, struct klp_err *err)
{
	void *copy = malloc(item->len + 1);

	if (!copy)
		return klp_err_sys(err, -ENOMEM, "cannot read %s", url);
	memcpy(copy, item->data, item->len + 1);
	*out = copy;
	*len = item->len;
	return 0;
}

/* What the fetcher was answered; what it didn't ask for, it has no answer to. */
static int replay_get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	const struct pack_item *item = pack_find(ctx, url);

	if (!item)
		return klp_err_set(err, -ENETUNREACH, "the fetcher has nothing of %s", url);
	if (item->code) {
		char text[KLP_ERR_LEN];

		text_printable(item->data, item->len, text, sizeof(text));
		return klp_err_set(err, item->code == -ENOENT || item->code == -EFBIG ? item->code : -ENETUNREACH, "%s", text);
	}
	if (item->len > limit)
		return klp_err_set(err, -EFBIG, "%s: larger than allowed", url);
	return copy_item(item, url, out, len, err);
}

static int get_target(struct tuf_client *c, const char *path, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	struct tuf_target t;
	int ret = tuf_find(c, path, &t, err);

	if (ret)
		return ret;
	if (t.length > (int64_t)limit)
		ret = klp_err_set(err, -EFBIG, "%s: larger than allowed", path);
	else
		ret = source_slot(path) ? tuf_fetch_kept(c, &t, source_slot(path), out, len, err) : tuf_fetch(c, &t, out, len, err);
	tuf_target_free(&t);
	return ret;
}

static void read_halt(const struct tuf_client *c, struct halt *out)
{
	const json_t *halt = json_object_get(json_object_get(tuf_timestamp_body(c), "quietpatch"), "halt");
	const char *reason = str(halt, "reason");

	memset(out, 0, sizeof(*out));
	if (!json_is_object(halt))
		return;
	out->since = json_integer_value(json_object_get(halt, "since"));
	out->since = out->since > 0 ? out->since : 1;
	text_printable(reason, strlen(reason), out->reason, sizeof(out->reason));
}

/* Only a target can be absent, which is the source's word for "nothing"; a file of our own that isn't there is trouble. */
static int not_absent(int ret, struct klp_err *err)
{
	return ret == -ENOENT ? err->code = -EIO : ret;
}

static int run_client(struct source *src, const struct tuf_transport *t, const char *base, const char *path, size_t limit,
		      void **out, size_t *len, struct klp_err *err)
{
	char folder[4096], roots[4096], metadata[FETCHED_URL_MAX], targets[FETCHED_URL_MAX];
	struct tuf_config config = { .store = folder, .roots = src->keep ? roots : NULL, .ram = src->keep ? NULL : &src->store, .metadata_url = metadata,
				     .targets_url = targets, .transport = t, .now = time(NULL) };
	struct tuf_client *c;
	int ret;

	trust_folder(src->settings, folder);
	trust_roots(src->settings, roots);
	source_urls(base, metadata, targets);
	ret = not_absent(tuf_open(&config, &c, err), err);
	if (ret)
		return ret;
	ret = not_absent(tuf_refresh(c, err), err);
	if (!ret) {
		read_halt(c, &src->halt);
		ret = get_target(c, path, limit, out, len, err);
	}
	tuf_close(c);
	return ret;
}

static int get_url(struct source *src, const char *path, size_t limit, void **out, size_t *len,
		   struct klp_err *err)
{
	struct pack trusted = { 0 }, answers;
	struct tuf_transport replay = { .get = replay_get, .ctx = &answers };
	char folder[4096];
	int ret = 0;

	trust_folder(src->settings, folder);
	if (src->keep)
		ret = tuf_store_read(folder, &trusted, err);
	if (!ret)
		ret = fetcher_ask(src, path, limit, src->keep ? &trusted : &src->store, &answers, err);
	pack_clear(&trusted);
	if (ret)
		return not_absent(ret, err);
	ret = run_client(src, &replay, src->where, path, limit, out, len, err);
	pack_clear(&answers);
	return ret;
}

static int get_file(struct source *src, const char *path, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	struct tuf_files files = { .folder = src->folder };
	struct tuf_transport t = { .get = tuf_files_get, .ctx = &files };

	return run_client(src, &t, "", path, limit, out, len, err);
}

/* The last timestamp once more; the client finds what that names in its own store, or not at all. */
static int kept_get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	const struct pack_item *item = pack_find(ctx, "timestamp.json");
	const char *name = strrchr(url, '/') ? strrchr(url, '/') + 1 : url;
	const char *end = strstr(name, ".root.json");

	if (end && !end[10])
		return klp_err_set(err, -ENOENT, "no later root is known");
	if (strcmp(name, "timestamp.json") || !item || item->code || item->len > limit)
		return klp_err_set(err, -ENETUNREACH, "%s isn't kept", url);
	return copy_item(item, url, out, len, err);
}

static int get_kept(struct source *src, const char *path, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	struct tuf_transport t = { .get = kept_get, .ctx = &src->store };

	return run_client(src, &t, "", path, limit, out, len, err);
}

int source_get(struct source *src, const char *path, size_t limit, void **out, size_t *len,
	       struct klp_err *err)
{
	int ret = not_absent(trust_open(src, err), err);

	if (ret)
		return ret;
	ret = (src->kept ? get_kept : src->url ? get_url : get_file)(src, path, limit, out, len, err);
	return ret ? klp_err_wrap(err, "source %s", src->where) : 0;
}
