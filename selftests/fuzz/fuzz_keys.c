// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_keys.c - any assembly text: the rewriting of jump labels reads no further, and leaves alone what it doesn't know. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compile/keys_text.h"
#include "seeds.h"

#define ENTRY(key)									\
	"\t1:jmp .L5 # objtool NOPs this \n\t.pushsection __jump_table,  \"aw\" \n"	\
	"\t .balign 8 \n\t.long 1b - . \n\t.long .L5 - . \n\t .quad " key " - .\n\t.popsection \n"

static struct strings keys;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = { 0 };
	char *in = strndup((const char *)data, size), *out;
	int nr;

	if (!in)
		abort();
	nr = keys_rewrite(in, strlen(in), &keys, &t);
	out = text_take(&t);
	/* What replaces a label is shorter than its table entry. */
	if (!out || (nr ? strlen(out) >= strlen(in) : strcmp(in, out)))
		abort();
	free(out);
	free(in);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char seed[] = "f:\n" ENTRY("k + 2") ENTRY("k.1+8 + 3") ENTRY("other + 2") "\tret\n";

	(void)argc;
	(void)argv;
	strings_add(&keys, "k");
	strings_add(&keys, "k.1");
	seed_write("labels", seed, sizeof(seed) - 1);
	return 0;
}
