// SPDX-License-Identifier: GPL-2.0-or-later
/* repo.c - see repo.h: the index in memory; repo_json.c reads and writes it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "manifest.h"
#include "repo.h"

void repo_index_path(const char *build_id, char out[REPO_PATH_MAX])
{
	snprintf(out, REPO_PATH_MAX, "kernels/%.64s.json", build_id);
}

void repo_bundle_path(const char *build_id, const char *name, uint64_t release, char out[REPO_PATH_MAX])
{
	snprintf(out, REPO_PATH_MAX, "bundles/%.64s/%.64s-%llu.klp", build_id, name, (unsigned long long)release);
}

void repo_cves_path(const char *build_id, char out[REPO_PATH_MAX])
{
	snprintf(out, REPO_PATH_MAX, "cves/%.64s.json", build_id);
}

void repo_time(int64_t seconds, char out[REPO_TIME_LEN])
{
	time_t t = time(NULL) + (time_t)seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, REPO_TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int64_t repo_time_of(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? (int64_t)timegm(&tm) : 0;
}

struct repo_index *repo_index_new(void)
{
	return calloc(1, sizeof(struct repo_index));
}

static void target_clear(struct repo_target *t)
{
	free(t->name);
	free(t->id);
	free(t->digest);
	free(t->summary);
	for (size_t i = 0; i < t->nr_cves; i++)
		free(t->cves[i]);
	free(t->cves);
	memset(t, 0, sizeof(*t));
}

void repo_index_free(struct repo_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->nr_targets; i++)
		target_clear(&index->targets[i]);
	free(index->targets);
	for (size_t i = 0; i < index->nr_withdrawn; i++) {
		free(index->withdrawn[i].name);
		free(index->withdrawn[i].reason);
	}
	free(index->withdrawn);
	free(index);
}

const struct repo_target *repo_index_find(const struct repo_index *index, const char *name)
{
	for (size_t i = 0; i < index->nr_targets; i++) {
		if (!strcmp(index->targets[i].name, name))
			return &index->targets[i];
	}
	return NULL;
}

const struct repo_withdrawn *repo_index_withdrawn(const struct repo_index *index, const char *name, uint64_t release)
{
	for (size_t i = 0; i < index->nr_withdrawn; i++) {
		if (index->withdrawn[i].release == release && !strcmp(index->withdrawn[i].name, name))
			return &index->withdrawn[i];
	}
	return NULL;
}

static int target_fill(struct repo_target *t, const struct manifest *m, const char *id, const char *digest,
		       uint64_t length)
{
	t->name = strdup(m->name);
	t->release = m->release;
	t->id = strdup(id);
	t->digest = strdup(digest);
	t->length = length;
	t->summary = strdup(m->summary);
	t->cves = calloc(m->nr_cves + 1, sizeof(*t->cves));
	if (!t->name || !t->id || !t->digest || !t->summary || !t->cves)
		return -ENOMEM;
	for (; t->nr_cves < m->nr_cves; t->nr_cves++) {
		t->cves[t->nr_cves] = strdup(m->cves[t->nr_cves]);
		if (!t->cves[t->nr_cves])
			return -ENOMEM;
	}
	return 0;
}

static int check_newer(const struct repo_target *old, const struct manifest *m,
		       const char *id, const char *digest, struct klp_err *err)
{
	if (!strcmp(old->digest, digest))
		return klp_err_set(err, -EEXIST, "%s release %llu is in the repository already",
				   m->name, (unsigned long long)m->release);
	if (m->release > old->release || (m->release == old->release && !strcmp(old->id, id)))
		return 0;
	return klp_err_set(err, -ESTALE,
			   "%s release %llu can't be published: the repository has release %llu; build it with a higher release",
			   m->name, (unsigned long long)m->release,
			   (unsigned long long)old->release);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct repo_target *)a)->name, ((const struct repo_target *)b)->name);
}

static int append(struct repo_index *index, const struct repo_target *t)
{
	struct repo_target *targets;

	targets = reallocarray(index->targets, index->nr_targets + 1, sizeof(*targets));
	if (!targets)
		return -ENOMEM;
	index->targets = targets;
	targets[index->nr_targets++] = *t;
	qsort(targets, index->nr_targets, sizeof(*targets), by_name);
	return 0;
}

int repo_index_put(struct repo_index *index, const struct manifest *m, const char *id, const char *digest,
		   uint64_t length, struct klp_err *err)
{
	struct repo_target *old = (struct repo_target *)repo_index_find(index, m->name);
	const struct repo_withdrawn *w = repo_index_withdrawn(index, m->name, m->release);
	struct repo_target t = { 0 };
	int ret = 0;

	if (w)
		return klp_err_set(err, -ESTALE, "%s release %llu was withdrawn (%s); build it with a higher release",
				   m->name, (unsigned long long)m->release, w->reason);
	if (strcmp(index->build_id, m->kernel_build_id))
		return klp_err_set(err, -EINVAL, "%s is for another kernel build than the index",
				   m->name);
	if (old)
		ret = check_newer(old, m, id, digest, err);
	if (ret)
		return ret;
	ret = target_fill(&t, m, id, digest, length);
	if (!ret && old) {
		target_clear(old);
		*old = t;
	} else if (!ret) {
		ret = append(index, &t);
	}
	if (ret) {
		target_clear(&t);
		return klp_err_sys(err, ret, "cannot add %s to the index", m->name);
	}
	return 0;
}

static void take_out(struct repo_index *index, const char *name, uint64_t release)
{
	struct repo_target *t = (struct repo_target *)repo_index_find(index, name);

	if (!t || t->release != release)
		return;
	target_clear(t);
	memmove(t, t + 1, (size_t)(index->targets + index->nr_targets - t - 1) * sizeof(*t));
	index->nr_targets--;
}

int repo_index_withdraw(struct repo_index *index, const char *name, uint64_t release, int64_t since,
			const char *reason, struct klp_err *err)
{
	struct repo_withdrawn w = { .release = release, .since = since }, *list;

	if (repo_index_withdrawn(index, name, release))
		return klp_err_set(err, -EEXIST, "%s release %llu is withdrawn already", name, (unsigned long long)release);
	list = reallocarray(index->withdrawn, index->nr_withdrawn + 1, sizeof(*list));
	w.name = strdup(name);
	w.reason = strdup(reason);
	if (list)
		index->withdrawn = list;
	if (!list || !w.name || !w.reason) {
		free(w.name);
		free(w.reason);
		return klp_err_sys(err, -ENOMEM, "cannot withdraw %s", name);
	}
	list[index->nr_withdrawn++] = w;
	take_out(index, name, release);
	return 0;
}
