// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inspect_module.c - a patch module for `klp-build inspect`: what it replaces,
 * what it brings along, what it borrows and imports.  Read from the file, which
 * nobody has verified: whatever doesn't fit is left out.  In which sections of the
 * kernel the borrowed addresses lie is told where that kernel is prepared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "elf.h"
#include "hex.h"
#include "inspect.h"
#include "jsonstr.h"
#include "quietpatch.h"
#include "target/target.h"

/* The NUL-terminated string at @off of @sec, or NULL. */
static const char *string_at(const struct elf_section *sec, uint64_t off)
{
	if (!sec || !sec->data || off >= sec->size || !memchr(sec->data + off, 0, sec->size - off))
		return NULL;
	return (const char *)sec->data + off;
}

/* What the pointer at @off of @sec will point to; *at receives the place in it. */
static const struct elf_section *pointed(const struct elf_file *ef, const struct elf_section *sec,
					 uint64_t off, uint64_t *at)
{
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		const struct elf_symbol *sym = &ef->symbols[r->sym];

		if (r->offset != off || !sym->shndx || sym->shndx >= ef->nr_sections)
			continue;
		*at = sym->value + (uint64_t)r->addend;
		return &ef->sections[sym->shndx];
	}
	return NULL;
}

static const char *name_at(const struct elf_file *ef, const struct elf_section *sec, uint64_t off)
{
	uint64_t at = 0;
	const struct elf_section *to = pointed(ef, sec, off, &at);
	const char *s = to ? string_at(to, at) : NULL;

	return s ? s : "";
}

/* JSON's integers end at 2^63 - 1; no size of a file that is read comes near. */
static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *replaced(const struct elf_file *ef)
{
	const struct elf_section *sec = elf_section(ef, QP_SEC_FUNCS);
	json_t *list = json_array();
	struct qp_func_desc d;

	for (size_t off = 0; sec && sec->data && off + sizeof(d) <= sec->size; off += sizeof(d)) {
		memcpy(&d, sec->data + off, sizeof(d));
		json_array_append_new(list, json_pack("{s:o,s:o,s:I,s:I,s:o,s:I}", "object",
			json_text(name_at(ef, sec, off + offsetof(struct qp_func_desc, object))), "name",
			json_text(name_at(ef, sec, off + offsetof(struct qp_func_desc, name))), "old_size",
			(json_int_t)d.old_size, "new_size", (json_int_t)d.new_size, "offset", number(d.old_offset),
			"sympos", (json_int_t)d.sympos));
	}
	return list;
}

/* Symbols of modules, written in by the core when the module is there; once each. */
static json_t *late(const struct elf_file *ef)
{
	const struct elf_section *sec = elf_section(ef, QP_SEC_RELOCS);
	json_t *list = json_array();

	for (size_t off = 0; sec && sec->data && off + sizeof(struct qp_reloc_desc) <= sec->size;
	     off += sizeof(struct qp_reloc_desc)) {
		json_t *j = json_pack("{s:o,s:o}", "object",
			json_text(name_at(ef, sec, off + offsetof(struct qp_reloc_desc, object))), "name",
			json_text(name_at(ef, sec, off + offsetof(struct qp_reloc_desc, name))));
		size_t i;

		for (i = 0; i < json_array_size(list); i++)
			if (json_equal(json_array_get(list, i), j))
				break;
		if (i == json_array_size(list))
			json_array_append(list, j);
		json_decref(j);
	}
	return list;
}

/* "6.1.0-50-cloud-amd64" of its vermagic; malloc()ed, NULL: it has none. */
static char *release_of(const struct elf_file *ef)
{
	const struct elf_section *info = elf_section(ef, ".modinfo");
	size_t len;

	for (uint64_t off = 0; info && info->data && off < info->size; off += len + 1) {
		const char *s = (const char *)info->data + off;

		len = strnlen(s, info->size - off);
		if (off + len < info->size && starts_with(s, "vermagic="))
			return xstrndup(s + 9, strcspn(s + 9, " "));
	}
	return NULL;
}

/* The kernel that the module was built for; NULL: it isn't prepared here. */
static struct target *kernel_of(const struct elf_file *ef, const struct qp_patch_desc *d)
{
	char id[2 * QP_BUILD_ID_LEN + 1], *krel = release_of(ef);
	struct klp_err ignored = { 0 };
	struct target *t = NULL;

	hex_encode(d->build_id, QP_BUILD_ID_LEN, id);
	if (krel && target_open(krel, &t, &ignored))
		t = NULL;
	if (t && strcmp(t->build_id, id)) {
		target_close(t);
		t = NULL;
	}
	free(krel);
	return t;
}

/* Where in @t a borrowed symbol lies; "" if that can't be told. */
static const char *section_of(const struct target *t, const struct qp_sym_desc *d)
{
	size_t pos = 0;
	const struct target_symbol *anchor = t ? target_symbol_next(t, QP_ANCHOR, &pos) : NULL;
	uint64_t at = (uint64_t)d->offset + (d->flags & QP_SYM_PERCPU || !anchor ? 0 : anchor->address);

	for (size_t i = 1; anchor && i < t->image->nr_sections; i++) {
		const struct elf_section *sec = &t->image->sections[i];

		if (sec->flags & SHF_ALLOC && at >= sec->addr && at - sec->addr < sec->size)
			return sec->name;
	}
	return "";
}

/* Symbols that aren't exported: reached by their distance from QP_ANCHOR. */
static json_t *borrowed(const struct elf_file *ef, const struct target *t)
{
	const struct elf_section *syms = elf_section(ef, QP_SEC_SYMBOLS);
	const struct elf_section *strs = elf_section(ef, QP_SEC_STRINGS);
	json_t *list = json_array();
	struct qp_sym_desc d;

	for (size_t off = 0; syms && syms->data && off + sizeof(d) <= syms->size; off += sizeof(d)) {
		const char *name;

		memcpy(&d, syms->data + off, sizeof(d));
		name = string_at(strs, d.name);
		if (name)
			json_array_append_new(list, json_pack("{s:o,s:I,s:b,s:b,s:o}", "name", json_text(name),
				"offset", (json_int_t)d.offset, "percpu",
				!!(d.flags & QP_SYM_PERCPU), "data", !!(d.flags & QP_SYM_DATA),
				"section", json_text(section_of(t, &d))));
	}
	return list;
}

static bool is_verified(const char *name)
{
	return !strncmp(name, QP_VERIFIED, strlen(QP_VERIFIED));
}

static json_t *imports(const struct elf_file *ef)
{
	json_t *list = json_array();

	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *s = &ef->symbols[i];

		if (!s->shndx && *s->name && !is_verified(s->name))
			json_array_append_new(list, json_text(s->name));
	}
	return list;
}

/* Code and data of the module's own, but what every patch module has. */
static bool is_own(const struct elf_symbol *s)
{
	static const char *const every[] = {
		"qp_desc", "qp_this_patch", "__this_module", "init_module", "cleanup_module",
		"qp_init", "qp_exit", "qp_anchor",
	};

	if ((s->type != STT_FUNC && s->type != STT_OBJECT) || !s->shndx || !s->size)
		return false;
	for (size_t i = 0; i < sizeof(every) / sizeof(*every); i++)
		if (!strcmp(s->name, every[i]))
			return false;
	return true;
}

static json_t *own(const struct elf_file *ef)
{
	json_t *list = json_array();

	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *s = &ef->symbols[i];

		if (is_own(s) && s->shndx < ef->nr_sections)
			json_array_append_new(list, json_pack("{s:o,s:s,s:o,s:o}", "name", json_text(s->name), "type",
				s->type == STT_FUNC ? "function" : "data", "size", number(s->size),
				"section", json_text(ef->sections[s->shndx].name)));
	}
	return list;
}

static json_t *sections(const struct elf_file *ef)
{
	json_t *list = json_array();

	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *s = &ef->sections[i];

		if (s->flags & SHF_ALLOC)
			json_array_append_new(list, json_pack("{s:o,s:o,s:I}", "name", json_text(s->name), "size",
				number(s->size), "relocations", (json_int_t)s->nr_relocs));
	}
	return list;
}

json_t *inspect_module(const struct elf_file *ef)
{
	const struct elf_section *desc = elf_section(ef, QP_SEC_DESC);
	struct qp_patch_desc d = { 0 };
	struct target *t;
	json_t *j;

	if (desc && desc->data && desc->size >= sizeof(d))
		memcpy(&d, desc->data, sizeof(d));
	t = kernel_of(ef, &d);
	j = json_pack("{s:s,s:b,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "kind", "module", "patch", !!d.size,
		      "abi", (json_int_t)d.abi, "callbacks", (json_int_t)d.nr_callbacks, "states", (json_int_t)d.nr_states,
		      "functions", replaced(ef), "symbols", own(ef), "borrowed", borrowed(ef, t), "late",
		      late(ef), "imports", imports(ef), "sections", sections(ef));
	target_close(t);
	return j;
}

void inspect_module_functions(json_t *j)
{
	size_t i;
	json_t *s;

	json_array_foreach(json_object_get(j, "functions"), i, s)
		printf("function   %s:%s  %lld -> %lld bytes\n", str(s, "object"), str(s, "name"),
		       num(s, "old_size"), num(s, "new_size"));
}

void inspect_module_print(json_t *j, bool all)
{
	bool unknown = false;
	size_t i;
	json_t *s;

	if (!json_is_true(json_object_get(j, "patch")))
		printf("not a patch module: it has no " QP_SEC_DESC " section\n");
	json_array_foreach(json_object_get(j, "symbols"), i, s)
		printf("has        %-8s %-32s %6lld bytes, in %s\n", str(s, "type"), str(s, "name"),
		       num(s, "size"), str(s, "section"));
	json_array_foreach(json_object_get(j, "borrowed"), i, s) {
		unknown |= !*str(s, "section");
		printf("borrows    %-8s %-32s %s%+lld%s%s\n",
		       json_is_true(json_object_get(s, "percpu")) ? "per-CPU" :
		       json_is_true(json_object_get(s, "data")) ? "data" : "function",
		       str(s, "name"), json_is_true(json_object_get(s, "percpu")) ? "" : QP_ANCHOR,
		       num(s, "offset"), *str(s, "section") ? ", in " : "", str(s, "section"));
	}
	if (unknown)
		puts("           in which sections isn't told: that kernel isn't prepared here (klp-build prepare)");
	json_array_foreach(json_object_get(j, "late"), i, s)
		printf("borrows    of %-5s %s\n", str(s, "object"), str(s, "name"));
	if (num(j, "callbacks") || num(j, "states"))
		printf("callbacks  for %lld objects; %lld states\n", num(j, "callbacks"), num(j, "states"));
	if (!all)
		return;
	if (json_array_size(json_object_get(j, "imports")))
		printf("imports   ");
	json_array_foreach(json_object_get(j, "imports"), i, s)
		printf(" %s%s", json_string_value(s),
		       i + 1 == json_array_size(json_object_get(j, "imports")) ? "\n" : "");
	json_array_foreach(json_object_get(j, "sections"), i, s)
		printf("section    %-41s %6lld bytes, %lld relocations\n", str(s, "name"), num(s, "size"),
		       num(s, "relocations"));
}
