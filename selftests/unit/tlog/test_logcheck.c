// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_logcheck.c - klp-apply and a bundle's proof that it is in a public log: what is refused, and with which words, at all
 * sizes of a log, for every byte of the proof.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "fixture.h"
#include "io.h"
#include "keyring.h"
#include "manifest.h"
#include "sign.h"
#include "../../../tools/tlog/check.h"
#include "../../../tools/tlog/logcheck.h"
#include "../../../tools/tlog/policy.h"
#include "../../../tools/tlog/proof.h"

#define ORIGIN		"example.com/patches"
#define WITNESSES	3
#define NAME		"sock-map-alloc"
#define LEAVES_MAX	513

struct signer {
	struct signing_key *private;
	struct tlog_key key;
};

static struct signing_key *publisher;
static struct keyring *ring;
static struct signer log_, witnesses[WITNESSES];
static struct tlog_policy *policy;	/* two of three, require */
static char *folder;
static struct klp_err err;

static void new_signer(struct signer *s, enum tlog_key_kind kind, const char *name)
{
	uint8_t public[TLOG_PUBLIC_LEN];

	s->private = fixture_key();
	signing_key_public(s->private, public);
	ck_assert_int_eq(tlog_key_make(kind, name, public, &s->key, &err), 0);
}

/* The log's line and the witnesses' of a policy, and @rest; static. */
static const char *policy_text(const char *rest)
{
	static char text[4096];
	char vkey[TLOG_VKEY_ROOM];
	size_t n;

	tlog_key_format(&log_.key, vkey);
	n = (size_t)sprintf(text, "log %s\n", vkey);
	for (int i = 0; i < WITNESSES; i++) {
		tlog_key_format(&witnesses[i].key, vkey);
		n += (size_t)sprintf(text + n, "witness w%d %s\n", i + 1, vkey);
	}
	sprintf(text + n, "%s", rest);
	return text;
}

static struct tlog_policy *new_policy(const char *rest)
{
	const char *text = policy_text(rest);
	struct tlog_policy *p;

	ck_assert_msg(!tlog_policy_parse(text, strlen(text), &p, &err), "%s", err.text);
	return p;
}

#define TWO	"group g 2 w1 w2 w3\nquorum g\n"

static void setup(void)
{
	char name[32];

	folder = fixture_folder();
	publisher = fixture_key();
	ring = fixture_keyring(publisher);
	new_signer(&log_, TLOG_LOG, ORIGIN);
	for (int i = 0; i < WITNESSES; i++) {
		snprintf(name, sizeof(name), "example.org/w%d", i + 1);
		new_signer(&witnesses[i], TLOG_WITNESS, name);
	}
	policy = new_policy(TWO);
}

static void teardown(void)
{
	tlog_policy_free(policy);
	signing_key_free(log_.private);
	for (int i = 0; i < WITNESSES; i++)
		signing_key_free(witnesses[i].private);
	keyring_free(ring);
	signing_key_free(publisher);
	fixture_remove(folder);
}

static struct verified_bundle *verified(const struct bytes *b)
{
	int fd = fixture_fd(b->data, b->len), ret;
	struct verified_bundle *vb;

	ret = bundle_verify(fd, ring, false, &vb, &err);
	ck_assert_msg(!ret, "%s", err.text);
	close(fd);
	return vb;
}

/* The leaf of a bundle of that release. */
static struct tlog_leaf leaf_of(uint64_t release)
{
	struct tlog_leaf leaf = { .kind = TLOG_BUNDLE, .name = NAME, .release = release, .build_id = FIXTURE_BUILD_ID,
				  .time = "2026-11-28T14:00:00Z" };
	struct bytes b = fixture_bundle(release, publisher);
	struct verified_bundle *vb = verified(&b);

	strcpy(leaf.digest, verified_bundle_id(vb));
	verified_bundle_free(vb);
	free(b.data);
	return leaf;
}

/* ---- a log in memory ---- */

static struct tlog_hash leaves[LEAVES_MAX];

static int read_node(void *ctx, unsigned int level, uint64_t index, struct tlog_hash *out, struct klp_err *e)
{
	(void)ctx;
	(void)e;
	return merkle_fold(leaves + (index << level), (size_t)1 << level, out);
}

/* What a proof is made of; each test changes what it is about. */
struct recipe {
	struct tlog_leaf leaf;
	uint64_t index, size;
	uint64_t told_index, told_size;	/* instead, unless 0 */
	const char *origin;
	struct signer *by[6];		/* who signs the checkpoint */
};

static struct recipe good(uint64_t index, uint64_t size)
{
	return (struct recipe){ .leaf = leaf_of(1), .index = index, .size = size, .origin = ORIGIN,
				.by = { &log_, &witnesses[0], &witnesses[2] } };
}

/* A checkpoint as a note; static. */
static const char *checkpoint_of(const struct recipe *r, const struct tlog_hash *root)
{
	struct tlog_checkpoint cp = { .size = r->told_size ? r->told_size : r->size, .root = *root };
	static char note[8192];
	char line[TLOG_SIGNATURE_ROOM];
	size_t body;

	strcpy(cp.origin, r->origin);
	tlog_checkpoint_format(&cp, note);
	body = strlen(note);
	strcat(note, "\n");
	for (int i = 0; r->by[i]; i++) {
		ck_assert_int_eq(tlog_note_sign((struct tlog_slice){ note, body }, &r->by[i]->key, r->by[i]->private, 1700000000 + i,
						line, &err), 0);
		strcat(note, line);
	}
	return note;
}

static struct bytes proof_of(const struct recipe *r)
{
	struct tlog_proof *p = calloc(1, sizeof(*p));
	struct tlog_hash root;
	struct bytes out;
	char *text;

	ck_assert_int_eq(tlog_leaf_format(&r->leaf, &text, &p->leaf_len, &err), 0);
	memcpy(p->leaf, text, p->leaf_len);
	free(text);
	for (uint64_t i = 0; i < r->size; i++)
		ck_assert_int_eq(merkle_leaf(&i, sizeof(i), &leaves[i]), 0);
	if (r->size) {
		ck_assert_int_eq(merkle_leaf(p->leaf, p->leaf_len, &leaves[r->index]), 0);
		ck_assert_int_eq(merkle_inclusion(r->index, r->size, read_node, NULL, p->path, &p->nr, &err), 0);
	}
	ck_assert_int_eq(merkle_root(r->size, read_node, NULL, &root, &err), 0);
	p->index = r->told_index ? r->told_index : r->index;
	p->checkpoint.at = checkpoint_of(r, &root);
	p->checkpoint.len = strlen(p->checkpoint.at);
	ck_assert_int_eq(tlog_proof_format(p, &text, &out.len, &err), 0);
	out.data = (uint8_t *)text;
	free(p);
	return out;
}

/* What becomes of release 1 with this attached (len 0: nothing)? */
static int check_with(const struct tlog_policy *p, const void *proof, size_t len, bool *logged)
{
	struct bytes plain = fixture_bundle(1, publisher), b = plain;
	struct verified_bundle *vb;
	void *data;
	int ret;

	if (len) {
		ck_assert_msg(!bundle_attach(plain.data, plain.len, TLOG_ATTACHMENT, proof, len, &data, &b.len, &err), "%s", err.text);
		b.data = data;
	}
	vb = verified(&b);
	ret = logcheck_bundle(p, vb, logged, &err);
	verified_bundle_free(vb);
	if (len)
		free(b.data);
	free(plain.data);
	return ret;
}

static int check(const struct recipe *r)
{
	struct bytes proof = proof_of(r);
	bool logged;
	int ret = check_with(policy, proof.data, proof.len, &logged);

	ck_assert_int_eq(logged, !ret);
	free(proof.data);
	return ret;
}

START_TEST(logs_of_all_sizes)
{
	static const uint64_t sizes[] = { 1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 512, 513 };
	struct recipe r;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (int k = 0; k < 3; k++) {
			r = good(k * (sizes[i] - 1) / 2, sizes[i]);
			ck_assert_msg(!check(&r), "leaf %d/2 of %d: %s", k, (int)sizes[i], err.text);
			r.told_index = r.index + 1;
			ck_assert_int_eq(check(&r), -EBADMSG);
			/* With more or fewer leaves, as long as that needs another proof. */
			r.told_index = 0;
			r.told_size = 2 * r.size + 1;
			ck_assert_int_eq(check(&r), -EBADMSG);
		}
	}
	r = good(0, 0);
	ck_assert_int_eq(check(&r), -EBADMSG);
}
END_TEST

START_TEST(huge_numbers)
{
	static const uint64_t numbers[] = { 1ull << 32, 1ull << 62, INT64_MAX - 1, INT64_MAX };
	struct recipe r = good(3, 5);

	for (int i = 0; i < 4; i++) {
		r.told_size = numbers[i];
		r.told_index = 0;
		ck_assert_int_eq(check(&r), -EBADMSG);
		r.told_index = numbers[i] - 1;
		ck_assert_int_eq(check(&r), -EBADMSG);
		r.told_size = 0;
		ck_assert_int_eq(check(&r), -EBADMSG);
	}
}
END_TEST

/* Another bundle's proof, whole; and with the leaf put right, so that only the tree tells. */
START_TEST(replay)
{
	struct recipe r = good(3, 5);
	struct bytes proof;
	char *text, *again;
	size_t len;
	bool logged;
	int ret;

	r.leaf = leaf_of(2);
	ck_assert_int_eq(check(&r), -EKEYREJECTED);
	ck_assert_ptr_nonnull(strstr(err.text, "the proof is of something else: bundle " NAME ", release 2"));
	proof = proof_of(&r);
	r.leaf = leaf_of(1);
	ck_assert_int_eq(tlog_leaf_format(&r.leaf, &text, &len, &err), 0);
	{
		static struct tlog_proof p;

		ck_assert_int_eq(tlog_proof_parse((char *)proof.data, proof.len, &p, &err), 0);
		memcpy(p.leaf, text, len);
		p.leaf_len = len;
		ck_assert_int_eq(tlog_proof_format(&p, &again, &len, &err), 0);
	}
	ret = check_with(policy, again, len, &logged);
	ck_assert_int_eq(ret, -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "doesn't lead from leaf 3 to the root"));
	free(again);
	free(text);
	free(proof.data);
	/* A root, or a withdrawal, of the same name and digest is no bundle. */
	r.leaf.kind = TLOG_WITHDRAWAL;
	r.leaf.build_id[0] = 0;
	ck_assert_int_eq(check(&r), -EKEYREJECTED);
	r = good(3, 5);
	r.leaf.release = 7;
	ck_assert_int_eq(check(&r), -EKEYREJECTED);
	r = good(3, 5);
	strcpy(r.leaf.build_id, "00");
	ck_assert_int_eq(check(&r), -EKEYREJECTED);
	r = good(3, 5);
	strcpy(r.leaf.name, "other");
	ck_assert_int_eq(check(&r), -EKEYREJECTED);
	r = good(3, 5);
	r.leaf.digest[0] = r.leaf.digest[0] == '0' ? '1' : '0';
	ck_assert_int_eq(check(&r), -EKEYREJECTED);
}
END_TEST

START_TEST(signers)
{
	struct recipe r = good(3, 5);
	struct signer stranger, twin = witnesses[0], liar = witnesses[1];

	r.by[2] = NULL;
	ck_assert_int_eq(check(&r), -ENOKEY);
	ck_assert_ptr_nonnull(strstr(err.text, "too few witnesses"));
	r.by[2] = &witnesses[0];
	r.by[3] = &witnesses[0];
	ck_assert_int_eq(check(&r), -ENOKEY);
	ck_assert_ptr_nonnull(strstr(err.text, "1 of the 3"));
	/* The same key under another name. */
	ck_assert_int_eq(tlog_key_make(TLOG_WITNESS, "example.org/other", witnesses[0].key.public, &twin.key, &err), 0);
	r.by[2] = &twin;
	r.by[3] = NULL;
	ck_assert_int_eq(check(&r), -ENOKEY);
	ck_assert_ptr_nonnull(strstr(err.text, "1 of the 3"));
	/* A good one and a wrong one beside enough good ones. */
	r = good(3, 5);
	liar.private = witnesses[0].private;
	r.by[3] = &liar;
	ck_assert_int_eq(check(&r), -EKEYREJECTED);
	/* Another key as the log's, with the log's name; then nobody's. */
	new_signer(&stranger, TLOG_LOG, ORIGIN);
	r = good(3, 5);
	r.by[0] = &stranger;
	ck_assert_int_eq(check(&r), -ENOKEY);
	r.by[0] = &witnesses[1];
	ck_assert_int_eq(check(&r), -ENOKEY);
	/* Of another log, by the same key and witnesses. */
	r = good(3, 5);
	r.origin = "example.com/other";
	ck_assert_int_eq(check(&r), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "example.com/other"));
	/* Strangers beside those who count don't matter. */
	r = good(3, 5);
	r.by[3] = &stranger;
	ck_assert_int_eq(check(&r), 0);
	signing_key_free(stranger.private);
}
END_TEST

START_TEST(each_byte_counts)
{
	struct recipe r = good(3, 5);
	struct bytes proof = proof_of(&r);
	bool logged;

	ck_assert_int_eq(check_with(policy, proof.data, proof.len, &logged), 0);
	for (size_t i = 0; i < proof.len; i++) {
		proof.data[i] ^= 1;
		ck_assert_msg(check_with(policy, proof.data, proof.len, &logged), "byte %zu altered", i);
		proof.data[i] ^= 1;
		if (i)
			ck_assert_msg(check_with(policy, proof.data, i, &logged), "cut to %zu bytes", i);
	}
	free(proof.data);
}
END_TEST

START_TEST(what_the_policy_demands)
{
	struct tlog_policy *lax = new_policy(TWO "bundles if-present\n");
	struct recipe r = good(3, 5);
	struct bytes proof = proof_of(&r);
	bool logged;

	ck_assert_int_eq(check_with(policy, NULL, 0, &logged), -ENOKEY);
	ck_assert_ptr_nonnull(strstr(err.text, "klp-repo log proof"));
	ck_assert_int_eq(check_with(lax, NULL, 0, &logged), 0);
	ck_assert(!logged);
	ck_assert_int_eq(check_with(NULL, "nonsense", 8, &logged), 0);
	ck_assert(!logged);
	ck_assert_int_eq(check_with(lax, proof.data, proof.len, &logged), 0);
	ck_assert(logged);
	ck_assert_int_eq(check_with(lax, proof.data, proof.len - 1, &logged), -EBADMSG);
	ck_assert_int_eq(check_with(lax, "nonsense", 8, &logged), -EBADMSG);
	ck_assert(!logged);
	free(proof.data);
	tlog_policy_free(lax);
}
END_TEST

static int load_policy(const char *text, mode_t mode, struct tlog_policy **out)
{
	char *path = fixture_path(folder, "log.conf");
	int ret;

	ck_assert_int_eq(io_write_atomic(path, text, strlen(text), 0644, &err), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
	ret = logcheck_policy(path, out, &err);
	free(path);
	return ret;
}

START_TEST(files_of_policies)
{
	char *nowhere = fixture_path(folder, "nowhere");
	struct tlog_policy *p = NULL;

	ck_assert_int_eq(load_policy(policy_text(TWO), 0644, &p), 0);
	ck_assert_ptr_nonnull(p);
	tlog_policy_free(p);
	ck_assert_int_eq(load_policy(policy_text(TWO "bundles off\n"), 0644, &p), 0);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(load_policy(policy_text(TWO), 0646, &p), -EPERM);
	ck_assert_int_eq(load_policy("", 0644, &p), -EINVAL);
	ck_assert_int_eq(load_policy("bundles off\n", 0644, &p), -EINVAL);
	ck_assert_int_eq(logcheck_policy(nowhere, &p, &err), 0);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(logcheck_policy(folder, &p, &err), -EISDIR);
	free(nowhere);
}
END_TEST

/* Signature, proof, three signatures of the checkpoint, module: of 64 KiB that zstd can't shorten. */
START_TEST(ten_milliseconds)
{
	struct manifest *m = fixture_manifest(1);
	struct recipe r = good(300, LEAVES_MAX);
	struct signing_key *const by[] = { publisher };
	struct verified_bundle *vb;
	struct timespec t0, t1;
	double ms, best = 1e9;
	uint8_t *module = malloc(64 << 10);
	struct bytes plain, proof, b;
	void *data;
	bool logged;
	int fd;

	srandom(1);
	for (int i = 0; i < 64 << 10; i++)
		module[i] = (uint8_t)(random() >> 8);
	ck_assert_int_eq(bundle_build(m, module, 64 << 10, by, 1, &data, &plain.len, &err), 0);
	plain.data = data;
	vb = verified(&plain);
	strcpy(r.leaf.digest, verified_bundle_id(vb));
	verified_bundle_free(vb);
	proof = proof_of(&r);
	ck_assert_int_eq(bundle_attach(plain.data, plain.len, TLOG_ATTACHMENT, proof.data, proof.len, &data, &b.len, &err), 0);
	fd = fixture_fd(data, b.len);
	for (int i = 0; i < 50; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t0);
		ck_assert_int_eq(bundle_verify(fd, ring, false, &vb, &err), 0);
		ck_assert_msg(!logcheck_bundle(policy, vb, &logged, &err) && logged, "%s", err.text);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		verified_bundle_free(vb);
		ms = (double)(t1.tv_sec - t0.tv_sec) * 1e3 + (double)(t1.tv_nsec - t0.tv_nsec) / 1e6;
		best = ms < best ? ms : best;
	}
	printf("a bundle of %zu bytes, its proof and cosignatures: %.2f ms\n", b.len, best);
	ck_assert_msg(best < 10, "%.2f ms", best);
	close(fd);
	free(data);
	free(proof.data);
	free(plain.data);
	free(module);
	manifest_free(m);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("logcheck");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, logs_of_all_sizes);
	tcase_add_test(tc, huge_numbers);
	tcase_add_test(tc, replay);
	tcase_add_test(tc, signers);
	tcase_add_test(tc, each_byte_counts);
	tcase_add_test(tc, what_the_policy_demands);
	tcase_add_test(tc, files_of_policies);
	tcase_add_test(tc, ten_milliseconds);
	return fixture_run("logcheck", tc);
}
