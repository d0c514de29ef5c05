// SPDX-License-Identifier: GPL-2.0-or-later
/* patchfix.c - see patchfix.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extract/extract.h"
#include "fixture.h"
#include "io.h"
#include "patchfix.h"
#include "prove/proof_priv.h"
#include "target/target_priv.h"

#define MAX_SYMBOLS	64

uint32_t fix_function(struct elf_out *out, const char *name, const void *code, size_t len,
		      uint32_t *sec)
{
	char section[128];
	uint64_t at;

	snprintf(section, sizeof(section), ".text.%s", name);
	*sec = elf_out_section(out, section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	at = elf_out_append(out, *sec, code, len, 16);
	return elf_out_symbol(out, name, STB_GLOBAL, STT_FUNC, *sec, at, len);
}

uint32_t fix_variable(struct elf_out *out, const char *name, size_t len, uint32_t *sec)
{
	char section[128];
	uint64_t at;

	snprintf(section, sizeof(section), ".data.%s", name);
	*sec = elf_out_section(out, section, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	at = elf_out_append(out, *sec, NULL, len, 8);
	return elf_out_symbol(out, name, STB_LOCAL, STT_OBJECT, *sec, at, len);
}

/* elf_open() maps the file: each needs its own. */
static struct elf_file *reopen(struct patchfix *f, struct elf_out *out, const char *what)
{
	struct klp_err err = { 0 };
	struct elf_file *ef = NULL;
	char name[32], *path;

	snprintf(name, sizeof(name), "%s%zu.o", what, f->b.nr_units);
	path = fixture_path(f->folder, name);
	ck_assert_msg(!elf_out_write(out, path, &err), "%s", err.text);
	ck_assert_msg(!elf_open(path, &ef, &err), "%s", err.text);
	elf_out_free(out);
	free(path);
	return ef;
}

/* An image without BTF: sizes of special entries are the built-in ones then. */
static struct elf_file *make_image(struct patchfix *f)
{
	struct elf_out *out = elf_out_new();

	elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	return reopen(f, out, "image");
}

void fix_setup(struct patchfix *f, const char *symvers)
{
	struct target *t = calloc(1, sizeof(*t));
	struct target_priv *priv = calloc(1, sizeof(*priv));
	char *obj, *path;

	memset(f, 0, sizeof(*f));
	f->folder = fixture_folder();
	obj = fixture_path(f->folder, "obj");
	path = fixture_path(f->folder, "obj/Module.symvers");
	ck_assert_int_eq(io_mkdirs(obj, 0755, NULL), 0);
	ck_assert_int_eq(io_write_atomic(path, symvers, strlen(symvers), 0644, NULL), 0);
	free(obj);
	free(path);
	t->krel = "6.1.0-test";
	t->dir = f->folder;
	t->build_id = FIXTURE_BUILD_ID;
	t->symbols = calloc(MAX_SYMBOLS, sizeof(*t->symbols));
	/* One bucket, in which all symbols hang one behind the other. */
	priv->nr_buckets = 1;
	priv->buckets = calloc(1, sizeof(*priv->buckets));
	priv->chain = calloc(MAX_SYMBOLS, sizeof(*priv->chain));
	t->priv = priv;
	f->b.target = t;
	f->b.workdir = f->folder;
	f->b.units = f->units;
	f->b.name = "test";
	f->b.module = "qp_test";
	f->log = fopen("/dev/null", "w");
	ck_assert_ptr_nonnull(f->log);
	f->b.report = report_new(false, false, f->log);
	t->image = make_image(f);
	fix_symbol(f, FIX_ANCHOR, 'T', "_printk");
	fix_symbol(f, FIX_INIT, 'D', "__init_begin");
	fix_symbol(f, FIX_INIT + 0x10000, 'R', "__init_end");
}

void fix_symbol(struct patchfix *f, uint64_t address, char type, const char *name)
{
	struct target *t = f->b.target;
	struct target_priv *priv = t->priv;

	ck_assert_uint_lt(t->nr_symbols, MAX_SYMBOLS);
	if (t->nr_symbols)
		priv->chain[t->nr_symbols - 1] = (uint32_t)t->nr_symbols + 1;
	priv->buckets[0] = 1;
	t->symbols[t->nr_symbols++] = (struct target_symbol){ address, name, type };
}

static void list_symbols(struct unit *u)
{
	u->symbols = calloc(u->orig->nr_symbols + u->patched->nr_symbols, sizeof(*u->symbols));
	for (size_t i = 1; i < u->patched->nr_symbols; i++) {
		const struct elf_symbol *s = &u->patched->symbols[i];
		struct diff_symbol d = { .patched = s, .change = CHANGE_NEW };

		if (!s->shndx || (s->type != STT_FUNC && s->type != STT_OBJECT))
			continue;
		d.orig = elf_symbol(u->orig, s->name, s->type);
		if (d.orig)
			d.change = s->type == STT_FUNC ? CHANGE_CHANGED : CHANGE_SAME;
		u->symbols[u->nr_symbols++] = d;
	}
}

static void prove(struct patchfix *f, struct unit *u)
{
	struct proof *p = calloc(1, sizeof(*p));
	struct solver *s = &p->orig;

	p->img.target = f->b.target;
	s->img = &p->img;
	s->ef = u->orig;
	s->nr_sections = u->orig->nr_sections;
	s->sections = calloc(s->nr_sections, sizeof(*s->sections));
	s->undef = calloc(u->orig->nr_symbols, sizeof(*s->undef));
	s->undef_known = calloc(u->orig->nr_symbols, sizeof(*s->undef_known));
	s->state = calloc(u->orig->nr_symbols, sizeof(*s->state));
	for (size_t i = 0; i < s->nr_sections; i++) {
		s->sections[i].settled = true;
		s->sections[i].base = FIX_BASE + i * 0x1000;
	}
	for (size_t i = 1; i < u->orig->nr_symbols; i++) {
		const struct elf_symbol *y = &u->orig->symbols[i];

		s->state[i] = FUNCTION_PROVEN;
		if (y->shndx && *y->name)
			fix_symbol(f, FIX_BASE + y->shndx * 0x1000 + y->value,
				   y->type == STT_FUNC ? 'T' : 'd', y->name);
	}
	u->proof = p;
}

struct unit *fix_unit(struct patchfix *f, struct elf_out *orig, struct elf_out *patched,
		      bool placed)
{
	struct unit *u = &f->units[f->b.nr_units++];

	u->source = "kernel/test.c";
	u->object = "vmlinux";
	u->orig = reopen(f, orig, "orig");
	u->patched = reopen(f, patched, "patched");
	list_symbols(u);
	if (placed)
		prove(f, u);
	return u;
}

static void free_target(struct target *t)
{
	struct target_priv *priv = t->priv;

	elf_close(t->image);
	free(priv->buckets);
	free(priv->chain);
	free(priv);
	free(t->symbols);
	free(t);
}

void fix_teardown(struct patchfix *f)
{
	extract_free(f->b.extract);
	free_target(f->b.target);
	for (size_t i = 0; i < f->b.nr_units; i++) {
		proof_free(f->units[i].proof);
		elf_close(f->units[i].orig);
		elf_close(f->units[i].patched);
		free(f->units[i].symbols);
		free(f->units[i].extract_path);
	}
	report_free(f->b.report);
	fclose(f->log);
	fixture_remove(f->folder);
}

struct elf_file *fix_extracted(struct unit *u)
{
	struct klp_err err = { 0 };
	struct elf_file *ef = NULL;

	ck_assert_ptr_nonnull(u->extract_path);
	ck_assert_msg(!elf_open(u->extract_path, &ef, &err), "%s", err.text);
	return ef;
}

const struct elf_reloc *fix_reloc(const struct elf_file *ef, const char *sec, uint64_t offset)
{
	const struct elf_section *s = elf_section(ef, sec);

	for (size_t i = 0; s && i < s->nr_relocs; i++)
		if (s->relocs[i].offset == offset)
			return &s->relocs[i];
	return NULL;
}

const char *fix_target(const struct elf_file *ef, const char *sec, uint64_t offset)
{
	const struct elf_reloc *r = fix_reloc(ef, sec, offset);
	const struct elf_symbol *s = r ? &ef->symbols[r->sym] : NULL;

	if (!s)
		return "(no relocation)";
	return s->type == STT_SECTION ? ef->sections[s->shndx].name : s->name;
}
