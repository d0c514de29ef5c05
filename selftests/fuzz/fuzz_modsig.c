// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_modsig.c - any bytes as a module with the kernel's own signature, and as the message in it alone, so that no length has
 * to fit first: what is found lies inside, and who signed is told in text that steers no terminal.
 */
#include <errno.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "modsig.h"
#include "printable.h"
#include "seeds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void look(const struct modsig *sig)
{
	struct modsig_signer s;

	if (modsig_signer(sig, &s))
		return;
	must(*s.id && strlen(s.id) % 2 == 0 && strspn(s.id, "0123456789abcdef") == strlen(s.id));
	must(memchr(s.issuer, 0, sizeof(s.issuer)) && text_is_printable(s.issuer, strlen(s.issuer)));
	must(!s.by_key_id || !*s.issuer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct modsig sig, all = { .cms = data, .cms_len = size }, again;
	void *module;
	size_t len;
	int ret = modsig_find(data, size, &sig);

	look(&all);
	if (!ret) {
		must(sig.content_len && sig.cms_len && sig.cms == data + sig.content_len && sig.cms_len < size - sig.content_len);
		look(&sig);
	}
	if (modsig_append(data, size, "cms", 3, &module, &len))
		return 0;
	must(ret == -ENODATA && !modsig_find(module, len, &again) && again.content_len == size && again.cms_len == 3 &&
	     !memcmp(again.cms, "cms", 3));
	free(module);
	return 0;
}

/* Signed as sign-file does it; the certificate's names have all that a terminal could trip over. */
static void seed(const char *name, unsigned int flags)
{
	static const char cn[] = "a\033[2J\xe2\x80\xae, b+c=\"d\"";
	BIO *in = BIO_new_mem_buf("module", 6);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	unsigned char *der = NULL;
	CMS_ContentInfo *cms;
	struct modsig sig;
	struct modsig_signer s;
	ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	void *module = NULL;
	size_t size = 0;
	int len;

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 0x1234);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 1000);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_set_pubkey(cert, key);
	ASN1_OCTET_STRING_set(id, (const unsigned char *)"0123456789abcdefghij", 20);
	X509_add1_ext_i2d(cert, NID_subject_key_identifier, id, 0, 0);
	must(X509_sign(cert, key, EVP_sha256()) > 0);
	cms = CMS_sign(cert, key, NULL, in, CMS_NOCERTS | CMS_BINARY | CMS_NOSMIMECAP | CMS_NOATTR | CMS_DETACHED | flags);
	must(cms != NULL);
	len = i2d_CMS_ContentInfo(cms, &der);
	must(len > 0 && !modsig_append("module", 6, der, (size_t)len, &module, &size));
	must(!modsig_find(module, size, &sig));
	must(!modsig_signer(&sig, &s) && s.by_key_id == !!flags);
	seed_write(name, module, size);
	free(module);
	ASN1_OCTET_STRING_free(id);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	X509_free(cert);
	EVP_PKEY_free(key);
	BIO_free(in);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	seed("serial", 0);
	seed("key-id", CMS_USE_KEYID);
	return 0;
}
