// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_tlog.c - the texts of a public log on anything: proof, note, checkpoint, leaf, file of entries, policy.  The first
 * byte chooses.  A checkpoint that a policy lets through has to be the one that was signed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "seeds.h"
#include "sign.h"
#include "../../tools/tlog/leaf.h"
#include "../../tools/tlog/policy.h"
#include "../../tools/tlog/proof.h"
#include "../../tools/tlog/tiles.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY	"fuzz.example/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static struct tlog_policy *policy;

static void one_note(const char *data, size_t size)
{
	struct tlog_checkpoint cp;
	struct tlog_note note;
	struct klp_err err;

	if (tlog_note_parse(data, size, &note, &err))
		return;
	tlog_checkpoint_parse(note.text, &cp, &err);
	if (!tlog_policy_open(policy, &note, &cp, &err) && (!tlog_equals(note.text, BODY) || cp.size != 7))
		abort();
}

static void one_proof(const char *data, size_t size)
{
	static struct tlog_proof p, again;
	struct klp_err err;
	size_t len;
	char *text;

	if (tlog_proof_parse(data, size, &p, &err))
		return;
	one_note(p.checkpoint.at, p.checkpoint.len);
	if (p.nr)
		merkle_check_inclusion(p.index, p.index + p.nr, &p.path[0], p.path, p.nr, &p.path[0]);
	if (tlog_proof_format(&p, &text, &len, &err))
		abort();
	if (len <= TLOG_PROOF_MAX && (tlog_proof_parse(text, len, &again, &err) || again.nr != p.nr || again.index != p.index))
		abort();
	free(text);
}

static void one_leaf(const char *data, size_t size)
{
	struct tlog_leaf leaf;
	struct klp_err err;
	size_t len;
	char *text;

	if (tlog_leaf_parse(data, size, &leaf, &err))
		return;
	if (tlog_leaf_format(&leaf, &text, &len, &err) || len != size || memcmp(text, data, len))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tlog_slice entries[8];
	struct tlog_policy *other;
	struct klp_err err;
	const char *text;

	if (!size)
		return 0;
	text = (const char *)data + 1;
	size--;
	switch (data[0] % 5) {
	case 0:
		one_proof(text, size);
		break;
	case 1:
		one_note(text, size);
		break;
	case 2:
		one_leaf(text, size);
		break;
	case 3:
		tlog_entries_parse(text, size, data[0] / 5 % 9, entries);
		break;
	default:
		if (!tlog_policy_parse(text, size, &other, &err))
			tlog_policy_free(other);
	}
	return 0;
}

static void seed(char kind, const char *name, const char *data, size_t len)
{
	char *text = malloc(len + 1);

	text[0] = kind;
	memcpy(text + 1, data, len);
	seed_write(name, text, len + 1);
	free(text);
}

/* Signs BODY as @name; its policy line goes to @line. */
static void sign(enum tlog_key_kind kind, const char *name, const char *before, char *line, char out[TLOG_SIGNATURE_ROOM])
{
	uint8_t public[TLOG_PUBLIC_LEN];
	char vkey[TLOG_VKEY_ROOM];
	struct signing_key *private;
	struct tlog_key key;
	struct klp_err err;

	if (signing_key_generate(&private, &err))
		abort();
	signing_key_public(private, public);
	if (tlog_key_make(kind, name, public, &key, &err) ||
	    tlog_note_sign((struct tlog_slice){ BODY, strlen(BODY) }, &key, private, 1, out, &err))
		abort();
	tlog_key_format(&key, vkey);
	sprintf(line, "%s%s\n", before, vkey);
	signing_key_free(private);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char leaf[] = "{\"digest\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"kind\":\"root\","
				   "\"name\":\"root\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}";
	char log[TLOG_SIGNATURE_ROOM], witness[TLOG_SIGNATURE_ROOM], lines[2][TLOG_VKEY_ROOM + 32], text[4096];
	static struct tlog_proof p = { .nr = 3, .index = 5, .leaf_len = sizeof(leaf) - 1 };
	struct klp_err err;
	size_t len;
	char *out;

	(void)argc;
	(void)argv;
	sign(TLOG_LOG, "fuzz.example/log", "log ", lines[0], log);
	sign(TLOG_WITNESS, "fuzz.example/w", "witness w ", lines[1], witness);
	len = (size_t)sprintf(text, "%s%sgroup g all w\nquorum g\nbundles if-present\n", lines[0], lines[1]);
	if (tlog_policy_parse(text, len, &policy, &err))
		abort();
	seed(4, "policy", text, len);
	len = (size_t)sprintf(text, "%s\n%s%s", BODY, log, witness);
	seed(1, "note", text, len);
	seed(2, "leaf", leaf, sizeof(leaf) - 1);
	seed(3 + 2 * 5, "entries", "\0\1a\0\0", 5);
	memcpy(p.leaf, leaf, sizeof(leaf) - 1);
	p.checkpoint = (struct tlog_slice){ text, len };
	if (tlog_proof_format(&p, &out, &len, &err))
		abort();
	seed(0, "proof", out, len);
	free(out);
	return 0;
}
