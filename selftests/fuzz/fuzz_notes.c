// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_notes.c - any bytes as ELF notes: each note lies inside, a build-id is hex of what one of them says. */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "notes.h"
#include "seeds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char id[41];
	size_t at = 0, before = 0;
	struct elf_note n;
	bool found = false;

	while (!elf_note_next(data, size, &at, &n)) {
		const uint8_t *end = n.desc + n.desc_len;

		must(at > before && at <= size);
		must((const uint8_t *)n.name == data + before + sizeof(Elf64_Nhdr) && n.name_len <= size);
		must(n.desc >= (const uint8_t *)n.name + n.name_len && n.desc_len <= size && end <= data + at);
		found |= elf_note_is(&n, "GNU", NT_GNU_BUILD_ID);
		before = at;
	}
	if (!notes_build_id(data, size, id, sizeof(id)))
		must(found && *id && strlen(id) < sizeof(id) && strspn(id, "0123456789abcdef") == strlen(id));
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	/* The last one without its padding. */
	static const struct {
		Elf64_Nhdr other;
		char name[8];
		char salt[4];
		Elf64_Nhdr id;
		char gnu[4];
		char bytes[20];
		Elf64_Nhdr last;
		char more[7];
	} seed = {
		.other = { .n_namesz = 6, .n_descsz = 4, .n_type = 0x100 }, .name = "Linux", .salt = "abc",
		.id = { .n_namesz = 4, .n_descsz = 20, .n_type = NT_GNU_BUILD_ID }, .gnu = "GNU", .bytes = "0123456789",
		.last = { .n_namesz = 4, .n_descsz = 3, .n_type = 1 }, .more = "Xen",
	};
	size_t len = offsetof(__typeof__(seed), more) + sizeof(seed.more);
	char id[41];

	(void)argc;
	(void)argv;
	must(!notes_build_id(&seed, len, id, sizeof(id)) && strlen(id) == 40);
	seed_write("notes", &seed, len);
	return 0;
}
