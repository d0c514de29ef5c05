// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signature.c - functions that take or return something else, and that other units call.
 *
 * Redirected, such a function would be called in the old way by whoever isn't replaced: by code that wasn't
 * compiled with the fix, and by other patches.  So it isn't redirected: in the patched objects it gets a
 * name of its own, which makes it a new function, and each that calls it a changed one, which is
 * replaced.  What still calls the old one, with the old code.  Nothing of the kernel's own may do that: the
 * calls that the shipped machine code has (callers.h) are counted against those in the objects of the units that
 * were compiled.  If as many are here, all are, as nothing is here that isn't there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/proc.h"
#include "base/report.h"
#include "elf.h"
#include "target/callers.h"
#include "types.h"

#define SUFFIX	"__patched"

/* Of a module that is in, what is left is the code that isn't .init; of vmlinux, .exit goes as well. */
static bool stays(const struct unit *u, const struct elf_section *sec)
{
	return sec->flags & SHF_ALLOC && sec->flags & SHF_EXECINSTR && !starts_with(sec->name, ".init") &&
	       !starts_with(sec->name, ".altinstr") && (u->module_path || !starts_with(sec->name, ".exit"));
}

static bool is_global(const struct elf_symbol *s, const char *name)
{
	return s->bind == STB_GLOBAL && !strcmp(s->name, name);
}

static size_t nr_calls(const struct unit *u, const char *name)
{
	const struct elf_file *ef = u->orig;
	size_t n = 0;

	for (size_t i = 1; i < ef->nr_sections; i++)
		for (size_t k = 0; stays(u, &ef->sections[i]) && k < ef->sections[i].nr_relocs; k++) {
			const struct elf_reloc *r = &ef->sections[i].relocs[k];

			n += elf_reloc_pcrel(r->type) && r->addend == -4 && is_global(&ef->symbols[r->sym], name);
		}
	return n;
}

static const struct elf_symbol *find(const struct elf_file *ef, const char *name)
{
	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (is_global(&ef->symbols[i], name))
			return &ef->symbols[i];
	return NULL;
}

/* Does a table or a second name lead to it?  BPF's lists of functions name them: "__BTF_ID__func__foo__12". */
static bool is_held(const struct elf_file *ef, const char *name)
{
	const struct elf_symbol *self = find(ef, name);
	char *id = format("__BTF_ID__func__%s__", name);
	bool held = !id;

	for (size_t i = 1; i < ef->nr_symbols && !held; i++) {
		const struct elf_symbol *s = &ef->symbols[i];

		held = starts_with(s->name, id) || (self && self->shndx && s != self && s->type == STT_FUNC &&
						    s->shndx == self->shndx && s->value == self->value);
	}
	for (size_t i = 1; i < ef->nr_sections && !held; i++) {
		const struct elf_section *sec = &ef->sections[i];

		if (!(sec->flags & SHF_ALLOC) || sec->flags & SHF_EXECINSTR)
			continue;
		for (size_t k = 0; k < sec->nr_relocs && !held; k++)
			held = is_global(&ef->symbols[sec->relocs[k].sym], name);
	}
	free(id);
	return held;
}

/* *whole: the kernel's object that has the function, if only these units of it reach the function; else NULL. */
static int find_whole(const struct build *b, const char *name, const char **whole, struct klp_err *err)
{
	const char *object = NULL;
	struct callers c = { 0 };
	size_t calls = 0;
	bool held = false;
	int ret = 0;

	for (size_t i = 0; i < b->nr_units; i++) {
		const struct elf_symbol *s = find(b->units[i].orig, name);

		if (s && s->shndx)
			object = b->units[i].object;
		held |= is_held(b->units[i].orig, name);
	}
	for (size_t i = 0; object && i < b->nr_units; i++)
		if (!strcmp(b->units[i].object, object))
			calls += nr_calls(&b->units[i], name);
	if (object && !held)
		ret = callers_find(b->target, object, name, &c, err);
	*whole = !ret && !held && c.nr_copies == 1 && !c.exported && !c.pointers.nr && c.nr == calls ? object : NULL;
	if (*whole)
		report_verbose(b->report, "%s() takes or returns something else: it is a new function, and all %zu calls of it go there",
			       name, c.nr);
	callers_free(&c);
	return ret;
}

static int rename_in(const struct build *b, struct unit *u, const char *name, struct klp_err *err)
{
	char *rule = format("--redefine-sym=%s=%s" SUFFIX, name, name), *to = format("%s.%s", u->patched_path, name);
	char *log = format("%s/objcopy.log", b->workdir);
	const char *argv[] = { "objcopy", rule, u->patched_path, to, NULL };
	struct proc p = { .argv = argv, .log_path = log };
	int ret = proc_run(&p, err);

	if (!ret)
		ret = unit_reopen(to, &u->patched, err);
	if (!ret) {
		free(u->patched_path);
		u->patched_path = to;
		to = NULL;
	}
	free(log);
	free(to);
	free(rule);
	return ret;
}

static int settle(struct build *b, const char *name, struct klp_err *err)
{
	const char *whole;
	int ret = find_whole(b, name, &whole, err);

	/* Another object's function of that name is another function. */
	for (size_t i = 0; !ret && whole && i < b->nr_units; i++)
		if (!strcmp(b->units[i].object, whole) && find(b->units[i].patched, name))
			ret = rename_in(b, &b->units[i], name, err);
	if (!ret && whole)
		strings_add(&b->renamed, name);
	return ret;
}

int signatures_settle(struct build *b, struct klp_err *err)
{
	struct strings names = { 0 };
	int ret = types_signatures(b, &names, err);

	for (size_t i = 0; i < names.nr && !ret; i++)
		ret = settle(b, names.list[i], err);
	strings_free(&names);
	return ret;
}
