// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_locks.c - locks that patched code initialises, on a kernel with lockdep.
 *
 * A lock keeps the addresses of its class's key and of its name, and lockdep warns
 * of two names at one key.  It outlives the patch that has initialised it, so both
 * have to be the kernel's own.  The key is, like any data; the name is a string,
 * which would be copied.  Other kernels have empty keys and keep no names.
 */
#include <errno.h>
#include <string.h>

#include "base/report.h"
#include "diff/diff.h"
#include "extract_priv.h"
#include "object/pcrel.h"
#include "prove/proof.h"
#include "quietpatch.h"
#include "target/target.h"

/* A key by its name: the macros that initialise locks all have "static struct lock_class_key __key". */
static bool is_key(const struct elf_symbol *data)
{
	return data->type == STT_OBJECT && data->size && starts_with(data->name, "__key.");
}

/* Does the code refer to a class that the kernel has, and to none that is new? */
static bool has_old_keys_only(const struct xunit *xu, const struct fragment *p)
{
	const struct elf_section *sec = &xu->ef->sections[p->shndx];
	bool found = false;

	for (size_t i = elf_reloc_first(sec, p->start);
	     i < sec->nr_relocs && sec->relocs[i].offset < p->end; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		const struct elf_symbol *sym = &xu->ef->symbols[r->sym];
		uint64_t at;

		if (!sym->shndx || sym->shndx >= xu->ef->nr_sections)
			continue;
		if (sym->type != STT_OBJECT)
			sym = reloc_target(xu->ef, sec, r, &at) ? NULL : elf_symbol_at(xu->ef, sym->shndx, at);
		if (!sym || !is_key(sym))
			continue;
		if (!diff_match(xu->u, sym))
			return false;
		found = true;
	}
	return found;
}

/* As "#lock" in mutex_init() and its like has it. */
static bool looks_like_name(const char *s)
{
	return *s == '&' || starts_with(s, "(&") || starts_with(s, "(work_completion)");
}

/*
 * Bytes of the string at @at, with its NUL; 0: none.  With KASAN strings aren't
 * merged: each is padded with zeros to a multiple of 32, and has no symbol.
 */
static size_t string_len(const struct xunit *xu, const struct elf_section *sec, uint64_t at)
{
	const uint8_t *nul;
	uint64_t end;

	if ((sec->flags & (SHF_WRITE | SHF_EXECINSTR)) || !sec->data || at >= sec->size)
		return 0;
	nul = memchr(sec->data + at, 0, sec->size - at);
	if (!nul || nul == sec->data + at)
		return 0;
	end = (uint64_t)(nul - sec->data) + 1;
	if (sec->flags & SHF_MERGE)
		return sec->flags & SHF_STRINGS && sec->entsize == 1 ? end - at : 0;
	if (at % 32 || elf_symbol_at(xu->ef, sec->index, at))
		return 0;
	for (; end % 32; end++)
		if (end >= sec->size || sec->data[end])
			return 0;
	return end - at;
}

int lock_ref_name(struct xunit *xu, const struct fragment *p, const struct elf_section *sec,
		  const struct elf_symbol *sym, uint64_t at, int64_t addend, struct out_ref *ref)
{
	const struct elf_symbol *orig;
	const struct ksym *anchor;
	const char *name;
	uint64_t address;
	size_t len, pos = 0;

	if (!p->sym || p->sym->type != STT_FUNC ||
	    !target_symbol_next(xu->b->target, "lockdep_init_map_type", &pos))
		return -ENOENT;
	len = string_len(xu, sec, at);
	if (!len)
		return -ENOENT;
	name = (const char *)sec->data + at;
	orig = diff_match(xu->u, p->sym);
	if (orig && !proof_constant(xu->u, orig, name, len, &address)) {
		anchor = ksym_get_named(xu->x, QP_ANCHOR);
		ref_ksym(xu, anchor, (int64_t)(address - xu->x->anchor + sym->value + (uint64_t)addend - at), ref);
		return 0;
	}
	if (!looks_like_name(name) || !has_old_keys_only(xu, p))
		return -ENOENT;
	xunit_refuse(xu, REFUSE_SYMBOL, fragment_name(xu, p),
		     "let the lock keep its name, and patch the function of vmlinux that initialises it; a kernel without lockdep doesn't ask for that",
		     "it initialises a lock whose class has its name (\"%s\") from the kernel, where it isn't found", name);
	return REFUSED;
}

void lock_note_class(struct xunit *xu, const struct fragment *p, const struct elf_symbol *data)
{
	if (!is_key(data))
		return;
	xunit_irrevertible(xu, p, "initialises a lock of a new class, which lockdep keeps with each such lock");
}
