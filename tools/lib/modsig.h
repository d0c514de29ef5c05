/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modsig.h - the kernel's own signature of a module, which kernels with Secure Boot or lockdown ask for: behind the ELF file
 * come a CMS message (PKCS #7, DER), 12 bytes that say how long it is, and a line of text.  The kernel's scripts/sign-file
 * writes the same; its kernel/module/signing.c reads it.
 */
#ifndef KLP_MODSIG_H
#define KLP_MODSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODSIG_ID_MAX	32	/* bytes of a key id or a serial number; more common are 20 */
#define MODSIG_NAME_MAX	256	/* with the NUL */

struct klp_err;

struct modsig {
	size_t content_len;	/* bytes that it signs: the module without it */
	const uint8_t *cms;	/* in the module's bytes */
	size_t cms_len;
};

/* Who signed, as the message says it: by the key id of the signer's certificate, or by that certificate's issuer and serial number. */
struct modsig_signer {
	bool by_key_id;
	char id[2 * MODSIG_ID_MAX + 1];		/* hex: the subject key identifier, or the serial number */
	char issuer[MODSIG_NAME_MAX];		/* printable; "" if by_key_id */
};

/* -ENODATA: it carries none; -EBADMSG: it carries one that the kernel refuses as malformed. */
int modsig_find(const void *module, size_t len, struct modsig *out);
/* -EBADMSG: not a CMS message of one signer, in the form that kernels take. */
int modsig_signer(const struct modsig *sig, struct modsig_signer *out);
/* @module, which carries none, with the CMS message behind it; malloc()ed.  -EINVAL, -ENOMEM. */
int modsig_append(const void *module, size_t len, const void *cms, size_t cms_len, void **out, size_t *out_len);

#endif
