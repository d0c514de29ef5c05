// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_tlog.c - a log's tree and its files (tools/tlog): roots, both proofs, tiles, against the definitions of RFC 6962
 * written down once more here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "fixture.h"
#include "hex.h"
#include "io.h"
#include "../../../tools/tlog/merkle.h"
#include "../../../tools/tlog/tiles.h"

#define LEAVES_MAX	70000
#define SMALL		40

static char *folder;
static struct klp_err err;

static void setup(void)
{
	folder = fixture_folder();
}

static void teardown(void)
{
	fixture_remove(folder);
}

/* Entry @i: "entry 7", and sometimes nothing, or much. */
static struct tlog_slice entry(uint64_t i)
{
	static char text[64][700];
	char *at = text[i % 64];

	memset(at, 'x', sizeof(text[0]));
	snprintf(at, sizeof(text[0]), "entry %llu", (unsigned long long)i);
	return (struct tlog_slice){ at, i % 50 == 3 ? 0 : i % 50 == 4 ? sizeof(text[0]) : strlen(at) };
}

/* RFC 6962, 2.1: MTH(D[from:to]), as it stands there. */
static struct tlog_hash mth(uint64_t from, uint64_t to)
{
	uint8_t text[1 + 2 * SHA256_LEN] = { 1 };
	struct tlog_hash h, left, right;
	uint64_t k = 1;

	if (from == to) {
		ck_assert_int_eq(sha256("", 0, h.bytes), 0);
	} else if (to - from == 1) {
		struct tlog_slice e = entry(from);
		uint8_t leaf[1 + 700] = { 0 };

		memcpy(leaf + 1, e.at, e.len);
		ck_assert_int_eq(sha256(leaf, 1 + e.len, h.bytes), 0);
	} else {
		while (2 * k < to - from)
			k *= 2;
		left = mth(from, from + k);
		right = mth(from + k, to);
		memcpy(text + 1, left.bytes, SHA256_LEN);
		memcpy(text + 1 + SHA256_LEN, right.bytes, SHA256_LEN);
		ck_assert_int_eq(sha256(text, sizeof(text), h.bytes), 0);
	}
	return h;
}

static int read_defined(void *ctx, unsigned int level, uint64_t index, struct tlog_hash *out, struct klp_err *e)
{
	(void)ctx;
	(void)e;
	*out = mth(index << level, (index + 1) << level);
	return 0;
}

static void same(const struct tlog_hash *a, const struct tlog_hash *b)
{
	ck_assert_mem_eq(a->bytes, b->bytes, SHA256_LEN);
}

/* The vectors of Certificate Transparency's own tests. */
START_TEST(roots_that_others_know)
{
	static const char *const leaves[] = { "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
					      "606162636465666768696a6b6c6d6e6f" };
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct tlog_hash hashes[8], root;
	char hex[SHA256_HEX_LEN + 1];
	uint8_t raw[16];

	for (size_t i = 0; i < 8; i++) {
		size_t n = strlen(leaves[i]) / 2;

		ck_assert_int_eq(n ? hex_decode(leaves[i], n, raw) : 0, 0);
		ck_assert_int_eq(merkle_leaf(raw, n, &hashes[i]), 0);
		ck_assert_int_eq(merkle_fold(hashes, i + 1, &root), 0);
		hex_encode(root.bytes, SHA256_LEN, hex);
		ck_assert_str_eq(hex, roots[i]);
	}
	ck_assert_int_eq(merkle_root(0, read_defined, NULL, &root, &err), 0);
	hex_encode(root.bytes, SHA256_LEN, hex);
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

/* What must not pass for a proof that does: each hash altered, one less, one more, other numbers, another leaf or root. */
static void inclusion_mutants(uint64_t index, uint64_t size, const struct tlog_hash *leaf, struct tlog_hash *path, size_t nr,
			      const struct tlog_hash *root)
{
	struct tlog_hash other = *root;

	for (size_t i = 0; i < nr; i++) {
		path[i].bytes[i % SHA256_LEN] ^= 1;
		ck_assert_int_eq(merkle_check_inclusion(index, size, leaf, path, nr, root), -EBADMSG);
		path[i].bytes[i % SHA256_LEN] ^= 1;
	}
	if (nr)
		ck_assert_int_eq(merkle_check_inclusion(index, size, leaf, path, nr - 1, root), -EBADMSG);
	path[nr] = *root;
	ck_assert_int_eq(merkle_check_inclusion(index, size, leaf, path, nr + 1, root), -EBADMSG);
	ck_assert_int_eq(merkle_check_inclusion(index + 1, size, leaf, path, nr, root), -EBADMSG);
	if (index)
		ck_assert_int_eq(merkle_check_inclusion(index - 1, size, leaf, path, nr, root), -EBADMSG);
	ck_assert_int_eq(merkle_check_inclusion(size, size, leaf, path, nr, root), -EBADMSG);
	ck_assert_int_eq(merkle_check_inclusion(index, 0, leaf, path, nr, root), -EBADMSG);
	other.bytes[31] ^= 0x80;
	ck_assert_int_eq(merkle_check_inclusion(index, size, leaf, path, nr, &other), -EBADMSG);
	if (nr)
		ck_assert_int_eq(merkle_check_inclusion(index, size, root, path, nr, root), -EBADMSG);
}

START_TEST(inclusion)
{
	struct tlog_hash path[TLOG_PATH_MAX + 1], root, leaf;
	size_t nr;

	for (uint64_t size = 1; size <= SMALL; size++) {
		root = mth(0, size);
		for (uint64_t index = 0; index < size; index++) {
			leaf = mth(index, index + 1);
			ck_assert_int_eq(merkle_inclusion(index, size, read_defined, NULL, path, &nr, &err), 0);
			ck_assert_int_eq(merkle_check_inclusion(index, size, &leaf, path, nr, &root), 0);
			inclusion_mutants(index, size, &leaf, path, nr, &root);
		}
	}
}
END_TEST

static void consistency_mutants(uint64_t old, uint64_t new, const struct tlog_hash *old_root, const struct tlog_hash *new_root,
				struct tlog_hash *path, size_t nr)
{
	struct tlog_hash other = *old_root;

	for (size_t i = 0; i < nr; i++) {
		path[i].bytes[i % SHA256_LEN] ^= 1;
		ck_assert_int_eq(merkle_check_consistency(old, old_root, new, new_root, path, nr), -EBADMSG);
		path[i].bytes[i % SHA256_LEN] ^= 1;
	}
	if (nr)
		ck_assert_int_eq(merkle_check_consistency(old, old_root, new, new_root, path, nr - 1), -EBADMSG);
	path[nr] = *new_root;
	ck_assert_int_eq(merkle_check_consistency(old, old_root, new, new_root, path, nr + 1), -EBADMSG);
	other.bytes[0] ^= 1;
	ck_assert_int_eq(merkle_check_consistency(old, &other, new, new_root, path, nr), -EBADMSG);
	if (old)	/* a larger tree takes a longer proof */
		ck_assert_int_eq(merkle_check_consistency(old, old_root, 2 * new + 1, new_root, path, nr), -EBADMSG);
	if (old == new)
		return;
	ck_assert_int_eq(merkle_check_consistency(new, new_root, old, old_root, path, nr), -EBADMSG);
	other = *new_root;
	other.bytes[0] ^= 1;
	if (old)
		ck_assert_int_eq(merkle_check_consistency(old, old_root, new, &other, path, nr), -EBADMSG);
}

START_TEST(consistency)
{
	struct tlog_hash path[TLOG_CONSISTENCY_MAX + 1], roots[SMALL + 1];
	size_t nr;

	for (uint64_t new = 0; new <= SMALL; new++) {
		roots[new] = mth(0, new);
		for (uint64_t old = 0; old <= new; old++) {
			ck_assert_int_eq(merkle_consistency(old, new, read_defined, NULL, path, &nr, &err), 0);
			ck_assert_int_eq(merkle_check_consistency(old, &roots[old], new, &roots[new], path, nr), 0);
			consistency_mutants(old, new, &roots[old], &roots[new], path, nr);
		}
	}
}
END_TEST

/* A tree of 2^63 - 1 leaves has proofs of 63 hashes; numbers at the edge end in a refusal, not in a loop. */
START_TEST(huge_numbers)
{
	static const uint64_t numbers[] = { 1, 2, 1ull << 32, (1ull << 62) - 1, 1ull << 62, INT64_MAX, UINT64_MAX - 1, UINT64_MAX };
	struct tlog_hash path[TLOG_CONSISTENCY_MAX + 1] = { 0 }, h = mth(0, 1);

	for (size_t i = 0; i < 8; i++) {
		for (size_t k = 0; k < 8; k++) {
			for (size_t nr = 0; nr <= TLOG_PATH_MAX; nr++) {
				ck_assert_int_eq(merkle_check_inclusion(numbers[i], numbers[k], &h, path, nr, &h),
						 -EBADMSG);
				if (i != k)
					ck_assert_int_eq(merkle_check_consistency(numbers[i], &h, numbers[k], &h, path, nr),
							 -EBADMSG);
			}
		}
	}
	ck_assert_int_eq(merkle_check_consistency(1, &h, 2, &h, path, TLOG_CONSISTENCY_MAX + 1), -EBADMSG);
}
END_TEST

/* ---- files ---- */

static void append(const char *dir, uint64_t from, uint64_t to)
{
	struct tlog_slice *entries = calloc(to - from, sizeof(*entries));

	for (uint64_t i = from; i < to; i++) {
		struct tlog_slice e = entry(i);

		entries[i - from] = (struct tlog_slice){ memcpy(malloc(e.len + 1), e.at, e.len), e.len };
	}
	ck_assert_msg(!tlog_tiles_append(dir, from, entries, to - from, &err), "%s", err.text);
	for (uint64_t i = from; i < to; i++)
		free((char *)entries[i - from].at);
	free(entries);
}

static struct tlog_hash root_of(const char *dir, uint64_t size)
{
	struct tlog_tiles *t;
	struct tlog_hash root;

	ck_assert_msg(!tlog_tiles_open(dir, size, &t, &err), "%s", err.text);
	ck_assert_msg(!merkle_root(size, tlog_tiles_node, t, &root, &err), "%s", err.text);
	tlog_tiles_close(t);
	return root;
}

/* Is the file there, and how long? */
static long length(const char *dir, const char *name)
{
	char *path = fixture_path(dir, name);
	struct stat st;
	long n = stat(path, &st) ? -1 : (long)st.st_size;

	free(path);
	return n;
}

/* The example of tlog-tiles: what a log of 70,000 leaves consists of. */
START_TEST(files_of_70000)
{
	struct tlog_hash root, want;

	append(folder, 0, LEAVES_MAX);
	ck_assert_int_eq(length(folder, "tile/0/272"), 8192);
	ck_assert_int_eq(length(folder, "tile/0/273"), -1);
	ck_assert_int_eq(length(folder, "tile/0/273.p/112"), 112 * 32);
	ck_assert_int_eq(length(folder, "tile/1/000"), 8192);
	ck_assert_int_eq(length(folder, "tile/1/001.p/17"), 17 * 32);
	ck_assert_int_eq(length(folder, "tile/2/000.p/1"), 32);
	ck_assert_int_eq(length(folder, "tile/3/000.p/1"), -1);
	ck_assert_int_gt(length(folder, "tile/entries/273.p/112"), 0);
	root = root_of(folder, LEAVES_MAX);
	want = mth(0, LEAVES_MAX);
	same(&root, &want);
}
END_TEST

START_TEST(names_of_tiles)
{
	char path[TLOG_TILE_PATH_ROOM];

	tlog_tile_path(0, 1234067, TLOG_TILE_WIDTH, path);
	ck_assert_str_eq(path, "tile/0/x001/x234/067");
	tlog_tile_path(-1, 5, 17, path);
	ck_assert_str_eq(path, "tile/entries/005.p/17");
	tlog_tile_path(3, 1000, 255, path);
	ck_assert_str_eq(path, "tile/3/x001/000.p/255");
	tlog_tile_path(7, UINT64_MAX, 255, path);
	ck_assert_str_eq(path, "tile/7/x018/x446/x744/x073/x709/x551/615.p/255");
}
END_TEST

/* However the leaves come, one by one or many at once, the files and roots are the same. */
START_TEST(steps_make_no_difference)
{
	static const uint64_t sizes[] = { 0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 700 };
	struct tlog_hash got, want;
	struct tlog_tiles *t;
	struct tlog_slice e;

	for (size_t i = 1; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		append(folder, sizes[i - 1], sizes[i]);
		for (size_t k = 0; k <= i; k++) {
			got = root_of(folder, sizes[k]);
			want = mth(0, sizes[k]);
			same(&got, &want);
		}
	}
	ck_assert_int_eq(tlog_tiles_open(folder, 700, &t, &err), 0);
	for (uint64_t i = 0; i < 700; i++) {
		ck_assert_msg(!tlog_tiles_entry(t, i, &e, &err), "%s", err.text);
		ck_assert_uint_eq(e.len, entry(i).len);
		ck_assert_mem_eq(e.at, entry(i).at, e.len);
	}
	ck_assert_int_ne(tlog_tiles_entry(t, 768, &e, &err), 0);
	tlog_tiles_close(t);
}
END_TEST

static void damage(const char *name, const char *data, size_t len)
{
	char *path = fixture_path(folder, name);

	ck_assert_int_eq(io_write_atomic(path, data, len, 0644, &err), 0);
	free(path);
}

/* A partial file may be gone once the full one is there; what is short, long or cut isn't read as something else. */
START_TEST(files_that_are_not)
{
	struct tlog_hash root, want = mth(0, 100), node;
	struct tlog_tiles *t;
	struct tlog_slice e;
	char *path;

	append(folder, 0, 100);
	append(folder, 100, 300);
	path = fixture_path(folder, "tile/0/000.p/100");
	ck_assert_int_eq(unlink(path), 0);
	free(path);
	path = fixture_path(folder, "tile/entries/000.p/100");
	ck_assert_int_eq(unlink(path), 0);
	free(path);
	root = root_of(folder, 100);
	same(&root, &want);
	ck_assert_int_eq(tlog_tiles_open(folder, 100, &t, &err), 0);
	ck_assert_int_eq(tlog_tiles_entry(t, 99, &e, &err), 0);
	tlog_tiles_close(t);

	damage("tile/0/001.p/44", "short", 5);
	damage("tile/entries/001.p/44", "\0\5abc", 5);
	ck_assert_int_eq(tlog_tiles_open(folder, 300, &t, &err), 0);
	ck_assert_int_eq(tlog_tiles_node(t, 0, 299, &node, &err), -EBADMSG);
	ck_assert_int_eq(tlog_tiles_entry(t, 299, &e, &err), -EBADMSG);
	ck_assert_int_eq(tlog_tiles_node(t, 0, 300, &node, &err), -EBADMSG);
	tlog_tiles_close(t);
	ck_assert_int_eq(tlog_tiles_open("/nonexistent", 1, &t, &err), -ENOENT);
}
END_TEST

/* What is written once more into the next file has to be what was hashed. */
START_TEST(an_old_entry_that_was_changed)
{
	struct tlog_slice more = { "more", 4 };

	append(folder, 0, 2);
	damage("tile/entries/000.p/2", "\0\7entry 0\0\7entry 7", 18);
	ck_assert_int_eq(tlog_tiles_append(folder, 2, &more, 1, &err), -EBADMSG);
	damage("tile/entries/000.p/2", "\0\7entry 0\0\7entry 1", 18);
	ck_assert_msg(!tlog_tiles_append(folder, 2, &more, 1, &err), "%s", err.text);
}
END_TEST

START_TEST(entries_are_cut_exactly)
{
	struct tlog_slice out[3];

	ck_assert_int_eq(tlog_entries_parse("\0\1a\0\0", 5, 2, out), 0);
	ck_assert_uint_eq(out[0].len, 1);
	ck_assert_uint_eq(out[1].len, 0);
	ck_assert_int_eq(tlog_entries_parse("\0\1a\0\0", 5, 1, out), -EBADMSG);
	ck_assert_int_eq(tlog_entries_parse("\0\1a\0\0", 5, 3, out), -EBADMSG);
	ck_assert_int_eq(tlog_entries_parse("\0\1a\0", 4, 2, out), -EBADMSG);
	ck_assert_int_eq(tlog_entries_parse("\0\2a", 3, 1, out), -EBADMSG);
	ck_assert_int_eq(tlog_entries_parse("", 0, 0, out), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("tlog");

	/* Each file is brought to the disk, and 70,000 leaves have 550. */
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, roots_that_others_know);
	tcase_add_test(tc, inclusion);
	tcase_add_test(tc, consistency);
	tcase_add_test(tc, huge_numbers);
	tcase_add_test(tc, files_of_70000);
	tcase_add_test(tc, names_of_tiles);
	tcase_add_test(tc, steps_make_no_difference);
	tcase_add_test(tc, files_that_are_not);
	tcase_add_test(tc, an_old_entry_that_was_changed);
	tcase_add_test(tc, entries_are_cut_exactly);
	return fixture_run("tlog", tc);
}
