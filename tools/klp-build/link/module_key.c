// SPDX-License-Identifier: GPL-2.0-or-later
/* module_key.c - see module_key.h. */
#include <errno.h>
#include <stdlib.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/xalloc.h"
#include "err.h"
#include "io.h"
#include "modsig.h"
#include "module_key.h"
#include "token.h"

#define CERT_MAX	65536	/* bytes */
#define MIN_BITS	2048
#define MAX_BITS	4096	/* of the kernel's RSA, and shim's */

struct module_key {
	EVP_PKEY *pkey;
	X509 *cert;
};

static int load_cert(const char *path, X509 **out, struct klp_err *err)
{
	const unsigned char *p;
	X509 *cert;
	void *data;
	size_t len;
	BIO *bio;
	int ret = io_read_file(path, CERT_MAX, &data, &len, err);

	if (ret)
		return klp_err_wrap(err, "cannot load the certificate of the module key");
	bio = BIO_new_mem_buf(data, (int)len);
	cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	p = data;
	if (!cert)
		cert = d2i_X509(NULL, &p, (long)len);
	BIO_free(bio);
	free(data);
	ERR_clear_error();
	if (!cert)
		return klp_err_set(err, -EINVAL, "%s is not an X.509 certificate, in PEM or DER form", path);
	*out = cert;
	return 0;
}

/* What the machines would stumble over, where nobody can mend it.  They don't look at the dates of a certificate. */
static int check_pair(const struct module_key *k, const char *key, const char *cert, struct klp_err *err)
{
	int bits = EVP_PKEY_get_bits(k->pkey);

	if (EVP_PKEY_get_base_id(k->pkey) != EVP_PKEY_RSA || bits < MIN_BITS || bits > MAX_BITS)
		return klp_err_set(err, -EINVAL, "the module key %s is not RSA of %d to %d bits, which is what shim and all kernels take",
				   key, MIN_BITS, MAX_BITS);
	if (X509_check_private_key(k->cert, k->pkey) != 1)
		return klp_err_set(err, -EINVAL, "the certificate %s is not of the module key %s", cert, key);
	if (!X509_get0_subject_key_id(k->cert))
		return klp_err_set(err, -EINVAL, "the certificate %s has no subject key identifier, by which kernels find it; make it "
				   "with: openssl req -x509 -addext subjectKeyIdentifier=hash", cert);
	return 0;
}

int module_key_load(const char *key, const char *cert, signing_key_ask *ask, struct module_key **out, struct klp_err *err)
{
	struct module_key *k = xcalloc(1, sizeof(*k));
	int ret = 0;

	if (token_is_uri(key))
		ret = klp_err_set(err, -EINVAL, "a module key in a token isn't supported: it has to be a PEM file, not %s", key);
	if (!ret)
		ret = load_cert(cert, &k->cert, err);
	if (!ret)
		ret = private_key_load(key, ask, &k->pkey, err);
	if (!ret)
		ret = check_pair(k, key, cert, err);
	ERR_clear_error();
	if (ret) {
		module_key_free(k);
		return ret;
	}
	*out = k;
	return 0;
}

/* The CMS message as DER. */
static int make_cms(const struct module_key *k, const void *module, size_t len, unsigned char **der, int *der_len)
{
	/* The key id rather than issuer and serial number: it is what a kernel tells of the keys that it has. */
	const unsigned int how = CMS_NOCERTS | CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP | CMS_NOATTR | CMS_USE_KEYID;
	BIO *bio = BIO_new_mem_buf(module, (int)len);
	CMS_ContentInfo *cms = bio ? CMS_sign(NULL, NULL, NULL, NULL, CMS_NOCERTS | CMS_PARTIAL | CMS_BINARY | CMS_DETACHED | CMS_STREAM) : NULL;

	*der = NULL;
	*der_len = -1;
	if (cms && CMS_add1_signer(cms, k->cert, k->pkey, EVP_sha256(), how) && CMS_final(cms, bio, NULL, CMS_NOCERTS | CMS_BINARY) == 1)
		*der_len = i2d_CMS_ContentInfo(cms, der);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	ERR_clear_error();
	return *der_len > 0 ? 0 : -EIO;
}

int module_key_sign(const struct module_key *k, const void *module, size_t len, void **out, size_t *out_len, struct klp_err *err)
{
	unsigned char *der;
	int n, ret = len <= INT32_MAX ? make_cms(k, module, len, &der, &n) : -EFBIG;

	if (!ret) {
		ret = modsig_append(module, len, der, (size_t)n, out, out_len);
		OPENSSL_free(der);
	}
	return ret ? klp_err_sys(err, ret, "cannot sign the patch module with the module key") : 0;
}

void module_key_free(struct module_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	X509_free(k->cert);
	free(k);
}
