// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_bundle.c - the .klp file: what is refused, and that nothing else gets in.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zstd.h>

#include "bundle.h"
#include "bundle_frame.h"
#include "err.h"
#include "fixture.h"
#include "io.h"
#include "keyring.h"
#include "manifest.h"
#include "sign.h"

static struct signing_key *key;
static struct keyring *ring;
static struct bytes good;	/* release 3, signed by key */
static struct klp_err err;

static void setup(void)
{
	key = fixture_key();
	ring = fixture_keyring(key);
	good = fixture_bundle(3, key);
}

static void teardown(void)
{
	free(good.data);
	keyring_free(ring);
	signing_key_free(key);
}

/* bundle_verify() of bytes; on success the result is checked and dropped. */
static int verify(const void *data, size_t len, bool insecure)
{
	struct verified_bundle *vb;
	int fd = fixture_fd(data, len), ret;

	err.text[0] = '\0';
	ret = bundle_verify(fd, ring, insecure, &vb, &err);
	close(fd);
	if (!ret)
		verified_bundle_free(vb);
	else
		ck_assert_msg(*err.text, "no text for error %d", ret);
	return ret;
}

static struct bundle_header header_of(const struct bytes *b)
{
	struct bundle_header h;

	memcpy(&h, b->data, sizeof(h));
	return h;
}

/* Bytes of a bundle up to the signature block. */
static size_t signed_len(const struct bytes *b)
{
	struct bundle_header h = header_of(b);

	return sizeof(h) + le32toh(h.manifest_len) + le64toh(h.payload_len);
}

/* Sign whatever the first @len bytes are, as a rogue holder of a good key could. */
static struct bytes resign(const void *data, size_t len)
{
	struct bytes b = { .len = len + 4 + sizeof(struct bundle_signature) };
	struct bundle_signature s = { .role = htole32(BUNDLE_ROLE_RELEASE) };
	uint32_t nr = htole32(1);
	size_t n;
	void *message;

	b.data = malloc(b.len);
	memcpy(s.key_id, signing_key_id(key), sizeof(s.key_id));
	ck_assert_int_eq(bundle_signed_message(data, len, BUNDLE_ROLE_RELEASE, &message, &n, &err), 0);
	ck_assert_int_eq(signing_key_sign(key, message, n, s.signature, &err), 0);
	free(message);
	memcpy(b.data, data, len);
	memcpy(b.data + len, &nr, 4);
	memcpy(b.data + len + 4, &s, sizeof(s));
	return b;
}

/* A signed frame around any manifest text and payload. */
static struct bytes frame(const char *manifest, const void *payload, size_t payload_len)
{
	struct bundle_header h = {
		.magic = BUNDLE_MAGIC, .format = htole32(BUNDLE_FORMAT),
		.header_len = htole32(sizeof(h)), .manifest_len = htole32((uint32_t)strlen(manifest)),
		.codec = htole32(BUNDLE_CODEC_ZSTD), .payload_len = htole64(payload_len),
	};
	size_t len = sizeof(h) + strlen(manifest) + payload_len;
	uint8_t *data = malloc(len);
	struct bytes b;

	memcpy(data, &h, sizeof(h));
	memcpy(data + sizeof(h), manifest, strlen(manifest));
	memcpy(data + sizeof(h) + strlen(manifest), payload, payload_len);
	b = resign(data, len);
	free(data);
	return b;
}

/* Canonical manifest of release 3 that claims @size bytes of module. */
static char *manifest_claiming(uint64_t size)
{
	struct manifest *m = fixture_manifest(3);
	size_t len;
	char *text;

	m->module_size = size;
	manifest_set(&m->module_digest,
		     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	ck_assert_msg(!manifest_format(m, &text, &len, &err), "%s", err.text);
	manifest_free(m);
	return text;
}

START_TEST(good_bundle_is_taken)
{
	struct verified_bundle *vb;
	int fd = fixture_fd(good.data, good.len), mfd;
	const uint8_t *module;
	size_t len;

	ck_assert_msg(!bundle_verify(fd, ring, false, &vb, &err), "%s", err.text);
	close(fd);
	ck_assert_str_eq(verified_bundle_manifest(vb)->name, "sock-map-alloc");
	ck_assert_uint_eq(verified_bundle_manifest(vb)->release, 3);
	ck_assert(!verified_bundle_insecure(vb));
	ck_assert_uint_eq(strlen(verified_bundle_id(vb)), 64);
	module = verified_bundle_module(vb, &len);
	ck_assert_uint_eq(len, 512);
	for (size_t i = 0; i < len; i++)
		ck_assert_uint_eq(module[i], (uint8_t)(i * i + 3));
	/* Nobody can change it any more, not even its owner. */
	mfd = verified_bundle_module_fd(vb);
	ck_assert_int_eq(fcntl(mfd, F_GET_SEALS),
			 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	ck_assert_int_lt(write(mfd, "x", 1), 0);
	ck_assert_ptr_eq(mmap(NULL, 1, PROT_WRITE, MAP_SHARED, mfd, 0), MAP_FAILED);
	verified_bundle_free(vb);
}
END_TEST

START_TEST(same_input_same_bytes)
{
	struct bytes again = fixture_bundle(3, key);

	ck_assert_uint_eq(again.len, good.len);
	ck_assert_mem_eq(again.data, good.data, good.len);
	free(again.data);
}
END_TEST

START_TEST(truncated_at_each_byte)
{
	for (size_t len = 0; len < good.len; len++)
		ck_assert_msg(verify(good.data, len, false) == -EBADMSG,
			      "cut to %zu of %zu bytes: %s", len, good.len, err.text);
}
END_TEST

/* Also with --insecure: a signature that is there and wrong never passes. */
START_TEST(altered_at_each_byte)
{
	for (size_t i = 0; i < good.len; i++) {
		good.data[i] ^= 1 << (i % 8);
		ck_assert_msg(verify(good.data, good.len, i & 1), "byte %zu altered, yet taken", i);
		good.data[i] ^= 1 << (i % 8);
	}
	ck_assert_int_eq(verify(good.data, good.len, false), 0);
}
END_TEST

START_TEST(altered_content_is_rejected_as_such)
{
	good.data[sizeof(struct bundle_header) + 20] ^= 1;
	ck_assert_int_eq(verify(good.data, good.len, false), -EKEYREJECTED);
	good.data[sizeof(struct bundle_header) + 20] ^= 1;
	good.data[signed_len(&good) - 1] ^= 1;
	ck_assert_int_eq(verify(good.data, good.len, false), -EKEYREJECTED);
}
END_TEST

START_TEST(trailing_bytes)
{
	uint8_t *more = malloc(good.len + 1);

	memcpy(more, good.data, good.len);
	more[good.len] = 0;
	ck_assert_int_eq(verify(more, good.len + 1, false), -EBADMSG);
	free(more);
}
END_TEST

START_TEST(unsigned_bundle)
{
	struct bytes b = fixture_bundle(3, NULL);
	struct verified_bundle *vb;
	int fd = fixture_fd(b.data, b.len);

	ck_assert_int_eq(verify(b.data, b.len, false), -ENOKEY);
	ck_assert_int_eq(bundle_verify(fd, ring, true, &vb, &err), 0);
	ck_assert(verified_bundle_insecure(vb));
	verified_bundle_free(vb);
	close(fd);
	free(b.data);
}
END_TEST

START_TEST(foreign_key)
{
	struct signing_key *other = fixture_key();
	struct bytes b = fixture_bundle(3, other);

	ck_assert_int_eq(verify(b.data, b.len, false), -ENOKEY);
	ck_assert_int_eq(verify(b.data, b.len, true), -ENOKEY);
	free(b.data);
	signing_key_free(other);
}
END_TEST

/* Two signers; one of them is enough, a wrong one of a trusted key spoils all. */
START_TEST(second_signature)
{
	struct signing_key *other = fixture_key();
	struct bytes both;
	void *out;

	ck_assert_int_eq(bundle_sign(good.data, good.len, other, &out, &both.len, &err), 0);
	both.data = out;
	ck_assert_int_eq(verify(both.data, both.len, false), 0);
	ck_assert_int_eq(bundle_sign(both.data, both.len, other, &out, &both.len, &err), -EEXIST);
	ck_assert_int_eq(keyring_add_own(ring, other, &err), 0);
	ck_assert_int_eq(verify(both.data, both.len, false), 0);
	both.data[both.len - 1] ^= 1;
	ck_assert_int_eq(verify(both.data, both.len, false), -EKEYREJECTED);
	free(both.data);
	signing_key_free(other);
}
END_TEST

/* A keyring of three keys that wants two signatures. */
static struct keyring *two_of_three(struct signing_key *const keys[3])
{
	static const char *const names[] = { "a.pem", "b.pem", "c.pem" };
	char *folder = fixture_folder(), *path;
	struct keyring *of_two;

	for (size_t i = 0; i < 3; i++) {
		path = fixture_path(folder, names[i]);
		ck_assert_int_eq(signing_key_save(keys[i], path, &err), 0);
		free(path);
	}
	path = fixture_path(folder, KEYRING_THRESHOLD);
	ck_assert_int_eq(io_write_new(path, "2\n", 2, 0644, &err), 0);
	ck_assert_msg(!keyring_load(folder, &of_two, &err), "%s", err.text);
	free(path);
	fixture_remove(folder);
	return of_two;
}

static void add_signature(struct bytes *b, const struct signing_key *by)
{
	void *out;

	ck_assert_int_eq(bundle_sign(b->data, b->len, by, &out, &b->len, &err), 0);
	free(b->data);
	b->data = out;
}

START_TEST(threshold_of_two)
{
	struct signing_key *keys[] = { key, fixture_key(), fixture_key() }, *stranger = fixture_key();

	keyring_free(ring);
	ring = two_of_three(keys);
	ck_assert_int_eq(verify(good.data, good.len, false), -ENOKEY);
	ck_assert_ptr_nonnull(strstr(err.text, "signed by 1 trusted key, and the keyring wants 2"));
	add_signature(&good, stranger);
	ck_assert_int_eq(verify(good.data, good.len, false), -ENOKEY);
	ck_assert_int_eq(verify(good.data, good.len, true), -ENOKEY);
	add_signature(&good, keys[2]);
	ck_assert_int_eq(verify(good.data, good.len, false), 0);
	for (size_t i = 1; i < 3; i++)
		signing_key_free(keys[i]);
	signing_key_free(stranger);
}
END_TEST

static void id_of(const struct bytes *b, char id[BUNDLE_ID_LEN + 1], char file[BUNDLE_ID_LEN + 1])
{
	struct verified_bundle *vb;
	int fd = fixture_fd(b->data, b->len);

	ck_assert_msg(!bundle_verify(fd, ring, false, &vb, &err), "%s", err.text);
	close(fd);
	strcpy(id, verified_bundle_id(vb));
	strcpy(file, verified_bundle_file_digest(vb));
	verified_bundle_free(vb);
}

/* Which bundle it is doesn't depend on who else has signed it, or on what came with it. */
START_TEST(identity_is_what_was_signed)
{
	struct bytes other = fixture_bundle(4, key);
	struct signing_key *second = fixture_key();
	char id[3][BUNDLE_ID_LEN + 1], file[3][BUNDLE_ID_LEN + 1];
	void *out;

	id_of(&good, id[0], file[0]);
	add_signature(&good, second);
	id_of(&good, id[1], file[1]);
	ck_assert_str_eq(id[0], id[1]);
	ck_assert_str_ne(file[0], file[1]);
	ck_assert_int_eq(bundle_attach(good.data, good.len, "proof", "p", 1, &out, &good.len, &err), 0);
	free(good.data);
	good.data = out;
	id_of(&good, id[1], file[2]);
	ck_assert_str_eq(id[0], id[1]);
	ck_assert_str_ne(file[1], file[2]);
	id_of(&other, id[2], file[2]);
	ck_assert_str_ne(id[0], id[2]);
	signing_key_free(second);
	free(other.data);
}
END_TEST

static void attach(struct bytes *b, const char *name, const char *text)
{
	void *out;

	ck_assert_msg(!bundle_attach(b->data, b->len, name, text, strlen(text), &out, &b->len, &err), "%s", err.text);
	free(b->data);
	b->data = out;
}

static const char *attached(const struct bytes *b, const char *name)
{
	static char text[64];
	struct bundle *parsed;
	const void *data;
	size_t n;
	bool there;

	ck_assert_msg(!bundle_parse(b->data, b->len, &parsed, &err), "%s", err.text);
	there = bundle_attachment(parsed, name, &data, &n);
	if (there)
		snprintf(text, sizeof(text), "%.*s", (int)n, (const char *)data);
	bundle_free(parsed);
	return there ? text : NULL;
}

/* In any order, replaced by name, kept by a signature that comes later; whoever doesn't know the name takes the bundle as before. */
START_TEST(attachments)
{
	struct bytes same = { .data = malloc(good.len), .len = good.len };
	struct signing_key *second = fixture_key();
	void *out;
	size_t n;

	memcpy(same.data, good.data, good.len);
	attach(&good, "b", "two");
	attach(&good, "a", "one");
	attach(&good, "c", "three");
	attach(&good, "b", "2");
	add_signature(&good, second);
	ck_assert_int_eq(verify(good.data, good.len, false), 0);
	ck_assert_str_eq(attached(&good, "a"), "one");
	ck_assert_str_eq(attached(&good, "b"), "2");
	ck_assert_str_eq(attached(&good, "c"), "three");
	ck_assert_ptr_null(attached(&good, "d"));
	add_signature(&same, second);
	attach(&same, "c", "three");
	attach(&same, "b", "2");
	attach(&same, "a", "one");
	ck_assert_uint_eq(same.len, good.len);
	ck_assert_int_eq(memcmp(same.data, good.data, good.len), 0);
	for (n = good.len - 1; n > good.len - 107; n--)	/* at 107 all of them are gone */
		ck_assert_int_eq(verify(good.data, n, false), -EBADMSG);
	ck_assert_int_eq(bundle_attach(good.data, good.len, "A", "x", 1, &out, &n, &err), -EINVAL);
	ck_assert_int_eq(bundle_attach(good.data, good.len, "", "x", 1, &out, &n, &err), -EINVAL);
	ck_assert_int_eq(bundle_attach(good.data, good.len, "a", "", 0, &out, &n, &err), -EINVAL);
	ck_assert_int_eq(bundle_attach(good.data, good.len, "a23456789012345678901234", "x", 1, &out, &n, &err), -EINVAL);
	ck_assert_int_eq(bundle_attach(good.data, good.len, "a", good.data, BUNDLE_ATTACHMENT_MAX + 1, &out, &n, &err), -EFBIG);
	for (char name[] = "d"; *name < 'q'; (*name)++)
		attach(&good, name, "x");
	ck_assert_int_eq(bundle_attach(good.data, good.len, "q", "x", 1, &out, &n, &err), -EFBIG);
	signing_key_free(second);
	free(same.data);
}
END_TEST

/* One content, one spelling: no other order, no name twice, nothing in the padding. */
START_TEST(attachments_that_are_malformed)
{
	size_t end = good.len, h = sizeof(struct bundle_attachment);

	attach(&good, "a", "x");
	attach(&good, "b", "y");
	for (size_t i = 0; i < 4 + 2 * (h + 1); i++) {
		uint8_t was = good.data[end + i];
		bool payload = i == 4 + h || i == 4 + 2 * h + 1;

		good.data[end + i] ^= 0x81;
		ck_assert_msg(payload || verify(good.data, good.len, false), "byte %zu", i);
		good.data[end + i] = was;
	}
	good.data[end + 4] = 'b';
	ck_assert_int_eq(verify(good.data, good.len, false), -EBADMSG);
	good.data[end + 4] = 'c';
	ck_assert_int_eq(verify(good.data, good.len, false), -EBADMSG);
}
END_TEST

/* Else one key could pass for a threshold of two. */
START_TEST(same_key_twice)
{
	size_t n = sizeof(struct bundle_signature), at = signed_len(&good);
	uint8_t *twice = malloc(good.len + n);
	uint32_t nr = htole32(2);

	memcpy(twice, good.data, good.len);
	memcpy(twice + good.len, good.data + at + 4, n);
	memcpy(twice + at, &nr, 4);
	ck_assert_int_eq(verify(twice, good.len + n, false), -EBADMSG);
	free(twice);
}
END_TEST

START_TEST(sizes_over_their_limits)
{
	struct bundle_header h = header_of(&good);
	struct bytes copy = { .data = malloc(good.len), .len = good.len };
	uint32_t nr = htole32(BUNDLE_SIGNATURES_MAX + 1);

	memcpy(copy.data, good.data, good.len);
	h.manifest_len = htole32(BUNDLE_MANIFEST_MAX + 1);
	memcpy(copy.data, &h, sizeof(h));
	ck_assert_int_eq(verify(copy.data, copy.len, true), -EFBIG);
	h = header_of(&good);
	h.payload_len = htole64(UINT64_MAX);
	memcpy(copy.data, &h, sizeof(h));
	ck_assert_int_eq(verify(copy.data, copy.len, true), -EFBIG);
	memcpy(copy.data, good.data, good.len);
	memcpy(copy.data + signed_len(&good), &nr, 4);
	ck_assert_int_eq(verify(copy.data, copy.len, true), -EFBIG);
	free(copy.data);
}
END_TEST

START_TEST(file_over_its_limit)
{
	int fd = memfd_create("big", MFD_CLOEXEC);
	struct verified_bundle *vb;

	ck_assert_int_eq(ftruncate(fd, BUNDLE_MAX + 1L), 0);
	ck_assert_int_eq(bundle_verify(fd, ring, false, &vb, &err), -EFBIG);
	close(fd);
}
END_TEST

START_TEST(newer_format)
{
	struct bundle_header h = header_of(&good);

	h.format = htole32(BUNDLE_FORMAT + 1);
	memcpy(good.data, &h, sizeof(h));
	ck_assert_int_eq(verify(good.data, good.len, false), -EPROTONOSUPPORT);
}
END_TEST

/* 64 MiB + 1 of zeros in a few KiB, rightly signed. */
START_TEST(zstd_bomb)
{
	size_t size = BUNDLE_MODULE_MAX + 1, room = ZSTD_compressBound(size), n;
	void *zeros = calloc(1, size), *packed = malloc(room);
	char *manifest = manifest_claiming(size);
	struct bytes b;

	n = ZSTD_compress(packed, room, zeros, size, 1);
	ck_assert(!ZSTD_isError(n) && n < 65536);
	b = frame(manifest, packed, n);
	ck_assert_int_eq(verify(b.data, b.len, false), -EFBIG);
	free(b.data);
	free(manifest);
	/* A manifest that understates it doesn't help. */
	manifest = manifest_claiming(4096);
	b = frame(manifest, packed, n);
	ck_assert_int_eq(verify(b.data, b.len, false), -EFBIG);
	free(b.data);
	free(manifest);
	free(packed);
	free(zeros);
}
END_TEST

/* Size in the frame header lies; the blocks would give more. */
START_TEST(payload_size_lies)
{
	char module[4096] = "x", packed[4096];
	char *manifest = manifest_claiming(sizeof(module) - 1);
	size_t n = ZSTD_compress(packed, sizeof(packed), module, sizeof(module), 1);
	struct bytes b = frame(manifest, packed, n);

	ck_assert_int_eq(verify(b.data, b.len, false), -EBADMSG);
	free(b.data);
	free(manifest);
}
END_TEST

START_TEST(payload_isnt_one_zstd_frame)
{
	char module[512] = "x", packed[2048];
	char *manifest = manifest_claiming(sizeof(module));
	size_t n = ZSTD_compress(packed, sizeof(packed), module, sizeof(module), 1);
	struct bytes b;

	b = frame(manifest, "no zstd at all", 14);
	ck_assert_int_eq(verify(b.data, b.len, false), -EBADMSG);
	free(b.data);
	memset(packed + n, 0, 8);
	b = frame(manifest, packed, n + 8);
	ck_assert_int_eq(verify(b.data, b.len, false), -EBADMSG);
	free(b.data);
	b = frame(manifest, packed, n - 1);
	ck_assert_int_eq(verify(b.data, b.len, false), -EBADMSG);
	free(b.data);
	/* A good frame, but not of the module that the manifest's digest names. */
	b = frame(manifest, packed, n);
	ck_assert_int_eq(verify(b.data, b.len, false), -EKEYREJECTED);
	free(b.data);
	free(manifest);
}
END_TEST

START_TEST(manifest_that_isnt_canonical)
{
	struct bundle_header h = header_of(&good);
	size_t n = le32toh(h.manifest_len);
	char *spaced = malloc(n + 2);
	struct bytes b;

	spaced[0] = ' ';
	memcpy(spaced + 1, good.data + sizeof(h), n);
	spaced[n + 1] = '\0';
	b = frame(spaced, good.data + sizeof(h) + n, le64toh(h.payload_len));
	ck_assert_int_eq(verify(b.data, b.len, false), -EBADMSG);
	free(b.data);
	/* The same without the space is fine, so it was the space. */
	b = frame(spaced + 1, good.data + sizeof(h) + n, le64toh(h.payload_len));
	ck_assert_int_eq(verify(b.data, b.len, false), 0);
	free(b.data);
	free(spaced);
}
END_TEST

START_TEST(manifest_isnt_read_before_the_signature_holds)
{
	struct bytes b = frame("not JSON", "payload", 7);

	ck_assert_int_eq(verify(b.data, b.len, false), -EBADMSG);
	b.data[b.len - 1] ^= 1;
	ck_assert_int_eq(verify(b.data, b.len, false), -EKEYREJECTED);
	free(b.data);
}
END_TEST

/* The file may be swapped after verification: the sealed copy may not. */
START_TEST(later_changes_dont_matter)
{
	struct verified_bundle *vb;
	int fd = fixture_fd(good.data, good.len);
	size_t len;

	ck_assert_int_eq(bundle_verify(fd, ring, false, &vb, &err), 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_uint_eq(((const uint8_t *)verified_bundle_module(vb, &len))[1], 4);
	ck_assert_str_eq(verified_bundle_manifest(vb)->name, "sock-map-alloc");
	verified_bundle_free(vb);
	close(fd);
}
END_TEST

START_TEST(build_refuses_an_incomplete_manifest)
{
	struct manifest *m = manifest_new();
	size_t len;
	void *out;

	ck_assert_int_eq(bundle_build(m, "x", 1, NULL, 0, &out, &len, &err), -EBADMSG);
	manifest_free(m);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("bundle");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, good_bundle_is_taken);
	tcase_add_test(tc, same_input_same_bytes);
	tcase_add_test(tc, truncated_at_each_byte);
	tcase_add_test(tc, altered_at_each_byte);
	tcase_add_test(tc, altered_content_is_rejected_as_such);
	tcase_add_test(tc, trailing_bytes);
	tcase_add_test(tc, unsigned_bundle);
	tcase_add_test(tc, foreign_key);
	tcase_add_test(tc, second_signature);
	tcase_add_test(tc, threshold_of_two);
	tcase_add_test(tc, identity_is_what_was_signed);
	tcase_add_test(tc, attachments);
	tcase_add_test(tc, attachments_that_are_malformed);
	tcase_add_test(tc, same_key_twice);
	tcase_add_test(tc, sizes_over_their_limits);
	tcase_add_test(tc, file_over_its_limit);
	tcase_add_test(tc, newer_format);
	tcase_add_test(tc, zstd_bomb);
	tcase_add_test(tc, payload_size_lies);
	tcase_add_test(tc, payload_isnt_one_zstd_frame);
	tcase_add_test(tc, manifest_that_isnt_canonical);
	tcase_add_test(tc, manifest_isnt_read_before_the_signature_holds);
	tcase_add_test(tc, later_changes_dont_matter);
	tcase_add_test(tc, build_refuses_an_incomplete_manifest);
	return fixture_run("bundle", tc);
}
