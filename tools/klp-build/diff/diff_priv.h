/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_priv.h - the differ's parts.
 *
 * diff_index.c makes one object's index, diff_pair.c says which symbol of the
 * original is which of the patched one, diff_compare.c compares two symbols,
 * diff_verdict.c decides what may be patched, diff_place.c what a new section
 * means, diff_tables.c and diff_residual.c compare what has no symbol, diff.c is the pass.
 * diff_moves.c is a pass over all units, for what goes in one and comes in another,
 * diff_globals.c one for names that another unit has, diff_annotations.c one for exports
 * and their like.
 */
#ifndef KLP_BUILD_DIFF_PRIV_H
#define KLP_BUILD_DIFF_PRIV_H

#include "base/build.h"
#include "diff.h"
#include "object/canon.h"

/* One entry of a special table, filed under the function that it is about. */
struct table_entry {
	uint32_t sym;		/* the function's symbol */
	enum section_kind kind;
	int64_t off;		/* of the place, from the function's start */
	const struct elf_section *sec;
	size_t index;		/* within the table */
	size_t entsize;
};

/* "@by refers to @to", from anything that is loaded. */
struct use {
	uint32_t to, by;	/* symbols; by = 0: from no symbol */
	uint32_t seq;		/* order of appearance */
	bool call;		/* a direct call or jump */
	bool text;
};

/* Place in a section without symbols that something refers to. */
struct edge {
	uint32_t shndx;
	uint64_t off;
	bool compared;		/* by a function, a variable or a table that is compared */
};

struct diff_object {
	const struct elf_file *ef;
	struct table_entry *entries;	/* by (sym, kind, table's name, off, index) */
	size_t nr_entries;
	struct use *uses;		/* by (to, seq) */
	size_t nr_uses;
	struct edge *edges;		/* by (shndx, off) */
	size_t nr_edges;
	uint8_t *fentry;		/* per symbol: ftrace has a site in it */
	uint64_t *hash;			/* per symbol: content, numbers aside; 0 = none */
	uint32_t *other;		/* per symbol: match in the other object, 0 = none */
};

int diff_index(const struct elf_file *ef, struct diff_object *d, struct klp_err *err);
void diff_index_free(struct diff_object *d);

/* All uses of symbol @to: [*first, return value). */
size_t diff_uses(const struct diff_object *d, uint32_t to, size_t *first);
/* All table entries about symbol @sym: [*first, return value). */
size_t diff_entries(const struct diff_object *d, uint32_t sym, size_t *first);

/* Functions and data that a change can be told of, as diff_is_function(). */
bool diff_is_data(const struct elf_file *ef, const struct elf_symbol *sym);
/* Is the place a byte of a function? */
bool diff_covers(const struct elf_file *ef, const struct ref *ref);

/* Fill other[] of both. */
void diff_pair(struct diff_object *o, struct diff_object *n);

/* True if the two symbols' contents mean the same; needs other[]. */
bool diff_same(const struct diff_object *o, uint32_t osym,
	       const struct diff_object *n, uint32_t nsym);

/* Two entries of a table, of equal @off, and what they are about. */
bool diff_same_entry(const struct diff_object *o, const struct table_entry *a,
		     const struct diff_object *n, const struct table_entry *b);

/* Unnamed content at @off reaches up to the next place that anything names or refers to. */
uint64_t diff_range_end(const struct diff_object *d, const struct elf_section *sec, uint64_t off);
/* The first place from @off on whose content is compared with what refers to it; UINT64_MAX: none. */
uint64_t diff_next_edge(const struct diff_object *d, const struct elf_section *sec, uint64_t off);
/* @len bytes without a symbol on both sides, and what they refer to. */
bool diff_same_bytes(const struct diff_object *o, const struct elf_section *a, uint64_t from,
		     const struct diff_object *n, const struct elf_section *b, uint64_t off,
		     uint64_t len);

/* Data that records a source line; the bits of its byte @off that do. */
bool diff_has_lines(const struct elf_file *ef, const struct elf_symbol *sym);
uint8_t diff_line_bits(const struct elf_symbol *sym, uint64_t off);

/* ---- diff_section.c: by the name of a section ---- */

enum diff_memory {
	MEMORY_UNKNOWN,
	MEMORY_WRITABLE,
	MEMORY_LATE,		/* read-only once the kernel or the module has started */
	MEMORY_CONST,
	MEMORY_INIT,		/* freed by then */
	MEMORY_PERCPU,
};
enum diff_memory diff_memory_of(const char *section);
/* What runs or is read once; a variable a CPU; tables that are read at start. */
bool diff_in_init(const char *section);
bool diff_in_percpu(const char *section);
bool diff_in_registration(const char *section);
/* What diff_annotations.c compares. */
bool diff_in_annotations(const char *section);
/* A static local that only remembers that something was said, or what lockdep calls a lock. */
bool diff_is_once(const struct elf_file *ef, const struct elf_symbol *sym);

/* Widen CHANGE_CHANGED to callers of what can't be redirected; file refusals. */
void diff_verdicts(const struct diff_object *o, const struct diff_object *n,
		   struct unit *u, struct report *r);

/* Of variables and functions that another section has now; files refusals and warnings. */
void diff_places(const struct diff_object *o, const struct diff_object *n, const struct unit *u,
		 struct report *r);

/* Of entries of tables that no function or variable answers for; files refusals.  The first tells those without symbols. */
bool diff_is_nameless_table(const char *section);
void diff_tables(const struct diff_object *o, const struct diff_object *n, const struct unit *u,
		 struct report *r);

/* Of bytes that are loaded and belong to no symbol; files refusals and warnings. */
int diff_residuals(const struct diff_object *o, const struct diff_object *n, const struct unit *u,
		   struct report *r, struct klp_err *err);

#endif
