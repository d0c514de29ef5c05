// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elf.c - parse an x86-64 ELF file into plain, checked arrays; see elf.h.
 *
 * Parsed by hand rather than with libelf: the builder wants every index checked
 * once, at the door, for objects, stripped images and modules alike, and a pure
 * function of (buf, len) that can be fuzzed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf.h"
#include "elf_priv.h"
#include "err.h"

static bool in_file(const struct elf_file *ef, uint64_t off, uint64_t size)
{
	return off <= ef->len && size <= ef->len - off;
}

static int read_header(struct elf_file *ef, Elf64_Ehdr *eh, struct klp_err *err)
{
	struct elf_priv *priv = ef->priv;

	if (ef->len < sizeof(*eh) || memcmp(ef->data, ELFMAG, SELFMAG))
		return klp_err_set(err, -EINVAL, "not an ELF file");
	memcpy(eh, ef->data, sizeof(*eh));
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_machine != EM_X86_64)
		return klp_err_set(err, -EINVAL, "an ELF file, but not for x86-64");
	if (eh->e_type != ET_REL && eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return klp_err_set(err, -EINVAL, "ELF type %u is neither object nor image",
				   eh->e_type);
	if (eh->e_shentsize != sizeof(Elf64_Shdr) || !eh->e_shoff ||
	    !in_file(ef, eh->e_shoff, sizeof(Elf64_Shdr)))
		return klp_err_set(err, -EINVAL, "no usable section headers");
	priv->type = eh->e_type;
	return 0;
}

static Elf64_Shdr read_shdr(const struct elf_file *ef, const Elf64_Ehdr *eh, size_t i)
{
	Elf64_Shdr sh;

	memcpy(&sh, ef->data + eh->e_shoff + i * sizeof(sh), sizeof(sh));
	return sh;
}

/* The string table's bytes; its last byte is NUL, so any index in it is a string. */
static const char *string_table(const struct elf_file *ef, const Elf64_Shdr *sh)
{
	if (sh->sh_type != SHT_STRTAB || !sh->sh_size ||
	    !in_file(ef, sh->sh_offset, sh->sh_size) ||
	    ef->data[sh->sh_offset + sh->sh_size - 1])
		return NULL;
	return (const char *)ef->data + sh->sh_offset;
}

static int read_section(struct elf_file *ef, const Elf64_Shdr *sh, uint32_t i,
			struct klp_err *err)
{
	struct elf_section *sec = &ef->sections[i];
	struct elf_priv *priv = ef->priv;

	sec->index = i;
	sec->type = sh->sh_type;
	sec->flags = sh->sh_flags;
	sec->addr = sh->sh_addr;
	sec->size = sh->sh_size;
	sec->align = sh->sh_addralign;
	sec->entsize = sh->sh_entsize;
	sec->link = sh->sh_link;
	sec->info = sh->sh_info;
	if (sh->sh_type == SHT_NULL) {
		sec->size = 0;
		return 0;
	}
	if (sh->sh_type != SHT_NOBITS && !in_file(ef, sh->sh_offset, sh->sh_size))
		return klp_err_set(err, -EINVAL, "section %s [%u] reaches beyond the file",
				   sec->name, i);
	if (sh->sh_type != SHT_NOBITS && sh->sh_size)
		sec->data = ef->data + sh->sh_offset;
	if (sec->size > UINT64_MAX - sec->addr)
		return klp_err_set(err, -EINVAL, "section %s [%u] wraps the address space",
				   sec->name, i);
	if (sec->type == SHT_SYMTAB && !priv->symtab)
		priv->symtab = i;
	if (sec->type == SHT_SYMTAB_SHNDX && !priv->shndx)
		priv->shndx = i;
	if (sec->type == SHT_REL && priv->type == ET_REL)
		return klp_err_set(err, -EINVAL, "section %s [%u]: REL relocations, not RELA",
				   sec->name, i);
	return 0;
}

static int read_sections(struct elf_file *ef, const Elf64_Ehdr *eh, struct klp_err *err)
{
	Elf64_Shdr sh = read_shdr(ef, eh, 0), str;
	struct elf_priv *priv = ef->priv;
	uint64_t n = eh->e_shnum, strndx = eh->e_shstrndx;
	const char *names;
	int ret;

	if (!n)			/* extended numbering: more than SHN_LORESERVE */
		n = sh.sh_size;
	if (strndx == SHN_XINDEX)
		strndx = sh.sh_link;
	if (!n || n > (ef->len - eh->e_shoff) / sizeof(Elf64_Shdr) || strndx >= n)
		return klp_err_set(err, -EINVAL, "section headers reach beyond the file");
	str = read_shdr(ef, eh, strndx);
	names = string_table(ef, &str);
	if (!names)
		return klp_err_set(err, -EINVAL, "no section name table");

	ef->sections = pool_alloc(&priv->pool, n, sizeof(*ef->sections));
	if (!ef->sections)
		return klp_err_set(err, -ENOMEM, "no memory for %zu sections", (size_t)n);
	ef->nr_sections = n;
	for (size_t i = 0; i < n; i++)
		ef->sections[i].name = "";
	for (size_t i = 1; i < n; i++) {
		sh = read_shdr(ef, eh, i);
		if (sh.sh_name >= str.sh_size)
			return klp_err_set(err, -EINVAL, "section [%zu]: name out of range", i);
		ef->sections[i].name = names + sh.sh_name;
		ret = read_section(ef, &sh, i, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int symbol_section(const struct elf_file *ef, struct elf_symbol *sym, uint16_t shndx,
			  struct klp_err *err)
{
	const struct elf_priv *priv = ef->priv;
	const struct elf_section *x = &ef->sections[priv->shndx];

	sym->shndx = shndx;
	if (shndx == SHN_XINDEX) {
		if (!priv->shndx || (sym->index + 1) * (uint64_t)sizeof(uint32_t) > x->size ||
		    !x->data)
			return klp_err_set(err, -EINVAL, "symbol %s: no extended section index",
					   sym->name);
		memcpy(&sym->shndx, x->data + sym->index * sizeof(uint32_t), sizeof(uint32_t));
		/* A real index there would read as SHN_ABS or the like. */
		if (sym->shndx >= SHN_LORESERVE && sym->shndx <= SHN_HIRESERVE)
			return klp_err_set(err, -EINVAL, "symbol %s: section index %#x is reserved",
					   sym->name, sym->shndx);
	} else if (shndx == SHN_ABS || shndx == SHN_COMMON) {
		return 0;
	}
	if (sym->shndx >= ef->nr_sections)
		return klp_err_set(err, -EINVAL, "symbol %s: section index %u out of range",
				   sym->name, sym->shndx);
	return 0;
}

/* In an object a defined symbol lies within its section, so that its bytes can be read. */
static int symbol_range(const struct elf_file *ef, const struct elf_symbol *sym,
			struct klp_err *err)
{
	const struct elf_priv *priv = ef->priv;
	uint64_t size;

	if (priv->type != ET_REL || sym->shndx == SHN_UNDEF || sym->shndx == SHN_ABS ||
	    sym->shndx == SHN_COMMON)
		return 0;
	size = ef->sections[sym->shndx].size;
	if (sym->value > size || sym->size > size - sym->value)
		return klp_err_set(err, -EINVAL, "symbol %s reaches beyond section %s",
				   sym->name, ef->sections[sym->shndx].name);
	return 0;
}

static int read_symbols(struct elf_file *ef, const Elf64_Ehdr *eh, struct klp_err *err)
{
	struct elf_priv *priv = ef->priv;
	const struct elf_section *tab = &ef->sections[priv->symtab];
	size_t n = priv->symtab ? tab->size / sizeof(Elf64_Sym) : 0;
	const char *names = NULL;
	Elf64_Shdr str = { 0 };
	uint32_t file = 0;
	Elf64_Sym es;
	int ret;

	if (n && (tab->entsize != sizeof(Elf64_Sym) || tab->link >= ef->nr_sections))
		return klp_err_set(err, -EINVAL, "malformed symbol table");
	if (n) {
		str = read_shdr(ef, eh, tab->link);
		names = string_table(ef, &str);
		if (!names)
			return klp_err_set(err, -EINVAL, "no symbol name table");
	}
	ef->symbols = pool_alloc(&priv->pool, n ? n : 1, sizeof(*ef->symbols));
	if (!ef->symbols)
		return klp_err_set(err, -ENOMEM, "no memory for %zu symbols", n);
	ef->nr_symbols = n ? n : 1;
	ef->symbols[0].name = "";
	for (size_t i = 1; i < n; i++) {
		struct elf_symbol *sym = &ef->symbols[i];

		memcpy(&es, tab->data + i * sizeof(es), sizeof(es));
		if (es.st_name >= str.sh_size)
			return klp_err_set(err, -EINVAL, "symbol [%zu]: name out of range", i);
		sym->name = names + es.st_name;
		sym->index = i;
		sym->value = es.st_value;
		sym->size = es.st_size;
		sym->bind = ELF64_ST_BIND(es.st_info);
		sym->type = ELF64_ST_TYPE(es.st_info);
		sym->other = es.st_other;
		if (sym->type == STT_FILE)
			file = i;
		sym->file = sym->bind == STB_LOCAL ? file : 0;
		ret = symbol_section(ef, sym, es.st_shndx, err);
		if (!ret)
			ret = symbol_range(ef, sym, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int cmp_symbols(const void *a, const void *b, void *arg)
{
	const struct elf_symbol *symbols = arg;
	const struct elf_symbol *x = &symbols[*(const uint32_t *)a];
	const struct elf_symbol *y = &symbols[*(const uint32_t *)b];

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static bool symbol_indexed(const struct elf_file *ef, const struct elf_symbol *sym)
{
	return sym->shndx && sym->shndx < ef->nr_sections && sym->shndx != SHN_ABS &&
	       sym->shndx != SHN_COMMON && sym->type != STT_SECTION && sym->type != STT_FILE;
}

/* Give each section its symbols, sorted, and the running maximum of their ends. */
static int index_symbols(struct elf_file *ef, struct klp_err *err)
{
	struct elf_priv *priv = ef->priv;
	uint32_t *next;

	priv->syms = pool_alloc(&priv->pool, ef->nr_symbols, sizeof(*priv->syms));
	priv->ends = pool_alloc(&priv->pool, ef->nr_symbols, sizeof(*priv->ends));
	if (!priv->syms || !priv->ends)
		return klp_err_set(err, -ENOMEM, "no memory for %zu symbols", ef->nr_symbols);
	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (symbol_indexed(ef, &ef->symbols[i]))
			ef->sections[ef->symbols[i].shndx].nr_syms++;
	next = priv->syms;
	for (size_t i = 0; i < ef->nr_sections; i++) {
		ef->sections[i].syms = next;
		next += ef->sections[i].nr_syms;
		ef->sections[i].nr_syms = 0;
	}
	for (size_t i = 1; i < ef->nr_symbols; i++) {
		struct elf_section *sec = &ef->sections[ef->symbols[i].shndx];

		if (symbol_indexed(ef, &ef->symbols[i]))
			sec->syms[sec->nr_syms++] = i;
	}
	for (size_t i = 0; i < ef->nr_sections; i++) {
		struct elf_section *sec = &ef->sections[i];
		uint64_t end = 0, *ends = priv->ends + (sec->syms - priv->syms);

		qsort_r(sec->syms, sec->nr_syms, sizeof(*sec->syms), cmp_symbols, ef->symbols);
		for (size_t j = 0; j < sec->nr_syms; j++) {
			uint64_t e = elf_symbol_end(&ef->symbols[sec->syms[j]]);

			ends[j] = end = e > end ? e : end;
		}
	}
	return 0;
}

static int cmp_relocs(const void *a, const void *b)
{
	const struct elf_reloc *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->type < y->type ? -1 : x->type > y->type;
}

static int read_rela(struct elf_file *ef, const struct elf_section *rela,
		     struct elf_reloc *out, struct klp_err *err)
{
	struct elf_section *sec = &ef->sections[rela->info];
	size_t n = rela->size / sizeof(Elf64_Rela);
	bool sorted = true;
	Elf64_Rela er;

	sec->relocs = out;
	sec->nr_relocs = n;
	for (size_t i = 0; i < n; i++) {
		int width;

		memcpy(&er, rela->data + i * sizeof(er), sizeof(er));
		out[i].offset = er.r_offset;
		out[i].addend = er.r_addend;
		out[i].type = ELF64_R_TYPE(er.r_info);
		out[i].sym = ELF64_R_SYM(er.r_info);
		width = elf_reloc_width(out[i].type);
		if (width < 0)
			return klp_err_set(err, -EINVAL, "section %s: relocation type %u is unknown",
					   sec->name, out[i].type);
		if (out[i].sym >= ef->nr_symbols || out[i].offset > sec->size ||
		    (uint64_t)width > sec->size - out[i].offset)
			return klp_err_set(err, -EINVAL, "section %s: relocation [%zu] out of range",
					   sec->name, i);
		sorted &= !i || cmp_relocs(&out[i - 1], &out[i]) <= 0;
	}
	if (!sorted)
		qsort(out, n, sizeof(*out), cmp_relocs);
	return 0;
}

/*
 * Debug information has the most relocations by far (200,000 in a large unit, 24 bytes
 * each), and who reads it (libdw) applies them itself.
 */
static bool is_debug(const struct elf_file *ef, const struct elf_section *rela)
{
	return !strncmp(ef->sections[rela->info].name, ".debug_", 7);
}

/* Only objects have relocations that matter; an image's (--emit-relocs) are applied. */
static int read_relocs(struct elf_file *ef, struct klp_err *err)
{
	struct elf_priv *priv = ef->priv;
	struct elf_reloc *next;
	uint64_t total = 0;
	int ret;

	if (priv->type != ET_REL)
		return 0;
	for (size_t i = 1; i < ef->nr_sections; i++) {
		const struct elf_section *s = &ef->sections[i];

		if (s->type != SHT_RELA)
			continue;
		if (s->entsize != sizeof(Elf64_Rela) || !s->info || s->info >= ef->nr_sections ||
		    s->link != priv->symtab || ef->sections[s->info].nr_relocs)
			return klp_err_set(err, -EINVAL, "malformed relocation section %s", s->name);
		if (is_debug(ef, s))
			continue;
		total += s->size / sizeof(Elf64_Rela);
		/* So that a second section for the same target is seen above. */
		ef->sections[s->info].nr_relocs = s->size / sizeof(Elf64_Rela);
	}
	/* Sections that overlap in the file could otherwise multiply memory. */
	if (total > ef->len / sizeof(Elf64_Rela))
		return klp_err_set(err, -EINVAL, "relocation sections overlap");
	next = pool_alloc(&priv->pool, total, sizeof(*next));
	if (!next)
		return klp_err_set(err, -ENOMEM, "no memory for %zu relocations", (size_t)total);
	for (size_t i = 1; i < ef->nr_sections; i++) {
		if (ef->sections[i].type != SHT_RELA || is_debug(ef, &ef->sections[i]))
			continue;
		ret = read_rela(ef, &ef->sections[i], next, err);
		if (ret)
			return ret;
		next += ef->sections[i].size / sizeof(Elf64_Rela);
	}
	return 0;
}

/*
 * Room for the arrays: of 64 bytes of section header, 24 of symbol (with its two places in
 * indexes), 24 of relocation in the file each, not even six times as much is made.
 */
static int model_init(struct elf_file *ef, struct klp_err *err)
{
	struct elf_priv *priv = ef->priv;

	_Static_assert(sizeof(struct elf_section) <= 2 * sizeof(Elf64_Shdr) &&
		       sizeof(struct elf_symbol) + 12 <= 3 * sizeof(Elf64_Sym) &&
		       sizeof(struct elf_reloc) <= sizeof(Elf64_Rela), "the model's size");
	if (ef->len > SIZE_MAX / 8 || pool_init(&priv->pool, 6 * ef->len + 4096))
		return klp_err_set(err, -ENOMEM, "no memory for an ELF file");
	return 0;
}

int elf_parse(const void *data, size_t len, struct elf_file **out, struct klp_err *err)
{
	struct elf_file *ef = calloc(1, sizeof(*ef));
	Elf64_Ehdr eh;
	int ret;

	if (!ef)
		return klp_err_set(err, -ENOMEM, "no memory for an ELF file");
	ef->data = data;
	ef->len = len;
	ef->priv = calloc(1, sizeof(struct elf_priv));
	if (!ef->priv) {
		free(ef);
		return klp_err_set(err, -ENOMEM, "no memory for an ELF file");
	}
	ret = model_init(ef, err);
	if (!ret)
		ret = read_header(ef, &eh, err);
	if (!ret)
		ret = read_sections(ef, &eh, err);
	if (!ret)
		ret = read_symbols(ef, &eh, err);
	if (!ret)
		ret = index_symbols(ef, err);
	if (!ret)
		ret = read_relocs(ef, err);
	if (ret) {
		elf_close(ef);
		return ret;
	}
	*out = ef;
	return 0;
}

int elf_open(const char *path, struct elf_file **out, struct klp_err *err)
{
	struct elf_file *ef;
	struct stat st;
	void *map;
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot open %s", path);
	if (fstat(fd, &st) < 0) {
		ret = klp_err_sys(err, -errno, "cannot stat %s", path);
		close(fd);
		return ret;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		close(fd);
		return klp_err_set(err, -EINVAL, "%s: not an ELF file", path);
	}
	map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	ret = map == MAP_FAILED ? -errno : 0;
	close(fd);
	if (ret)
		return klp_err_sys(err, ret, "cannot map %s", path);
	ret = elf_parse(map, st.st_size, &ef, err);
	if (ret) {
		munmap(map, st.st_size);
		klp_err_wrap(err, "%s", path);
		return ret;
	}
	ef->map = map;
	*out = ef;
	return 0;
}

void elf_close(struct elf_file *ef)
{
	struct elf_priv *priv;

	if (!ef)
		return;
	priv = ef->priv;
	pool_free(&priv->pool);
	free(priv);
	if (ef->map)
		munmap(ef->map, ef->len);
	free(ef);
}

void elf_rest(struct elf_file *ef)
{
	struct elf_priv *priv;

	if (!ef)
		return;
	priv = ef->priv;
	pool_rest(&priv->pool);
	/* Advice: without it they stay. */
	if (ef->map)
		(void)madvise(ef->map, ef->len, MADV_DONTNEED);
}
