/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes.h - ELF notes: of the running kernel (/sys/kernel/notes), of a module, of a kernel image (section .notes). */
#ifndef KLP_NOTES_H
#define KLP_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_note {
	uint32_t type;
	const char *name;	/* with its NUL, if it has one */
	size_t name_len;
	const uint8_t *desc;
	size_t desc_len;
};

/*
 * The note at *@at, which is set behind it.  What comes behind its descriptor may be cut off, as linkers do with the padding of
 * the last one.  -ENOENT: there is none left; -EBADMSG: it leads beyond the end.
 */
int elf_note_next(const void *notes, size_t len, size_t *at, struct elf_note *out);
/* Is it @name's ("GNU"), of that type? */
bool elf_note_is(const struct elf_note *n, const char *name, uint32_t type);
/* The GNU build-id as lower-case hex.  -ENOENT: none; -EBADMSG: malformed, empty, or longer than @out. */
int notes_build_id(const void *notes, size_t len, char *out, size_t size);

#endif
