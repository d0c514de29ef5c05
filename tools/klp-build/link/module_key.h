/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module_key.h - the key that kernels with Secure Boot or lockdown know: what it signs is the .ko itself, as the kernel's
 * scripts/sign-file does (tools/lib/modsig.h has the form).
 */
#ifndef KLP_MODULE_KEY_H
#define KLP_MODULE_KEY_H

#include <stddef.h>

#include "sign.h"

struct module_key;

/*
 * @key: PEM; @cert: the X.509 certificate of it, PEM or DER, which is enrolled on the machines.  @ask as for signing_key_load_asking().
 * -EINVAL: not RSA of 2048 to 4096 bits, which all kernels and shim take; the certificate isn't the key's, or has no subject
 * key identifier.  Else as signing_key_load_asking().
 */
int module_key_load(const char *key, const char *cert, signing_key_ask *ask, struct module_key **out, struct klp_err *err);
/* @module with a signature behind it, malloc()ed; the same bytes each time (PKCS #1 v1.5 over SHA-256, without signed attributes). */
int module_key_sign(const struct module_key *k, const void *module, size_t len, void **out, size_t *out_len, struct klp_err *err);
void module_key_free(struct module_key *k);

#endif
