// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_refs.c - where each reference of extracted code leads.
 *
 * The rules, in order:
 *  - a call or jump to a function of the patch goes straight there;
 *  - the address of a function that exists in the kernel is its address there:
 *    ftrace redirects it, and a timer or ops pointer outlives a revert;
 *  - data that exists in the kernel is referenced, never copied;
 *  - strings, constants and anonymous read-only data are copied;
 *  - what is new is copied, and a new function whose address is taken makes the
 *    patch irrevertible, since nobody can tell who keeps it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "extract.h"
#include "quietpatch.h"
#include "special.h"


static bool starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool starts_with_any(const char *s, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (starts(s, *prefixes))
			return true;
	return false;
}

bool reloc_is_branch(const struct elf_section *sec, const struct elf_reloc *r)
{
	const uint8_t *p = sec->data + r->offset;

	if (!(sec->flags & SHF_EXECINSTR) || !elf_reloc_pcrel(r->type))
		return false;
	/* A RIP-relative operand is preceded by a ModRM byte xx000101, never by one of these. */
	if (r->offset >= 1 && (p[-1] == 0xe8 || p[-1] == 0xe9))
		return true;
	return r->offset >= 2 && p[-2] == 0x0f && (p[-1] & 0xf0) == 0x80;
}

/*
 * Bytes of immediate operand behind a RIP-relative displacement: the relocation
 * counts from the end of the instruction.  "movl $5, counter(%rip)" has
 * counter-8.  Opcodes: Intel SDM, volume 2, appendix A.
 */
static unsigned int immediate_after(const struct elf_section *sec, uint64_t offset)
{
	const uint8_t *p = sec->data + offset;
	bool wide = true;

	if (offset < 2 || (p[-1] & 0xc7) != 0x05)
		return 0;
	if (offset >= 3 && p[-3] == 0x66)
		wide = false;
	if (offset >= 4 && p[-4] == 0x66 && (p[-3] & 0xf0) == 0x40)
		wide = false;
	if (offset >= 3 && p[-3] == 0x0f)
		return p[-2] == 0xba || p[-2] == 0xa4 || p[-2] == 0xac || p[-2] == 0x70 ||
		       p[-2] == 0xc2 || (p[-2] >= 0xc4 && p[-2] <= 0xc6);
	switch (p[-2]) {
	case 0x80: case 0x83: case 0xc0: case 0xc1: case 0xc6: case 0x6b:
		return 1;
	case 0x81: case 0xc7: case 0x69:
		return wide ? 4 : 2;
	case 0xf6:
		return (p[-1] & 0x38) <= 0x08 ? 1 : 0;
	case 0xf7:
		return (p[-1] & 0x38) <= 0x08 ? (wide ? 4 : 2) : 0;
	}
	return 0;
}

uint64_t reloc_target(const struct elf_file *ef, const struct elf_section *sec,
		      const struct elf_reloc *r)
{
	const struct elf_symbol *sym = &ef->symbols[r->sym];
	uint64_t at;

	if (sym->type == STT_FUNC || sym->type == STT_OBJECT)
		return sym->value;
	at = sym->value + (uint64_t)r->addend;
	if ((sec->flags & SHF_EXECINSTR) && elf_reloc_pcrel(r->type))
		at += reloc_is_branch(sec, r) ? 4 : 4 + immediate_after(sec, r->offset);
	return at;
}

static int refuse_symbol(struct xunit *xu, const struct piece *p, const char *name,
			 const char *why)
{
	report_refuse(xu->b->report, REFUSE_SYMBOL, piece_name(xu, p), xu->u->source, 0,
		      "check that the source version is the running kernel's; otherwise reach the symbol through one that kallsyms lists",
		      "it refers to %s, %s", name, why);
	return REFUSED;
}

/* Refer to a symbol of the running kernel. */
static int to_kernel(struct xunit *xu, const struct piece *p, const char *object,
		     const struct kernel_place *place, bool global, int64_t addend,
		     struct ref *ref)
{
	const struct ksym *k;

	if (strcmp(object, QP_VMLINUX) && place->percpu) {
		report_refuse(xu->b->report, REFUSE_PERCPU, piece_name(xu, p), xu->u->source, 0,
			      "leave functions alone that use the module's own per-CPU variables",
			      "it uses the per-CPU variable %s of module %s, whose place is known to that module only",
			      place->name, object);
		return REFUSED;
	}
	k = ksym_get(xu->x, object, place, global);
	if (!k)
		return -ENOMEM;
	ref->sym = elf_out_undef(xu->out, k->link_name, STB_GLOBAL);
	ref->addend = addend;
	ref->late = k->late ? k : NULL;
	return 0;
}

/* Refer to bytes of the patch itself, in the style (symbol or section) of the original. */
static void to_piece(struct xunit *xu, const struct piece *q, const struct elf_symbol *sym,
		     int64_t addend, struct ref *ref)
{
	if (sym->type != STT_SECTION && xu->out_sym[sym->index]) {
		ref->sym = xu->out_sym[sym->index];
		ref->addend = addend;
		return;
	}
	ref->sym = elf_out_section_symbol(xu->out, q->out_sec);
	ref->addend = (int64_t)(q->out_off + sym->value + (uint64_t)addend - q->start);
}

static void note_escape(struct xunit *xu, const struct piece *p, const struct elf_symbol *func)
{
	/* The core calls callbacks itself, and knows when it is done. */
	if (!strcmp(xu->ef->sections[p->shndx].name, QP_SEC_CALLBACKS))
		return;
	if (!(xu->x->flags & QP_PATCH_IRREVERTIBLE))
		report_warn(xu->b->report,
			    "%s takes the address of the new function %s: the kernel may keep it, so the patch can't be unloaded after a revert",
			    piece_name(xu, p), func->name);
	xu->x->flags |= QP_PATCH_IRREVERTIBLE;
}

/* @func isn't reached by its own bytes in the patch, or not only. */
static int ref_function(struct xunit *xu, const struct piece *p, const struct elf_symbol *func,
			const struct elf_symbol *sym, int64_t addend, bool branch,
			struct ref *ref)
{
	const struct elf_symbol *orig = diff_counterpart(xu->u, func);
	struct kernel_place place;
	struct piece *q;
	int ret;

	if (orig) {
		ret = proof_place(xu->u, orig, &place);
		if (ret == -ENOENT)
			return refuse_symbol(xu, p, func->name,
					     "which the shipped kernel doesn't contain under that name");
		if (ret)
			return ret;
		return to_kernel(xu, p, xu->u->object, &place, func->bind != STB_LOCAL,
				 (int64_t)(sym->value + (uint64_t)addend - func->value), ref);
	}
	q = piece_at(xu, func->shndx, func->value);
	if (!q) {
		ret = piece_add_function(xu, func);
		if (ret)
			return ret;
		q = piece_at(xu, func->shndx, func->value);
	}
	if (!branch)
		note_escape(xu, p, func);
	to_piece(xu, q, sym, addend, ref);
	return 0;
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

/* A table of labels inside a function that goes along ("&&label"). */
static bool has_labels(const struct xunit *xu, const struct elf_symbol *data)
{
	const struct elf_section *sec = &xu->ef->sections[data->shndx];

	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		const struct elf_symbol *sym = &xu->ef->symbols[r->sym];
		struct piece *q;
		uint64_t at;

		if (r->offset < data->value || r->offset >= data->value + data->size ||
		    !sym->shndx || sym->shndx >= xu->ef->nr_sections)
			continue;
		at = sym->value + (uint64_t)r->addend;
		q = piece_at(xu, sym->shndx, at);
		if (q && q->exec && q->sym && at != q->sym->value)
			return true;
	}
	return false;
}

/* New data: may it live in a module at all? */
static int check_new_data(struct xunit *xu, const struct piece *p, const struct elf_symbol *data)
{
	static const char *const special[] = {
		".BTF", "__tracepoint", "_ftrace_", "__bpf_raw_tp", ".init", ".exit",
		"__param", "__ksymtab", "___ksymtab", "__syscalls_metadata", "_error_injection",
		"_kprobe_blacklist", ".printk_index", NULL
	};
	const char *sec = xu->ef->sections[data->shndx].name;

	if (starts(sec, ".data..percpu")) {
		report_refuse(xu->b->report, REFUSE_PERCPU, piece_name(xu, p), xu->u->source, 0,
			      "keep the value in a shadow variable, or in an array indexed by CPU",
			      "it needs the new per-CPU variable %s, for which a patch has no room",
			      data->name);
		return REFUSED;
	}
	if (starts_with_any(sec, special)) {
		report_refuse(xu->b->report, REFUSE_SPECIAL, piece_name(xu, p), xu->u->source, 0,
			      "leave that part out of the fix: the kernel reads this section only while it boots",
			      "it needs new data (%s) in section %s", data->name, sec);
		return REFUSED;
	}
	return 0;
}

static int copy_data(struct xunit *xu, const struct elf_symbol *data,
		     const struct elf_symbol *sym, int64_t addend, struct ref *ref)
{
	struct piece *q = piece_add(xu, data->shndx, data->value, data->value + data->size, data);

	if (!q)
		return -ENOMEM;
	to_piece(xu, q, sym, addend, ref);
	return 0;
}

static int ref_data(struct xunit *xu, const struct piece *p, const struct elf_symbol *data,
		    const struct elf_symbol *sym, int64_t addend, struct ref *ref)
{
	const struct elf_symbol *orig = diff_counterpart(xu->u, data);
	struct kernel_place place;
	int ret;

	if (may_copy(xu, data) || has_labels(xu, data))
		return copy_data(xu, data, sym, addend, ref);
	if (!orig) {
		ret = check_new_data(xu, p, data);
		return ret ? ret : copy_data(xu, data, sym, addend, ref);
	}
	ret = proof_place(xu->u, orig, &place);
	if (ret == -ENOENT && is_once(xu, data))
		return copy_data(xu, data, sym, addend, ref);
	if (ret == -ENOENT)
		return refuse_symbol(xu, p, data->name, "whose address in the shipped kernel isn't proven");
	if (ret)
		return ret;
	return to_kernel(xu, p, xu->u->object, &place, data->bind != STB_LOCAL,
			 (int64_t)(sym->value + (uint64_t)addend - data->value), ref);
}

/* Defined in another unit of this fix?  Then @other and @def say where. */
static bool defined_elsewhere(const struct xunit *xu, const char *name, struct xunit **other,
			      const struct elf_symbol **def)
{
	for (size_t i = 0; i < xu->x->nr_units; i++) {
		struct xunit *o = &xu->x->units[i];
		const struct elf_symbol *s;

		if (o == xu)
			continue;
		s = elf_symbol(o->ef, name, STT_NOTYPE);
		if (s && s->bind != STB_LOCAL && s->shndx < o->ef->nr_sections) {
			*other = o;
			*def = s;
			return true;
		}
	}
	return false;
}

static int ref_other_unit(struct xunit *xu, const struct piece *p, struct xunit *o,
			  const struct elf_symbol *def, int64_t addend, bool branch,
			  struct ref *ref)
{
	const struct elf_symbol *orig = diff_counterpart(o->u, def);
	bool here = piece_at(o, def->shndx, def->value);
	struct kernel_place place;
	int ret;

	if (orig && !(here && branch && def->type == STT_FUNC)) {
		ret = proof_place(o->u, orig, &place);
		if (ret == -ENOENT)
			return refuse_symbol(xu, p, def->name, "which the shipped kernel doesn't contain");
		return ret ? ret : to_kernel(xu, p, o->u->object, &place, true, addend, ref);
	}
	if (!here && def->type == STT_FUNC) {
		ret = piece_add_function(o, def);
		if (ret)
			return ret;
	} else if (!here) {
		ret = check_new_data(o, p, def);
		if (ret)
			return ret;
		if (!piece_add(o, def->shndx, def->value, def->value + def->size, def))
			return -ENOMEM;
	}
	if (!orig && !branch && def->type == STT_FUNC)
		note_escape(xu, p, def);
	if (!o->out_sym[def->index])
		return refuse_symbol(xu, p, def->name, "which can't be taken out of its unit");
	elf_out_set_bind(o->out, o->out_sym[def->index], STB_GLOBAL);
	ref->sym = elf_out_undef(xu->out, def->name, STB_GLOBAL);
	ref->addend = addend;
	return 0;
}

static int ref_undefined(struct xunit *xu, const struct piece *p, const struct elf_symbol *sym,
			 int64_t addend, bool branch, struct ref *ref)
{
	const struct elf_symbol *def;
	struct kernel_place place;
	struct xunit *other;
	const char *object;
	int ret;

	if (defined_elsewhere(xu, sym->name, &other, &def))
		return ref_other_unit(xu, p, other, def, addend, branch, ref);
	if (starts(sym->name, "runtime_ptr_") || starts(sym->name, "runtime_shift_")) {
		report_refuse(xu->b->report, REFUSE_RUNTIME_CONST, piece_name(xu, p), xu->u->source,
			      0, "patch a caller or a callee of that function instead",
			      "it uses the boot-time constant %s", sym->name);
		return REFUSED;
	}
	ret = proof_place_extern(xu->b, xu->u, sym->name, &object, &place);
	if (ret == -ENOENT && sym->bind == STB_WEAK) {
		ref->sym = elf_out_undef(xu->out, sym->name, STB_WEAK);
		ref->addend = addend;
		return 0;
	}
	if (ret == -ENOENT)
		return refuse_symbol(xu, p, sym->name,
				     "which neither the kernel nor the fix defines");
	if (ret)
		return ret;
	return to_kernel(xu, p, object, &place, true, addend, ref);
}

/* A string or constant: its own bytes only. */
static int ref_mergeable(struct xunit *xu, const struct elf_section *sec, uint64_t at,
			 const struct elf_symbol *sym, int64_t addend, struct ref *ref)
{
	uint64_t end = at + (sec->entsize ? sec->entsize : 1);
	struct piece *q;

	if (sec->flags & SHF_STRINGS) {
		const uint8_t *nul = memchr(sec->data + at, 0, sec->size - at);

		end = nul ? (uint64_t)(nul - sec->data) + 1 : sec->size;
		/* Wide strings: up to the first NUL element. */
		if (sec->entsize > 1)
			end = sec->size;
	}
	q = piece_add(xu, sec->index, at, end > sec->size ? sec->size : end, NULL);
	if (!q)
		return -ENOMEM;
	to_piece(xu, q, sym, addend, ref);
	return 0;
}

/* No symbol covers it: jump tables of a switch and constants, between symbols. */
static int ref_anonymous(struct xunit *xu, const struct piece *p, const struct elf_section *sec,
			 uint64_t at, const struct elf_symbol *sym, int64_t addend,
			 struct ref *ref)
{
	uint64_t start = 0, end = sec->size;
	struct piece *q;

	if ((sec->flags & (SHF_WRITE | SHF_EXECINSTR)) || !(sec->flags & SHF_ALLOC) || at > end)
		return refuse_symbol(xu, p, sec->name, "at a place that no symbol names");
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &xu->ef->symbols[sec->syms[i]];

		if (s->type != STT_OBJECT)
			continue;
		if (s->value + s->size <= at && s->value + s->size > start)
			start = s->value + s->size;
		if (s->value > at && s->value < end)
			end = s->value;
	}
	q = piece_add(xu, sec->index, start, end, NULL);
	if (!q)
		return -ENOMEM;
	to_piece(xu, q, sym, addend, ref);
	return 0;
}

/* The variable that a reference into a data section means. */
static const struct elf_symbol *data_symbol(const struct xunit *xu, const struct elf_section *sec,
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

int extract_ref(struct xunit *xu, struct piece *p, const struct elf_reloc *r, struct ref *ref)
{
	const struct elf_section *place = &xu->ef->sections[p->shndx], *sec;
	const struct elf_symbol *sym = &xu->ef->symbols[r->sym], *owner;
	bool branch = reloc_is_branch(place, r), start;
	struct piece *q;
	uint64_t at;
	int ret;

	*ref = (struct ref){ 0 };
	if (sym->shndx == SHN_UNDEF)
		return ref_undefined(xu, p, sym, r->addend, branch, ref);
	if (sym->shndx == SHN_ABS) {
		ref->sym = elf_out_symbol(xu->out, sym->name, STB_LOCAL, sym->type, ELF_OUT_ABS,
					  sym->value, sym->size);
		ref->addend = r->addend;
		return 0;
	}
	if (sym->shndx >= xu->ef->nr_sections)
		return refuse_symbol(xu, p, sym->name, "a common symbol, which modules can't have");
	sec = &xu->ef->sections[sym->shndx];
	at = reloc_target(xu->ef, place, r);
	if (sec->flags & SHF_EXECINSTR) {
		owner = sym->type == STT_FUNC ? sym : elf_symbol_at(xu->ef, sec->index, at);
		if (owner && owner->type != STT_FUNC)
			owner = NULL;
		q = piece_at(xu, sec->index, at);
		/* Entries about code, jumps and labels mean the patch's own bytes. */
		start = owner && at == owner->value && !strstr(owner->name, ".cold");
		if (q && (p->kind || branch || !start || !diff_counterpart(xu->u, owner))) {
			if (start && !p->kind && !branch)
				note_escape(xu, p, owner);
			to_piece(xu, q, sym, r->addend, ref);
			return 0;
		}
		if (owner && at == owner->value)
			return ref_function(xu, p, owner, sym, r->addend, branch, ref);
		ret = special_aux(xu, sec->index, at, &q);
		if (ret == -ENOENT)
			return refuse_symbol(xu, p, owner ? owner->name : sec->name,
					     "at a place inside code that stays in the kernel");
		if (ret)
			return ret;
		to_piece(xu, q, sym, r->addend, ref);
		return 0;
	}
	q = piece_at(xu, sec->index, at);
	if (q) {
		to_piece(xu, q, sym, r->addend, ref);
		return 0;
	}
	if ((sec->flags & SHF_MERGE) && at < sec->size)
		return ref_mergeable(xu, sec, at, sym, r->addend, ref);
	owner = data_symbol(xu, sec, sym, at);
	if (owner) {
		/* May be in the patch already, reached here by an outlying base address. */
		q = piece_at(xu, owner->shndx, owner->value);
		if (q) {
			to_piece(xu, q, sym, r->addend, ref);
			return 0;
		}
		return ref_data(xu, p, owner, sym, r->addend, ref);
	}
	return ref_anonymous(xu, p, sec, at, sym, r->addend, ref);
}
