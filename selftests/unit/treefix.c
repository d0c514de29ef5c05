// SPDX-License-Identifier: GPL-2.0-or-later
/* treefix.c - see treefix.h. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile/compile.h"
#include "fix/overlay.h"
#include "fixture.h"
#include "io.h"
#include "select/file_state.h"
#include "treefix.h"

void tree_setup(struct treefix *f)
{
	char *work;

	memset(f, 0, sizeof(*f));
	f->folder = fixture_folder();
	f->target.krel = "6.1.0-test";
	f->target.dir = f->folder;
	f->target.version = "6.1.1-1";
	f->target.compiler = "gcc (Debian) 12";
	f->target.priv = &f->priv;
	f->fix.name = "test";
	f->b.target = &f->target;
	f->b.fix = &f->fix;
	f->b.jobs = 2;
	work = fixture_path(f->folder, "work");
	ck_assert_int_eq(mkdir(work, 0755), 0);
	f->b.workdir = work;
	f->log = open_memstream(&f->said, &f->said_len);
	f->b.report = report_new(false, true, f->log);
	tree_file(f, "src/include/linux/kconfig.h", "#define CONFIG_X 1\n");
	tree_file(f, "src/arch/x86/include/asm/asm.h", "");
}

void tree_teardown(struct treefix *f)
{
	for (size_t i = 0; i < f->b.nr_units; i++)
		unit_free(&f->b.units[i]);
	free(f->b.units);
	free(f->b.workdir);
	report_free(f->b.report);
	fclose(f->log);
	free(f->said);
	fix_files_free(f->fix.files, f->fix.nr_files);
	free(f->fix.diff);
	text_free(&f->commands);
	text_free(&f->diff);
	free(f->priv.command_text);
	free(f->priv.commands);
	strings_free(&f->priv.modules);
	fixture_remove(f->folder);
}

void tree_file(struct treefix *f, const char *path, const char *text)
{
	char *full = fixture_path(f->folder, path), *dir = strdup(full);

	*strrchr(dir, '/') = '\0';
	ck_assert_int_eq(io_mkdirs(dir, 0755, NULL), 0);
	ck_assert_int_eq(io_write_atomic(full, text, strlen(text), 0644, NULL), 0);
	free(dir);
	free(full);
}

void tree_unit(struct treefix *f, const char *path, const char *flags, const char *text)
{
	char *src = format("src/%s", path), *obj = format("obj/%s.dir", path);
	int stem = (int)strlen(path) - 2;

	tree_file(f, src, text);
	tree_file(f, obj, "");	/* obj/ has the same folders as src/ */
	text_addf(&f->commands,
		  "%.*s.o\tgcc -Wp,-MMD,%.*s.d -nostdinc -I%s/src/include -I./include -include %s/src/include/linux/kconfig.h"
		  " -O2 -fmacro-prefix-map=%s/src/= %s -DKBUILD_BASENAME='\"x\"' -c -o %.*s.o %s/src/%s\n",
		  stem, path, stem, path, f->folder, f->folder, f->folder, flags, stem, path, f->folder, path);
	free(obj);
	free(src);
}

void tree_change(struct treefix *f, const char *path, const char *text)
{
	char *full = format("%s/src/%s", f->folder, path);
	bool there = !access(full, R_OK);

	ck_assert_int_eq(fix_make_diff(there ? full : "/dev/null", text, path, &f->diff, &f->err), 0);
	free(full);
}

void tree_load(struct treefix *f)
{
	char *commands = text_take(&f->commands);

	ck_assert_ptr_nonnull(commands);
	tree_file(f, "commands", commands);
	free(commands);
	ck_assert_msg(!target_load_commands(&f->target, &f->err), "%s", f->err.text);
	f->fix.diff = text_take(&f->diff);
	if (!*f->fix.diff)
		return;
	ck_assert_msg(!fix_parse_files(f->fix.diff, &f->fix.files, &f->fix.nr_files, &f->err), "%s", f->err.text);
	ck_assert_msg(!files_settle(&f->b, &f->err), "%s", f->err.text);
}

void tree_overlay(struct treefix *f)
{
	tree_load(f);
	ck_assert_msg(!overlay_create(&f->b, &f->err), "%s", f->err.text);
}

char *tree_read(const struct treefix *f, const char *path)
{
	char *full = fixture_path(f->folder, path);
	void *data = NULL;
	size_t len;

	if (io_read_file(full, 1u << 20, &data, &len, NULL))
		data = NULL;
	free(full);
	return data;
}

const char *tree_said(struct treefix *f)
{
	fflush(f->log);
	return f->said;
}
