// SPDX-License-Identifier: GPL-2.0-or-later
/* test_inspect.c - `klp-build inspect` of a module, of a bundle around it, and of rubbish. */
#include <check.h>
#include <elf.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "cli/cmd.h"
#include "fixture.h"
#include "io.h"
#include "manifest.h"
#include "object/elf_write.h"
#include "quietpatch.h"
#include "schema_holds.h"
#include "sign.h"

static char *folder, *ko, *klp, *json;

/* Strings of a section, one behind the other: the offset of each. */
static uint64_t add_string(struct elf_out *out, uint32_t sec, const char *s)
{
	return elf_out_append(out, sec, s, strlen(s) + 1, 1);
}

static void point(struct elf_out *out, uint32_t sec, uint64_t off, uint32_t strings, const char *s)
{
	elf_out_reloc(out, sec, off, R_X86_64_64, elf_out_section_symbol(out, strings),
		      (int64_t)add_string(out, strings, s));
}

static void make_module(void)
{
	struct qp_patch_desc desc = { .size = sizeof(desc), .abi = QP_ABI, .nr_funcs = 1, .nr_relocs = 2, .nr_callbacks = 1 };
	struct qp_func_desc func = { .old_size = 100, .new_size = 110, .old_offset = 64, .sympos = 2 };
	struct qp_reloc_desc reloc = { .type = R_X86_64_64 };
	struct qp_sym_desc sym = { .offset = -4096, .flags = QP_SYM_DATA };
	struct elf_out *out = elf_out_new();
	uint32_t strings = elf_out_section(out, ".rodata.str", SHT_PROGBITS, SHF_ALLOC, 1, 0);
	uint32_t text = elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	uint32_t sec = elf_out_section(out, QP_SEC_DESC, SHT_PROGBITS, SHF_ALLOC, 8, 0);
	uint32_t names;

	elf_out_append(out, text, NULL, 110, 16);
	elf_out_symbol(out, "sock_map_alloc", STB_GLOBAL, STT_FUNC, text, 0, 110);
	elf_out_symbol(out, "qp_init", STB_LOCAL, STT_FUNC, text, 0, 10);
	elf_out_append(out, sec, &desc, sizeof(desc), 8);
	elf_out_symbol(out, "qp_desc", STB_GLOBAL, STT_OBJECT, sec, 0, sizeof(desc));
	sec = elf_out_section(out, QP_SEC_FUNCS, SHT_PROGBITS, SHF_ALLOC, 8, 0);
	elf_out_append(out, sec, &func, sizeof(func), 8);
	point(out, sec, offsetof(struct qp_func_desc, object), strings, "vmlinux");
	point(out, sec, offsetof(struct qp_func_desc, name), strings, "sock_map_alloc");
	sec = elf_out_section(out, QP_SEC_RELOCS, SHT_PROGBITS, SHF_ALLOC, 8, 0);
	for (int i = 0; i < 2; i++) {	/* two places, one symbol */
		uint64_t at = elf_out_append(out, sec, &reloc, sizeof(reloc), 8);

		point(out, sec, at + offsetof(struct qp_reloc_desc, object), strings, "isofs");
		point(out, sec, at + offsetof(struct qp_reloc_desc, name), strings, "isofs_bread");
	}
	names = elf_out_section(out, QP_SEC_STRINGS, SHT_PROGBITS, 0, 1, 0);
	sym.name = (uint32_t)add_string(out, names, "text_mutex");
	sec = elf_out_section(out, QP_SEC_SYMBOLS, SHT_PROGBITS, 0, 8, 0);
	elf_out_append(out, sec, &sym, sizeof(sym), 8);
	sym.name = 1000;	/* leads out of the strings: not shown */
	elf_out_append(out, sec, &sym, sizeof(sym), 8);
	elf_out_undef(out, QP_VERIFIED "0123", STB_GLOBAL);
	elf_out_undef(out, "kfree", STB_GLOBAL);
	ck_assert_int_eq(elf_out_write(out, ko, NULL), 0);
	elf_out_free(out);
}

static void make_bundle(struct signing_key *key)
{
	struct signing_key *const keys[] = { key };
	struct manifest *m = fixture_manifest(3);
	void *module, *bundle;
	size_t len, n;

	ck_assert_int_eq(io_read_file(ko, 1u << 20, &module, &len, NULL), 0);
	ck_assert_int_eq(bundle_build(m, module, len, keys, key ? 1 : 0, &bundle, &n, NULL), 0);
	ck_assert_int_eq(io_write_atomic(klp, bundle, n, 0644, NULL), 0);
	free(module);
	free(bundle);
	manifest_free(m);
}

static void setup(void)
{
	folder = fixture_folder();
	ko = fixture_path(folder, "qp_x.ko");
	klp = fixture_path(folder, "x.klp");
	json = fixture_path(folder, "x.json");
	make_module();
}

static void teardown(void)
{
	free(ko);
	free(klp);
	free(json);
	fixture_remove(folder);
}

/* Run it; what it writes to stdout, if @text isn't NULL. */
static int inspect(const char *file, const char *option, const char *value, char **text)
{
	char *argv[] = { "inspect", (char *)file, (char *)option, (char *)value, NULL };
	char *path = fixture_path(folder, "out");
	int saved = dup(STDOUT_FILENO), ret;
	void *data = NULL;
	size_t len;

	fflush(stdout);
	ck_assert_ptr_nonnull(freopen(path, "w", stdout));
	optind = 0;
	ret = cmd_inspect(option ? value ? 4 : 3 : 2, argv);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	ck_assert_int_eq(io_read_file(path, 1u << 20, &data, &len, NULL), 0);
	free(path);
	if (text)
		*text = data;
	else
		free(data);
	return ret;
}

static void has(const char *text, const char *want)
{
	ck_assert_msg(strstr(text, want) != NULL, "no \"%s\" in\n%s", want, text);
}

static void hasnt(const char *text, const char *want)
{
	ck_assert_msg(!strstr(text, want), "\"%s\" in\n%s", want, text);
}

START_TEST(module_as_text)
{
	char *text;

	ck_assert_int_eq(inspect(ko, NULL, NULL, &text), 0);
	has(text, "function   vmlinux:sock_map_alloc  100 -> 110 bytes\n");
	has(text, "has        function sock_map_alloc                      110 bytes, in .text\n");
	has(text, "borrows    data     text_mutex                       _printk-4096\n");
	has(text, "borrows    of isofs isofs_bread\n");
	has(text, "callbacks  for 1 objects");
	hasnt(text, "qp_init");
	hasnt(text, "qp_desc");
	hasnt(text, "kfree");
	hasnt(text, "section ");
	ck_assert_ptr_null(strstr(strstr(text, "isofs_bread") + 1, "isofs_bread"));
	free(text);
	ck_assert_int_eq(inspect(ko, "-v", NULL, &text), 0);
	has(text, "imports    kfree\n");
	has(text, "section    .text ");
	free(text);
}
END_TEST

START_TEST(bundle_as_text)
{
	struct signing_key *key = fixture_key();
	char *text;

	make_bundle(key);
	ck_assert_int_eq(inspect(klp, NULL, NULL, &text), 0);
	has(text, "bundle     sock-map-alloc, release 3,");
	has(text, "(not checked)\n");
	has(text, "fixes      CVE-2026-12345\n");
	has(text, "function   vmlinux:sock_map_alloc (net/core/sock_map.c:30)  287 -> 301 bytes, proven: bytes\n");
	has(text, "made by    klp-build 0.1, ");
	has(text, "sha256 ");
	has(text, "borrows    data     text_mutex");
	free(text);
	make_bundle(NULL);
	ck_assert_int_eq(inspect(klp, NULL, NULL, &text), 0);
	has(text, "signed by  nobody\n");
	free(text);
	signing_key_free(key);
}
END_TEST

START_TEST(bundle_as_json)
{
	struct signing_key *key = fixture_key();
	const char *kind, *name, *borrowed, *object, *file, *digest, *own;
	int signatures, old_size;
	size_t nr_borrowed;
	char *text;
	json_t *j;

	make_bundle(key);
	ck_assert_int_eq(inspect(klp, "--json", json, &text), 0);
	ck_assert_str_eq(text, "");
	free(text);
	j = json_load_file(json, 0, NULL);
	ck_assert_ptr_nonnull(j);
	text = json_dumps(j, 0);
	schema_holds("build-bundle", text);
	free(text);
	ck_assert_int_eq(json_unpack(j, "{s:s, s:i, s:{s:{s:s}, s:[{s:s}]}, s:{s:[{s:s,s:i}], s:[{s:s}], s:[{s:s}]}}",
				     "kind", &kind, "signatures", &signatures, "manifest", "payload", "digest", &digest,
				     "functions", "file", &file, "module", "functions", "name", &name, "old_size",
				     &old_size, "borrowed", "name", &borrowed, "symbols", "name", &own), 0);
	ck_assert_str_eq(kind, "bundle");
	ck_assert_int_eq(signatures, 1);
	ck_assert_uint_eq(strlen(digest), 64);
	ck_assert_str_eq(file, "net/core/sock_map.c");
	ck_assert_str_eq(name, "sock_map_alloc");
	ck_assert_str_eq(own, "sock_map_alloc");
	ck_assert_int_eq(old_size, 100);
	ck_assert_str_eq(borrowed, "text_mutex");
	nr_borrowed = json_array_size(json_object_get(json_object_get(j, "module"), "borrowed"));
	ck_assert_uint_eq(nr_borrowed, 1);
	ck_assert_int_eq(json_unpack(json_object_get(j, "module"), "{s:[{s:s}]}", "late", "object", &object), 0);
	ck_assert_str_eq(object, "isofs");
	ck_assert_uint_eq(strlen(json_string_value(json_array_get(json_object_get(j, "keys"), 0))), 64);
	json_decref(j);
	signing_key_free(key);
}
END_TEST

/* Nobody has verified it: names of any bytes, and sizes that no integer of JSON holds. */
START_TEST(a_strange_module)
{
	struct qp_func_desc func = { .old_size = UINT32_MAX, .new_size = UINT32_MAX, .old_offset = UINT64_MAX, .sympos = UINT32_MAX };
	struct elf_out *out = elf_out_new();
	uint32_t strings = elf_out_section(out, "\377", SHT_PROGBITS, SHF_ALLOC, 1, 0), sec;
	char *text;
	json_t *j;

	elf_out_symbol(out, "big\377", STB_GLOBAL, STT_OBJECT, strings, 0, 1);
	elf_out_undef(out, "\377", STB_GLOBAL);
	sec = elf_out_section(out, QP_SEC_FUNCS, SHT_PROGBITS, SHF_ALLOC, 8, 0);
	elf_out_append(out, sec, &func, sizeof(func), 8);
	point(out, sec, offsetof(struct qp_func_desc, object), strings, "\377");
	point(out, sec, offsetof(struct qp_func_desc, name), strings, "\377");
	ck_assert_int_eq(elf_out_write(out, ko, NULL), 0);
	elf_out_free(out);
	ck_assert_int_eq(inspect(ko, "--json", "-", &text), 0);
	schema_holds("build-module", text);
	j = json_loads(text, 0, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "functions")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "symbols")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "imports")), 1);
	json_decref(j);
	free(text);
}
END_TEST

START_TEST(rubbish)
{
	struct bytes b = fixture_bundle(1, NULL);	/* its module is no ELF file */

	ck_assert_int_eq(io_write_atomic(klp, b.data, b.len, 0644, NULL), 0);
	ck_assert_int_eq(inspect(klp, NULL, NULL, NULL), EXIT_FAILED);
	ck_assert_int_eq(io_write_atomic(klp, "\177ELF rubbish", 12, 0644, NULL), 0);
	ck_assert_int_eq(inspect(klp, NULL, NULL, NULL), EXIT_FAILED);
	ck_assert_int_eq(inspect("/nonexistent", NULL, NULL, NULL), EXIT_FAILED);
	ck_assert_int_eq(inspect(klp, "--nonsense", NULL, NULL), EXIT_USAGE);
	free(b.data);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("inspect");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, module_as_text);
	tcase_add_test(tc, bundle_as_text);
	tcase_add_test(tc, bundle_as_json);
	tcase_add_test(tc, a_strange_module);
	tcase_add_test(tc, rubbish);
	return fixture_run("inspect", tc);
}
