// SPDX-License-Identifier: GPL-2.0-or-later
/* modsig.c - see modsig.h. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "hex.h"
#include "modsig.h"
#include "printable.h"

static const char marker[] = "~Module signature appended~\n";
#define MARKER_LEN	(sizeof(marker) - 1)
#define PKEY_ID_PKCS7	2

/* struct module_signature of include/linux/module_signature.h; all but id_type and sig_len is 0. */
struct trailer {
	uint8_t algo, hash, id_type, signer_len, key_id_len, pad[3];
	uint8_t sig_len[4];	/* big-endian */
};
_Static_assert(sizeof(struct trailer) == 12, "as the kernel has it");

int modsig_find(const void *module, size_t len, struct modsig *out)
{
	struct trailer t, none = { .id_type = PKEY_ID_PKCS7 };
	const uint8_t *p = module;
	size_t sig_len;

	if (len < MARKER_LEN || memcmp(p + len - MARKER_LEN, marker, MARKER_LEN))
		return -ENODATA;
	len -= MARKER_LEN;
	if (len < sizeof(t))
		return -EBADMSG;
	len -= sizeof(t);
	memcpy(&t, p + len, sizeof(t));
	sig_len = (size_t)t.sig_len[0] << 24 | t.sig_len[1] << 16 | t.sig_len[2] << 8 | t.sig_len[3];
	memcpy(none.sig_len, t.sig_len, sizeof(none.sig_len));
	/* Something has to be left that is signed. */
	if (memcmp(&t, &none, sizeof(t)) || !sig_len || sig_len >= len)
		return -EBADMSG;
	*out = (struct modsig){ .content_len = len - sig_len, .cms = p + len - sig_len, .cms_len = sig_len };
	return 0;
}

static int put_id(const ASN1_STRING *s, struct modsig_signer *out)
{
	int len = s ? ASN1_STRING_length(s) : 0;

	if (len < 1 || len > MODSIG_ID_MAX)
		return -EBADMSG;
	hex_encode(ASN1_STRING_get0_data(s), (size_t)len, out->id);
	return 0;
}

/* "CN=DKMS module signing key", as X509_NAME_print_ex() has it in one line. */
static int put_issuer(const X509_NAME *name, struct modsig_signer *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio)
		return -ENOMEM;
	/* What can't be shown is told by the serial number alone. */
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		text_printable(text, len > 0 ? (size_t)len : 0, out->issuer, sizeof(out->issuer));
	}
	BIO_free(bio);
	return 0;
}

static int signer_of(CMS_ContentInfo *cms, struct modsig_signer *out)
{
	STACK_OF(CMS_SignerInfo) *all = CMS_get0_SignerInfos(cms);
	ASN1_OCTET_STRING *key_id = NULL;
	ASN1_INTEGER *serial = NULL;
	X509_NAME *issuer = NULL;
	int ret;

	if (sk_CMS_SignerInfo_num(all) != 1 ||
	    CMS_SignerInfo_get0_signer_id(sk_CMS_SignerInfo_value(all, 0), &key_id, &issuer, &serial) != 1)
		return -EBADMSG;
	out->by_key_id = key_id != NULL;
	ret = put_id(key_id ? key_id : serial, out);
	return ret || key_id ? ret : put_issuer(issuer, out);
}

int modsig_signer(const struct modsig *sig, struct modsig_signer *out)
{
	struct modsig_signer signer = { 0 };
	const uint8_t *p = sig->cms;
	CMS_ContentInfo *cms = sig->cms_len <= LONG_MAX ? d2i_CMS_ContentInfo(NULL, &p, (long)sig->cms_len) : NULL;
	int ret = -EBADMSG;

	if (cms && p == sig->cms + sig->cms_len && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed)
		ret = signer_of(cms, &signer);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	if (!ret)
		*out = signer;
	return ret;
}

int modsig_append(const void *module, size_t len, const void *cms, size_t cms_len, void **out, size_t *out_len)
{
	struct trailer t = { .id_type = PKEY_ID_PKCS7,
			     .sig_len = { cms_len >> 24, cms_len >> 16, cms_len >> 8, cms_len } };
	struct modsig there;
	uint8_t *p;

	if (!len || !cms_len || cms_len > INT_MAX || modsig_find(module, len, &there) != -ENODATA)
		return -EINVAL;
	p = malloc(len + cms_len + sizeof(t) + MARKER_LEN);
	if (!p)
		return -ENOMEM;
	*out = p;
	*out_len = len + cms_len + sizeof(t) + MARKER_LEN;
	memcpy(p, module, len);
	memcpy(p + len, cms, cms_len);
	memcpy(p + len + cms_len, &t, sizeof(t));
	memcpy(p + len + cms_len + sizeof(t), marker, MARKER_LEN);
	return 0;
}
