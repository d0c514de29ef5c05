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

#define KEY_FILE_MAX	16384	/* bytes; a PEM key has about 120 */
#define THRESHOLD_FILE_MAX 16	/* bytes */

struct signing_key {
	EVP_PKEY *pkey;		/* of a token's key only the public half */
	struct token_key *token;	/* or NULL */
	uint8_t id[KEY_ID_LEN];
	uint8_t public[PUBLIC_KEY_LEN];
};

struct trusted_key {
	EVP_PKEY *pkey;
	uint8_t id[KEY_ID_LEN];
};

struct keyring {
	struct trusted_key *keys;
	size_t nr;
	size_t threshold;
};

/* @raw: the public half. */
static int key_id(EVP_PKEY *pkey, uint8_t raw[PUBLIC_KEY_LEN], uint8_t id[KEY_ID_LEN])
{
	size_t len = PUBLIC_KEY_LEN;

	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1 || len != PUBLIC_KEY_LEN)
		return -EINVAL;
	return sha256(raw, PUBLIC_KEY_LEN, id);
}

/* ---- private keys ---- */

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
	ret = key_id(pkey, key->public, key->id);
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

/* ---- trusted keys ---- */

static const struct trusted_key *find(const struct keyring *ring, const uint8_t id[KEY_ID_LEN])
{
	for (size_t i = 0; i < ring->nr; i++) {
		if (!memcmp(ring->keys[i].id, id, KEY_ID_LEN))
			return &ring->keys[i];
	}
	return NULL;
}

/* Takes over @pkey.  A key that is there already counts once. */
static int add_key(struct keyring *ring, EVP_PKEY *pkey)
{
	struct trusted_key key = { .pkey = pkey }, *keys;
	uint8_t raw[PUBLIC_KEY_LEN];
	int ret = key_id(pkey, raw, key.id);

	if (ret || find(ring, key.id)) {
		EVP_PKEY_free(pkey);
		return ret;
	}
	keys = reallocarray(ring->keys, ring->nr + 1, sizeof(*keys));
	if (!keys) {
		EVP_PKEY_free(pkey);
		return -ENOMEM;
	}
	ring->keys = keys;
	ring->keys[ring->nr++] = key;
	return 0;
}

/* A second key in the file would be trusted unseen or lost. */
static bool is_one_block(const char *pem, size_t len)
{
	static const char begin[] = "-----BEGIN ";
	const char *first = memmem(pem, len, begin, sizeof(begin) - 1);

	return first && !memmem(first + 1, (size_t)(pem + len - first) - 1, begin, sizeof(begin) - 1);
}

/*
 * Exactly one public key.  @spki is what comes before its own bytes (RFC 8410, section 4); OpenSSL's decoders would find that
 * out, too, but setting them up takes longer (3 ms) than all else that a run does with the key.
 */
static EVP_PKEY *read_public(const void *pem, size_t len)
{
	static const uint8_t spki[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	EVP_PKEY *pkey = NULL;
	long n;

	if (bio && is_one_block(pem, len) && PEM_read_bio(bio, &name, &header, &der, &n) && !strcmp(name, "PUBLIC KEY") && !*header &&
	    n == sizeof(spki) + PUBLIC_KEY_LEN && !memcmp(der, spki, sizeof(spki)))
		pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, der + sizeof(spki), PUBLIC_KEY_LEN);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

int keyring_add(struct keyring *ring, const char *path, struct klp_err *err)
{
	EVP_PKEY *pkey;
	size_t len;
	void *pem;
	int ret;

	ret = io_read_file(path, KEY_FILE_MAX, &pem, &len, err);
	if (ret)
		return klp_err_wrap(err, "cannot load the trusted key");
	pkey = read_public(pem, len);
	free(pem);
	ret = pkey ? add_key(ring, pkey) : -EINVAL;
	if (ret == -EINVAL)
		return klp_err_set(err, ret,
				   "%s is not one Ed25519 public key in PEM form; remove it, or replace it with the .pub file of `klp-repo keygen`",
				   path);
	if (ret)
		return klp_err_sys(err, ret, "cannot load the trusted key %s", path);
	return 0;
}

int keyring_add_raw(struct keyring *ring, const uint8_t raw[PUBLIC_KEY_LEN], struct klp_err *err)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, PUBLIC_KEY_LEN);

	if (!pkey || add_key(ring, pkey))
		return klp_err_sys(err, -ENOMEM, "cannot add a key to the keyring");
	return 0;
}

int keyring_add_own(struct keyring *ring, const struct signing_key *key, struct klp_err *err)
{
	EVP_PKEY_up_ref(key->pkey);
	if (add_key(ring, key->pkey))
		return klp_err_sys(err, -ENOMEM, "cannot add the key to the keyring");
	return 0;
}

int key_file_public(const char *path, uint8_t raw[PUBLIC_KEY_LEN], uint8_t id[KEY_ID_LEN], struct klp_err *err)
{
	size_t len;
	struct signing_key *key;
	EVP_PKEY *pkey;
	void *pem;
	int ret;

	ret = io_read_file(path, KEY_FILE_MAX, &pem, &len, err);
	if (ret)
		return ret;
	pkey = read_public(pem, len);
	OPENSSL_cleanse(pem, len);
	free(pem);
	if (!pkey && !signing_key_load(path, &key, err)) {
		pkey = key->pkey;
		EVP_PKEY_up_ref(pkey);
		signing_key_free(key);
	}
	ret = pkey ? key_id(pkey, raw, id) : -EINVAL;
	EVP_PKEY_free(pkey);
	return ret ? klp_err_set(err, ret, "%s is neither a public nor a private Ed25519 key; `klp-repo keygen` makes both", path) : 0;
}

/* A key that anybody may replace is nobody's key. */
static int check_trusted(const char *path, struct klp_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return klp_err_sys(err, -errno, "cannot load the trusted key %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return klp_err_set(err, -EINVAL, "%s is not a regular file", path);
	return owned_check(path, err);
}

static bool is_pub(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > 4 && !strcmp(name + n - 4, ".pub");
}

static int load_folder(struct keyring *ring, DIR *folder, const char *dir, struct klp_err *err)
{
	char path[PATH_MAX];
	struct dirent *de;
	int ret;

	ret = check_trusted(dir, err);
	while (!ret && (de = readdir(folder))) {
		if (!is_pub(de->d_name))
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, de->d_name) >= sizeof(path))
			return klp_err_sys(err, -ENAMETOOLONG, "cannot load keys of %s", dir);
		ret = check_trusted(path, err);
		if (!ret)
			ret = keyring_add(ring, path, err);
	}
	return ret;
}

/* "2\n": how many keys have to have signed.  Without the file, one. */
static int load_threshold(struct keyring *ring, const char *dir, struct klp_err *err)
{
	char path[PATH_MAX], *text, *end;
	unsigned long n;
	size_t len;
	void *data;
	int ret;

	if ((size_t)snprintf(path, sizeof(path), "%s/" KEYRING_THRESHOLD, dir) >= sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "cannot load keys of %s", dir);
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	ret = check_trusted(path, err);
	if (!ret)
		ret = io_read_file(path, THRESHOLD_FILE_MAX, &data, &len, err);
	if (ret)
		return klp_err_wrap(err, "cannot tell how many keys have to sign");
	text = data;
	n = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || strlen(text) != len || strcmp(end, "\n") || n > ring->nr)
		ret = klp_err_set(err, -EINVAL,
				  "%s must be a line with a number from 1 to %zu, of the trusted keys that have to sign a bundle",
				  path, ring->nr);
	else
		ring->threshold = n;
	free(data);
	return ret;
}

int keyring_new(size_t threshold, struct keyring **out, struct klp_err *err)
{
	struct keyring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return klp_err_sys(err, -ENOMEM, "cannot make a keyring");
	ring->threshold = threshold;
	*out = ring;
	return 0;
}

int keyring_load(const char *dir, struct keyring **out, struct klp_err *err)
{
	struct keyring *ring = NULL;
	DIR *folder;
	int ret = keyring_new(1, &ring, err);

	if (ret)
		return ret;
	folder = opendir(dir);
	if (folder) {
		ret = load_folder(ring, folder, dir, err);
		if (!ret)
			ret = load_threshold(ring, dir, err);
		closedir(folder);
	} else if (errno != ENOENT) {
		ret = klp_err_sys(err, -errno, "cannot load the trusted keys of %s", dir);
	}
	if (ret) {
		keyring_free(ring);
		return ret;
	}
	*out = ring;
	return 0;
}

size_t keyring_size(const struct keyring *ring)
{
	return ring->nr;
}

const uint8_t *keyring_key_id(const struct keyring *ring, size_t i)
{
	return ring->keys[i].id;
}

size_t keyring_threshold(const struct keyring *ring)
{
	return ring->threshold;
}

void keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->nr; i++)
		EVP_PKEY_free(ring->keys[i].pkey);
	free(ring->keys);
	free(ring);
}

int keyring_verify(const struct keyring *ring, const uint8_t id[KEY_ID_LEN],
		   const void *data, size_t len, const uint8_t sig[SIGNATURE_LEN],
		   struct klp_err *err)
{
	const struct trusted_key *key = find(ring, id);
	char hex[2 * KEY_ID_LEN + 1];
	EVP_MD_CTX *ctx;
	int ok;

	hex_encode(id, KEY_ID_LEN, hex);
	if (!key)
		return klp_err_set(err, -ENOKEY, "key %.16s... is not trusted here", hex);
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return klp_err_sys(err, -ENOMEM, "cannot verify a signature");
	ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	     EVP_DigestVerify(ctx, sig, SIGNATURE_LEN, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok ? 0 : klp_err_set(err, -EKEYREJECTED,
				    "the signature of key %.16s... doesn't match the content", hex);
}
