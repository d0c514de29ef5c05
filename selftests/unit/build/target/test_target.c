// SPDX-License-Identifier: GPL-2.0-or-later
/* test_target.c - opening a prepared kernel, its symbols and bytes; the payload of a bzImage. */
#include <check.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "err.h"
#include "fixture.h"
#include "io.h"
#include "object/elf_write.h"
#include "target/prepare.h"
#include "target/target.h"
#include "target/vmlinuz.h"

#define GOOD "{\"format\": 1, \"revision\": 2, \"complete\": true, \"version\": \"6.1.176-1\", \"compiler\": \"gcc-12 12.2\", \"build_id\": \"ab\", " \
	     "\"cc\": \"gcc-12\", \"source_package\": \"linux-source-6.1\"}"

static char *cache;
static struct klp_err err;
static struct target *t;

static void file(const char *name, const char *text)
{
	char *path = fixture_path(cache, name), *dir = strdup(path);

	*strrchr(dir, '/') = '\0';
	ck_assert_int_eq(io_mkdirs(dir, 0755, NULL), 0);
	ck_assert_int_eq(io_write_atomic(path, text, strlen(text), 0644, NULL), 0);
	free(dir);
	free(path);
}

/* An image of one section, as the ELF writer makes it: at address 0. */
static void make_image(void)
{
	struct elf_out *out = elf_out_new();
	uint32_t sec = elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	char *path = fixture_path(cache, "K/vmlinux");

	elf_out_append(out, sec, "0123456789abcdef", 16, 16);
	ck_assert_int_eq(elf_out_write(out, path, NULL), 0);
	elf_out_free(out);
	free(path);
}

static void setup(void)
{
	cache = fixture_folder();
	setenv("KLP_CACHE", cache, 1);
	file("K/target.json", GOOD);
	file("K/symbols", "ffffffff81000000 T first\nffffffff81000010 t twin\nffffffff81000010 T alias\n"
	     "ffffffff81000030 t twin\nffffffff81000040 d last\n");
	file("K/commands", "a/x.o\tgcc-12 -c -o a/x.o /k/src/a/x.c\n");
	make_image();
	memset(&err, 0, sizeof(err));
	t = NULL;
}

static void teardown(void)
{
	target_close(t);
	fixture_remove(cache);
}

START_TEST(a_prepared_kernel)
{
	const struct target_symbol *s;
	size_t pos = 0;

	ck_assert_msg(!target_open("K", &t, &err), "%s", err.text);
	ck_assert_str_eq(t->version, "6.1.176-1");
	ck_assert_uint_eq(t->major, 6);
	ck_assert_uint_eq(t->minor, 1);
	ck_assert_uint_eq(t->nr_symbols, 5);
	ck_assert_ptr_nonnull(target_command(t, "a/x.o"));
	/* Each of a name, in the table's order. */
	s = target_symbol_next(t, "twin", &pos);
	ck_assert_uint_eq(s->address, 0xffffffff81000010);
	ck_assert_int_eq(s->type, 't');
	/* Up to the next higher address: an alias doesn't bound it. */
	ck_assert_uint_eq(target_symbol_size(t, s), 0x20);
	s = target_symbol_next(t, "twin", &pos);
	ck_assert_uint_eq(s->address, 0xffffffff81000030);
	ck_assert_ptr_null(target_symbol_next(t, "twin", &pos));
	ck_assert_ptr_null(target_symbol_next(t, "twin", &pos));
	pos = 0;
	s = target_symbol_next(t, "last", &pos);
	ck_assert_uint_eq(target_symbol_size(t, s), 0);
	pos = 0;
	ck_assert_ptr_null(target_symbol_next(t, "none", &pos));
}
END_TEST

START_TEST(bytes_of_the_image)
{
	ck_assert_msg(!target_open("K", &t, &err), "%s", err.text);
	ck_assert_mem_eq(target_bytes(t, 4, 4), "4567", 4);
	ck_assert_ptr_nonnull(target_bytes(t, 0, 16));
	ck_assert_ptr_null(target_bytes(t, 4, 13));
	ck_assert_ptr_null(target_bytes(t, 16, 1));
	ck_assert_ptr_null(target_bytes(t, 0xffffffff81000000, 1));
}
END_TEST

static const struct {
	const char *name, *text;	/* NULL: no such file */
	int ret;
	const char *says;
} broken[] = {
	{ "K/target.json", NULL, -ENOENT, "klp-build prepare --kernel K" },
	{ "K/target.json", "{", -EBADMSG, "--force" },
	{ "K/target.json", "{\"format\": 2}", -EBADMSG, "another version" },
	{ "K/target.json", "{\"format\": 1}", -ENOENT, "for running only" },
	{ "K/target.json", "{\"format\": 1, \"revision\": 2, \"complete\": true, \"version\": \"6.1\"}", -EBADMSG, "lacks a member" },
	/* Its commands may have been torn. */
	{ "K/target.json", "{\"format\": 1, \"complete\": true}", -ENOENT, "revision 0, not 2); run `klp-build prepare --kernel K`" },
	{ "K/target.json", "{\"format\": 1, \"revision\": 3, \"complete\": true}", -ENOENT, "revision 3, not 2" },
	{ "K/symbols", NULL, -ENOENT, "symbols" },
	{ "K/symbols", "ffffffff81000000 T first\nffff T short\n", -EBADMSG, "symbols:2" },
	{ "K/commands", "a/x.o gcc\n", -EBADMSG, "commands:1" },
	{ "K/vmlinux", "rubbish", -EINVAL, "vmlinux" },
};

START_TEST(what_is_broken_is_named)
{
	char *path = fixture_path(cache, broken[_i].name);
	int ret;

	unlink(path);
	free(path);
	if (broken[_i].text)
		file(broken[_i].name, broken[_i].text);
	ret = target_open("K", &t, &err);
	ck_assert_msg(ret == broken[_i].ret, "%s: %d, %s", broken[_i].name, ret, err.text);
	ck_assert_msg(strstr(err.text, broken[_i].says) != NULL, "\"%s\" isn't in: %s", broken[_i].says, err.text);
	ck_assert_ptr_null(t);
}
END_TEST

/* Is target.json of @text one that needs no preparation? */
static bool ready_with(const char *text, bool runtime)
{
	struct prepare p = { .krel = "K", .cache = cache, .runtime = runtime };

	file("K/target.json", text);
	return prepare_is_ready(&p);
}

START_TEST(what_is_ready)
{
	struct prepare other = { .krel = "L", .cache = cache };

	ck_assert(ready_with(GOOD, false));
	ck_assert(!ready_with("{\"format\": 1, \"complete\": true}", false));
	ck_assert(!ready_with("{\"format\": 1, \"revision\": 1, \"complete\": true}", false));
	ck_assert(!ready_with("{\"format\": 1, \"revision\": 2, \"complete\": false}", false));
	ck_assert(!ready_with("{", false));
	/* To boot it, an older version's will do. */
	ck_assert(ready_with("{\"format\": 1, \"complete\": true}", true));
	ck_assert(!prepare_is_ready(&other));
}
END_TEST

START_TEST(a_release_isnt_a_path)
{
	ck_assert_int_eq(target_open("../K", &t, &err), -EINVAL);
	ck_assert_int_eq(target_open(".", &t, &err), -EINVAL);
}
END_TEST

START_TEST(shipped_modules)
{
	char *path;

	file("K/modules/lib/modules/K/modules.dep", "kernel/a/one.ko: kernel/b/two-b.ko\nkernel/b/two-b.ko:\nkernel/b/two-b-more.ko:\n");
	ck_assert_msg(!target_open("K", &t, &err), "%s", err.text);
	/* '-' and '_' are one; a longer name is another module. */
	ck_assert_int_eq(target_module_path(t, "two_b", &path, &err), 0);
	ck_assert_ptr_nonnull(strstr(path, "/kernel/b/two-b.ko"));
	free(path);
	ck_assert_int_eq(target_module_path(t, "two", &path, &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "\"two\""));
}
END_TEST

/* ---- bzImage ---- */

static uint8_t image[8192];

static void make_bzimage(const char *magic, size_t len, uint32_t offset, uint32_t size)
{
	memset(image, 0, sizeof(image));
	image[0x1f1] = 2;	/* setup sectors: the payload's offsets count from 3 * 512 */
	memcpy(image + 0x202, "HdrS\x0f\x02", 6);
	memcpy(image + 0x248, &offset, 4);
	memcpy(image + 0x24c, &size, 4);
	if (offset < 4096)
		memcpy(image + 1536 + offset, magic, len);
}

START_TEST(payload_of_a_bzimage)
{
	struct vmlinuz_payload p;

	make_bzimage("\xfd" "7zXZ", 6, 64, 1000);
	ck_assert_msg(!vmlinuz_find(image, sizeof(image), &p, &err), "%s", err.text);
	ck_assert_uint_eq(p.offset, 1600);
	ck_assert_uint_eq(p.len, 996);	/* without kbuild's own size behind it */
	ck_assert_str_eq(p.tool, "xz");
	make_bzimage("\x1f\x8b", 2, 64, 1000);
	ck_assert_int_eq(vmlinuz_find(image, sizeof(image), &p, &err), 0);
	ck_assert_uint_eq(p.len, 1000);
	ck_assert_str_eq(p.tool, "gzip");
	image[0x1f1] = 0;	/* old loaders: means 4 */
	ck_assert_int_eq(vmlinuz_find(image, sizeof(image), &p, &err), -ENOTSUP);
}
END_TEST

START_TEST(no_bzimage)
{
	struct vmlinuz_payload p;

	make_bzimage("\x1f\x8b", 2, 64, 8192);
	ck_assert_int_eq(vmlinuz_find(image, sizeof(image), &p, &err), -EINVAL);
	make_bzimage("\x1f\x8b", 2, UINT32_MAX, 1000);
	ck_assert_int_eq(vmlinuz_find(image, sizeof(image), &p, &err), -EINVAL);
	make_bzimage("\x1f\x8b", 2, 64, 8);
	ck_assert_int_eq(vmlinuz_find(image, sizeof(image), &p, &err), -EINVAL);
	make_bzimage("\x1f\x8b", 2, 64, 1000);
	ck_assert_int_eq(vmlinuz_find(image, 0x24f, &p, &err), -EINVAL);
	image[0x206] = 7;	/* boot protocol 2.07 has no payload fields */
	ck_assert_int_eq(vmlinuz_find(image, sizeof(image), &p, &err), -ENOTSUP);
	make_bzimage("\x1f\x8b", 2, 64, 1000);
	image[0x202] = 'X';
	ck_assert_int_eq(vmlinuz_find(image, sizeof(image), &p, &err), -EINVAL);
}
END_TEST

/* What a config and a banner say of the compiler: @code, and @text of the compiler or the error. */
static void compiler_of(const char *config, const char *banner, int code, const char *text)
{
	char *compiler = NULL;
	int ret = config_compiler(config, "/x/.config", banner, &compiler, &err);

	ck_assert_int_eq(ret, code);
	if (code)
		ck_assert_msg(strstr(err.text, text), "no \"%s\" in: %s", text, err.text);
	else
		ck_assert_str_eq(compiler, text);
	ck_assert(!code == !!compiler);
	free(compiler);
}

START_TEST(the_compiler_of_a_config)
{
	static const char gcc[] =
		"# Linux\nCONFIG_CC_VERSION_TEXT=\"gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0\"\nCONFIG_CC_IS_GCC=y\n";
	static const char clang[] =
		"# Linux\nCONFIG_CC_VERSION_TEXT=\"Debian clang version 14.0.6\"\nCONFIG_CC_IS_CLANG=y\n";

	compiler_of(gcc, "Linux version 6.1.0-50-cloud-amd64 (x@y) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, "
		    "GNU ld 2.40) #1 SMP", 0, "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0");
	/* Refused as clang's, but by its configuration. */
	compiler_of(clang, "Linux version 6.1.176 (x@y) (Debian clang version 14.0.6, Debian LLD 14.0.6) #1 SMP",
		    0, "Debian clang version 14.0.6");
	/* The image of another build is told as such, whoever compiled it. */
	compiler_of(gcc, "Linux version 6.1.176 (x@y) (Debian clang version 14.0.6, Debian LLD 14.0.6) #1 SMP",
		    -EBADMSG, "/x/.config names the compiler \"gcc-12");
	compiler_of("# nothing\n", "Linux version 6.1.176 (x@y) (gcc) #1", -EBADMSG, "\"(none)\"");
}
END_TEST

#define BUILDABLE "CONFIG_X86_64=y\nCONFIG_SMP=y\nCONFIG_MODULES=y\nCONFIG_KALLSYMS=y\nCONFIG_KALLSYMS_ALL=y\n" \
	"CONFIG_FUNCTION_TRACER=y\nCONFIG_DYNAMIC_FTRACE=y\nCONFIG_DYNAMIC_FTRACE_WITH_REGS=y\nCONFIG_UNWINDER_ORC=y\n"

static const struct {
	const char *more;	/* NULL: without the option that @says */
	const char *says;	/* NULL: can be built for */
} kernels[] = {
	{ "", NULL },
	/* What the tested kernels have; permissions, choices that are off, and other words. */
	{ "CONFIG_X86_KERNEL_IBT=y\nCONFIG_CALL_THUNKS=y\nCONFIG_UBSAN_BOUNDS=y\nCONFIG_KASAN=y\nCONFIG_RUST=y\n", NULL },
	{ "CONFIG_GCC_PLUGINS=y\nCONFIG_LTO_NONE=y\nCONFIG_RANDSTRUCT_NONE=y\nCONFIG_CFI_PERMISSIVE=n\nCONFIG_ARCH_SUPPORTS_LTO_CLANG=y\n", NULL },
	{ "# CONFIG_LTO_CLANG_FULL is not set\nCONFIG_X=\"CONFIG_KCOV=y\"\nCONFIG_CC_IS_CLANG=n\nCONFIG_HAVE_GCOV_KERNEL=y\n", NULL },
	{ "CONFIG_CC_IS_CLANG=y\n", "CONFIG_CC_IS_CLANG=y: it was built with clang" },
	{ "CONFIG_LTO_CLANG_THIN=y\n", "CONFIG_LTO_CLANG_THIN=y: code is made at link time" },
	{ "CONFIG_CFI_CLANG=y\n", "CONFIG_CFI_CLANG=y: each function" },
	{ "CONFIG_CFI=y\n", "CONFIG_CFI=y: each function" },
	{ "CONFIG_RANDSTRUCT_FULL=y\n", "CONFIG_RANDSTRUCT_FULL=y: structs are laid out" },
	{ "CONFIG_RANDSTRUCT=y\n", "CONFIG_RANDSTRUCT=y: structs" },
	{ "CONFIG_GCC_PLUGIN_RANDSTRUCT_PERFORMANCE=y\n", "CONFIG_GCC_PLUGIN_RANDSTRUCT_PERFORMANCE=y: structs" },
	{ "CONFIG_GCC_PLUGIN_LATENT_ENTROPY=y\n", "CONFIG_GCC_PLUGIN_LATENT_ENTROPY=y: functions have random" },
	{ "CONFIG_GCC_PLUGIN_STACKLEAK=y\n", "CONFIG_GCC_PLUGIN_STACKLEAK=y: a compiler plugin" },
	{ "CONFIG_GCC_PLUGIN_OF_TOMORROW=y", "CONFIG_GCC_PLUGIN_OF_TOMORROW=y: a compiler plugin" },
	{ "CONFIG_GCOV_KERNEL=y\n", "CONFIG_GCOV_KERNEL=y: units have counters" },
	{ "CONFIG_KCSAN=y\n", "CONFIG_KCSAN=y: code is instrumented" },
	{ NULL, "X86_64" }, { NULL, "SMP" }, { NULL, "MODULES" }, { NULL, "KALLSYMS" }, { NULL, "KALLSYMS_ALL" },
	{ NULL, "FUNCTION_TRACER" }, { NULL, "DYNAMIC_FTRACE" }, { NULL, "DYNAMIC_FTRACE_WITH_REGS" }, { NULL, "UNWINDER_ORC" },
};

START_TEST(kernels_that_cant_be_built_for)
{
	const char *says = kernels[_i].says;
	char *config = format("# Linux\n%s%s", BUILDABLE, kernels[_i].more ? kernels[_i].more : ""), *want = NULL;
	int ret;

	if (!kernels[_i].more) {
		char *line = format("\nCONFIG_%s=y\n", says), *at = strstr(config, line);

		/* 'y' to 'm', which is no value of it. */
		at[strlen(line) - 2] = 'm';
		want = format("without CONFIG_%s: ", says);
		free(line);
	}
	ret = config_buildable(config, &err);
	ck_assert_msg(ret == (says ? -ENOTSUP : 0), "%d: %s", ret, err.text);
	if (says)
		ck_assert_msg(strstr(err.text, want ? want : says) != NULL, "\"%s\" isn't in: %s", says, err.text);
	free(want);
	free(config);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("target");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_prepared_kernel);
	tcase_add_test(tc, bytes_of_the_image);
	tcase_add_loop_test(tc, what_is_broken_is_named, 0, sizeof(broken) / sizeof(*broken));
	tcase_add_test(tc, what_is_ready);
	tcase_add_test(tc, a_release_isnt_a_path);
	tcase_add_test(tc, shipped_modules);
	tcase_add_test(tc, the_compiler_of_a_config);
	tcase_add_loop_test(tc, kernels_that_cant_be_built_for, 0, sizeof(kernels) / sizeof(*kernels));
	tcase_add_test(tc, payload_of_a_bzimage);
	tcase_add_test(tc, no_bzimage);
	return fixture_run("target", tc);
}
