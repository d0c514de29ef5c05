// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_tuf.c - the parser of TUF metadata on anything, as each of the four types, and what is asked of a file that it
 * takes: who signs, which delegations are about a target.  Nobody's keys are trusted, so nothing may be accepted.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "seeds.h"
#include "../../tools/tuf/canon.h"
#include "../../tools/tuf/metadata.h"
#include "../../tools/tuf/role.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY	"{\"keytype\": \"ed25519\", \"scheme\": \"ed25519\", \"keyval\": {\"public\": " \
		"\"b6e40fb71a6041212a3d84331336ecaa1f48a0c523f80ccc762a034c727606fa\"}}"
#define ROLE	"\"keyids\": [\"k\"], \"threshold\": 1"
#define COMMON	"\"spec_version\": \"1.0.31\", \"version\": 1, \"expires\": \"2031-01-01T00:00:00Z\""
#define SIGNED(body)	"{\"signatures\": [{\"keyid\": \"k\", \"sig\": \"00\"}], \"signed\": {" body ", " COMMON "}}"
#define META(name)	"\"meta\": {\"" name "\": {\"version\": 1, \"length\": 5, \"hashes\": {\"sha256\": \"00\"}}}"

static const char *const seeds[] = {
	SIGNED("\"_type\": \"root\", \"consistent_snapshot\": true, \"keys\": {\"k\": " KEY "}, \"roles\": {\"root\": {" ROLE
	       "}, \"timestamp\": {" ROLE "}, \"snapshot\": {" ROLE "}, \"targets\": {" ROLE "}}"),
	SIGNED("\"_type\": \"timestamp\", " META("snapshot.json")),
	SIGNED("\"_type\": \"snapshot\", " META("targets.json")),
	SIGNED("\"_type\": \"targets\", \"targets\": {\"a/b\": {\"length\": 5, \"hashes\": {\"sha256\": \"00\"}}}, \"delegations\": "
	       "{\"keys\": {\"k\": " KEY "}, \"roles\": [{\"name\": \"r\", \"terminating\": true, \"paths\": [\"a/*\", \"?*\"], " ROLE
	       "}, {\"name\": \"s\", \"path_hash_prefixes\": [\"0\"], " ROLE "}]}"),
	SIGNED("\"_type\": \"targets\", \"targets\": {}, \"delegations\": {\"keys\": {}, \"succinct_roles\": {\"bit_length\": 8, "
	       "\"name_prefix\": \"bin\", " ROLE "}}"),
};

/* What is never signed, taken as if it were: what is read of it must hold for anything that parses. */
static void ask(const struct tuf_claim *claim)
{
	const struct tuf_doc signed_by_nobody = { .content = claim->content }, *doc = &signed_by_nobody;
	char file[TUF_FILE_NAME_MAX + 1];
	struct tuf_meta meta;
	struct tuf_hop hop;
	size_t pos = 0;

	if (doc->content.canon_len > doc->content.len)
		abort();
	if (doc->content.type == TUF_TIMESTAMP && !tuf_meta_of(doc, "snapshot", &meta))
		abort();
	tuf_meta_of(doc, "targets", &meta);
	while (doc->content.type == TUF_TARGETS && tuf_next_hop(doc, "a/b", &pos, &hop))
		if (tuf_encode(hop.name, file) || !json_is_array(json_object_get(hop.by.role, "keyids")))
			abort();
}

/* Canonical JSON says the same, and its canonical form is itself. */
static void again(const struct tuf_content *c)
{
	json_t *value = json_loadb(c->canon, c->canon_len, JSON_REJECT_DUPLICATES, NULL);
	char *out = malloc(c->canon_len);
	size_t len;

	/* Control characters are written as they are, which a parser refuses. */
	if (value && (!json_equal(value, c->body) || tuf_canonical(value, out, c->canon_len, &len) || len != c->canon_len ||
		      memcmp(out, c->canon, len)))
		abort();
	free(out);
	json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tuf_claim *claim;
	struct tuf_authority own;
	struct tuf_doc *doc;
	struct klp_err err;

	for (enum tuf_type t = TUF_ROOT; t <= TUF_TARGETS; t++) {
		if (tuf_parse(data, size, t, &claim, &err))
			continue;
		ask(claim);
		again(&claim->content);
		own = tuf_root_authority(&claim->content, TUF_ROOT);
		if (!tuf_accept(claim, &own, 1, &doc, &err))
			abort();
	}
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const enum tuf_type types[] = { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS, TUF_TARGETS };
	struct tuf_claim *claim;
	struct klp_err err;
	char name[16];

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		if (tuf_parse(seeds[i], strlen(seeds[i]), types[i], &claim, &err)) {
			fprintf(stderr, "seed %zu: %s\n", i, err.text);
			abort();
		}
		tuf_claim_free(claim);
		snprintf(name, sizeof(name), "tuf-%zu", i);
		seed_write(name, seeds[i], strlen(seeds[i]));
	}
	return 0;
}
