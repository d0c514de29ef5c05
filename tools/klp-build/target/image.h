/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.h - the shipped object, vmlinux or a module, behind one face.
 *
 * vmlinux is linked: places are addresses, fields hold the final values.  A
 * module is relocatable: a place is a section and an offset, packed into one
 * number with which one can reckon, and a field is what its relocation says.
 */
#ifndef KLP_IMAGE_H
#define KLP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_file;
struct elf_section;
struct klp_err;
struct target;

/* Where a symbol lies in the shipped kernel. */
struct kernel_place {
	char name[256];		/* as kallsyms (or the module's symtab) spells it */
	uint32_t sympos;	/* 1-based among equal names in the object; 0 = unique */
	uint64_t address;	/* vmlinux: link-time address; module: offset in its section */
	uint64_t size;		/* bytes, of the shipped symbol */
	const char *section;	/* module: the shipped section; vmlinux: NULL */
	bool percpu;
	bool freed;		/* its memory is given back after boot, or once the module is in */
	bool sealed;		/* vmlinux: it was writable while the kernel booted (__ro_after_init), or never was */
};

struct image {
	const struct target *target;
	struct elf_file *ko;		/* NULL: vmlinux */
	uint32_t *by_name;		/* ko: its named symbols, sorted by name */
	size_t nr_by_name;
};

/* What stands in a relocated field: symbol's address + addend. */
struct field {
	const char *undef;	/* name of a symbol that the module leaves open; else NULL */
	uint64_t value;		/* address + addend, or the addend alone */
};

int image_open(const struct target *t, const char *ko_path, struct image *img,
	       struct klp_err *err);
void image_close(struct image *img);

/* @len bytes at @addr, or NULL: not there, or without content (NOBITS). */
const uint8_t *image_bytes(const struct image *img, uint64_t addr, uint64_t len);

/* The value of the field at @addr for a relocation of @type.  -ENOENT: none that fits. */
int image_field(const struct image *img, uint64_t addr, uint32_t type, struct field *out);

/*
 * Addresses of the symbols called @name, global ones if @global, else local
 * ones; returns how many there are, of which at most @max are stored.
 */
size_t image_lookup(const struct image *img, const char *name, bool global,
		    uint64_t *out, size_t max);

/*
 * Describe the symbol at @addr, preferably called @name: its position among
 * equal names as kallsyms counts.  -ENOENT: no symbol there.
 */
int image_place(const struct image *img, uint64_t addr, const char *name,
		struct kernel_place *out);

/* What the running kernel calls @place of @object: it finds vmlinux's by the address, which may have several names. */
const char *place_listed(const struct target *t, const char *object, const struct kernel_place *place);

/*
 * Is the memory at @addr given back when the kernel has booted, or the module is loaded?
 * -ENOENT: vmlinux doesn't say where that is.
 */
int target_init_range(const struct target *t, uint64_t *begin, uint64_t *end);
bool image_is_freed(const struct image *img, uint64_t addr);

/* Module: the place at @off of a section. */
uint64_t image_address(uint32_t shndx, uint64_t off);

/* Module: section of a place, and the place's offset in it. */
const struct elf_section *image_section(const struct image *img, uint64_t addr, uint64_t *off);

#endif
