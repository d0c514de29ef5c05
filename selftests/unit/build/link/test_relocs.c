// SPDX-License-Identifier: GPL-2.0-or-later
/* The last pass over a linked module: what isn't exported becomes a distance from _printk, and a table says so. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"
#include "extract/extract.h"
#include "fix/fix.h"
#include "fixture.h"
#include "hex.h"
#include "link/link.h"
#include "patchfix.h"
#include "quietpatch.h"
#include "target/image.h"

static struct patchfix f;
static struct klp_err err;
static char *ko, *done;

static void setup(void)
{
	struct elf_out *o = elf_out_new(), *p = elf_out_new();
	uint32_t sec;

	fix_setup(&f, "0x1\tcapable\tvmlinux\tEXPORT_SYMBOL\t\n"
		      "0x2\t_printk\tvmlinux\tEXPORT_SYMBOL\t\n");
	fix_symbol(&f, FIX_ANCHOR + 0x200, 'T', "capable");
	fix_symbol(&f, FIX_ANCHOR + 0x300, 'T', "hidden");
	fix_symbol(&f, FIX_ANCHOR - 0x500, 'd', "jiffies_lock");
	fix_symbol(&f, FIX_ANCHOR + 0x7fffff00, 'd', "far_away");
	fix_function(o, "f", "\xc3", 1, &sec);
	fix_function(p, "f", "\x90\xc3", 2, &sec);
	fix_unit(&f, o, p, true);
	ck_assert_int_eq(units_extract(&f.b, &err), 0);
	ko = fixture_path(f.folder, "in.ko");
	done = fixture_path(f.folder, "out.ko");
	err = (struct klp_err){ 0 };
}

static void teardown(void)
{
	free(ko);
	free(done);
	fix_teardown(&f);
}

/* A linked module with 32 bytes of text, which refers to nothing yet. */
static struct elf_out *module(uint32_t *text)
{
	struct elf_out *out = elf_out_new();

	*text = elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	elf_out_append(out, *text, NULL, 32, 16);
	return out;
}

static uint32_t refer(struct elf_out *out, const char *name)
{
	const struct ksym *k = ksym_get_named(f.b.extract, name);

	ck_assert_ptr_nonnull(k);
	return elf_out_undef(out, k->link_name, STB_GLOBAL);
}

static int finish(struct elf_out *out)
{
	ck_assert_int_eq(elf_out_write(out, ko, NULL), 0);
	elf_out_free(out);
	return relocs_finish(&f.b, ko, done, &err);
}

static struct elf_file *finished(struct elf_out *out)
{
	struct elf_file *ef = NULL;

	ck_assert_msg(!finish(out), "%s", err.text);
	ck_assert_int_eq(elf_open(done, &ef, NULL), 0);
	return ef;
}

/* The one undefined symbol that only the core can provide, or NULL. */
static const char *verified(const struct elf_file *ef)
{
	const char *found = NULL;

	for (size_t i = 1; i < ef->nr_symbols; i++) {
		if (ef->symbols[i].shndx || strncmp(ef->symbols[i].name, QP_VERIFIED, strlen(QP_VERIFIED)))
			continue;
		ck_assert_ptr_null(found);
		found = ef->symbols[i].name + strlen(QP_VERIFIED);
	}
	return found;
}

static void check_reloc(const struct elf_file *ef, uint64_t at, uint32_t type, const char *name, int64_t addend)
{
	const struct elf_reloc *r = fix_reloc(ef, ".text", at);

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->type, type);
	ck_assert_str_eq(ef->symbols[r->sym].name, name);
	ck_assert_int_eq(r->addend, addend);
}

START_TEST(each_type_counts_from_the_anchor)
{
	uint32_t text;
	struct elf_out *out = module(&text);
	struct elf_file *ef;

	elf_out_reloc(out, text, 0, R_X86_64_PLT32, refer(out, "hidden"), -4);
	elf_out_reloc(out, text, 4, R_X86_64_32S, refer(out, "jiffies_lock"), 8);
	elf_out_reloc(out, text, 8, R_X86_64_64, refer(out, "hidden"), 0);
	elf_out_reloc(out, text, 16, R_X86_64_PC32, refer(out, "jiffies_lock"), -5);
	elf_out_reloc(out, text, 20, R_X86_64_PLT32, refer(out, "capable"), -4);
	elf_out_reloc(out, text, 24, R_X86_64_PC64, refer(out, "jiffies_lock"), 2);	/* as in __jump_table */
	ef = finished(out);
	check_reloc(ef, 0, R_X86_64_PLT32, "_printk", 0x300 - 4);
	check_reloc(ef, 4, R_X86_64_32S, "_printk", -0x500 + 8);
	check_reloc(ef, 8, R_X86_64_64, "_printk", 0x300);
	check_reloc(ef, 16, R_X86_64_PC32, "_printk", -0x500 - 5);
	check_reloc(ef, 20, R_X86_64_PLT32, "capable", -4);
	check_reloc(ef, 24, R_X86_64_PC64, "_printk", -0x500 + 2);
	for (size_t i = 1; i < ef->nr_symbols; i++)
		ck_assert_ptr_null(strstr(ef->symbols[i].name, "hidden"));
	elf_close(ef);
}
END_TEST

/* Entries in order, once each; the digest is that of the table with the strings behind it. */
START_TEST(table_and_its_digest)
{
	uint32_t text;
	struct elf_out *out = module(&text);
	const struct elf_section *syms, *strings;
	char bytes[256], digest[SHA256_HEX_LEN + 1];
	struct qp_sym_desc d[2];
	struct elf_file *ef;

	elf_out_reloc(out, text, 0, R_X86_64_32S, refer(out, "jiffies_lock"), 0);
	elf_out_reloc(out, text, 4, R_X86_64_PLT32, refer(out, "hidden"), -4);
	elf_out_reloc(out, text, 8, R_X86_64_PLT32, refer(out, "hidden"), -4);
	ef = finished(out);
	syms = elf_section(ef, QP_SEC_SYMBOLS);
	strings = elf_section(ef, QP_SEC_STRINGS);
	ck_assert_uint_eq(syms->size, sizeof(d));
	memcpy(d, syms->data, sizeof(d));
	ck_assert_str_eq((const char *)strings->data + d[0].name, "hidden");
	ck_assert_str_eq((const char *)strings->data + d[1].name, "jiffies_lock");
	ck_assert_int_eq(d[0].offset, 0x300);
	ck_assert_int_eq(d[1].offset, -0x500);
	ck_assert_uint_eq(d[0].flags, 0);
	ck_assert_uint_eq(d[1].flags, QP_SYM_DATA);
	ck_assert_uint_eq(strings->data[strings->size - 1], 0);
	memcpy(bytes, syms->data, syms->size);
	memcpy(bytes + syms->size, strings->data, strings->size);
	ck_assert_int_eq(sha256_hex(bytes, syms->size + strings->size, digest), 0);
	ck_assert_str_eq(verified(ef), digest);
	elf_close(ef);
}
END_TEST

/* A patch without such symbols needs nobody's leave. */
/* The core asks kallsyms for the name of an address, and gets the first. */
START_TEST(second_name_of_an_address_is_listed_as_the_first)
{
	uint32_t text;
	struct elf_out *out;
	const struct elf_section *strs;
	struct elf_file *ef;

	fix_symbol(&f, FIX_ANCHOR + 0x300, 't', "hidden_alias");	/* behind "hidden" */
	out = module(&text);
	elf_out_reloc(out, text, 0, R_X86_64_PLT32, refer(out, "hidden_alias"), -4);
	ef = finished(out);
	check_reloc(ef, 0, R_X86_64_PLT32, "_printk", 0x300 - 4);
	strs = elf_section(ef, QP_SEC_STRINGS);
	ck_assert_ptr_nonnull(strs);
	ck_assert_uint_eq(strs->size, sizeof("hidden"));
	ck_assert_str_eq((const char *)strs->data, "hidden");
	elf_close(ef);
}
END_TEST

START_TEST(no_table)
{
	uint32_t text;
	struct elf_out *out = module(&text);
	struct elf_file *ef;

	elf_out_reloc(out, text, 0, R_X86_64_PLT32, refer(out, "capable"), -4);
	ef = finished(out);
	ck_assert_ptr_null(verified(ef));
	ck_assert_uint_eq(elf_section(ef, QP_SEC_SYMBOLS)->size, 0);
	elf_close(ef);
}
END_TEST

/* Zero-based ones stay where they are when the kernel moves; newer kernels' have addresses. */
START_TEST(percpu)
{
	struct kernel_place zero = { .name = "nr_inodes", .address = 0x1a0, .percpu = true };
	struct kernel_place newer = { .name = "nr_unused", .address = FIX_ANCHOR + 0x800, .percpu = true };
	const struct ksym *a = ksym_get(f.b.extract, QP_VMLINUX, &zero, false);
	const struct ksym *b = ksym_get(f.b.extract, QP_VMLINUX, &newer, false);
	const struct elf_reloc *r;
	struct qp_sym_desc d[2];
	struct elf_file *ef;
	struct elf_out *out;
	uint32_t text;

	out = module(&text);
	elf_out_reloc(out, text, 0, R_X86_64_32S, elf_out_undef(out, a->link_name, STB_GLOBAL), 8);
	elf_out_reloc(out, text, 4, R_X86_64_PC32, elf_out_undef(out, b->link_name, STB_GLOBAL), -4);
	ef = finished(out);
	r = fix_reloc(ef, ".text", 0);
	ck_assert_uint_eq(ef->symbols[r->sym].shndx, SHN_ABS);
	ck_assert_uint_eq(ef->symbols[r->sym].value, 0x1a0);
	ck_assert_int_eq(r->addend, 8);
	check_reloc(ef, 4, R_X86_64_PC32, "_printk", 0x800 - 4);
	memcpy(d, elf_section(ef, QP_SEC_SYMBOLS)->data, sizeof(d));
	ck_assert_int_eq(d[0].offset, 0x1a0);
	ck_assert_uint_eq(d[0].flags, QP_SYM_PERCPU | QP_SYM_DATA);
	ck_assert_int_eq(d[1].offset, 0x800);
	ck_assert_uint_eq(d[1].flags & QP_SYM_PERCPU, 0);
	elf_close(ef);
}
END_TEST

START_TEST(what_does_not_fit)
{
	static const struct { uint32_t type; int64_t addend; int ret; } t[] = {
		{ R_X86_64_32S, 0xff, 0 },
		{ R_X86_64_32S, 0x100, -ERANGE },
		{ R_X86_64_PLT32, 0x100, -ERANGE },
		{ R_X86_64_PC32, 0x100, -ERANGE },
		{ R_X86_64_32, 0x100, -ERANGE },
		{ R_X86_64_64, 0x100, 0 },
		{ R_X86_64_64, INT64_MAX, -ERANGE },
		{ R_X86_64_PC64, INT64_MAX, -ERANGE },
		{ R_X86_64_GOTPCREL, -4, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		uint32_t text;
		struct elf_out *out = module(&text);

		elf_out_reloc(out, text, 0, t[i].type, refer(out, "far_away"), t[i].addend);
		ck_assert_int_eq(finish(out), t[i].ret);
		if (t[i].ret)
			ck_assert_ptr_nonnull(strstr(err.text, "far_away"));
	}
}
END_TEST

START_TEST(undefined_and_unknown)
{
	uint32_t text;
	struct elf_out *out = module(&text);

	elf_out_reloc(out, text, 0, R_X86_64_PLT32, elf_out_undef(out, "nobodys", STB_GLOBAL), -4);
	ck_assert_int_eq(finish(out), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "nobodys"));
}
END_TEST

static void many(size_t nr, size_t refusals)
{
	struct fix_file file = { .path = (char *)"fs/a.c" };
	struct fix fix = { .files = &file, .nr_files = 1 };
	struct elf_out *out;
	uint32_t text;

	f.b.fix = &fix;
	out = module(&text);
	for (size_t i = 0; i < nr; i++) {
		struct kernel_place p = { .address = FIX_ANCHOR + 0x1000 + i };

		snprintf(p.name, sizeof(p.name), "s%zu", i);
		elf_out_reloc(out, text, 0, R_X86_64_32S,
			      elf_out_symbol(out, ksym_get(f.b.extract, QP_VMLINUX, &p, false)->link_name,
					     STB_GLOBAL, STT_NOTYPE, 0, 0, 0), 0);
	}
	ck_assert_int_eq(finish(out), 0);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), refusals);
	f.b.fix = NULL;
}

START_TEST(as_many_as_the_core_takes)
{
	many(QP_SYMBOLS_MAX, 0);
}
END_TEST

START_TEST(one_more)
{
	many(QP_SYMBOLS_MAX + 1, 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("relocs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_type_counts_from_the_anchor);
	tcase_add_test(tc, table_and_its_digest);
	tcase_add_test(tc, second_name_of_an_address_is_listed_as_the_first);
	tcase_add_test(tc, no_table);
	tcase_add_test(tc, percpu);
	tcase_add_test(tc, what_does_not_fit);
	tcase_add_test(tc, undefined_and_unknown);
	tcase_add_test(tc, as_many_as_the_core_takes);
	tcase_add_test(tc, one_more);
	return fixture_run("relocs", tc);
}
