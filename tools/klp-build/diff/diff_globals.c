// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_globals.c - the pass that looks for global names that change hands.  Where two units
 * define one name, one of them weakly, the linker chose for the running kernel; a patch can't
 * choose again.
 *
 *  - A name that comes, and that the kernel has: all callers in units that the fix doesn't
 *    touch go to that one, whatever the new unit's says.
 *  - A function that goes, and that somebody still calls: what would be called in the fixed
 *    kernel is a weak one of that name, which the running kernel's link left out.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "diff_priv.h"
#include "object/debuginfo.h"
#include "quietpatch.h"
#include "target/target.h"

/* A definition for all: "strong" or weak. */
static bool is_global(const struct elf_file *ef, const struct elf_symbol *s)
{
	return s->bind != STB_LOCAL && s->shndx && s->shndx < ef->nr_sections && *s->name &&
	       (s->type == STT_FUNC || s->type == STT_OBJECT || s->type == STT_NOTYPE);
}

static bool defines(const struct elf_file *ef, const char *name)
{
	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (is_global(ef, &ef->symbols[i]) && !strcmp(ef->symbols[i].name, name))
			return true;
	return false;
}

/* Defined or not: it is the name for all that is meant. */
static bool mentions(const struct elf_file *ef, const char *name)
{
	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (ef->symbols[i].bind != STB_LOCAL && !strcmp(ef->symbols[i].name, name))
			return true;
	return false;
}

/* The next unit of the same object after @at (NULL: the first). */
static const struct unit *next_unit(const struct build *b, const char *object, const struct unit *at)
{
	for (size_t i = at ? (size_t)(at - b->units) + 1 : 0; i < b->nr_units; i++)
		if (!strcmp(b->units[i].object, object))
			return &b->units[i];
	return NULL;
}

/* Does some unit of the fix stop, or start, defining it? */
static bool changes_hands(const struct build *b, const char *object, const char *name, bool stops)
{
	for (const struct unit *u = NULL; (u = next_unit(b, object, u));)
		if (defines(stops ? u->orig : u->patched, name) && !defines(stops ? u->patched : u->orig, name))
			return true;
	return false;
}

static void refuse(const struct build *b, const struct unit *u, const char *name, const char *remedy,
		   const char *why)
{
	char file[256];
	uint32_t line;

	if (function_line(u->patched_path, name, file, sizeof(file), &line))
		function_line(u->orig_path, name, file, sizeof(file), &line);
	report_refuse(b->report, REFUSE_WEAK, name, *file ? file : u->source, line, remedy, "%s", why);
}

/* vmlinux's own, for all; NULL: it has none. */
static const struct target_symbol *vmlinux_global(const struct target *t, const char *name)
{
	const struct target_symbol *s;
	size_t pos = 0;

	while ((s = target_symbol_next(t, name, &pos)))
		if (isupper((unsigned char)s->type))
			return s;
	return NULL;
}

static bool object_has(const struct build *b, const struct elf_file *ko, const char *name)
{
	return ko ? defines(ko, name) : vmlinux_global(b->target, name) != NULL;
}

static void judge_new(const struct build *b, const struct unit *u, const struct elf_file *ko)
{
	for (size_t i = 1; i < u->patched->nr_symbols; i++) {
		const struct elf_symbol *s = &u->patched->symbols[i];

		if (!is_global(u->patched, s) || defines(u->orig, s->name) || !object_has(b, ko, s->name) ||
		    changes_hands(b, u->object, s->name, true))
			continue;
		refuse(b, u, s->name,
		       "patch the one that the running kernel has instead, or give the new one a name of its own and change its callers",
		       "it is new here, and the running kernel has one of that name, weak or from another unit, to which all other units' calls go");
	}
}

/* ---- callers of what goes ---- */

static bool is_function_of(const struct build *b, const char *object, const char *name)
{
	for (const struct unit *u = NULL; (u = next_unit(b, object, u));)
		if (elf_symbol(u->orig, name, STT_FUNC))
			return true;
	return false;
}

/* A function around @address that no unit of the fix has; NULL: there is none. */
static const char *foreign_function(const struct build *b, uint64_t address)
{
	const struct target *t = b->target;
	size_t nr = target_symbols_until(t, address);
	uint64_t start;

	if (!nr)
		return NULL;
	start = t->symbols[nr - 1].address;
	for (size_t i = nr; i-- > 0 && t->symbols[i].address == start;)
		if (is_function_of(b, QP_VMLINUX, t->symbols[i].name))
			return NULL;
	return t->symbols[nr - 1].name;
}

static const char *caller_in_text(const struct build *b, const struct elf_section *sec, uint64_t address)
{
	for (uint64_t i = 1; sec->data && i + 4 <= sec->size; i++) {
		const uint8_t *p = sec->data + i;
		int32_t rel;
		const char *name;

		/* call, jmp, jcc */
		if (p[-1] != 0xe8 && p[-1] != 0xe9 && !(i > 1 && p[-2] == 0x0f && (p[-1] & 0xf0) == 0x80))
			continue;
		memcpy(&rel, p, sizeof(rel));
		if (sec->addr + i + 4 + (uint64_t)(int64_t)rel != address)
			continue;
		name = foreign_function(b, sec->addr + i);
		if (name)
			return name;
	}
	return NULL;
}

/* Who calls vmlinux's @name and isn't of the fix. */
static const char *vmlinux_caller(const struct build *b, const char *name)
{
	const struct target_symbol *s = vmlinux_global(b->target, name);
	const struct elf_file *image = b->target->image;
	const char *by = NULL;

	for (size_t i = 1; s && image && i < image->nr_sections && !by; i++)
		if (image->sections[i].flags & SHF_EXECINSTR)
			by = caller_in_text(b, &image->sections[i], s->address);
	return by;
}

static const char *module_caller(const struct build *b, const struct unit *u, const struct elf_file *ko,
				 const char *name)
{
	for (size_t i = 1; i < ko->nr_sections; i++) {
		const struct elf_section *sec = &ko->sections[i];

		for (size_t k = 0; (sec->flags & SHF_EXECINSTR) && k < sec->nr_relocs; k++) {
			const struct elf_symbol *by;

			if (strcmp(ko->symbols[sec->relocs[k].sym].name, name))
				continue;
			by = elf_symbol_at(ko, sec->index, sec->relocs[k].offset);
			if (by && !is_function_of(b, u->object, by->name))
				return by->name;
		}
	}
	return NULL;
}

/* NULL: nobody. */
static const char *who_calls(const struct build *b, const struct unit *u, const struct elf_file *ko,
			     const char *name)
{
	for (const struct unit *v = NULL; (v = next_unit(b, u->object, v));)
		if (v->patched && mentions(v->patched, name))
			return v->source;
	return ko ? module_caller(b, u, ko, name) : vmlinux_caller(b, name);
}

static void judge_gone(const struct build *b, const struct unit *u, const struct elf_file *ko)
{
	for (size_t i = 1; i < u->orig->nr_symbols; i++) {
		const struct elf_symbol *s = &u->orig->symbols[i];
		const char *by;
		char *why;

		if (!is_global(u->orig, s) || s->type != STT_FUNC || defines(u->patched, s->name) ||
		    diff_in_init(u->orig->sections[s->shndx].name) || changes_hands(b, u->object, s->name, false))
			continue;
		by = who_calls(b, u, ko, s->name);
		if (!by)
			continue;
		why = format("it goes, and %s still calls it: in the fixed kernel that is another one, weak or of a library, which the running kernel doesn't have",
			     by);
		refuse(b, u, s->name, "keep it, with the body of the one that takes over", why);
		free(why);
	}
}

int units_globals(struct build *b, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->nr_units && !ret; i++) {
		struct unit *u = &b->units[i];
		struct elf_file *ko = NULL;

		if (!u->orig || !u->patched)
			continue;
		if (u->module_path)
			ret = elf_open(u->module_path, &ko, err);
		if (ret)
			return ret;
		judge_new(b, u, ko);
		judge_gone(b, u, ko);
		elf_close(ko);
		unit_rest(u);
	}
	return 0;
}
