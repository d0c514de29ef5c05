// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_files.c - `klp-build files`: what the files that CVE records name are in a prepared kernel: in the image, in
 * which modules, or not compiled at all.  klp-repo publishes it with the records (`publish --cves ... --files`).
 *
 * "Not compiled" is said of a .c file alone that no unit is made of, no unit includes and no program of the build reads; what isn't
 * shown is left out.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd.h"
#include "err.h"
#include "io.h"
#include "select/file_state.h"
#include "series/cves.h"
#include "target/target.h"

static const char help[] =
	"usage: klp-build files --kernel KREL --cves FILE|DIR [-o FILE]\n"
	"\n"
	"Of each file that the CVE records name: is it in the kernel's image, in which modules,\n"
	"or not compiled at all.  For `klp-repo publish --cves FILE|DIR --files FILE`.\n"
	"\n"
	"      --cves FILE|DIR   the kernel's CVE records, see klp-build(1)\n"
	"  -o, --output FILE     there, instead of the standard output\n"
	"  -h, --help            this text\n";

enum { OPT_CVES = CMD_OWN };

/* "vmlinux" or a module for each object that @path becomes. */
static json_t *owners(const struct target *t, const struct strings *objects)
{
	struct strings seen = { 0 };
	json_t *list = json_array();

	for (size_t i = 0; i < objects->nr; i++) {
		const char *owner = target_object_of(t, objects->list[i]);

		/* One that stands apart (vdso, boot code) is in the image. */
		owner = owner ? owner : "vmlinux";
		if (strings_add_once(&seen, owner))
			json_array_append_new(list, json_string(owner));
	}
	strings_free(&seen);
	return list;
}

static int is_left_out(const struct target *t, const char *path, bool *out, struct klp_err *err)
{
	bool included = true, read = true;
	int ret = file_is_included(t, path, &included, err);

	if (!ret)
		ret = file_read_by_build(t, path, &read, err);
	*out = !ret && !included && !read;
	return ret;
}

static int look_at(const struct target *t, const char *path, json_t *files, struct klp_err *err)
{
	struct strings objects = { 0 };
	bool left_out = false;
	int ret = 0;

	if (json_object_get(files, path))
		return 0;
	file_objects(t, path, &objects);
	if (objects.nr)
		json_object_set_new(files, path, owners(t, &objects));
	else if (ends_with(path, ".c"))
		ret = is_left_out(t, path, &left_out, err);
	if (!ret && left_out)
		json_object_set_new(files, path, json_array());
	strings_free(&objects);
	return ret;
}

static int tell(const char *krel, const char *records_path, const char *output, struct klp_err *err)
{
	struct cves records = { 0 };
	json_t *files = json_object(), *all;
	struct target *t = NULL;
	char *text = NULL;
	int ret;

	ret = target_open(krel, &t, err);
	if (!ret)
		ret = cves_load(records_path, &records, err);
	for (size_t i = 0; !ret && i < records.nr; i++)
		for (size_t k = 0; !ret && k < records.list[i].files.nr; k++)
			ret = look_at(t, records.list[i].files.list[k], files, err);
	if (!ret) {
		all = json_pack("{s:s, s:s, s:s, s:O}", "kernel", t->krel, "version", t->version, "build_id", t->build_id,
				"files", files);
		text = all ? json_dumps(all, JSON_SORT_KEYS | JSON_INDENT(1)) : NULL;
		json_decref(all);
		ret = !text ? klp_err_sys(err, -ENOMEM, "files") :
			      io_write_output(output, text, strlen(text), 0644, err);
	}
	free(text);
	cves_free(&records);
	target_close(t);
	json_decref(files);
	return ret;
}

int cmd_files(int argc, char **argv)
{
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "cves", required_argument, NULL, OPT_CVES },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, CMD_HELP },
		{ 0 },
	};
	struct cmd_common common = { .command = "files", .help = help };
	const char *krel = NULL, *records = NULL, *output = "/dev/stdout";
	struct klp_err err = { 0 };
	int c, ret;

	while ((c = getopt_long(argc, argv, "k:o:h", options, NULL)) != -1) {
		ret = 0;
		if (c == 'k')
			krel = optarg;
		else if (c == OPT_CVES)
			records = optarg;
		else if (c == 'o')
			output = optarg;
		else
			ret = cmd_common(&common, c);
		if (ret)
			return ret - 1;
	}
	if (!krel || !records || optind != argc)
		return cmd_usage("files", "files needs --kernel and --cves, and nothing else");
	return tell(krel, records, output, &err) ? cmd_fail(&err) : EXIT_DONE;
}
