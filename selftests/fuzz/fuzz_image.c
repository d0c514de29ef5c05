// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_image.c - any bytes as a kernel's image and as what its build said: the symbol table
 * in it, the payload of a bootable one, instructions, compile commands.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "err.h"
#include "object/insn.h"
#include "pipeline/threads.h"
#include "seeds.h"
#include "target/dryrun.h"
#include "target/kallsyms.h"
#include "target/prepare.h"
#include "target/vmlinuz.h"

#define BASE	0xffffffff81000000ull
#define NR	300	/* two markers */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void symbols(const uint8_t *data, size_t size)
{
	struct kallsyms k;
	struct klp_err err;

	if (kallsyms_parse(data, size, &k, &err))
		return;
	for (size_t i = 0; i < k.nr; i++)
		if (k.symbols[i].name >= k.strings_len ||
		    !memchr(k.strings + k.symbols[i].name, '\0', k.strings_len - k.symbols[i].name))
			abort();
	kallsyms_free(&k);
}

static void payload(const uint8_t *data, size_t size)
{
	struct vmlinuz_payload p;
	struct klp_err err;

	if (!vmlinuz_find(data, size, &p, &err) &&
	    (p.offset > size || p.len > size - p.offset || !p.tool))
		abort();
}

static void instructions(const uint8_t *data, size_t size)
{
	struct insn insn;

	for (size_t at = 0; at < size && at < 4096; at += insn.len) {
		if (insn_decode(data + at, size - at, &insn))
			break;
		if (!insn.len || insn.len > size - at || insn.disp + 4 > insn.len + 4 * !insn.disp ||
		    insn.imm > insn.len || (insn.branch && insn.rel >= insn.len))
			abort();
	}
}

static void words(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *version;
	struct text out = { 0 };
	uint32_t line;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	version = config_string(text, "CC_VERSION_TEXT");
	free(version);
	commands_parse_line(text, strcspn(text, "\n"), "gcc-12", &out);
	text_free(&out);
	threads_starter(text, strlen(text), "f", &line);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	symbols(data, size);
	payload(data, size);
	instructions(data, size);
	words(data, size);
	return 0;
}

/* ---- seeds ---- */

static uint8_t image[1 << 16];
static size_t used;

static void put(const void *data, size_t n)
{
	memcpy(image + used, data, n);
	used += n;
}

static void align(void)
{
	used = (used + 7) & ~(size_t)7;
}

static void put_offsets(void)
{
	uint64_t base = BASE;

	for (uint32_t i = 0; i < NR; i++) {
		uint32_t offset = 16 * i;

		put(&offset, 4);
	}
	align();
	put(&base, 8);
}

/* Each symbol is "t", one letter, and three digits; each token stands for its own character. */
static void put_names(void)
{
	uint32_t nr = NR, markers[NR / 256 + 1] = { 0 };
	uint16_t index[256];
	size_t start;

	put(&nr, 4);
	align();
	start = used;
	for (uint32_t i = 0; i < NR; i++) {
		char name[16];

		if (i % 256 == 0)
			markers[i / 256] = (uint32_t)(used - start);
		snprintf(name, sizeof(name), "\5tf%03u", i);
		put(name, 6);
	}
	align();
	put(markers, sizeof(markers));
	align();
	start = used;
	for (int i = 0; i < 256; i++) {
		char token[2] = { i > ' ' && i < 127 ? (char)i : 0 };

		index[i] = (uint16_t)(used - start);
		put(token, token[0] ? 2 : 1);
	}
	align();
	put(index, sizeof(index));
	align();
}

static void seed_symbols(const char *name, bool offsets_first)
{
	struct kallsyms k;
	struct klp_err err;

	memset(image, 0, sizeof(image));
	used = 64;
	if (offsets_first)
		put_offsets();
	put_names();
	if (!offsets_first)
		put_offsets();
	used += 8;
	/* A seed that isn't understood would be no seed. */
	if (kallsyms_parse(image, used, &k, &err) || k.nr != NR) {
		fprintf(stderr, "%s: %s\n", name, err.text);
		abort();
	}
	kallsyms_free(&k);
	seed_write(name, image, used);
}

static void seed_bzimage(void)
{
	static const uint32_t where[2] = { 64, 256 };

	memset(image, 0, sizeof(image));
	image[0x1f1] = 2;
	memcpy(image + 0x202, "HdrS\x0f\x02", 6);
	memcpy(image + 0x248, where, 8);
	memcpy(image + 1536 + 64, "\x1f\x8b", 2);
	seed_write("bzimage", image, 1536 + 64 + 256);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char command[] = "  gcc-12 -Wp,-MMD,fs/.x.o.d -nostdinc -c -o fs/x.o ../fs/x.c ; "
				      "./tools/objtool/objtool fs/x.o\n";
	static const char words[] = "CONFIG_CC_VERSION_TEXT=\"gcc-12 (x) 12\"\n"
				    "\tt = kthread_run(f, NULL, \"a\");\n";
	static const uint8_t code[] = { 0xe8, 1, 2, 3, 4, 0xc7, 0x05, 1, 2, 3, 4, 5, 6, 7, 8, 0xeb, 0x10,
					0x0f, 0x84, 1, 2, 3, 4, 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 0xc3 };

	(void)argc;
	(void)argv;
	seed_symbols("symbols-6.1", true);
	seed_symbols("symbols-6.12", false);
	seed_bzimage();
	seed_write("command", command, sizeof(command) - 1);
	seed_write("words", words, sizeof(words) - 1);
	seed_write("code", code, sizeof(code));
	return 0;
}
