// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keys.c - see keys.h: which keys, and the object without their jump labels.
 *
 * Only instructions differ between that object and the one that the differ has seen:
 * it has the same symbols in the same order, and that is checked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "compile/keys_text.h"
#include "diff/diff.h"
#include "keys.h"
#include "object/canon.h"
#include "prove/proof.h"
#include "quietpatch.h"

#define PER_ENTRY	3	/* relocations: code, target, key */

const char *key_unloadable(const struct build *b, const struct unit *u, const struct elf_reloc *key,
			   const char **name)
{
	const struct elf_file *ef = u->patched;
	const struct elf_symbol *sym = &ef->symbols[key->sym], *orig;
	const char *object = u->object;
	struct kernel_place place;
	int ret;

	*name = sym->name;
	if (sym->shndx == SHN_UNDEF) {
		ret = proof_place_extern(b, u, sym->name, &object, &place);
		return !ret && (strcmp(object, QP_VMLINUX) || place.sealed) ? object : NULL;
	}
	if (sym->type == STT_SECTION)
		sym = elf_symbol_at(ef, sym->shndx, sym->value + (uint64_t)key->addend);
	/* Descriptors of dynamic debug go along, and new keys are the patch's own. */
	if (!sym || !strcmp(ef->sections[sym->shndx].name, "__dyndbg"))
		return NULL;
	orig = diff_match(u, sym);
	if (!orig)
		return NULL;
	*name = sym->name;
	if (!strcmp(object, QP_VMLINUX) && (proof_place(u, orig, &place) || !place.sealed))
		return NULL;
	return object;
}

/* Code of section @shndx goes into the patch: it is that of a changed function, or of its .cold part. */
static bool is_changed(const struct unit *u, uint32_t shndx)
{
	const struct elf_section *sec = &u->patched->sections[shndx];

	for (size_t i = 0; i < u->nr_symbols; i++) {
		const struct diff_symbol *d = &u->symbols[i];

		if (!d->patched || d->patched->type != STT_FUNC ||
		    (d->change == CHANGE_SAME && !d->forced))
			continue;
		if (d->patched->shndx == shndx)
			return true;
		for (size_t k = 0; k < sec->nr_syms; k++) {
			const struct elf_symbol *s = &u->patched->symbols[sec->syms[k]];

			if (starts_with(s->name, d->patched->name) && canon_is_cold(s->name))
				return true;
		}
	}
	return false;
}

/* Names of the keys; *needed: changed code tests one. */
static void find_keys(const struct build *b, const struct unit *u, struct strings *keys, bool *needed)
{
	const struct elf_section *sec = elf_section(u->patched, "__jump_table");

	for (size_t i = 0; sec && i + PER_ENTRY <= sec->nr_relocs; i += PER_ENTRY) {
		const struct elf_symbol *site = &u->patched->symbols[sec->relocs[i].sym];
		const char *name;

		if (!key_unloadable(b, u, &sec->relocs[i + 2], &name))
			continue;
		if (site->shndx && site->shndx < u->patched->nr_sections)
			*needed |= is_changed(u, site->shndx);
		strings_add_once(keys, name);
	}
}

/* Let u->symbols refer to the same symbols of @now. */
static int remap(struct unit *u, const struct elf_file *now, struct klp_err *err)
{
	const struct elf_file *was = u->patched;
	const struct elf_symbol **map = xcalloc(was->nr_symbols + 1, sizeof(*map));
	size_t k = 0;

	for (size_t i = 0; i < was->nr_symbols; i++) {
		const struct elf_symbol *a = &was->symbols[i];

		if (a->type != STT_FUNC && a->type != STT_OBJECT)
			continue;
		while (k < now->nr_symbols && now->symbols[k].type != STT_FUNC &&
		       now->symbols[k].type != STT_OBJECT)
			k++;
		if (k == now->nr_symbols || strcmp(now->symbols[k].name, a->name) ||
		    now->symbols[k].type != a->type) {
			free(map);
			return klp_err_set(err, -EINVAL, "%s compiled by way of assembly has other symbols (%s): report it, with the compiler's version",
					   u->source, a->name);
		}
		map[i] = &now->symbols[k++];
	}
	for (size_t i = 0; i < u->nr_symbols; i++)
		if (u->symbols[i].patched)
			u->symbols[i].patched = map[u->symbols[i].patched->index];
	free(map);
	return 0;
}

static int free_of_keys(struct build *b, struct unit *u, struct klp_err *err)
{
	struct strings keys = { 0 };
	struct elf_file *now = NULL;
	bool needed = false;
	char *path = NULL;
	int ret = 0;

	find_keys(b, u, &keys, &needed);
	if (needed) {
		ret = unit_compile_without(b, u, &keys, &path, err);
		if (!ret)
			ret = elf_open(path, &now, err);
		if (!ret)
			ret = remap(u, now, err);
		for (size_t i = 0; i < keys.nr && !ret; i++)
			report_verbose(b->report, "%s reads the static key %s from memory",
				       u->source, keys.list[i]);
	}
	if (!ret && now) {
		elf_close(u->patched);
		u->patched = now;
		free(u->patched_path);
		u->patched_path = path;
		now = NULL;
		path = NULL;
	}
	elf_close(now);
	free(path);
	strings_free(&keys);
	return ret;
}

int units_keys(struct build *b, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->nr_units && !ret; i++)
		ret = b->units[i].patched ? free_of_keys(b, &b->units[i], err) : 0;
	return ret;
}
