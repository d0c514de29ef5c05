// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_ksyms.c - by what name a patch reaches a symbol of the running kernel.
 *
 * Three ways, in this order:
 *  - vmlinux exports it, in no namespace: its plain name, which the stock loader
 *    resolves and checks by its CRC.
 *  - vmlinux has it: "qp.vmlinux.NAME[.POS]" until the module is linked; relocs.c
 *    makes a distance from QP_ANCHOR of it.  Symbols in a namespace go this way too,
 *    since importing one needs a tag that newer kernels grant to named modules only.
 *  - a module has it, exported or not: "qp.MODULE.NAME[.POS]", which never reaches
 *    the loader: a patch must load without the module.  relocs.c takes the
 *    relocation out, and the core writes the place when the module is there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "extract_priv.h"
#include "io.h"
#include "quietpatch.h"
#include "target/target.h"

#define SYMVERS_LIMIT	(64u << 20)

/* "depends=a,b" of a shipped module has @name, or one of them depends on it in turn. */
static bool depends_at(const struct build *b, const char *module, const char *name, unsigned int depth)
{
	const struct elf_section *sec;
	struct elf_file *ef = NULL;
	const char *s = NULL;
	char *path = NULL;
	bool found = false;

	if (!depth || target_module_path(b->target, module, &path, NULL))
		return false;
	if (!elf_open(path, &ef, NULL)) {
		sec = elf_section(ef, ".modinfo");
		s = sec && sec->data ? memmem(sec->data, sec->size, "depends=", 8) : NULL;
	}
	free(path);
	for (s = s ? s + 8 : ""; *s && !found; s += strcspn(s, ","), s += *s == ',') {
		char dep[64];

		snprintf(dep, sizeof(dep), "%.*s", (int)strcspn(s, ","), s);
		text_swap(dep, '-', '_');
		found = !strcmp(dep, name) || depends_at(b, dep, name, depth - 1);
	}
	elf_close(ef);
	return found;
}

bool depends_on(const struct build *b, const char *module, const char *name)
{
	return depends_at(b, module, name, 8);
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A line: CRC, name, object, kind of export, namespace; tabs between. */
static void symvers_line(struct extract *x, char *line)
{
	char *field[5] = { "", "", "", "", "" };
	size_t n = 0;

	for (char *p = line; p && n < 5; n++)
		field[n] = strsep(&p, "\t");
	if (strcmp(field[2], QP_VMLINUX) || strncmp(field[3], "EXPORT_", 7))
		return;
	if (*field[4])
		x->spaced[x->nr_spaced++] = field[1];
	else
		x->exports[x->nr_exports++] = field[1];
}

static int load_symvers(struct extract *x, struct klp_err *err)
{
	char path[4096], *p;
	size_t len, lines = 1;
	void *data;
	int ret;

	snprintf(path, sizeof(path), "%s/obj/Module.symvers", x->b->target->dir);
	ret = io_read_file(path, SYMVERS_LIMIT, &data, &len, err);
	if (ret)
		return ret;
	x->symvers = data;
	for (size_t i = 0; i < len; i++)
		lines += x->symvers[i] == '\n';
	x->exports = xcalloc(lines, sizeof(*x->exports));
	x->spaced = xcalloc(lines, sizeof(*x->spaced));
	p = x->symvers;
	for (char *line; (line = strsep(&p, "\n"));)
		symvers_line(x, line);
	qsort(x->exports, x->nr_exports, sizeof(*x->exports), name_order);
	qsort(x->spaced, x->nr_spaced, sizeof(*x->spaced), name_order);
	return 0;
}

int ksyms_init(struct extract *x, struct klp_err *err)
{
	const struct target_symbol *anchor;
	uint64_t begin, end;
	size_t pos = 0;
	int ret = load_symvers(x, err);

	if (ret)
		return ret;
	anchor = target_symbol_next(x->b->target, QP_ANCHOR, &pos);
	if (!anchor)
		return klp_err_set(err, -ENOENT,
				   "kernel %s has no symbol %s, from which addresses are counted; it is too old for live patches",
				   x->b->target->krel, QP_ANCHOR);
	x->anchor = anchor->address;
	if (target_init_range(x->b->target, &begin, &end))
		return klp_err_set(err, -ENOENT,
				   "kernel %s has no symbols __init_begin and __init_end, so that nobody can tell which of its memory is gone",
				   x->b->target->krel);
	return 0;
}

void ksyms_free(struct extract *x)
{
	for (size_t i = 0; i < x->nr_ksyms; i++) {
		free(x->ksyms[i]->undef);
		free(x->ksyms[i]->name);
		free(x->ksyms[i]);
	}
	free(x->ksyms);
	free(x->symvers);
	free(x->exports);
	free(x->spaced);
}

/* A patch of thousands of symbols asks for one of them at each relocation. */
static uint32_t chain(const char *name)
{
	return fnv1a_name(name) % KSYM_CHAINS;
}

const struct ksym *ksym_find(const struct extract *x, const char *link_name)
{
	const struct ksym *k = x->by_link[chain(link_name)];

	while (k && strcmp(k->link_name, link_name))
		k = k->next_link;
	return k;
}

static void add_to_chains(struct extract *x, struct ksym *k)
{
	struct ksym **name = &x->by_name[chain(k->name)], **link = &x->by_link[chain(k->link_name)];

	k->next_name = *name;
	*name = k;
	k->next_link = *link;
	*link = k;
}

static bool is_code(const struct extract *x, const char *name, uint64_t address)
{
	const struct target_symbol *s;
	size_t pos = 0;

	while ((s = target_symbol_next(x->b->target, name, &pos)))
		if (s->address == address)
			return s->type && strchr("tTwW", s->type);
	return false;
}

static struct ksym *ksym_new(struct extract *x, const char *object,
			     const struct kernel_place *place, bool plain)
{
	struct ksym *k;
	char undef[512];

	x->ksyms = xgrow(x->ksyms, x->nr_ksyms, sizeof(*x->ksyms));
	if (plain)
		snprintf(undef, sizeof(undef), "%s", place->name);
	else if (place->sympos)
		snprintf(undef, sizeof(undef), "qp.%s.%s.%u", object, place->name, place->sympos);
	else
		snprintf(undef, sizeof(undef), "qp.%s.%s", object, place->name);
	k = xcalloc(1, sizeof(*k));
	k->undef = xstrdup(undef);
	k->name = xstrdup(place->name);
	x->ksyms[x->nr_ksyms++] = k;
	return k;
}

/*
 * objtool must see "kthread_exit" and "copy_mc_fragile" by these names, since it has lists
 * of functions that don't return or may run with user access on.  Not so for static calls:
 * it would make call sites of them, for a key that the patch doesn't know.  Nor
 * for what a unit of the fix defines too, since the linker would bind to that.
 */
static bool keeps_name(const struct extract *x, const struct ksym *k, bool global)
{
	if (k->plain)
		return true;
	if (!global || k->late || k->sympos || !strncmp(k->name, "__SCT__", 7))
		return false;
	/* modpost stops at the name of an export whose namespace isn't imported. */
	if (bsearch(&k->name, x->spaced, x->nr_spaced, sizeof(*x->spaced), name_order))
		return false;
	return !defs_have(x, k->name);
}

static bool is_exported(const struct extract *x, const char *name)
{
	return bsearch(&name, x->exports, x->nr_exports, sizeof(*x->exports), name_order);
}

/*
 * Of a static call that is exported with its key, as a tracepoint's is, objtool makes a call
 * site; without a reference to the key the loader takes it for one whose key modules may
 * not have (EXPORT_STATIC_CALL_TRAMP), finds none, and refuses the module.
 */
static bool is_call_with_key(const struct extract *x, const char *name)
{
	char key[512];

	if (!starts_with(name, "__SCT__"))
		return false;
	snprintf(key, sizeof(key), "__SCK__%s", name + strlen("__SCT__"));
	return is_exported(x, key);
}

const struct ksym *ksym_get(struct extract *x, const char *object,
			    const struct kernel_place *place, bool global)
{
	bool vmlinux = !strcmp(object, QP_VMLINUX);
	bool plain = vmlinux && global && is_exported(x, place->name) &&
		     !is_call_with_key(x, place->name);
	const char *listed = NULL;
	struct ksym *k;

	for (k = x->by_name[chain(place->name)]; k; k = k->next_name)
		if (k->plain == plain && k->sympos == place->sympos &&
		    !strcmp(k->name, place->name) && !strcmp(k->object, object))
			return k;
	k = ksym_new(x, object, place, plain);
	k->object = object;
	k->sympos = place->sympos;
	k->plain = plain;
	k->late = !vmlinux;
	k->link_name = keeps_name(x, k, global) ? k->name : k->undef;
	add_to_chains(x, k);
	if (plain || k->late)
		return k;
	/* From 6.15 on they have an address like any other's. */
	if (place->percpu && !(place->address >> 63)) {
		k->flags = QP_SYM_PERCPU | QP_SYM_DATA;
		k->offset = (int64_t)place->address;
	} else {
		k->flags = is_code(x, place->name, place->address) ? 0 : QP_SYM_DATA;
		k->offset = (int64_t)(place->address - x->anchor);
		listed = target_listed(x->b->target, place->address);
	}
	k->listed = listed ? listed : k->name;
	return k;
}

const struct ksym *ksym_get_named(struct extract *x, const char *name)
{
	struct kernel_place place = { 0 };
	const struct target_symbol *s;
	size_t pos = 0;

	s = target_symbol_next(x->b->target, name, &pos);
	if (!s || target_symbol_next(x->b->target, name, &pos))
		return NULL;
	snprintf(place.name, sizeof(place.name), "%s", name);
	place.address = s->address;
	return ksym_get(x, QP_VMLINUX, &place, true);
}
