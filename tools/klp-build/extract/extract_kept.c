// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_kept.c - the patch's own variables whose address the kernel may keep.
 *
 * An inode that a patch gives a table of its own, an object that it puts on its own list, who
 * polls and waits at its own queue: all have a pointer into the patch's module, with nothing of
 * it on any stack.  Such a patch can't be reverted, as one whose functions' addresses get out.
 *
 * Not found: what the kernel keeps of strings, and of constants that refer to no code.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "diff/diff.h"
#include "extract_priv.h"
#include "object/insn.h"
#include "object/merge.h"
#include "object/variables.h"

/*
 * Types of which no one keeps the address once the call is over that it was passed to: whoever
 * waits for a lock has the patched function on its stack.
 */
static bool is_only_used(const char *type)
{
	static const char *const types[] = {
		"struct mutex", "struct spinlock", "struct raw_spinlock", "struct rw_semaphore",
		"struct semaphore", "spinlock_t", "raw_spinlock_t", "rwlock_t", "seqlock_t",
		"struct seqcount", "seqcount_t", "atomic_t", "atomic64_t", "struct refcount_struct",
		"struct ratelimit_state", "struct static_key", "struct static_key_true",
		"struct static_key_false", "struct static_call_key", NULL
	};

	if (starts_with(type, "integer of ") || starts_with(type, "pointer to "))
		return true;
	for (size_t i = 0; types[i]; i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

/* A constant that refers to code, or to what another unit has: a table of operations. */
static bool is_table(const struct xunit *xu, const struct elf_symbol *data)
{
	const struct elf_file *ef = xu->ef;
	const struct elf_section *sec = &ef->sections[data->shndx];

	for (size_t i = elf_reloc_first(sec, data->value);
	     i < sec->nr_relocs && sec->relocs[i].offset < data->value + data->size; i++) {
		uint32_t shndx = ef->symbols[sec->relocs[i].sym].shndx;

		if (!shndx || (shndx < ef->nr_sections && ef->sections[shndx].flags & SHF_EXECINSTR))
			return true;
	}
	return false;
}

/* Its type in words; NULL: the debug information doesn't tell. */
static const char *type_of(struct xunit *xu, const struct elf_symbol *data)
{
	const struct variable *v;

	if (!xu->variables) {
		xu->variables = xcalloc(1, sizeof(*xu->variables));
		if (xu->variables && variables_read(xu->u->patched_path, xu->variables, NULL))
			*xu->variables = (struct variables){ 0 };
	}
	v = xu->variables ? variable_of(xu->variables, data->name) : NULL;
	return v ? v->type : NULL;
}

void kept_close(struct xunit *xu)
{
	if (xu->variables)
		variables_free(xu->variables);
	free(xu->variables);
	xu->variables = NULL;
}

/* Reads it or writes to it, and no more.  Of entries about code only the core and the kernel's patching know. */
static bool only_accesses(const struct xunit *xu, const struct fragment *p, const struct elf_reloc *r)
{
	const struct elf_section *sec = &xu->ef->sections[p->shndx];

	return p->kind || (p->exec && insn_accesses(sec->data, sec->size, p->start, r->offset));
}

void kept_note_variable(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
			struct xunit *o, const struct elf_symbol *data)
{
	const struct unit *where;
	const char *type;

	/* A list's head points to itself. */
	if (!data->size || (o == xu && data == p->sym) || diff_origin(o->u, data, &where) || data_is_incidental(o, data) ||
	    only_accesses(xu, p, r))
		return;
	if (!(o->ef->sections[data->shndx].flags & SHF_WRITE)) {
		if (is_table(o, data))
			xunit_irrevertible(xu, p, "takes the address of the new table %s, which the kernel may keep",
					   data->name);
		return;
	}
	type = type_of(o, data);
	if (!type || !is_only_used(type))
		xunit_irrevertible(xu, p, "takes the address of the new variable %s (%s), which the kernel may keep",
				   data->name, type ? type : "of a type that isn't known");
}

void kept_note(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r, uint64_t at)
{
	const struct elf_symbol *sym = &xu->ef->symbols[r->sym], *data;
	const struct elf_section *sec = &xu->ef->sections[sym->shndx];

	if (merge_has(sec, sym))
		return;
	data = data_symbol(xu, sec, sym, at);
	if (data && data->type == STT_OBJECT)
		kept_note_variable(xu, p, r, xu, data);
}
