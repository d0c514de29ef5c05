// SPDX-License-Identifier: GPL-2.0-or-later
/* Locks that patched code initialises on a kernel with lockdep: extract_locks.c. */
#include <stdlib.h>
#include <string.h>

#include "extract/extract.h"
#include "fixture.h"
#include "patchfix.h"
#include "quietpatch.h"
#include "target/target.h"

#define NAME		"&ctx->wqh"
#define NAME_AT		0x7000		/* of the image: where the kernel has it */
#define IMAGE_SIZE	0x8000

/* mov $name, %rsi; mov $key, %rdx: relocations at 3 and 10. */
static const uint8_t code[] = {
	0x48, 0xc7, 0xc6, 0, 0, 0, 0, 0x48, 0xc7, 0xc2, 0, 0, 0, 0, 0xc3,
};

static struct patchfix f;

static void setup(void)
{
	fix_setup(&f, "");
}

static void teardown(void)
{
	fix_teardown(&f);
}

static uint32_t string_section(struct elf_out *o, bool merged, const char *string)
{
	uint32_t sec = elf_out_section(o, merged ? ".rodata.str1.1" : ".rodata", SHT_PROGBITS,
				       SHF_ALLOC | (merged ? SHF_MERGE | SHF_STRINGS : 0),
				       merged ? 1 : 32, merged);
	char padded[32] = "";

	memcpy(padded, string, strlen(string));
	elf_out_append(o, sec, padded, merged ? strlen(string) + 1 : sizeof(padded), 1);
	return sec;
}

/* An object whose f() initialises a lock. */
static struct elf_out *object(bool merged, const char *name, const char *key, size_t key_size)
{
	struct elf_out *o = elf_out_new();
	uint32_t sec, key_sec, str;

	fix_function(o, "f", code, sizeof(code), &sec);
	str = string_section(o, merged, name);
	elf_out_reloc(o, sec, 3, R_X86_64_32S, elf_out_section_symbol(o, str), 0);
	elf_out_reloc(o, sec, 10, R_X86_64_32S, fix_variable(o, key, key_size, &key_sec), 0);
	return o;
}

/* The kernel's bytes: what its f() says where the name is, and the name. */
static void ship(const struct unit *u)
{
	const struct elf_symbol *func = elf_symbol(u->orig, "f", STT_FUNC);
	uint8_t *bytes = calloc(1, IMAGE_SIZE);
	int32_t field = (int32_t)(FIX_BASE + NAME_AT);
	struct target *t = f.b.target;
	struct klp_err err = { 0 };
	char *path = fixture_path(f.folder, "shipped");
	struct elf_out *o = elf_out_new();
	uint32_t sec;

	memcpy(bytes + func->shndx * 0x1000 + func->value + 3, &field, sizeof(field));
	memcpy(bytes + NAME_AT, NAME, sizeof(NAME));
	sec = elf_out_section(o, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	elf_out_append(o, sec, bytes, IMAGE_SIZE, 1);
	free(bytes);
	ck_assert_msg(!elf_out_write(o, path, &err), "%s", err.text);
	elf_out_free(o);
	elf_close(t->image);
	ck_assert_msg(!elf_open(path, &t->image, &err), "%s", err.text);
	free(path);
	for (size_t i = 1; i < t->image->nr_sections; i++)
		if (t->image->sections[i].flags & SHF_ALLOC)
			t->image->sections[i].addr = FIX_BASE;
}

static struct unit *build(struct elf_out *orig, struct elf_out *patched, bool lockdep, size_t refusals)
{
	struct unit *u = fix_unit(&f, orig, patched, true);
	struct klp_err err = { 0 };

	if (lockdep)
		fix_symbol(&f, FIX_ANCHOR + 0x100, 'T', "lockdep_init_map_type");
	ship(u);
	ck_assert_msg(!units_extract(&f.b, &err), "%s", err.text);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), refusals);
	return u;
}

/* Loop: strings merged, and not, as with KASAN. */
START_TEST(name_is_the_kernels)
{
	struct unit *u = build(object(!_i, NAME, "__key.0", 8), object(!_i, NAME, "__key.0", 8), true, 0);
	struct elf_file *ef = fix_extracted(u);

	ck_assert_str_eq(fix_target(ef, ".text", 3), "_printk");
	ck_assert_int_eq(fix_reloc(ef, ".text", 3)->addend, FIX_BASE + NAME_AT - FIX_ANCHOR);
	ck_assert_str_eq(fix_target(ef, ".text", 10), "qp.vmlinux.__key.0");
	ck_assert_uint_eq(f.b.patch_flags, 0);
	elf_close(ef);
}
END_TEST

START_TEST(without_lockdep_it_is_a_string)
{
	struct unit *u = build(object(true, NAME, "__key.0", 8), object(true, NAME, "__key.0", 8), false, 0);
	struct elf_file *ef = fix_extracted(u);

	ck_assert_uint_eq(elf_section(ef, ".rodata.str")->size, sizeof(NAME));
	elf_close(ef);
}
END_TEST

/* Loop: another name at the kernel's key; the name isn't where the kernel's f() looks. */
START_TEST(name_that_the_kernel_lacks)
{
	const char *name = _i ? "&ctx->head" : "&ctx->queue";

	build(object(true, _i ? name : NAME, "__key.0", 8), object(true, name, "__key.0", 8), true, 1);
}
END_TEST

/* What isn't a lock's name is as free as ever. */
START_TEST(another_string_is_new)
{
	struct unit *u = build(object(true, NAME, "__key.0", 8), object(true, "no room", "__key.0", 8), true, 0);
	struct elf_file *ef = fix_extracted(u);

	ck_assert_uint_eq(elf_section(ef, ".rodata.str")->size, sizeof("no room"));
	elf_close(ef);
}
END_TEST

START_TEST(new_class_stays)
{
	build(object(true, NAME, "other", 8), object(true, "&ctx->lock", "__key.0", 8), true, 0);
	ck_assert_uint_eq(f.b.patch_flags, QP_PATCH_IRREVERTIBLE);
}
END_TEST

START_TEST(empty_key_is_no_class)
{
	build(object(true, NAME, "other", 8), object(true, "&ctx->lock", "__key.0", 0), false, 0);
	ck_assert_uint_eq(f.b.patch_flags, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("locks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, name_is_the_kernels, 0, 2);
	tcase_add_test(tc, without_lockdep_it_is_a_string);
	tcase_add_loop_test(tc, name_that_the_kernel_lacks, 0, 2);
	tcase_add_test(tc, another_string_is_new);
	tcase_add_test(tc, new_class_stays);
	tcase_add_test(tc, empty_key_is_no_class);
	return fixture_run("locks", tc);
}
