// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_diff.c - the differ on two objects of any kind.  Input: the length of the
 * first as 32 bits, the first, the second.  An object never differs from itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "diff/diff.h"
#include "elf_seeds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void diff(struct elf_file *orig, struct elf_file *patched)
{
	struct unit u = { .source = "a.c", .orig = orig, .patched = patched };
	struct klp_err err;

	if (!unit_diff(&u, NULL, &err)) {
		for (size_t i = 0; i < u.nr_symbols; i++)
			if (u.symbols[i].patched)
				(void)diff_match(&u, u.symbols[i].patched);
	}
	free(u.symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_file *a, *b;
	uint32_t len;

	if (size < sizeof(len))
		return 0;
	memcpy(&len, data, sizeof(len));
	data += sizeof(len);
	size -= sizeof(len);
	if (len > size || elf_parse(data, len, &a, NULL))
		return 0;
	if (!elf_parse(data + len, size - len, &b, NULL)) {
		diff(a, b);
		diff(b, a);
		elf_close(b);
	}
	diff(a, a);
	elf_close(a);
	return 0;
}

static void seed_pair(const char *name, uint8_t x, uint8_t y)
{
	size_t xlen, ylen;
	uint8_t *a = seed_object_bytes(x, &xlen), *b = seed_object_bytes(y, &ylen), *all;
	uint32_t len = xlen;

	all = malloc(sizeof(len) + xlen + ylen);
	memcpy(all, &len, sizeof(len));
	memcpy(all + sizeof(len), a, xlen);
	memcpy(all + sizeof(len) + xlen, b, ylen);
	seed_write(name, all, sizeof(len) + xlen + ylen);
	free(all);
	free(a);
	free(b);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	seed_pair("same", 1, 1);
	seed_pair("changed", 1, 2);
	return 0;
}
