// SPDX-License-Identifier: GPL-2.0-or-later
/* Where references of extracted code lead: the rules of extract_refs.c and extract_data.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"
#include "extract/extract.h"
#include "fixture.h"
#include "object/insn.h"
#include "patchfix.h"
#include "quietpatch.h"
#include "target/image.h"

/* call X; jmp Y-like shapes: places of relocations at 1, 6 and 14. */
static const uint8_t code[] = {
	0xe8, 0, 0, 0, 0,			/*  0: call */
	0xe8, 0, 0, 0, 0,			/*  5: call */
	0x48, 0xc7, 0xc7, 0, 0, 0, 0,		/* 10: mov $imm32, %rdi */
	0xc7, 0x05, 0, 0, 0, 0, 5, 0, 0, 0,	/* 17: movl $5, x(%rip) */
	0xc3,					/* 27 */
};

static struct patchfix f;
static struct klp_err err;

static void setup(void)
{
	fix_setup(&f, "0x1\tcapable\tvmlinux\tEXPORT_SYMBOL\t\n"
		      "0x2\tspaced\tvmlinux\tEXPORT_SYMBOL_GPL\tNS\n");
	fix_symbol(&f, FIX_ANCHOR + 0x100, 'T', "capable");
	fix_symbol(&f, FIX_ANCHOR + 0x200, 'T', "spaced");
	fix_symbol(&f, FIX_ANCHOR + 0x300, 'T', "hidden");
	err = (struct klp_err){ 0 };
}

static void teardown(void)
{
	fix_teardown(&f);
}

static void extract(size_t refusals)
{
	ck_assert_msg(!units_extract(&f.b, &err), "%s", err.text);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), refusals);
}

/* An original with function "f" alone. */
static struct elf_out *plain_original(void)
{
	struct elf_out *o = elf_out_new();
	uint32_t sec;

	fix_function(o, "f", "\xc3", 1, &sec);
	return o;
}

START_TEST(exported_by_its_name_others_lent)
{
	struct elf_out *p = elf_out_new();
	const struct ksym *k;
	struct elf_file *ef;
	struct unit *u;
	uint32_t sec;

	fix_function(p, "f", code, sizeof(code), &sec);
	elf_out_reloc(p, sec, 1, R_X86_64_PLT32, elf_out_undef(p, "capable", STB_GLOBAL), -4);
	elf_out_reloc(p, sec, 6, R_X86_64_PLT32, elf_out_undef(p, "hidden", STB_GLOBAL), -4);
	elf_out_reloc(p, sec, 13, R_X86_64_32S, elf_out_undef(p, "spaced", STB_GLOBAL), 0);
	u = fix_unit(&f, plain_original(), p, true);
	extract(0);
	ef = fix_extracted(u);
	ck_assert_str_eq(fix_target(ef, ".text", 1), "capable");
	ck_assert_str_eq(fix_target(ef, ".text", 6), "hidden");
	k = ksym_find(f.b.extract, "hidden");
	ck_assert_ptr_nonnull(k);
	ck_assert_str_eq(k->undef, "qp.vmlinux.hidden");
	ck_assert_int_eq(k->offset, 0x300);
	ck_assert_uint_eq(k->flags, 0);
	/* One in a namespace isn't for everybody. */
	ck_assert_ptr_null(ksym_find(f.b.extract, "spaced"));	/* modpost would ask for an import */
	ck_assert_str_eq(ksym_find(f.b.extract, "qp.vmlinux.spaced")->name, "spaced");
	ck_assert(ksym_find(f.b.extract, "capable")->plain);
	elf_close(ef);
}
END_TEST

/* A call goes to the new function, its address is the kernel's own. */
START_TEST(calls_are_direct_addresses_are_not)
{
	struct elf_out *o = plain_original(), *p = elf_out_new();
	struct elf_file *ef;
	struct unit *u;
	uint32_t f_sec, g_sec, g, sec;

	fix_function(o, "g", "\xc3", 1, &sec);
	fix_function(p, "f", code, sizeof(code), &f_sec);
	g = fix_function(p, "g", code + 27, 1, &g_sec);
	elf_out_reloc(p, f_sec, 1, R_X86_64_PLT32, g, -4);
	elf_out_reloc(p, f_sec, 13, R_X86_64_32S, g, 0);
	u = fix_unit(&f, o, p, true);
	extract(0);
	ef = fix_extracted(u);
	ck_assert_str_eq(fix_target(ef, ".text", 1), "g");
	ck_assert_uint_ne(ef->symbols[fix_reloc(ef, ".text", 1)->sym].shndx, SHN_UNDEF);
	ck_assert_str_eq(fix_target(ef, ".text", 13), "qp.vmlinux.g");
	ck_assert_uint_eq(f.b.patch_flags, 0);
	elf_close(ef);
}
END_TEST

/* A module may have a function of a name that vmlinux has for itself. */
START_TEST(one_name_of_two_objects)
{
	struct elf_out *p1 = elf_out_new(), *p2 = elf_out_new(), *o2 = elf_out_new();
	struct elf_file *a;
	struct unit *u1, *u2;
	uint32_t sec;

	fix_function(p1, "f", code, sizeof(code), &sec);
	elf_out_reloc(p1, sec, 1, R_X86_64_PLT32, elf_out_undef(p1, "hidden", STB_GLOBAL), -4);
	fix_function(o2, "other", "\xc3", 1, &sec);
	fix_function(p2, "other", "\x90\xc3", 2, &sec);
	fix_function(p2, "hidden", "\xc3", 1, &sec);
	u1 = fix_unit(&f, plain_original(), p1, true);
	u2 = fix_unit(&f, o2, p2, true);
	u2->object = "dummy";
	extract(0);
	a = fix_extracted(u1);
	ck_assert_str_eq(fix_target(a, ".text", 1), "qp.vmlinux.hidden");
	elf_close(a);
}
END_TEST

/* What lies between __init_begin and __init_end isn't there any more; of the bounds themselves one may speak. */
START_TEST(freed_memory_is_refused)
{
	struct elf_out *p = elf_out_new();
	uint32_t sec;

	fix_symbol(&f, FIX_INIT + 0x100, 'T', "started");
	fix_symbol(&f, FIX_INIT + 0x200, 'D', "setting");
	fix_symbol(&f, FIX_INIT + 0x10000, 'D', "behind");
	fix_function(p, "f", code, sizeof(code), &sec);
	elf_out_reloc(p, sec, 1, R_X86_64_PLT32, elf_out_undef(p, "started", STB_GLOBAL), -4);
	elf_out_reloc(p, sec, 13, R_X86_64_32S, elf_out_undef(p, "__init_begin", STB_GLOBAL), 0);
	elf_out_reloc(p, sec, 19, R_X86_64_PC32, elf_out_undef(p, "setting", STB_GLOBAL), -8);
	elf_out_reloc(p, sec, 6, R_X86_64_PLT32, elf_out_undef(p, "behind", STB_GLOBAL), -4);
	fix_unit(&f, plain_original(), p, true);
	extract(2);
}
END_TEST

/* The core looks a borrowed symbol up by its address, and kallsyms says nothing of what lies at its end. */
START_TEST(end_of_the_kernel_is_refused)
{
	struct elf_out *p = elf_out_new();
	uint32_t sec;

	fix_symbol(&f, FIX_INIT + 0x20000, 'B', "_end");
	fix_symbol(&f, FIX_INIT + 0x1fff0, 'B', "last");
	fix_function(p, "f", code, sizeof(code), &sec);
	elf_out_reloc(p, sec, 13, R_X86_64_32S, elf_out_undef(p, "_end", STB_GLOBAL), 0);
	elf_out_reloc(p, sec, 19, R_X86_64_PC32, elf_out_undef(p, "last", STB_GLOBAL), -8);
	fix_unit(&f, plain_original(), p, true);
	extract(1);
}
END_TEST

/* A bounds check's description goes along, with the path that the tree knows its file by. */
START_TEST(bounds_check_is_copied_without_the_work_folder)
{
	static const char path[] = "/tmp/klp-build.x/patched/fs/a.c", number[16] = { 7 };
	struct elf_out *p = elf_out_new();
	const struct elf_section *strings;
	const struct elf_reloc *r;
	struct elf_file *ef;
	struct unit *u;
	uint32_t sec, str, check;

	str = elf_out_section(p, ".rodata.str1.8", SHT_PROGBITS, SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 8, 1);
	elf_out_append(p, str, path, sizeof(path), 1);
	check = elf_out_section(p, ".data..Lubsan_data3", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	elf_out_append(p, check, number, sizeof(number), 8);
	elf_out_reloc(p, check, 0, R_X86_64_64, elf_out_section_symbol(p, str), 0);
	fix_function(p, "f", code, sizeof(code), &sec);
	elf_out_reloc(p, sec, 13, R_X86_64_32S, elf_out_section_symbol(p, check), 0);
	u = fix_unit(&f, plain_original(), p, true);
	extract(0);
	ef = fix_extracted(u);
	ck_assert_str_eq(fix_target(ef, ".text", 13), ".data");
	ck_assert_int_eq(elf_section(ef, ".data")->size, sizeof(number));
	strings = elf_section(ef, ".rodata.str");
	r = fix_reloc(ef, ".data", 0);
	ck_assert_ptr_nonnull(strings);
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq((const char *)strings->data + r->addend, "fs/a.c");
	ck_assert_uint_eq(strings->size, sizeof("fs/a.c"));
	elf_close(ef);
}
END_TEST

/* Of an update it is refused: nothing else in it could be reverted either. */
START_TEST(new_function_whose_address_escapes)
{
	struct elf_out *p = elf_out_new();
	struct elf_file *ef;
	struct unit *u;
	uint32_t f_sec, sec, g;

	fix_function(p, "f", code, sizeof(code), &f_sec);
	g = fix_function(p, "fresh", "\xc3", 1, &sec);
	elf_out_reloc(p, f_sec, 13, R_X86_64_32S, g, 0);
	u = fix_unit(&f, plain_original(), p, true);
	f.b.of_update = _i;
	extract((size_t)_i);
	if (_i)
		return;
	ef = fix_extracted(u);
	ck_assert_str_eq(fix_target(ef, ".text", 13), "fresh");
	ck_assert_uint_eq(f.b.patch_flags, QP_PATCH_IRREVERTIBLE);
	elf_close(ef);
}
END_TEST

START_TEST(data_is_referenced_new_data_copied)
{
	struct elf_out *o = plain_original(), *p = elf_out_new();
	struct elf_file *ef;
	struct unit *u;
	uint32_t sec, f_sec, d_sec, count, fresh;

	fix_variable(o, "count", 4, &sec);
	fix_function(p, "f", code, sizeof(code), &f_sec);
	count = fix_variable(p, "count", 4, &d_sec);
	ck_assert_uint_ne(count, 0);
	fresh = fix_variable(p, "fresh", 8, &sec);
	/* As the assembler does it: section symbol, and an immediate behind. */
	elf_out_reloc(p, f_sec, 19, R_X86_64_PC32, elf_out_section_symbol(p, d_sec), -8);
	elf_out_reloc(p, f_sec, 13, R_X86_64_32S, fresh, 4);
	u = fix_unit(&f, o, p, true);
	extract(0);
	ef = fix_extracted(u);
	ck_assert_str_eq(fix_target(ef, ".text", 19), "qp.vmlinux.count");
	ck_assert_int_eq(fix_reloc(ef, ".text", 19)->addend, -8);
	ck_assert_str_eq(fix_target(ef, ".text", 13), "fresh");
	ck_assert_int_eq(fix_reloc(ef, ".text", 13)->addend, 4);
	ck_assert_uint_eq(elf_section(ef, ".data")->size, 8);
	ck_assert_uint_eq(ksym_find(f.b.extract, "qp.vmlinux.count")->flags, QP_SYM_DATA);
	elf_close(ef);
}
END_TEST

START_TEST(only_the_string_that_is_used)
{
	static const char strings[] = "not this one\0this one\0nor this";
	struct elf_out *p = elf_out_new();
	const struct elf_section *s;
	struct elf_file *ef;
	struct unit *u;
	uint32_t sec, str;

	fix_function(p, "f", code, sizeof(code), &sec);
	str = elf_out_section(p, ".rodata.str1.1", SHT_PROGBITS,
			      SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 1, 1);
	elf_out_append(p, str, strings, sizeof(strings), 1);
	elf_out_reloc(p, sec, 13, R_X86_64_32S, elf_out_section_symbol(p, str), 13);
	u = fix_unit(&f, plain_original(), p, true);
	extract(0);
	ef = fix_extracted(u);
	s = elf_section(ef, ".rodata.str");
	ck_assert_uint_eq(s->size, 9);
	ck_assert_str_eq((const char *)s->data + fix_reloc(ef, ".text", 13)->addend, "this one");
	elf_close(ef);
}
END_TEST

/* "0123"[i - 2], and a constant with an immediate behind the field: their labels say which, not the sum. */
START_TEST(only_the_constant_that_is_used)
{
	static const char strings[] = "others\0this one";
	static const uint8_t numbers[8] = { 1, 1, 2, 2, 3, 3, 4, 4 };
	struct elf_out *p = elf_out_new();
	const struct elf_section *s;
	const struct elf_reloc *r;
	struct elf_file *ef;
	struct unit *u;
	uint32_t sec, str, cst;

	fix_function(p, "f", code, sizeof(code), &sec);
	str = elf_out_section(p, ".rodata.str1.1", SHT_PROGBITS,
			      SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 1, 1);
	elf_out_append(p, str, strings, sizeof(strings), 1);
	cst = elf_out_section(p, ".rodata.cst2", SHT_PROGBITS, SHF_ALLOC | SHF_MERGE, 2, 2);
	elf_out_append(p, cst, numbers, sizeof(numbers), 2);
	elf_out_reloc(p, sec, 13, R_X86_64_32S,
		      elf_out_symbol(p, ".LC1", STB_LOCAL, STT_NOTYPE, str, 7, 0), -2);
	elf_out_reloc(p, sec, 19, R_X86_64_PC32,
		      elf_out_symbol(p, ".LC2", STB_LOCAL, STT_NOTYPE, cst, 4, 0), -8);
	u = fix_unit(&f, plain_original(), p, true);
	extract(0);
	ef = fix_extracted(u);
	s = elf_section(ef, ".rodata.str");
	r = fix_reloc(ef, ".text", 13);
	ck_assert_uint_eq(s->size, 9);
	ck_assert_str_eq((const char *)s->data + r->addend + 2, "this one");
	s = elf_section(ef, ".rodata.cst");
	r = fix_reloc(ef, ".text", 19);
	ck_assert_uint_eq(s->size, 2);
	ck_assert_uint_eq(s->data[r->addend + 8], 3);
	elf_close(ef);
}
END_TEST

START_TEST(cold_part_follows)
{
	struct elf_out *p = elf_out_new();
	struct elf_file *ef;
	struct unit *u;
	uint32_t sec, cold, c;

	fix_function(p, "f", code, sizeof(code), &sec);
	cold = elf_out_section(p, ".text.unlikely.f", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1, 0);
	elf_out_append(p, cold, "\xe8\0\0\0\0", 5, 1);
	c = elf_out_symbol(p, "f.cold", STB_LOCAL, STT_FUNC, cold, 0, 5);
	elf_out_reloc(p, sec, 1, R_X86_64_PLT32, c, -4);
	elf_out_reloc(p, cold, 1, R_X86_64_PLT32, elf_out_undef(p, "capable", STB_GLOBAL), -4);
	u = fix_unit(&f, plain_original(), p, true);
	extract(0);
	ef = fix_extracted(u);
	ck_assert_ptr_nonnull(elf_symbol(ef, "f.cold", STT_FUNC));
	ck_assert_str_eq(fix_target(ef, ".text.unlikely", 1), "capable");
	ck_assert_uint_eq(f.b.patch_flags, 0);
	elf_close(ef);
}
END_TEST

/* The assembler resolves calls inside .sched.text by itself. */
START_TEST(call_without_relocation)
{
	struct elf_out *o = plain_original(), *p = elf_out_new();
	const struct elf_section *s;
	struct elf_file *ef;
	struct unit *u;
	uint32_t sec, own;

	fix_function(o, "helper", "\xc3", 1, &own);
	sec = elf_out_section(p, ".sched.text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	elf_out_append(p, sec, "\xc3", 1, 16);
	elf_out_append(p, sec, "\x55\xe8\xea\xff\xff\xff\xc3", 7, 16);
	elf_out_symbol(p, "helper", STB_LOCAL, STT_FUNC, sec, 0, 1);
	elf_out_symbol(p, "f", STB_GLOBAL, STT_FUNC, sec, 16, 7);
	u = fix_unit(&f, o, p, true);
	for (size_t i = 0; i < u->nr_symbols; i++)
		if (!strcmp(u->symbols[i].patched->name, "helper"))
			u->symbols[i].change = CHANGE_SAME;
	extract(0);
	ef = fix_extracted(u);
	s = elf_section(ef, ".text");
	ck_assert_uint_eq(s->size, 7);
	ck_assert_str_eq(fix_target(ef, ".text", 2), "qp.vmlinux.helper");
	ck_assert_mem_eq(s->data + 2, "\0\0\0\0", 4);
	elf_close(ef);
}
END_TEST

START_TEST(new_in_one_unit_used_in_another)
{
	struct elf_out *p1 = elf_out_new(), *p2 = elf_out_new(), *o2 = elf_out_new();
	struct elf_file *a, *b;
	struct unit *u1, *u2;
	uint32_t sec;

	fix_function(p1, "f", code, sizeof(code), &sec);
	elf_out_reloc(p1, sec, 1, R_X86_64_PLT32, elf_out_undef(p1, "shared", STB_GLOBAL), -4);
	fix_function(o2, "other", "\xc3", 1, &sec);
	fix_function(p2, "other", "\x90\xc3", 2, &sec);
	fix_function(p2, "shared", "\xc3", 1, &sec);
	u1 = fix_unit(&f, plain_original(), p1, true);
	u2 = fix_unit(&f, o2, p2, true);
	extract(0);
	a = fix_extracted(u1);
	b = fix_extracted(u2);
	ck_assert_str_eq(fix_target(a, ".text", 1), "shared");
	ck_assert_uint_eq(elf_symbol(b, "shared", STT_FUNC)->bind, STB_GLOBAL);
	ck_assert_uint_eq(elf_symbol(b, "other", STT_FUNC)->bind, STB_LOCAL);
	elf_close(a);
	elf_close(b);
}
END_TEST

/* A static function of one unit isn't what another leaves undefined, whichever comes first. */
START_TEST(static_in_one_unit_global_in_another)
{
	struct kernel_place own = { .name = "f" }, other = { .name = "nowhere" };
	struct elf_out *p1 = elf_out_new(), *p2 = elf_out_new(), *p3 = elf_out_new();
	struct elf_file *a, *c;
	uint32_t sec, text;

	fix_function(p1, "f", code, sizeof(code), &sec);
	elf_out_reloc(p1, sec, 1, R_X86_64_PLT32, elf_out_undef(p1, "shared", STB_GLOBAL), -4);
	text = elf_out_section(p2, ".text.own", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	elf_out_append(p2, text, "\xc3", 1, 16);
	elf_out_symbol(p2, "shared", STB_LOCAL, STT_FUNC, text, 0, 1);
	fix_function(p3, "shared", "\x90\xc3", 2, &sec);
	fix_unit(&f, plain_original(), p1, true);
	fix_unit(&f, elf_out_new(), p2, true);
	fix_unit(&f, elf_out_new(), p3, true);
	extract(0);
	a = fix_extracted(&f.units[0]);
	c = fix_extracted(&f.units[2]);
	ck_assert_str_eq(fix_target(a, ".text", 1), "shared.u2");	/* the static one came first */
	ck_assert_uint_eq(elf_symbol(c, "shared.u2", STT_FUNC)->size, 2);
	ck_assert_uint_eq(elf_symbol(c, "shared.u2", STT_FUNC)->bind, STB_GLOBAL);
	/* The kernel's function of a name that the patch has, too, is asked for by another one. */
	ck_assert_str_ne(ksym_get(f.b.extract, QP_VMLINUX, &own, true)->link_name, "f");
	ck_assert_str_eq(ksym_get(f.b.extract, QP_VMLINUX, &other, true)->link_name, "nowhere");
	elf_close(a);
	elf_close(c);
}
END_TEST

START_TEST(equal_names_of_two_units)
{
	struct elf_out *p1 = elf_out_new(), *p2 = elf_out_new();
	struct elf_file *b;
	uint32_t sec;

	fix_function(p1, "f", "\x90\xc3", 2, &sec);
	fix_function(p2, "f", "\x90\xc3", 2, &sec);
	fix_unit(&f, plain_original(), p1, true);
	fix_unit(&f, plain_original(), p2, true);
	extract(0);
	b = fix_extracted(&f.units[1]);
	ck_assert_ptr_null(elf_symbol(b, "f", STT_FUNC));
	ck_assert_ptr_nonnull(elf_symbol(b, "f.u1", STT_FUNC));
	elf_close(b);
}
END_TEST

/* QP_CALLBACKS() and QP_STATE() of an author: arrays for the core, and functions that escape to nobody. */
START_TEST(what_an_author_adds)
{
	static const char name[] = "isofs";
	struct qp_state_desc states[2] = { { .id = 7, .version = 1 }, { .id = 8, .version = 2 } };
	struct elf_out *p = elf_out_new();
	uint32_t f_sec, hook_sec, cb, st, ro;
	const struct elf_section *s;
	struct elf_file *ef;

	fix_function(p, "f", "\xe8\0\0\0\0\xc3", 6, &f_sec);
	elf_out_reloc(p, f_sec, 1, R_X86_64_PLT32, elf_out_undef(p, "qp_shadow_get", STB_GLOBAL), -4);
	ro = elf_out_section(p, ".rodata.names", SHT_PROGBITS, SHF_ALLOC, 1, 0);
	elf_out_append(p, ro, name, sizeof(name), 1);
	cb = elf_out_section(p, QP_SEC_CALLBACKS, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	elf_out_append(p, cb, NULL, sizeof(struct qp_callback_desc), 8);
	elf_out_reloc(p, cb, 0, R_X86_64_64, elf_out_symbol(p, "qp_callback_object_1", STB_LOCAL,
			STT_OBJECT, ro, 0, sizeof(name)), 0);
	elf_out_reloc(p, cb, 8, R_X86_64_64, fix_function(p, "hook", "\xc3", 1, &hook_sec), 0);
	st = elf_out_section(p, QP_SEC_STATES, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	elf_out_append(p, st, states, sizeof(states), 8);
	fix_unit(&f, plain_original(), p, true);
	extract(0);
	ck_assert_uint_eq(f.b.extract->nr_callbacks, 1);
	ck_assert_uint_eq(f.b.extract->nr_states, 2);
	ck_assert_uint_eq(f.b.extract->callback_objects.nr, 1);
	ck_assert_str_eq(f.b.extract->callback_objects.list[0], "isofs");
	ck_assert_uint_eq(f.b.patch_flags & QP_PATCH_IRREVERTIBLE, 0);
	ef = fix_extracted(&f.units[0]);
	s = elf_section(ef, QP_SEC_STATES);
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->size, sizeof(states));
	ck_assert(!memcmp(s->data, states, sizeof(states)));
	ck_assert_str_eq(fix_target(ef, QP_SEC_CALLBACKS, 8), "hook");
	ck_assert_str_eq(fix_target(ef, ".text", 1), "qp_shadow_get");
	elf_close(ef);
}
END_TEST

START_TEST(array_of_half_entries)
{
	struct elf_out *p = elf_out_new();
	uint32_t sec, st;

	fix_function(p, "f", "\x90\xc3", 2, &sec);
	st = elf_out_section(p, QP_SEC_STATES, SHT_PROGBITS, SHF_ALLOC, 8, 0);
	elf_out_append(p, st, NULL, 24, 8);
	fix_unit(&f, plain_original(), p, true);
	ck_assert_int_eq(units_extract(&f.b, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, QP_SEC_STATES));
}
END_TEST

START_TEST(refusals)
{
	struct elf_out *p = elf_out_new();
	uint32_t sec, percpu, var, init;

	fix_function(p, "f", code, sizeof(code), &sec);
	percpu = elf_out_section(p, ".data..percpu", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	elf_out_append(p, percpu, NULL, 8, 8);
	var = elf_out_symbol(p, "per_cpu_var", STB_LOCAL, STT_OBJECT, percpu, 0, 8);
	elf_out_reloc(p, sec, 1, R_X86_64_PLT32, elf_out_undef(p, "nowhere", STB_GLOBAL), -4);
	elf_out_reloc(p, sec, 13, R_X86_64_32S, var, 0);
	elf_out_reloc(p, sec, 19, R_X86_64_PC32, elf_out_undef(p, "runtime_ptr_x", STB_GLOBAL), -8);
	init = elf_out_section(p, ".init.text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	elf_out_append(p, init, "\xc3", 1, 1);
	var = elf_out_symbol(p, "setup", STB_LOCAL, STT_FUNC, init, 0, 1);
	elf_out_reloc(p, sec, 6, R_X86_64_PLT32, var, -4);
	fix_unit(&f, plain_original(), p, true);
	extract(4);
}
END_TEST

START_TEST(unproven_data_is_refused_once_flags_are_not)
{
	struct elf_out *o = plain_original(), *p = elf_out_new();
	uint32_t sec, f_sec, count, once;

	fix_variable(o, "count", 4, &sec);
	fix_variable(o, "__already_done.3", 1, &sec);
	fix_function(p, "f", code, sizeof(code), &f_sec);
	count = fix_variable(p, "count", 4, &sec);
	once = fix_variable(p, "__already_done.3", 1, &sec);
	elf_out_reloc(p, f_sec, 13, R_X86_64_32S, count, 0);
	elf_out_reloc(p, f_sec, 19, R_X86_64_PC32, once, -8);
	fix_unit(&f, o, p, false);
	extract(1);
}
END_TEST

START_TEST(instruction_lengths)
{
	static const struct { uint8_t b[12]; unsigned int len, imm, rel; } t[] = {
		{ { 0xe8, 1, 2, 3, 4 }, 5, 0, 4 },
		{ { 0xeb, 5 }, 2, 0, 1 },
		{ { 0x0f, 0x85, 1, 2, 3, 4 }, 6, 0, 4 },
		{ { 0x48, 0xc7, 0x05, 0, 0, 0, 0, 1, 2, 3, 4 }, 11, 4, 0 },
		{ { 0x66, 0xc7, 0x05, 0, 0, 0, 0, 1, 2 }, 9, 2, 0 },
		{ { 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8 }, 10, 8, 0 },
		{ { 0xf6, 0x05, 0, 0, 0, 0, 1 }, 7, 1, 0 },
		{ { 0xf7, 0xd8 }, 2, 0, 0 },
		{ { 0x8b, 0x44, 0x24, 8 }, 4, 0, 0 },
		{ { 0x8b, 0x04, 0x25, 0, 0, 0, 0 }, 7, 0, 0 },
	};
	struct insn i;

	for (size_t n = 0; n < sizeof(t) / sizeof(*t); n++) {
		ck_assert_int_eq(insn_decode(t[n].b, t[n].len, &i), 0);
		ck_assert_uint_eq(i.len, t[n].len);
		ck_assert_uint_eq(i.imm, t[n].imm);
		ck_assert_uint_eq(i.rel, t[n].rel);
		ck_assert_int_eq(insn_decode(t[n].b, t[n].len - 1, &i), -EINVAL);
	}
	ck_assert_int_eq(insn_decode((const uint8_t *)"\x62\xf1\x65\x08", 4, &i), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("extract");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, exported_by_its_name_others_lent);
	tcase_add_test(tc, calls_are_direct_addresses_are_not);
	tcase_add_test(tc, one_name_of_two_objects);
	tcase_add_test(tc, freed_memory_is_refused);
	tcase_add_test(tc, end_of_the_kernel_is_refused);
	tcase_add_test(tc, bounds_check_is_copied_without_the_work_folder);
	tcase_add_loop_test(tc, new_function_whose_address_escapes, 0, 2);
	tcase_add_test(tc, data_is_referenced_new_data_copied);
	tcase_add_test(tc, only_the_string_that_is_used);
	tcase_add_test(tc, only_the_constant_that_is_used);
	tcase_add_test(tc, cold_part_follows);
	tcase_add_test(tc, call_without_relocation);
	tcase_add_test(tc, new_in_one_unit_used_in_another);
	tcase_add_test(tc, static_in_one_unit_global_in_another);
	tcase_add_test(tc, equal_names_of_two_units);
	tcase_add_test(tc, what_an_author_adds);
	tcase_add_test(tc, array_of_half_entries);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, unproven_data_is_refused_once_flags_are_not);
	tcase_add_test(tc, instruction_lengths);
	return fixture_run("extract", tc);
}
