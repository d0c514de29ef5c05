/* SPDX-License-Identifier: GPL-2.0-or-later */
/* play.h - one repository of tuffix.h for each test of a program, and what tests do with it. */
#ifndef UNIT_TUF_PLAY_H
#define UNIT_TUF_PLAY_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "tuffix.h"
#include "fixture.h"

static struct tuf_fix *f;
static json_t *root, *targets, *snapshot, *timestamp;

static inline void setup(void)
{
	f = tf_new();
	root = f->body[TUF_ROOT];
	timestamp = f->body[TUF_TIMESTAMP];
	snapshot = f->body[TUF_SNAPSHOT];
	targets = f->body[TUF_TARGETS];
}

static inline void teardown(void)
{
	tf_free(f);
}

static inline void works(void)
{
	ck_assert_msg(!tf_refresh(f), "%s", tf_err.text);
}

static inline void refuses(int code)
{
	ck_assert_int_eq(tf_refresh(f), code);
}

static inline void stored(int64_t r, int64_t ts, int64_t sn, int64_t ta)
{
	ck_assert_int_eq(tf_stored(f, "root"), r);
	ck_assert_int_eq(tf_stored(f, "timestamp"), ts);
	ck_assert_int_eq(tf_stored(f, "snapshot"), sn);
	ck_assert_int_eq(tf_stored(f, "targets"), ta);
}

static inline json_t *body_of(enum tuf_type t)
{
	return json_object_get(json_object_get(root, "roles"), tuf_type_name(t));
}

/* Role @t is signed by the keys in @mask from the next root on. */
static inline void give_role(enum tuf_type t, unsigned int mask, int threshold)
{
	json_object_set_new(json_object_get(root, "roles"), tuf_type_name(t), tf_role(mask, threshold));
	f->signers[t] = mask;
}

static inline void set_version(enum tuf_type t, int64_t version)
{
	json_object_set_new(f->body[t], "version", json_integer(version));
}

/* The text of what @t would be published as, with @sigs in place of its signatures. */
static inline void serve_with(enum tuf_type t, const char *name, json_t *sigs)
{
	json_t *file = json_pack("{s:o, s:O}", "signatures", sigs, "signed", f->body[t]);
	char *text = json_dumps(file, 0);

	tf_serve(f, name, text, strlen(text));
	free(text);
	json_decref(file);
}

static inline json_t *signatures(enum tuf_type t, unsigned int mask)
{
	char *text = tf_sign(f, f->body[t], mask);
	json_t *file = json_loads(text, 0, NULL), *sigs = json_incref(json_object_get(file, "signatures"));

	json_decref(file);
	free(text);
	return sigs;
}

static inline json_t *targets_body(void)
{
	json_t *body = tf_body("targets");

	json_object_set_new(body, "targets", json_object());
	return body;
}

/* Sign and list @body as role @name. */
static inline void put_role(const char *name, json_t *body, unsigned int mask)
{
	tf_put(f, name, body, mask, true);
	json_decref(body);
}

/* Some thousand fsync()s, of which nothing is asked here. */
static inline TCase *play_case(const char *name)
{
	TCase *tc = tcase_create(name);

	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	return tc;
}

#endif
