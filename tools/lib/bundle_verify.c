// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bundle_verify.c - the only place that makes a struct verified_bundle.
 *
 * Order matters: copy to memory that nobody can change, find the frame, check
 * the signatures, and only then read manifest and payload.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundle.h"
#include "bundle_frame.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "keyring.h"

/* A sealed memfd and its read-only mapping. */
struct sealed {
	int fd;
	void *map;
	size_t len;
};

struct verified_bundle {
	struct sealed file;	/* the bundle, as verified */
	struct sealed module;	/* the .ko */
	struct bundle *bundle;	/* borrows file.map */
	bool insecure;
	char id[BUNDLE_ID_LEN + 1];
	char file_digest[SHA256_HEX_LEN + 1];
};

static int sealed_map(struct sealed *s, struct klp_err *err)
{
	void *map = mmap(NULL, s->len, PROT_READ, MAP_PRIVATE, s->fd, 0);

	if (map == MAP_FAILED)
		return klp_err_sys(err, -errno, "cannot map a sealed memory file");
	s->map = map;
	return 0;
}

static void sealed_close(struct sealed *s)
{
	if (s->map)
		munmap(s->map, s->len);
	if (s->fd >= 0)
		close(s->fd);
}

/* 0: good; -ENOKEY: key unknown; -EKEYREJECTED: wrong. */
static int verify_one(const struct bundle_frame *f, size_t i, const struct keyring *keyring,
		      struct klp_err *err)
{
	struct bundle_signature s = bundle_frame_signature(f, i);
	void *message;
	size_t len;
	int ret;

	ret = bundle_signed_message(f->data, f->signed_len, s.role, &message, &len, err);
	if (ret)
		return ret;
	ret = keyring_verify(keyring, s.key_id, message, len, s.signature, err);
	free(message);
	return ret;
}

/*
 * As many trusted keys as the keyring wants have signed, and no trusted key's signature is wrong.  Each key
 * counts once: bundle_frame_parse() refuses a second signature of one.
 */
static int verify_signatures(const struct bundle_frame *f, const struct keyring *keyring,
			     struct klp_err *err)
{
	size_t good = 0;
	int ret;

	for (size_t i = 0; i < f->nr_signatures; i++) {
		ret = verify_one(f, i, keyring, err);
		if (!ret)
			good++;
		else if (ret != -ENOKEY)
			return ret;
	}
	if (good >= keyring_threshold(keyring))
		return 0;
	if (good)
		return klp_err_set(err, -ENOKEY,
				   "the bundle is signed by %zu trusted key%s, and the keyring wants %zu; have another keeper of a key sign it: `klp-repo sign`",
				   good, good == 1 ? "" : "s", keyring_threshold(keyring));
	if (!f->nr_signatures)
		return klp_err_set(err, -ENOKEY,
				   "the bundle is not signed; `klp-repo sign` signs it, `klp-apply load --insecure` takes it as it is");
	return klp_err_set(err, -ENOKEY,
			   "none of the bundle's %zu signatures is by a trusted key (%zu in the keyring); add the signer's .pub file to the keyring if you trust it",
			   f->nr_signatures, keyring_size(keyring));
}

static int verify_frame(struct verified_bundle *vb, const struct keyring *keyring,
			bool insecure, struct bundle_frame *f, struct klp_err *err)
{
	int ret;

	ret = bundle_frame_parse(vb->file.map, vb->file.len, f, err);
	if (ret)
		return ret;
	if (insecure && !f->nr_signatures) {
		vb->insecure = true;
		return 0;
	}
	return verify_signatures(f, keyring, err);
}

static int seal_module(struct verified_bundle *vb, struct klp_err *err)
{
	void *module;
	int ret;

	ret = bundle_extract(vb->bundle, &module, &vb->module.len, err);
	if (ret)
		return ret;
	ret = io_sealed_memfd("klp-module", module, vb->module.len, &vb->module.fd, err);
	free(module);
	return ret ? ret : sealed_map(&vb->module, err);
}

static int verify(struct verified_bundle *vb, int fd, const struct keyring *keyring,
		  bool insecure, struct klp_err *err)
{
	struct bundle_frame f;
	int ret;

	ret = io_sealed_copy(fd, "the bundle", BUNDLE_MAX, &vb->file.fd, &vb->file.len, err);
	if (ret)
		return ret;
	if (!vb->file.len)
		return klp_err_set(err, -EBADMSG, "malformed bundle: the file is empty");
	ret = sealed_map(&vb->file, err);
	if (!ret)
		ret = verify_frame(vb, keyring, insecure, &f, err);
	if (!ret)
		ret = bundle_from_frame(&f, &vb->bundle, err);
	if (!ret)
		ret = seal_module(vb, err);
	if (!ret && (bundle_frame_id(&f, vb->id) || sha256_hex(vb->file.map, vb->file.len, vb->file_digest)))
		ret = klp_err_set(err, -EIO, "cannot compute the bundle's digest");
	return ret;
}

int bundle_verify(int fd, const struct keyring *keyring, bool insecure,
		  struct verified_bundle **out, struct klp_err *err)
{
	struct verified_bundle *vb = calloc(1, sizeof(*vb));
	int ret;

	if (!vb)
		return klp_err_sys(err, -ENOMEM, "cannot verify a bundle");
	vb->file.fd = -1;
	vb->module.fd = -1;
	ret = verify(vb, fd, keyring, insecure, err);
	if (ret) {
		verified_bundle_free(vb);
		return ret;
	}
	*out = vb;
	return 0;
}

void verified_bundle_free(struct verified_bundle *vb)
{
	if (!vb)
		return;
	bundle_free(vb->bundle);
	sealed_close(&vb->module);
	sealed_close(&vb->file);
	free(vb);
}

const struct manifest *verified_bundle_manifest(const struct verified_bundle *vb)
{
	return bundle_manifest(vb->bundle);
}

bool verified_bundle_insecure(const struct verified_bundle *vb)
{
	return vb->insecure;
}

int verified_bundle_module_fd(const struct verified_bundle *vb)
{
	return vb->module.fd;
}

const void *verified_bundle_module(const struct verified_bundle *vb, size_t *len)
{
	*len = vb->module.len;
	return vb->module.map;
}

const char *verified_bundle_id(const struct verified_bundle *vb)
{
	return vb->id;
}

const char *verified_bundle_file_digest(const struct verified_bundle *vb)
{
	return vb->file_digest;
}

bool verified_bundle_attachment(const struct verified_bundle *vb, const char *name, const void **data, size_t *len)
{
	return bundle_attachment(vb->bundle, name, data, len);
}
