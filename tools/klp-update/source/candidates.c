// SPDX-License-Identifier: GPL-2.0-or-later
/* candidates.c - see candidates.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "bundle.h"
#include "candidates.h"
#include "err.h"
#include "exits.h"
#include "fetch.h"
#include "io.h"
#include "manifest.h"
#include "printable.h"
#include "repo.h"

static char *cves_text(char *const *cves, size_t nr)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(list, json_string(cves[i]));
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

static void clear(struct candidate *c)
{
	free(c->path);
	free(c->summary);
	free(c->cves);
	memset(c, 0, sizeof(*c));
}

/* Takes @c over; the highest release of a name wins. */
static int keep(struct candidates *all, struct candidate *c)
{
	struct candidate *list;

	if (!c->path || !c->summary || !c->cves) {
		clear(c);
		return -ENOMEM;
	}
	for (size_t i = 0; i < all->nr; i++) {
		if (strcmp(all->list[i].name, c->name))
			continue;
		if (c->release > all->list[i].release) {
			clear(&all->list[i]);
			all->list[i] = *c;
		} else {
			clear(c);
		}
		return 0;
	}
	list = reallocarray(all->list, all->nr + 1, sizeof(*list));
	if (!list) {
		clear(c);
		return -ENOMEM;
	}
	all->list = list;
	list[all->nr++] = *c;
	return 0;
}

static int reject(struct candidates *all, const char *path, const struct klp_err *why)
{
	char shown[512];
	struct rejection *list;

	/* A file's name is anybody's text who may write to the folder. */
	text_printable(path, strlen(path), shown, sizeof(shown));
	list = reallocarray(all->rejected, all->nr_rejected + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	all->rejected = list;
	list[all->nr_rejected++] = (struct rejection){
		.path = strdup(shown), .code = why->code, .text = strdup(why->text),
	};
	return 0;
}

int rejection_exit(const struct rejection *j)
{
	return j->code == -ENOKEY || j->code == -EKEYREJECTED ? EXIT_TRUST : EXIT_FAILED;
}

void candidates_free(struct candidates *c)
{
	for (size_t i = 0; i < c->nr; i++)
		clear(&c->list[i]);
	for (size_t i = 0; i < c->nr_rejected; i++) {
		free(c->rejected[i].path);
		free(c->rejected[i].text);
	}
	free(c->list);
	free(c->rejected);
	free(c->withdrawn);
	memset(c, 0, sizeof(*c));
}

/* ---- a repository ---- */

static int keep_target(struct candidates *all, const char *build_id, const struct repo_target *t)
{
	struct candidate c = { .release = (int64_t)t->release, .length = t->length, .rollout = t->rollout,
			       .exploited = t->exploited };
	char path[REPO_PATH_MAX];

	repo_bundle_path(build_id, t->name, t->release, path);
	snprintf(c.name, sizeof(c.name), "%s", t->name);
	snprintf(c.digest, sizeof(c.digest), "%s", t->id);
	c.path = strdup(path);
	c.summary = strdup(t->summary);
	c.cves = cves_text(t->cves, t->nr_cves);
	return keep(all, &c);
}

static int keep_withdrawn(struct candidates *all, const struct repo_index *index)
{
	struct withdrawal *list = calloc(index->nr_withdrawn + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < index->nr_withdrawn; i++) {
		const struct repo_withdrawn *w = &index->withdrawn[i];

		snprintf(list[i].name, sizeof(list[i].name), "%s", w->name);
		list[i].release = (int64_t)w->release;
		text_printable(w->reason, strlen(w->reason), list[i].reason, sizeof(list[i].reason));
	}
	all->withdrawn = list;
	all->nr_withdrawn = index->nr_withdrawn;
	return 0;
}

static int read_index(const void *data, size_t len, const char *build_id, struct candidates *out, struct klp_err *err)
{
	struct repo_index *index;
	int ret;

	ret = repo_index_parse(data, len, &index, err);
	if (ret)
		return ret;
	if (strcmp(index->build_id, build_id))
		ret = klp_err_set(err, -ESTALE, "the index is for another kernel build");
	for (size_t i = 0; i < index->nr_targets && !ret; i++) {
		ret = keep_target(out, build_id, &index->targets[i]);
		if (ret)
			klp_err_sys(err, ret, "cannot read the index");
	}
	out->maintained_until = repo_time_of(index->maintained_until);
	if (!ret && keep_withdrawn(out, index))
		ret = klp_err_sys(err, -ENOMEM, "cannot read the index");
	memcpy(out->cves_digest, index->cves_digest, sizeof(out->cves_digest));
	out->cves_length = index->cves_length;
	repo_index_free(index);
	return ret;
}

/* ---- a plain folder ---- */

static int keep_bundle(struct candidates *all, const char *path, uint64_t length,
		       const struct verified_bundle *vb)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	struct candidate c = { .release = (int64_t)m->release, .length = length };

	snprintf(c.name, sizeof(c.name), "%s", m->name);
	snprintf(c.digest, sizeof(c.digest), "%s", verified_bundle_id(vb));
	c.path = strdup(path);
	c.summary = strdup(m->summary);
	c.cves = cves_text(m->cves, m->nr_cves);
	return keep(all, &c);
}

static int look_at_file(const struct source *src, const char *path, const struct keyring *keyring,
			const char *build_id, struct candidates *out)
{
	struct verified_bundle *vb;
	struct klp_err err = { 0 };
	struct stat st;
	int fd, ret;

	fd = io_open_beneath(src->folder, path, O_RDONLY | O_NONBLOCK, &err);
	if (fd < 0)
		return fd == -ENOMEM ? fd : reject(out, path, &err);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	ret = bundle_verify(fd, keyring, false, &vb, &err);
	close(fd);
	if (ret)
		return reject(out, path, &err);
	if (!strcmp(verified_bundle_manifest(vb)->kernel_build_id, build_id))
		ret = keep_bundle(out, path, (uint64_t)st.st_size, vb);
	verified_bundle_free(vb);
	return ret;
}

static bool is_bundle_name(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > 4 && !strcmp(name + n - 4, ".klp");
}

static int look_at_folder(const struct source *src, const struct keyring *keyring,
			  const char *build_id, struct candidates *out, struct klp_err *err)
{
	int fd = openat(src->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	int ret = 0;

	if (!dir) {
		ret = klp_err_sys(err, -errno, "cannot list %s", src->where);
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (de = readdir(dir))) {
		if (is_bundle_name(de->d_name))
			ret = look_at_file(src, de->d_name, keyring, build_id, out);
	}
	closedir(dir);
	return ret ? klp_err_sys(err, ret, "cannot look at %s", src->where) : 0;
}

static int look(struct source *src, const struct keyring *keyring, const char *build_id,
		struct candidates *out, struct klp_err *err)
{
	char path[REPO_PATH_MAX];
	size_t len;
	void *data;
	int ret;

	if (src->plain)
		return look_at_folder(src, keyring, build_id, out, err);
	repo_index_path(build_id, path);
	ret = source_get(src, path, REPO_INDEX_MAX, &data, &len, err);
	if (ret == -ENOENT)
		return klp_err_set(err, ret, "the source %s has nothing for this kernel (no %s)",
				   src->where, path);
	if (ret)
		return ret;
	out->halt = src->halt;
	ret = read_index(data, len, build_id, out, err);
	free(data);
	return ret ? klp_err_wrap(err, "source %s", src->where) : 0;
}

int candidates_look(struct source *src, const struct keyring *keyring,
		    const char *build_id, struct candidates *out, struct klp_err *err)
{
	struct candidates found = { 0 };
	int ret;

	ret = look(src, keyring, build_id, &found, err);
	if (ret) {
		candidates_free(&found);
		return ret;
	}
	*out = found;
	return 0;
}

/* ---- one of them ---- */

/* The index was signed, the bundle was signed; do they speak of the same thing? */
static int check_identity(const struct candidate *c, const struct verified_bundle *vb,
			  const char *build_id, struct klp_err *err)
{
	const struct manifest *m = verified_bundle_manifest(vb);

	if (!strcmp(verified_bundle_id(vb), c->digest) && !strcmp(m->name, c->name) &&
	    (int64_t)m->release == c->release && !strcmp(m->kernel_build_id, build_id))
		return 0;
	return klp_err_set(err, -EKEYREJECTED,
			   "the bundle that is offered as %s release %lld is %s release %llu for %s, or another bundle of it",
			   c->name, (long long)c->release, m->name, (unsigned long long)m->release,
			   m->kernel_release);
}

static int verify_bytes(const void *data, size_t len, const struct keyring *keyring,
			struct verified_bundle **out, struct klp_err *err)
{
	int fd, ret;

	ret = io_sealed_memfd("bundle", data, len, &fd, err);
	if (ret)
		return ret;
	ret = bundle_verify(fd, keyring, false, out, err);
	close(fd);
	return ret;
}

static int read_file(const struct source *src, const char *path, void **out, size_t *len, struct klp_err *err)
{
	/* Nonblocking: whoever writes there may have put a FIFO in its place. */
	int fd = io_open_beneath(src->folder, path, O_RDONLY | O_NONBLOCK, err), ret;

	if (fd < 0)
		return klp_err_wrap(err, "source %s", src->where);
	ret = io_read_fd(fd, path, BUNDLE_MAX, out, len, err);
	close(fd);
	return ret;
}

/* What was read with result @ret, verified and handed over; freed when that fails. */
static int hand_over(int ret, void *bytes, size_t n, const struct candidate *c, const struct keyring *keyring, const char *build_id,
		     void **data, size_t *len, struct verified_bundle **out, struct klp_err *err)
{
	struct verified_bundle *vb = NULL;

	if (ret)
		return ret;
	ret = verify_bytes(bytes, n, keyring, &vb, err);
	if (!ret)
		ret = check_identity(c, vb, build_id, err);
	if (ret) {
		verified_bundle_free(vb);
		free(bytes);
		return ret;
	}
	*data = bytes;
	*len = n;
	*out = vb;
	return 0;
}

int candidate_kept(const char *path, const struct candidate *c, const struct keyring *keyring, const char *build_id, void **data,
		   size_t *len, struct verified_bundle **out, struct klp_err *err)
{
	void *bytes = NULL;
	size_t n = 0;
	int ret = io_read_file(path, BUNDLE_MAX, &bytes, &n, err);

	return hand_over(ret, bytes, n, c, keyring, build_id, data, len, out, err);
}

int candidate_fetch(struct source *src, const struct candidate *c,
		    const struct keyring *keyring, const char *build_id, void **data,
		    size_t *len, struct verified_bundle **out, struct klp_err *err)
{
	void *bytes = NULL;
	size_t n = 0;
	int ret = src->plain ? read_file(src, c->path, &bytes, &n, err) : source_get(src, c->path, BUNDLE_MAX, &bytes, &n, err);

	return hand_over(ret, bytes, n, c, keyring, build_id, data, len, out, err);
}
