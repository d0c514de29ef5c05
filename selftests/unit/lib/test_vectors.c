// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_vectors.c - docs/vectors/: bundles that another program wrote by docs/bundle-format.md, and what has to
 * become of each.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "fixture.h"
#include "keyring.h"

#define VECTORS	"docs/vectors"

static int code_of(const char *word)
{
	static const struct { const char *word; int code; } codes[] = {
		{ "good", 0 }, { "EBADMSG", -EBADMSG }, { "EFBIG", -EFBIG }, { "EPROTONOSUPPORT", -EPROTONOSUPPORT },
		{ "ENOKEY", -ENOKEY }, { "EKEYREJECTED", -EKEYREJECTED },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (!strcmp(word, codes[i].word))
			return codes[i].code;
	ck_abort_msg("no such result: %s", word);
	return 0;
}

static void check_vector(const char *file, const char *keys, int want, const char *id)
{
	char path[PATH_MAX];
	struct verified_bundle *vb;
	struct klp_err err = { 0 };
	struct keyring *ring;
	int fd, ret;

	snprintf(path, sizeof(path), VECTORS "/%s", keys);
	ck_assert_msg(!keyring_load(path, &ring, &err), "%s", err.text);
	snprintf(path, sizeof(path), VECTORS "/%s", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_msg(fd >= 0, "%s", path);
	ret = bundle_verify(fd, ring, false, &vb, &err);
	ck_assert_msg(ret == want, "%s: %d, not %d: %s", file, ret, want, err.text);
	if (!ret) {
		ck_assert_str_eq(verified_bundle_id(vb), id);
		verified_bundle_free(vb);
	}
	close(fd);
	keyring_free(ring);
}

static int nr_files(void)
{
	DIR *dir = opendir(VECTORS);
	struct dirent *de;
	int nr = 0;

	ck_assert_ptr_nonnull(dir);
	while ((de = readdir(dir)))
		nr += strstr(de->d_name, ".klp") != NULL;
	closedir(dir);
	return nr;
}

START_TEST(each_vector_ends_as_its_line_says)
{
	char file[64], keys[64], result[64], id[128], line[512];
	FILE *f = fopen(VECTORS "/vectors.tsv", "r");
	int nr = 0, good = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		if (*line == '#')
			continue;
		ck_assert_int_eq(sscanf(line, "%63s %63s %63s %127s", file, keys, result, id), 4);
		check_vector(file, keys, code_of(result), id);
		good += !strcmp(result, "good");
		nr++;
	}
	fclose(f);
	ck_assert_int_eq(nr, nr_files());
	ck_assert_int_ge(good, 6);
	ck_assert_int_ge(nr, 50);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("vectors");

	tcase_add_test(tc, each_vector_ends_as_its_line_says);
	return fixture_run("vectors", tc);
}
