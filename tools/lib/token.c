// SPDX-License-Identifier: GPL-2.0-or-later
/* token.c - see token.h. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <p11-kit/pkcs11.h>

#include "err.h"
#include "owned.h"
#include "token.h"

#define SCHEME		"pkcs11:"
#define SLOTS_MAX	64
#define PIN_MAX		256
#define WORD		256

struct token_key {
	void *module;
	CK_FUNCTION_LIST *p11;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	bool initialized, open;
};

struct address {
	char token[WORD], object[WORD], module[PATH_MAX];
};

bool token_is_uri(const char *name)
{
	return !strncmp(name, SCHEME, strlen(SCHEME));
}

/* ---- the URI ---- */

static int digit(char c)
{
	const char *all = "0123456789abcdef", *at = c ? strchr(all, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at ? (int)(at - all) : -1;
}

/* "a%20b" of @len bytes into @out. */
static int decode(const char *in, size_t len, char *out, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++, used++) {
		bool escaped = in[i] == '%';

		if (used + 1 >= room || (escaped && (len - i < 3 || digit(in[i + 1]) < 0 || digit(in[i + 2]) < 0)))
			return -EINVAL;
		out[used] = escaped ? (char)(digit(in[i + 1]) << 4 | digit(in[i + 2])) : in[i];
		if (!out[used])
			return -EINVAL;
		i += escaped ? 2 : 0;
	}
	out[used] = '\0';
	return used ? 0 : -EINVAL;
}

/* Each of the three once, and nothing else: what is asked for and not looked at would be a surprise. */
static int parse_uri(const char *uri, struct address *a, struct klp_err *err)
{
	struct { const char *name; char *out; size_t room; } parts[] = {
		{ "token=", a->token, sizeof(a->token) }, { "object=", a->object, sizeof(a->object) },
		{ "module-path=", a->module, sizeof(a->module) },
	};
	size_t n, i, name;
	int ret = 0;

	memset(a, 0, sizeof(*a));
	for (const char *p = uri + strlen(SCHEME); *p && !ret; p += n + !!p[n]) {
		n = strcspn(p, ";?&");
		for (i = 0; i < 3; i++) {
			name = strlen(parts[i].name);
			if (n > name && !strncmp(p, parts[i].name, name))
				break;
		}
		ret = i == 3 || *parts[i].out ? -EINVAL : decode(p + name, n - name, parts[i].out, parts[i].room);
	}
	if (!ret && *a->token && *a->object && *a->module == '/')
		return 0;
	return klp_err_set(err, -EINVAL, "a key in a token is pkcs11:token=LABEL;object=LABEL?module-path=/PATH/OF/module.so, not %s", uri);
}

/* ---- the token ---- */

static int failed(struct klp_err *err, const char *what, CK_RV rv)
{
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED || rv == CKR_PIN_LEN_RANGE)
		return klp_err_set(err, -EACCES, "the token: this isn't its PIN%s", rv == CKR_PIN_LOCKED ? ", and now it is locked" : "");
	return klp_err_set(err, -EIO, "the token: %s failed (CKR 0x%lx)", what, rv);
}

static int load_module(struct token_key *k, const char *path, struct klp_err *err)
{
	CK_RV (*get)(CK_FUNCTION_LIST **);
	CK_RV rv;
	int ret = owned_check(path, err);

	if (ret)
		return ret;
	k->module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!k->module)
		return klp_err_set(err, -EINVAL, "cannot load the PKCS #11 module: %s", dlerror());
	*(void **)&get = dlsym(k->module, "C_GetFunctionList");
	if (!get)
		return klp_err_set(err, -EINVAL, "%s is no PKCS #11 module", path);
	rv = get(&k->p11);
	if (rv)
		return failed(err, "C_GetFunctionList", rv);
	rv = k->p11->C_Initialize(NULL);
	if (rv && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return failed(err, "C_Initialize", rv);
	k->initialized = !rv;
	return 0;
}

/* Labels are padded with blanks to 32 bytes. */
static bool is_label(const unsigned char label[32], const char *want)
{
	size_t n = strlen(want);

	if (n > 32 || memcmp(label, want, n))
		return false;
	for (; n < 32; n++)
		if (label[n] != ' ')
			return false;
	return true;
}

static int open_session(struct token_key *k, const char *label, struct klp_err *err)
{
	CK_SLOT_ID slots[SLOTS_MAX], slot = 0;
	CK_ULONG nr = SLOTS_MAX, found = 0;
	CK_TOKEN_INFO info;
	CK_RV rv = k->p11->C_GetSlotList(CK_TRUE, slots, &nr);

	if (rv)
		return failed(err, "C_GetSlotList", rv);
	for (CK_ULONG i = 0; i < nr; i++)
		if (!k->p11->C_GetTokenInfo(slots[i], &info) && is_label(info.label, label)) {
			slot = slots[i];
			found++;
		}
	if (found != 1)
		return klp_err_set(err, -ENOENT, "there are %lu tokens \"%s\", not one", found, label);
	rv = k->p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &k->session);
	k->open = !rv;
	return rv ? failed(err, "C_OpenSession", rv) : 0;
}

static int log_in(struct token_key *k, const char *uri, signing_key_ask *ask, struct klp_err *err)
{
	char pin[PIN_MAX];
	CK_RV rv;
	int n;

	if (!ask)
		return klp_err_set(err, -EACCES, "%s wants a PIN, and there is nobody to ask", uri);
	n = ask(uri, pin, sizeof(pin), err);
	if (n < 0)
		return n;
	rv = k->p11->C_Login(k->session, CKU_USER, (unsigned char *)pin, (CK_ULONG)n);
	OPENSSL_cleanse(pin, sizeof(pin));
	return rv && rv != CKR_USER_ALREADY_LOGGED_IN ? failed(err, "C_Login", rv) : 0;
}

/* The one Edwards key of that class and label. */
static int find_key(struct token_key *k, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE *out, struct klp_err *err)
{
	CK_KEY_TYPE type = CKK_EC_EDWARDS;
	CK_ATTRIBUTE want[] = {
		{ CKA_CLASS, &class, sizeof(class) }, { CKA_KEY_TYPE, &type, sizeof(type) }, { CKA_LABEL, (void *)label, strlen(label) },
	};
	CK_OBJECT_HANDLE found[2];
	CK_ULONG nr = 0;
	CK_RV rv = k->p11->C_FindObjectsInit(k->session, want, 3);

	if (!rv) {
		rv = k->p11->C_FindObjects(k->session, found, 2, &nr);
		k->p11->C_FindObjectsFinal(k->session);
	}
	if (rv)
		return failed(err, "C_FindObjects", rv);
	if (nr != 1)
		return klp_err_set(err, -ENOENT, "the token has %s Ed25519 key \"%s\" (%s)", nr ? "more than one" : "no", label,
				   class == CKO_PRIVATE_KEY ? "private" : "public");
	*out = found[0];
	return 0;
}

/* 32 bytes, as PKCS #11 3.0 has them in an OCTET STRING of DER, or bare. */
static int read_public(struct token_key *k, const char *label, uint8_t public[PUBLIC_KEY_LEN], struct klp_err *err)
{
	uint8_t point[64];
	CK_ATTRIBUTE a = { CKA_EC_POINT, point, sizeof(point) };
	CK_OBJECT_HANDLE h;
	CK_RV rv;
	int ret = find_key(k, CKO_PUBLIC_KEY, label, &h, err);

	if (ret)
		return ret;
	rv = k->p11->C_GetAttributeValue(k->session, h, &a, 1);
	if (rv)
		return failed(err, "reading the public key", rv);
	if (a.ulValueLen == 34 && point[0] == 4 && point[1] == 32)
		memcpy(public, point + 2, 32);
	else if (a.ulValueLen == 32)
		memcpy(public, point, 32);
	else
		return klp_err_set(err, -EINVAL, "the token's key \"%s\" isn't Ed25519", label);
	return 0;
}

int token_open(const char *uri, signing_key_ask *ask, struct token_key **out, uint8_t public[PUBLIC_KEY_LEN], struct klp_err *err)
{
	struct token_key *k = calloc(1, sizeof(*k));
	struct address a;
	int ret;

	if (!k)
		return klp_err_sys(err, -ENOMEM, "cannot open %s", uri);
	ret = parse_uri(uri, &a, err);
	if (!ret)
		ret = load_module(k, a.module, err);
	if (!ret)
		ret = open_session(k, a.token, err);
	if (!ret)
		ret = log_in(k, uri, ask, err);
	if (!ret)
		ret = find_key(k, CKO_PRIVATE_KEY, a.object, &k->key, err);
	if (!ret)
		ret = read_public(k, a.object, public, err);
	if (ret) {
		token_close(k);
		return ret;
	}
	*out = k;
	return 0;
}

int token_sign(const struct token_key *k, const void *data, size_t len, uint8_t sig[SIGNATURE_LEN], struct klp_err *err)
{
	CK_MECHANISM how = { CKM_EDDSA, NULL, 0 };
	CK_ULONG n = SIGNATURE_LEN;
	CK_RV rv = k->p11->C_SignInit(k->session, &how, k->key);

	if (!rv)
		rv = k->p11->C_Sign(k->session, (unsigned char *)data, len, sig, &n);
	if (rv || n != SIGNATURE_LEN)
		return failed(err, "signing", rv);
	return 0;
}

void token_close(struct token_key *k)
{
	if (!k)
		return;
	if (k->open)
		k->p11->C_CloseSession(k->session);
	if (k->initialized)
		k->p11->C_Finalize(NULL);
	if (k->module)
		dlclose(k->module);
	free(k);
}
