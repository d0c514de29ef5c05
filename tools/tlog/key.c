// SPDX-License-Identifier: GPL-2.0-or-later
/* key.c - names, ids and "vkeys" of the keys of notes: see note.h. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "err.h"
#include "hex.h"
#include "note.h"

#define ID_DIGITS	8

/* The first 4 bytes of SHA-256(name, newline, kind, key). */
static int key_id(const struct tlog_key *key, uint32_t *out)
{
	uint8_t text[TLOG_NAME_MAX + 2 + TLOG_PUBLIC_LEN], digest[SHA256_LEN];
	size_t len = strlen(key->name);
	int ret;

	memcpy(text, key->name, len);
	text[len++] = '\n';
	text[len++] = (uint8_t)key->kind;
	memcpy(text + len, key->public, TLOG_PUBLIC_LEN);
	ret = sha256(text, len + TLOG_PUBLIC_LEN, digest);
	if (!ret) {
		memcpy(out, digest, sizeof(*out));
		*out = be32toh(*out);
	}
	return ret;
}

static int make(enum tlog_key_kind kind, struct tlog_slice name, const uint8_t public[TLOG_PUBLIC_LEN],
		struct tlog_key *out, struct klp_err *err)
{
	struct tlog_key key = { .kind = kind };

	if (!tlog_name_valid(name))
		return klp_err_set(err, -EINVAL, "the name of a log or witness has 1 to %u printable ASCII characters, no space "
				   "and no \"+\"; one like \"example.com/patches\" keeps it apart from others", TLOG_NAME_MAX);
	memcpy(key.name, name.at, name.len);
	memcpy(key.public, public, sizeof(key.public));
	if (key_id(&key, &key.id))
		return klp_err_set(err, -EIO, "cannot compute the id of the key %s", key.name);
	*out = key;
	return 0;
}

int tlog_key_make(enum tlog_key_kind kind, const char *name, const uint8_t public[TLOG_PUBLIC_LEN],
		  struct tlog_key *out, struct klp_err *err)
{
	return make(kind, (struct tlog_slice){ name, strlen(name) }, public, out, err);
}

/* @s up to the next "+", which is taken off as well. */
static int cut(struct tlog_slice *s, struct tlog_slice *out)
{
	const char *plus = s->len ? memchr(s->at, '+', s->len) : NULL;

	if (!plus)
		return -EINVAL;
	out->at = s->at;
	out->len = (size_t)(plus - s->at);
	s->at = plus + 1;
	s->len -= out->len + 1;
	return 0;
}

/* Into the parts; @raw is the kind and the key. */
static int split(struct tlog_slice vkey, struct tlog_slice *name, struct tlog_slice *id, uint8_t raw[1 + TLOG_PUBLIC_LEN])
{
	size_t len;

	if (cut(&vkey, name) || cut(&vkey, id) || id->len != ID_DIGITS ||
	    tlog_base64_decode(vkey.at, vkey.len, raw, 1 + TLOG_PUBLIC_LEN, &len) || len != 1 + TLOG_PUBLIC_LEN)
		return -EINVAL;
	return 0;
}

int tlog_key_parse(struct tlog_slice vkey, enum tlog_key_kind kind, struct tlog_key *out, struct klp_err *err)
{
	uint8_t raw[1 + TLOG_PUBLIC_LEN];
	struct tlog_slice name, id;
	char digits[ID_DIGITS + 1];
	struct tlog_key key;
	int ret;

	if (split(vkey, &name, &id, raw))
		return klp_err_set(err, -EINVAL, "not a verifier key: it has the form NAME+ID+BASE64, as `klp-repo log` prints it");
	if (raw[0] != kind)
		return klp_err_set(err, -EINVAL, "a key of signature type %u where a %s's (type %u) is wanted", raw[0],
				   kind == TLOG_LOG ? "log" : "witness", kind);
	ret = make(kind, name, raw + 1, &key, err);
	if (ret)
		return ret;
	snprintf(digits, sizeof(digits), "%08x", key.id);
	if (memcmp(digits, id.at, ID_DIGITS))
		return klp_err_set(err, -EINVAL, "the verifier key of %s has the id %.8s, its content says %s: a part was altered or lost",
				   key.name, id.at, digits);
	*out = key;
	return 0;
}

void tlog_key_format(const struct tlog_key *key, char out[TLOG_VKEY_ROOM])
{
	uint8_t raw[1 + TLOG_PUBLIC_LEN] = { (uint8_t)key->kind };
	char text[TLOG_BASE64_LEN(sizeof(raw)) + 1];

	memcpy(raw + 1, key->public, TLOG_PUBLIC_LEN);
	tlog_base64_encode(raw, sizeof(raw), text);
	snprintf(out, TLOG_VKEY_ROOM, "%s+%08x+%s", key->name, key->id, text);
}
