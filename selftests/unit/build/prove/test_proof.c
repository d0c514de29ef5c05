// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The proof, against a shipped module made in code: what is equal, what isn't,
 * where things are, and what the core must find in memory.
 */
#include <check.h>
#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "elffix.h"
#include "fixture.h"
#include "prove/proof.h"
#include "quietpatch.h"
#include "target/target.h"

static struct target target = { .major = 6, .minor = 1 };
static struct build build = { .target = &target };
static struct unit unit;
static struct elf_out *obj, *ko;
static char *folder;

static const uint8_t code[32] = { 0xe8, 0, 0, 0, 0, 0x48, 0x89, 0xf8, 0xc3 };
static const uint8_t zeros[32];

static void setup(void)
{
	folder = fixture_folder();
	obj = elf_out_new();
	ko = elf_out_new();
	unit = (struct unit){ .source = "a.c", .object = "mod" };
	unit.module_path = fixture_path(folder, "mod.ko");
}

static void teardown(void)
{
	proof_free(unit.proof);
	elf_close(unit.orig);
	free(unit.module_path);
	fixture_remove(folder);
}

static void prove(void)
{
	struct klp_err err = { 0 };

	elffix_write(ko, unit.module_path);
	unit.orig = elffix_finish(obj);
	ck_assert_msg(!unit_prove(&build, &unit, &err), "%s", err.text);
}

static const struct elf_symbol *sym(const char *name)
{
	const struct elf_symbol *s = elf_symbol(unit.orig, name, STT_NOTYPE);

	ck_assert_msg(s, "no %s", name);
	return s;
}

static bool proven(const char *name)
{
	return proof_how(&unit, sym(name)) != NULL;
}

static const char *why_not(const char *name)
{
	static char buf[256];

	proof_why_not(&unit, sym(name), buf, sizeof(buf));
	return buf;
}

/* In the object each function has its section, in the module all share .text. */
static struct elffix shipped(const char *name, uint8_t bind, const uint8_t *bytes)
{
	return elffix_function_in(ko, ".text", name, bind, false, bytes, 32);
}

static struct elffix compiled(const char *name, uint8_t bind)
{
	return elffix_function(obj, name, bind, false, code, sizeof(code));
}

START_TEST(equal_function_is_proven_and_placed)
{
	struct kernel_place place;

	shipped("other", STB_GLOBAL, zeros);
	elffix_undef(ko, shipped("f", STB_GLOBAL, code), 1, R_X86_64_PLT32, "callee");
	elffix_undef(obj, compiled("f", STB_GLOBAL), 1, R_X86_64_PLT32, "callee");
	prove();
	ck_assert(proven("f"));
	ck_assert_str_eq(proof_how(&unit, sym("f")), "bytes");
	ck_assert_int_eq(proof_place(&unit, sym("f"), &place), 0);
	ck_assert_str_eq(place.name, "f");
	ck_assert_str_eq(place.section, ".text");
	ck_assert_uint_eq(place.address, 32);
	ck_assert_uint_eq(place.size, 32);
	ck_assert_uint_eq(place.sympos, 0);
}
END_TEST

START_TEST(one_byte_tells)
{
	uint8_t bytes[32];

	memcpy(bytes, code, 32);
	bytes[6] ^= 1;
	shipped("f", STB_GLOBAL, bytes);
	compiled("f", STB_GLOBAL);
	prove();
	ck_assert(!proven("f"));
	ck_assert_msg(strstr(why_not("f"), "first difference at +0x6: byte 89, shipped 88"), "%s",
		      why_not("f"));
}
END_TEST

START_TEST(another_callee_tells)
{
	elffix_undef(ko, shipped("f", STB_GLOBAL, code), 1, R_X86_64_PLT32, "another");
	elffix_undef(obj, compiled("f", STB_GLOBAL), 1, R_X86_64_PLT32, "callee");
	prove();
	ck_assert(!proven("f"));
	ck_assert_msg(strstr(why_not("f"), "refers to callee, the shipped one to another"), "%s",
		      why_not("f"));
}
END_TEST

START_TEST(what_isnt_shipped_isnt_proven)
{
	shipped("g", STB_GLOBAL, code);
	compiled("f", STB_GLOBAL);
	prove();
	ck_assert(!proven("f"));
	ck_assert_msg(strstr(why_not("f"), "no symbol of that name"), "%s", why_not("f"));
}
END_TEST

START_TEST(strings_count_by_content)
{
	elffix_string(ko, "padding before");
	elffix_ref(ko, shipped("f", STB_GLOBAL, code), 10, R_X86_64_32S,
		   elffix_string(ko, "hello"), 0);
	elffix_ref(ko, shipped("g", STB_GLOBAL, code), 10, R_X86_64_32S,
		   elffix_string(ko, "hallo"), 0);
	elffix_ref(obj, compiled("f", STB_GLOBAL), 10, R_X86_64_32S,
		   elffix_string(obj, "hello"), 0);
	elffix_ref(obj, compiled("g", STB_GLOBAL), 10, R_X86_64_32S,
		   elffix_string(obj, "hello"), 0);
	prove();
	ck_assert(proven("f"));
	ck_assert(!proven("g"));
}
END_TEST

/* Two static functions called "twin", alike: the caller's reference settles which. */
START_TEST(equal_copies_are_settled_by_their_caller)
{
	struct elffix first, second, user;
	struct kernel_place place;

	first = shipped("twin", STB_LOCAL, code);
	second = shipped("twin", STB_LOCAL, code);
	user = shipped("user", STB_GLOBAL, code);
	(void)first;
	elffix_ref(ko, user, 1, R_X86_64_PLT32, second, -4);
	elffix_ref(obj, compiled("user", STB_GLOBAL), 1, R_X86_64_PLT32,
		   compiled("twin", STB_LOCAL), -4);
	prove();
	ck_assert(proven("user"));
	ck_assert(proven("twin"));
	ck_assert_int_eq(proof_place(&unit, sym("twin"), &place), 0);
	ck_assert_uint_eq(place.address, 32);
	ck_assert_uint_eq(place.sympos, 2);
}
END_TEST

START_TEST(equal_copies_without_a_caller_stay_open)
{
	shipped("twin", STB_LOCAL, code);
	shipped("twin", STB_LOCAL, code);
	compiled("twin", STB_LOCAL);
	prove();
	ck_assert(!proven("twin"));
	ck_assert_msg(strstr(why_not("twin"), "2 equal copies"), "%s", why_not("twin"));
}
END_TEST

/* count.0 here is count.3 there: a relocation of a proven function says where. */
START_TEST(data_is_placed_by_relocations)
{
	struct elffix f = shipped("f", STB_GLOBAL, code), data;
	struct kernel_place place;

	elffix_data(ko, ".bss", "before", STB_LOCAL, NULL, 16);
	data = elffix_data(ko, ".bss", "count.3", STB_LOCAL, NULL, 8);
	elffix_ref(ko, f, 10, R_X86_64_32S, data, 0);
	elffix_ref(obj, compiled("f", STB_GLOBAL), 10, R_X86_64_32S,
		   elffix_data(obj, ".bss.count.0", "count.0", STB_LOCAL, NULL, 8), 0);
	prove();
	ck_assert(proven("f"));
	ck_assert_int_eq(proof_place(&unit, sym("count.0"), &place), 0);
	ck_assert_str_eq(place.name, "count.3");
	ck_assert_uint_eq(place.address, 16);
}
END_TEST

/* Two functions that disagree on where a variable is can't both be the shipped ones. */
START_TEST(claims_must_agree)
{
	struct elffix a, b, data;

	a = elffix_data(ko, ".bss", "x.0", STB_LOCAL, NULL, 8);
	b = elffix_data(ko, ".bss", "x.1", STB_LOCAL, NULL, 8);
	elffix_ref(ko, shipped("f", STB_GLOBAL, code), 10, R_X86_64_32S, a, 0);
	elffix_ref(ko, shipped("g", STB_GLOBAL, code), 10, R_X86_64_32S, b, 0);
	data = elffix_data(obj, ".bss.v", "v", STB_LOCAL, NULL, 8);
	elffix_ref(obj, compiled("f", STB_GLOBAL), 10, R_X86_64_32S, data, 0);
	elffix_ref(obj, compiled("g", STB_GLOBAL), 10, R_X86_64_32S, data, 0);
	prove();
	ck_assert(proven("f") != proven("g"));
}
END_TEST

/* A call within the module's .text has no relocation there: the distance is decoded. */
START_TEST(call_without_relocation)
{
	uint8_t right[32], wrong[32];

	memcpy(right, code, 32);
	memcpy(wrong, code, 32);
	right[1] = 64 - 5;		/* from f at 0 to g at 64 */
	wrong[1] = 64 - 32 - 5 + 4;	/* from h at 32 into g */
	shipped("f", STB_GLOBAL, right);
	shipped("h", STB_GLOBAL, wrong);
	shipped("g", STB_GLOBAL, zeros);
	elffix_undef(obj, compiled("f", STB_GLOBAL), 1, R_X86_64_PLT32, "g");
	elffix_undef(obj, compiled("h", STB_GLOBAL), 1, R_X86_64_PLT32, "g");
	prove();
	ck_assert(proven("f"));
	ck_assert(!proven("h"));
}
END_TEST

/* jmp (disabled jump label) in the object, NOP in what objtool made of it. */
START_TEST(jump_label_nops_are_equal)
{
	uint8_t jmp[32] = { 0xeb, 4 }, nop[32] = { 0x66, 0x90 };
	struct elffix f, e, key;

	elffix_function_in(ko, ".text", "f", STB_GLOBAL, false, nop, 32);
	elffix_function_in(ko, ".text", "g", STB_GLOBAL, false, nop, 32);
	f = elffix_function(obj, "f", STB_GLOBAL, false, jmp, 32);
	elffix_function(obj, "g", STB_GLOBAL, false, jmp, 32);	/* no entry: no excuse */
	key = elffix_data(obj, ".data.key", "key", STB_LOCAL, zeros, 16);
	e = elffix_entry(obj, "__jump_table", zeros, 16);
	elffix_entry_ref(obj, e, 0, f, 0);
	elffix_entry_ref(obj, e, 4, f, 6);
	elf_out_reloc(obj, e.sec, e.off + 8, R_X86_64_PC64,
		      elf_out_section_symbol(obj, key.sec), 0);
	prove();
	ck_assert(proven("f"));
	ck_assert(!proven("g"));
}
END_TEST

START_TEST(overridden_weak_function)
{
	shipped("f", STB_GLOBAL, zeros);
	compiled("f", STB_WEAK);
	prove();
	ck_assert(!proven("f"));
	ck_assert(proof_is_overridden(&unit, sym("f")));
}
END_TEST

START_TEST(expectation_masks_what_boot_rewrites)
{
	uint8_t alt[12] = { [10] = 3, [11] = 3 }, want[32], digest[32], expected[32];
	struct elffix f = shipped("f", STB_GLOBAL, code), e;
	struct qp_mask *masks = NULL;
	size_t nr = 0;

	elffix_undef(ko, f, 1, R_X86_64_PLT32, "__fentry__");
	e = elffix_entry(ko, "__mcount_loc", zeros, 8);
	elf_out_reloc(ko, e.sec, e.off, R_X86_64_64, elf_out_section_symbol(ko, f.sec), 0);
	e = elffix_entry(ko, ".altinstructions", alt, sizeof(alt));
	elffix_entry_ref(ko, e, 0, f, 5);
	elffix_entry_ref(ko, e, 4, f, 0);
	e = elffix_entry(ko, ".smp_locks", zeros, 4);
	elffix_entry_ref(ko, e, 0, f, 20);
	e = elffix_entry(ko, ".smp_locks", zeros, 4);	/* of another function */
	elffix_entry_ref(ko, e, 0, shipped("g", STB_GLOBAL, code), 3);
	elffix_undef(obj, compiled("f", STB_GLOBAL), 1, R_X86_64_PLT32, "__fentry__");
	prove();
	ck_assert_int_eq(proof_expectation(&unit, sym("f"), &masks, &nr, digest), 0);
	/* The call's 5 bytes and the alternative behind it are one range. */
	ck_assert_uint_eq(nr, 2);
	ck_assert_uint_eq(masks[0].offset, 0);
	ck_assert_uint_eq(masks[0].len, 8);
	ck_assert_uint_eq(masks[1].offset, 20);
	ck_assert_uint_eq(masks[1].len, 1);
	memcpy(want, code, 32);
	memset(want, 0, 8);
	want[20] = 0;
	SHA256(want, 32, expected);
	ck_assert_mem_eq(digest, expected, 32);
	free(masks);
}
END_TEST

START_TEST(no_expectation_without_proof)
{
	struct qp_mask *masks;
	uint8_t digest[32];
	size_t nr;

	shipped("f", STB_GLOBAL, zeros);
	compiled("f", STB_GLOBAL);
	prove();
	ck_assert_int_eq(proof_expectation(&unit, sym("f"), &masks, &nr, digest), -ENOENT);
}
END_TEST

START_TEST(extern_of_the_same_module)
{
	struct kernel_place place;
	const char *object;

	shipped("f", STB_GLOBAL, code);
	shipped("helper", STB_GLOBAL, zeros);
	compiled("f", STB_GLOBAL);
	prove();
	ck_assert_int_eq(proof_place_extern(&build, &unit, "helper", &object, &place), 0);
	ck_assert_str_eq(object, "mod");
	ck_assert_uint_eq(place.address, 32);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("proof");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, equal_function_is_proven_and_placed);
	tcase_add_test(t, one_byte_tells);
	tcase_add_test(t, another_callee_tells);
	tcase_add_test(t, what_isnt_shipped_isnt_proven);
	tcase_add_test(t, strings_count_by_content);
	tcase_add_test(t, equal_copies_are_settled_by_their_caller);
	tcase_add_test(t, equal_copies_without_a_caller_stay_open);
	tcase_add_test(t, data_is_placed_by_relocations);
	tcase_add_test(t, claims_must_agree);
	tcase_add_test(t, call_without_relocation);
	tcase_add_test(t, jump_label_nops_are_equal);
	tcase_add_test(t, overridden_weak_function);
	tcase_add_test(t, expectation_masks_what_boot_rewrites);
	tcase_add_test(t, no_expectation_without_proof);
	tcase_add_test(t, extern_of_the_same_module);
	return fixture_run("proof", t);
}
