/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * canon.h - names, references and special sections of an object, put so that
 * two compilations of almost the same source can be compared.
 *
 * GCC numbers what has no name of its own (foo.isra.0, count.12, CSWTCH.7) and
 * the assembler turns local symbols into section + offset; neither number says
 * anything about the source.  Here a reference is resolved to what it means.
 */
#ifndef KLP_BUILD_CANON_H
#define KLP_BUILD_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf.h"

/*
 * The length-@len prefixes of names that are equal up to the compiler's
 * numbers: canon_name("foo.isra.3") = "foo.isra.#".  Truncates like strlcpy().
 */
#define CANON_NAME_LEN 256
void canon_name(const char *name, char out[CANON_NAME_LEN]);
bool canon_equal(const char *a, const char *b);

/* foo.cold, foo.isra.0.cold: the part that GCC split off its parent function. */
bool canon_is_cold(const char *name);

/*
 * Constants that the compiler or a macro makes for one function: __func__.3,
 * CSWTCH.9, printk index entries.  Never patched in place: a copy does.
 */
bool canon_is_generated(const struct elf_file *ef, const struct elf_symbol *sym);

/*
 * What -fsanitize=bounds describes a check by (7.x kernels have it): nameless, writable,
 * of one function, in a section of its own with -fdata-sections.
 */
bool canon_is_ubsan(const struct elf_section *sec);	/* ".data..Lubsan_" */
/* Does its byte @off tell a source file, line or column?  The file is the compiler's absolute path. */
bool canon_is_location(const struct elf_section *sec, uint64_t off);

/* What a section is to the differ. */
enum section_kind {
	SECTION_NONE,		/* not loaded, or of no meaning for the running code */
	SECTION_TEXT,
	SECTION_DATA,		/* data with symbols, strings, constants */
	SECTION_BUG,		/* tables about places in text, one entry each: */
	SECTION_ALT,
	SECTION_JUMP,
	SECTION_EX,
	SECTION_SMP,
	SECTION_PARA,
	SECTION_MCOUNT,
	SECTION_HINT,		/* .discard.*: what objtool is told of it: unwind hints, dead ends, no standard frame */
	SECTION_ALT_REPL,	/* code that the tables refer to, without symbols: */
	SECTION_ALT_AUX,
	SECTION_EXPORT,		/* ___ksymtab+foo and its strings */
};
enum section_kind canon_section(const struct elf_section *sec);

/* What a relocation refers to. */
enum ref_kind {
	REF_UNDEF,	/* sym: undefined here */
	REF_ABS,	/* off: absolute value */
	REF_SYMBOL,	/* sym + off */
	REF_STRING,	/* sec: mergeable strings; one begins at off */
	REF_CONST,	/* sec: mergeable constants; one begins at off */
	REF_SECTION,	/* sec + off: no symbol covers it */
	REF_UNKNOWN,	/* sec + off or a few bytes on: of an instruction that isn't known */
};

struct ref {
	enum ref_kind kind;
	const struct elf_symbol *sym;
	const struct elf_section *sec;	/* that holds the target; NULL: undefined, absolute */
	int64_t off;	/* bytes from sym or from the section's start */
	int64_t delta;	/* string, constant: bytes from its start to the place meant */
	int64_t bias;	/* addend of the field = off + delta + sym's value - bias */
};

/*
 * Resolve relocation @r of section @sec; of a PC-relative field see pcrel_bias().
 */
void canon_ref(const struct elf_file *ef, const struct elf_section *sec,
	       const struct elf_reloc *r, struct ref *out);

/* Bytes that string or constant @ref stands for, with its NUL; 0: out of range. */
size_t canon_content(const struct ref *ref, const uint8_t **data);

/*
 * Bytes [*from, *to) of table entry size @entsize for a table section, worked
 * out from its relocations, since it differs between kernels (alt_instr is 12
 * bytes in 6.1, 14 in 6.12).  0: not a table, or no regular one.
 */
size_t canon_table_entsize(const struct elf_section *sec);
/* Relocations of each entry of such a table. */
size_t canon_table_relocs(const struct elf_section *sec);

#endif
