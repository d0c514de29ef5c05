// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_verdict.c - of what changed, what can be patched at all, and which
 * callers must come along for what ftrace can't redirect.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "diff_priv.h"
#include "object/debuginfo.h"
#include "quietpatch.h"
#include "target/target.h"

struct verdict {
	const struct diff_object *o, *n;
	struct unit *u;
	struct report *r;
};

static const struct elf_symbol *symbol_of(const struct diff_symbol *ds)
{
	return ds->orig ? ds->orig : ds->patched;
}

static const char *section_of(const struct verdict *v, const struct diff_symbol *ds)
{
	const struct elf_file *ef = ds->orig ? v->o->ef : v->n->ef;

	return ef->sections[symbol_of(ds)->shndx].name;
}

static bool is_noinstr(const char *section)
{
	return starts_with(section, ".noinstr.text") || starts_with(section, ".entry.text") ||
	       starts_with(section, ".head.text");
}

#define REFUSE(v, reason, sym, remedy, ...) do {					\
	char file_[256];								\
	uint32_t line_;									\
	if (!(v)->r)									\
		break;									\
	if (function_line((v)->u->orig_path, (sym)->name, file_, sizeof(file_), &line_))\
		function_line((v)->u->patched_path, (sym)->name, file_, sizeof(file_),	\
			      &line_);							\
	report_refuse((v)->r, reason, (sym)->name, *file_ ? file_ : (v)->u->source,	\
		      line_, remedy, __VA_ARGS__);					\
} while (0)

static void judge_function(struct verdict *v, const struct diff_symbol *ds)
{
	const char *section = section_of(v, ds);

	if (ds->change != CHANGE_CHANGED)
		return;
	if (diff_in_init(section))
		REFUSE(v, REFUSE_INIT, ds->orig,
		       "leave this part out of the live patch; it takes effect at the next boot or module load",
		       "it is __init or __exit code (section %s): it runs once, when the object comes or goes, and can't be redirected",
		       section);
	else if (is_noinstr(section))
		REFUSE(v, REFUSE_NOINSTR, ds->orig,
		       "patch its callers instead, or reboot into the fixed kernel",
		       "its section %s must not be traced, so it can't be redirected", section);
	else if (ds->has_fentry && !v->n->fentry[ds->patched->index])
		REFUSE(v, REFUSE_SPECIAL, ds->orig,
		       "leave notrace out of the live patch; it takes effect with the fixed kernel",
		       "it becomes notrace, and the running kernel's has an ftrace site, which can be traced as before");
}

static bool is_allowed(const struct unit *u, const char *name)
{
	for (size_t i = 0; u->allow_data && i < u->allow_data->nr; i++)
		if (!strcmp(u->allow_data->list[i], name))
			return true;
	return false;
}

/* Where the contents begin to differ, as bytes or by what a pointer refers to. */
static uint64_t first_difference(const struct verdict *v, const struct diff_symbol *ds)
{
	const struct elf_section *a = &v->o->ef->sections[ds->orig->shndx];
	const struct elf_section *b = &v->n->ef->sections[ds->patched->shndx];
	size_t i = elf_reloc_first(a, ds->orig->value), j = elf_reloc_first(b, ds->patched->value);
	uint64_t size = ds->orig->size < ds->patched->size ? ds->orig->size : ds->patched->size;
	uint64_t at = 0;

	while (a->data && b->data && at < size &&
	       a->data[ds->orig->value + at] == b->data[ds->patched->value + at])
		at++;
	for (; i < a->nr_relocs && j < b->nr_relocs; i++, j++) {
		uint64_t x = a->relocs[i].offset - ds->orig->value;
		uint64_t y = b->relocs[j].offset - ds->patched->value;

		if (x >= at || y >= at)
			break;
		if (x != y)
			return x < y ? x : y;
		if (strcmp(v->o->ef->symbols[a->relocs[i].sym].name,
			   v->n->ef->symbols[b->relocs[j].sym].name))
			return x;
	}
	if (i < a->nr_relocs && a->relocs[i].offset - ds->orig->value < at)
		return a->relocs[i].offset - ds->orig->value;
	if (j < b->nr_relocs && b->relocs[j].offset - ds->patched->value < at)
		return b->relocs[j].offset - ds->patched->value;
	return at;
}

static void judge_changed_data(struct verdict *v, const struct diff_symbol *ds, const char *section)
{
	const char *what = ds->orig->size != ds->patched->size ? "size" : "initial value";

	if (is_allowed(v->u, ds->orig->name)) {
		if (v->r)
			report_warn(v->r, "the %s of %s (%s) changes, and the patch doesn't write it: its author said that a callback does",
				    what, ds->orig->name, v->u->source);
		return;
	}
	REFUSE(v, REFUSE_DATA, ds->orig,
	       "write the new value from a pre-apply callback and say --allow-data, or attach new fields with shadow variables",
	       "it is existing data (section %s) whose %s changed, from offset %llu on, and the running kernel has it in use",
	       section, what, (unsigned long long)first_difference(v, ds));
}

static void judge_data(struct verdict *v, const struct diff_symbol *ds)
{
	const struct elf_symbol *sym = symbol_of(ds);
	const char *section = section_of(v, ds);

	if ((ds->change != CHANGE_CHANGED && ds->change != CHANGE_NEW) || diff_in_annotations(section))
		return;
	if (diff_in_percpu(section))
		REFUSE(v, REFUSE_PERCPU, sym,
		       "keep per-CPU data as it is; a shadow variable or an ordinary array can stand in",
		       "it is a %s per-CPU variable", ds->change == CHANGE_NEW ? "new" : "changed");
	else if (ds->change == CHANGE_NEW && diff_in_registration(section))
		REFUSE(v, starts_with(section, ".initcall") ? REFUSE_INIT : REFUSE_SPECIAL, sym,
		       "leave it out of the live patch, or register it from a callback",
		       "it is a new entry of section %s, which is read once at boot or module load",
		       section);
	else if (ds->change == CHANGE_CHANGED && diff_in_init(section))
		REFUSE(v, REFUSE_INIT, sym,
		       "leave this part out of the live patch; it takes effect at the next boot or module load",
		       "it is __initdata (section %s), which was read once and isn't in memory any more",
		       section);
	else if (ds->change == CHANGE_CHANGED)
		judge_changed_data(v, ds, section);
}

bool diff_is_once(const struct elf_file *ef, const struct elf_symbol *sym)
{
	static const char *const once[] = { "__already_done.", "__warned.", "_rs.", "__key.",
					    "__print_once.", "__already_printed.", NULL };
	const char *section = ef->sections[sym->shndx].name;

	if (starts_with(section, ".data.once") || starts_with(section, ".data..once"))
		return true;
	for (size_t i = 0; once[i]; i++)
		if (starts_with(sym->name, once[i]))
			return true;
	return false;
}

/*
 * A writable static local that vanished while an equally named one appeared is
 * probably the same one; a fresh copy would silently lose its value.
 */
static void judge_lost_static(struct verdict *v, const struct diff_symbol *gone)
{
	if (gone->change != CHANGE_GONE ||
	    !(v->o->ef->sections[gone->orig->shndx].flags & SHF_WRITE) ||
	    !strchr(gone->orig->name, '.') || canon_is_generated(v->o->ef, gone->orig))
		return;
	if (diff_is_once(v->o->ef, gone->orig))
		return;
	for (size_t i = 0; i < v->u->nr_symbols; i++) {
		const struct diff_symbol *ds = &v->u->symbols[i];

		if (ds->change == CHANGE_NEW && ds->patched->type == STT_OBJECT &&
		    canon_equal(ds->patched->name, gone->orig->name)) {
			REFUSE(v, REFUSE_OTHER, gone->orig,
			       "give the static variable a name of its own, or keep its function as it is",
			       "its match in the patched source can't be told among several of that name");
			return;
		}
	}
}

/* One place, two symbols before; two places after: redirecting one redirects both. */
static void judge_shared_place(struct verdict *v, const struct diff_symbol *ds)
{
	if (!ds->orig || !ds->patched || ds->orig->type != STT_FUNC)
		return;
	for (size_t i = 0; i < v->u->nr_symbols; i++) {
		const struct diff_symbol *q = &v->u->symbols[i];

		if (q == ds || q->orig != ds->orig ||
		    (ds->change == CHANGE_SAME && q->change == CHANGE_SAME))
			continue;
		REFUSE(v, REFUSE_OTHER, ds->patched,
		       "change both functions alike, or patch their callers",
		       "the running kernel has one body for it and %s, and only one of them changes",
		       q->patched->name);
		return;
	}
}

/* The one of @d's symbol @sym, or of another name for its place. */
static struct diff_symbol *listed(const struct verdict *v, const struct diff_object *d,
				  const struct elf_symbol *sym)
{
	for (size_t i = 0; i < v->u->nr_symbols; i++) {
		struct diff_symbol *ds = &v->u->symbols[i];
		const struct elf_symbol *s = d == v->o ? ds->orig : ds->patched;

		if (s && s->shndx == sym->shndx && s->value == sym->value)
			return ds;
	}
	return NULL;
}

/* The function of @d that code @sym belongs to; a .cold part stands for its parent. */
static struct diff_symbol *whole_function(const struct verdict *v, const struct diff_object *d,
					  const struct elf_symbol *sym)
{
	if (canon_is_cold(sym->name)) {
		size_t len = strstr(sym->name, ".cold") - sym->name;

		for (size_t i = 0; i < v->u->nr_symbols; i++) {
			const struct diff_symbol *ds = &v->u->symbols[i];
			const struct elf_symbol *p = d == v->o ? ds->orig : ds->patched;

			if (p && p->type == STT_FUNC && !strncmp(p->name, sym->name, len) && !p->name[len])
				return &v->u->symbols[i];
		}
	}
	return listed(v, d, sym);
}

/* The function that a use sits in. */
static struct diff_symbol *user_function(struct verdict *v, const struct use *use)
{
	const struct elf_symbol *by = &v->n->ef->symbols[use->by];

	return use->by && by->type == STT_FUNC ? whole_function(v, v->n, by) : NULL;
}

static const char no_fentry_remedy[] =
	"move the change into a caller that can be redirected, or reboot into the fixed kernel";

/* One use of a changed function that can't be redirected.  Returns 1 for a caller found. */
static int promote_user(struct verdict *v, const struct diff_symbol *ds, const struct use *use,
			bool *progress)
{
	struct diff_symbol *caller = user_function(v, use);

	if (caller && caller->patched == ds->patched)
		return 0;		/* recursion */
	if (!use->call || !caller) {
		/* Init code's use is over, unless it stored the address. */
		REFUSE(v, REFUSE_NO_FENTRY, ds->orig, no_fentry_remedy,
		       "it has no ftrace site, and its address is taken in %s",
		       use->by ? v->n->ef->symbols[use->by].name : "a table");
		return 1;
	}
	if (caller->change == CHANGE_SAME && diff_in_init(section_of(v, caller)))
		return 0;
	if (caller->change == CHANGE_SAME) {
		caller->change = CHANGE_CHANGED;
		caller->forced = true;
		*progress = true;
	}
	return 1;
}

static bool needs_promotion(const struct verdict *v, const struct diff_symbol *ds)
{
	const char *section;

	if (ds->change != CHANGE_CHANGED || ds->orig->type != STT_FUNC || ds->has_fentry ||
	    canon_is_cold(ds->orig->name))
		return false;
	section = section_of(v, ds);
	return !diff_in_init(section) && !is_noinstr(section);
}

static void promote_callers(struct verdict *v, const struct diff_symbol *ds, bool *progress)
{
	const struct elf_section *sec = &v->n->ef->sections[ds->patched->shndx];
	int callers = 0;

	if (ds->orig->bind == STB_WEAK && v->u->target && !strcmp(v->u->object, QP_VMLINUX) &&
	    target_has_strong(v->u->target, ds->orig->name)) {
		REFUSE(v, REFUSE_WEAK, ds->orig, WEAK_REMEDY, WEAK_WHY);
		return;
	}
	if (ds->orig->bind != STB_LOCAL) {
		REFUSE(v, REFUSE_NO_FENTRY, ds->orig, no_fentry_remedy,
		       "it has no ftrace site, and other units may call it");
		return;
	}
	/* Uses are filed under the symbol named, which may be any alias. */
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *alias = &v->n->ef->symbols[sec->syms[i]];
		size_t j, end;

		if (alias->value != ds->patched->value)
			continue;
		for (end = diff_uses(v->n, alias->index, &j); j < end; j++)
			callers += promote_user(v, ds, &v->n->uses[j], progress);
	}
	if (!callers)
		REFUSE(v, REFUSE_NO_FENTRY, ds->orig, no_fentry_remedy,
		       "it has no ftrace site, and no caller in its unit either");
}

/* Is symbol @by of @d code that is going to be replaced, or is gone or new? */
static bool is_changed_code(const struct verdict *v, const struct diff_object *d, uint32_t by)
{
	const struct elf_symbol *sym = &d->ef->symbols[by];
	const struct diff_symbol *ds = by && sym->type == STT_FUNC ? listed(v, d, sym) : NULL;

	return ds && ds->change != CHANGE_SAME;
}

static bool used_by_changed(const struct verdict *v, const struct diff_object *d,
			    const struct elf_symbol *sym)
{
	size_t i, end = diff_uses(d, sym->index, &i);

	while (i < end && is_changed_code(v, d, d->uses[i].by))
		i++;
	return i == end;
}

/* Does it lead to a label inside code that changes ("&&label")?  No other code can do anything with it. */
static bool is_changed_label(const struct verdict *v, const struct diff_object *d, const struct elf_reloc *r)
{
	const struct elf_symbol *sym = &d->ef->symbols[r->sym], *owner;
	uint64_t at = sym->value + (uint64_t)r->addend;
	const struct diff_symbol *ds;

	if (!sym->shndx || sym->shndx >= d->ef->nr_sections)
		return false;
	owner = elf_symbol_at(d->ef, sym->shndx, at);
	if (!owner || owner->type != STT_FUNC || (owner->value == at && !canon_is_cold(owner->name)))
		return false;
	ds = whole_function(v, d, owner);
	return ds && ds->change != CHANGE_SAME;
}

/* A static local that is never written and holds no pointers but to labels: an error's text, a list of numbers, a jump table. */
static bool is_own_constant(const struct verdict *v, const struct diff_object *d, const struct elf_symbol *sym)
{
	const struct elf_section *sec = &d->ef->sections[sym->shndx];

	if (sym->type != STT_OBJECT || sym->bind != STB_LOCAL || !strchr(sym->name, '.') ||
	    !starts_with(sec->name, ".rodata") || (sec->flags & SHF_WRITE))
		return false;
	for (size_t i = elf_reloc_first(sec, sym->value);
	     i < sec->nr_relocs && sec->relocs[i].offset - sym->value < sym->size; i++)
		if (!is_changed_label(v, d, &sec->relocs[i]))
			return false;
	return true;
}

/*
 * A constant inside a function, both changed: what runs keeps the old one, as it keeps the old
 * text of a literal, and the function's new code brings its own.
 */
static void part_constants(struct verdict *v)
{
	for (size_t i = 0; i < v->u->nr_symbols; i++) {
		struct diff_symbol *ds = &v->u->symbols[i];

		if (ds->change != CHANGE_CHANGED || !is_own_constant(v, v->o, ds->orig) ||
		    !is_own_constant(v, v->n, ds->patched) ||
		    !used_by_changed(v, v->o, ds->orig) || !used_by_changed(v, v->n, ds->patched))
			continue;
		ds->orig = NULL;
		ds->change = CHANGE_NEW;
	}
}

/*
 * A place that may keep the address: code that has it in a register, a variable.  Not a call, nor what is
 * read at start; a table that goes or comes as well is looked at by itself.
 */
static bool is_handing_out(const struct verdict *v, const struct diff_object *d, const struct use *use)
{
	const struct elf_symbol *by = &d->ef->symbols[use->by];
	const char *section = use->by ? d->ef->sections[by->shndx].name : "";
	const struct diff_symbol *table;

	if (use->text || !use->by || by->type != STT_OBJECT)
		return use->text && !use->call;
	table = listed(v, d, by);
	return table && table->orig && table->patched && !diff_in_registration(section) && !diff_in_annotations(section);
}

static bool is_handed_out(const struct verdict *v, const struct diff_object *d, const struct elf_symbol *sym)
{
	const struct elf_section *sec = &d->ef->sections[sym->shndx];
	size_t i, end;

	for (size_t k = 0; sym->type == STT_FUNC && k < sec->nr_syms; k++) {
		const struct elf_symbol *alias = &d->ef->symbols[sec->syms[k]];

		if (alias->value != sym->value)
			continue;
		for (end = diff_uses(d, alias->index, &i); i < end; i++)
			if (is_handing_out(v, d, &d->uses[i]))
				return true;
	}
	return false;
}

static void mark_handed_out(struct verdict *v)
{
	for (size_t i = 0; i < v->u->nr_symbols; i++) {
		struct diff_symbol *ds = &v->u->symbols[i];

		if (ds->change == CHANGE_GONE)
			ds->handed_out = is_handed_out(v, v->o, ds->orig);
		else if (ds->change == CHANGE_NEW)
			ds->handed_out = is_handed_out(v, v->n, ds->patched);
	}
}

void diff_verdicts(const struct diff_object *o, const struct diff_object *n,
		   struct unit *u, struct report *r)
{
	struct verdict v = { .o = o, .n = n, .u = u, .r = r };
	size_t nr = u->nr_symbols;
	bool *done, progress = true;

	done = xcalloc(nr, sizeof(*done));
	while (progress) {
		progress = false;
		for (size_t i = 0; i < nr; i++) {
			if (done[i] || !needs_promotion(&v, &u->symbols[i]))
				continue;
			done[i] = true;
			promote_callers(&v, &u->symbols[i], &progress);
		}
	}
	free(done);
	part_constants(&v);
	for (size_t i = 0; i < nr; i++) {
		const struct diff_symbol *ds = &u->symbols[i];

		if (symbol_of(ds)->type == STT_FUNC)
			judge_function(&v, ds);
		else
			judge_data(&v, ds);
		judge_lost_static(&v, ds);
		judge_shared_place(&v, ds);
	}
	mark_handed_out(&v);
}
