// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_modpolicy.c - what klp-apply makes of a kernel's lockdown, its keyrings, and a module's signature, before the kernel is
 * asked: "no" only where the kernel would refuse, "yes" only where it would not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/x509v3.h>

#include "err.h"
#include "fixture.h"
#include "modsig.h"
#include "../../../tools/klp-apply/kernel_keys.h"
#include "../../../tools/klp-apply/policy.h"

#define SKID	"0102030405060708090a0b0c0d0e0f1011121314"

static const char ko[] = "\177ELF";
static struct bytes by_id, by_issuer;
static struct klp_err err;

static struct bytes sign_module(EVP_PKEY *key, X509 *cert, unsigned int more)
{
	BIO *bio = BIO_new_mem_buf(ko, sizeof(ko));
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_NOCERTS | CMS_PARTIAL | CMS_BINARY | CMS_DETACHED | CMS_STREAM);
	struct bytes out;
	unsigned char *der = NULL;
	void *signed_ko;
	int n;

	ck_assert_ptr_nonnull(CMS_add1_signer(cms, cert, key, EVP_sha256(), CMS_NOCERTS | CMS_BINARY | CMS_NOSMIMECAP | CMS_NOATTR | more));
	ck_assert_int_eq(CMS_final(cms, bio, NULL, CMS_NOCERTS | CMS_BINARY), 1);
	n = i2d_CMS_ContentInfo(cms, &der);
	ck_assert_int_eq(modsig_append(ko, sizeof(ko), der, (size_t)n, &signed_ko, &out.len), 0);
	out.data = signed_ko;
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	return out;
}

static void setup(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *cert = X509_new();
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_key_identifier, SKID);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 0x77);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8, (const unsigned char *)"a test", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_set_pubkey(cert, key);
	X509_add_ext(cert, ext, -1);
	ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
	by_id = sign_module(key, cert, CMS_USE_KEYID);
	by_issuer = sign_module(key, cert, 0);
	X509_EXTENSION_free(ext);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void teardown(void)
{
	free(by_id.data);
	free(by_issuer.data);
}

/* What a kernel's keyrings say. */
static int there(const char *id, const char **ring)
{
	ck_assert_str_eq(id, SKID);
	*ring = ".machine";
	return 0;
}

static int absent(const char *id, const char **ring)
{
	(void)ring;
	ck_assert_str_eq(id, SKID);
	return -ENOKEY;
}

static int hidden(const char *id, const char **ring)
{
	(void)id;
	(void)ring;
	return -EACCES;
}

static int unasked(const char *id, const char **ring)
{
	(void)ring;
	ck_abort_msg("asked for %s", id);
}

static const struct policy open_ = { .lockdown = LOCKDOWN_NONE }, locked = { .lockdown = LOCKDOWN_INTEGRITY },
	confidential = { .lockdown = LOCKDOWN_CONFIDENTIALITY }, enforcing = { .lockdown = LOCKDOWN_NONE, .sig_enforce = true },
	unknown = { .lockdown = LOCKDOWN_UNKNOWN }, checks_none = { .lockdown = LOCKDOWN_UNKNOWN, .no_signatures = true };

static enum answer judge(const struct policy *p, const void *module, size_t len, policy_find_key *find)
{
	struct standing s;
	int ret = policy_judge(p, module, len, find, &s, &err);

	ck_assert_int_eq(ret != 0, s.takes == ANSWER_NO);
	return s.takes;
}

START_TEST(unsigned_module)
{
	ck_assert_int_eq(judge(&open_, ko, sizeof(ko), unasked), ANSWER_YES);
	ck_assert_int_eq(judge(&locked, ko, sizeof(ko), unasked), ANSWER_NO);
	ck_assert_ptr_nonnull(strstr(err.text, "lockdown is integrity"));
	ck_assert_ptr_nonnull(strstr(err.text, "--module-key"));
	ck_assert_int_eq(judge(&confidential, ko, sizeof(ko), unasked), ANSWER_NO);
	ck_assert_int_eq(judge(&enforcing, ko, sizeof(ko), unasked), ANSWER_NO);
	ck_assert_ptr_nonnull(strstr(err.text, "module.sig_enforce"));
	ck_assert_int_eq(judge(&unknown, ko, sizeof(ko), unasked), ANSWER_UNKNOWN);
	/* Without securityfs lockdown isn't known, but a kernel that checks no signatures takes it anyway. */
	ck_assert_int_eq(judge(&checks_none, ko, sizeof(ko), unasked), ANSWER_YES);
}
END_TEST

START_TEST(signed_by_key_id)
{
	struct standing s;
	char text[512];

	ck_assert_int_eq(judge(&open_, by_id.data, by_id.len, there), ANSWER_YES);
	ck_assert_int_eq(judge(&open_, by_id.data, by_id.len, absent), ANSWER_YES);
	ck_assert_int_eq(judge(&locked, by_id.data, by_id.len, there), ANSWER_YES);
	ck_assert_int_eq(judge(&locked, by_id.data, by_id.len, absent), ANSWER_NO);
	ck_assert_ptr_nonnull(strstr(err.text, "key " SKID));
	ck_assert_ptr_nonnull(strstr(err.text, "mokutil --import"));
	ck_assert_int_eq(judge(&enforcing, by_id.data, by_id.len, absent), ANSWER_NO);
	ck_assert_int_eq(judge(&unknown, by_id.data, by_id.len, there), ANSWER_YES);
	ck_assert_int_eq(judge(&unknown, by_id.data, by_id.len, absent), ANSWER_UNKNOWN);
	ck_assert_int_eq(judge(&checks_none, by_id.data, by_id.len, absent), ANSWER_YES);
	/* Not being shown the keys is neither a yes nor a no. */
	ck_assert_int_eq(judge(&locked, by_id.data, by_id.len, hidden), ANSWER_UNKNOWN);
	ck_assert_int_eq(policy_judge(&locked, by_id.data, by_id.len, there, &s, &err), 0);
	policy_describe(&s, text, sizeof(text));
	ck_assert_str_eq(text, "signed for kernels by key " SKID ", which this one knows (.machine)");
}
END_TEST

START_TEST(signed_by_issuer)
{
	struct standing s;
	char text[512];

	/* What the kernel shows has no issuers and no serial numbers. */
	ck_assert_int_eq(judge(&locked, by_issuer.data, by_issuer.len, unasked), ANSWER_UNKNOWN);
	ck_assert_int_eq(judge(&open_, by_issuer.data, by_issuer.len, unasked), ANSWER_YES);
	ck_assert_int_eq(policy_judge(&locked, by_issuer.data, by_issuer.len, unasked, &s, &err), 0);
	policy_describe(&s, text, sizeof(text));
	ck_assert_str_eq(text, "signed for kernels by the key of serial number 77 by CN=a test, and whether this one knows it can't be told");
}
END_TEST

START_TEST(malformed_signature)
{
	/* Its CMS message isn't one any more. */
	by_id.data[sizeof(ko)] ^= 0x40;
	ck_assert_int_eq(judge(&open_, by_id.data, by_id.len, there), ANSWER_NO);
	ck_assert_ptr_nonnull(strstr(err.text, "malformed"));
	ck_assert_int_eq(judge(&unknown, by_id.data, by_id.len, there), ANSWER_NO);
}
END_TEST

START_TEST(levels_of_lockdown)
{
	ck_assert_int_eq(policy_parse_lockdown("[none] integrity confidentiality\n"), LOCKDOWN_NONE);
	ck_assert_int_eq(policy_parse_lockdown("none [integrity] confidentiality\n"), LOCKDOWN_INTEGRITY);
	ck_assert_int_eq(policy_parse_lockdown("none integrity [confidentiality]\n"), LOCKDOWN_CONFIDENTIALITY);
	ck_assert_int_eq(policy_parse_lockdown("none integrity confidentiality\n"), LOCKDOWN_UNKNOWN);
	ck_assert_int_eq(policy_parse_lockdown(""), LOCKDOWN_UNKNOWN);
}
END_TEST

/* As 6.1 shows it; a user has named a keyring and a key after one of the kernel's. */
static const char keys[] =
	"00a0b1c2 I--Q---     3 perm 3f030000  1000 65534 keyring   .platform: 1\n"
	"01d2e3f4 I------     1 perm 1f030000     0     0 asymmetri Debian Secure Boot Signer: X509.rsa 0a0b0c0d []\n"
	"02aa0001 I------     1 perm 1f030000     0     0 user      .platform: 3\n"
	"0b7c9cbc I------     1 perm 1f0b0000     0     0 keyring   .builtin_trusted_keys: 1\n"
	"1c0ffee0 I------     1 perm 1f0f0000     0     0 keyring   .secondary_trusted_keys: 1\n"
	"9badcafe I------     1  2w  1f0f0000     0     0 keyring   .machine: empty\n"
	"3badcafe I------     1 perm 1f0f0000     0     0 keyring   .platform: 4";

START_TEST(keyrings_of_the_kernel)
{
	int32_t n = 5;

	ck_assert_int_eq(kernel_keys_ring(keys, ".builtin_trusted_keys", &n), 0);
	ck_assert_int_eq(n, 0x0b7c9cbc);
	ck_assert_int_eq(kernel_keys_ring(keys, ".platform", &n), 0);
	ck_assert_int_eq(n, 0x3badcafe);
	ck_assert_int_eq(kernel_keys_ring(keys, ".machine", &n), 0);
	ck_assert_int_eq((uint32_t)n, 0x9badcafe);
	n = 5;
	ck_assert_int_eq(kernel_keys_ring(keys, ".secondary", &n), -ENOENT);
	ck_assert_int_eq(kernel_keys_ring(keys, ".ima", &n), -ENOENT);
	ck_assert_int_eq(kernel_keys_ring("", ".ima", &n), -ENOENT);
	ck_assert_int_eq(kernel_keys_ring("\n\n", ".ima", &n), -ENOENT);
	ck_assert_int_eq(n, 5);
	/* However it is cut off, nothing is read behind it. */
	for (size_t len = 0; len < sizeof(keys); len++) {
		char *cut = strndup(keys, len);

		kernel_keys_ring(cut, ".platform", &n);
		free(cut);
	}
}
END_TEST

START_TEST(key_of_an_id)
{
	ck_assert(kernel_key_is("asymmetric;0;0;1f030000;a test: " SKID, SKID));
	/* The id is the last word, and all of it. */
	ck_assert(!kernel_key_is("asymmetric;0;0;1f030000;a test: " SKID "15", SKID));
	ck_assert(!kernel_key_is("asymmetric;0;0;1f030000;a test: 00" SKID, SKID));
	ck_assert(!kernel_key_is("asymmetric;0;0;1f030000;" SKID ": 0102", SKID));
	ck_assert(!kernel_key_is("asymmetric;0;0;1f030000;a test " SKID, SKID));
	ck_assert(!kernel_key_is("user;0;0;1f030000;a test: " SKID, SKID));
	ck_assert(!kernel_key_is("asymmetric;0;0;1f030000;a test: ", ""));
	ck_assert(!kernel_key_is("", SKID));
	ck_assert(!kernel_key_is(" ", ""));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("modpolicy");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, unsigned_module);
	tcase_add_test(tc, signed_by_key_id);
	tcase_add_test(tc, signed_by_issuer);
	tcase_add_test(tc, malformed_signature);
	tcase_add_test(tc, levels_of_lockdown);
	tcase_add_test(tc, keyrings_of_the_kernel);
	tcase_add_test(tc, key_of_an_id);
	return fixture_run("modpolicy", tc);
}
