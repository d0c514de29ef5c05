// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_tables.c - entries of tables that no function or variable answers for.
 *
 * Initcalls and device fixups are made by assembly, without symbols; the kernel went
 * through them at boot.  Exceptions, bug checks and their like about code that has only a
 * label belong to no function that could be compared: the k-th of a table must be the k-th
 * of the other build's.
 */
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "diff_priv.h"
#include "object/debuginfo.h"

struct tables {
	const struct diff_object *o, *n;
	const struct unit *u;
	struct report *r;
};

static void refuse(const struct tables *v, enum refusal reason, const char *name, const char *remedy,
		   const char *why, const char *section)
{
	char file[256];
	uint32_t line;

	if (function_line(v->u->orig_path, name, file, sizeof(file), &line))
		function_line(v->u->patched_path, name, file, sizeof(file), &line);
	report_refuse(v->r, reason, name, *file ? file : v->u->source, line, remedy, "%s (section %s)", why, section);
}

/* ---- what was called at boot ---- */

static const struct elf_symbol *target_of(const struct elf_file *ef, const struct elf_reloc *r)
{
	const struct elf_symbol *sym = &ef->symbols[r->sym];

	if (sym->type == STT_SECTION && sym->shndx < ef->nr_sections)
		return elf_symbol_at(ef, sym->shndx, sym->value + (uint64_t)r->addend);
	return sym;
}

static bool is_initcall(const char *section)
{
	return starts_with(section, ".initcall") || starts_with(section, ".con_initcall");
}

bool diff_is_nameless_table(const char *section)
{
	return is_initcall(section) || starts_with(section, ".pci_fixup");
}

/* What stands before relocation @k in its entry: a fixup's device; of an initcall nothing. */
static size_t entry_head(const struct elf_section *sec, size_t k, const uint8_t **head)
{
	uint64_t from = k ? sec->relocs[k - 1].offset + 4 : 0, to = sec->relocs[k].offset;

	*head = sec->data + from;
	return sec->data && to > from && to <= sec->size ? to - from : 0;
}

/* @section NULL: an initcall of whatever level. */
static bool has_entry(const struct elf_file *ef, const char *section, const uint8_t *head, size_t len,
		      const char *name)
{
	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];

		if (section ? strcmp(sec->name, section) : !is_initcall(sec->name))
			continue;
		for (size_t k = 0; k < sec->nr_relocs; k++) {
			const struct elf_symbol *sym = target_of(ef, &sec->relocs[k]);
			const uint8_t *mine;

			if (sym && !strcmp(sym->name, name) && entry_head(sec, k, &mine) == len &&
			    (!len || !memcmp(mine, head, len)))
				return true;
		}
	}
	return false;
}

/* A fixup for another device or time: told as the new one. */
static bool is_told(const struct elf_file *from, const struct elf_file *to, const char *name)
{
	for (size_t i = 1; i < to->nr_sections; i++) {
		const struct elf_section *sec = &to->sections[i];

		for (size_t k = 0; starts_with(sec->name, ".pci_fixup") && k < sec->nr_relocs; k++) {
			const struct elf_symbol *sym = target_of(to, &sec->relocs[k]);
			const uint8_t *head;
			size_t len = entry_head(sec, k, &head);

			if (sym && !strcmp(sym->name, name) && !has_entry(from, sec->name, head, len, name))
				return true;
		}
	}
	return false;
}

static void refuse_entry(struct tables *v, const char *section, const struct elf_symbol *sym, bool moves, bool gone)
{
	if (!is_initcall(section))
		refuse(v, REFUSE_SPECIAL, sym->name, "leave it out of the live patch, or call it from a callback for the devices that are there",
		       gone ? "its entry goes from a table that the running kernel has read" :
			      "it is called by a new entry of a section that is in the kernel's own table, and that can't grow", section);
	else if (gone)
		refuse(v, REFUSE_INIT, sym->name, "leave that part out of the live patch; it takes effect at the next boot",
		       moves ? "its initcall moves to another level, and those of a running kernel have been called" :
			       "its initcall is removed, but the running kernel has called it, and what it did stays", section);
	else if (!moves)
		refuse(v, REFUSE_INIT, sym->name, "leave it out of the live patch, or call it from a callback",
		       "it is a new initcall, and those of a running kernel have been called", section);
}

/* Entries that are in @from and not in @to: those that come, or (@gone) go. */
static void judge_entries(struct tables *v, const struct elf_file *from, const struct elf_file *to, bool gone)
{
	for (size_t i = 1; i < from->nr_sections; i++) {
		const struct elf_section *sec = &from->sections[i];

		for (size_t k = 0; diff_is_nameless_table(sec->name) && k < sec->nr_relocs; k++) {
			const struct elf_symbol *sym = target_of(from, &sec->relocs[k]);
			const uint8_t *head;
			size_t len = entry_head(sec, k, &head);

			if (!sym || !*sym->name || has_entry(to, sec->name, head, len, sym->name) ||
			    (gone && is_told(from, to, sym->name)))
				continue;
			refuse_entry(v, sec->name, sym, is_initcall(sec->name) &&
				     has_entry(to, NULL, head, len, sym->name), gone);
		}
	}
}

static void judge_nameless_tables(struct tables *v)
{
	judge_entries(v, v->n->ef, v->o->ef, false);
	judge_entries(v, v->o->ef, v->n->ef, true);
}

/* ---- about code that has only a label ---- */

/* A dead end behind a function's last instruction, a call, says nothing about its code. */
static bool is_behind_function(const struct elf_file *ef, const struct ref *ref)
{
	uint64_t at = (uint64_t)ref->off + (ref->sym ? ref->sym->value : 0);

	for (size_t i = 0; i < ref->sec->nr_syms; i++) {
		const struct elf_symbol *s = &ef->symbols[ref->sec->syms[i]];

		if (diff_is_function(ef, s) && s->value + s->size == at)
			return true;
	}
	return false;
}

/* Entry @i of a table is about a place that no function covers; those of alternatives belong to their function. */
static bool is_loose(const struct elf_file *ef, const struct elf_section *sec, size_t i)
{
	struct ref ref;

	canon_ref(ef, sec, &sec->relocs[i * canon_table_relocs(sec)], &ref);
	return ref.sec && canon_section(ref.sec) == SECTION_TEXT && !diff_covers(ef, &ref) &&
	       !(canon_section(sec) == SECTION_HINT && is_behind_function(ef, &ref));
}

static size_t nr_entries(const struct elf_section *sec)
{
	return canon_section(sec) != SECTION_MCOUNT && canon_table_entsize(sec) ?
	       sec->nr_relocs / canon_table_relocs(sec) : 0;
}

/* The @k-th loose entry of the table of that name; false: there are fewer. */
static bool loose_entry(const struct diff_object *d, const char *table, size_t k, struct table_entry *out)
{
	for (size_t i = 1; i < d->ef->nr_sections; i++) {
		const struct elf_section *sec = &d->ef->sections[i];

		for (size_t e = 0; !strcmp(sec->name, table) && e < nr_entries(sec); e++) {
			if (!is_loose(d->ef, sec, e) || k--)
				continue;
			*out = (struct table_entry){ .kind = canon_section(sec), .sec = sec, .index = e,
						     .entsize = canon_table_entsize(sec) };
			return true;
		}
	}
	return false;
}

static void judge_loose(const struct tables *v, const char *table)
{
	struct table_entry a, b;
	bool more = true;

	for (size_t k = 0; more; k++) {
		bool there = loose_entry(v->o, table, k, &a);

		more = loose_entry(v->n, table, k, &b);
		if (!there && !more)
			return;
		if (there == more && diff_same_entry(v->o, &a, v->n, &b))
			continue;
		refuse(v, REFUSE_ASSEMBLY, table, "make the change in C code, or reboot into the fixed kernel",
		       "entries about code that belongs to no function change", table);
		return;
	}
}

/* Each table of hints that @ef has, and @but doesn't. */
static void judge_hints(const struct tables *v, const struct elf_file *ef, const struct elf_file *but)
{
	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];

		if (canon_section(sec) == SECTION_HINT && elf_section(ef, sec->name) == sec &&
		    (!but || !elf_section(but, sec->name)))
			judge_loose(v, sec->name);
	}
}

void diff_tables(const struct diff_object *o, const struct diff_object *n, const struct unit *u, struct report *r)
{
	static const char *const tables[] = {
		"__bug_table", ".altinstructions", "__jump_table", "__ex_table", ".smp_locks", ".parainstructions", NULL
	};
	struct tables v = { .o = o, .n = n, .u = u, .r = r };

	if (!r)
		return;
	judge_nameless_tables(&v);
	for (size_t i = 0; tables[i]; i++)
		judge_loose(&v, tables[i]);
	judge_hints(&v, o->ef, NULL);
	judge_hints(&v, n->ef, o->ef);
}
