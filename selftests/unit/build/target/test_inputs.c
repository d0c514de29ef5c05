// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_inputs.c - source, configuration and exports that aren't the image's are
 * named.  The image is made in code: a banner's worth of strings, notes, a copy
 * of its configuration, an export table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "elf.h"
#include "err.h"
#include "fixture.h"
#include "object/elf_write.h"
#include "target/inputs.h"
#include "target/kallsyms.h"

#define KREL	"6.1.7-mine"

static const char config[] =
	"# CONFIG_NUMA is not set\n"
	"CONFIG_SMP=y\n"
	"CONFIG_MODULE_UNLOAD=y\n"
	"CONFIG_MODVERSIONS=y\n"
	"CONFIG_BUILD_SALT=\"pepper\"\n";

static struct elf_out *out;
static struct elf_file *image;
static char *folder, *path;
static struct klp_err err;

static void setup(void)
{
	folder = fixture_folder();
	path = fixture_path(folder, "vmlinux");
	out = elf_out_new();
	image = NULL;
	err = (struct klp_err){ 0 };
}

static void teardown(void)
{
	elf_out_free(out);
	elf_close(image);
	fixture_remove(folder);
	free(path);
}

static uint32_t rodata(const char *name)
{
	return elf_out_section(out, name, SHT_PROGBITS, SHF_ALLOC, 4, 0);
}

static void finish(void)
{
	ck_assert_msg(!elf_out_write(out, path, &err), "%s", err.text);
	elf_out_free(out);
	out = NULL;
	ck_assert_msg(!elf_open(path, &image, &err), "%s", err.text);
}

static void add_string(const char *s)
{
	elf_out_append(out, rodata(".rodata"), s, strlen(s) + 1, 1);
}

static void add_salt(const char *salt)
{
	uint32_t head[3] = { 6, (uint32_t)strlen(salt) + 1, 0x100 }, sec = rodata(".notes");
	/* Another one first, as in each kernel: the build-id. */
	static const uint8_t other[] = { 4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 1, 2, 3, 4 };

	elf_out_append(out, sec, other, sizeof(other), 1);
	elf_out_append(out, sec, head, sizeof(head), 1);
	elf_out_append(out, sec, "Linux\0\0", 8, 1);
	elf_out_append(out, sec, salt, strlen(salt) + 1, 1);
}

/* As kernel/configs.c: a gzip stream between two marks. */
static void add_own_config(const char *text)
{
	uint8_t packed[4096];
	z_stream z = { 0 };
	uint32_t sec = rodata(".rodata");

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (uint8_t *)(uintptr_t)text;
	z.avail_in = (unsigned int)strlen(text);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	elf_out_append(out, sec, "IKCFG_ST", 8, 1);
	elf_out_append(out, sec, packed, z.total_out, 1);
	elf_out_append(out, sec, "IKCFG_ED", 8, 1);
	deflateEnd(&z);
}

static int check_config(const char *text)
{
	finish();
	return inputs_check_config(image, KREL, text, "x.config", &err);
}

START_TEST(version_of_a_tree)
{
	char *v = inputs_version("# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 176\nEXTRAVERSION =\n");

	ck_assert_str_eq(v, "6.1.176");
	ck_assert(!inputs_check_version(v, "Linux version 6.1.176-mine (me@here)", &err));
	ck_assert(!inputs_check_version(v, "Linux version 6.1.0-50 (d@d) #1 SMP Debian 6.1.176-1", &err));
	ck_assert_int_eq(inputs_check_version(v, "Linux version 6.1.17-mine", &err), -EINVAL);
	ck_assert_int_eq(inputs_check_version(v, "Linux version 6.1.1761-mine", &err), -EINVAL);
	ck_assert_int_eq(inputs_check_version(v, "Linux version 16.1.176", &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "6.1.176"));
	free(v);
	ck_assert_ptr_null(inputs_version("all:\n\ttrue\n"));
}
END_TEST

START_TEST(right_configuration)
{
	add_salt("pepper");
	add_own_config(config);
	add_string(KREL " SMP mod_unload modversions ");
	ck_assert_msg(!check_config(config), "%s", err.text);
}
END_TEST

START_TEST(an_image_may_say_nothing)
{
	add_string("nothing");
	ck_assert_msg(!check_config(config), "%s", err.text);
}
END_TEST

START_TEST(own_configuration_differs)
{
	add_own_config("CONFIG_SMP=y\nCONFIG_MODULE_UNLOAD=y\n");
	ck_assert_int_eq(check_config(config), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "CONFIG_MODVERSIONS=y"));
	ck_assert_ptr_nonnull(strstr(err.text, "x.config"));
}
END_TEST

START_TEST(own_configuration_has_more)
{
	char more[512];

	snprintf(more, sizeof(more), "%sCONFIG_NUMA=y\n", config);
	add_own_config(more);
	ck_assert_int_eq(check_config(config), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "CONFIG_NUMA=y"));
}
END_TEST

START_TEST(other_salt)
{
	add_salt("salt");
	ck_assert_int_eq(check_config(config), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "\"pepper\""));
	ck_assert_ptr_nonnull(strstr(err.text, "\"salt\""));
}
END_TEST

START_TEST(other_vermagic)
{
	add_string(KREL " SMP preempt mod_unload modversions ");
	ck_assert_int_eq(check_config(config), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, KREL " SMP preempt mod_unload modversions"));
}
END_TEST

/* The strings follow the table in its own section, which a whole image has elsewhere. */
static void exporting_image(bool checksums)
{
	static const char names[] = "alpha\0beta";
	const uint32_t crc[2] = { 0x11, 0x22 };
	int32_t entry[2][3] = { { 0, 2 * 12 - 4, 0 }, { 0, 2 * 12 + 6 - 16, 0 } };
	uint32_t sec = rodata("__ksymtab");

	elf_out_append(out, sec, entry, sizeof(entry), 4);
	if (checksums)
		elf_out_append(out, rodata("__kcrctab"), crc, sizeof(crc), 4);
	/* A third entry's worth of bytes: eleven of names and one more. */
	elf_out_append(out, sec, names, sizeof(names), 1);
	elf_out_append(out, sec, "", 1, 1);
	finish();
}

static int check_symvers(const char *text)
{
	return inputs_check_symvers(image, text, "x.symvers", &err);
}

START_TEST(right_exports)
{
	exporting_image(true);
	ck_assert_msg(!check_symvers("0x00000022\tbeta\tvmlinux\tEXPORT_SYMBOL\t\n"
				     "0x00000033\tgamma\tfs/x\tEXPORT_SYMBOL\t\n"
				     "0x00000011\talpha\tvmlinux\tEXPORT_SYMBOL_GPL\t\n"), "%s", err.text);
	/* A kernel without MODVERSIONS: all zero. */
	ck_assert_msg(!check_symvers("0x00000000\tbeta\tvmlinux\tEXPORT_SYMBOL\t\n"
				     "0x00000000\talpha\tvmlinux\tEXPORT_SYMBOL_GPL\t\n"), "%s", err.text);
}
END_TEST

START_TEST(wrong_exports)
{
	exporting_image(true);
	ck_assert_int_eq(check_symvers("0x00000022\tbeta\tvmlinux\tEXPORT_SYMBOL\t\n"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "alpha is exported by the image only"));
	ck_assert_int_eq(check_symvers("0x22\tbeta\tvmlinux\tE\t\n0x11\talpha\tvmlinux\tE\t\n"
				       "0x44\tdelta\tvmlinux\tE\t\n"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "delta is exported by that file only"));
	ck_assert_int_eq(check_symvers("0x22\tbeta\tvmlinux\tE\t\n0x12\talpha\tvmlinux\tE\t\n"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "checksum of alpha"));
	ck_assert_int_eq(check_symvers(""), -EINVAL);
}
END_TEST

/* An image with symbols against what kallsyms was read as. */
START_TEST(symbols_of_another_build)
{
	static char strings[] = "f\0f\0only_here";
	struct kallsym list[] = { { 0x10, 0, 't' }, { 0x20, 2, 't' }, { 0x30, 4, 'T' } };
	struct kallsyms k = { list, 3, strings, sizeof(strings) };
	uint32_t text = elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	static const uint8_t code[0x40];
	size_t n = 0;

	elf_out_append(out, text, code, sizeof(code), 16);
	elf_out_symbol(out, "f", STB_LOCAL, STT_FUNC, text, 0x20, 8);
	elf_out_symbol(out, "only_there", STB_GLOBAL, STT_FUNC, text, 0x30, 8);
	finish();
	ck_assert_msg(!inputs_check_symbols(image, &k, &n, &err), "%s", err.text);
	ck_assert_uint_eq(n, 1);
	list[1].address = 0x28;
	ck_assert_int_eq(inputs_check_symbols(image, &k, &n, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "f is at 0x20"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("inputs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, version_of_a_tree);
	tcase_add_test(tc, right_configuration);
	tcase_add_test(tc, an_image_may_say_nothing);
	tcase_add_test(tc, own_configuration_differs);
	tcase_add_test(tc, own_configuration_has_more);
	tcase_add_test(tc, other_salt);
	tcase_add_test(tc, other_vermagic);
	tcase_add_test(tc, right_exports);
	tcase_add_test(tc, wrong_exports);
	tcase_add_test(tc, symbols_of_another_build);
	return fixture_run("inputs", tc);
}
