// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_desc.c - what a patch module tells the core: which functions it
 * replaces, and which places the core must write by itself.
 *
 * Each unit's object carries its own entries, with relocations for all pointers, and
 * the linker puts them side by side: so nothing depends on the layout.  The head
 * object comes first in the link and names the start of each array.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "diff/diff.h"
#include "extract_priv.h"
#include "hex.h"
#include "manifest.h"
#include "prove/proof.h"
#include "quietpatch.h"
#include "target/target.h"

#define RODATA	(SHF_ALLOC)

/* A NUL-terminated string in read-only data; returns its offset. */
static void point_to_string(struct elf_out *out, uint32_t sec, uint64_t field, const char *s)
{
	uint32_t str = elf_out_section(out, ".rodata.str", SHT_PROGBITS, RODATA, 1, 0);
	uint64_t at = elf_out_append(out, str, s, strlen(s) + 1, 1);

	elf_out_reloc(out, sec, field, R_X86_64_64, elf_out_section_symbol(out, str), (int64_t)at);
}

void desc_add_reloc(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
		    const struct out_ref *ref)
{
	struct qp_reloc_desc d = {
		.addend = ref->addend,
		.type = r->type,
		.sympos = ref->late->sympos,
	};
	uint32_t sec = elf_out_section(xu->out, QP_SEC_RELOCS, SHT_PROGBITS, RODATA, 8, 0);
	uint64_t at = elf_out_append(xu->out, sec, &d, sizeof(d), 8);

	elf_out_reloc(xu->out, sec, at + offsetof(struct qp_reloc_desc, place), R_X86_64_64,
		      elf_out_section_symbol(xu->out, p->out_sec),
		      (int64_t)(p->out_off + r->offset - p->start));
	point_to_string(xu->out, sec, at + offsetof(struct qp_reloc_desc, object),
			ref->late->object);
	point_to_string(xu->out, sec, at + offsetof(struct qp_reloc_desc, name), ref->late->name);
	xu->x->nr_relocs++;
}

/* Distance from the anchor; modules' symbols travel by name alone. */
static int64_t place_offset(const struct xunit *xu, const struct kernel_place *place)
{
	if (strcmp(xu->u->object, QP_VMLINUX))
		return 0;
	return (int64_t)(place->address - xu->x->anchor);
}

static void add_masks(struct xunit *xu, uint32_t sec, uint64_t at, const struct qp_mask *masks,
		      size_t nr)
{
	uint32_t ro = elf_out_section(xu->out, ".rodata", SHT_PROGBITS, RODATA, 8, 0);
	uint64_t pos = elf_out_append(xu->out, ro, masks, nr * sizeof(*masks), 8);

	elf_out_reloc(xu->out, sec, at + offsetof(struct qp_func_desc, masks), R_X86_64_64,
		      elf_out_section_symbol(xu->out, ro), (int64_t)pos);
}

/* The part that the original's compiler moved out of line is affected code too. */
static int find_cold(const struct xunit *xu, const struct elf_symbol *orig,
		     struct kernel_place *place)
{
	size_t n = strlen(orig->name);

	for (size_t i = 1; i < xu->u->orig->nr_symbols; i++) {
		const struct elf_symbol *s = &xu->u->orig->symbols[i];

		if (s->type == STT_FUNC && s->shndx && !strncmp(s->name, orig->name, n) &&
		    !strncmp(s->name + n, ".cold", 5) && (!s->name[n + 5] || s->name[n + 5] == '.'))
			return proof_place(xu->u, s, place);
	}
	return -ENOENT;
}

struct parts {
	struct kernel_place *list;
	size_t nr;
};

/* Old code that no entry of its own redirects: see hidden_parts(). */
struct hidden {
	struct parts called;	/* who calls them is on the stack, too */
	struct parts jumped;
};

/* Changed without an ftrace site, or gone. */
static bool is_hidden(const struct diff_symbol *d)
{
	return d->orig && d->orig->type == STT_FUNC && !d->moved && !strstr(d->orig->name, ".cold") &&
	       (!d->patched || (!d->has_fentry && (d->change != CHANGE_SAME || d->forced)));
}

/* Does the original lead to it by anything else than a call? */
static bool is_jumped_to(const struct elf_file *ef, const struct elf_symbol *f)
{
	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];

		for (size_t k = 0; sec->flags & SHF_EXECINSTR && sec->data && k < sec->nr_relocs; k++) {
			const struct elf_reloc *r = &sec->relocs[k];
			const struct elf_symbol *sym = &ef->symbols[r->sym];

			if (elf_reloc_pcrel(r->type) && sym->shndx == f->shndx && r->offset &&
			    sym->value + (uint64_t)r->addend + 4 == f->value && sec->data[r->offset - 1] != 0xe8)
				return true;
		}
	}
	return false;
}

static void add_part(struct parts *p, const struct kernel_place *place)
{
	for (size_t i = 0; i < p->nr; i++)
		if (!strcmp(p->list[i].name, place->name) && p->list[i].address == place->address)
			return;	/* an alias */
	p->list = xgrow(p->list, p->nr, sizeof(*p->list));
	p->list[p->nr++] = *place;
}

static int add_hidden(const struct xunit *xu, const struct elf_symbol *f, struct hidden *out, struct klp_err *err)
{
	bool jumped = is_jumped_to(xu->u->orig, f);
	struct parts *to = jumped ? &out->jumped : &out->called;
	struct kernel_place place;
	int ret = proof_place(xu->u, f, &place);

	if (ret && jumped)
		return klp_err_set(err, ret, "%s (%s), which other functions are replaced for, has no proven place in %s", f->name,
				   xu->u->source, xu->u->object);
	if (ret || place.freed)
		return 0;
	add_part(to, &place);
	if (!ret && !find_cold(xu, f, &place))
		add_part(to, &place);
	return ret ? klp_err_sys(err, ret, "%s", f->name) : 0;
}

/*
 * A changed function without an ftrace site runs below those of its callers that are replaced for it, and one that is
 * gone below those that called it.  Who calls is on the stack as well; not who has jumped there, as the wrappers
 * of system calls do.  So these parts are affected code by themselves.
 */
static int hidden_parts(const struct xunit *xu, struct hidden *out, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < xu->u->nr_symbols && !ret; i++)
		if (is_hidden(&xu->u->symbols[i]))
			ret = add_hidden(xu, xu->u->symbols[i].orig, out, err);
	return ret;
}

/* Function @now comes in unit @where, whose object is another of the link. */
static uint32_t moved_symbol(struct xunit *xu, const struct unit *where, const struct elf_symbol *now)
{
	const struct xunit *to = xunit_of(xu->x, where);

	return elf_out_undef(xu->out, elf_out_name(to->out, to->out_sym[now->index]), STB_GLOBAL);
}

/* A module's is found by name, of equal ones at the place of the function itself. */
static bool take_part(const struct xunit *xu, const struct kernel_place *place, struct parts *from, struct kernel_place *part)
{
	if (!from->nr || (strcmp(xu->u->object, QP_VMLINUX) && place->sympos != from->list[from->nr - 1].sympos))
		return false;
	*part = from->list[--from->nr];
	return true;
}

/* One of @hidden is put down with it, as a part of it, if it has no .cold part. */
static int add_function(struct xunit *xu, const struct diff_symbol *d, struct hidden *hidden, struct klp_err *err)
{
	const struct unit *where;
	const struct elf_symbol *now = diff_successor(xu->u, d, &where);
	struct kernel_place place, cold;
	struct qp_func_desc f = { .new_size = (uint32_t)now->size };
	struct qp_mask *masks = NULL;
	size_t nr_masks = 0;
	uint32_t sec;
	uint64_t at;
	bool has_cold;
	int ret = proof_place(xu->u, d->orig, &place);

	if (ret)
		return klp_err_set(err, ret, "%s (%s) has no proven place in %s", d->orig->name,
				   xu->u->source, xu->u->object);
	ret = proof_expectation(xu->u, d->orig, &masks, &nr_masks, f.digest);
	if (ret)
		return klp_err_set(err, ret, "cannot tell the live bytes of %s (%s)", d->orig->name,
				   xu->u->source);
	has_cold = !find_cold(xu, d->orig, &cold) || take_part(xu, &place, &hidden->jumped, &cold) ||
		   take_part(xu, &place, &hidden->called, &cold);
	f.old_offset = place_offset(xu, &place);
	f.old_size = (uint32_t)place.size;
	f.sympos = place.sympos;
	f.nr_masks = (uint32_t)nr_masks;
	if (has_cold) {
		f.cold_offset = place_offset(xu, &cold);
		f.cold_size = (uint32_t)cold.size;
	}
	sec = elf_out_section(xu->out, QP_SEC_FUNCS, SHT_PROGBITS, RODATA, 8, 0);
	at = elf_out_append(xu->out, sec, &f, sizeof(f), 8);
	elf_out_reloc(xu->out, sec, at + offsetof(struct qp_func_desc, new_addr), R_X86_64_64,
		      d->moved ? moved_symbol(xu, where, now) : xu->out_sym[now->index], 0);
	point_to_string(xu->out, sec, at + offsetof(struct qp_func_desc, name), place_listed(xu->b->target, xu->u->object, &place));
	point_to_string(xu->out, sec, at + offsetof(struct qp_func_desc, object), xu->u->object);
	if (has_cold)
		point_to_string(xu->out, sec, at + offsetof(struct qp_func_desc, cold_name),
				place_listed(xu->b->target, xu->u->object, &cold));
	if (nr_masks)
		add_masks(xu, sec, at, masks, nr_masks);
	free(masks);
	xu->x->nr_funcs++;
	return 0;
}

/* Aliases share one entry: the kernel redirects an address. */
static bool listed(const struct xunit *xu, size_t n)
{
	const struct elf_symbol *y = xu->u->symbols[n].orig;

	for (size_t i = 0; i < n; i++) {
		const struct diff_symbol *d = &xu->u->symbols[i];

		if (d->orig && d->patched && d->orig->type == STT_FUNC &&
		    d->orig->shndx == y->shndx && d->orig->value == y->value &&
		    (d->change != CHANGE_SAME || d->forced))
			return true;
	}
	return false;
}

/* Without fentry it can't be redirected; its callers are here instead. */
static bool is_entry(const struct xunit *xu, size_t i)
{
	const struct diff_symbol *d = &xu->u->symbols[i];

	if (d->orig && d->moved && d->orig->type == STT_FUNC)
		return true;
	return d->orig && d->patched && d->patched->type == STT_FUNC && d->has_fentry && (d->change != CHANGE_SAME || d->forced) &&
	       !strstr(d->orig->name, ".cold") && xu->out_sym[d->patched->index] && !listed(xu, i);
}

int desc_add_functions(struct xunit *xu, struct klp_err *err)
{
	struct hidden hidden = { 0 };
	int ret = hidden_parts(xu, &hidden, err);

	for (size_t i = 0; i < xu->u->nr_symbols && !ret; i++)
		if (is_entry(xu, i))
			ret = add_function(xu, &xu->u->symbols[i], &hidden, err);
	if (!ret && hidden.jumped.nr)
		report_refuse(xu->x->b->report, REFUSE_NO_FENTRY, hidden.jumped.list[hidden.jumped.nr - 1].name, xu->u->source, 0,
			      "move the change into a caller that can be redirected, or reboot into the fixed kernel",
			      "it can't be redirected, others jump to it, and too few functions are replaced to tell the core where it lies");
	free(hidden.called.list);
	free(hidden.jumped.list);
	return ret;
}

/* ---- the head object ---- */

static void add_modinfo(struct elf_out *out, const char *key, const char *value)
{
	uint32_t sec = elf_out_section(out, ".modinfo", SHT_PROGBITS, RODATA, 1, 0);
	char text[512];
	int n = snprintf(text, sizeof(text), "%s=%s", key, value);

	if (n > 0 && (size_t)n < sizeof(text))
		elf_out_append(out, sec, text, (uint64_t)n + 1, 1);
}

/* Let @field point to the start of the array that all units add to. */
static void point_to_array(struct elf_out *out, uint32_t desc, uint64_t field, const char *name)
{
	uint32_t sec = elf_out_section(out, name, SHT_PROGBITS, RODATA, 8, 0);

	elf_out_reloc(out, desc, field, R_X86_64_64, elf_out_section_symbol(out, sec), 0);
}

/* What the core needs to write into read-only text. */
static int point_to_poke(struct extract *x, struct elf_out *out, uint32_t desc, struct klp_err *err)
{
	static const struct { const char *name, *newer; size_t field; } needed[] = {
		{ "text_poke", NULL, offsetof(struct qp_patch_desc, text_poke) },
		{ "text_mutex", NULL, offsetof(struct qp_patch_desc, text_mutex) },
		/* Renamed in 6.16. */
		{ "text_poke_sync", "smp_text_poke_sync_each_cpu",
		  offsetof(struct qp_patch_desc, text_poke_sync) },
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		const struct ksym *k = ksym_get_named(x, needed[i].name);

		if (!k && needed[i].newer)
			k = ksym_get_named(x, needed[i].newer);
		if (!k)
			return klp_err_set(err, -ENOENT,
					   "kernel %s has no single symbol %s, without which references to modules can't be written",
					   x->b->target->krel, needed[i].name);
		elf_out_reloc(out, desc, needed[i].field, R_X86_64_64,
			      elf_out_undef(out, k->link_name, STB_GLOBAL), 0);
	}
	return 0;
}

static void add_relation(struct elf_out *out, const char *name, uint64_t release, uint32_t flags)
{
	struct qp_require_desc r = { .release = (uint32_t)release, .flags = flags };
	uint32_t sec = elf_out_section(out, QP_SEC_REQUIRES, SHT_PROGBITS, RODATA, 8, 0);
	uint64_t at = elf_out_append(out, sec, &r, sizeof(r), 8);

	point_to_string(out, sec, at + offsetof(struct qp_require_desc, name), name);
}

/* A cumulative patch takes over from all: it needn't name any. */
static size_t nr_relations(const struct build *b)
{
	return b->requires->nr + (b->patch_flags & QP_PATCH_REPLACE ? 0 : b->mitigates->nr);
}

/* The patch's name, those that it requires, and the mitigations whose place it takes. */
static int add_relations(const struct build *b, struct elf_out *out, uint32_t desc)
{
	point_to_string(out, desc, offsetof(struct qp_patch_desc, name), b->name);
	for (size_t i = 0; i < b->requires->nr; i++) {
		char name[MANIFEST_NAME_LEN];
		uint64_t release;
		int ret = manifest_requirement(b->requires->list[i], name, &release);

		if (ret)
			return ret;
		add_relation(out, name, release, 0);
	}
	for (size_t i = b->requires->nr; i < nr_relations(b); i++)
		add_relation(out, b->mitigates->list[i - b->requires->nr], 1, QP_REQUIRE_TAKES_OVER);
	if (nr_relations(b))
		point_to_array(out, desc, offsetof(struct qp_patch_desc, requires), QP_SEC_REQUIRES);
	return 0;
}

static int fill_head(struct extract *x, struct elf_out *out, struct klp_err *err)
{
	struct qp_patch_desc d = {
		.size = sizeof(d), .abi = QP_ABI, .flags = x->flags, .nr_funcs = x->nr_funcs,
		.nr_relocs = x->nr_relocs, .nr_callbacks = x->nr_callbacks,
		.nr_states = x->nr_states, .nr_requires = (uint32_t)nr_relations(x->b),
		.release = (uint32_t)x->b->release,
	};
	const struct target *t = x->b->target;
	uint32_t sec;
	int ret;

	if (!t->build_id || hex_decode(t->build_id, sizeof(d.build_id), d.build_id))
		return klp_err_set(err, -EINVAL, "build-id \"%s\" of kernel %s isn't 20 bytes of hex",
				   t->build_id ? t->build_id : "", t->krel);
	sec = elf_out_section(out, QP_SEC_DESC, SHT_PROGBITS, RODATA, 8, 0);
	elf_out_append(out, sec, &d, sizeof(d), 8);
	elf_out_symbol(out, "qp_desc", STB_GLOBAL, STT_OBJECT, sec, 0, sizeof(d));
	if (d.nr_funcs)
		point_to_array(out, sec, offsetof(struct qp_patch_desc, funcs), QP_SEC_FUNCS);
	if (d.nr_callbacks)
		point_to_array(out, sec, offsetof(struct qp_patch_desc, callbacks), QP_SEC_CALLBACKS);
	ret = add_relations(x->b, out, sec);
	if (ret)
		return klp_err_sys(err, ret, "%s", x->b->name);
	if (d.nr_states)
		point_to_array(out, sec, offsetof(struct qp_patch_desc, states), QP_SEC_STATES);
	add_modinfo(out, "license", "GPL");
	add_modinfo(out, "quietpatch", "1");
	add_modinfo(out, "description", x->b->name);
	if (!d.nr_relocs)
		return 0;
	point_to_array(out, sec, offsetof(struct qp_patch_desc, relocs), QP_SEC_RELOCS);
	return point_to_poke(x, out, sec, err);
}

int desc_write_head(struct extract *x, const char *path, struct klp_err *err)
{
	struct elf_out *out = elf_out_new();
	int ret = fill_head(x, out, err);

	if (!ret)
		ret = elf_out_write(out, path, err);
	elf_out_free(out);
	return ret;
}
