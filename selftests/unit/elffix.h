/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elffix.h - objects as the compiler makes them, made in code: a section per
 * function and variable, tables about code, numbered names.
 */
#ifndef ELFFIX_H
#define ELFFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf.h"
#include "object/elf_write.h"

/* Where something that was added lies. */
struct elffix {
	uint32_t sec, sym;	/* handles of elf_write.h */
	uint64_t off, size;
};

/* .text.NAME with @code; ftrace gets a site in it if @traced. */
struct elffix elffix_function(struct elf_out *out, const char *name, uint8_t bind, bool traced,
			const void *code, size_t len);
/* The same in a section of its choice, which others may share. */
struct elffix elffix_function_in(struct elf_out *out, const char *section, const char *name, uint8_t bind,
			   bool traced, const void *code, size_t len);
/* A variable; @data NULL makes it .bss. */
struct elffix elffix_data(struct elf_out *out, const char *section, const char *name, uint8_t bind,
		    const void *data, size_t len);
/* A string in .rodata.str1.1. */
struct elffix elffix_string(struct elf_out *out, const char *s);
/* @func's bytes at @off refer to @to + @addend, as the assembler would put it. */
void elffix_ref(struct elf_out *out, struct elffix func, uint64_t off, uint32_t type, struct elffix to,
	     int64_t addend);
/* The same to an undefined symbol. */
void elffix_undef(struct elf_out *out, struct elffix func, uint64_t off, uint32_t type, const char *name);
/*
 * An entry of a table about code: @data, with PC-relative references to the places
 * given, one every 4 bytes from its start (8 for __jump_table's key).
 */
struct elffix elffix_entry(struct elf_out *out, const char *section, const void *data, size_t len);
void elffix_entry_ref(struct elf_out *out, struct elffix entry, uint64_t off, struct elffix to, uint64_t at);

/* Write, map, and unlink again; the object is to be closed with elf_close(). */
struct elf_file *elffix_finish(struct elf_out *out);
/* Write to @path and free. */
void elffix_write(struct elf_out *out, const char *path);

#endif
