// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_modsig.c - the kernel's own signature on a module: what klp-build puts there is what the kernel's format says,
 * nothing that is malformed is read as one, and keys that no kernel would take are refused before anything is built.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "err.h"
#include "fixture.h"
#include "hex.h"
#include "io.h"
#include "link/module_key.h"
#include "modsig.h"

#define MARKER		"~Module signature appended~\n"
#define TRAILER		12

static const char module[] = "\177ELF and what else a module has";
static char *folder, *key_path, *cert_path;
static EVP_PKEY *rsa;
static struct klp_err err;

/* A certificate of @key, self-signed; @skid: its subject key identifier, NULL: none. */
static X509 *make_cert(EVP_PKEY *key, const char *skid, const char *cn)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *ext;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 0x1234);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400 * 3L);
	/* Expired: the kernel doesn't mind. */
	X509_gmtime_adj(X509_getm_notAfter(cert), -86400);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, key);
	if (skid) {
		ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_key_identifier, skid);
		ck_assert_ptr_nonnull(ext);
		X509_add_ext(cert, ext, -1);
		X509_EXTENSION_free(ext);
	}
	ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
	return cert;
}

static char *put_cert(const char *name, EVP_PKEY *key, const char *skid, bool der)
{
	char *path = fixture_path(folder, name);
	X509 *cert = make_cert(key, skid, "test");
	BIO *bio = BIO_new_file(path, "w");

	ck_assert_int_eq(der ? i2d_X509_bio(bio, cert) : PEM_write_bio_X509(bio, cert), 1);
	BIO_free(bio);
	X509_free(cert);
	return path;
}

static char *put_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
	char *path = fixture_path(folder, name);
	BIO *bio = BIO_new_file(path, "w");

	ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase ? EVP_aes_128_cbc() : NULL, passphrase,
						       passphrase ? (int)strlen(passphrase) : 0, NULL, NULL), 1);
	BIO_free(bio);
	chmod(path, 0600);
	return path;
}

#define SKID	"0102030405060708090a0b0c0d0e0f1011121314"

static void setup(void)
{
	folder = fixture_folder();
	rsa = EVP_RSA_gen(2048);
	key_path = put_key("key.pem", rsa, NULL);
	cert_path = put_cert("cert.pem", rsa, SKID, false);
}

static void teardown(void)
{
	EVP_PKEY_free(rsa);
	free(key_path);
	free(cert_path);
	fixture_remove(folder);
}

static struct bytes sign_with(const char *key, const char *cert)
{
	struct module_key *k;
	struct bytes b;
	void *out;

	ck_assert_msg(!module_key_load(key, cert, NULL, &k, &err), "%s", err.text);
	ck_assert_int_eq(module_key_sign(k, module, sizeof(module), &out, &b.len, &err), 0);
	b.data = out;
	module_key_free(k);
	return b;
}

/* What the kernel does: is it a signature of these bytes by that certificate? */
static int openssl_says(const struct modsig *sig, const void *content, X509 *cert)
{
	const uint8_t *p = sig->cms;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)sig->cms_len);
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(content, (int)sig->content_len);
	int ok;

	sk_X509_push(certs, cert);
	ok = CMS_verify(cms, certs, NULL, bio, NULL, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY | CMS_NOINTERN);
	BIO_free(bio);
	sk_X509_free(certs);
	CMS_ContentInfo_free(cms);
	return ok;
}

START_TEST(signed_module_is_as_the_kernel_reads_it)
{
	struct bytes a = sign_with(key_path, cert_path), b = sign_with(key_path, cert_path);
	X509 *cert = make_cert(rsa, SKID, "test");
	struct modsig_signer signer;
	struct modsig sig;

	ck_assert_int_eq(modsig_find(a.data, a.len, &sig), 0);
	ck_assert_uint_eq(sig.content_len, sizeof(module));
	ck_assert_mem_eq(a.data, module, sizeof(module));
	ck_assert_uint_eq(sig.content_len + sig.cms_len + TRAILER + strlen(MARKER), a.len);
	ck_assert_int_eq(modsig_signer(&sig, &signer), 0);
	ck_assert(signer.by_key_id);
	ck_assert_str_eq(signer.id, SKID);
	ck_assert_int_eq(openssl_says(&sig, a.data, cert), 1);
	a.data[3] ^= 1;
	ck_assert_int_eq(openssl_says(&sig, a.data, cert), 0);
	a.data[3] ^= 1;
	/* Reproducible. */
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_mem_eq(a.data, b.data, a.len);
	X509_free(cert);
	free(a.data);
	free(b.data);
}
END_TEST

START_TEST(certificate_may_be_der)
{
	char *der = put_cert("cert.der", rsa, SKID, true);
	struct bytes a = sign_with(key_path, cert_path), b = sign_with(key_path, der);

	ck_assert_uint_eq(a.len, b.len);
	ck_assert_mem_eq(a.data, b.data, a.len);
	free(a.data);
	free(b.data);
	free(der);
}
END_TEST

START_TEST(signed_once_only)
{
	struct bytes a = sign_with(key_path, cert_path);
	struct module_key *k;
	size_t len;
	void *out;

	ck_assert_int_eq(module_key_load(key_path, cert_path, NULL, &k, &err), 0);
	ck_assert_int_eq(module_key_sign(k, a.data, a.len, &out, &len, &err), -EINVAL);
	module_key_free(k);
	free(a.data);
}
END_TEST

START_TEST(no_marker_is_no_signature)
{
	struct bytes a = sign_with(key_path, cert_path);
	struct modsig sig;

	ck_assert_int_eq(modsig_find("", 0, &sig), -ENODATA);
	ck_assert_int_eq(modsig_find(module, sizeof(module), &sig), -ENODATA);
	for (size_t len = 0; len < a.len; len++)
		ck_assert_int_eq(modsig_find(a.data, len, &sig), -ENODATA);
	free(a.data);
}
END_TEST

/* @before bytes, a trailer that says @sig_len, the marker: in a buffer of exactly that size, for ASan. */
static int find_with(size_t before, uint32_t sig_len, int changed)
{
	size_t len = before + TRAILER + strlen(MARKER);
	uint8_t *p = calloc(1, len);
	struct modsig sig = { 0 };
	int ret;

	p[before + 2] = 2;
	for (int i = 0; i < 4; i++)
		p[before + 8 + i] = (uint8_t)(sig_len >> (24 - 8 * i));
	if (changed >= 0)
		p[before + changed] ^= 0x80;
	memcpy(p + before + TRAILER, MARKER, strlen(MARKER));
	ret = modsig_find(p, len, &sig);
	if (!ret)
		ck_assert_uint_eq(sig.content_len + sig.cms_len, before);
	else
		ck_assert_ptr_null(sig.cms);
	free(p);
	return ret;
}

START_TEST(hostile_lengths_are_malformed)
{
	struct modsig sig;

	ck_assert_int_eq(modsig_find(MARKER, strlen(MARKER), &sig), -EBADMSG);
	ck_assert_int_eq(modsig_find("12345678901" MARKER, 11 + strlen(MARKER), &sig), -EBADMSG);
	ck_assert_int_eq(find_with(0, 0, -1), -EBADMSG);
	ck_assert_int_eq(find_with(0, 1, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 0, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 1, -1), 0);
	ck_assert_int_eq(find_with(100, 99, -1), 0);
	/* All of it, and nothing that is signed. */
	ck_assert_int_eq(find_with(100, 100, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 101, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 100 + TRAILER, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 0x7fffffff, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 0x80000000, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 0xffffffff, -1), -EBADMSG);
	ck_assert_int_eq(find_with(100, 0xffffffff - 11, -1), -EBADMSG);
	/* What the kernel wants to be 0, or PKCS #7. */
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(find_with(100, 50, i), -EBADMSG);
}
END_TEST

static int signer_of(const uint8_t *cms, size_t len, struct modsig_signer *out)
{
	/* In a buffer of its own, for ASan. */
	uint8_t *p = malloc(len ? len : 1);
	struct modsig sig = { .content_len = 1, .cms = memcpy(p, cms, len), .cms_len = len };
	int ret = modsig_signer(&sig, out);

	free(p);
	return ret;
}

START_TEST(broken_message_has_no_signer)
{
	struct bytes a = sign_with(key_path, cert_path);
	struct modsig_signer signer, before;
	uint8_t longer[4096];
	struct modsig sig;

	memset(&signer, 'x', sizeof(signer));
	before = signer;
	ck_assert_int_eq(modsig_find(a.data, a.len, &sig), 0);
	for (size_t len = 0; len < sig.cms_len; len++)
		ck_assert_int_eq(signer_of(sig.cms, len, &signer), -EBADMSG);
	memcpy(longer, sig.cms, sig.cms_len);
	longer[sig.cms_len] = 0;
	ck_assert_int_eq(signer_of(longer, sig.cms_len + 1, &signer), -EBADMSG);
	ck_assert_mem_eq(&signer, &before, sizeof(signer));
	/* One changed byte at a time never reads what isn't there, and never makes more of an id than there is room for. */
	for (size_t i = 0; i < sig.cms_len; i++)
		for (int bit = 1; bit < 256; bit <<= 1) {
			memcpy(longer, sig.cms, sig.cms_len);
			longer[i] ^= (uint8_t)bit;
			if (!signer_of(longer, sig.cms_len, &signer))
				ck_assert_uint_le(strlen(signer.id), 2 * MODSIG_ID_MAX);
		}
	free(a.data);
}
END_TEST

/* A message by as many signers as there are certificates, as sign-file makes it without -k. */
static struct bytes cms_by(X509 *a, X509 *b, unsigned int more)
{
	unsigned int how = CMS_NOCERTS | CMS_BINARY | CMS_NOSMIMECAP | CMS_NOATTR | more;
	BIO *bio = BIO_new_mem_buf(module, sizeof(module));
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_NOCERTS | CMS_PARTIAL | CMS_BINARY | CMS_DETACHED | CMS_STREAM);
	struct bytes out = { 0 };

	ck_assert_ptr_nonnull(CMS_add1_signer(cms, a, rsa, EVP_sha256(), how));
	if (b)
		ck_assert_ptr_nonnull(CMS_add1_signer(cms, b, rsa, EVP_sha256(), how));
	ck_assert_int_eq(CMS_final(cms, bio, NULL, CMS_NOCERTS | CMS_BINARY), 1);
	out.len = (size_t)i2d_CMS_ContentInfo(cms, &out.data);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	return out;
}

START_TEST(signer_by_issuer_and_serial_number)
{
	X509 *cert = make_cert(rsa, SKID, "DKMS \x1b[2J key");
	struct bytes cms = cms_by(cert, NULL, 0);
	struct modsig_signer signer;

	ck_assert_int_eq(signer_of(cms.data, cms.len, &signer), 0);
	ck_assert(!signer.by_key_id);
	ck_assert_str_eq(signer.id, "1234");
	ck_assert_ptr_nonnull(strstr(signer.issuer, "CN=DKMS "));
	/* Nothing of the name reaches the terminal as a command. */
	ck_assert_ptr_null(strchr(signer.issuer, '\x1b'));
	X509_free(cert);
	free(cms.data);
}
END_TEST

START_TEST(two_signers_are_none)
{
	X509 *a = make_cert(rsa, SKID, "a"), *b = make_cert(rsa, "aabb", "b");
	struct bytes cms = cms_by(a, b, CMS_USE_KEYID);
	struct modsig_signer signer;

	ck_assert_int_eq(signer_of(cms.data, cms.len, &signer), -EBADMSG);
	X509_free(a);
	X509_free(b);
	free(cms.data);
}
END_TEST

START_TEST(long_key_id_is_malformed)
{
	char skid[2 * MODSIG_ID_MAX + 3];
	struct modsig_signer signer;
	struct bytes cms;
	X509 *cert;

	memset(skid, 'a', sizeof(skid));
	skid[2 * MODSIG_ID_MAX] = '\0';
	cert = make_cert(rsa, skid, "a");
	cms = cms_by(cert, NULL, CMS_USE_KEYID);
	ck_assert_int_eq(signer_of(cms.data, cms.len, &signer), 0);
	ck_assert_str_eq(signer.id, skid);
	X509_free(cert);
	free(cms.data);
	memset(skid, 'a', sizeof(skid));
	skid[2 * MODSIG_ID_MAX + 2] = '\0';
	cert = make_cert(rsa, skid, "a");
	cms = cms_by(cert, NULL, CMS_USE_KEYID);
	ck_assert_int_eq(signer_of(cms.data, cms.len, &signer), -EBADMSG);
	X509_free(cert);
	free(cms.data);
}
END_TEST

static void refused(const char *key, const char *cert, int code, const char *text)
{
	struct module_key *k;

	ck_assert_int_eq(module_key_load(key, cert, NULL, &k, &err), code);
	ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
}

START_TEST(keys_that_no_kernel_takes)
{
	EVP_PKEY *other = EVP_RSA_gen(2048), *small = EVP_RSA_gen(1024), *ec = EVP_EC_gen("P-256");
	char *other_cert = put_cert("other.pem", other, SKID, false), *bare = put_cert("bare.pem", rsa, NULL, false);
	char *small_key = put_key("small.pem", small, NULL), *small_cert = put_cert("small.crt", small, SKID, false);
	char *ec_key = put_key("ec.pem", ec, NULL), *ec_cert = put_cert("ec.crt", ec, SKID, false);
	char *sealed = put_key("sealed.pem", rsa, "secret"), *none = fixture_path(folder, "none");

	refused(key_path, other_cert, -EINVAL, "is not of the module key");
	refused(key_path, bare, -EINVAL, "subject key identifier");
	refused(small_key, small_cert, -EINVAL, "is not RSA of 2048 to 4096 bits");
	refused(ec_key, ec_cert, -EINVAL, "is not RSA");
	refused(key_path, key_path, -EINVAL, "is not an X.509 certificate");
	refused(cert_path, cert_path, -EPERM, "chmod 600");
	chmod(cert_path, 0600);
	refused(cert_path, cert_path, -EINVAL, "is not a private key");
	refused(key_path, none, -ENOENT, "certificate of the module key");
	refused(none, cert_path, -ENOENT, "signing key");
	refused(sealed, cert_path, -EACCES, "wants a passphrase");
	refused("pkcs11:token=a;object=b?module-path=/x.so", cert_path, -EINVAL, "token");
	EVP_PKEY_free(other);
	EVP_PKEY_free(small);
	EVP_PKEY_free(ec);
	free(other_cert);
	free(bare);
	free(small_key);
	free(small_cert);
	free(ec_key);
	free(ec_cert);
	free(sealed);
	free(none);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("modsig");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, signed_module_is_as_the_kernel_reads_it);
	tcase_add_test(tc, certificate_may_be_der);
	tcase_add_test(tc, signed_once_only);
	tcase_add_test(tc, no_marker_is_no_signature);
	tcase_add_test(tc, hostile_lengths_are_malformed);
	tcase_add_test(tc, broken_message_has_no_signer);
	tcase_add_test(tc, signer_by_issuer_and_serial_number);
	tcase_add_test(tc, two_signers_are_none);
	tcase_add_test(tc, long_key_id_is_malformed);
	tcase_add_test(tc, keys_that_no_kernel_takes);
	return fixture_run("modsig", tc);
}
