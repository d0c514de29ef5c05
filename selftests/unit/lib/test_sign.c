// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_sign.c - keys on disk, keyrings that shout, Ed25519 as RFC 8032 has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "err.h"
#include "fixture.h"
#include "hex.h"
#include "io.h"
#include "keyring.h"
#include "sign.h"

static char *folder;
static struct signing_key *key;
static struct klp_err err;

static void setup(void)
{
	folder = fixture_folder();
	key = fixture_key();
}

static void teardown(void)
{
	signing_key_free(key);
	fixture_remove(folder);
}

static void put(const char *name, const char *text)
{
	char *path = fixture_path(folder, name);

	ck_assert_int_eq(io_write_atomic(path, text, strlen(text), 0644, &err), 0);
	free(path);
}

static int load_ring(void)
{
	struct keyring *ring;
	int ret = keyring_load(folder, &ring, &err);

	if (ret)
		return ret;
	ret = (int)keyring_size(ring);
	keyring_free(ring);
	return ret;
}

/* RFC 8032, 7.1, test 2: key, one byte of message, signature. */
START_TEST(rfc8032_vector)
{
	static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
		"-----END PRIVATE KEY-----\n";
	static const char want[] =
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
	char *path = fixture_path(folder, "rfc.pem"), got[2 * SIGNATURE_LEN + 1];
	uint8_t sig[SIGNATURE_LEN];
	struct signing_key *rfc;

	put("rfc.pem", pem);
	ck_assert_int_eq(signing_key_load(path, &rfc, &err), -EPERM);	/* mode 0644: it is no secret */
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_msg(!signing_key_load(path, &rfc, &err), "%s", err.text);
	ck_assert_int_eq(signing_key_sign(rfc, "\x72", 1, sig, &err), 0);
	hex_encode(sig, sizeof(sig), got);
	ck_assert_str_eq(got, want);
	signing_key_free(rfc);
	free(path);
}
END_TEST

START_TEST(save_and_load)
{
	char *path = fixture_path(folder, "a.pem");
	struct signing_key *again;
	struct stat st;

	ck_assert_msg(!signing_key_save(key, path, &err), "%s", err.text);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(signing_key_load(path, &again, &err), 0);
	ck_assert_mem_eq(signing_key_id(key), signing_key_id(again), KEY_ID_LEN);
	ck_assert_int_eq(load_ring(), 1);
	/* Never overwrites, neither half. */
	ck_assert_int_eq(signing_key_save(key, path, &err), -EEXIST);
	ck_assert_int_eq(remove(path), 0);
	ck_assert_int_eq(signing_key_save(key, path, &err), -EEXIST);
	ck_assert_int_ne(stat(path, &st), 0);
	signing_key_free(again);
	free(path);
}
END_TEST

START_TEST(verify)
{
	struct signing_key *other = fixture_key();
	struct keyring *ring = fixture_keyring(key);
	uint8_t sig[SIGNATURE_LEN];

	ck_assert_int_eq(signing_key_sign(key, "abc", 3, sig, &err), 0);
	ck_assert_int_eq(keyring_verify(ring, signing_key_id(key), "abc", 3, sig, &err), 0);
	ck_assert_int_eq(keyring_verify(ring, signing_key_id(key), "abd", 3, sig, &err), -EKEYREJECTED);
	ck_assert_int_eq(keyring_verify(ring, signing_key_id(key), "abc", 2, sig, &err), -EKEYREJECTED);
	ck_assert_int_eq(keyring_verify(ring, signing_key_id(other), "abc", 3, sig, &err), -ENOKEY);
	sig[0] ^= 1;
	ck_assert_int_eq(keyring_verify(ring, signing_key_id(key), "abc", 3, sig, &err), -EKEYREJECTED);
	keyring_free(ring);
	signing_key_free(other);
}
END_TEST

START_TEST(absent_and_empty_folders_trust_nobody)
{
	struct keyring *ring;

	ck_assert_int_eq(load_ring(), 0);
	ck_assert_int_eq(keyring_load("/nonexistent/keys", &ring, &err), 0);
	ck_assert_uint_eq(keyring_size(ring), 0);
	keyring_free(ring);
}
END_TEST

START_TEST(a_file_that_isnt_a_key_shouts)
{
	put("readme.txt", "not a .pub file: not looked at");
	ck_assert_int_eq(load_ring(), 0);
	put("x.pub", "not a key");
	ck_assert_int_eq(load_ring(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "x.pub"));
	put("x.pub", "");
	ck_assert_int_eq(load_ring(), -EINVAL);
}
END_TEST

/* An RSA or EC key is a key, but not one that we sign with. */
START_TEST(other_algorithms_are_refused)
{
	char *path = fixture_path(folder, "ec.pub");
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(ec);
	ck_assert_int_eq(PEM_write_PUBKEY(f, ec), 1);
	ck_assert_int_eq(fclose(f), 0);
	EVP_PKEY_free(ec);
	ck_assert_int_eq(load_ring(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "ec.pub is not one Ed25519 public key"));
	free(path);
}
END_TEST

START_TEST(two_keys_in_a_file_are_refused)
{
	char *path = fixture_path(folder, "a.pem"), *pub = fixture_path(folder, "a.pem.pub");
	char twice[1024];
	size_t len;
	void *pem;

	ck_assert_int_eq(signing_key_save(key, path, &err), 0);
	ck_assert_int_eq(io_read_file(pub, 512, &pem, &len, &err), 0);
	snprintf(twice, sizeof(twice), "%s%s", (char *)pem, (char *)pem);
	put("b.pub", twice);
	ck_assert_int_eq(load_ring(), -EINVAL);
	free(pem);
	free(pub);
	free(path);
}
END_TEST

START_TEST(world_writable_keys_are_refused)
{
	char *path = fixture_path(folder, "a.pem"), *pub = fixture_path(folder, "a.pem.pub");

	ck_assert_int_eq(signing_key_save(key, path, &err), 0);
	ck_assert_int_eq(chmod(pub, 0666), 0);
	ck_assert_int_eq(load_ring(), -EPERM);
	ck_assert_int_eq(chmod(pub, 0644), 0);
	ck_assert_int_eq(load_ring(), 1);
	ck_assert_int_eq(chmod(folder, 0777), 0);
	ck_assert_int_eq(load_ring(), -EPERM);
	free(pub);
	free(path);
}
END_TEST

/* How many have to sign; what can't be met, or isn't a number, isn't taken for 1. */
START_TEST(threshold)
{
	static const char *const bad[] = { "3\n", "0\n", "2", "2\n\n", "", " 2\n", "-1\n", "+1\n", "two\n", "1 2\n", NULL };
	char *one = fixture_path(folder, "a.pem"), *two = fixture_path(folder, "b.pem");
	struct signing_key *other = fixture_key();
	struct keyring *ring;

	ck_assert_int_eq(signing_key_save(key, one, &err), 0);
	ck_assert_int_eq(signing_key_save(other, two, &err), 0);
	ck_assert_int_eq(keyring_load(folder, &ring, &err), 0);
	ck_assert_uint_eq(keyring_threshold(ring), 1);
	keyring_free(ring);
	put(KEYRING_THRESHOLD, "2\n");
	ck_assert_int_eq(keyring_load(folder, &ring, &err), 0);
	ck_assert_uint_eq(keyring_threshold(ring), 2);
	keyring_free(ring);
	for (size_t i = 0; bad[i]; i++) {
		put(KEYRING_THRESHOLD, bad[i]);
		ck_assert_msg(load_ring() == -EINVAL, "\"%s\"", bad[i]);
	}
	signing_key_free(other);
	free(two);
	free(one);
}
END_TEST

/* mkdir, and a file in it, below the folder. */
static void put_at(const char *dir, const char *file, mode_t mode, const void *data, size_t len)
{
	char *path = fixture_path(folder, dir), *inside = fixture_path(path, file);

	ck_assert(!mkdir(path, mode) || errno == EEXIST);
	ck_assert_int_eq(chmod(path, mode), 0);
	ck_assert_int_eq(io_write_atomic(inside, data, len, 0644, &err), 0);
	free(inside);
	free(path);
}

static int load_from(const char *dir)
{
	char *path = fixture_path(folder, dir);
	struct keyring *ring;
	int ret = keyring_load(path, &ring, &err);

	if (!ret) {
		ret = (int)keyring_size(ring);
		keyring_free(ring);
	}
	free(path);
	return ret;
}

static void set(const char *name, mode_t mode, int uid)
{
	char *path = fixture_path(folder, name);

	ck_assert_int_eq(lchown(path, uid < 0 ? geteuid() : (uid_t)uid, (gid_t)-1), 0);
	if (mode)
		ck_assert_int_eq(chmod(path, mode), 0);
	free(path);
}

static void link_to(const char *target, const char *name)
{
	char *path = fixture_path(folder, name);

	ck_assert_int_eq(symlink(target, path), 0);
	free(path);
}

/* Each place from where somebody else could slip a key in: the folder, one above it, a link's target and what is above that. */
START_TEST(keys_that_others_could_replace)
{
	char *path = fixture_path(folder, "a.pem"), *pub = fixture_path(folder, "a.pem.pub");
	size_t len;
	void *pem;

	ck_assert_int_eq(signing_key_save(key, path, &err), 0);
	ck_assert_int_eq(io_read_file(pub, 512, &pem, &len, &err), 0);
	put_at("up", "x", 0755, "", 0);
	put_at("up/keys", "k.pub", 0755, pem, len);
	put_at("other", "k.pub", 0755, pem, len);
	put_at("linked", "x", 0755, "", 0);
	link_to("../other/k.pub", "linked/k.pub");
	link_to("up/keys", "alias");
	ck_assert_int_eq(load_from("up/keys"), 1);
	ck_assert_int_eq(load_from("linked"), 1);
	ck_assert_int_eq(load_from("alias"), 1);
	ck_assert_int_eq(load_from("other/../up/keys"), 1);
	set("up", 0777, -1);
	ck_assert_int_eq(load_from("up/keys"), -EPERM);
	ck_assert_int_eq(load_from("alias"), -EPERM);
	ck_assert_ptr_nonnull(strstr(err.text, "others than root may write to"));
	set("up", 01777, -1);		/* as /tmp: nobody moves what isn't theirs */
	ck_assert_int_eq(load_from("up/keys"), 1);
	set("up", 0755, -1);
	set("up/keys", 01777, -1);	/* but here anybody can add a key */
	ck_assert_int_eq(load_from("up/keys"), -EPERM);
	set("up/keys", 0755, -1);
	set("other", 0757, -1);
	ck_assert_int_eq(load_from("linked"), -EPERM);
	set("other", 0755, -1);
	set("other/k.pub", 0646, -1);
	ck_assert_int_eq(load_from("linked"), -EPERM);
	set("other/k.pub", 0644, -1);
	ck_assert_int_eq(load_from("linked"), 1);
	link_to("loop", "loop");
	ck_assert_int_eq(load_from("loop"), -ELOOP);
	put_at("limit", KEYRING_THRESHOLD, 0755, "1\n", 2);
	put_at("limit", "k.pub", 0755, pem, len);
	set("limit/" KEYRING_THRESHOLD, 0666, -1);
	ck_assert_int_eq(load_from("limit"), -EPERM);
	if (!geteuid()) {
		static const char *const theirs[] = { "up", "up/keys", "up/keys/k.pub", "alias", NULL };

		for (size_t i = 0; theirs[i]; i++) {
			set(theirs[i], 0, 65534);
			ck_assert_msg(load_from("alias") == -EPERM, "%s", theirs[i]);
			ck_assert_ptr_nonnull(strstr(err.text, "belongs to user 65534"));
			set(theirs[i], 0, -1);
		}
		ck_assert_int_eq(load_from("alias"), 1);
		set("other", 0, 65534);
		ck_assert_int_eq(load_from("linked"), -EPERM);
		ck_assert_int_eq(signing_key_load(path, &(struct signing_key *){ NULL }, &err), 0);
		set("a.pem", 0, 65534);
		ck_assert_int_eq(signing_key_load(path, &(struct signing_key *){ NULL }, &err), -EPERM);
	}
	free(pem);
	free(pub);
	free(path);
}
END_TEST

static const char *said;	/* what answers() answers; NULL: nothing */

static int answers(const char *path, char *buf, size_t size, struct klp_err *e)
{
	(void)path;
	if (!said)
		return klp_err_set(e, -ENOENT, "no answer");
	ck_assert_uint_gt(size, strlen(said));
	memcpy(buf, said, strlen(said));
	return (int)strlen(said);
}

START_TEST(passphrase)
{
	char *path = fixture_path(folder, "a.pem");
	struct signing_key *again;
	size_t len;
	void *pem;

	ck_assert_msg(!signing_key_save_sealed(key, path, "correct horse", &err), "%s", err.text);
	ck_assert_int_eq(io_read_file(path, 4096, &pem, &len, &err), 0);
	ck_assert_ptr_nonnull(strstr(pem, "ENCRYPTED PRIVATE KEY"));
	free(pem);
	ck_assert_int_eq(signing_key_load(path, &again, &err), -EACCES);
	ck_assert_ptr_nonnull(strstr(err.text, "there is nobody to ask"));
	said = "another one";
	ck_assert_int_eq(signing_key_load_asking(path, answers, &again, &err), -EACCES);
	said = NULL;
	ck_assert_int_eq(signing_key_load_asking(path, answers, &again, &err), -ENOENT);
	ck_assert_str_eq(err.text, "no answer");
	said = "correct horse";
	ck_assert_msg(!signing_key_load_asking(path, answers, &again, &err), "%s", err.text);
	ck_assert_int_eq(memcmp(signing_key_id(again), signing_key_id(key), KEY_ID_LEN), 0);
	signing_key_free(again);
	free(path);
}
END_TEST

START_TEST(same_key_counts_once)
{
	struct keyring *ring = fixture_keyring(key);

	ck_assert_int_eq(keyring_add_own(ring, key, &err), 0);
	ck_assert_uint_eq(keyring_size(ring), 1);
	keyring_free(ring);
}
END_TEST

START_TEST(hex_is_strict)
{
	uint8_t out[2];

	ck_assert_int_eq(hex_decode("00ff", 2, out), 0);
	ck_assert_uint_eq(out[1], 255);
	ck_assert_int_eq(hex_decode("00fF", 2, out), -EINVAL);
	ck_assert_int_eq(hex_decode("00f", 2, out), -EINVAL);
	ck_assert_int_eq(hex_decode("00ff0", 2, out), -EINVAL);
	ck_assert_int_eq(hex_decode("0x0f", 2, out), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("sign");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rfc8032_vector);
	tcase_add_test(tc, save_and_load);
	tcase_add_test(tc, verify);
	tcase_add_test(tc, absent_and_empty_folders_trust_nobody);
	tcase_add_test(tc, a_file_that_isnt_a_key_shouts);
	tcase_add_test(tc, other_algorithms_are_refused);
	tcase_add_test(tc, two_keys_in_a_file_are_refused);
	tcase_add_test(tc, world_writable_keys_are_refused);
	tcase_add_test(tc, threshold);
	tcase_add_test(tc, keys_that_others_could_replace);
	tcase_add_test(tc, passphrase);
	tcase_add_test(tc, same_key_counts_once);
	tcase_add_test(tc, hex_is_strict);
	return fixture_run("sign", tc);
}
