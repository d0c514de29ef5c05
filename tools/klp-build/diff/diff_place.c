// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_place.c - variables and functions that the fix moves to another section, and names
 * that it gives to others.
 *
 * The running kernel's variable stays where it is.  Between .data, .bss and
 * .data..read_mostly that makes no difference; to what is read-only, freed after
 * boot or per CPU it does; and some sections of code are treated in a way of their own.
 * The content is compared elsewhere.
 */
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "diff_priv.h"
#include "object/debuginfo.h"

struct place {
	const struct unit *u;
	struct report *r;
	const struct elf_symbol *sym;		/* the original one */
	const struct elf_section *from, *to;
};

static void refuse(const struct place *p, enum refusal reason, const char *remedy, const char *why)
{
	char file[256] = "";
	uint32_t line = 0;

	function_line(p->u->orig_path, p->sym->name, file, sizeof(file), &line);
	report_refuse(p->r, reason, p->sym->name, *file ? file : p->u->source, line, remedy,
		      "it moves from section %s to %s, %s", p->from->name, p->to->name, why);
}

/* Code that changes is looked at when it is taken out: there the reference itself is refused. */
static bool has_changed_user(const struct diff_object *n, const struct unit *u, uint32_t sym)
{
	size_t i, end = diff_uses(n, sym, &i);

	for (; i < end; i++)
		for (size_t k = 0; k < u->nr_symbols; k++)
			if (u->symbols[k].patched && u->symbols[k].patched->index == n->uses[i].by &&
			    u->symbols[k].change != CHANGE_SAME)
				return true;
	return false;
}

/* With -fdata-sections one that has no section by name is alone in its own. */
static bool is_alone(const struct elf_file *ef, const struct elf_section *sec)
{
	size_t nr = 0;

	for (size_t i = 0; i < sec->nr_syms; i++)
		nr += ef->symbols[sec->syms[i]].type == STT_OBJECT;
	return nr == 1;
}

static void judge_move(const struct place *p, const struct diff_object *n, uint32_t patched)
{
	enum diff_memory from = diff_memory_of(p->from->name), to = diff_memory_of(p->to->name);

	if (from == MEMORY_UNKNOWN || to == MEMORY_UNKNOWN) {
		if (!canon_equal(p->from->name, p->to->name) ||
		    (p->from->flags ^ p->to->flags) & (SHF_WRITE | SHF_EXECINSTR))
			refuse(p, REFUSE_SPECIAL, "leave the variable where it is",
			       "and it isn't known what that means for the running kernel");
	} else if (from != to && (from == MEMORY_PERCPU || to == MEMORY_PERCPU)) {
		refuse(p, REFUSE_PERCPU,
		       "keep per-CPU data as it is; a shadow variable or an ordinary array can stand in",
		       "and the running kernel has it in the first one");
	} else if (from == MEMORY_INIT && to != MEMORY_INIT) {
		if (!has_changed_user(n, p->u, patched))
			refuse(p, REFUSE_INIT, "let the code that uses it have a copy under another name",
			       "and the running kernel has freed that memory");
	} else if ((from == MEMORY_CONST || from == MEMORY_LATE) &&
		   (to == MEMORY_WRITABLE || (to == MEMORY_LATE && from != to))) {
		refuse(p, REFUSE_DATA, "write to a new variable instead",
		       "and the running kernel's is read-only, so that a write would be an error");
	} else if (from == MEMORY_WRITABLE && (to == MEMORY_LATE || to == MEMORY_CONST)) {
		report_warn(p->r, "%s (%s) becomes read-only (section %s); the running kernel's stays writable until the next boot",
			    p->sym->name, p->u->source, p->to->name);
	}
	/* A cache line is for speed; more is for something that needs it, a page table or a device. */
	if (p->to->align > p->from->align && p->to->align > 64 && from != MEMORY_PERCPU)
		refuse(p, REFUSE_DATA, "allocate the memory with that alignment instead",
		       "which has a greater alignment, and the running kernel's has its place already");
	else if (p->to->align > p->from->align && from != MEMORY_PERCPU && is_alone(n->ef, p->to))
		report_warn(p->r, "%s (%s) gets an alignment of %llu bytes; the running kernel's stays where it is",
			    p->sym->name, p->u->source, (unsigned long long)p->to->align);
}

/*
 * The section of functions that the kernel treats in a way of their own, by where they lie: not probed
 * (.kprobes.text), not traced, idle.  "": any other; for .sched.text and .spinlock.text only statistics differ.
 */
static const char *treated_by_place(const struct elf_section *sec)
{
	static const char *const plain[] = {
		".text", ".ref.text", ".sched.text", ".spinlock.text", NULL
	};

	for (size_t i = 0; plain[i]; i++)
		if (!strcmp(sec->name, plain[i]))
			return "";
	if (diff_in_init(sec->name) || (starts_with(sec->name, ".text.") && !starts_with(sec->name, ".text..")))
		return "";
	return sec->name;
}

static void judge_function(const struct place *p)
{
	if (strcmp(treated_by_place(p->from), treated_by_place(p->to)))
		refuse(p, REFUSE_SPECIAL,
		       "leave that part out of the live patch; it takes effect with the fixed kernel",
		       "and the running kernel goes by where it lies");
}

static const struct elf_symbol *primary_at(const struct elf_file *ef, const struct elf_symbol *sym)
{
	const struct elf_symbol *p = elf_symbol_at(ef, sym->shndx, sym->value);

	return p && p->value == sym->value && (diff_is_function(ef, p) || diff_is_data(ef, p)) ? p : NULL;
}

static bool is_pair(const struct unit *u, const struct elf_symbol *orig, const struct elf_symbol *patched)
{
	for (size_t i = 0; i < u->nr_symbols; i++)
		if (u->symbols[i].orig == orig && u->symbols[i].patched == patched)
			return true;
	return false;
}

/*
 * A second name (__alias()) that becomes one of another function or variable.  Those two are as they were,
 * and code that calls by the name was linked with the first.
 */
static void judge_name(const struct diff_object *o, const struct diff_object *n, const struct unit *u,
		       struct report *r, const struct elf_symbol *sym)
{
	const struct elf_symbol *other = &n->ef->symbols[o->other[sym->index]];
	const struct elf_symbol *from = primary_at(o->ef, sym), *to = primary_at(n->ef, other);
	char file[256] = "";
	uint32_t line = 0;

	if (!from || !to || (from == sym && to == other) || is_pair(u, from, to) ||
	    diff_same(o, from->index, n, to->index))
		return;
	function_line(u->orig_path, from->name, file, sizeof(file), &line);
	report_refuse(r, REFUSE_OTHER, sym->name, *file ? file : u->source, line,
		      "keep the name as it is, and change those that use it",
		      "it is another name for %s and becomes one for %s; the running kernel was linked with the first",
		      from->name, to->name);
}

static void judge_names(const struct diff_object *o, const struct diff_object *n, const struct unit *u,
			struct report *r)
{
	for (size_t i = 1; i < o->ef->nr_symbols; i++) {
		const struct elf_symbol *sym = &o->ef->symbols[i];

		if (o->other[i] && (sym->type == STT_FUNC || sym->type == STT_OBJECT ||
				    (sym->type == STT_NOTYPE && sym->bind != STB_LOCAL)))
			judge_name(o, n, u, r, sym);
	}
}

void diff_places(const struct diff_object *o, const struct diff_object *n, const struct unit *u,
		 struct report *r)
{
	for (size_t i = 0; r && i < u->nr_symbols; i++) {
		const struct diff_symbol *ds = &u->symbols[i];
		struct place p = { .u = u, .r = r, .sym = ds->orig };

		if (!ds->orig || !ds->patched)
			continue;
		p.from = &o->ef->sections[ds->orig->shndx];
		p.to = &n->ef->sections[ds->patched->shndx];
		if (ds->orig->type == STT_FUNC)
			judge_function(&p);
		/* A changed one is refused, unless its author vouches for it. */
		else if (ds->change != CHANGE_CHANGED || (u->allow_data && u->allow_data->nr))
			judge_move(&p, n, ds->patched->index);
	}
	if (r)
		judge_names(o, n, u, r);
}
