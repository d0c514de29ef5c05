// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sign.c - see sign.h.  Raw Ed25519 through OpenSSL's EVP interface; OpenSSL
 * 3.0's CMS can't do Ed25519, so the framing of signatures is our own
 * (bundle.c, repo.c).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "owned.h"
#include "sign.h"
#include "token.h"


struct signing_key {
	EVP_PKEY *pkey;		/* of a token's key only the public half */
	struct token_key *token;	/* or NULL */
	uint8_t id[KEY_ID_LEN];
	uint8_t public[PUBLIC_KEY_LEN];
};

int public_key_id(EVP_PKEY *pkey, uint8_t raw[PUBLIC_KEY_LEN], uint8_t id[KEY_ID_LEN])
{
	size_t len = PUBLIC_KEY_LEN;

	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1 || len != PUBLIC_KEY_LEN)
		return -EINVAL;
	return sha256(raw, PUBLIC_KEY_LEN, id);
}

/* Takes over @pkey. */
static int signing_key_wrap(EVP_PKEY *pkey, struct signing_key **out)
{
	struct signing_key *key = calloc(1, sizeof(*key));
	int ret;

	if (!key) {
		EVP_PKEY_free(pkey);
		return -ENOMEM;
	}
	key->pkey = pkey;
	ret = public_key_id(pkey, key->public, key->id);
	if (ret) {
		signing_key_free(key);
		return ret;
	}
	*out = key;
	return 0;
}

int signing_key_generate(struct signing_key **out, struct klp_err *err)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	int ret;

	ret = pkey ? signing_key_wrap(pkey, out) : -EIO;
	if (ret)
		return klp_err_sys(err, ret, "cannot generate an Ed25519 key");
	return 0;
}

/* The passphrase that the tool is asked for, when the key turns out to want one. */
struct asking {
	const char *path;
	signing_key_ask *ask;
	struct klp_err *err;
	int failed;		/* what ask() said */
	bool asked;
};

static int give_passphrase(char *buf, int size, int rwflag, void *arg)
{
	struct asking *a = arg;
	int n;

	(void)rwflag;
	a->asked = true;
	if (!a->ask)
		return -1;
	n = a->ask(a->path, buf, (size_t)size, a->err);
	if (n < 0)
		a->failed = n;
	return n;
}

static int parse_private(const char *path, const void *pem, size_t len, signing_key_ask *ask, EVP_PKEY **out,
			 struct klp_err *err)
{
	struct asking a = { .path = path, .ask = ask, .err = err };
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &a) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (pkey) {
		*out = pkey;
		return 0;
	}
	if (a.failed)
		return a.failed;
	if (a.asked)
		return klp_err_set(err, -EACCES, "%s wants a passphrase, and %s", path, ask ? "this isn't it" : "there is nobody to ask");
	return klp_err_set(err, -EINVAL, "%s is not a private key in PEM form", path);
}

/* Whoever can read it can sign, unless it has a passphrase; whoever can replace it has others sign with theirs. */
static int check_private(const char *path, struct klp_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return klp_err_sys(err, -errno, "cannot load the signing key %s", path);
	if (S_ISREG(st.st_mode) && st.st_mode & 0007)
		return klp_err_set(err, -EPERM, "the signing key %s can be read or written by anybody; `chmod 600 %s`, and think of it as lost",
				   path, path);
	return owned_check(path, err);
}

static int load_from_token(const char *uri, signing_key_ask *ask, struct signing_key **out, struct klp_err *err)
{
	uint8_t public[PUBLIC_KEY_LEN];
	struct token_key *token;
	EVP_PKEY *pkey;
	int ret;

	ret = token_open(uri, ask, &token, public, err);
	if (ret)
		return ret;
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, sizeof(public));
	ret = pkey ? signing_key_wrap(pkey, out) : -ENOMEM;
	if (ret) {
		token_close(token);
		return klp_err_sys(err, ret, "cannot use the key %s", uri);
	}
	(*out)->token = token;
	return 0;
}

int private_key_load(const char *path, signing_key_ask *ask, EVP_PKEY **out, struct klp_err *err)
{
	size_t len;
	void *pem;
	int ret;

	ret = check_private(path, err);
	if (ret)
		return ret;
	ret = io_read_file(path, KEY_FILE_MAX, &pem, &len, err);
	if (ret)
		return klp_err_wrap(err, "cannot load the signing key");
	ret = parse_private(path, pem, len, ask, out, err);
	OPENSSL_cleanse(pem, len);
	free(pem);
	return ret;
}

int signing_key_load_asking(const char *path, signing_key_ask *ask, struct signing_key **out, struct klp_err *err)
{
	EVP_PKEY *pkey;
	int ret;

	if (token_is_uri(path))
		return load_from_token(path, ask, out, err);
	ret = private_key_load(path, ask, &pkey, err);
	if (!ret)
		ret = signing_key_wrap(pkey, out);
	if (ret == -EINVAL)
		return klp_err_set(err, ret, "%s is not an Ed25519 private key in PEM form; `klp-repo keygen` makes one", path);
	return ret;
}

/* PKCS #8, encrypted under a key that scrypt (N 2^14, r 8, p 1: 16 MiB, OpenSSL's own figures) makes of @passphrase. */
static int write_encrypted(BIO *bio, EVP_PKEY *pkey, const char *passphrase)
{
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(pkey);
	X509_ALGOR *how = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, 1 << 14, 8, 1);
	X509_SIG *sealed = plain && how ? PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), plain, how) : NULL;
	int ok = sealed ? PEM_write_bio_PKCS8(bio, sealed) : 0;

	if (!sealed)
		X509_ALGOR_free(how);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(plain);
	return ok;
}

static int write_private(BIO *bio, EVP_PKEY *pkey, const char *passphrase)
{
	return passphrase ? write_encrypted(bio, pkey, passphrase) :
			    PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
}

/* One half of @pkey as PEM, in a new file. */
static int save_pem(const char *path, mode_t mode, EVP_PKEY *pkey, bool private, const char *passphrase,
		    struct klp_err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long len;
	int ok, ret;

	if (!bio)
		return klp_err_sys(err, -ENOMEM, "cannot write %s", path);
	ok = private ? write_private(bio, pkey, passphrase) : PEM_write_bio_PUBKEY(bio, pkey);
	len = BIO_get_mem_data(bio, &pem);
	if (ok == 1 && len > 0)
		ret = io_write_new(path, pem, (size_t)len, mode, err);
	else
		ret = klp_err_set(err, -EIO, "cannot write %s: the key can't be encoded", path);
	BIO_free(bio);
	return ret;
}

int signing_key_save_sealed(const struct signing_key *key, const char *path, const char *passphrase, struct klp_err *err)
{
	char pub[PATH_MAX];
	int ret;

	if ((size_t)snprintf(pub, sizeof(pub), "%s.pub", path) >= sizeof(pub))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot write %s.pub", path);
	if (!access(pub, F_OK))
		return klp_err_sys(err, -EEXIST, "cannot write %s", pub);
	ret = save_pem(path, 0600, key->pkey, true, passphrase, err);
	if (ret)
		return ret;
	ret = save_pem(pub, 0644, key->pkey, false, NULL, err);
	if (ret)
		unlink(path);
	return ret;
}

int signing_key_load(const char *path, struct signing_key **out, struct klp_err *err)
{
	return signing_key_load_asking(path, NULL, out, err);
}

int signing_key_save(const struct signing_key *key, const char *path, struct klp_err *err)
{
	return signing_key_save_sealed(key, path, NULL, err);
}

const uint8_t *signing_key_id(const struct signing_key *key)
{
	return key->id;
}

void signing_key_public(const struct signing_key *key, uint8_t out[PUBLIC_KEY_LEN])
{
	memcpy(out, key->public, PUBLIC_KEY_LEN);
}

int signing_key_sign(const struct signing_key *key, const void *data, size_t len,
		     uint8_t sig[SIGNATURE_LEN], struct klp_err *err)
{
	EVP_MD_CTX *ctx;
	size_t n = SIGNATURE_LEN;
	int ok;

	if (key->token)
		return token_sign(key->token, data, len, sig, err);
	ctx = EVP_MD_CTX_new();
	ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	     EVP_DigestSign(ctx, sig, &n, data, len) == 1 && n == SIGNATURE_LEN;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : klp_err_set(err, -EIO, "the Ed25519 signature failed");
}

void signing_key_free(struct signing_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	token_close(key->token);
	free(key);
}
