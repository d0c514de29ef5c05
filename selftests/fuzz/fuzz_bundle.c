// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_bundle.c - the bundle's parser on anything.
 *
 * The first byte chooses the way in: as it is, or with a right header put in
 * front (the next two bytes tell the manifest's share), so that the fuzzer
 * reaches manifest and payload without guessing a header.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "bundle_frame.h"
#include "err.h"
#include "io.h"
#include "manifest.h"
#include "seeds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_bundle(const uint8_t *data, size_t len)
{
	struct klp_err err;
	struct bundle *b;
	const void *extra;
	size_t n;
	void *module;

	if (bundle_parse(data, len, &b, &err))
		return;
	for (size_t i = 0; i < bundle_nr_signatures(b); i++) {
		if (!bundle_signature_key(b, i) || !bundle_signature_role(b, i))
			abort();
	}
	if (bundle_attachment(b, "proof", &extra, &n) && (!n || (const uint8_t *)extra + n > data + len))
		abort();
	/* What takes this bundle takes it with an attachment more, too. */
	if (!bundle_attach(data, len, "proof", "x", 1, &module, &n, &err)) {
		struct bundle *with;

		if (bundle_parse(module, n, &with, &err) || !bundle_attachment(with, "proof", &extra, &n) || n != 1)
			abort();
		bundle_free(with);
		free(module);
	}
	if (!bundle_extract(b, &module, &n, &err)) {
		if (n != bundle_manifest(b)->module_size)
			abort();
		free(module);
	}
	bundle_free(b);
}

/* @data in a frame; the copy is exactly as long as it says, so that overreads show. */
static void try_framed(const uint8_t *data, size_t len, size_t manifest_len)
{
	struct bundle_header h = {
		.magic = BUNDLE_MAGIC, .format = htole32(BUNDLE_FORMAT),
		.header_len = htole32(sizeof(h)), .codec = htole32(BUNDLE_CODEC_ZSTD),
	};
	uint8_t *framed = calloc(1, sizeof(h) + len + 4);

	if (manifest_len > len)
		manifest_len = len;
	h.manifest_len = htole32((uint32_t)manifest_len);
	h.payload_len = htole64(len - manifest_len);
	memcpy(framed, &h, sizeof(h));
	memcpy(framed + sizeof(h), data, len);
	try_bundle(framed, sizeof(h) + len + 4);
	free(framed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 4)
		return 0;
	if (data[0] & 1)
		try_framed(data + 3, size - 3, (size_t)data[1] << 8 | data[2]);
	else
		try_bundle(data + 1, size - 1);
	return 0;
}

/* One good bundle in both ways in, as seeds. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct manifest *m = seed_manifest();
	struct klp_err err;
	struct bundle_header h;
	size_t len, n;
	uint8_t *seed;
	void *b, *attached;

	(void)argc;
	(void)argv;
	if (bundle_build(m, "module module module", 20, NULL, 0, &b, &len, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	memcpy(&h, b, sizeof(h));
	n = le32toh(h.manifest_len);
	seed = malloc(len + 3);
	seed[0] = 0;
	memcpy(seed + 1, b, len);
	seed_write("bundle", seed, len + 1);
	seed[0] = 1;
	seed[1] = (uint8_t)(n >> 8);
	seed[2] = (uint8_t)n;
	memcpy(seed + 3, (uint8_t *)b + sizeof(h), len - sizeof(h) - 4);
	seed_write("framed", seed, len - sizeof(h) - 4 + 3);
	free(seed);
	if (bundle_attach(b, len, "proof", "bytes", 5, &attached, &n, &err))
		abort();
	seed = malloc(n + 1);
	seed[0] = 0;
	memcpy(seed + 1, attached, n);
	seed_write("attached", seed, n + 1);
	free(seed);
	free(attached);
	free(b);
	manifest_free(m);
	return 0;
}
