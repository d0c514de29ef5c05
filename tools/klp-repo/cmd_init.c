// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_init.c - klp-repo init, timestamp, rotate and revoke: roles and their keys, and the daily signature. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "hex.h"
#include "jsonstr.h"
#include "keyring.h"
#include "log.h"
#include "io.h"
#include "master.h"
#include "repo_tool.h"
#include "sign.h"
#include "tell.h"

#define DAY_S	INT64_C(86400)
#define ALARM_DAYS	30	/* before something that takes other keys expires */

static int report(const struct repo_options *opt, const struct master *m, const char *what)
{
	long long root = (long long)json_integer_value(json_object_get(m->root, "version"));
	long long timestamp = (long long)json_integer_value(json_object_get(m->timestamp, "version"));

	if (opt->json)
		repo_print_json(json_pack("{s:s, s:s, s:I, s:I, s:s}", "repo", opt->repo, "state", m->dir, "root", root,
					  "timestamp", timestamp, "expires", str(m->timestamp, "expires")));
	else
		printf("%s: %s; root %lld, timestamp %lld, good until %s\n", opt->repo, what, root, timestamp,
		       str(m->timestamp, "expires"));
	return EXIT_DONE;
}

static int set_roles(struct master *m, struct klp_err *err)
{
	int ret = 0;

	for (int i = 0; i < m->opt->nr_roles && !ret; i++)
		ret = roles_set(m->root, m->opt->role[i], err);
	return ret;
}

/* ---- init ---- */

static int empty_bodies(struct master *m, struct klp_err *err)
{
	m->root = master_body("root", ROOT_DAYS);
	m->timestamp = master_body("timestamp", TIMESTAMP_DAYS);
	m->snapshot = master_body("snapshot", SNAPSHOT_DAYS);
	m->targets = master_body("targets", TARGETS_DAYS);
	if (!m->root || !m->timestamp || !m->snapshot || !m->targets ||
	    json_object_set_new(m->root, "keys", json_object()) || json_object_set_new(m->root, "roles", json_object()) ||
	    json_object_set_new(m->root, "consistent_snapshot", json_true()) ||
	    json_object_set_new(m->snapshot, "meta", json_object()) || json_object_set_new(m->targets, "targets", json_object()))
		return klp_err_sys(err, -ENOMEM, "cannot make a repository");
	for (unsigned int i = 0; i < NR_BINS; i++) {
		json_t *bin = master_body("targets", TARGETS_DAYS);
		char name[16];

		master_bin_name(i, name);
		if (!bin || json_object_set_new(bin, "targets", json_object()) || json_object_set_new(m->bins, name, bin) ||
		    json_object_set_new(m->changed_bins, name, json_true()))
			return klp_err_sys(err, -ENOMEM, "cannot make a repository");
	}
	return 0;
}

static int init(struct master *m, struct klp_err *err)
{
	int ret;

	if (m->exists)
		return klp_err_set(err, -EEXIST, "%s is the state folder of a repository already; `klp-repo timestamp` writes what %s lacks", m->dir,
				   m->opt->repo);
	ret = empty_bodies(m, err);
	if (!ret)
		ret = roles_set_own(m->root, m, err);
	if (!ret)
		ret = set_roles(m, err);
	if (ret)
		return ret;
	m->root_changed = m->targets_changed = true;
	json_object_set_new(m->targets, "delegations", roles_delegations(m->root));
	return master_commit(m, err);
}

static void tell_root(const struct repo_options *opt)
{
	if (!opt->json)
		printf("  copy %s/metadata/1.root.json to /etc/quietpatch/root.json of machines that shall trust it\n", opt->repo);
}

int cmd_init(const struct repo_options *opt, int argc, char **argv)
{
	struct klp_err err = { 0 };
	struct master m;
	int ret;

	(void)argc;
	(void)argv;
	if (!opt->repo || !opt->nr_keys)
		return repo_usage(opt, "init needs --repo DIR and --key KEY.pem, for each key that signs");
	ret = master_open(&m, opt, true, &err);
	if (!ret)
		ret = init(&m, &err);
	if (!ret) {
		report(opt, &m, "a new repository");
		tell_root(opt);
	}
	master_close(&m);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}

/* ---- timestamp ---- */

/* The daily signature goes on until something that it can't renew lapses: tell that long before. */
static int alarm_of(const struct repo_options *opt, struct master *m, struct klp_err *err)
{
	int64_t when, left;
	char what[64];
	int ret = master_first_expiry(m, &when, what, err);

	if (ret)
		return repo_fail(opt, err);
	left = (when - time(NULL)) / DAY_S;
	if (left >= ALARM_DAYS)
		return EXIT_DONE;
	log_error("%s: %s expires in %lld days, and machines take nothing then: %s", opt->repo, what, (long long)(left < 0 ? 0 : left),
		  strcmp(what, "root") ? "`klp-repo publish` with the keys of targets and snapshot renews it" :
		  "`klp-repo rotate` with the keys of root renews it");
	return EXIT_PENDING;
}

int cmd_timestamp(const struct repo_options *opt, int argc, char **argv)
{
	int ret, exit = EXIT_DONE;
	struct klp_err err = { 0 };
	struct master m;

	(void)argc;
	(void)argv;
	if (!opt->repo || !opt->nr_keys)
		return repo_usage(opt, "timestamp needs --repo DIR and --key KEY.pem, a key of the role timestamp");
	ret = master_open(&m, opt, false, &err);
	if (!ret)
		ret = master_commit(&m, &err);
	if (!ret) {
		report(opt, &m, "a new timestamp");
		exit = alarm_of(opt, &m, &err);
	}
	if (!ret && m.clock_back) {
		log_error("%s: the clock was set back since the last signature; if it is wrong now, the timestamp is good until %s only: set it right, and sign anew",
			  opt->repo, str(m.timestamp, "expires"));
		exit = EXIT_PENDING;
	}
	master_close(&m);
	return ret ? repo_fail(opt, &err) : exit;
}

/* ---- rotate, revoke ---- */

/* What the new root's keys have to sign that the old one's did. */
static int sign_anew(struct master *m, struct klp_err *err)
{
	static const char *const roles[] = { "targets", "snapshot" };
	bool changed[2];
	char name[16];
	json_t *bin;
	int ret = 0;

	for (int i = 0; i < 2; i++)
		changed[i] = !json_equal(json_object_get(json_object_get(m->old_root, "roles"), roles[i]),
					 json_object_get(json_object_get(m->root, "roles"), roles[i]));
	m->snapshot_changed = changed[1];
	m->targets_changed = changed[0];
	if (!changed[0])
		return 0;
	json_object_set_new(m->targets, "delegations", roles_delegations(m->root));
	for (unsigned int i = 0; i < NR_BINS && !ret; i++) {
		master_bin_name(i, name);
		ret = master_bin_named(m, name, &bin, err);
		if (!ret)
			json_object_set_new(m->changed_bins, name, json_true());
	}
	return ret;
}

static int new_root(struct master *m, const char *revoked, struct klp_err *err)
{
	char id[2 * KEY_ID_LEN + 1];
	uint8_t raw[PUBLIC_KEY_LEN], bin[KEY_ID_LEN];
	int ret = 0;

	m->old_root = json_deep_copy(m->root);
	if (!m->old_root)
		return klp_err_sys(err, -ENOMEM, "cannot make a root");
	m->root_changed = true;
	ret = set_roles(m, err);
	if (!ret && revoked && hex_valid(revoked, 2 * KEY_ID_LEN)) {
		ret = roles_drop_key(m->root, revoked, err);
	} else if (!ret && revoked) {
		ret = key_file_public(revoked, raw, bin, err);
		hex_encode(bin, sizeof(bin), id);
		if (!ret)
			ret = roles_drop_key(m->root, id, err);
	}
	if (!ret)
		ret = sign_anew(m, err);
	return ret ? ret : master_commit(m, err);
}

static int rotate(const struct repo_options *opt, const char *revoked, const char *done)
{
	struct klp_err err = { 0 };
	struct master m;
	int ret;

	ret = master_open(&m, opt, false, &err);
	if (!ret)
		ret = new_root(&m, revoked, &err);
	if (!ret)
		report(opt, &m, done);
	master_close(&m);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}

int cmd_rotate(const struct repo_options *opt, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!opt->repo || !opt->nr_keys)
		return repo_usage(opt, "rotate needs --repo DIR, --key for each key that signs, and --role for each role that changes");
	return rotate(opt, NULL, "a new root");
}

int cmd_revoke(const struct repo_options *opt, int argc, char **argv)
{
	(void)argc;
	if (!opt->repo || !opt->nr_keys)
		return repo_usage(opt, "revoke needs --repo DIR, and --key for each key that signs");
	return rotate(opt, argv[0], "a key is revoked");
}
