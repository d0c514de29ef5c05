// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * special.c - carry over what other sections say about extracted code.
 *
 * The kernel and objtool keep tables of code addresses: where a bug check is,
 * which instructions to replace on which CPU, where a fault may happen.  They
 * are arrays of fixed-size entries, of which those that are about extracted
 * code go along.  Entry sizes differ between kernel versions ("struct alt_instr" has
 * 12 bytes in 6.1 and 14 in 6.12), so they come from the image's own BTF.
 *
 * What objtool makes by itself (.orc_*, .return_sites, .retpoline_sites,
 * .static_call_sites, .call_sites) isn't in compiler output.  Left behind on purpose:
 * __patchable_function_entries (the padding itself is copied), export tables, module
 * parameters, initcalls and the printk index.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "keys.h"
#include "object/pcrel.h"
#include "quietpatch.h"
#include "special.h"
#include "target/target.h"


struct special_kind {
	const char *section;		/* name, or its beginning if it ends in '.' */
	const char *type;		/* of an entry, in BTF; NULL: @size always */
	uint32_t size;			/* without BTF; 0: one relocation an entry */
	uint32_t max;			/* sanity limit for BTF's answer */
};

static const struct special_kind kinds[] = {
	{ "__bug_table", "bug_entry", 12, 16 },
	{ ".altinstructions", "alt_instr", 12, 16 },
	{ JUMP_TABLE, "jump_entry", 16, 16 },
	{ "__ex_table", "exception_table_entry", 12, 16 },
	{ ".smp_locks", NULL, 4, 0 },
	{ ".parainstructions", "paravirt_patch_site", 16, 16 },
	{ "__mcount_loc", NULL, 8, 0 },
	{ ".discard.", NULL, 0, 0 },
};

static const char *const dropped[] = {
	".discard.addressable", "__patchable_function_entries", NULL
};

struct table {
	const struct special_kind *kind;
	uint32_t shndx;
	uint32_t entry;			/* bytes */
};

struct special {
	struct table *tables;
	size_t nr_tables;
	uint64_t *aux;			/* ascending starts of the snippets in .altinstr_aux */
	size_t nr_aux;
	uint32_t aux_shndx;
	uint32_t repl_shndx;		/* .altinstr_replacement */
	uint32_t repl_len;		/* offset of alt_instr::replacementlen */
};

static const struct special_kind *kind_of(const char *name)
{
	for (const char *const *d = dropped; *d; d++)
		if (!strcmp(name, *d))
			return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t n = strlen(kinds[i].section);

		if (kinds[i].section[n - 1] == '.' && n > 1 ? !strncmp(name, kinds[i].section, n) :
		    !strcmp(name, kinds[i].section))
			return &kinds[i];
	}
	return NULL;
}

static struct btf *open_btf(const struct target *t)
{
	const struct elf_section *sec = t->image ? elf_section(t->image, ".BTF") : NULL;

	return sec && sec->data ? btf__new(sec->data, sec->size) : NULL;
}

static uint32_t btf_size(const struct btf *btf, const char *type)
{
	int id = btf ? btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) : -1;

	return id > 0 ? btf__type_by_id(btf, id)->size : 0;
}

/* Byte offset of a member, or @fallback. */
static uint32_t btf_member(const struct btf *btf, const char *type, const char *name,
			   uint32_t fallback)
{
	int id = btf ? btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) : -1;
	const struct btf_type *t;

	if (id <= 0)
		return fallback;
	t = btf__type_by_id(btf, id);
	for (uint32_t i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return btf_member_bit_offset(t, i) / 8;
	return fallback;
}

/* Each entry begins with the relocation that names its code, and they fill the section. */
static bool regular(const struct elf_section *sec, uint32_t entry)
{
	uint64_t expect = 0;

	if (!entry || sec->size % entry)
		return false;
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		if (sec->relocs[i].offset == expect)
			expect += entry;
		else if (sec->relocs[i].offset > expect)
			return false;
	}
	return expect == sec->size;
}

static int add_table(struct xunit *xu, const struct btf *btf, const struct elf_section *sec,
		     const struct special_kind *kind, struct klp_err *err)
{
	struct special *sp = xu->special;
	uint32_t entry = kind->size;

	if (kind->type) {
		uint32_t size = btf_size(btf, kind->type);

		if (size > kind->max)
			return klp_err_set(err, -EINVAL,
					   "the kernel's BTF says that struct %s has %u bytes, more than %u: unknown kernel version",
					   kind->type, size, kind->max);
		if (size)
			entry = size;
	}
	if (!kind->size)
		entry = sec->nr_relocs ? sec->size / sec->nr_relocs : 0;
	if (!regular(sec, entry))
		return klp_err_set(err, -EINVAL,
				   "section %s of %s isn't an array of %u-byte entries; its format may be new",
				   sec->name, xu->u->source, entry);
	sp->tables[sp->nr_tables++] = (struct table){ kind, sec->index, entry };
	xu->is_table[sec->index] = true;
	return 0;
}

static int order(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Jumps into .altinstr_aux tell where its snippets start. */
static void find_aux(struct xunit *xu)
{
	const struct elf_section *aux = elf_section(xu->ef, ".altinstr_aux");
	struct special *sp = xu->special;

	if (!aux)
		return;
	sp->aux_shndx = aux->index;
	sp->aux = xcalloc(aux->size + 1, sizeof(*sp->aux));
	for (size_t i = 1; i < xu->ef->nr_sections; i++) {
		const struct elf_section *sec = &xu->ef->sections[i];

		if (!(sec->flags & SHF_EXECINSTR) || sec == aux)
			continue;
		for (size_t r = 0; r < sec->nr_relocs; r++)
			if (xu->ef->symbols[sec->relocs[r].sym].shndx == aux->index &&
			    sp->nr_aux < aux->size &&
			    !reloc_target(xu->ef, sec, &sec->relocs[r], &sp->aux[sp->nr_aux]))
				sp->nr_aux++;
	}
	qsort(sp->aux, sp->nr_aux, sizeof(*sp->aux), order);
}

int special_open(struct xunit *xu, struct klp_err *err)
{
	struct special *sp = xcalloc(1, sizeof(*sp));
	struct btf *btf;
	int ret = 0;

	xu->special = sp;
	sp->tables = xcalloc(xu->ef->nr_sections, sizeof(*sp->tables));
	btf = open_btf(xu->b->target);
	sp->repl_len = btf_member(btf, "alt_instr", "replacementlen", 11);
	for (size_t i = 1; i < xu->ef->nr_sections && !ret; i++) {
		const struct elf_section *sec = &xu->ef->sections[i];
		const struct special_kind *kind = kind_of(sec->name);

		if (!strcmp(sec->name, ".altinstr_replacement"))
			sp->repl_shndx = sec->index;
		if (kind && sec->size && sec->type == SHT_PROGBITS)
			ret = add_table(xu, btf, sec, kind, err);
	}
	btf__free(btf);
	if (!ret)
		find_aux(xu);
	return ret;
}

void special_close(struct special *sp)
{
	if (!sp)
		return;
	free(sp->tables);
	free(sp->aux);
	free(sp);
}

/* The new instructions of an alternative; they lie between those of other functions. */
static int add_replacement(struct xunit *xu, const struct elf_section *sec, const struct elf_reloc *r,
			   uint64_t entry)
{
	uint8_t len = sec->data[entry + xu->special->repl_len];
	uint64_t at = xu->ef->symbols[r->sym].value + (uint64_t)r->addend;
	const struct elf_section *repl = &xu->ef->sections[xu->special->repl_shndx];

	if (xu->ef->symbols[r->sym].shndx != repl->index || at > repl->size ||
	    len > repl->size - at) {
		xunit_refuse(xu, REFUSE_SPECIAL, NULL,
			     "report it, with the kernel's version",
			     "an alternative's replacement lies outside of .altinstr_replacement");
		return REFUSED;
	}
	fragment_add(xu, repl->index, at, at + len, NULL);
	return 0;
}

/*
 * keys.c has left this one: an assembly that it doesn't know.  Without its entry a tracepoint
 * can't fire inside the patched function; any other key decides what the function does.
 */
static void judge_key(struct xunit *xu, const struct fragment *code, const char *name,
		      const char *owner)
{
	if (!strncmp(name, "__tracepoint_", 13)) {
		report_warn(xu->b->report, "tracepoint %s of module %s is off inside the patched %s",
			    name + 13, owner, fragment_name(xu, code));
		return;
	}
	xunit_refuse(xu, REFUSE_STATIC_KEY, fragment_name(xu, code),
		     "change the fix so that this function stays as it is, or test the condition in another way",
		     "it tests the static key %s of %s in a way that can't be turned into a read of its value, and the kernel would %s",
		     name, owner, strcmp(owner, QP_VMLINUX) ? "look for it before the module is there" :
		     "write to it while it loads the patch, though it is read-only since boot");
}

static int add_entry(struct xunit *xu, const struct table *t, const struct elf_section *sec,
		     size_t first, struct fragment *code)
{
	uint64_t start = sec->relocs[first].offset;
	const char *owner, *key;
	struct fragment *p;

	if (!strcmp(t->kind->section, JUMP_TABLE)) {
		if (first + 2 >= sec->nr_relocs || sec->relocs[first + 2].offset != start + 8)
			return -EINVAL;
		owner = key_unloadable(xu->b, xu->u, &sec->relocs[first + 2], &key);
		if (owner)
			judge_key(xu, code, key, owner);
	}
	if (!strcmp(t->kind->section, ".altinstructions")) {
		if (first + 1 >= sec->nr_relocs || sec->relocs[first + 1].offset != start + 4)
			return -EINVAL;
		add_replacement(xu, sec, &sec->relocs[first + 1], start);
	}
	p = fragment_add(xu, sec->index, start, start + t->entry, NULL);
	p->kind = t->kind;
	p->code = code;
	return 0;
}

int special_collect(struct xunit *xu, struct fragment *code)
{
	for (size_t i = 0; i < xu->special->nr_tables; i++) {
		const struct table *t = &xu->special->tables[i];
		const struct elf_section *sec = &xu->ef->sections[t->shndx];

		for (size_t r = 0; r < sec->nr_relocs; r++) {
			const struct elf_symbol *sym = &xu->ef->symbols[sec->relocs[r].sym];
			uint64_t at = sym->value + (uint64_t)sec->relocs[r].addend;
			int ret;

			if (sec->relocs[r].offset % t->entry || sym->shndx != code->shndx ||
			    at < code->start || at >= code->end)
				continue;
			ret = add_entry(xu, t, sec, r, code);
			if (ret)
				return ret;
		}
	}
	return runtime_collect(xu, code);
}

int special_aux(struct xunit *xu, uint32_t shndx, uint64_t offset, struct fragment **out)
{
	const struct special *sp = xu->special;
	const struct elf_section *sec = &xu->ef->sections[shndx];
	uint64_t end = sec->size;

	/* A replacement of no length: any place will do, and only an empty entry asks for it. */
	if (shndx == sp->repl_shndx)
		end = offset;
	else if (!sp->aux_shndx || shndx != sp->aux_shndx)
		return -ENOENT;
	for (size_t i = 0; i < sp->nr_aux && shndx == sp->aux_shndx; i++)
		if (sp->aux[i] > offset) {
			end = sp->aux[i];
			break;
		}
	*out = fragment_add(xu, shndx, offset, end, NULL);
	return 0;
}

int special_check(struct xunit *xu, const struct fragment *p, const struct out_ref *ref)
{
	if (!ref->late || (!p->kind && p->shndx != xu->special->repl_shndx))
		return 0;
	/* Judged by its key; objtool makes the jump a NOP, then relocs.c drops the entry. */
	if (p->kind && !strcmp(p->kind->section, JUMP_TABLE))
		return 0;
	xunit_refuse(xu, REFUSE_SPECIAL, fragment_name(xu, p),
		     "leave that function out of the fix",
		     "an entry of %s refers to %s of module %s, and is used before the module can be there",
		     xu->ef->sections[p->shndx].name, ref->late->name, ref->late->object);
	return REFUSED;
}

void special_leftovers(struct xunit *xu)
{
	for (size_t i = 1; i < xu->ef->nr_sections; i++) {
		const struct elf_section *sec = &xu->ef->sections[i];

		if (!(sec->flags & SHF_ALLOC) || (sec->flags & SHF_EXECINSTR) ||
		    xu->is_table[sec->index] || !strncmp(sec->name, "__patchable", 11) ||
		    runtime_section(sec->name))
			continue;
		for (size_t r = 0; r < sec->nr_relocs; r++) {
			const struct elf_symbol *sym = &xu->ef->symbols[sec->relocs[r].sym];
			uint64_t at = sym->value + (uint64_t)sec->relocs[r].addend;
			const struct fragment *q;

			if (!sym->shndx || sym->shndx >= xu->ef->nr_sections)
				continue;
			q = fragment_at(xu, sym->shndx, at);
			if (!q || !q->exec || !q->sym || at == q->sym->value ||
			    fragment_at(xu, sec->index, sec->relocs[r].offset))
				continue;
			xunit_refuse(xu, REFUSE_SPECIAL, q->sym->name,
				     "report it, with the kernel's version",
				     "section %s points into it, and it isn't known how to carry that over",
				     sec->name);
		}
	}
}
