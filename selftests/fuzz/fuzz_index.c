// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_index.c - the repository index's parser on anything.  With an empty
 * keyring nothing may ever be taken.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "repo.h"
#include "seeds.h"
#include "sign.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct keyring *nobody;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct repo_index *index;
	struct klp_err err;

	if (!repo_index_verify(data, size, nobody, &index, &err))
		abort();
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct repo_index *index = repo_index_new();
	struct signing_key *key;
	struct klp_err err;
	size_t len;
	void *text;

	(void)argc;
	(void)argv;
	strcpy(index->build_id, "0123456789abcdef0123456789abcdef01234567");
	strcpy(index->kernel_release, "6.1");
	index->version = 1;
	repo_time(3600, index->expires);
	if (keyring_load("/nonexistent", &nobody, &err) || signing_key_generate(&key, &err) ||
	    repo_index_format(index, key, &text, &len, &err))
		abort();
	seed_write("index", text, len);
	free(text);
	signing_key_free(key);
	repo_index_free(index);
	return 0;
}
