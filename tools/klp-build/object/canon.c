// SPDX-License-Identifier: GPL-2.0-or-later
/* canon.c - canonical names, references and section kinds; see canon.h. */
#include <ctype.h>
#include <string.h>

#include "canon.h"
#include "merge.h"
#include "pcrel.h"

#define UBSAN_DATA	".data..Lubsan_"

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Names that macros end in a counter or a line without a dot before it. */
static bool counted(const char *name)
{
	static const char *const prefixes[] = {
		"__UNIQUE_ID_", "__BTF_ID__", "__initcall__", UBSAN_DATA, NULL
	};

	for (size_t i = 0; prefixes[i]; i++)
		if (has_prefix(name, prefixes[i]))
			return true;
	return false;
}

/*
 * A number counts as the compiler's when it follows a dot (count.12, foo.isra.3)
 * or, in names from __COUNTER__ and __LINE__, anywhere after the first letter.
 */
void canon_name(const char *name, char out[CANON_NAME_LEN])
{
	bool any = counted(name);
	size_t n = 0;

	for (const char *p = name; *p && n < CANON_NAME_LEN - 1;) {
		bool start = p > name && (p[-1] == '.' || (any && !isdigit((unsigned char)p[-1])));

		if (start && isdigit((unsigned char)*p)) {
			const char *q = p;

			while (isdigit((unsigned char)*q))
				q++;
			if (!*q || *q == '.' || any) {
				out[n++] = '#';
				p = q;
				continue;
			}
		}
		out[n++] = *p++;
	}
	out[n] = 0;
}

bool canon_equal(const char *a, const char *b)
{
	char x[CANON_NAME_LEN], y[CANON_NAME_LEN];

	if (!strcmp(a, b))
		return true;
	canon_name(a, x);
	canon_name(b, y);
	return !strcmp(x, y);
}

bool canon_is_cold(const char *name)
{
	const char *p = strstr(name, ".cold");

	/* foo.cold; older compilers: foo.cold.12 */
	return p && (!p[5] || p[5] == '.');
}

bool canon_is_generated(const struct elf_file *ef, const struct elf_symbol *sym)
{
	/* A name that the source may have, too, counts in the macro's section alone. */
	static const struct {
		const char *name, *section;
	} made[] = {
		{ "__func__.", "" }, { "__FUNCTION__.", "" }, { "__PRETTY_FUNCTION__.", "" }, { "CSWTCH.", "" },
		{ "__UNIQUE_ID_ddebug", "" }, { "__UNIQUE_ID___addressable", "" }, { "__UNIQUE_ID_annotate", "" },
		{ "descriptor.", "__dyndbg" }, { "_entry_ptr.", ".printk_index" }, { "_entry.", ".rodata" },
	};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (has_prefix(sym->name, made[i].name))
			return has_prefix(ef->sections[sym->shndx].name, made[i].section) &&
			       (strcmp(made[i].name, "_entry.") || elf_section(ef, ".printk_index"));
	return false;
}

bool canon_is_ubsan(const struct elf_section *sec)
{
	return has_prefix(sec->name, UBSAN_DATA);
}

bool canon_is_location(const struct elf_section *sec, uint64_t off)
{
	/* struct source_location: file at 0, line at 8, column at 12; struct type_descriptor has none. */
	return has_prefix(sec->name, UBSAN_DATA "data") && off < 16;
}

enum section_kind canon_section(const struct elf_section *sec)
{
	static const struct {
		const char *name;
		bool prefix;
		enum section_kind kind;
	} table[] = {
		{ "__bug_table", false, SECTION_BUG },
		{ ".altinstructions", false, SECTION_ALT },
		{ ".altinstr_replacement", false, SECTION_ALT_REPL },
		{ ".altinstr_aux", false, SECTION_ALT_AUX },
		{ "__jump_table", false, SECTION_JUMP },
		{ "__ex_table", false, SECTION_EX },
		{ ".smp_locks", false, SECTION_SMP },
		{ ".parainstructions", false, SECTION_PARA },
		{ "__mcount_loc", false, SECTION_MCOUNT },
		{ "__patchable_function_entries", false, SECTION_NONE },
		{ "___ksymtab", true, SECTION_EXPORT },
		{ "___kcrctab", true, SECTION_EXPORT },
		{ "__ksymtab", true, SECTION_EXPORT },
		{ ".export_symbol", false, SECTION_EXPORT },
		{ ".discard.addressable", false, SECTION_NONE },
		{ ".discard.", true, SECTION_HINT },
		{ ".orc_", true, SECTION_NONE },
		{ ".return_sites", false, SECTION_NONE },
		{ ".retpoline_sites", false, SECTION_NONE },
		{ ".static_call_sites", false, SECTION_NONE },
		{ ".call_sites", false, SECTION_NONE },
		{ ".ibt_endbr_seal", false, SECTION_NONE },
		{ ".modinfo", false, SECTION_NONE },
		{ ".note", true, SECTION_NONE },
		{ ".comment", false, SECTION_NONE },
		{ ".printk_index", false, SECTION_NONE },
		{ ".eh_frame", false, SECTION_NONE },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].prefix ? has_prefix(sec->name, table[i].name) :
				      !strcmp(sec->name, table[i].name))
			return table[i].kind;
	if (!(sec->flags & SHF_ALLOC) ||
	    (sec->type != SHT_PROGBITS && sec->type != SHT_NOBITS))
		return SECTION_NONE;
	return sec->flags & SHF_EXECINSTR ? SECTION_TEXT : SECTION_DATA;
}

static const struct elf_symbol *only_symbol(const struct elf_file *ef,
					    const struct elf_section *sec)
{
	const struct elf_symbol *sym = NULL;

	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &ef->symbols[sec->syms[i]];

		if (s->type != STT_FUNC && s->type != STT_OBJECT)
			continue;
		if (sym && sym->value != s->value)
			return NULL;
		if (!sym)
			sym = s;
	}
	return sym;
}

/* .LC3, .L17: a label of the compiler's, whose number and place say nothing. */
static bool is_compiler_label(const struct elf_symbol *sym)
{
	return sym->type == STT_NOTYPE && sym->bind == STB_LOCAL && has_prefix(sym->name, ".L");
}

static bool is_nameless(const struct elf_symbol *sym)
{
	return sym->type == STT_SECTION || !*sym->name || is_compiler_label(sym);
}

static void ref_in_merged(const struct elf_section *sec, const struct elf_symbol *sym, int64_t pos,
			  struct ref *out)
{
	out->kind = sec->flags & SHF_STRINGS ? REF_STRING : REF_CONST;
	out->off = (int64_t)merge_start(sec, sym, (uint64_t)pos);
	out->delta = (int64_t)((uint64_t)pos - (uint64_t)out->off);
}

static void ref_in_section(const struct elf_file *ef, const struct elf_symbol *sym,
			   int64_t pos, struct ref *out)
{
	const struct elf_section *sec = &ef->sections[sym->shndx];
	const struct elf_symbol *cover = NULL;
	bool nameless = is_nameless(sym);

	out->sec = sec;
	out->off = pos;
	if (merge_has(sec, sym)) {
		ref_in_merged(sec, sym, pos, out);
		return;
	}
	if (pos >= 0)
		cover = elf_symbol_at(ef, sym->shndx, pos);
	if (cover && is_compiler_label(cover))
		cover = NULL;
	/*
	 * Section + offset may point beyond the object (one past the end of an
	 * array, or before its start): with -fdata-sections it is alone there.
	 */
	if (!cover && nameless)
		cover = only_symbol(ef, sec);
	/* A named target stands for itself, whatever the addend reaches. */
	if (!nameless && (!cover || cover->shndx != sym->shndx || cover->value != sym->value))
		cover = sym->type == STT_NOTYPE && cover && cover->type != STT_NOTYPE ? cover : sym;
	if (cover) {
		out->kind = REF_SYMBOL;
		out->sym = cover;
		out->off = (int64_t)((uint64_t)pos - cover->value);
	} else {
		out->kind = REF_SECTION;
	}
}

void canon_ref(const struct elf_file *ef, const struct elf_section *sec,
	       const struct elf_reloc *r, struct ref *out)
{
	const struct elf_symbol *sym = &ef->symbols[r->sym];
	bool known;

	*out = (struct ref){ .kind = REF_ABS };
	known = !pcrel_bias(ef, sec, r, &out->bias);
	/* Modulo 2^64: an addend may be anything. */
	out->off = (int64_t)((uint64_t)r->addend + (uint64_t)out->bias);
	if (sym->shndx == SHN_ABS || !r->sym) {
		out->off += sym->value;
	} else if (sym->shndx == SHN_UNDEF || sym->shndx == SHN_COMMON) {
		out->kind = REF_UNDEF;
		out->sym = sym;
	} else if (!known && is_nameless(sym)) {
		out->kind = REF_UNKNOWN;
		out->sec = &ef->sections[sym->shndx];
		out->off += (int64_t)sym->value;
	} else {
		ref_in_section(ef, sym, (int64_t)(sym->value + (uint64_t)out->off), out);
	}
}

size_t canon_content(const struct ref *ref, const uint8_t **data)
{
	size_t n = ref->off < 0 ? 0 : merge_len(ref->sec, (uint64_t)ref->off);

	if (n)
		*data = ref->sec->data + ref->off;
	return n;
}

size_t canon_table_relocs(const struct elf_section *sec)
{
	size_t n = 1;

	switch (canon_section(sec)) {
	case SECTION_BUG:	/* place; format, in newer kernels; file, if BUGVERBOSE */
		while (n < sec->nr_relocs && sec->relocs[n].offset == 4 * n)
			n++;
		return n;
	case SECTION_ALT:
	case SECTION_EX:
		return 2;
	case SECTION_JUMP:
		return 3;
	case SECTION_SMP:
	case SECTION_PARA:
	case SECTION_MCOUNT:
	case SECTION_HINT:
		return 1;
	default:
		return 0;
	}
}

size_t canon_table_entsize(const struct elf_section *sec)
{
	size_t per = canon_table_relocs(sec), n, size;

	if (!per || !sec->nr_relocs || sec->nr_relocs % per || !sec->data)
		return 0;
	n = sec->nr_relocs / per;
	if (sec->size % n)
		return 0;
	size = sec->size / n;
	for (size_t i = 0; i < n; i++)
		if (sec->relocs[i * per].offset != i * size ||
		    sec->relocs[(i + 1) * per - 1].offset >= (i + 1) * size)
			return 0;
	return size;
}
