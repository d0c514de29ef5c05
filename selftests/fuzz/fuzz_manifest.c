// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_manifest.c - the manifest's parser on anything.  What it takes, it must
 * write, read again, and write the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "manifest.h"
#include "seeds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest *m, *again;
	struct klp_err err;
	char *one, *two;
	size_t len;

	if (manifest_parse(data, size, &m, &err))
		return 0;
	(void)manifest_check(m, &err);
	if (manifest_format(m, &one, &len, &err) || manifest_parse(one, len, &again, &err) ||
	    manifest_format(again, &two, &len, &err) || strcmp(one, two))
		abort();
	free(one);
	free(two);
	manifest_free(m);
	manifest_free(again);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct manifest *m = seed_manifest();
	struct klp_err err;
	size_t len;
	char *text;

	(void)argc;
	(void)argv;
	if (manifest_format(m, &text, &len, &err))
		abort();
	seed_write("manifest", text, len);
	free(text);
	manifest_free(m);
	return 0;
}
