// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_tuf.c - the TUF client (tools/tuf) against a repository that lies: one test for each attack, and for
 * what must go on working beside it.  Delegations and names: test_tuf_roles.c, malformed files: test_tuf_format.c, the
 * network: test_tuf_http.c.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "fixture.h"
#include "io.h"
#include "play.h"
#include "../../../tools/tuf/canon.h"
#include "../../../tools/tuf/role.h"
#include "../../../tools/tuf/store.h"

/* ---- the normal course ---- */

START_TEST(a_refresh_asks_in_order_and_keeps_the_bytes)
{
	static const char *const want[] = { "2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json" };
	void *data;
	size_t len;

	works();
	ck_assert_uint_eq(f->nr_asked, 4);
	for (int i = 0; i < 4; i++)
		ck_assert_str_eq(f->asked[i], want[i]);
	stored(1, 1, 1, 1);
	for (size_t i = 0; i < f->nr_files; i++) {
		if (strcmp(f->files[i].name, "timestamp.json"))
			continue;
		ck_assert(!tuf_store_load(f->store, "timestamp", TUF_TIMESTAMP_MAX, &data, &len, NULL));
		ck_assert_uint_eq(len, f->files[i].len);
		ck_assert(!memcmp(data, f->files[i].data, len));
		free(data);
	}
	/* Nothing changed: two files are asked for. */
	works();
	ck_assert_uint_eq(f->nr_asked, 2);
}
END_TEST

START_TEST(without_consistent_snapshots)
{
	char *text;

	json_object_set_new(root, "consistent_snapshot", json_false());
	tf_publish(f, 1u << TUF_ROOT);
	text = tf_sign(f, snapshot, KEY(TUF_SNAPSHOT));
	tf_serve(f, "snapshot.json", text, strlen(text));
	free(text);
	text = tf_sign(f, targets, KEY(TUF_TARGETS));
	tf_serve(f, "targets.json", text, strlen(text));
	free(text);
	works();
	stored(2, 1, 1, 1);
	ck_assert(tf_was_asked(f, "snapshot.json") && tf_was_asked(f, "targets.json"));
}
END_TEST

START_TEST(a_target_is_fetched_once_and_replaced_whole)
{
	char *path = fixture_path(f->store, "targets/dir%2Ffix.klp");
	void *data;
	size_t len;

	tf_target(f, targets, "dir/fix.klp", "a fix");
	tf_publish(f, TF_TOP);
	ck_assert_msg(!tf_get(f, "dir/fix.klp"), "%s", tf_err.text);
	ck_assert_uint_eq(f->limit, strlen("a fix"));
	ck_assert(!io_read_file(path, 100, &data, &len, NULL));
	ck_assert_str_eq(data, "a fix");
	free(data);
	ck_assert(!tf_get(f, "dir/fix.klp"));
	ck_assert_uint_eq(f->nr_asked, 2);
	tf_target(f, targets, "dir/fix.klp", "a better fix");
	tf_publish(f, TF_TOP);
	ck_assert(!tf_get(f, "dir/fix.klp"));
	ck_assert(!io_read_file(path, 100, &data, &len, NULL));
	ck_assert_str_eq(data, "a better fix");
	free(data);
	free(path);
}
END_TEST

/* ---- arbitrary software ---- */

START_TEST(arbitrary_software)
{
	char *path = fixture_path(f->store, "targets/fix.klp");

	tf_target(f, targets, "fix.klp", "a fix");
	tf_publish(f, TF_TOP);
	/* The last file that was served is the target; same length, other bytes. */
	for (size_t i = 0; i < f->nr_files; i++)
		if (!strncmp(f->files[i].name, "t/", 2))
			memcpy(f->files[i].data, "a FIX", 5);
	ck_assert_int_eq(tf_get(f, "fix.klp"), -EBADMSG);
	ck_assert_int_ne(access(path, F_OK), 0);
	free(path);
	ck_assert_int_eq(tf_get(f, "other.klp"), -ENOENT);
}
END_TEST

START_TEST(hashes_that_nobody_knows)
{
	json_t *hashes;

	tf_target(f, targets, "fix.klp", "a fix");
	hashes = json_object_get(json_object_get(json_object_get(targets, "targets"), "fix.klp"), "hashes");
	/* One that we don't know beside one that we do is fine ... */
	json_object_set_new(hashes, "blake9", json_string("00"));
	tf_publish(f, TF_TOP);
	ck_assert_msg(!tf_get(f, "fix.klp"), "%s", tf_err.text);
	/* ... but not alone, and one that is wrong isn't made good by another. */
	json_object_set_new(hashes, "sha512", json_string("00"));
	tf_publish(f, TF_TOP);
	ck_assert_int_eq(tf_get(f, "fix.klp"), -EBADMSG);
	json_object_del(hashes, "sha512");
	json_object_del(hashes, "sha256");
	tf_publish(f, TF_TOP);
	ck_assert_int_eq(tf_get(f, "fix.klp"), -EBADMSG);
}
END_TEST

/* ---- wrong keys, thresholds ---- */

/* _i: the role that is signed by a key that isn't its own. */
START_TEST(wrong_keys)
{
	enum tuf_type t = (enum tuf_type)_i;

	works();
	f->signers[t] = KEY(9);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	refuses(-EKEYREJECTED);
	ck_assert_int_eq(tf_stored(f, tuf_type_name(t)), 1);
}
END_TEST

/* _i: the role whose threshold is missed by one. */
START_TEST(threshold_missed)
{
	enum tuf_type t = (enum tuf_type)_i;

	give_role(t, KEY(4) | KEY(5) | KEY(6), 3);
	if (t == TUF_ROOT)
		f->signers[t] |= KEY(TUF_ROOT);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	works();
	f->signers[t] &= ~KEY(5);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	refuses(-EKEYREJECTED);
	ck_assert_int_eq(tf_stored(f, tuf_type_name(t)), 2);
	f->signers[t] |= KEY(5);
	set_version(TUF_ROOT, tf_version(root) - 1);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	works();
}
END_TEST

START_TEST(duplicate_signatures_of_one_key)
{
	json_t *sigs, *copy, *keys = json_object_get(root, "keys");

	give_role(TUF_TIMESTAMP, KEY(4) | KEY(5), 2);
	/* One key under two ids: two signatures of it are one. */
	json_object_set(keys, "twin", json_object_get(keys, "key-4"));
	json_array_append_new(json_object_get(body_of(TUF_TIMESTAMP), "keyids"), json_string("twin"));
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	works();
	set_version(TUF_TIMESTAMP, 3);
	sigs = signatures(TUF_TIMESTAMP, KEY(4));
	copy = json_deep_copy(json_array_get(sigs, 0));
	json_object_set_new(copy, "keyid", json_string("twin"));
	json_array_append_new(sigs, copy);
	serve_with(TUF_TIMESTAMP, "timestamp.json", sigs);
	refuses(-EKEYREJECTED);
	/* One id twice isn't even well-formed, whoever else has signed. */
	sigs = signatures(TUF_TIMESTAMP, KEY(4) | KEY(5));
	json_array_append(sigs, json_array_get(sigs, 0));
	serve_with(TUF_TIMESTAMP, "timestamp.json", sigs);
	refuses(-EBADMSG);
	serve_with(TUF_TIMESTAMP, "timestamp.json", signatures(TUF_TIMESTAMP, KEY(4) | KEY(5)));
	works();
	/* A role that lists an id twice is refused with its root. */
	json_array_append_new(json_object_get(body_of(TUF_TIMESTAMP), "keyids"), json_string("twin"));
	tf_publish(f, 1u << TUF_ROOT);
	refuses(-EBADMSG);
	ck_assert_int_eq(tf_stored(f, "root"), 2);
}
END_TEST

START_TEST(a_wrong_signature_beside_enough_right_ones)
{
	static const char *const others[] = { "", "zz", "00", "ABCD", "0123456789abcdef" };
	json_t *sigs;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		set_version(TUF_TIMESTAMP, 2 + (int64_t)i);
		sigs = signatures(TUF_TIMESTAMP, KEY(TUF_TIMESTAMP));
		json_array_append_new(sigs, json_pack("{s:s, s:s}", "keyid", "key-7", "sig", others[i]));
		serve_with(TUF_TIMESTAMP, "timestamp.json", sigs);
		works();
	}
}
END_TEST

/* ---- rollback ---- */

START_TEST(rollback_of_the_timestamp)
{
	tf_publish(f, TF_TOP);
	works();
	set_version(TUF_TIMESTAMP, 0);
	tf_publish(f, 1u << TUF_TIMESTAMP);
	refuses(-ESTALE);
	stored(1, 2, 2, 2);
	ck_assert_uint_eq(f->nr_asked, 2);
}
END_TEST

START_TEST(rollback_of_the_snapshot)
{
	f->hashes = _i;
	tf_publish(f, TF_TOP);
	works();
	set_version(TUF_SNAPSHOT, 0);
	tf_publish(f, 1u << TUF_SNAPSHOT | 1u << TUF_TIMESTAMP);
	refuses(-ESTALE);
	stored(1, 2, 2, 2);
	/* Nothing was fetched that the timestamp shouldn't name. */
	ck_assert_uint_eq(f->nr_asked, 2);
}
END_TEST

START_TEST(rollback_of_targets)
{
	f->hashes = _i;
	tf_publish(f, TF_TOP);
	works();
	set_version(TUF_TARGETS, 0);
	tf_publish(f, TF_TOP);
	refuses(-ESTALE);
	stored(1, 3, 2, 2);
}
END_TEST

START_TEST(rollback_of_a_role_that_was_never_fetched)
{
	json_object_set_new(json_object_get(snapshot, "meta"), "delegated.json", json_pack("{s:i}", "version", 7));
	tf_publish(f, TF_TOP);
	works();
	json_object_set_new(json_object_get(snapshot, "meta"), "delegated.json", json_pack("{s:i}", "version", 6));
	tf_publish(f, TF_TOP);
	refuses(-ESTALE);
	/* Nor may it vanish. */
	json_object_del(json_object_get(snapshot, "meta"), "delegated.json");
	tf_publish(f, TF_TOP);
	refuses(-ESTALE);
	ck_assert_int_eq(tf_stored(f, "snapshot"), 2);
}
END_TEST

START_TEST(rollback_by_a_root_of_another_version)
{
	char *text;

	tf_publish(f, 1u << TUF_ROOT);
	works();
	/* 1, 2 and 4 where 3 is asked for. */
	for (int v = 1; v <= 4; v++) {
		set_version(TUF_ROOT, v);
		text = tf_sign(f, root, KEY(TUF_ROOT));
		tf_serve(f, "3.root.json", text, strlen(text));
		free(text);
		if (v == 3)
			continue;
		refuses(-ESTALE);
		ck_assert_int_eq(tf_stored(f, "root"), 2);
		ck_assert_uint_eq(f->nr_asked, 1);
	}
}
END_TEST

START_TEST(a_timestamp_of_the_same_version_changes_nothing)
{
	works();
	set_version(TUF_TIMESTAMP, 0);
	json_object_set_new(json_object_get(json_object_get(timestamp, "meta"), "snapshot.json"), "version", json_integer(9));
	tf_publish(f, 1u << TUF_TIMESTAMP);
	works();
	ck_assert_uint_eq(f->nr_asked, 2);
}
END_TEST

/* ---- freeze ---- */

/* _i: the role that has expired: what came before it is kept, and it isn't. */
START_TEST(freeze)
{
	enum tuf_type t = (enum tuf_type)_i;

	works();
	tf_expire(f->body[t], TF_NOW);	/* to the second: must be higher */
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	refuses(-EKEYEXPIRED);
	stored(2, t > TUF_TIMESTAMP ? 2 : 1, t > TUF_SNAPSHOT ? 2 : 1, 1);
	/* An expired root: nobody is asked for anything more. */
	if (t == TUF_ROOT)
		ck_assert(!tf_was_asked(f, "timestamp.json"));
	/* One second later is enough. */
	tf_expire(f->body[t], TF_NOW + 1);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	works();
}
END_TEST

START_TEST(freeze_by_what_is_stored)
{
	tf_expire(timestamp, TF_NOW + TF_DAY);
	tf_publish(f, TF_TOP);
	works();
	f->now += 2 * TF_DAY;
	refuses(-EKEYEXPIRED);
	tf_expire(timestamp, TF_NOW + 9 * TF_DAY);
	tf_publish(f, TF_TOP);
	works();
}
END_TEST

START_TEST(freeze_by_a_clock_set_back)
{
	f->now += 10 * TF_DAY;
	tf_expire(timestamp, f->now + TF_DAY);
	tf_publish(f, TF_TOP);
	works();
	/* What expires before the latest time that was seen has expired, whatever the clock says now. */
	f->now -= 9 * TF_DAY;
	tf_expire(timestamp, f->now + 2 * TF_DAY);
	tf_publish(f, TF_TOP);
	refuses(-EKEYEXPIRED);
	tf_expire(timestamp, f->now + 10 * TF_DAY);
	tf_publish(f, TF_TOP);
	works();
}
END_TEST

START_TEST(a_clock_far_ahead_is_not_remembered)
{
	f->now += 4000 * TF_DAY;
	refuses(-EKEYEXPIRED);
	f->now = TF_NOW;
	works();
}
END_TEST

START_TEST(what_is_stored_of_the_time_is_no_time)
{
	static const char *const texts[] = { "", "x\n", "-5\n", "99999999999999999999\n", "12", "12\n\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *path = fixture_path(f->store, "trusted-time");

		ck_assert(!io_write_atomic(path, texts[i], strlen(texts[i]), 0644, NULL));
		refuses(-EINVAL);
		ck_assert_uint_eq(f->nr_asked, 0);
		free(path);
	}
}
END_TEST

/* ---- mix and match ---- */

START_TEST(mix_and_match)
{
	char *old = tf_sign(f, snapshot, KEY(TUF_SNAPSHOT)), *fresh;

	/* An old, well-signed snapshot where a new one belongs. */
	tf_publish(f, TF_TOP);
	tf_serve(f, "2.snapshot.json", old, strlen(old));
	refuses(-EBADMSG);
	stored(1, 2, 0, 0);
	/* Of the right version, but not the one that was signed for. */
	f->hashes = true;
	tf_publish(f, TF_TOP);
	json_object_set_new(snapshot, "x", json_integer(1));
	fresh = tf_sign(f, snapshot, KEY(TUF_SNAPSHOT));
	tf_serve(f, "3.snapshot.json", fresh, strlen(fresh));
	refuses(-EFBIG);	/* a byte longer is not even taken */
	free(fresh);
	json_object_del(snapshot, "x");
	tf_expire(snapshot, TF_NOW + 31 * TF_DAY);
	fresh = tf_sign(f, snapshot, KEY(TUF_SNAPSHOT));
	tf_serve(f, "3.snapshot.json", fresh, strlen(fresh));
	refuses(-EBADMSG);
	free(fresh);
	free(old);
}
END_TEST

START_TEST(mix_and_match_by_length_alone)
{
	char *text;

	set_version(TUF_SNAPSHOT, 2);
	text = tf_sign(f, snapshot, KEY(TUF_SNAPSHOT));
	tf_put(f, "snapshot", snapshot, KEY(TUF_SNAPSHOT), false);
	json_object_set_new(json_object_get(timestamp, "meta"), "snapshot.json",
			    json_pack("{s:i, s:I}", "version", 2, "length", (json_int_t)strlen(text) + 1));
	tf_publish(f, 1u << TUF_TIMESTAMP);
	refuses(-EBADMSG);
	json_object_set_new(json_object_get(timestamp, "meta"), "snapshot.json",
			    json_pack("{s:i, s:I}", "version", 2, "length", (json_int_t)strlen(text)));
	tf_publish(f, 1u << TUF_TIMESTAMP);
	works();
	free(text);
}
END_TEST

START_TEST(mix_and_match_of_targets)
{
	char *old = tf_sign(f, targets, KEY(TUF_TARGETS)), *fresh;

	tf_publish(f, TF_TOP);
	tf_serve(f, "2.targets.json", old, strlen(old));
	refuses(-EBADMSG);
	stored(1, 2, 2, 0);
	f->hashes = true;
	tf_publish(f, TF_TOP);
	tf_expire(targets, TF_NOW + 31 * TF_DAY);
	fresh = tf_sign(f, targets, KEY(TUF_TARGETS));
	tf_serve(f, "3.targets.json", fresh, strlen(fresh));
	refuses(-EBADMSG);
	free(fresh);
	free(old);
}
END_TEST

START_TEST(what_is_stored_is_of_another_hash)
{
	/* The store has a snapshot 1; the timestamp signs for another one of that version. */
	works();
	f->hashes = true;
	tf_expire(snapshot, TF_NOW + 20 * TF_DAY);
	set_version(TUF_SNAPSHOT, 0);
	tf_publish(f, 1u << TUF_SNAPSHOT | 1u << TUF_TIMESTAMP);
	works();
	ck_assert(tf_was_asked(f, "1.snapshot.json"));
}
END_TEST

START_TEST(one_type_in_the_place_of_another)
{
	/* One key signs both, and a snapshot that looks like a timestamp is served as one. */
	give_role(TUF_SNAPSHOT, KEY(TUF_TIMESTAMP), 1);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	works();
	json_object_set_new(json_object_get(snapshot, "meta"), "snapshot.json", json_pack("{s:i}", "version", 9));
	set_version(TUF_SNAPSHOT, 9);
	char *text = tf_sign(f, snapshot, KEY(TUF_TIMESTAMP));

	tf_serve(f, "timestamp.json", text, strlen(text));
	free(text);
	refuses(-EBADMSG);
}
END_TEST

/* ---- endless data ---- */

START_TEST(endless_data)
{
	static const struct {
		const char *name;
		size_t max;
	} files[] = {
		{ "2.root.json", TUF_ROOT_MAX }, { "timestamp.json", TUF_TIMESTAMP_MAX },
		{ "1.snapshot.json", TUF_SNAPSHOT_MAX }, { "1.targets.json", TUF_TARGETS_MAX },
	};
	char *much = malloc(files[_i].max + 1);

	memset(much, ' ', files[_i].max + 1);
	tf_serve(f, files[_i].name, much, files[_i].max + 1);
	refuses(-EFBIG);
	ck_assert_uint_eq(f->limit, files[_i].max);
	free(much);
}
END_TEST

START_TEST(endless_data_where_a_length_is_known)
{
	json_t *entry;

	f->hashes = true;
	tf_publish(f, TF_TOP);
	works();
	/* The last file was targets, up to its own length. */
	entry = json_object_get(json_object_get(snapshot, "meta"), "targets.json");
	ck_assert_int_eq((json_int_t)f->limit, json_integer_value(json_object_get(entry, "length")));
	/* A length above the limit doesn't raise it. */
	json_object_set_new(json_object_get(json_object_get(timestamp, "meta"), "snapshot.json"), "length",
			    json_integer(INT64_C(1) << 60));
	set_version(TUF_SNAPSHOT, 3);
	tf_put(f, "snapshot", snapshot, KEY(TUF_SNAPSHOT), false);
	json_object_set_new(json_object_get(json_object_get(timestamp, "meta"), "snapshot.json"), "version", json_integer(3));
	tf_publish(f, 1u << TUF_TIMESTAMP);
	refuses(-EBADMSG);
	ck_assert_uint_eq(f->limit, TUF_SNAPSHOT_MAX);
}
END_TEST

START_TEST(a_target_too_long)
{
	tf_target(f, targets, "fix.klp", "a fix");
	json_object_set_new(json_object_get(json_object_get(targets, "targets"), "fix.klp"), "length",
			    json_integer(INT64_C(1) << 60));
	tf_publish(f, TF_TOP);
	ck_assert_int_eq(tf_get(f, "fix.klp"), -E2BIG);
}
END_TEST

/* ---- fast-forward ---- */

START_TEST(fast_forward_and_recovery)
{
	/* Whoever had a role's keys put its version far ahead. */
	enum tuf_type t = (enum tuf_type)_i;

	set_version(t, 99999);
	tf_publish(f, TF_TOP);
	works();
	/* New keys for what vouched for it, and the versions start anew. */
	give_role(TUF_TIMESTAMP, KEY(6), 1);
	give_role(TUF_SNAPSHOT, KEY(7), 1);
	set_version(t, 1);
	tf_publish(f, TF_TOP);
	tf_publish(f, 1u << TUF_ROOT);
	works();
	ck_assert_int_eq(tf_stored(f, tuf_type_name(t)), 2);
}
END_TEST

/* One of three keys was stolen with another's help; two that stay would still vouch for the old file. */
START_TEST(fast_forward_with_keys_that_stay)
{
	give_role(TUF_TIMESTAMP, KEY(4) | KEY(5) | KEY(6), 2);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	set_version(TUF_TIMESTAMP, 99999);
	tf_publish(f, 1u << TUF_TIMESTAMP);
	works();
	give_role(TUF_TIMESTAMP, KEY(4) | KEY(5) | KEY(7), 2);
	tf_publish(f, 1u << TUF_ROOT);
	set_version(TUF_TIMESTAMP, 2);
	tf_publish(f, 1u << TUF_TIMESTAMP);
	works();
	ck_assert_int_eq(tf_stored(f, "timestamp"), 3);
}
END_TEST

START_TEST(a_key_that_is_added_forgets_nothing)
{
	tf_publish(f, TF_TOP);
	works();
	give_role(TUF_TIMESTAMP, KEY(TUF_TIMESTAMP) | KEY(7), 1);
	tf_publish(f, 1u << TUF_ROOT);
	set_version(TUF_TIMESTAMP, 0);
	tf_publish(f, 1u << TUF_TIMESTAMP);
	refuses(-ESTALE);
}
END_TEST

START_TEST(keys_taken_while_the_root_has_expired)
{
	give_role(TUF_TIMESTAMP, KEY(4) | KEY(5) | KEY(6), 2);
	tf_publish(f, 1u << TUF_ROOT | TF_TOP);
	set_version(TUF_TIMESTAMP, 99999);
	tf_publish(f, 1u << TUF_TIMESTAMP);
	works();
	give_role(TUF_TIMESTAMP, KEY(4) | KEY(5) | KEY(7), 2);
	tf_expire(root, TF_NOW);
	tf_publish(f, 1u << TUF_ROOT);
	refuses(-EKEYEXPIRED);
	/* The next run sees only that the root's date is new. */
	tf_expire(root, TF_NOW + TF_DAY);
	tf_publish(f, 1u << TUF_ROOT);
	set_version(TUF_TIMESTAMP, 2);
	tf_publish(f, 1u << TUF_TIMESTAMP);
	works();
}
END_TEST

/* ---- root rotation ---- */

/* By _i steps, each with another key: signed by the one before and by its own. */
START_TEST(root_rotation)
{
	works();
	for (int i = 0; i < _i; i++) {
		give_role(TUF_ROOT, KEY(4 + i), 1);
		f->signers[TUF_ROOT] |= i ? KEY(3 + i) : KEY(TUF_ROOT);
		tf_publish(f, 1u << TUF_ROOT);
	}
	works();
	stored(1 + _i, 1, 1, 1);
	ck_assert_uint_eq(f->nr_asked, (size_t)_i + 2);
}
END_TEST

START_TEST(root_rotation_with_a_gap)
{
	char name[32];

	for (int i = 0; i < 5; i++)
		tf_publish(f, 1u << TUF_ROOT);
	/* 4 is withheld: 5 and 6 are out of reach, and 3 holds. */
	tf_serve(f, "4.root.json", NULL, 0);
	works();
	stored(3, 1, 1, 1);
	snprintf(name, sizeof(name), "5.root.json");
	ck_assert(!tf_was_asked(f, name));
}
END_TEST

START_TEST(a_new_root_takes_both_thresholds)
{
	/* Only by the new keys, then only by the old. */
	give_role(TUF_ROOT, KEY(4) | KEY(5), 2);
	tf_publish(f, 1u << TUF_ROOT);
	refuses(-EKEYREJECTED);
	f->signers[TUF_ROOT] = KEY(TUF_ROOT) | KEY(4);
	set_version(TUF_ROOT, 1);
	tf_publish(f, 1u << TUF_ROOT);
	refuses(-EKEYREJECTED);
	ck_assert_int_eq(tf_stored(f, "root"), 1);
	f->signers[TUF_ROOT] = KEY(TUF_ROOT) | KEY(4) | KEY(5);
	set_version(TUF_ROOT, 1);
	tf_publish(f, 1u << TUF_ROOT);
	works();
}
END_TEST

START_TEST(an_expired_root_on_the_way)
{
	tf_expire(root, TF_NOW - TF_DAY);
	tf_publish(f, 1u << TUF_ROOT);
	tf_expire(root, TF_NOW + TF_DAY);
	tf_publish(f, 1u << TUF_ROOT);
	works();
	stored(3, 1, 1, 1);
}
END_TEST

START_TEST(roots_without_end)
{
	for (int i = 0; i < TUF_ROOTS_MAX + 2; i++)
		tf_publish(f, 1u << TUF_ROOT);
	works();
	ck_assert_int_eq(tf_stored(f, "root"), 1 + TUF_ROOTS_MAX);
	works();
	ck_assert_int_eq(tf_stored(f, "root"), 3 + TUF_ROOTS_MAX);
}
END_TEST

START_TEST(the_first_root)
{
	char *text = tf_sign(f, root, KEY(5));

	ck_assert_int_eq(tuf_init(f->store, text, strlen(text), &tf_err), -EKEYREJECTED);
	ck_assert_int_eq(tuf_init(f->store, "{}", 2, &tf_err), -EBADMSG);
	free(text);
	works();
	ck_assert(!tuf_store_remove(f->store, "root", NULL));
	refuses(-ENOKEY);
	ck_assert_uint_eq(f->nr_asked, 0);
	ck_assert(!tuf_store_save(f->store, "root", "{}", 2, NULL));
	refuses(-EBADMSG);
	ck_assert_uint_eq(f->nr_asked, 0);
	/* What lies in the store is verified like anything else. */
	text = tf_sign(f, root, KEY(5));
	ck_assert(!tuf_store_save(f->store, "root", text, strlen(text), NULL));
	free(text);
	refuses(-EKEYREJECTED);
	ck_assert_uint_eq(f->nr_asked, 0);
}
END_TEST

/* ---- the store ---- */

START_TEST(links_in_the_store)
{
	char *link = fixture_path(f->store, "timestamp.json"), *outside = fixture_path(f->store, "outside");
	struct stat st;

	/* What is behind it is neither read nor written. */
	ck_assert(!io_write_atomic(outside, "mine", 4, 0644, NULL));
	ck_assert_int_eq(symlink("outside", link), 0);
	works();
	ck_assert_int_eq(lstat(link, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	ck_assert(io_file_has(outside, 10, "mine"));
	free(link);
	free(outside);
	link = fixture_path(f->store, "root.json");
	outside = fixture_path(f->store, "elsewhere");
	ck_assert_int_eq(rename(link, outside), 0);
	ck_assert_int_eq(symlink("elsewhere", link), 0);
	ck_assert_int_lt(tf_refresh(f), 0);
	ck_assert_uint_eq(f->nr_asked, 0);
	free(link);
	free(outside);
}
END_TEST

START_TEST(a_broken_store_is_fetched_anew)
{
	static const char *const roles[] = { "timestamp", "snapshot", "targets" };

	works();
	for (int i = 0; i < 3; i++)
		ck_assert(!tuf_store_save(f->store, roles[i], "torn", 4, NULL));
	works();
	stored(1, 1, 1, 1);
}
END_TEST

/* Nobody of the repository signed for it: it is no reason to refuse what the repository has. */
START_TEST(a_store_with_a_strangers_files)
{
	char *text;

	set_version(TUF_TIMESTAMP, 99);
	text = tf_sign(f, timestamp, KEY(9));
	ck_assert(!tuf_store_save(f->store, "timestamp", text, strlen(text), NULL));
	free(text);
	json_object_set_new(json_object_get(snapshot, "meta"), "more.json", json_pack("{s:i}", "version", 1));
	text = tf_sign(f, snapshot, KEY(9));
	ck_assert(!tuf_store_save(f->store, "snapshot", text, strlen(text), NULL));
	free(text);
	works();
	stored(1, 1, 1, 1);
}
END_TEST

START_TEST(a_store_that_cannot_be_written)
{
	char *gone = fixture_path(f->store, "gone");
	char *kept = f->store;

	works();
	ck_assert_int_eq(mkdir(gone, 0755), 0);
	/* A folder in a file's place: rename(2) fails, as on a full disk. */
	char *path = fixture_path(f->store, "timestamp.json");

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	tf_publish(f, TF_TOP);
	ck_assert_int_lt(tf_refresh(f), 0);
	ck_assert_int_eq(tf_stored(f, "snapshot"), 1);
	ck_assert_int_eq(rmdir(path), 0);
	works();
	f->store = kept;
	free(path);
	free(gone);
}
END_TEST

int main(void)
{
	TCase *tc = play_case("tuf");

	tcase_add_test(tc, a_refresh_asks_in_order_and_keeps_the_bytes);
	tcase_add_test(tc, without_consistent_snapshots);
	tcase_add_test(tc, a_target_is_fetched_once_and_replaced_whole);
	tcase_add_test(tc, arbitrary_software);
	tcase_add_test(tc, hashes_that_nobody_knows);
	tcase_add_loop_test(tc, wrong_keys, 0, 4);
	tcase_add_loop_test(tc, threshold_missed, 0, 4);
	tcase_add_test(tc, duplicate_signatures_of_one_key);
	tcase_add_test(tc, a_wrong_signature_beside_enough_right_ones);
	tcase_add_test(tc, rollback_of_the_timestamp);
	tcase_add_loop_test(tc, rollback_of_the_snapshot, 0, 2);
	tcase_add_loop_test(tc, rollback_of_targets, 0, 2);
	tcase_add_test(tc, rollback_of_a_role_that_was_never_fetched);
	tcase_add_test(tc, rollback_by_a_root_of_another_version);
	tcase_add_test(tc, a_timestamp_of_the_same_version_changes_nothing);
	tcase_add_loop_test(tc, freeze, 0, 4);
	tcase_add_test(tc, freeze_by_what_is_stored);
	tcase_add_test(tc, freeze_by_a_clock_set_back);
	tcase_add_test(tc, a_clock_far_ahead_is_not_remembered);
	tcase_add_test(tc, what_is_stored_of_the_time_is_no_time);
	tcase_add_test(tc, mix_and_match);
	tcase_add_test(tc, mix_and_match_by_length_alone);
	tcase_add_test(tc, mix_and_match_of_targets);
	tcase_add_test(tc, what_is_stored_is_of_another_hash);
	tcase_add_test(tc, one_type_in_the_place_of_another);
	tcase_add_loop_test(tc, endless_data, 0, 4);
	tcase_add_test(tc, endless_data_where_a_length_is_known);
	tcase_add_test(tc, a_target_too_long);
	tcase_add_loop_test(tc, fast_forward_and_recovery, TUF_TIMESTAMP, TUF_TARGETS + 1);
	tcase_add_test(tc, fast_forward_with_keys_that_stay);
	tcase_add_test(tc, a_key_that_is_added_forgets_nothing);
	tcase_add_test(tc, keys_taken_while_the_root_has_expired);
	tcase_add_loop_test(tc, root_rotation, 1, 6);
	tcase_add_test(tc, root_rotation_with_a_gap);
	tcase_add_test(tc, a_new_root_takes_both_thresholds);
	tcase_add_test(tc, an_expired_root_on_the_way);
	tcase_add_test(tc, roots_without_end);
	tcase_add_test(tc, the_first_root);
	tcase_add_test(tc, links_in_the_store);
	tcase_add_test(tc, a_broken_store_is_fetched_anew);
	tcase_add_test(tc, a_store_with_a_strangers_files);
	tcase_add_test(tc, a_store_that_cannot_be_written);
	return fixture_run("tuf", tc);
}
