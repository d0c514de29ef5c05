/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h - what a long run keeps in $KLP_CACHE/KIND/KREL, so that it can go on
 * after it was ended: an outcome a step, under a digest of all that it depends on.
 */
#ifndef KLP_STATE_H
#define KLP_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "hex.h"

struct klp_err;
struct target;

struct state {
	char *dir;
	char *work;	/* for tries; also their TMPDIR */
	char *objects;	/* that they share */
	char *outcomes;
	int lock;
	char builder[SHA256_HEX_LEN + 1];	/* another one may judge otherwise */
	char build_id[64];
};

/* One run a kind and kernel at a time: -EBUSY. */
int state_open(const char *kind, const struct target *t, struct state *out, struct klp_err *err);
/* @done: the objects have served. */
void state_close(struct state *s, bool done);

/* A key, from the kernel, the builder and @what; then one from @key and @what. */
int state_first_key(const struct state *s, const char *what, char key[SHA256_HEX_LEN + 1]);
int state_next_key(char key[SHA256_HEX_LEN + 1], const char *what, size_t len);
/* NULL: not known. */
json_t *state_get(const struct state *s, const char *key);
/* Atomic: a crash leaves all of it or nothing. */
int state_put(const struct state *s, const char *key, json_t *j, struct klp_err *err);

#endif
