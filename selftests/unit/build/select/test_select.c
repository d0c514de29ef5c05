// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_select.c - which units a fix reaches: compile commands, what includes a
 * header, and who of those names what changed in it.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/report_data.h"
#include "fixture.h"
#include "select/select.h"
#include "treefix.h"

static struct treefix f;

static void setup(void)
{
	tree_setup(&f);
}

static void teardown(void)
{
	tree_teardown(&f);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a.o b.o", sorted. */
static const char *joined(struct strings *l)
{
	static char out[512];

	out[0] = '\0';
	if (l->nr)
		qsort(l->list, l->nr, sizeof(*l->list), by_name);
	for (size_t i = 0; i < l->nr; i++)
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", i ? " " : "", l->list[i]);
	return out;
}

/* ---- compile commands ---- */

START_TEST(commands_of_a_moved_cache)
{
	char *was = strdup(f.folder), *src;

	tree_unit(&f, "a/x.c", "", "int x;\n");
	/* As if it had been prepared somewhere else. */
	for (char *s = f.commands.s; (s = strstr(s, was));)
		memcpy(s, "/V", 2);
	tree_load(&f);
	src = format("%s/src/a/x.c", f.folder);
	ck_assert_msg(ends_with(target_command(f.target, "a/x.o"), src), "%s", target_command(f.target, "a/x.o"));
	ck_assert_ptr_null(strstr(target_command(f.target, "a/x.o"), "/V"));
	free(src);
	free(was);
}
END_TEST

START_TEST(what_an_object_ends_up_in)
{
	tree_unit(&f, "a/x.c", "", "int x;\n");
	tree_unit(&f, "a/y.c", " -DMODULE -DKBUILD_MODNAME='\"the_mod\"'", "int y;\n");
	tree_unit(&f, "arch/x86/boot/z.c", "", "int z;\n");
	tree_unit(&f, "arch/x86/entry/vdso/vma.c", "", "int v;\n");
	tree_unit(&f, "arch/x86/entry/vdso/vclock.c", "", "int v;\n");
	tree_load(&f);
	ck_assert_str_eq(target_object_of(f.target, "a/x.o"), "vmlinux");
	ck_assert_str_eq(target_object_of(f.target, "a/y.o"), "the_mod");
	ck_assert_ptr_eq(target_object_of(f.target, "a/y.o"), target_object_of(f.target, "a/y.o"));
	ck_assert_ptr_null(target_object_of(f.target, "arch/x86/boot/z.o"));
	ck_assert_ptr_null(target_object_of(f.target, "arch/x86/entry/vdso/vclock.o"));
	ck_assert_str_eq(target_object_of(f.target, "arch/x86/entry/vdso/vma.o"), "vmlinux");
	ck_assert_ptr_null(target_object_of(f.target, "a/none.o"));
	ck_assert_ptr_null(target_command(f.target, "a/none.o"));
}
END_TEST

/* ---- the closure of includes ---- */

/* Units that a change of @path may reach. */
static void closure(const char *path, const char *units)
{
	struct strings files = { 0 }, objects = { 0 }, reached = { 0 };

	strings_add(&files, path);
	ck_assert_msg(!includes_closure(f.target, &files, &reached, &objects, NULL, NULL, &f.err), "%s",
		      f.err.text);
	ck_assert_str_eq(joined(&objects), units);
	strings_free(&files);
	strings_free(&objects);
	strings_free(&reached);
}

START_TEST(through_other_headers)
{
	tree_file(&f, "src/include/net/a.h", "int a;\n");
	tree_file(&f, "src/include/net/b.h", "#ifdef NEVER\n#  include <net/a.h>\n#endif\n");
	tree_file(&f, "src/include/net/c.h", "#include\t\"b.h\"\n");
	tree_unit(&f, "net/one.c", "", "#include <net/a.h>\n");
	tree_unit(&f, "net/two.c", "", " # include <net/c.h>\n");
	tree_unit(&f, "net/three.c", "", "/* net/a.h */\n#include <net/other/a.h>\n");
	tree_unit(&f, "net/four.c", "", "int x;\n");
	tree_load(&f);
	closure("include/net/a.h", "net/one.o net/two.o");
	closure("include/net/c.h", "net/two.o");
}
END_TEST

START_TEST(beside_the_including_file)
{
	tree_file(&f, "src/a/my.h", "");
	tree_file(&f, "src/b/my.h", "");
	tree_unit(&f, "a/x.c", "", "#include \"my.h\"\n");
	tree_unit(&f, "b/y.c", "", "#include \"my.h\"\n");
	tree_unit(&f, "b/sub/z.c", "", "#include \"../my.h\"\n");
	/* Found by an -I that we don't know: any file of that name. */
	tree_unit(&f, "c/w.c", "", "#include \"my.h\"\n");
	tree_load(&f);
	closure("a/my.h", "a/x.o b/sub/z.o c/w.o");
	closure("b/my.h", "b/sub/z.o b/y.o c/w.o");
}
END_TEST

/* A file that is only asked for: a fix may bring it. */
START_TEST(asked_for_by_has_include)
{
	tree_file(&f, "src/include/net/a.h", "");
	tree_file(&f, "src/include/b.h", "");
	tree_unit(&f, "a/x.c", "", "#if defined(X) && __has_include(<net/a.h>)\n#define A\n#endif\n");
	tree_unit(&f, "a/y.c", "", "#ifdef X\n#  elif __has_include ( \"a.h\" ) || __has_include_next(<b.h>)\n#endif\n");
	tree_unit(&f, "a/z.c", "", "#if X\nint __has_include(<net/a.h>);\n#endif\n");
	tree_load(&f);
	closure("include/net/a.h", "a/x.o a/y.o");
	closure("include/b.h", "a/y.o");
}
END_TEST

START_TEST(c_files_and_generated_headers)
{
	tree_file(&f, "src/include/asm-generic/part.h", "");
	tree_file(&f, "obj/arch/x86/include/generated/asm/part.h", "#include <asm-generic/part.h>\n");
	tree_file(&f, "src/a/inner.c", "#include <asm/part.h>\n");
	tree_unit(&f, "a/outer.c", "", "#include \"inner.c\"\n");
	tree_load(&f);
	closure("a/inner.c", "a/outer.o");
	closure("include/asm-generic/part.h", "a/outer.o");
}
END_TEST

/* The .c files that others include, by a kept graph as well. */
START_TEST(parts_of_units)
{
	struct strings parts = { 0 };

	tree_file(&f, "src/a/inner.c", "");
	tree_unit(&f, "a/outer.c", "", "#include \"inner.c\"\n#include \"../lib/far.c\"\n");
	tree_load(&f);
	for (int kept = 0; kept < 2; kept++) {
		ck_assert_msg(!includes_parts(f.target, &parts, &f.err), "%s", f.err.text);
		ck_assert_uint_eq(parts.nr, 2);
		ck_assert(strings_have(&parts, "a/inner.c") && strings_have(&parts, "lib/far.c"));
		strings_free(&parts);
	}
}
END_TEST

START_TEST(what_every_command_includes)
{
	tree_unit(&f, "a/x.c", "", "int x;\n");
	tree_unit(&f, "b/y.c", "", "int y;\n");
	tree_load(&f);
	closure("include/linux/kconfig.h", "a/x.o b/y.o");
}
END_TEST

START_TEST(the_graph_is_kept)
{
	char *path, *kept;

	tree_file(&f, "src/include/net/a.h", "");
	tree_unit(&f, "net/one.c", "", "#include <net/a.h>\n");
	tree_load(&f);
	closure("include/net/a.h", "net/one.o");
	kept = tree_read(&f, "include-graph-2");
	ck_assert_ptr_nonnull(strstr(kept, "Fnet/one.c\n<net/a.h\n"));
	free(kept);
	path = fixture_path(f.folder, "src/net/one.c");
	ck_assert_int_eq(unlink(path), 0);
	free(path);
	closure("include/net/a.h", "net/one.o");
	/* Cut short by a full disk, say. */
	tree_file(&f, "include-graph-2", "Fnet/one.c\n\n<net/a.h\n");
	ck_assert_int_eq(includes_closure(f.target, &(struct strings){ 0 }, &(struct strings){ 0 },
					  &(struct strings){ 0 }, &(struct strings){ 0 }, NULL, &f.err),
			 -EBADMSG);
}
END_TEST

/* ---- who names what changed ---- */

/* The objects of the units that the change of @path, and of nothing else, reaches. */
static const char *reached_by(const char *path)
{
	struct strings files = { 0 }, objects = { 0 };
	const char *out;

	strings_add(&files, path);
	ck_assert_msg(!select_included(&f.b, &files, &f.err), "%s", f.err.text);
	for (size_t i = 0; i < f.b.nr_units; i++)
		strings_add_len(&objects, f.b.units[i].source, strlen(f.b.units[i].source) - 2);
	out = joined(&objects);
	strings_free(&files);
	strings_free(&objects);
	return out;
}

#define HEAD		"#ifndef H\n#define H\n"
#define INLINE_OLD	"static inline int get(int a)\n{\n\treturn a + 1;\n}\n"
#define INLINE_NEW	"static inline int get(int a)\n{\n\treturn a + 2;\n}\n"
#define OTHER		"static inline int other(int a)\n{\n\treturn a;\n}\n"
#define STRUCT		"struct box {\n\tint size;\n};\n"

/* Units that use one thing each of include/h.h, and others of include/via.h. */
static void make_users(const char *header)
{
	tree_file(&f, "src/include/h.h", header);
	tree_file(&f, "src/include/via.h", "#include <h.h>\n#define GET2(x) (get(x) + 1)\n"
		  "static inline int third(int a)\n{\n\treturn GET2(a);\n}\n#define APART 3\n");
	tree_unit(&f, "u/inline.c", "", "#include <h.h>\nint f(int a) { return get(a); }\n");
	tree_unit(&f, "u/other.c", "", "#include <h.h>\nint f(int a) { return other(a); }\n");
	tree_unit(&f, "u/third.c", "", "#include <via.h>\nint f(int a) { return third(a); }\n");
	tree_unit(&f, "u/apart.c", "", "#include <via.h>\nint f(void) { return APART; }\n");
	tree_unit(&f, "u/comment.c", "", "#include <h.h>\n/* get(x) */ char *s = \"get box\";\n");
	tree_unit(&f, "u/box.c", "", "#include <h.h>\nint f(struct box *b) { return b->size; }\n");
}

static void changed_header(const char *new, const char *units)
{
	tree_change(&f, "include/h.h", new);
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("include/h.h"), units);
}

START_TEST(an_inline_function)
{
	make_users(HEAD INLINE_OLD OTHER STRUCT "#endif\n");
	changed_header(HEAD INLINE_NEW OTHER STRUCT "#endif\n", "u/inline u/third");
}
END_TEST

START_TEST(a_type)
{
	make_users(HEAD INLINE_OLD OTHER STRUCT "#endif\n");
	changed_header(HEAD INLINE_OLD OTHER "struct box {\n\tlong pad;\n\tint size;\n};\n#endif\n", "u/box");
}
END_TEST

START_TEST(comments_and_blanks)
{
	make_users(HEAD INLINE_OLD OTHER STRUCT "#endif\n");
	changed_header(HEAD "/* new */\n"
		       "static inline int get(int a)\n{\n\t/* why */\n\n\treturn a  +  1;\n}\n" OTHER STRUCT "#endif\n", "");
}
END_TEST

START_TEST(a_macro_and_an_enumerator)
{
	tree_file(&f, "src/include/h.h", HEAD "#define LIMIT 1\nenum e { E_A = 1, E_B };\n#endif\n");
	tree_unit(&f, "u/limit.c", "", "#include <h.h>\nint f(void) { return LIMIT; }\n");
	tree_unit(&f, "u/e.c", "", "#include <h.h>\nint f(void) { return E_B; }\n");
	tree_unit(&f, "u/none.c", "", "#include <h.h>\nint f(void) { return H_LIMITS; }\n");
	tree_change(&f, "include/h.h", HEAD "#define LIMIT 2\nenum e { E_A = 2, E_B };\n#endif\n");
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("include/h.h"), "u/e u/limit");
}
END_TEST

START_TEST(a_macro_between_members)
{
	tree_file(&f, "src/include/h.h", HEAD "struct box {\n\tint flags;\n#define BOX_OPEN 1\n\tint size;\n};\n#endif\n");
	tree_unit(&f, "u/open.c", "", "#include <h.h>\nint f(int flags) { return flags & BOX_OPEN; }\n");
	tree_unit(&f, "u/none.c", "", "#include <h.h>\nint f(int flags) { return flags; }\n");
	tree_change(&f, "include/h.h", HEAD "struct box {\n\tint flags;\n#define BOX_OPEN 2\n\tint size;\n};\n#endif\n");
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("include/h.h"), "u/open");
}
END_TEST

START_TEST(an_if_around_what_is_named)
{
	make_users(HEAD INLINE_OLD OTHER STRUCT "#endif\n");
	changed_header(HEAD INLINE_OLD "#ifdef X\n" OTHER "#endif\n" STRUCT "#endif\n", "u/other");
}
END_TEST

START_TEST(an_enumerator_at_the_end)
{
	tree_file(&f, "src/include/h.h", HEAD "enum e { E_A = MIN(0, 1), E_B };\n#endif\n");
	tree_unit(&f, "u/a.c", "", "#include <h.h>\nint f(void) { return E_A; }\n");
	tree_unit(&f, "u/b.c", "", "#include <h.h>\nint f(void) { return E_B; }\n");
	tree_unit(&f, "u/min.c", "", "#include <h.h>\nint f(void) { return MIN(2, 3); }\n");
	tree_unit(&f, "u/new.c", "", "#include <h.h>\nint f(void) { return E_NEW; }\n");
	tree_change(&f, "include/h.h", HEAD "enum e { E_A = MIN(0, 1), E_B, E_NEW };\n#endif\n");
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("include/h.h"), "u/new");
}
END_TEST

START_TEST(what_a_macro_declares)
{
	/* Who calls trace_boxed() depends on struct box; another event doesn't. */
	make_users(HEAD STRUCT "EVENT(boxed, struct box *b);\nEVENT(plain, int);\n#endif\n");
	tree_unit(&f, "u/calls.c", "", "#include <h.h>\nint f(void) { return trace_boxed(0); }\n");
	tree_unit(&f, "u/plain.c", "", "#include <h.h>\nint f(void) { return trace_plain(0); }\n");
	changed_header(HEAD "struct box {\n\tlong size;\n};\nEVENT(boxed, struct box *b);\n"
		       "EVENT(plain, int);\n#endif\n",
		       "u/apart u/box u/calls u/comment u/inline u/other u/plain u/third");
}
END_TEST

#define FREE	"#define DEFINE_FREE(name, type, free) \\\n" \
		"static inline void __free_##name(void *p) { type _T = *(type *)p; free; }\n"

START_TEST(what_a_macro_declares_anew)
{
	static const struct { const char *new, *units; } cases[] = {
		/* It makes __free_put; put() stays as it is. */
		{ "DEFINE_FREE(get, int, get(_T))\nDEFINE_FREE(put, int, put(_T))\nvoid put(int);\n", "" },
		/* What was there and changes counts by its name, and so does what stands behind it. */
		{ "DEFINE_FREE(get, int, if (_T) get(_T))\nvoid put(int);\n",
		  "u/takes" },
		{ "DEFINE_FREE(get, int, get(_T))\nvoid put(long);\n", "u/put" },
	};
	char *new;

	make_users(HEAD FREE "DEFINE_FREE(get, int, get(_T))\nvoid put(int);\n#endif\n");
	tree_unit(&f, "u/takes.c", "", "#include <h.h>\nvoid g(void *p) { __free_get(p); }\n");
	tree_unit(&f, "u/put.c", "", "#include <h.h>\nvoid f(void) { put(1); }\n");
	new = format(HEAD FREE "%s#endif\n", cases[_i].new);
	changed_header(new, cases[_i].units);
	free(new);
}
END_TEST

START_TEST(a_header_that_no_candidate_includes)
{
	tree_file(&f, "src/include/far.h", "static inline int far(void) { return get(1); }\n");
	tree_file(&f, "src/include/near.h", "static inline int next(void) { return get(1); }\n");
	make_users(HEAD INLINE_OLD "#endif\n");
	tree_unit(&f, "u/far.c", "", "#include <h.h>\nint f(int a) { int far = a; return far; }\n");
	tree_unit(&f, "u/near.c", "", "#include <h.h>\n#include <near.h>\nint f(void) { return next(); }\n");
	changed_header(HEAD INLINE_NEW "#endif\n", "u/inline u/near u/third");
}
END_TEST

START_TEST(something_without_a_name)
{
	/* A function that each unit gets, whether it names it or not. */
	make_users(HEAD INLINE_OLD OTHER STRUCT "#endif\n");
	changed_header(HEAD INLINE_OLD OTHER STRUCT "int real(void)\n{\n\treturn 1;\n}\n#endif\n",
		       "u/apart u/box u/comment u/inline u/other u/third");
}
END_TEST

START_TEST(an_included_c_file)
{
	tree_file(&f, "src/u/inner.c", "static int g(void) { return 1; }\n");
	tree_unit(&f, "u/outer.c", "", "#include \"inner.c\"\nint f(void) { return 2; }\n");
	tree_change(&f, "u/inner.c", "static int g(void) { return 2; }\n");
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("u/inner.c"), "u/outer");
}
END_TEST

START_TEST(a_c_file_in_between_names_it)
{
	tree_file(&f, "src/include/h.h", HEAD INLINE_OLD "#endif\n");
	tree_unit(&f, "u/outer.c", "", "#include <h.h>\n#include \"inner.c\"\nint f(void) { return g(); }\n");
	tree_unit(&f, "u/apart.c", "", "#include <h.h>\nint f(void) { return 1; }\n");
	tree_file(&f, "src/u/inner.c", "#include <h.h>\nstatic int g(void) { return get(1); }\n");
	tree_change(&f, "include/h.h", HEAD INLINE_NEW "#endif\n");
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("include/h.h"), "u/outer");
}
END_TEST

/* ---- what text doesn't tell ---- */

/* Each is changed from @old to @new; @body of u/x.c; is u/x.c chosen? */
static const struct {
	const char *old, *new, *body;
	bool chosen;
} unseen[] = {
	/* A name that only comes of "##". */
	{ "static inline int get_4(void) { return 1; }\n", "static inline int get_4(void) { return 2; }\n",
	  "#define GET(n) get_##n()\nint f(void) { return GET(4); }\n", true },
	{ "struct m_box_bits { int a; };\n#define SIZE(x) sizeof(struct m_##x##_bits)\n",
	  "struct m_box_bits { int a, b[2]; };\n#define SIZE(x) sizeof(struct m_##x##_bits)\n",
	  "int f(void) { return SIZE(box); }\n", true },
	{ "static inline int get_4(void) { return 1; }\n", "static inline int get_4(void) { return 2; }\n",
	  "#define GET(n) get_##n()\nint f(void) { return 4; }\n", false },
	/* A macro that an #if tests, defined or not yet. */
	{ "#define LEVEL 1\n", "#define LEVEL 2\n", "#if LEVEL > 1\nint g;\n#endif\nint f;\n", true },
	{ "", "#define LEVEL 2\n", "#if LEVEL > 1\nint g;\n#endif\nint f;\n", true },
	{ "", "#define LEVEL 2\n", "#ifdef LEVEL\nint g;\n#endif\nint f;\n", true },
	{ "", "#define LEVEL 2\n", "#ifdef LEVELS\nint g;\n#endif\nint f;\n", false },
	/* "#define HAVE_y 0," and the trick of IS_ENABLED(). */
	{ "#define SECOND(a, b, ...) b\n#define OR(x) SECOND(x 1, 0)\n#define HAS(x) OR(HAVE_##x)\n",
	  "#define SECOND(a, b, ...) b\n#define OR(x) SECOND(x 1, 0)\n#define HAS(x) OR(HAVE_##x)\n#define HAVE_y 0,\n",
	  "#if HAS(y)\nint g;\n#endif\nint f;\n", true },
	/* What stands under a condition that changes. */
	{ "#ifdef CONFIG_X\nstatic inline int get(void) { return 1; }\n#else\nstatic inline int get(void) { return 2; }\n#endif\n",
	  "#ifndef CONFIG_X\nstatic inline int get(void) { return 1; }\n#else\nstatic inline int get(void) { return 2; }\n#endif\n",
	  "int f(void) { return get(); }\n", true },
	/* An #include comes, goes, or means another file. */
	{ "", "#include <more.h>\n", "#ifdef MORE\nint g;\n#endif\nint f;\n", true },
	{ "#include <more.h>\n", "", "#ifdef MORE\nint g;\n#endif\nint f;\n", true },
	{ "", "#include <more.h>\n", "int f;\n", false },
	/* White space in a string, and between the tokens that make one. */
	{ "#define TEXT \"a b\"\n", "#define TEXT \"a  b\"\n", "const char *f = TEXT;\n", true },
	{ "#define TEXT(x) #x\n#define ONE TEXT(a+b)\n", "#define TEXT(x) #x\n#define ONE TEXT(a + b)\n",
	  "const char *f = ONE;\n", true },
	/* Who includes the file has it. */
	{ "", "static int state __attribute__((used)) = 3;\n", "int f;\n", true },
	{ "static inline int get(void) { return 1; }\n",
	  "static inline __attribute__((used)) int get(void) { return 1; }\n", "int f;\n", true },
	{ "", "asm(\".globl here\");\n", "int f;\n", true },
	{ "#pragma pack(push, 1)\n", "#pragma pack(push, 2)\n", "struct s { char c; int i; } f;\n", true },
	/* In a function that this unit doesn't call, it holds for what follows. */
	{ "static inline int get(void)\n{\n\treturn 1;\n}\n", "static inline int get(void)\n{\n#pragma pack(1)\n\treturn 1;\n}\n",
	  "struct s { char c; int i; } f;\n", true },
	{ "static inline int get(void) { return 1; }\n", "static inline int get(void) { _Pragma(\"pack(1)\") return 1; }\n",
	  "struct s { char c; int i; } f;\n", true },
	/* ... by way of macros, which may be new as well. */
	{ "#define PACK _Pragma(\"pack(1)\")\n#define P(x) PACK x\nstatic inline int get(void) { return 1; }\n",
	  "#define PACK _Pragma(\"pack(1)\")\n#define P(x) PACK x\nstatic inline int get(void) { P() return 1; }\n",
	  "struct s { char c; int i; } f;\n", true },
	{ "static inline int get(void) { return 1; }\n",
	  "#define PACK _Pragma(\"pack(1)\")\nstatic inline int get(void) { PACK return 1; }\n",
	  "struct s { char c; int i; } f;\n", true },
	{ "#define HUSH _Pragma(\"GCC diagnostic push\")\nstatic inline int get(void) { return 1; }\n",
	  "#define HUSH _Pragma(\"GCC diagnostic push\")\nstatic inline int get(void) { HUSH return 1; }\n",
	  "struct s { char c; int i; } f;\n", false },
	{ "static inline int get(void)\n{\n\treturn 1;\n}\n",
	  "static inline int get(void)\n{\n#pragma GCC diagnostic ignored \"-Wpacked\"\n\treturn 1;\n}\n",
	  "struct s { char c; int i; } f;\n", false },
	/* The declarator is a macro's. */
	{ "#define NAME(x) x##_impl\nstatic inline int NAME(get)(void) { return 1; }\n",
	  "#define NAME(x) x##_impl\nstatic inline int NAME(get)(void) { return 2; }\n",
	  "int f(void) { return get_impl(); }\n", true },
	{ "#define real fake\nstatic inline int real(void) { return 1; }\n#undef real\n",
	  "#define real fake\nstatic inline int real(void) { return 2; }\n#undef real\n",
	  "int f(void) { return fake(); }\n", true },
	{ "#define LIST A, B\nenum { LIST, LAST };\n", "#define LIST A, B\nenum { NONE, LIST, LAST };\n",
	  "int f(void) { return B; }\n", true },
	/* Through a typedef, a pointer's type, a call that the compiler makes by itself. */
	{ "struct box { int a; };\ntypedef struct box box_t;\n", "struct box { int b, a; };\ntypedef struct box box_t;\n",
	  "int f(box_t *b) { return b->a; }\n", true },
	{ "struct box { int a; };\nextern struct box *the_box;\n", "struct box { int b, a; };\nextern struct box *the_box;\n",
	  "int f(void) { return the_box->a; }\n", true },
	{ "static inline void *memchr(const void *s, int c, unsigned long n) { return (void *)s; }\n",
	  "static inline void *memchr(const void *s, int c, unsigned long n) { return 0; }\n",
	  "void *f(char *s) { return __builtin_memchr(s, 1, 2); }\n", true },
	{ "#define STEP 1\nstatic inline void *memchr(const void *s, int c, unsigned long n) { return (char *)s + STEP; }\n",
	  "#define STEP 2\nstatic inline void *memchr(const void *s, int c, unsigned long n) { return (char *)s + STEP; }\n",
	  "void *f(char *s) { return __builtin_memchr(s, 1, 2); }\n", true },
	{ "#define STEP 1\nstatic inline void *memchr(const void *s, int c, unsigned long n) { return (char *)s + STEP; }\n",
	  "#define STEP 2\nstatic inline void *memchr(const void *s, int c, unsigned long n) { return (char *)s + STEP; }\n",
	  "void *f(char *s) { return s; }\n", false },
};

START_TEST(what_text_does_not_tell)
{
	char *text = format("#include <h.h>\n%s", unseen[_i].body);

	tree_file(&f, "src/include/more.h", "#define MORE 1\n");
	tree_file(&f, "src/include/h.h", unseen[_i].old);
	tree_unit(&f, "u/x.c", "", text);
	tree_change(&f, "include/h.h", unseen[_i].new);
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("include/h.h"), unseen[_i].chosen ? "u/x" : "");
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 0);
	free(text);
}
END_TEST

/* Out of a folder that has nothing of the fix's: net-traces.c gets net/bridge/br_private.h so, mtip32xx.c ahci.h. */
START_TEST(through_dots)
{
	static const char *const texts[] = { "#include <sub/up.h>\n", "#include <../x/y.h>\n", "#include <sub/../../x/via.h>\n" };
	char *text = format("%sint f(void) { return GET; }\n", texts[_i]);

	tree_file(&f, "src/x/y.h", "#define GET 1\n");
	tree_file(&f, "src/x/via.h", "#include \"y.h\"\n");
	tree_file(&f, "src/include/sub/up.h", "#include \"../../x/y.h\"\n");
	tree_unit(&f, "u/x.c", "", text);
	tree_change(&f, "x/y.h", "#define GET 2\n");
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("x/y.h"), "u/x");
	free(text);
}
END_TEST

/* A new file that is found before the one that was meant. */
START_TEST(a_new_header_hides_another)
{
	tree_file(&f, "obj/include/gen.h", "#define GEN 1\n");
	tree_unit(&f, "u/x.c", "", "#include <gen.h>\nint f = GEN;\n");
	tree_unit(&f, "u/y.c", "", "int f;\n");
	tree_change(&f, "include/gen.h", "#define GEN 2\n");
	tree_overlay(&f);
	ck_assert_msg(!select_included(&f.b, &(struct strings){ 0 }, &f.err), "%s", f.err.text);
	ck_assert_uint_eq(f.b.nr_units, 1);
	ck_assert_str_eq(f.b.units[0].source, "u/x.c");
}
END_TEST

/* Assembly that changes by a header is refused, and only that. */
START_TEST(assembly_that_includes_it)
{
	static const struct { const char *new; unsigned int refusals; } cases[] = {
		{ HEAD "#ifdef __ASSEMBLY__\n.macro BUMP\n\tnop\n\tnop\n.endm\n#endif\n#define SAME 1\n#endif\n", 1 },
		{ HEAD "#ifdef __ASSEMBLY__\n.macro BUMP\n\tnop\n.endm\n#endif\n#define SAME 2\n#endif\n", 0 },
	};

	tree_file(&f, "src/include/h.h", HEAD "#ifdef __ASSEMBLY__\n.macro BUMP\n\tnop\n.endm\n#endif\n#define SAME 1\n#endif\n");
	tree_unit(&f, "u/entry.S", "-D__ASSEMBLY__", "#include <h.h>\n\tBUMP\n");
	tree_unit(&f, "u/x.c", "", "#include <h.h>\nint f;\n");
	tree_change(&f, "include/h.h", cases[_i].new);
	tree_overlay(&f);
	ck_assert_str_eq(reached_by("include/h.h"), "");
	ck_assert_uint_eq(report_nr_refusals(f.b.report), cases[_i].refusals);
}
END_TEST

/* The vdso is its own program, which a changed header may reach. */
START_TEST(the_vdso_includes_it)
{
	make_users(HEAD INLINE_OLD OTHER STRUCT "#endif\n");
	tree_unit(&f, "arch/x86/entry/vdso/v.c", "", "#include <h.h>\nint v(void) { return get(1); }\n");
	tree_unit(&f, "arch/x86/entry/vdso/w.c", "", "#include <h.h>\nint w(void) { return other(1); }\n");
	changed_header(HEAD INLINE_NEW OTHER STRUCT "#endif\n", "u/inline u/third");
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 1);
}
END_TEST

/* ---- all of it ---- */

static const char *units(void)
{
	struct strings l = { 0 };
	const char *out;

	for (size_t i = 0; i < f.b.nr_units; i++)
		strings_add(&l, f.b.units[i].source);
	out = joined(&l);
	strings_free(&l);
	return out;
}

START_TEST(direct_units_come_first)
{
	make_users(HEAD INLINE_OLD OTHER STRUCT "#endif\n");
	tree_unit(&f, "z/direct.c", "", "int z = 1;\n");
	tree_change(&f, "include/h.h", HEAD INLINE_NEW OTHER STRUCT "#endif\n");
	tree_change(&f, "z/direct.c", "int z = 2;\n");
	tree_file(&f, "src/z/notbuilt.c", "int s;\n");
	tree_file(&f, "src/z/Makefile", "obj-$(CONFIG_Z) += notbuilt.o\n");
	tree_change(&f, "tools/perf/x.c", "int t;\n");
	tree_change(&f, "Documentation/x.rst", "text\n");
	tree_change(&f, "z/notbuilt.c", "int t;\n");
	tree_overlay(&f);
	tree_select(&f);
	ck_assert_uint_eq(f.b.nr_direct, 1);
	ck_assert_str_eq(f.b.units[0].source, "z/direct.c");
	ck_assert_str_eq(units(), "u/inline.c u/third.c z/direct.c");
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 0);
}
END_TEST

/* Tests of lib/ include a header from among programs that are no part of the kernel: one that is included is one. */
START_TEST(a_header_of_a_program)
{
	tree_unit(&f, "lib/test_a.c", "", "#include \"../tools/testing/a.h\"\nint a(void) { return A; }\n");
	tree_file(&f, "src/tools/testing/a.h", "#define A 1\n");
	tree_file(&f, "src/tools/testing/b.h", "#define B 1\n");
	tree_change(&f, "tools/testing/a.h", "#define A 2\n");
	tree_change(&f, "tools/testing/b.h", "#define B 2\n");
	tree_overlay(&f);
	tree_select(&f);
	ck_assert_str_eq(units(), "lib/test_a.c");
	ck_assert_int_eq(f.fix.files[0].state, FILE_COMPILED);
	ck_assert_int_eq(f.fix.files[1].state, FILE_IRRELEVANT);
}
END_TEST

#define REST	"Fu/apart.c\nFu/box.c\nFu/comment.c\nFu/other.c\nFu/third.c\n"

/* The order of units is that of the patch's bytes; and near ones show soonest what changes. */
START_TEST(units_come_by_distance_and_name)
{
	static const char *const orders[] = {	/* as readdir() may give them */
		REST "Fu/inline.c\n<h.h\nFu/above.c\n<via.h\nFu/more.c\n<h.h\nFinclude/via.h\n<h.h\n",
		REST "Finclude/via.h\n<h.h\nFu/more.c\n<h.h\nFu/inline.c\n<h.h\nFu/above.c\n<via.h\n",
	};

	make_users(HEAD INLINE_OLD "#endif\n");
	tree_unit(&f, "u/above.c", "", "#include <via.h>\nint f(int a) { return third(a); }\n");
	tree_unit(&f, "u/more.c", "", "#include <h.h>\nint f(int a) { return get(a); }\n");
	tree_file(&f, "include-graph-2", orders[_i]);
	tree_change(&f, "include/h.h", HEAD INLINE_NEW "#endif\n");
	tree_overlay(&f);
	tree_select(&f);
	ck_assert_uint_eq(f.b.nr_units, 3);
	ck_assert_str_eq(f.b.units[2].source, "u/above.c");
	ck_assert_str_eq(f.b.units[0].source, "u/inline.c");
	ck_assert_str_eq(f.b.units[1].source, "u/more.c");
}
END_TEST

START_TEST(what_no_unit_is_made_of)
{
	static const char *const inputs[] = {
		"Makefile", "a/Kconfig.debug", "a/Kbuild", "scripts/x.c", "arch/x86/entry/syscalls/syscall_64.tbl",
		"include/asm-generic/vmlinux.lds.h",
	};

	tree_unit(&f, "arch/x86/boot/z.c", "", "int z = 1;\n");
	tree_change(&f, "arch/x86/boot/z.c", "int z = 2;\n");
	for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
		char *path = format("src/%s", inputs[i]);

		tree_file(&f, path, "old\n");
		tree_change(&f, inputs[i], "new\n");
		free(path);
	}
	tree_overlay(&f);
	tree_select(&f);
	ck_assert_uint_eq(f.b.nr_units, 0);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 1 + sizeof(inputs) / sizeof(*inputs));
}
END_TEST

START_TEST(files_that_are_removed)
{
	make_users(HEAD INLINE_OLD "#endif\n");
	tree_file(&f, "src/include/gone.h", "#define GONE 1\n");
	tree_unit(&f, "u/gone.c", "", "int x = 1;\n");
	tree_unit(&f, "u/user.c", "", "#include <gone.h>\nint f(void) { return GONE; }\n");
	tree_unit(&f, "u/apart2.c", "", "#include <gone.h>\nint f(void) { return 1; }\n");
	text_addf(&f.diff, "--- a/u/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int x = 1;\n"
		  "--- a/include/gone.h\n+++ /dev/null\n@@ -1 +0,0 @@\n-#define GONE 1\n");
	tree_overlay(&f);
	tree_select(&f);
	ck_assert_str_eq(units(), "u/user.c");
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("select");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, commands_of_a_moved_cache);
	tcase_add_test(tc, what_an_object_ends_up_in);
	tcase_add_test(tc, through_other_headers);
	tcase_add_test(tc, beside_the_including_file);
	tcase_add_test(tc, asked_for_by_has_include);
	tcase_add_test(tc, c_files_and_generated_headers);
	tcase_add_test(tc, what_every_command_includes);
	tcase_add_test(tc, parts_of_units);
	tcase_add_test(tc, the_graph_is_kept);
	tcase_add_test(tc, an_inline_function);
	tcase_add_test(tc, a_type);
	tcase_add_test(tc, comments_and_blanks);
	tcase_add_test(tc, a_macro_and_an_enumerator);
	tcase_add_loop_test(tc, through_dots, 0, 3);
	tcase_add_loop_test(tc, what_text_does_not_tell, 0, sizeof(unseen) / sizeof(unseen[0]));
	tcase_add_test(tc, a_new_header_hides_another);
	tcase_add_loop_test(tc, assembly_that_includes_it, 0, 2);
	tcase_add_test(tc, the_vdso_includes_it);
	tcase_add_test(tc, a_macro_between_members);
	tcase_add_test(tc, an_if_around_what_is_named);
	tcase_add_test(tc, an_enumerator_at_the_end);
	tcase_add_test(tc, what_a_macro_declares);
	tcase_add_loop_test(tc, what_a_macro_declares_anew, 0, 3);
	tcase_add_test(tc, a_header_that_no_candidate_includes);
	tcase_add_test(tc, something_without_a_name);
	tcase_add_test(tc, an_included_c_file);
	tcase_add_test(tc, a_c_file_in_between_names_it);
	tcase_add_test(tc, direct_units_come_first);
	tcase_add_test(tc, a_header_of_a_program);
	tcase_add_loop_test(tc, units_come_by_distance_and_name, 0, 2);
	tcase_add_test(tc, what_no_unit_is_made_of);
	tcase_add_test(tc, files_that_are_removed);
	return fixture_run("select", tc);
}
