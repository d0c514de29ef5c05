// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_kallsyms.c - symbols out of an image without symbols.  The fixture
 * encodes tables as the kernel's scripts/kallsyms.c does, in each of its layouts.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "target/kallsyms.h"

#define BASE	0xffffffff81000000ull
#define NR	600	/* three markers */
#define NR_PERCPU 3

static uint8_t image[1 << 20];
static size_t len;
static size_t offsets;	/* where they start in the image */
static struct klp_err err;
static struct kallsyms k;

static void put(const void *data, size_t n)
{
	memcpy(image + len, data, n);
	len += n;
}

static void put8(uint8_t v)
{
	put(&v, 1);
}

static void put16(uint16_t v)
{
	put(&v, 2);
}

static void put32(uint32_t v)
{
	put(&v, 4);
}

static void put64(uint64_t v)
{
	put(&v, 8);
}

static size_t step = 8;	/* what tables are aligned to */

static void align(void)
{
	while (len & (step - 1))
		put8(0);
}

/* Token 1 and 2 stand for several characters, others for themselves or nothing. */
static const char *token(int i)
{
	static char single[2];

	if (i == 1)
		return "sys_";
	if (i == 2)
		return "__x64_";
	single[0] = (char)(i > ' ' && i < 127 ? i : 0);
	return single;
}

static char *symbol_name(size_t i)
{
	char *s;

	/* Longer than 127 tokens: its length takes two bytes. */
	if (i == 300)
		ck_assert(asprintf(&s, "%0200d", 7) > 0);
	else
		ck_assert(asprintf(&s, "__x64_sys_call%zu", i) > 0);
	return s;
}

static void put_name(size_t i)
{
	char *s = symbol_name(i), coded[512];
	size_t n = 0;

	coded[n++] = i < NR_PERCPU ? 'A' : 't';
	if (i == 300) {
		memcpy(coded + n, s, strlen(s));
		n += strlen(s);
	} else {
		coded[n++] = 2;
		coded[n++] = 1;
		memcpy(coded + n, s + 10, strlen(s + 10));
		n += strlen(s + 10);
	}
	if (n > 127) {
		put8((uint8_t)(0x80 | (n & 0x7f)));
		put8((uint8_t)(n >> 7));
	} else {
		put8((uint8_t)n);
	}
	put(coded, n);
	free(s);
}

static uint64_t address(size_t i)
{
	return i < NR_PERCPU ? 0x1000 * i : BASE + 16 * i;
}

static void put_offsets(bool absolute_percpu)
{
	offsets = len;
	for (size_t i = 0; i < NR; i++) {
		if (!absolute_percpu)
			put32((uint32_t)(16 * i));
		else if (i < NR_PERCPU)
			put32((uint32_t)address(i));
		else
			put32((uint32_t)(BASE - 1 - address(i)));
	}
	align();
	put64(BASE);
}

static void put_names(bool seqs)
{
	uint32_t markers[NR / 256 + 1];
	size_t start;

	put32(NR);
	align();
	start = len;
	for (size_t i = 0; i < NR; i++) {
		if (i % 256 == 0)
			markers[i / 256] = (uint32_t)(len - start);
		put_name(i);
	}
	align();
	put(markers, sizeof(markers));
	align();
	for (size_t i = 0; seqs && i < NR; i++) {
		put8(0);
		put16((uint16_t)i);
	}
	align();
}

static void put_tokens(void)
{
	uint16_t index[256];
	size_t start = len;

	for (int i = 0; i < 256; i++) {
		index[i] = (uint16_t)(len - start);
		put(token(i), strlen(token(i)) + 1);
	}
	align();
	put(index, sizeof(index));
	align();
}

/* Bytes that are no table, but hold the digits that betray one. */
static void put_noise(void)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";

	len = 0;
	for (int i = 0; i < 3000; i++)
		put8((uint8_t)(i * 7 + i / 13));
	put(digits, sizeof(digits));
	align();
}

static void old_layout(bool seqs)
{
	put_noise();
	put_offsets(true);
	put_names(seqs);
	put_tokens();
	put64(0x1234);
}

static void new_layout(bool absolute_percpu)
{
	put_noise();
	put_names(false);
	put_tokens();
	put_offsets(absolute_percpu);
	put64(0x1234);
}

/* An ELF header with one segment, as put_noise() leaves room for at the front. */
static void newest_layout(void)
{
	static const uint64_t shift = 0x1ff000;	/* of file offsets to addresses from BASE on */
	Elf64_Ehdr eh = {
		.e_ident = ELFMAG,
		.e_phoff = sizeof(eh),
		.e_phnum = 1,
		.e_phentsize = sizeof(Elf64_Phdr),
	};
	Elf64_Phdr ph = { .p_type = PT_LOAD, .p_vaddr = BASE + shift };

	step = 4;
	put_noise();
	if (!(len & 4))
		put32(0x5555);	/* so that an alignment of 8 goes wrong */
	put_names(false);
	put_tokens();
	offsets = len;
	for (size_t i = 0; i < NR; i++)
		put32((uint32_t)(BASE + 16 * i - (BASE + shift + len)));
	ph.p_filesz = len;
	memcpy(image, &eh, sizeof(eh));
	memcpy(image + sizeof(eh), &ph, sizeof(ph));
	step = 8;
}

static void check_symbols(bool absolute_percpu)
{
	ck_assert_msg(!kallsyms_parse(image, len, &k, &err), "%s", err.text);
	ck_assert_uint_eq(k.nr, NR);
	for (size_t i = 0; i < NR; i++) {
		char *want = symbol_name(i);

		ck_assert_str_eq(k.strings + k.symbols[i].name, want);
		ck_assert_int_eq(k.symbols[i].type, i < NR_PERCPU ? 'A' : 't');
		ck_assert_uint_eq(k.symbols[i].address,
				  absolute_percpu ? address(i) : BASE + 16 * i);
		free(want);
	}
	kallsyms_free(&k);
}

START_TEST(layout_of_6_1)
{
	old_layout(false);
	check_symbols(true);
}
END_TEST

START_TEST(layout_with_seqs_of_names)
{
	old_layout(true);
	check_symbols(true);
}
END_TEST

START_TEST(layout_of_6_12)
{
	new_layout(true);
	check_symbols(true);
}
END_TEST

START_TEST(without_absolute_percpu)
{
	new_layout(false);
	check_symbols(false);
}
END_TEST

START_TEST(layout_of_7_0)
{
	newest_layout();
	check_symbols(false);
	/* Offsets that count from themselves say nothing without an address. */
	memset(image, 0, sizeof(Elf64_Ehdr));
	ck_assert_int_eq(kallsyms_parse(image, len, &k, &err), -EBADMSG);
}
END_TEST

START_TEST(no_table)
{
	put_noise();
	ck_assert_int_eq(kallsyms_parse(image, len, &k, &err), -ENOENT);
	ck_assert_int_eq(kallsyms_parse(image, 0, &k, &err), -ENOENT);
}
END_TEST

START_TEST(wrong_marker)
{
	static const uint8_t first[] = { 0, 0, 0, 0 };
	uint8_t *markers;

	old_layout(false);
	/* The second marker follows the first one, which is 0, behind the last name. */
	markers = memmem(image + 3000, len - 3000, "call599", 7);
	ck_assert_ptr_nonnull(markers);
	markers = memmem(markers, 64, first, sizeof(first));
	while ((size_t)(markers - image) & 3)
		markers++;
	markers[4]++;
	ck_assert_int_eq(kallsyms_parse(image, len, &k, &err), -EBADMSG);
}
END_TEST

START_TEST(addresses_that_descend)
{
	old_layout(false);
	memset(image + offsets + 4 * 300, 0xff, 4);
	ck_assert_int_eq(kallsyms_parse(image, len, &k, &err), -EBADMSG);
}
END_TEST

START_TEST(truncated_anywhere)
{
	size_t whole;

	old_layout(false);
	whole = len - 8;
	for (size_t n = 0; n < whole; n += 61) {
		uint8_t *copy = malloc(n + 1);

		/* A copy of its own, so that valgrind and ASan see an overrun. */
		memcpy(copy, image, n);
		ck_assert_int_lt(kallsyms_parse(copy, n, &k, &err), 0);
		free(copy);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("kallsyms");

	tcase_add_test(tc, layout_of_6_1);
	tcase_add_test(tc, layout_with_seqs_of_names);
	tcase_add_test(tc, layout_of_6_12);
	tcase_add_test(tc, without_absolute_percpu);
	tcase_add_test(tc, layout_of_7_0);
	tcase_add_test(tc, no_table);
	tcase_add_test(tc, wrong_marker);
	tcase_add_test(tc, addresses_that_descend);
	tcase_add_test(tc, truncated_anywhere);
	return fixture_run("kallsyms", tc);
}
