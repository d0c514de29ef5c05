// SPDX-License-Identifier: GPL-2.0-or-later
/* tidy.c - see tidy.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "log.h"
#include "manifest.h"
#include "store.h"
#include "store_hold.h"
#include "tidy.h"
#include "update.h"

#define DIGEST_LEN	64
#define TEMPORARY	7	/* io_write_atomic(): ".XXXXXX" behind the name */

static bool ends(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !strncmp(name + len - n, end, n);
}

/* "DIGEST.klp", of the first @len characters. */
static bool is_bundle(const char *name, size_t len)
{
	return len == DIGEST_LEN + 4 && strspn(name, "0123456789abcdef") == DIGEST_LEN && ends(name, len, ".klp");
}

static bool is_records(const char *name, size_t len)
{
	return len == strlen("cves.json") && !strncmp(name, "cves.json", len);
}

/* Of the TUF client's store, and of the roots beside it. */
static bool is_metadata(const char *name, size_t len)
{
	return ends(name, len, ".json") || ends(name, len, ".target") || (len == 6 && !strncmp(name, "pinned", len)) ||
	       (len == 12 && !strncmp(name, "trusted-time", len));
}

/* Folders below the state's, and which files klp-update writes there, always as another file that then takes the name. */
static const struct {
	const char *folder;
	bool (*ours)(const char *name, size_t len);
} written[] = {
	{ "", is_records },
	{ "/bundles", is_bundle },
	{ "/tuf", is_metadata },
	{ "/roots", is_metadata },
};

static bool is_temporary(const char *name, bool (*ours)(const char *name, size_t len))
{
	size_t len = strlen(name);

	if (len <= TEMPORARY || name[len - TEMPORARY] != '.')
		return false;
	for (size_t i = len - TEMPORARY + 1; i < len; i++)
		if (!isalnum((unsigned char)name[i]))
			return false;
	return ours(name, len - TEMPORARY);
}

static void remove_file(int folder, const char *where, const char *name)
{
	if (unlinkat(folder, name, 0) && errno != ENOENT)
		log_warn("cannot remove %s/%s, which nobody needs: %s", where, name, strerror(errno));
}

/* Is it in the kernel?  What can't be read is of no use, to a boot neither. */
static bool is_in_force(const struct update *u, const char *path)
{
	struct bundle *b;
	bool is = false;
	void *data;
	size_t len;

	if (io_read_file(path, BUNDLE_MAX, &data, &len, NULL))
		return false;
	if (!bundle_parse(data, len, &b, NULL)) {
		const struct manifest *m = bundle_manifest(b);

		is = !strcmp(m->kernel_build_id, u->machine.build_id) &&
		     (machine_patch(&u->machine, m->module) == IN_KERNEL_SWITCHING || machine_has(&u->machine, m->module, (int64_t)m->release));
		bundle_free(b);
	}
	free(data);
	return is;
}

/* A later release, or the fix of a mitigation, that has outlived its watch. */
static bool has_good_successor(const struct patch_rows *rows, const struct patch_row *p)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct patch_row *q = &rows->rows[i];

		if (q->state == PATCH_GOOD && !strcmp(q->build_id, p->build_id) &&
		    ((!strcmp(q->name, p->name) && q->release > p->release) || store_mitigates(q, p->name)))
			return true;
	}
	return false;
}

static bool is_needed(const struct update *u, const struct patch_rows *rows, const char *name, const char *path)
{
	char digest[DIGEST_LEN + 1];
	const struct patch_row *p;
	struct hold hold;

	snprintf(digest, sizeof(digest), "%.*s", DIGEST_LEN, name);
	p = store_find(rows, digest);
	/* All but superseded: to be applied, now or after a boot; or what a person may give back, and what a lost database is rebuilt from. */
	if (p && (p->state != PATCH_SUPERSEDED || !has_good_successor(rows, p) || store_held(u->db, p->name, &hold, NULL) != -ENOENT))
		return true;
	return is_in_force(u, path);
}

static void tidy_folder(const struct update *u, const struct patch_rows *rows, size_t which)
{
	char where[PATH_MAX], path[PATH_MAX + 300];
	const struct dirent *de;
	DIR *dir;

	snprintf(where, sizeof(where), "%s%s", u->settings.state, written[which].folder);
	dir = opendir(where);
	if (!dir)
		return;
	while ((de = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", where, de->d_name);
		if (is_temporary(de->d_name, written[which].ours) ||
		    (written[which].ours == is_bundle && is_bundle(de->d_name, strlen(de->d_name)) && !is_needed(u, rows, de->d_name, path)))
			remove_file(dirfd(dir), where, de->d_name);
	}
	closedir(dir);
}

void tidy(struct update *u)
{
	struct klp_err err = { 0 };
	struct patch_rows rows;

	if (store_patches(u->db, &rows, &err)) {
		log_warn("%s", err.text);
		return;
	}
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		tidy_folder(u, &rows, i);
	store_patches_free(&rows);
}
