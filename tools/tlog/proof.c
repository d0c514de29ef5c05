// SPDX-License-Identifier: GPL-2.0-or-later
/* proof.c - see proof.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "err.h"
#include "proof.h"

#define FIRST_LINE	"c2sp.org/tlog-proof@v1"
#define HASH_CHARS	TLOG_BASE64_LEN(sizeof(struct tlog_hash))

static int malformed(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EBADMSG, "malformed proof: %s", what);
}

/* The lines before the hashes. */
static int parse_head(struct tlog_slice *rest, struct tlog_proof *p, struct klp_err *err)
{
	struct tlog_slice line;

	if (tlog_line(rest, &line) || !tlog_equals(line, FIRST_LINE))
		return malformed(err, "it doesn't start with \"" FIRST_LINE "\"");
	p->leaf_len = 0;
	if (tlog_line(rest, &line))
		return malformed(err, "it is truncated");
	if (tlog_skip(&line, "extra ")) {
		if (tlog_base64_decode(line.at, line.len, p->leaf, sizeof(p->leaf), &p->leaf_len))
			return malformed(err, "its extra data aren't base64, or too long for a leaf");
		if (tlog_line(rest, &line))
			return malformed(err, "it is truncated");
	}
	if (!tlog_skip(&line, "index ") || tlog_number(line, &p->index))
		return malformed(err, "its index isn't a number from 0 to 2^63 - 1");
	return 0;
}

int tlog_proof_parse(const char *data, size_t len, struct tlog_proof *out, struct klp_err *err)
{
	struct tlog_slice rest = { data, len }, line;
	size_t n;
	int ret;

	if (len > TLOG_PROOF_MAX)
		return klp_err_set(err, -EFBIG, "the proof has %zu bytes, over the limit of %u", len, TLOG_PROOF_MAX);
	ret = parse_head(&rest, out, err);
	out->nr = 0;
	while (!ret) {
		if (tlog_line(&rest, &line))
			return malformed(err, "it is truncated before its checkpoint");
		if (!line.len)
			break;
		if (out->nr == TLOG_PATH_MAX)
			return malformed(err, "it has more hashes than a log can be high");
		if (tlog_base64_decode(line.at, line.len, out->path[out->nr++].bytes, sizeof(struct tlog_hash), &n) ||
		    n != sizeof(struct tlog_hash))
			return malformed(err, "one of its hashes isn't the base64 of 32 bytes");
	}
	out->checkpoint = rest;
	return ret;
}

int tlog_proof_format(const struct tlog_proof *proof, char **out, size_t *len, struct klp_err *err)
{
	size_t room = 128 + TLOG_BASE64_LEN(proof->leaf_len) + proof->nr * (HASH_CHARS + 1) + proof->checkpoint.len, n;
	char *text = malloc(room);

	if (!text)
		return klp_err_sys(err, -ENOMEM, "cannot write a proof");
	n = (size_t)sprintf(text, FIRST_LINE "\nextra ");
	tlog_base64_encode(proof->leaf, proof->leaf_len, text + n);
	n += TLOG_BASE64_LEN(proof->leaf_len);
	n += (size_t)sprintf(text + n, "\nindex %" PRIu64 "\n", proof->index);
	for (size_t i = 0; i < proof->nr; i++) {
		tlog_base64_encode(proof->path[i].bytes, sizeof(proof->path[i].bytes), text + n);
		n += HASH_CHARS;
		text[n++] = '\n';
	}
	text[n++] = '\n';
	memcpy(text + n, proof->checkpoint.at, proof->checkpoint.len);
	*out = text;
	*len = n + proof->checkpoint.len;
	return 0;
}
