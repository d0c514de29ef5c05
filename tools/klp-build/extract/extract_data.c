// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_data.c - references to data: what exists in the kernel is used there,
 * strings and constants are copied, and new variables come along.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "diff/diff.h"
#include "extract_priv.h"
#include "object/debuginfo.h"
#include "object/insn.h"
#include "object/merge.h"
#include "prove/proof.h"

static bool starts_with_any(const char *s, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (starts_with(s, *prefixes))
			return true;
	return false;
}

/*
 * Constants of the compiler or of a macro whose address nobody compares; and debug
 * descriptors, whose jump labels must belong to the patch.
 */
static bool may_copy(const struct xunit *xu, const struct elf_symbol *data)
{
	static const char *const names[] = {
		"CSWTCH.", "__func__.", "__FUNCTION__.", "__PRETTY_FUNCTION__.", NULL
	};

	return data->bind == STB_LOCAL &&
	       (starts_with_any(data->name, names) ||
		!strcmp(xu->ef->sections[data->shndx].name, "__dyndbg"));
}

/* Only remembers that a message was printed: a second one does no harm. */
static bool is_once(const struct xunit *xu, const struct elf_symbol *data)
{
	static const char *const sections[] = { ".data.once", ".data..once", NULL };
	static const char *const names[] = {
		"__already_done.", "__warned.", "__print_once.", "__key.", NULL
	};

	return data->bind == STB_LOCAL &&
	       (starts_with_any(xu->ef->sections[data->shndx].name, sections) ||
		starts_with_any(data->name, names));
}

bool data_is_incidental(const struct xunit *xu, const struct elf_symbol *data)
{
	return may_copy(xu, data) || is_once(xu, data);
}

/* A table of labels inside a function that goes along ("&&label"). */
static bool has_labels(const struct xunit *xu, const struct elf_symbol *data)
{
	const struct elf_section *sec = &xu->ef->sections[data->shndx];

	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		const struct elf_symbol *sym = &xu->ef->symbols[r->sym];
		struct fragment *q;
		uint64_t at;

		if (r->offset < data->value || r->offset >= data->value + data->size ||
		    !sym->shndx || sym->shndx >= xu->ef->nr_sections)
			continue;
		at = sym->value + (uint64_t)r->addend;
		q = fragment_at(xu, sym->shndx, at);
		if (q && q->exec && q->sym && at != q->sym->value)
			return true;
	}
	return false;
}

/* New data: may it live in a module at all? */
int data_check_new(struct xunit *xu, const struct fragment *p, const struct elf_symbol *data)
{
	static const char *const special[] = {
		".BTF", "__tracepoint", "_ftrace_", "__bpf_raw_tp", ".init", ".exit",
		"__param", "__ksymtab", "___ksymtab", "__syscalls_metadata", "_error_injection",
		"_kprobe_blacklist", ".printk_index", NULL
	};
	const char *sec = xu->ef->sections[data->shndx].name;

	if (starts_with(sec, ".data..percpu")) {
		xunit_refuse(xu, REFUSE_PERCPU, fragment_name(xu, p),
			     "keep the value in a shadow variable, or in an array indexed by CPU",
			     "it needs the new per-CPU variable %s, for which a patch has no room",
			     data->name);
		return REFUSED;
	}
	if (starts_with_any(sec, special)) {
		xunit_refuse(xu, REFUSE_SPECIAL, fragment_name(xu, p),
			     "leave that part out of the fix: the kernel reads this section only while it boots",
			     "it needs new data (%s) in section %s", data->name, sec);
		return REFUSED;
	}
	return 0;
}

static int copy_data(struct xunit *xu, const struct fragment *p, const struct elf_symbol *data,
		     const struct elf_symbol *sym, int64_t addend, struct out_ref *ref)
{
	struct fragment *q = fragment_add(xu, data->shndx, data->value, data->value + data->size, data);

	lock_note_class(xu, p, data);
	ref_fragment(xu, q, sym, addend, ref);
	return 0;
}

static int ref_data(struct xunit *xu, const struct fragment *p, const struct elf_symbol *data,
		    const struct elf_symbol *sym, int64_t addend, struct out_ref *ref)
{
	const struct unit *where;
	const struct elf_symbol *orig = diff_origin(xu->u, data, &where);
	struct kernel_place place;
	int ret;

	if (may_copy(xu, data) || has_labels(xu, data))
		return copy_data(xu, p, data, sym, addend, ref);
	/* Sets of BTF ids are labels of assembly, which the differ doesn't list. */
	if (!orig && starts_with(xu->ef->sections[data->shndx].name, ".BTF_ids"))
		orig = elf_symbol(xu->u->orig, data->name, STT_NOTYPE);
	if (!orig) {
		ret = data_check_new(xu, p, data);
		return ret ? ret : copy_data(xu, p, data, sym, addend, ref);
	}
	ret = proof_place(where, orig, &place);
	if (ret == -ENOENT && is_once(xu, data))
		return copy_data(xu, p, data, sym, addend, ref);
	if (ret == -ENOENT)
		return ref_refuse(xu, p, data->name, "whose address in the shipped kernel isn't proven");
	if (ret)
		return ret;
	return ref_kernel(xu, p, where->object, &place, data->bind != STB_LOCAL,
			  (int64_t)(sym->value + (uint64_t)addend - data->value), ref);
}

/* A string or constant: its own bytes only. */
static int ref_mergeable(struct xunit *xu, const struct elf_section *sec, uint64_t at,
			 const struct elf_symbol *sym, int64_t addend, struct out_ref *ref)
{
	size_t len = merge_len(sec, at);
	struct fragment *q = fragment_add(xu, sec->index, at, len ? at + len : sec->size, NULL);

	ref_fragment(xu, q, sym, addend, ref);
	return 0;
}

/* Of -fsanitize=bounds, which 7.x kernels are built with: see canon.h. */
static bool is_bounds_check(const struct elf_section *sec)
{
	return starts_with(sec->name, ".data..Lubsan_");
}

/* No symbol covers it: jump tables of a switch and constants, between symbols. */
static int ref_anonymous(struct xunit *xu, const struct fragment *p, const struct elf_section *sec,
			 uint64_t at, const struct elf_symbol *sym, int64_t addend,
			 struct out_ref *ref)
{
	uint64_t start = 0, end = sec->size;
	struct fragment *q;

	/* A bounds check's description is written to, but only so that it reports once. */
	if (((sec->flags & (SHF_WRITE | SHF_EXECINSTR)) && !is_bounds_check(sec)) ||
	    !(sec->flags & SHF_ALLOC) || at > end)
		return ref_refuse(xu, p, sec->name, "at a place that no symbol names");
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &xu->ef->symbols[sec->syms[i]];

		if (s->type != STT_OBJECT)
			continue;
		if (s->value + s->size <= at && s->value + s->size > start)
			start = s->value + s->size;
		if (s->value > at && s->value < end)
			end = s->value;
	}
	q = fragment_add(xu, sec->index, start, end, NULL);
	ref_fragment(xu, q, sym, addend, ref);
	return 0;
}

const struct elf_symbol *data_symbol(const struct xunit *xu, const struct elf_section *sec,
				     const struct elf_symbol *sym, uint64_t at)
{
	const struct elf_symbol *data = NULL;

	if (sym->type == STT_OBJECT)
		return sym;
	data = elf_symbol_at(xu->ef, sec->index, at);
	if (data)
		return data;
	/* Base addresses of scaled accesses may lie outside: "table - 8(,%rax,8)". */
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &xu->ef->symbols[sec->syms[i]];

		if (s->type != STT_OBJECT)
			continue;
		if (data)
			return NULL;
		data = s;
	}
	return data;
}

/*
 * A bounds check's description names its source by the absolute path that the
 * compiler was given, of a work folder: only what follows that goes along.
 */
static uint64_t path_to_skip(const struct xunit *xu, const struct fragment *p,
			     const struct elf_section *sec, uint64_t at)
{
	const char *path = (const char *)sec->data + at;
	char tree[PATH_MAX];
	size_t n;

	if (!is_bounds_check(&xu->ef->sections[p->shndx]) || !(sec->flags & SHF_STRINGS) ||
	    *path != '/' || !memchr(path, 0, sec->size - at))
		return 0;
	dwarf_tree_path(path, tree, sizeof(tree));
	n = strlen(tree);
	return n < strlen(path) ? strlen(path) - n : 0;
}

/*
 * Does each variable of the section lie where the kernel's does, counted from the section's start?  Then it doesn't
 * matter which of them a place is taken for.  Copies that everybody may have of their own don't count.
 */
static bool is_as_shipped(const struct xunit *xu, const struct elf_section *sec)
{
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &xu->ef->symbols[sec->syms[i]], *orig;

		if (s->type != STT_OBJECT || data_is_incidental(xu, s))
			continue;
		orig = diff_match(xu->u, s);
		if (!orig || orig->value != s->value ||
		    strcmp(xu->u->orig->sections[orig->shndx].name, sec->name))
			return false;
	}
	return true;
}

static bool is_alone(const struct xunit *xu, const struct elf_section *sec)
{
	size_t nr = 0;

	for (size_t i = 0; i < sec->nr_syms; i++)
		nr += xu->ef->symbols[sec->syms[i]].type == STT_OBJECT;
	return nr < 2;
}

/*
 * The assembler has made "x - 4" and "the end of x" a section and an offset, which is another variable's if
 * it lies there.  That is only sure of what is read or written at that very place.
 */
static bool is_sure(const struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
		    const struct elf_section *sec)
{
	const struct elf_section *from = &xu->ef->sections[p->shndx];

	return xu->ef->symbols[r->sym].type == STT_OBJECT || p->kind || is_alone(xu, sec) || is_as_shipped(xu, sec) ||
	       (p->exec && insn_accesses_there(from->data, from->size, p->start, r->offset));
}

static int refuse_unsure(struct xunit *xu, const struct fragment *p, const struct elf_symbol *owner,
			 const struct elf_section *sec)
{
	xunit_refuse(xu, REFUSE_DATA, fragment_name(xu, p),
		     "give the new variable no section attribute (__read_mostly and its like), or the old ones the places that they have",
		     "it refers to %s, or to the end or beginning of a variable beside it: section %s has other variables, or in other places, than the kernel's, and the assembler doesn't tell which is meant",
		     owner->name, sec->name);
	return REFUSED;
}

int data_ref(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
	     const struct elf_section *sec, uint64_t at, struct out_ref *ref)
{
	const struct elf_symbol *sym = &xu->ef->symbols[r->sym];
	int64_t addend = r->addend;
	const struct elf_symbol *owner;
	struct fragment *q;
	bool merged = merge_has(sec, sym);
	uint64_t skip;
	int ret;

	if (merged)
		at = merge_start(sec, sym, at);
	ret = lock_ref_name(xu, p, sec, sym, at, addend, ref);
	if (ret != -ENOENT)
		return ret;
	merged = merged && at < sec->size;
	if (merged) {
		skip = path_to_skip(xu, p, sec, at);
		at += skip;
		addend += (int64_t)skip;
	}
	owner = merged ? NULL : data_symbol(xu, sec, sym, at);
	if (owner && !data_is_incidental(xu, owner) && !is_sure(xu, p, r, sec))
		return refuse_unsure(xu, p, owner, sec);
	q = fragment_at(xu, sec->index, at);
	if (q) {
		ref_fragment(xu, q, sym, addend, ref);
		return 0;
	}
	if (merged)
		return ref_mergeable(xu, sec, at, sym, addend, ref);
	if (owner) {
		/* May be in the patch already, reached here by an outlying base address. */
		q = fragment_at(xu, owner->shndx, owner->value);
		if (q) {
			ref_fragment(xu, q, sym, addend, ref);
			return 0;
		}
		return ref_data(xu, p, owner, sym, addend, ref);
	}
	return ref_anonymous(xu, p, sec, at, sym, addend, ref);
}
