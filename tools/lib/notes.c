// SPDX-License-Identifier: GPL-2.0-or-later
/* notes.c - see notes.h. */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "hex.h"
#include "notes.h"

/* Bytes that a name or a descriptor takes up: both start at multiples of 4. */
static size_t padded(uint32_t len)
{
	return ((size_t)len + 3) & ~(size_t)3;
}

int elf_note_next(const void *notes, size_t len, size_t *at, struct elf_note *out)
{
	const char *p = notes;
	size_t left = len - *at, name;
	Elf64_Nhdr nh;

	if (left < sizeof(nh))
		return -ENOENT;
	memcpy(&nh, p + *at, sizeof(nh));
	left -= sizeof(nh);
	name = padded(nh.n_namesz);
	if (name > left || nh.n_descsz > left - name)
		return -EBADMSG;
	*out = (struct elf_note){
		.type = nh.n_type, .name = p + *at + sizeof(nh), .name_len = nh.n_namesz,
		.desc = (const uint8_t *)p + *at + sizeof(nh) + name, .desc_len = nh.n_descsz,
	};
	left -= name;
	*at = len - (padded(nh.n_descsz) < left ? left - padded(nh.n_descsz) : 0);
	return 0;
}

bool elf_note_is(const struct elf_note *n, const char *name, uint32_t type)
{
	return n->type == type && n->name_len == strlen(name) + 1 && !memcmp(n->name, name, n->name_len);
}

int notes_build_id(const void *notes, size_t len, char *out, size_t size)
{
	struct elf_note n;
	size_t at = 0;
	int ret;

	while (!(ret = elf_note_next(notes, len, &at, &n))) {
		if (!elf_note_is(&n, "GNU", NT_GNU_BUILD_ID))
			continue;
		if (!n.desc_len || n.desc_len > (size - 1) / 2)
			return -EBADMSG;
		hex_encode(n.desc, n.desc_len, out);
		return 0;
	}
	return ret;
}
