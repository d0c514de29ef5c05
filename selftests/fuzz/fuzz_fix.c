// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_fix.c - what a fix is written in, on anything: unified diffs, recipes,
 * and the difference and split of two texts (the halves of the input).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fix/fix.h"
#include "fix/mail.h"
#include "fix/overlay.h"
#include "seeds.h"
#include "series/package.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void two_texts(char *text, size_t len)
{
	struct pkg_file f = { 0 };
	char *half = malloc(len + 2), *synced;

	if (!half)
		return;
	memcpy(half, text, len / 2);
	half[len / 2] = '\0';
	memcpy(half + len / 2 + 1, text + len / 2, len - len / 2);
	half[len + 1] = '\0';
	f.base = half;
	f.fixed = half + len / 2 + 1;
	synced = line_markers_add(f.base, f.fixed);
	free(synced);
	pkg_split(&f);
	for (size_t i = 0; i < f.nr_hunks; i++)
		if (f.hunks[i].group >= f.nr_groups)
			abort();
	pkg_unsplit(&f);
	free(half);
}

/* Is one of its folders ".."?  "a.." is a name like others. */
static bool leads_up(const char *path)
{
	for (const char *s = path; s; s = strchr(s, '/')) {
		s += *s == '/';
		if (!strncmp(s, "..", 2) && (!s[2] || s[2] == '/'))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct fix_file *files;
	struct recipe rec;
	struct klp_err err;
	size_t nr;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!fix_parse_files(text, &files, &nr, &err)) {
		/* A path that leads out of the tree may never pass, but as the problem that it is. */
		for (size_t i = 0; i < nr; i++)
			if (!files[i].problem && (*files[i].path == '/' || leads_up(files[i].path)))
				abort();
		fix_files_free(files, nr);
	}
	mail_check(text, &err);
	if (!recipe_parse(text, "fuzz", &rec, &err))
		recipe_free(&rec);
	if (size < 4096 && strlen(text) == size)
		two_texts(text, size);
	free(text);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char diff[] = "--- a/fs/x.c\n+++ b/fs/x.c\n@@ -1,2 +1,2 @@\n-int a;\n+int b;\n c\n";
	static const char recipe[] = "name: x\ncve: CVE-2026-1\nsource: linux-source-6.1 6.1.187-1\n"
				     "file: fs/x.c\nfunctions: f g\nalso: #include\n";
	static const char texts[] = "static int f(int a)\n{\n\treturn a;\n}\n"
				    "static int f(int a)\n{\n\treturn h(a);\n}\n";

	(void)argc;
	(void)argv;
	seed_write("diff", diff, sizeof(diff) - 1);
	seed_write("recipe", recipe, sizeof(recipe) - 1);
	seed_write("texts", texts, sizeof(texts) - 1);
	return 0;
}
