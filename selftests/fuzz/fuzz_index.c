// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_index.c - the repository index's parser on anything; what it takes it writes, and takes again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "repo.h"
#include "seeds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct repo_index *index, *again;
	struct klp_err err;
	size_t len;
	void *text;

	if (repo_index_parse(data, size, &index, &err))
		return 0;
	if (repo_index_format(index, &text, &len, &err) || repo_index_parse(text, len, &again, &err))
		abort();
	free(text);
	repo_index_free(index);
	repo_index_free(again);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct repo_index *index = repo_index_new();
	struct klp_err err;
	size_t len;
	void *text;

	(void)argc;
	(void)argv;
	strcpy(index->build_id, "0123456789abcdef0123456789abcdef01234567");
	strcpy(index->kernel_release, "6.1");
	strcpy(index->kernel_version, "6.1.176-1");
	if (repo_index_withdraw(index, "a-fix", 1, 1700000000, "why", &err) || repo_index_format(index, &text, &len, &err))
		abort();
	seed_write("index", text, len);
	free(text);
	repo_index_free(index);
	return 0;
}
