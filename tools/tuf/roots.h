/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * roots.h - root.json by itself, without a repository: the chain from one to the next, and who signs bundles by it.
 *
 * A struct tuf_doc of type TUF_ROOT (metadata.h) is a root that is trusted.  Expiry isn't looked at here: a machine that is
 * offline, or has no clock to believe, still knows whose key was taken away.
 */
#ifndef TUF_ROOTS_H
#define TUF_ROOTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct klp_err;
struct keyring;
struct tuf_doc;

/* One that its own threshold has signed: all that can be said of the first.  Errors: tuf_parse(), tuf_accept(). */
int tuf_root_first(const void *data, size_t len, struct tuf_doc **out, struct klp_err *err);
/*
 * The next after @root: signed by the thresholds of both, and of the very next version (steps 5.3.4 and 5.3.5).
 * -EKEYREJECTED: signatures; -ESTALE: another version.
 */
int tuf_root_next(const struct tuf_doc *root, const void *data, size_t len, struct tuf_doc **out, struct klp_err *err);
int64_t tuf_root_version(const struct tuf_doc *root);
/*
 * Who signs bundles: the Ed25519 keys of role targets, as many of them as its threshold says.  -EKEYREJECTED: it has
 * fewer such keys than that.
 */
int tuf_root_keyring(const struct tuf_doc *root, struct keyring **out, struct klp_err *err);
/* The same, for a publisher, whose own root @body ("signed") is. */
int tuf_body_keyring(const json_t *body, struct keyring **out, struct klp_err *err);

#endif
