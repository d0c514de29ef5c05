// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract.c - one object per unit with exactly the code that the patch needs.
 *
 * Start with the changed, new and promoted functions, copy each, then follow
 * its relocations (extract_refs.c) and the special sections that speak about it
 * (special.c), until nothing new is asked for.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "extract_priv.h"
#include "object/pcrel.h"
#include "prove/proof.h"
#include "quietpatch.h"
#include "special.h"

/* ---- units ---- */

static int xunit_open(struct extract *x, struct xunit *xu, struct unit *u, uint32_t index,
		      struct klp_err *err)
{
	xu->b = x->b;
	xu->x = x;
	xu->u = u;
	xu->ef = u->patched;
	xu->index = index;
	xu->last = &xu->first;
	xu->out = elf_out_new();
	xu->by_section = xcalloc(xu->ef->nr_sections, sizeof(*xu->by_section));
	xu->out_sym = xcalloc(xu->ef->nr_symbols, sizeof(*xu->out_sym));
	xu->undef = xcalloc(xu->ef->nr_symbols, sizeof(*xu->undef));
	xu->is_table = xcalloc(xu->ef->nr_sections, sizeof(*xu->is_table));
	return special_open(xu, err);
}

static void xunit_close(struct xunit *xu)
{
	for (struct fragment *p = xu->first, *next; p; p = next) {
		next = p->later;
		free(p->extra);
		free(p);
	}
	elf_out_free(xu->out);
	special_close(xu->special);
	kept_close(xu);
	free(xu->by_section);
	free(xu->is_table);
	free(xu->out_sym);
	free(xu->undef);
}

/* An array that the patch's author wrote by the macros of quietpatch_api.h. */
static int add_array(struct xunit *xu, const char *name, size_t entry, uint32_t *nr,
		     struct klp_err *err)
{
	const struct elf_section *sec = elf_section(xu->ef, name);

	if (!sec || !sec->size)
		return 0;
	if (sec->size % entry)
		return klp_err_set(err, -EINVAL, "section %s of %s isn't an array of %zu-byte entries",
				   name, xu->u->source, entry);
	fragment_add(xu, sec->index, 0, sec->size, NULL);
	*nr += sec->size / entry;
	return 0;
}

/* Whose callbacks these are: the string that a descriptor's first field points to. */
static int note_callback(struct xunit *xu, const struct elf_section *sec, const struct elf_reloc *r,
			 struct klp_err *err)
{
	const struct elf_symbol *sym = &xu->ef->symbols[r->sym];
	const struct elf_section *str = sym->shndx && sym->shndx < xu->ef->nr_sections ?
					&xu->ef->sections[sym->shndx] : NULL;
	uint64_t at;
	const char *name = !reloc_target(xu->ef, sec, r, &at) && str && str->data && at < str->size ?
			   (const char *)str->data + at : NULL;

	if (!name || !memchr(name, 0, str->size - at) || !*name)
		return klp_err_set(err, -EINVAL, "a callback of %s names no object: write QP_CALLBACKS(\"vmlinux\", ...) or a module's name",
				   xu->u->source);
	strings_add_once(&xu->x->callback_objects, name);
	return 0;
}

static int note_callbacks(struct xunit *xu, struct klp_err *err)
{
	const struct elf_section *sec = elf_section(xu->ef, QP_SEC_CALLBACKS);
	int ret = 0;

	for (size_t i = 0; sec && i < sec->nr_relocs && !ret; i++)
		if (sec->relocs[i].offset % sizeof(struct qp_callback_desc) ==
		    offsetof(struct qp_callback_desc, object))
			ret = note_callback(xu, sec, &sec->relocs[i], err);
	return ret;
}

static int add_roots(struct xunit *xu, struct klp_err *err)
{
	int ret;

	for (size_t i = 0; i < xu->u->nr_symbols; i++) {
		const struct diff_symbol *d = &xu->u->symbols[i];
		const char *section;

		if (!d->patched || d->patched->type != STT_FUNC ||
		    (d->change == CHANGE_SAME && !d->forced))
			continue;
		/* New __init code is never called: the kernel is up. */
		section = xu->ef->sections[d->patched->shndx].name;
		if (d->change == CHANGE_NEW && (starts_with(section, ".init") || starts_with(section, ".exit")))
			continue;
		ret = fragment_add_function(xu, d->patched);
		if (ret && ret != REFUSED)
			return klp_err_set(err, ret, "cannot extract %s", d->patched->name);
	}
	ret = add_array(xu, QP_SEC_CALLBACKS, sizeof(struct qp_callback_desc),
			&xu->x->nr_callbacks, err);
	if (!ret)
		ret = note_callbacks(xu, err);
	return ret ? ret : add_array(xu, QP_SEC_STATES, sizeof(struct qp_state_desc),
				     &xu->x->nr_states, err);
}

/*
 * A function that ends with a call ends there because the callee doesn't return.
 * objtool finds that out from the callee's body, which stays in the kernel (native_play_dead()
 * ends with a call of hlt_play_dead()), so tell it as unreachable() does.
 */
static void mark_dead_end(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r)
{
	const struct elf_section *sec = &xu->ef->sections[p->shndx];
	uint64_t after = r->offset + 4, at;
	uint32_t note;

	if (!p->exec || !p->sym || after != p->sym->value + p->sym->size ||
	    !elf_reloc_is_branch(sec, r) || sec->data[r->offset - 1] != 0xe8)
		return;
	note = elf_out_section(xu->out, ".discard.unreachable", SHT_PROGBITS, 0, 1, 0);
	at = elf_out_append(xu->out, note, NULL, 4, 1);
	elf_out_reloc(xu->out, note, at, R_X86_64_PC32, elf_out_section_symbol(xu->out, p->out_sec),
		      (int64_t)(p->out_off + after - p->start));
}

/* What the module loader applies, and to what it knows: no thread's own data, no function that is chosen at start. */
static bool is_for_modules(const struct xunit *xu, const struct elf_reloc *r)
{
	static const uint32_t relocs[] = {
		R_X86_64_64, R_X86_64_PC64, R_X86_64_32, R_X86_64_32S, R_X86_64_PC32, R_X86_64_PLT32,
	};
	static const uint8_t symbols[] = { STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION };
	bool reloc = false, symbol = false;

	for (size_t i = 0; i < sizeof(relocs) / sizeof(relocs[0]); i++)
		reloc |= r->type == relocs[i];
	for (size_t i = 0; i < sizeof(symbols); i++)
		symbol |= xu->ef->symbols[r->sym].type == symbols[i];
	return reloc && symbol;
}

static int resolve_reloc(struct xunit *xu, struct fragment *p, const struct elf_reloc *r)
{
	struct out_ref ref;
	int ret;

	if (!is_for_modules(xu, r)) {
		ref_refuse(xu, p, xu->ef->symbols[r->sym].name, "in a way that modules can't");
		return 0;
	}
	ret = extract_ref(xu, p, r, &ref);
	if (!ret)
		ret = special_check(xu, p, &ref);
	if (ret)
		return ret == REFUSED ? 0 : ret;
	elf_out_reloc(xu->out, p->out_sec, p->out_off + r->offset - p->start, r->type, ref.sym,
		      ref.addend);
	mark_dead_end(xu, p, r);
	/* Late ones of special entries leave with their entry: relocs.c. */
	if (ref.late && !p->kind)
		desc_add_reloc(xu, p, r, &ref);
	return 0;
}

static int resolve_fragment(struct xunit *xu, struct fragment *p, struct klp_err *err)
{
	const struct elf_section *sec = &xu->ef->sections[p->shndx];
	int ret = p->exec ? special_collect(xu, p) : 0;

	for (size_t i = 0; i < sec->nr_relocs && !ret; i++) {
		const struct elf_reloc *r = &sec->relocs[i];

		if (r->offset >= p->start && r->offset < p->end && r->type != R_X86_64_NONE)
			ret = resolve_reloc(xu, p, r);
	}
	for (size_t i = 0; i < p->nr_extra && !ret; i++)
		ret = resolve_reloc(xu, p, &p->extra[i]);
	return ret ? klp_err_set(err, ret, "cannot extract %s of %s", fragment_name(xu, p),
				 xu->u->source) : 0;
}

/* What comes here and goes in another unit is named by that one, too: extract_desc.c. */
static void open_moved(struct xunit *xu)
{
	for (size_t i = 0; i < xu->u->nr_symbols; i++) {
		const struct diff_symbol *d = &xu->u->symbols[i];

		if (d->moved && d->patched && xu->out_sym[d->patched->index])
			elf_out_set_bind(xu->out, xu->out_sym[d->patched->index], STB_GLOBAL);
	}
}

/* Fragments of one unit can ask for fragments of another; go round until all are done. */
static int close_over(struct extract *x, struct klp_err *err)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < x->nr_units; i++) {
			struct xunit *xu = &x->units[i];

			if (!xu->todo)
				continue;
			while (xu->todo) {
				struct fragment *p = xu->todo;
				int ret = resolve_fragment(xu, p, err);

				if (ret)
					return ret;
				xu->todo = p->later;
				more = true;
			}
			proven_rest(xu->u);
		}
	}
	return 0;
}

static int write_unit(struct xunit *xu, struct klp_err *err)
{
	uint32_t before = xu->x->nr_funcs;
	int ret;

	special_leftovers(xu);
	ret = desc_add_functions(xu, err);
	/* One whose only change is that a function goes has no code, but says where calls of that one lead. */
	if (ret || (!xu->first && xu->x->nr_funcs == before))
		return ret;
	free(xu->u->extract_path);
	xu->u->extract_path = format("%s/unit%u.o", xu->b->workdir, xu->index);
	return elf_out_write(xu->out, xu->u->extract_path, err);
}

void extract_free(struct extract *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->nr_units; i++)
		xunit_close(&x->units[i]);
	ksyms_free(x);
	defs_free(x->defs);
	strings_free(&x->callback_objects);
	free(x->names);
	free(x->units);
	free(x);
}

int units_extract(struct build *b, struct klp_err *err)
{
	struct extract *x = xcalloc(1, sizeof(*x));
	int ret;

	extract_free(b->extract);
	b->extract = x;
	x->b = b;
	x->flags = b->patch_flags;
	x->units = xcalloc(b->nr_units + 1, sizeof(*x->units));
	ret = ksyms_init(x, err);
	for (size_t i = 0; i < b->nr_units && !ret; i++) {
		if (!b->units[i].patched)
			continue;
		ret = xunit_open(x, &x->units[x->nr_units], &b->units[i], x->nr_units, err);
		x->nr_units++;
		proven_rest(&b->units[i]);
	}
	if (!ret)
		defs_init(x);
	for (size_t i = 0; i < x->nr_units && !ret; i++) {
		ret = add_roots(&x->units[i], err);
		proven_rest(x->units[i].u);
	}
	if (!ret)
		ret = close_over(x, err);
	for (size_t i = 0; i < x->nr_units; i++)
		open_moved(&x->units[i]);
	for (size_t i = 0; i < x->nr_units && !ret; i++) {
		ret = write_unit(&x->units[i], err);
		proven_rest(x->units[i].u);
	}
	b->patch_flags = x->flags;
	return ret;
}
