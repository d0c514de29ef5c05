/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extract_priv.h - what the stages of extraction share: which bytes of
 * a patched object go into the patch, and by which symbol each reference of
 * theirs is reached.
 *
 * The unit of extraction is a fragment: a run of bytes of one section (a function,
 * a variable, a string, one entry of a special section) that is copied as it is,
 * and whose relocations are then resolved one by one; that can ask for more fragments.
 */
#ifndef KLP_EXTRACT_PRIV_H
#define KLP_EXTRACT_PRIV_H

#include "extract.h"
#include "object/elf_write.h"
#include "target/image.h"

struct special_kind;

struct fragment {
	uint32_t shndx;			/* of the patched object */
	uint64_t start, end;		/* bytes of that section */
	const struct elf_symbol *sym;	/* function or variable, NULL: anonymous */
	const struct special_kind *kind;	/* entry of a special section, else NULL */
	const struct fragment *code;	/* of such an entry: the code that it is about */
	uint32_t out_sec;
	uint64_t out_off;
	struct elf_reloc *extra;	/* for what the assembler resolved by itself */
	size_t nr_extra;
	struct fragment *next;		/* in the same section */
	struct fragment *later;		/* in order of making */
	bool exec;
};

/* Where one relocation of a fragment leads in the output. */
struct out_ref {
	uint32_t sym;			/* handle in xunit::out */
	int64_t addend;
	const struct ksym *late;	/* set if the core has to write it */
};

/*
 * Internal result of a step that has filed a refusal: go on, so that the report
 * names all of them, but emit nothing for it.
 */
#define REFUSED (-EOPNOTSUPP)

/* fragment.c */
struct fragment *fragment_at(const struct xunit *xu, uint32_t shndx, uint64_t offset);
/* Copies the bytes at once. */
struct fragment *fragment_add(struct xunit *xu, uint32_t shndx, uint64_t start, uint64_t end,
			      const struct elf_symbol *sym);
/* Overwrite copied bytes. */
void fragment_poke(struct xunit *xu, const struct fragment *p, uint64_t offset, const void *data,
		   size_t len);
/* Name for messages: the function or variable that a fragment belongs to. */
const char *fragment_name(const struct xunit *xu, const struct fragment *p);

/* File a refusal of function or variable @name of the unit, with its place in the source. */
void xunit_refuse(struct xunit *xu, enum refusal reason, const char *name, const char *remedy,
		  const char *why, ...)
	__attribute__((format(printf, 5, 6)));
/* Note that the patch can't be reverted ("NAME WHY"); of an update that is refused. */
void xunit_irrevertible(struct xunit *xu, const struct fragment *p, const char *why, ...)
	__attribute__((format(printf, 3, 4)));
/* The one that was opened for @u; NULL: none was. */
struct xunit *xunit_of(struct extract *x, const struct unit *u);

/* extract_code.c: the whole section if the function is alone in it, else its own bytes; with its .cold parts */
int fragment_add_function(struct xunit *xu, const struct elf_symbol *func);

/* extract_refs.c */
int extract_ref(struct xunit *xu, struct fragment *p, const struct elf_reloc *r, struct out_ref *ref);

/* ref.c */
/* Refer to a symbol of the running kernel. */
void ref_ksym(struct xunit *xu, const struct ksym *k, int64_t addend, struct out_ref *ref);
int ref_kernel(struct xunit *xu, const struct fragment *p, const char *object,
	       const struct kernel_place *place, bool global, int64_t addend, struct out_ref *ref);
/* Refer to bytes of the patch itself, in the style (symbol or section) of the original. */
void ref_fragment(struct xunit *xu, const struct fragment *q, const struct elf_symbol *sym,
		  int64_t addend, struct out_ref *ref);
/* File "it refers to NAME, WHY"; returns REFUSED. */
int ref_refuse(struct xunit *xu, const struct fragment *p, const char *name, const char *why);

/* extract_data.c: by relocation @r of @p, place @at of @sec is meant. */
int data_ref(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
	     const struct elf_section *sec, uint64_t at, struct out_ref *ref);
/* New data: may it live in a module at all? */
int data_check_new(struct xunit *xu, const struct fragment *p, const struct elf_symbol *data);

/* Copied wherever it is used, or only there to say something once: it is nobody's state. */
bool data_is_incidental(const struct xunit *xu, const struct elf_symbol *data);
/* The variable that @at of a section of data belongs to, reached by @sym; NULL: none, or not known. */
const struct elf_symbol *data_symbol(const struct xunit *xu, const struct elf_section *sec,
				     const struct elf_symbol *sym, uint64_t at);

/* extract_kept.c: the patch's own variables whose address the kernel may keep */
/* @r of @p refers to @at of the symbol's section.  Warns; of an update it is refused. */
void kept_note(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r, uint64_t at);
/* The same, to variable @data that unit @o of the patch defines. */
void kept_note_variable(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
			struct xunit *o, const struct elf_symbol *data);
void kept_close(struct xunit *xu);

/* extract_locks.c: what lockdep, where the kernel has it, asks of patched code */
/* Should @at of @sec be a name that a lock may have in the kernel; -ENOENT: go on as with any string. */
int lock_ref_name(struct xunit *xu, const struct fragment *p, const struct elf_section *sec,
		  const struct elf_symbol *sym, uint64_t at, int64_t addend, struct out_ref *ref);
/* @data comes along: is it a class of locks? */
void lock_note_class(struct xunit *xu, const struct fragment *p, const struct elf_symbol *data);

/* extract_defs.c */
/* Once all units are open. */
void defs_init(struct extract *x);
void defs_free(struct defs *d);		/* NULL is fine */
/* Some unit has a symbol of that name, of any linkage. */
bool defs_have(const struct extract *x, const char *name);
/* Defined by another unit, for all?  Then @other and @def say where. */
bool defs_elsewhere(const struct xunit *xu, const char *name, struct xunit **other,
		    const struct elf_symbol **def);

/* extract_ksyms.c */
int ksyms_init(struct extract *x, struct klp_err *err);
void ksyms_free(struct extract *x);
/* Module @name is there whenever @module is; both as they call themselves, with '_'. */
bool depends_on(const struct build *b, const char *module, const char *name);

/* extract_desc.c: what the core reads */
int desc_add_functions(struct xunit *xu, struct klp_err *err);
void desc_add_reloc(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
		    const struct out_ref *ref);

#endif
