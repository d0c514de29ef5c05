// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_moves.c - the pass that looks at all units of a fix at once: what is gone in one
 * and new in another may be the same thing, moved.
 *
 * A global function that moves keeps its callers in units that the fix doesn't touch: its
 * old body is replaced by the one in the other unit.  A global variable that moves stays
 * where it is, and all refer to it there.  Any other writable variable that goes while one
 * comes that could be the same state is refused: what it holds (a lock that is taken, a
 * count, a list's head) would be lost, and code that stays would go on with the old one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "diff_priv.h"
#include "object/debuginfo.h"
#include "object/types_dwarf.h"
#include "object/variables.h"

/* Of one unit; read when it is asked for. */
struct unit_variables {
	struct variables orig, patched;
	bool orig_read, patched_read;
};

struct moves {
	struct build *b;
	struct unit_variables *variables;	/* per unit */
	struct klp_err *err;
};

/* One that goes or comes. */
struct end {
	struct unit *u;
	struct diff_symbol *d;
	const struct elf_file *ef;	/* orig or patched */
	const struct elf_symbol *sym;
};

struct ends {
	struct end *list;
	size_t nr;
};

static const char state_remedy[] =
	"leave the variable where it is and refer to it from there; if the two have nothing to do with each other, or a callback carries the value over, say --allow-data";

static void refuse(struct moves *m, enum refusal reason, const struct end *e, const char *remedy,
		   const char *why)
{
	char file[256], name[CANON_NAME_LEN];
	uint32_t line;

	function_line(e->d->orig ? e->u->orig_path : e->u->patched_path, e->sym->name, file,
		      sizeof(file), &line);
	snprintf(name, sizeof(name), "%.*s", (int)(1 + strcspn(e->sym->name + 1, ".")), e->sym->name);
	report_refuse(m->b->report, reason, name, *file ? file : e->u->source, line, remedy, "%s", why);
}

static int refusef(struct moves *m, enum refusal reason, const struct end *e, const char *remedy,
		   char *why)
{
	refuse(m, reason, e, remedy, why);
	free(why);
	return 0;
}

/* The name that the source has: "count" of count.12. */
static size_t name_len(const struct elf_symbol *s)
{
	return 1 + strcspn(s->name + 1, ".");
}

static bool same_source_name(const struct elf_symbol *a, const struct elf_symbol *b)
{
	return name_len(a) == name_len(b) && !strncmp(a->name, b->name, name_len(a));
}

static bool is_allowed(const struct moves *m, const struct elf_symbol *s)
{
	const struct strings *l = m->b->allow_data;

	for (size_t i = 0; l && i < l->nr; i++)
		if (!strcmp(l->list[i], s->name) ||
		    (strlen(l->list[i]) == name_len(s) && !strncmp(l->list[i], s->name, name_len(s))))
			return true;
	return false;
}

/* Data that code of the running kernel may have written, and goes by. */
static bool holds_state(const struct elf_file *ef, const struct elf_symbol *s)
{
	const struct elf_section *sec = &ef->sections[s->shndx];

	return s->type == STT_OBJECT && (sec->flags & SHF_WRITE) && !canon_is_generated(ef, s) &&
	       !diff_is_once(ef, s) && !diff_in_init(sec->name) &&
	       !diff_in_registration(sec->name) && !diff_in_annotations(sec->name) && !canon_is_ubsan(sec) && strcmp(sec->name, "__dyndbg");
}

static bool is_constant(const struct elf_file *ef, const struct elf_symbol *s)
{
	const struct elf_section *sec = &ef->sections[s->shndx];

	return s->type == STT_OBJECT && !(sec->flags & SHF_WRITE) && !canon_is_generated(ef, s) &&
	       !diff_in_init(sec->name) && !diff_in_registration(sec->name) && !diff_in_annotations(sec->name);
}

/* Constant data with addresses of functions: who has a pointer to it calls what it says. */
static bool is_ops(const struct elf_file *ef, const struct elf_symbol *s)
{
	const struct elf_section *sec = &ef->sections[s->shndx];

	if (!is_constant(ef, s))
		return false;
	for (size_t i = elf_reloc_first(sec, s->value);
	     i < sec->nr_relocs && sec->relocs[i].offset - s->value < s->size; i++) {
		const struct elf_symbol *to = &ef->symbols[sec->relocs[i].sym];

		/* What is undefined may be one. */
		if (to->type == STT_FUNC || !to->shndx ||
		    (to->shndx < ef->nr_sections && (ef->sections[to->shndx].flags & SHF_EXECINSTR)))
			return true;
	}
	return false;
}

static void add_end(struct ends *l, const struct end *e)
{
	l->list = xgrow(l->list, l->nr, sizeof(*l->list));
	l->list[l->nr++] = *e;
}

static void collect(struct build *b, struct ends *gone, struct ends *come)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		struct unit *u = &b->units[i];

		for (size_t k = 0; k < u->nr_symbols; k++) {
			struct diff_symbol *d = &u->symbols[k];
			struct end e = { .u = u, .d = d };

			if (d->change == CHANGE_GONE) {
				e.ef = u->orig;
				e.sym = d->orig;
				add_end(gone, &e);
			} else if (d->change == CHANGE_NEW) {
				e.ef = u->patched;
				e.sym = d->patched;
				add_end(come, &e);
			}
		}
	}
}

/* NULL: the debug information, if there is any, doesn't tell. */
static const struct variable *variable(struct moves *m, const struct unit *u, bool patched,
				       const char *symbol)
{
	struct unit_variables *v = &m->variables[u - m->b->units];
	bool *read = patched ? &v->patched_read : &v->orig_read;
	const char *path = patched ? u->patched_path : u->orig_path;

	if (!*read && path)
		variables_read(path, patched ? &v->patched : &v->orig, NULL);
	*read = true;
	return variable_of(patched ? &v->patched : &v->orig, symbol);
}

static const struct variable *variable_at(struct moves *m, const struct end *e)
{
	return variable(m, e->u, !e->d->orig, e->sym->name);
}

/* Without debug information: what could be. */
static bool same_type(struct moves *m, const struct end *a, const struct end *b)
{
	const struct variable *x = variable_at(m, a), *y = variable_at(m, b);

	if (x && y)
		return !strcmp(x->type, y->type);
	return a->sym->size == b->sym->size &&
	       (a->ef->sections[a->sym->shndx].flags & SHF_WRITE) ==
	       (b->ef->sections[b->sym->shndx].flags & SHF_WRITE);
}

static const char *reloc_name(const struct elf_file *ef, const struct elf_reloc *r, int64_t *addend)
{
	const struct elf_symbol *sym = &ef->symbols[r->sym], *at;

	*addend = r->addend;
	if (sym->type != STT_SECTION || sym->shndx >= ef->nr_sections)
		return sym->name;
	at = elf_symbol_at(ef, sym->shndx, sym->value + (uint64_t)r->addend);
	if (at)
		*addend = r->addend - (int64_t)at->value;
	return at ? at->name : ef->sections[sym->shndx].name;
}

/* Would both units' loading make the same of it? */
static bool same_content(const struct end *a, const struct end *b)
{
	const struct elf_section *s = &a->ef->sections[a->sym->shndx], *t = &b->ef->sections[b->sym->shndx];
	size_t i = elf_reloc_first(s, a->sym->value), j = elf_reloc_first(t, b->sym->value);

	if (a->sym->size != b->sym->size || !s->data != !t->data || (s->flags & SHF_WRITE) != (t->flags & SHF_WRITE))
		return false;
	if (s->data && memcmp(s->data + a->sym->value, t->data + b->sym->value, a->sym->size))
		return false;
	for (;; i++, j++) {
		bool more = i < s->nr_relocs && s->relocs[i].offset - a->sym->value < a->sym->size;
		int64_t x, y;

		if (more != (j < t->nr_relocs && t->relocs[j].offset - b->sym->value < b->sym->size))
			return false;
		if (!more)
			return true;
		if (s->relocs[i].offset - a->sym->value != t->relocs[j].offset - b->sym->value ||
		    s->relocs[i].type != t->relocs[j].type ||
		    strcmp(reloc_name(a->ef, &s->relocs[i], &x), reloc_name(b->ef, &t->relocs[j], &y)) || x != y)
			return false;
	}
}

/* One name in one object: linked, they can only have been one. */
static bool is_move(const struct end *gone, const struct end *come)
{
	return gone->u != come->u && gone->sym->bind != STB_LOCAL && come->sym->bind != STB_LOCAL &&
	       gone->sym->type == come->sym->type && !strcmp(gone->u->object, come->u->object) &&
	       !strcmp(gone->sym->name, come->sym->name);
}

static void link_ends(const struct end *gone, const struct end *come)
{
	gone->d->moved = come->u;
	gone->d->moved_index = (size_t)(come->d - come->u->symbols);
	come->d->moved = gone->u;
	come->d->moved_index = (size_t)(gone->d - gone->u->symbols);
}

/* ---- functions ---- */

static const struct type_info *prototype(const struct types *t, const char *name)
{
	for (size_t i = 0; i < t->nr; i++)
		if (t->list[i].kind == TYPE_FUNCTION && !strcmp(t->list[i].name, name))
			return &t->list[i];
	return NULL;
}

static bool equal_prototypes(const struct type_info *a, const struct type_info *b)
{
	if (!a || !b || a->nr_parts != b->nr_parts || a->variadic != b->variadic || a->type != b->type)
		return false;
	for (size_t i = 0; i < a->nr_parts; i++)
		if (a->parts[i].type != b->parts[i].type)
			return false;
	return true;
}

static int same_prototype(const struct end *gone, const struct end *come, bool *same,
			  struct klp_err *err)
{
	struct types_pair a, b;
	int ret;

	*same = true;
	if (!gone->u->orig_path || !come->u->orig_path)
		return 0;
	ret = types_open(gone->u, false, &a, err);
	if (ret)
		return ret;
	ret = types_open(come->u, false, &b, err);
	if (!ret) {
		*same = equal_prototypes(prototype(&a.orig, gone->sym->name),
					 prototype(&b.patched, come->sym->name));
		types_close(&b);
	}
	types_close(&a);
	return ret;
}

static int judge_function(struct moves *m, const struct end *gone, const struct end *come)
{
	bool same;
	int ret;

	if (diff_in_init(gone->ef->sections[gone->sym->shndx].name))
		return 0;	/* nobody calls it any more */
	if (!gone->d->has_fentry)
		return refusef(m, REFUSE_NO_FENTRY, gone,
			       "leave it where it is, or patch its callers instead",
			       format("it moves to %s, has no ftrace site to redirect, and other units may call it",
				      come->u->source));
	ret = same_prototype(gone, come, &same, m->err);
	if (ret)
		return ret;
	if (!same)
		return refusef(m, REFUSE_SIGNATURE, gone,
			       "add a function of another name with the new signature, and keep the old one",
			       format("it moves to %s, and its parameters or what it returns change type", come->u->source));
	link_ends(gone, come);
	return 0;
}

static int move_functions(struct moves *m, struct ends *gone, struct ends *come)
{
	int ret = 0;

	for (size_t i = 0; i < gone->nr; i++)
		for (size_t k = 0; k < come->nr && !ret; k++)
			if (gone->list[i].sym->type == STT_FUNC && is_move(&gone->list[i], &come->list[k]))
				ret = judge_function(m, &gone->list[i], &come->list[k]);
	return ret;
}

/* A callback that goes while another one comes: is it the same, under another name? */
static int judge_callback(struct moves *m, const struct end *gone, const struct ends *come)
{
	const struct end *other = NULL;

	for (size_t k = 0; k < come->nr && !other; k++)
		if (come->list[k].d->handed_out && !come->list[k].d->moved &&
		    !strcmp(come->list[k].u->object, gone->u->object))
			other = &come->list[k];
	if (other && !is_allowed(m, gone->sym) && !is_allowed(m, other->sym))
		return refusef(m, REFUSE_OTHER, gone,
			       "leave it under its name, where it is; if the two have nothing to do with each other, say --allow-data",
			       format("it goes, and %s of %s comes: is it the same callback? What has its address from the running kernel (a timer, a work, a table) goes on calling the old code",
				      other->sym->name, other->u->source));
	report_warn(m->b->report, "%s of %s goes; what has its address from the running kernel (a timer, a work, a table) goes on calling it",
		    gone->sym->name, gone->u->source);
	return 0;
}

static int judge_callbacks(struct moves *m, const struct ends *gone, const struct ends *come)
{
	int ret = 0;

	for (size_t i = 0; i < gone->nr && !ret; i++) {
		const struct end *g = &gone->list[i];

		if (g->d->handed_out && !g->d->moved && !diff_in_init(g->ef->sections[g->sym->shndx].name))
			ret = judge_callback(m, g, come);
	}
	return ret;
}

/* ---- variables ---- */

/*
 * A constant that is known by its place: operations, and a struct by whose address code tells one kind of object
 * from another ("dev->type == &part_type").  Not arrays, which are looked up in.
 */
static bool has_identity(struct moves *m, const struct end *e)
{
	const struct variable *v;

	if (!is_constant(e->ef, e->sym) || is_ops(e->ef, e->sym))
		return is_ops(e->ef, e->sym);
	v = variable_at(m, e);
	return !v || starts_with(v->type, "struct ");
}

static bool is_judged(struct moves *m, const struct end *e)
{
	return holds_state(e->ef, e->sym) || has_identity(m, e);
}

/* Two static locals of one name in one unit: diff_verdict.c has said so. */
static bool is_said(const struct end *gone, const struct end *come)
{
	return gone->u == come->u && strchr(gone->sym->name, '.') && canon_equal(gone->sym->name, come->sym->name);
}

static int refuse_state(struct moves *m, const struct end *gone, const struct end *come)
{
	const struct elf_symbol *a = gone->sym, *b = come->sym;
	const char *what = holds_state(gone->ef, a) ? "state" : is_ops(gone->ef, a) ? "table" : "constant";

	if (is_said(gone, come))
		return 0;
	if (is_allowed(m, a) || is_allowed(m, b)) {
		report_warn(m->b->report, "%.*s of %s goes and %.*s of %s comes with its initial value: the author said that this is right",
			    (int)name_len(a), a->name, gone->u->source, (int)name_len(b), b->name, come->u->source);
		return 0;
	}
	return refusef(m, REFUSE_DATA, gone, state_remedy,
		       format("%.*s of %s goes, and %.*s %s %s comes: is it the same %s? The patch would bring a second one, and what has the first goes on with it",
			      (int)name_len(a), a->name, gone->u->source, (int)name_len(b), b->name,
			      same_type(m, gone, come) ? "of the same type in" : "in", come->u->source,
			      what));
}

/* 2: the same name; 1: the same type; 0: another thing. */
static int likeness(struct moves *m, const struct end *gone, const struct end *come)
{
	bool state = holds_state(gone->ef, gone->sym);

	if (state ? !holds_state(come->ef, come->sym) : !has_identity(m, come))
		return same_source_name(gone->sym, come->sym) && is_judged(m, come) ? 2 : 0;
	if (same_source_name(gone->sym, come->sym))
		return 2;
	return same_type(m, gone, come);
}

static int judge_variable(struct moves *m, const struct end *gone, const struct ends *come)
{
	const struct end *best = NULL, *other = NULL;
	int like = 0;

	for (size_t k = 0; k < come->nr; k++) {
		const struct end *c = &come->list[k];
		int l;

		if (c->sym->type != STT_OBJECT || c->d->moved)
			continue;
		if (is_move(gone, c) && same_type(m, gone, c) && same_content(gone, c)) {
			link_ends(gone, c);
			return 0;
		}
		l = likeness(m, gone, c);
		if (l > like) {
			like = l;
			best = c;
		}
		if (holds_state(gone->ef, gone->sym) && holds_state(c->ef, c->sym))
			other = c;
	}
	if (best)
		return refuse_state(m, gone, best);
	if (other)
		report_warn(m->b->report, "%s of %s goes, and %s of another type comes in %s: what the first holds isn't carried over",
			    gone->sym->name, gone->u->source, other->sym->name, other->u->source);
	return 0;
}

static int judge_variables(struct moves *m, const struct ends *gone, const struct ends *come)
{
	int ret = 0;

	/* Those that move by name first, so that none is taken for another. */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < gone->nr && !ret; i++) {
			const struct end *g = &gone->list[i];

			if (is_judged(m, g) && !g->d->moved && (g->sym->bind != STB_LOCAL) == !round)
				ret = judge_variable(m, g, come);
		}
	}
	return ret;
}

static bool refers_to(const struct elf_file *ef, const struct elf_symbol *sym)
{
	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (!ef->symbols[i].shndx && *ef->symbols[i].name && same_source_name(&ef->symbols[i], sym))
			return true;
	return false;
}

/* What a unit had from elsewhere, and now has for itself: the kernel's own goes on beside it. */
static int judge_own_copies(struct moves *m, const struct ends *come)
{
	int ret = 0;

	for (size_t i = 0; i < come->nr && !ret; i++) {
		const struct end *c = &come->list[i];

		if (!is_judged(m, c) || c->d->moved || !c->u->orig || !refers_to(c->u->orig, c->sym))
			continue;
		if (is_allowed(m, c->sym))
			report_warn(m->b->report, "%s gets a %.*s of its own beside the kernel's: the author said that this is right",
				    c->u->source, (int)name_len(c->sym), c->sym->name);
		else
			ret = refusef(m, REFUSE_DATA, c, state_remedy,
				      format("%s used the kernel's, and now comes with one of its own: the patch would bring a second one, and what has the first goes on with it",
					     c->u->source));
	}
	return ret;
}

/* A static local of one function that was taken for one of another. */
static int judge_locals(struct moves *m, struct unit *u)
{
	int ret = 0;

	for (size_t i = 0; i < u->nr_symbols && !ret; i++) {
		struct diff_symbol *d = &u->symbols[i];
		const struct variable *a, *b;
		struct end e = { .u = u, .d = d, .ef = u->orig, .sym = d->orig };

		if (!d->orig || !d->patched || !strchr(d->orig->name, '.') || !holds_state(u->orig, d->orig))
			continue;
		a = variable(m, u, false, d->orig->name);
		b = variable(m, u, true, d->patched->name);
		if (!a || !b || !strcmp(a->scope, b->scope))
			continue;
		if (is_allowed(m, d->orig))
			report_warn(m->b->report, "%s() takes over the static %s of %s()", b->scope, d->orig->name, a->scope);
		else
			ret = refusef(m, REFUSE_DATA, &e, state_remedy,
				      format("the static variable of %s() goes, and one of that name in %s() comes: is it the same state?",
					     *a->scope ? a->scope : "the file", *b->scope ? b->scope : "the file"));
	}
	return ret;
}

int units_moves(struct build *b, struct klp_err *err)
{
	struct moves m = { .b = b, .err = err };
	struct ends gone = { 0 }, come = { 0 };
	int ret;

	m.variables = xcalloc(b->nr_units + 1, sizeof(*m.variables));
	collect(b, &gone, &come);
	ret = move_functions(&m, &gone, &come);
	if (!ret)
		ret = judge_callbacks(&m, &gone, &come);
	if (!ret)
		ret = judge_variables(&m, &gone, &come);
	if (!ret)
		ret = judge_own_copies(&m, &come);
	for (size_t i = 0; i < b->nr_units && !ret; i++) {
		ret = judge_locals(&m, &b->units[i]);
		unit_rest(&b->units[i]);
	}
	for (size_t i = 0; i < b->nr_units; i++) {
		variables_free(&m.variables[i].orig);
		variables_free(&m.variables[i].patched);
	}
	free(m.variables);
	free(gone.list);
	free(come.list);
	return ret;
}
