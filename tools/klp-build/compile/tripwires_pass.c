// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tripwires_pass.c - compile with counters, and show that nothing else came of it: see tripwires.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/patch_names.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "compile.h"
#include "fix/fix.h"
#include "io.h"
#include "target/target.h"
#include "tripwires.h"

#define SOURCE_MAX	(32u << 20)
#define RETURN_THUNK	"__x86_return_thunk"

/* ---- is it the same object, but for the counter? ---- */

static bool differs(char *why, size_t size, const char *what, const char *name)
{
	snprintf(why, size, "%s%s", what, name);
	return false;
}

static bool is_counter(const struct elf_file *ef, const struct elf_reloc *r)
{
	return !strcmp(ef->symbols[r->sym].name, QP_TRIPWIRE_HERE);
}

/* The function that a section of -ffunction-sections is of: ".text.foo", ".text.unlikely.foo" -> "foo", .cold or not. */
static void function_of(const struct elf_file *ef, const struct elf_section *sec, char out[256])
{
	out[0] = '\0';
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &ef->symbols[sec->syms[i]];

		if (s->type != STT_FUNC)
			continue;
		snprintf(out, 256, "%.255s", s->name);
		if (strstr(out, ".cold"))
			*strstr(out, ".cold") = '\0';
		return;
	}
}

/* Has the function, its cold part included, a counter in @counted? */
static bool has_counter(const struct elf_file *counted, const char *function)
{
	char name[256];

	if (!*function)
		return false;
	for (size_t i = 1; i < counted->nr_sections; i++) {
		const struct elf_section *sec = &counted->sections[i];

		if (!(sec->flags & SHF_EXECINSTR))
			continue;
		function_of(counted, sec, name);
		for (size_t k = 0; !strcmp(name, function) && k < sec->nr_relocs; k++)
			if (is_counter(counted, &sec->relocs[k]))
				return true;
	}
	return false;
}

/* Where a relocation leads: a symbol, or a section; *inside: into a function that has a counter, whose places move. */
static const char *leads_to(const struct elf_file *ef, const struct elf_reloc *r, const struct elf_file *counted, bool *inside)
{
	const struct elf_symbol *s = &ef->symbols[r->sym];
	const struct elf_section *sec = s->shndx && s->shndx < ef->nr_sections ? &ef->sections[s->shndx] : NULL;
	char name[256] = "";

	if (sec && sec->flags & SHF_EXECINSTR)
		function_of(ef, sec, name);
	*inside = has_counter(counted, name);
	return *s->name ? s->name : sec ? sec->name : "";
}

/* As a line of a sorted list: what a function refers to, wherever in it. */
static void reference(const struct elf_file *ef, const struct elf_reloc *r, const struct elf_file *counted, struct strings *out)
{
	bool inside;
	const char *to = leads_to(ef, r, counted, &inside);
	char *line;

	/* Its own parts, and back: a jump more or less.  An exit of its own, where another was shared. */
	if (is_counter(ef, r) || !strcmp(to, RETURN_THUNK) || (inside && ef->symbols[r->sym].type == STT_SECTION))
		return;
	line = format("%u %s %lld", r->type, to, inside ? 0ll : (long long)r->addend);
	strings_add(out, line);
	free(line);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void references(const struct elf_file *ef, const char *function, const struct elf_file *counted, struct strings *out)
{
	char name[256];

	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];

		if (!(sec->flags & SHF_EXECINSTR))
			continue;
		function_of(ef, sec, name);
		for (size_t k = 0; !strcmp(name, function) && k < sec->nr_relocs; k++)
			reference(ef, &sec->relocs[k], counted, out);
	}
	if (out->nr)
		qsort(out->list, out->nr, sizeof(*out->list), by_name);
}

static bool same_references(const struct elf_file *own, const struct elf_file *counted, const char *function, char *why, size_t size)
{
	struct strings a = { 0 }, b = { 0 };
	bool same;

	references(own, function, counted, &a);
	references(counted, function, counted, &b);
	same = a.nr == b.nr;
	for (size_t i = 0; same && i < a.nr; i++)
		same = !strcmp(a.list[i], b.list[i]);
	strings_free(&a);
	strings_free(&b);
	return same || differs(why, size, "the compiler arranges what it refers to in another way: ", function);
}

static bool same_relocs(const struct elf_file *own, const struct elf_section *a, const struct elf_file *counted,
			const struct elf_section *b)
{
	if (a->nr_relocs != b->nr_relocs)
		return false;
	for (size_t i = 0; i < a->nr_relocs; i++) {
		const struct elf_reloc *x = &a->relocs[i], *y = &b->relocs[i];
		bool in_x, in_y;
		const char *to_x = leads_to(own, x, counted, &in_x), *to_y = leads_to(counted, y, counted, &in_y);

		if (x->offset != y->offset || x->type != y->type || in_x != in_y || strcmp(to_x, to_y) ||
		    (!in_x && x->addend != y->addend))
			return false;
	}
	return true;
}

static const struct elf_section *match_of(const struct elf_file *ef, const struct elf_section *of, size_t nth)
{
	for (size_t i = 1; i < ef->nr_sections; i++)
		if (!strcmp(ef->sections[i].name, of->name) && !nth--)
			return &ef->sections[i];
	return NULL;
}

/* How many sections of its name come before it. */
static size_t nth_of_name(const struct elf_file *ef, const struct elf_section *sec)
{
	size_t n = 0;

	for (size_t i = 1; i < sec->index; i++)
		n += !strcmp(ef->sections[i].name, sec->name);
	return n;
}

static bool same_section(const struct elf_file *own, const struct elf_section *a, const struct elf_file *counted, char *why, size_t size)
{
	const struct elf_section *b = match_of(counted, a, nth_of_name(own, a));
	char name[256] = "";

	if (!b || a->type != b->type || a->flags != b->flags || a->nr_syms != b->nr_syms)
		return differs(why, size, "the compiler makes another section of it: ", a->name);
	if (a->flags & SHF_EXECINSTR)
		function_of(own, a, name);
	if (has_counter(counted, name))
		return same_references(own, counted, name, why, size);
	if (a->size != b->size || (a->data && memcmp(a->data, b->data, a->size)) || !same_relocs(own, a, counted, b))
		return differs(why, size, "the compiler changes something else: ", a->name);
	return true;
}

static size_t nr_allocated(const struct elf_file *ef)
{
	size_t n = 0;

	for (size_t i = 1; i < ef->nr_sections; i++)
		n += (ef->sections[i].flags & SHF_ALLOC) != 0;
	return n;
}

static bool same_symbols(const struct elf_file *own, const struct elf_file *counted, char *why, size_t size)
{
	for (size_t i = 1; i < own->nr_symbols; i++) {
		const struct elf_symbol *s = &own->symbols[i], *o;

		if ((s->type != STT_FUNC && s->type != STT_OBJECT) || !s->shndx)
			continue;
		o = elf_symbol(counted, s->name, s->type);
		if (!o || o->bind != s->bind)
			return differs(why, size, "the compiler makes no such symbol with it: ", s->name);
	}
	return true;
}

bool tripwires_same(const struct elf_file *own, const struct elf_file *counted, char *why, size_t size)
{
	if (nr_allocated(own) != nr_allocated(counted))
		return differs(why, size, "the compiler makes other sections of it", "");
	if (!same_symbols(own, counted, why, size))
		return false;
	for (size_t i = 1; i < own->nr_sections; i++)
		if (own->sections[i].flags & SHF_ALLOC && !same_section(own, &own->sections[i], counted, why, size))
			return false;
	return true;
}

/* ---- the pass ---- */

/* @u with @text for its source; 0: *counted is the object, and the same but for the counter. */
static int try_text(struct build *b, const struct unit *u, const char *path, const char *text, char **out,
		    struct elf_file **counted, char *why, size_t size, struct klp_err *err)
{
	struct job j;
	int ret = io_write_atomic(path, text, strlen(text), 0644, err);

	*counted = NULL;
	if (!ret)
		job_init(&j, b, u, "patched-counted", SPLIT_FLAGS);
	if (ret)
		return ret;
	ret = jobs_run(b, &j, 1, err);
	if (!ret && j.failed) {
		snprintf(why, size, "it doesn't compile with it");
	} else if (!ret) {
		ret = elf_open(j.out, counted, err);
		if (!ret && !tripwires_same(u->patched, *counted, why, size)) {
			elf_close(*counted);
			*counted = NULL;
		}
	}
	if (*counted) {
		free(*out);
		*out = xstrdup(j.out);
	}
	job_free(&j);
	return ret;
}

/* All at once; if that isn't the same object, one after the other, each kept that leaves it the same. */
static int choose(struct build *b, struct unit *u, const char *path, const char *text, struct tripwires *t, struct klp_err *err)
{
	bool *chosen = xcalloc(t->nr + 1, sizeof(*chosen)), one_by_one = false;
	struct elf_file *counted = NULL;
	char *now, *out = NULL, why[300];
	int ret = 0;

	for (size_t i = 0; i < t->nr; i++)
		chosen[i] = !t->list[i].why;
	for (size_t i = 0; !ret && i <= t->nr; i++) {
		struct elf_file *better;

		if (one_by_one && t->list[i - 1].why)
			continue;
		if (one_by_one)
			chosen[i - 1] = true;
		now = tripwires_insert(text, t, chosen);
		ret = try_text(b, u, path, now, &out, &better, why, sizeof(why), err);
		free(now);
		if (!ret && better) {
			elf_close(counted);
			counted = better;
			if (!one_by_one)
				break;
		} else if (!ret && !one_by_one) {
			one_by_one = true;
			memset(chosen, 0, t->nr * sizeof(*chosen));
		} else if (!ret) {
			chosen[i - 1] = false;
			t->list[i - 1].why = xstrdup(why);
			ret = 0;
		}
	}
	if (!ret && counted) {
		elf_close(u->patched);
		u->patched = counted;
		free(u->patched_path);
		u->patched_path = out;
		out = NULL;
	}
	free(out);
	free(chosen);
	return ret;
}

static void tell(struct build *b, const char *file, const struct tripwires *t)
{
	for (size_t i = 0; i < t->nr; i++)
		report_tripwire(b->report, t->list[i].function, file, t->list[i].line, t->list[i].why);
}

static struct unit *unit_of(struct build *b, const char *file)
{
	for (size_t i = 0; i < b->nr_units; i++)
		if (!strcmp(b->units[i].source, file))
			return &b->units[i];
	return NULL;
}

static int count_file(struct build *b, const char *file, struct klp_err *err)
{
	char *path = format("%s/patched/%s", b->workdir, file), *base = format("%s/src/%s", b->target->dir, file);
	struct unit *u = unit_of(b, file);
	struct tripwires t = { 0 };
	void *text = NULL, *orig = NULL;
	size_t len, nr = 0;
	int ret = io_read_file(path, SOURCE_MAX, &text, &len, err);

	/* A new file's lines are all added: what it refuses was never let through. */
	if (!ret && io_read_file(base, SOURCE_MAX, &orig, &len, NULL))
		goto out;
	if (!ret)
		tripwires_find(file, orig, text, &t);
	for (size_t i = 0; !ret && i < t.nr; i++) {
		if (!t.list[i].why && !u)
			t.list[i].why = xstrdup("its file isn't a unit of its own");
		nr += !t.list[i].why;
	}
	if (!ret && nr)
		ret = choose(b, u, path, text, &t, err);
	/* Whoever reads the patched tree later finds the fix's own text. */
	if (!ret && nr)
		ret = io_write_atomic(path, text, strlen(text), 0644, err);
	if (!ret)
		tell(b, file, &t);
out:
	tripwires_free(&t);
	free(orig);
	free(text);
	free(base);
	free(path);
	return ret;
}

int units_tripwires(struct build *b, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < b->fix->nr_files; i++) {
		const struct fix_file *f = &b->fix->files[i];

		if (fix_file_applies(f) && !f->deleted && (ends_with(f->path, ".c") || ends_with(f->path, ".h")))
			ret = count_file(b, f->path, err);
	}
	return ret;
}
