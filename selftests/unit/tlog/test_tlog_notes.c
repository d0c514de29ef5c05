// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_tlog_notes.c - the texts of a log (tools/tlog): keys, signed notes, checkpoints, cosignatures, proofs, leaves and
 * policies; what others wrote is read, and what is wrong by a byte is refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "hex.h"
#include "sign.h"
#include "../../../tools/tlog/base64.h"
#include "../../../tools/tlog/leaf.h"
#include "../../../tools/tlog/policy.h"
#include "../../../tools/tlog/proof.h"

#define WITNESSES	3
#define ORIGIN		"example.com/patches"
#define ROOT64		"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define BODY		ORIGIN "\n20852163\n" ROOT64 "\n"
#define DIGEST		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct signer {
	struct signing_key *private;
	struct tlog_key key;
};

static struct signer log_, witnesses[WITNESSES];
static struct klp_err err;

static struct tlog_slice slice(const char *text)
{
	return (struct tlog_slice){ text, strlen(text) };
}

static void new_signer(struct signer *s, enum tlog_key_kind kind, const char *name)
{
	uint8_t public[TLOG_PUBLIC_LEN];

	s->private = fixture_key();
	signing_key_public(s->private, public);
	ck_assert_msg(!tlog_key_make(kind, name, public, &s->key, &err), "%s", err.text);
}

static void setup(void)
{
	char name[32];

	new_signer(&log_, TLOG_LOG, ORIGIN);
	for (int i = 0; i < WITNESSES; i++) {
		snprintf(name, sizeof(name), "example.org/w%d", i + 1);
		new_signer(&witnesses[i], TLOG_WITNESS, name);
	}
}

static void teardown(void)
{
	signing_key_free(log_.private);
	for (int i = 0; i < WITNESSES; i++)
		signing_key_free(witnesses[i].private);
}

/* @body, an empty line, and the signature of each of @by; static. */
static const char *note_of(const char *body, struct signer *const *by, uint64_t time)
{
	static char text[TLOG_NOTE_MAX];
	char line[TLOG_SIGNATURE_ROOM];

	snprintf(text, sizeof(text), "%s\n", body);
	for (; *by; by++) {
		ck_assert_msg(!tlog_note_sign(slice(body), &(*by)->key, (*by)->private, time, line, &err), "%s", err.text);
		strcat(text, line);
	}
	return text;
}
#define NOTE(body, ...)	note_of((body), (struct signer *const[]){ __VA_ARGS__, NULL }, 1679315147)

static int parse_note(const char *text, struct tlog_note *out)
{
	return tlog_note_parse(text, strlen(text), out, &err);
}

static int verify(const char *text, const struct tlog_key *key)
{
	struct tlog_note note;
	int ret = parse_note(text, &note);

	return ret ? ret : tlog_note_verify(&note, key, NULL, &err);
}

/* The example of Go's golang.org/x/mod/sumdb/note. */
START_TEST(a_note_that_go_signed)
{
	static const char text[] = "If you think cryptography is the answer to your problem,\n"
		"then you don't know what your problem is.\n\n"
		"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
	static const char vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	char again[TLOG_VKEY_ROOM];
	struct tlog_key key;

	ck_assert_msg(!tlog_key_parse(slice(vkey), TLOG_LOG, &key, &err), "%s", err.text);
	ck_assert_msg(!verify(text, &key), "%s", err.text);
	tlog_key_format(&key, again);
	ck_assert_str_eq(again, vkey);
	key.public[0] ^= 1;
	ck_assert_int_eq(verify(text, &key), -EKEYREJECTED);
}
END_TEST

START_TEST(base64_has_one_spelling)
{
	static const char *const bad[] = { "A", "AA", "AAA", "A===", "=AAA", "AA=A", "AAB=", "AB==", "A A=", "AAA\n", "AA-_", "AAA=AAAA",
					   "====", "AA==\n   ", " AAA" };
	uint8_t raw[16], again[16];
	char text[32];
	size_t len;

	for (size_t n = 0; n <= sizeof(raw); n++) {
		memset(raw, (int)(0xf9 + n), sizeof(raw));
		tlog_base64_encode(raw, n, text);
		ck_assert_uint_eq(strlen(text), TLOG_BASE64_LEN(n));
		ck_assert_int_eq(tlog_base64_decode(text, strlen(text), again, sizeof(again), &len), 0);
		ck_assert_uint_eq(len, n);
		ck_assert_mem_eq(again, raw, n);
		if (n)
			ck_assert_int_eq(tlog_base64_decode(text, strlen(text), again, n - 1, &len), -EFBIG);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(tlog_base64_decode(bad[i], strlen(bad[i]), raw, sizeof(raw), &len), "%s", bad[i]);
}
END_TEST

START_TEST(names_and_keys)
{
	static const char *const bad[] = { "", "a b", "a+b", "a\tb", "caf\xc3\xa9", "a\xe2\x80\x80z", "a\n" };
	char vkey[TLOG_VKEY_ROOM], longest[TLOG_NAME_MAX + 2];
	struct tlog_key key;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(tlog_key_make(TLOG_LOG, bad[i], log_.key.public, &key, &err) == -EINVAL, "%s", bad[i]);
	memset(longest, 'x', sizeof(longest));
	longest[TLOG_NAME_MAX + 1] = 0;
	ck_assert_int_eq(tlog_key_make(TLOG_LOG, longest, log_.key.public, &key, &err), -EINVAL);
	longest[TLOG_NAME_MAX] = 0;
	ck_assert_int_eq(tlog_key_make(TLOG_LOG, longest, log_.key.public, &key, &err), 0);
	tlog_key_format(&key, vkey);
	ck_assert_int_eq(tlog_key_parse(slice(vkey), TLOG_LOG, &key, &err), 0);
	/* A witness's key isn't a log's, and no part may be altered. */
	ck_assert_int_eq(tlog_key_parse(slice(vkey), TLOG_WITNESS, &key, &err), -EINVAL);
	for (size_t i = 0; vkey[i]; i++) {
		char was = vkey[i];

		vkey[i] = was == 'x' ? 'y' : 'x';
		ck_assert_msg(tlog_key_parse(slice(vkey), TLOG_LOG, &key, &err) == -EINVAL, "%s", vkey);
		vkey[i] = was;
		ck_assert_int_eq(tlog_key_parse((struct tlog_slice){ vkey, i }, TLOG_LOG, &key, &err), -EINVAL);
	}
}
END_TEST

START_TEST(cosignatures)
{
	const char *text = NOTE(BODY, &log_, &witnesses[0]);
	struct signer twin = witnesses[0];
	struct tlog_note note;
	uint64_t time = 0;

	ck_assert_int_eq(parse_note(text, &note), 0);
	ck_assert_uint_eq(note.nr, 2);
	ck_assert_int_eq(tlog_note_verify(&note, &witnesses[0].key, &time, &err), 0);
	ck_assert_uint_eq(time, 1679315147);
	ck_assert_int_eq(tlog_note_verify(&note, &witnesses[1].key, NULL, &err), -ENOKEY);
	/* The same name and another key; the same key as a log's: neither is the witness. */
	ck_assert_int_eq(tlog_key_make(TLOG_LOG, twin.key.name, twin.key.public, &twin.key, &err), 0);
	ck_assert_int_eq(tlog_note_verify(&note, &twin.key, NULL, &err), -ENOKEY);
	ck_assert_int_eq(tlog_key_make(TLOG_WITNESS, twin.key.name, witnesses[1].key.public, &twin.key, &err), 0);
	ck_assert_int_eq(tlog_note_verify(&note, &twin.key, NULL, &err), -ENOKEY);
}
END_TEST

/* One altered or missing byte: never the same statement by the same signers. */
START_TEST(notes_altered_and_cut)
{
	char *text = strdup(NOTE(BODY, &log_, &witnesses[0]));
	size_t len = strlen(text);
	struct tlog_checkpoint cp;
	struct tlog_note note;

	for (size_t i = 0; i < len; i++) {
		text[i] ^= 1;
		ck_assert_msg(verify(text, &log_.key) || verify(text, &witnesses[0].key), "byte %zu", i);
		text[i] ^= 1;
		if (!tlog_note_parse(text, i, &note, &err))
			ck_assert_int_eq(tlog_note_verify(&note, &witnesses[0].key, NULL, &err), -ENOKEY);
	}
	ck_assert_int_eq(verify(text, &log_.key), 0);
	ck_assert_int_eq(parse_note(text, &note), 0);
	ck_assert_int_eq(tlog_checkpoint_open(&note, &log_.key, &cp, &err), 0);
	ck_assert_uint_eq(cp.size, 20852163);
	ck_assert_str_eq(cp.origin, ORIGIN);
	free(text);
}
END_TEST

START_TEST(notes_that_are_none)
{
	static const char *const bad[] = {
		"", "\n", "\n\n", "text\n", "text\n\n", "text\n\nno signature\n", "text\n\n\xe2\x80\x94 name\n",
		"text\n\n\xe2\x80\x94 name AAAA\n", "text\n\n\xe2\x80\x94 name !AAAAAAA\n", "text\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
		"text\n\n\xe2\x80\x94  AAAAAAA=\n", "te\txt\n\n\xe2\x80\x94 name AAAAAAA=\n", "te\x1b[2Jxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
		"te\xff\n\n\xe2\x80\x94 name AAAAAAA=\n", "te\xe2\x80\xaext\n\n\xe2\x80\x94 name AAAAAAA=\n",
		"text\n\n\xe2\x80\x94 name AAAAAAA=", "text\r\n\r\n\xe2\x80\x94 name AAAAAAA=\r\n",
		"text\n\n\xe2\x80\x94 name AAAAAAA=\n\n",
	};
	char *many = malloc(TLOG_NOTE_MAX + 2);
	struct tlog_note note;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse_note(bad[i], &note) == -EBADMSG, "%zu", i);
	ck_assert_int_eq(parse_note("text\n\n\xe2\x80\x94 name AAAAAAA=\n", &note), 0);
	ck_assert_int_eq(parse_note("te\n\nxt\n\n\xe2\x80\x94 name AAAAAAA=\n", &note), 0);
	ck_assert_uint_eq(note.text.len, 7);
	strcpy(many, "text\n\n");
	for (unsigned int i = 0; i <= TLOG_SIGNATURES_MAX; i++) {
		ck_assert_int_eq(i ? parse_note(many, &note) : 0, 0);
		strcat(many, "\xe2\x80\x94 name AAAAAAA=\n");
	}
	ck_assert_int_eq(parse_note(many, &note), -EFBIG);
	memset(many, 'a', TLOG_NOTE_MAX + 1);
	ck_assert_int_eq(tlog_note_parse(many, TLOG_NOTE_MAX + 1, &note, &err), -EFBIG);
	free(many);
}
END_TEST

START_TEST(checkpoints_that_are_none)
{
	static const char *const bad[] = {
		"", ORIGIN "\n", ORIGIN "\n5\n", ORIGIN "\n05\n" ROOT64 "\n", ORIGIN "\n-5\n" ROOT64 "\n", ORIGIN "\n+5\n" ROOT64 "\n",
		ORIGIN "\n 5\n" ROOT64 "\n", ORIGIN "\n\n" ROOT64 "\n", ORIGIN "\n9223372036854775808\n" ROOT64 "\n",
		ORIGIN "\n18446744073709551621\n" ROOT64 "\n", ORIGIN "\n99999999999999999999999999\n" ROOT64 "\n",
		ORIGIN "\n5\nAAAA\n", ORIGIN "\n5\n" ROOT64 "AAAA\n", "\n5\n" ROOT64 "\n", "a b\n5\n" ROOT64 "\n",
		ORIGIN "\n5\n" ROOT64 "\n\nx\n", ORIGIN "\n5\n" ROOT64, ORIGIN "\n0x5\n" ROOT64 "\n",
	};
	char again[TLOG_CHECKPOINT_ROOM];
	struct tlog_checkpoint cp;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(tlog_checkpoint_parse(slice(bad[i]), &cp, &err) == -EBADMSG, "%s", bad[i]);
	ck_assert_int_eq(tlog_checkpoint_parse(slice(ORIGIN "\n9223372036854775807\n" ROOT64 "\nmore\n"), &cp, &err), 0);
	ck_assert_uint_eq(cp.size, INT64_MAX);
	ck_assert_int_eq(tlog_checkpoint_parse(slice(BODY), &cp, &err), 0);
	tlog_checkpoint_format(&cp, again);
	ck_assert_str_eq(again, BODY);
}
END_TEST

/* ---- policies ---- */

/* With %0 for the log's line and %1 to %3 for those of the witnesses w1 to w3; static. */
static const char *policy_text(const char *form)
{
	static char text[8192];
	char vkey[TLOG_VKEY_ROOM];
	size_t n = 0;

	for (; *form; form++) {
		if (*form != '%') {
			text[n++] = *form;
			continue;
		}
		form++;
		tlog_key_format(*form == '0' ? &log_.key : &witnesses[*form - '1'].key, vkey);
		n += (size_t)(*form == '0' ? sprintf(text + n, "log %s\n", vkey) : sprintf(text + n, "witness w%c %s\n", *form, vkey));
	}
	text[n] = 0;
	return text;
}

static int read_policy(const char *form, struct tlog_policy **out)
{
	const char *text = policy_text(form);

	return tlog_policy_parse(text, strlen(text), out, &err);
}

/* What the policy @form says of the note. */
static int judge(const char *form, const char *text)
{
	struct tlog_checkpoint cp;
	struct tlog_policy *p;
	struct tlog_note note;
	int ret;

	ck_assert_msg(!read_policy(form, &p), "%s", err.text);
	ck_assert_msg(!parse_note(text, &note), "%s", err.text);
	ret = tlog_policy_open(p, &note, &cp, &err);
	tlog_policy_free(p);
	return ret;
}

#define TWO_OF_THREE	"%0%1%2%3group g 2 w1 w2 w3\nquorum g\n"

START_TEST(a_quorum_of_witnesses)
{
	struct signer *w = witnesses;

	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &log_, &w[0], &w[2])), 0);
	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &log_, &w[0], &w[1], &w[2])), 0);
	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &log_, &w[1])), -EACCES);
	ck_assert_ptr_nonnull(strstr(err.text, "1 of the 3"));
	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &log_)), -EACCES);
	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &w[0], &w[1], &w[2])), -ENOKEY);
	ck_assert_int_eq(judge("%0quorum none\n", NOTE(BODY, &log_)), 0);
	ck_assert_int_eq(judge("%0%1quorum w1\n", NOTE(BODY, &log_, &w[1])), -EACCES);
	ck_assert_int_eq(judge("%0%1%2%3group a all w1 w2\ngroup b any a w3\nquorum b\n", NOTE(BODY, &log_, &w[2])), 0);
	ck_assert_int_eq(judge("%0%1%2%3group a all w1 w2\ngroup b any a w3\nquorum b\n", NOTE(BODY, &log_, &w[0])), -EACCES);
	ck_assert_int_eq(judge("%0%1%2%3group a all w1 w2\ngroup b any a w3\nquorum b\n", NOTE(BODY, &log_, &w[0], &w[1])), 0);
}
END_TEST

/* However often a witness signs, and under whatever name. */
START_TEST(one_witness_twice)
{
	struct signer twin = witnesses[0], *w = witnesses;
	char text[1024], vkey[TLOG_VKEY_ROOM];
	struct tlog_policy *p;

	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &log_, &w[0], &w[0], &w[0])), -EACCES);
	ck_assert_int_eq(tlog_key_make(TLOG_WITNESS, "other.example", w[0].key.public, &twin.key, &err), 0);
	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &log_, &w[0], &twin)), -EACCES);
	tlog_key_format(&twin.key, vkey);
	snprintf(text, sizeof(text), "%%0%%1witness twin %s\ngroup g 2 w1 twin\nquorum g\n", vkey);
	ck_assert_int_eq(read_policy(text, &p), -EINVAL);
	ck_assert_int_eq(read_policy("%0%1%2group a 1 w1\ngroup b 2 a w1\nquorum b\n", &p), -EINVAL);
	ck_assert_int_eq(read_policy("%0%1%2group a 2 w1 w1\nquorum a\n", &p), -EINVAL);
}
END_TEST

START_TEST(a_wrong_signature_beside_enough_good_ones)
{
	struct signer liar = witnesses[2], *w = witnesses;

	liar.private = w[0].private;
	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &log_, &w[0], &w[1], &liar)), -EKEYREJECTED);
	liar = log_;
	liar.private = w[0].private;
	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE(BODY, &liar, &w[0], &w[1])), -EKEYREJECTED);
}
END_TEST

/* Signed by the log's key, but as another log's checkpoint. */
START_TEST(another_origin)
{
	struct signer *w = witnesses;

	ck_assert_int_eq(judge(TWO_OF_THREE, NOTE("example.com/other\n5\n" ROOT64 "\n", &log_, &w[0], &w[1])), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "example.com/other"));
}
END_TEST

START_TEST(policies_that_are_none)
{
	static const char *const bad[] = {
		"", "%0", "quorum none\n", "%0%0quorum none\n", "%0quorum\n", "%0quorum none\nquorum none\n", "%0quorum w1\n",
		"%0%1group g 2 w1\nquorum g\n", "%0%1group g 0 w1\nquorum g\n", "%0%1group g w1\nquorum g\n", "%0%1%1quorum w1\n",
		"%0%1group w1 any w1\nquorum w1\n", "%0group none any w1\nquorum none\n", "%0quorum none\nwhat is this\n",
		"%0quorum none\nbundles maybe\n", "%0quorum none\nbundles off\nbundles off\n", "%0quorum none", "log x+y+z\nquorum none\n",
		"%0quorum none\nbundles\n", "%0quorum none\x01\n",
	};
	struct tlog_policy *p;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(read_policy(bad[i], &p) == -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(read_policy("# a comment\n\n  \t\n%0 quorum\tnone \n  # more\n", &p), 0);
	ck_assert_int_eq(tlog_policy_demand(p), TLOG_REQUIRE);
	tlog_policy_free(p);
	ck_assert_int_eq(read_policy("%0quorum none\nbundles if-present\n", &p), 0);
	ck_assert_int_eq(tlog_policy_demand(p), TLOG_IF_PRESENT);
	tlog_policy_free(p);
	ck_assert_int_eq(read_policy("%0quorum none\nbundles off\n", &p), 0);
	ck_assert_int_eq(tlog_policy_demand(p), TLOG_OFF);
	tlog_policy_free(p);
}
END_TEST

/* ---- proofs and leaves ---- */

START_TEST(proofs)
{
	struct tlog_proof p = { .index = 7, .nr = 3, .leaf_len = 5 }, again;
	size_t len, n;
	char *text;

	memcpy(p.leaf, "a leaf", 6);
	memset(p.path, 0xab, sizeof(p.path));
	p.checkpoint = slice("note\n\nsigned\n");
	ck_assert_int_eq(tlog_proof_format(&p, &text, &len, &err), 0);
	ck_assert_int_eq(tlog_proof_parse(text, len, &again, &err), 0);
	ck_assert_uint_eq(again.index, 7);
	ck_assert_uint_eq(again.nr, 3);
	ck_assert_uint_eq(again.leaf_len, 5);
	ck_assert_mem_eq(again.leaf, "a lea", 5);
	ck_assert_mem_eq(again.path, p.path, 3 * sizeof(p.path[0]));
	ck_assert_uint_eq(again.checkpoint.len, p.checkpoint.len);
	/* Cut anywhere before the checkpoint, it isn't a proof. */
	for (n = 0; n < len - p.checkpoint.len; n++)
		ck_assert_msg(tlog_proof_parse(text, n, &again, &err) == -EBADMSG, "%zu", n);
	free(text);
}
END_TEST

START_TEST(proofs_that_are_none)
{
#define FIRST	"c2sp.org/tlog-proof@v1\n"
	static const char *const bad[] = {
		"", "c2sp.org/tlog-proof@v2\nindex 0\n\n", FIRST, FIRST "index\n\n", FIRST "index 01\n\n", FIRST "index -1\n\n",
		FIRST "index 9223372036854775808\n\n", FIRST "index 36893488147419103232\n\n", FIRST "extra\nindex 0\n\n",
		FIRST "extra !!!!\nindex 0\n\n", FIRST "index 0\nextra AAAA\n\n", FIRST "extra AAAA\nextra AAAA\nindex 0\n\n",
		FIRST "index 0\nAAAA\n\n", FIRST "index 0\n" ROOT64 " \n\n", FIRST "index 0\n" ROOT64,
	};
	static char text[TLOG_PROOF_MAX + 2];
	static struct tlog_proof p;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(tlog_proof_parse(bad[i], strlen(bad[i]), &p, &err) == -EBADMSG, "%s", bad[i]);
	strcpy(text, FIRST "index 9223372036854775807\n");
	for (unsigned int i = 0; i < TLOG_PATH_MAX; i++)
		strcat(text, ROOT64 "\n");
	strcat(text, "\n");
	ck_assert_int_eq(tlog_proof_parse(text, strlen(text), &p, &err), 0);
	ck_assert_uint_eq(p.nr, TLOG_PATH_MAX);
	ck_assert_uint_eq(p.leaf_len, 0);
	strcpy(text + strlen(text) - 1, ROOT64 "\n\n");
	ck_assert_int_eq(tlog_proof_parse(text, strlen(text), &p, &err), -EBADMSG);
	memset(text, 'a', sizeof(text));
	ck_assert_int_eq(tlog_proof_parse(text, TLOG_PROOF_MAX + 1, &p, &err), -EFBIG);
}
END_TEST

START_TEST(leaves)
{
	struct tlog_leaf leaf = { .kind = TLOG_BUNDLE, .name = "sockmap", .release = 2, .build_id = "0123456789abcdef",
				  .digest = DIGEST, .time = "2026-11-28T14:00:00Z" }, again;
	static const char *const bad[] = {
		"", "{}", "[]", "null",
		/* blanks; another order; a member too many, or too few; a digest that is short; another kind; odd times and releases */
		"{\"digest\":\"" DIGEST "\", \"kind\":\"root\",\"name\":\"root\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"kind\":\"root\",\"digest\":\"" DIGEST "\",\"name\":\"root\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"root\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\",\"x\":1}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"root\",\"release\":3}",
		"{\"digest\":\"aa\",\"kind\":\"root\",\"name\":\"root\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"other\",\"name\":\"root\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"root\",\"release\":3,\"time\":\"2026-11-28 14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"root\",\"release\":0,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"root\",\"release\":3.0,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"a\\u001b[2J\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"digest\":\"" DIGEST "\",\"kind\":\"bundle\",\"name\":\"a\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
		"{\"build_id\":\"00\",\"digest\":\"" DIGEST "\",\"kind\":\"root\",\"name\":\"a\",\"release\":3,\"time\":\"2026-11-28T14:00:00Z\"}",
	};
	size_t len;
	char *text;

	ck_assert_int_eq(tlog_leaf_format(&leaf, &text, &len, &err), 0);
	ck_assert_str_eq(text, "{\"build_id\":\"0123456789abcdef\",\"digest\":\"" DIGEST "\",\"kind\":\"bundle\",\"name\":\"sockmap\","
			 "\"release\":2,\"time\":\"2026-11-28T14:00:00Z\"}");
	ck_assert_int_eq(tlog_leaf_parse(text, len, &again, &err), 0);
	ck_assert_mem_eq(&again, &leaf, sizeof(leaf));
	for (size_t n = 0; n < len; n++)
		ck_assert_int_eq(tlog_leaf_parse(text, n, &again, &err), -EBADMSG);
	free(text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(tlog_leaf_parse(bad[i], strlen(bad[i]), &again, &err) == -EBADMSG, "%s", bad[i]);
	leaf.kind = TLOG_WITHDRAWAL;
	ck_assert_int_eq(tlog_leaf_format(&leaf, &text, &len, &err), -EINVAL);
	leaf.build_id[0] = 0;
	ck_assert_int_eq(tlog_leaf_format(&leaf, &text, &len, &err), 0);
	ck_assert_int_eq(tlog_leaf_parse(text, len, &again, &err), 0);
	free(text);
	leaf.release = (1ull << 53) + 1;
	ck_assert_int_eq(tlog_leaf_format(&leaf, &text, &len, &err), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("tlog-notes");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_note_that_go_signed);
	tcase_add_test(tc, base64_has_one_spelling);
	tcase_add_test(tc, names_and_keys);
	tcase_add_test(tc, cosignatures);
	tcase_add_test(tc, notes_altered_and_cut);
	tcase_add_test(tc, notes_that_are_none);
	tcase_add_test(tc, checkpoints_that_are_none);
	tcase_add_test(tc, a_quorum_of_witnesses);
	tcase_add_test(tc, one_witness_twice);
	tcase_add_test(tc, a_wrong_signature_beside_enough_good_ones);
	tcase_add_test(tc, another_origin);
	tcase_add_test(tc, policies_that_are_none);
	tcase_add_test(tc, proofs);
	tcase_add_test(tc, proofs_that_are_none);
	tcase_add_test(tc, leaves);
	return fixture_run("tlog-notes", tc);
}
