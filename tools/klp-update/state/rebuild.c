// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rebuild.c - see rebuild.h.
 *
 * What can be read of the damaged one is kept.  Beyond that there are two witnesses: the kernel, which knows what is in force, and
 * the kept bundles, which are verified again.  A bundle of which nothing else is known may be the one
 * that took the machine down, and its marker what was lost: it isn't tried again by itself.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "db.h"
#include "err.h"
#include "io.h"
#include "keyring.h"
#include "log.h"
#include "manifest.h"
#include "rebuild.h"
#include "source/trust.h"
#include "store.h"
#include "update.h"

#define LOST	"what became of it was lost with the damaged database, and the kernel hasn't got it"

struct rebuilt {
	int64_t rows;	/* that could be read */
	int bundles;	/* whose row couldn't */
	bool all;
};

static int add_bundle(struct update *u, struct db *db, const struct verified_bundle *vb, struct klp_err *err)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	const char *digest = verified_bundle_id(vb);
	bool in_force = !strcmp(m->kernel_build_id, u->machine.build_id) &&
			machine_has(&u->machine, m->module, (int64_t)m->release);
	struct patch_rows rows;
	int ret;

	ret = store_add(db, m, digest, err);
	if (!ret)
		ret = store_patches(db, &rows, err);
	if (ret)
		return ret;
	ret = store_set(db, store_find(&rows, digest), in_force ? PATCH_WATCHED : PATCH_REVERTED, u->machine.boot_id,
			"rebuilt", in_force ? "found in the kernel" : LOST, err);
	store_patches_free(&rows);
	return ret;
}

/* One that can't be verified any more is as good as gone. */
static int look_at_bundle(struct update *u, struct db *db, int folder, const char *name,
			  const struct keyring *keyring, struct rebuilt *r, struct klp_err *err)
{
	int fd = io_open_beneath(folder, name, O_RDONLY | O_NONBLOCK, NULL), ret;
	struct patch_rows rows = { 0 };
	struct verified_bundle *vb;

	if (fd < 0)
		return 0;
	ret = bundle_verify(fd, keyring, false, &vb, NULL);
	close(fd);
	if (ret)
		return 0;
	ret = store_patches(db, &rows, err);
	if (!ret && !store_find(&rows, verified_bundle_id(vb))) {
		ret = add_bundle(u, db, vb, err);
		r->bundles++;
	}
	store_patches_free(&rows);
	verified_bundle_free(vb);
	return ret;
}

static int add_bundles(struct update *u, struct db *db, struct rebuilt *r, struct klp_err *err)
{
	char path[PATH_MAX];
	struct keyring *keyring;
	struct dirent *de;
	DIR *dir;
	int ret;

	snprintf(path, sizeof(path), "%s/bundles", u->settings.state);
	dir = opendir(path);
	if (!dir)
		return 0;
	ret = trust_keyring(&u->settings, &keyring, NULL, err);
	while (!ret && (de = readdir(dir))) {
		if (strstr(de->d_name, ".klp") && de->d_name[0] != '.')
			ret = look_at_bundle(u, db, dirfd(dir), de->d_name, keyring, r, err);
	}
	if (!ret)
		keyring_free(keyring);
	closedir(dir);
	return ret;
}

static int fill(struct update *u, struct db *db, const char *damaged, const char *why, struct rebuilt *r,
		struct klp_err *err)
{
	char detail[KLP_ERR_LEN];
	int ret;

	ret = db_salvage(db, damaged, &r->rows, &r->all, err);
	if (!ret)
		ret = db_drop_strange(db, err);
	if (!ret)
		ret = add_bundles(u, db, r, err);
	if (!ret)
		ret = db_run(db, err, "UPDATE patch SET state = 'superseded' WHERE state = 'reverted' AND reason = ? AND EXISTS"
			     " (SELECT 1 FROM patch AS later WHERE later.name = patch.name AND"
			     " later.build_id = patch.build_id AND later.release > patch.release)", "s", LOST);
	snprintf(detail, sizeof(detail), "%.300s. %lld rows could be read%s, %d kept bundle%s had none", why,
		 (long long)r->rows, r->all ? ", all there were" : "", r->bundles, r->bundles == 1 ? "" : "s");
	return ret ? ret : store_event(db, u->machine.boot_id, "rebuilt", "state.db", 0, "", detail, err);
}

/*
 * The new one is whole before it takes the name.  Killed before, the next run begins again; the old journal, which
 * SQLite would take for the new file's, has gone by then: it was played back, or is of no use.
 */
static int swap(const char *fresh, const char *path, char aside[PATH_MAX], struct klp_err *err)
{
	char journal[PATH_MAX + 16];

	snprintf(aside, PATH_MAX, "%.4000s.damaged-%lld", path, (long long)time(NULL));
	snprintf(journal, sizeof(journal), "%s-journal", path);
	if (unlink(journal) && errno != ENOENT)
		return klp_err_sys(err, -errno, "cannot remove %s", journal);
	/* What is no file, as a folder, can't be linked: killed between the two, there is none, and bundles are kept. */
	if ((link(path, aside) && errno != EEXIST && rename(path, aside) && errno != ENOENT) || rename(fresh, path))
		return klp_err_sys(err, -errno, "cannot set %s aside", path);
	return 0;
}

int state_rebuild(struct update *u, struct klp_err *err)
{
	char path[PATH_MAX], fresh[PATH_MAX + 16], aside[PATH_MAX], why[KLP_ERR_LEN];
	struct rebuilt r = { 0 };
	struct db *db;
	int ret;

	snprintf(why, sizeof(why), "%.*s", (int)strcspn(err->text, ";"), err->text);
	snprintf(path, sizeof(path), "%s/state.db", u->settings.state);
	snprintf(fresh, sizeof(fresh), "%s.new-journal", path);
	unlink(fresh);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	unlink(fresh);
	ret = db_create(fresh, &db, err);
	if (ret)
		return ret;
	ret = fill(u, db, path, why, &r, err);
	db_close(db);
	if (!ret)
		ret = swap(fresh, path, aside, err);
	if (ret)
		return klp_err_wrap(err, "%s; cannot build it anew", why);
	log_warn("%s%s%s; a new one was made: %lld rows could be read%s, %d kept bundle%s had none; see `klp-update status`",
		 why, access(aside, F_OK) ? "" : "; it lies in ", access(aside, F_OK) ? "" : aside, (long long)r.rows, r.all ? ", all there were" : "", r.bundles, r.bundles == 1 ? "" : "s");
	return 0;
}
