// SPDX-License-Identifier: GPL-2.0-or-later
/* note.c - reading, verifying and signing notes: see note.h. */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base64.h"
#include "err.h"
#include "note.h"
#include "sign.h"

#define DASH		"\xe2\x80\x94 "	/* U+2014 */
#define ID_LEN		sizeof(uint32_t)
#define TIME_LEN	sizeof(uint64_t)
/* "cosignature/v1\ntime " and a number of 20 digits */
#define PREFIX_ROOM	64

static int malformed(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EBADMSG, "malformed note: %s", what);
}

static int parse_signature(struct tlog_slice line, struct tlog_signature *out, struct klp_err *err)
{
	uint8_t raw[TLOG_LINE_MAX];
	struct tlog_signature s = { .line = line };
	const char *space;
	size_t len;

	if (!tlog_skip(&line, DASH))
		return malformed(err, "a line behind the text isn't a signature");
	space = line.len ? memchr(line.at, ' ', line.len) : NULL;
	if (!space)
		return malformed(err, "a signature without a name");
	s.name = (struct tlog_slice){ line.at, (size_t)(space - line.at) };
	s.base64 = (struct tlog_slice){ space + 1, line.len - s.name.len - 1 };
	if (!s.name.len || memchr(s.name.at, '+', s.name.len))
		return malformed(err, "a signature's name is empty or has a \"+\"");
	if (tlog_base64_decode(s.base64.at, s.base64.len, raw, sizeof(raw), &len) || len <= ID_LEN)
		return malformed(err, "a signature isn't base64, or is too short");
	memcpy(&s.id, raw, ID_LEN);
	s.id = be32toh(s.id);
	*out = s;
	return 0;
}

/* The text ends at the last empty line. */
static int split(struct tlog_slice *rest, struct tlog_note *out, struct klp_err *err)
{
	size_t at = rest->len;

	while (at >= 2 && memcmp(rest->at + at - 2, "\n\n", 2))
		at--;
	if (at < 2)
		return malformed(err, "no empty line between text and signatures");
	out->text = (struct tlog_slice){ rest->at, at - 1 };
	*rest = (struct tlog_slice){ rest->at + at, rest->len - at };
	return 0;
}

static int check_lines(const char *data, size_t len, struct klp_err *err)
{
	struct tlog_slice rest = { data, len }, line;

	while (rest.len) {
		if (tlog_line(&rest, &line))
			return malformed(err, "it is truncated in a line");
		if (!tlog_printable(line))
			return malformed(err, "a line is too long, isn't UTF-8, or has control characters");
	}
	return 0;
}

int tlog_note_parse(const char *data, size_t len, struct tlog_note *out, struct klp_err *err)
{
	struct tlog_slice rest = { data, len }, line;
	int ret;

	if (len > TLOG_NOTE_MAX)
		return klp_err_set(err, -EFBIG, "the note has %zu bytes, over the limit of %u", len, TLOG_NOTE_MAX);
	out->nr = 0;
	ret = check_lines(data, len, err);
	if (!ret)
		ret = split(&rest, out, err);
	while (!ret && rest.len) {
		if (out->nr == TLOG_SIGNATURES_MAX)
			return klp_err_set(err, -EFBIG, "the note has more than %u signatures", TLOG_SIGNATURES_MAX);
		ret = tlog_line(&rest, &line);
		if (!ret)
			ret = parse_signature(line, &out->signatures[out->nr++], err);
	}
	if (!ret && !out->nr)
		ret = malformed(err, "it has no signature");
	return ret;
}

/* What a key of that kind signs: for a log the text, for a witness a header and the time before it.  malloc()ed. */
static char *signed_message(struct tlog_slice text, enum tlog_key_kind kind, uint64_t time, size_t *len)
{
	char prefix[PREFIX_ROOM] = "", *message;
	size_t n;

	if (kind == TLOG_WITNESS)
		snprintf(prefix, sizeof(prefix), "cosignature/v1\ntime %" PRIu64 "\n", time);
	n = strlen(prefix);
	message = malloc(n + text.len + 1);
	if (!message)
		return NULL;
	memcpy(message, prefix, n);
	memcpy(message + n, text.at, text.len);
	*len = n + text.len;
	return message;
}

static int verify_ed25519(const uint8_t public[TLOG_PUBLIC_LEN], const void *message, size_t len, const uint8_t *sig)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, TLOG_PUBLIC_LEN);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok;

	ok = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	     EVP_DigestVerify(ctx, sig, SIGNATURE_LEN, message, len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return ok ? 0 : -EKEYREJECTED;
}

static int verify_one(const struct tlog_note *note, const struct tlog_signature *s, const struct tlog_key *key, uint64_t *time)
{
	size_t time_len = key->kind == TLOG_WITNESS ? TIME_LEN : 0, len;
	uint8_t raw[ID_LEN + TIME_LEN + SIGNATURE_LEN];
	uint64_t when = 0;
	char *message;
	int ret;

	if (tlog_base64_decode(s->base64.at, s->base64.len, raw, sizeof(raw), &len) || len != ID_LEN + time_len + SIGNATURE_LEN)
		return -EKEYREJECTED;
	memcpy(&when, raw + ID_LEN, time_len);
	when = be64toh(when);
	if (when > INT64_MAX)
		return -EKEYREJECTED;
	message = signed_message(note->text, key->kind, when, &len);
	if (!message)
		return -ENOMEM;
	ret = verify_ed25519(key->public, message, len, raw + ID_LEN + time_len);
	free(message);
	*time = when;
	return ret;
}

int tlog_note_verify(const struct tlog_note *note, const struct tlog_key *key, uint64_t *time, struct klp_err *err)
{
	uint64_t latest = 0, when;
	bool found = false;
	int ret;

	for (size_t i = 0; i < note->nr; i++) {
		const struct tlog_signature *s = &note->signatures[i];

		if (s->id != key->id || !tlog_equals(s->name, key->name))
			continue;
		ret = verify_one(note, s, key, &when);
		if (ret == -ENOMEM)
			return klp_err_sys(err, ret, "cannot verify a note");
		if (ret)
			return klp_err_set(err, ret, "the signature of %s doesn't match the content", key->name);
		if (!found || when > latest)
			latest = when;
		found = true;
	}
	if (!found)
		return klp_err_set(err, -ENOKEY, "there is no signature of %s, key id %08x", key->name, key->id);
	if (time)
		*time = latest;
	return 0;
}

int tlog_note_sign(struct tlog_slice text, const struct tlog_key *key, const struct signing_key *private, uint64_t time,
		   char out[TLOG_SIGNATURE_ROOM], struct klp_err *err)
{
	size_t time_len = key->kind == TLOG_WITNESS ? TIME_LEN : 0, len;
	uint8_t raw[ID_LEN + TIME_LEN + SIGNATURE_LEN];
	uint32_t id = htobe32(key->id);
	uint64_t when = htobe64(time);
	char base64[TLOG_BASE64_LEN(sizeof(raw)) + 1], *message;
	int ret;

	message = signed_message(text, key->kind, time, &len);
	if (!message)
		return klp_err_sys(err, -ENOMEM, "cannot sign a note");
	memcpy(raw, &id, ID_LEN);
	memcpy(raw + ID_LEN, &when, time_len);
	ret = signing_key_sign(private, message, len, raw + ID_LEN + time_len, err);
	free(message);
	if (ret)
		return ret;
	tlog_base64_encode(raw, ID_LEN + time_len + SIGNATURE_LEN, base64);
	snprintf(out, TLOG_SIGNATURE_ROOM, DASH "%s %s\n", key->name, base64);
	return 0;
}
