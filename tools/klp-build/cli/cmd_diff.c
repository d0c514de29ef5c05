// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_diff.c - `klp-build diff`: the object differ alone, on two given objects. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/report.h"
#include "base/report_data.h"
#include "cmd.h"
#include "diff/diff.h"
#include "err.h"
#include "jsonstr.h"
#include "report_print.h"

static const char help[] =
	"usage: klp-build diff ORIG.o PATCHED.o [--json FILE]\n"
	"\n"
	"Compare two objects, function by function.  Both must come straight from the\n"
	"compiler (before objtool), with -ffunction-sections -fdata-sections.\n"
	"\n"
	"  --json FILE  write the result as JSON to FILE, - is the terminal\n"
	"  --all        list what is the same, too\n"
	"\n"
	"exit: 0 functions changed, 1 failed, 2 none changed, 3 refused, 64 usage\n";

static const char *change_name(enum change c)
{
	static const char *const names[] = {
		[CHANGE_SAME] = "same", [CHANGE_CHANGED] = "changed",
		[CHANGE_NEW] = "new", [CHANGE_GONE] = "gone",
	};

	return names[c];
}

static const struct elf_symbol *any(const struct diff_symbol *ds)
{
	return ds->patched ? ds->patched : ds->orig;
}

static bool changed(const struct unit *u, bool function)
{
	for (size_t i = 0; i < u->nr_symbols; i++) {
		const struct diff_symbol *ds = &u->symbols[i];

		if (ds->change != CHANGE_SAME && (any(ds)->type == STT_FUNC) == function)
			return true;
	}
	return false;
}

static void print_symbols(const struct unit *u, bool all)
{
	for (size_t i = 0; i < u->nr_symbols; i++) {
		const struct diff_symbol *ds = &u->symbols[i];
		const struct elf_file *ef = ds->patched ? u->patched : u->orig;
		const struct elf_symbol *sym = any(ds);

		if (ds->change == CHANGE_SAME && !all)
			continue;
		printf("%-8s%-9s%s (%s)", change_name(ds->change),
		       sym->type == STT_FUNC ? "function" : "data", sym->name,
		       ef->sections[sym->shndx].name);
		if (ds->orig && ds->patched)
			printf(" %llu -> %llu bytes", (unsigned long long)ds->orig->size,
			       (unsigned long long)ds->patched->size);
		else
			printf(" %llu bytes", (unsigned long long)sym->size);
		printf("%s\n", ds->forced ? ", for a callee without ftrace site" : "");
	}
}

static json_t *json_symbols(const struct unit *u, bool function, bool all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < u->nr_symbols; i++) {
		const struct diff_symbol *ds = &u->symbols[i];
		json_t *j;

		if ((ds->change == CHANGE_SAME && !all) || (any(ds)->type == STT_FUNC) != function)
			continue;
		j = json_pack("{s:o, s:s, s:I, s:I, s:o}", "name", json_text(any(ds)->name),
			      "change", change_name(ds->change),
			      "old_size", (json_int_t)(ds->orig ? ds->orig->size : 0),
			      "new_size", (json_int_t)(ds->patched ? ds->patched->size : 0),
			      "section", json_text((ds->patched ? u->patched : u->orig)->
				sections[any(ds)->shndx].name));
		if (function) {
			json_object_set_new(j, "fentry", json_boolean(ds->has_fentry));
			json_object_set_new(j, "forced", json_boolean(ds->forced));
		}
		json_array_append_new(list, j);
	}
	return list;
}

static int run_diff(struct unit *u, const char *json, bool all, struct klp_err *err)
{
	struct report *r = report_new(json != NULL, false, stdout);
	int code, ret = unit_diff(u, r, err);

	if (ret) {
		report_free(r);
		return ret;
	}
	code = report_nr_refusals(r) ? EXIT_REFUSED :
	       changed(u, true) ? EXIT_BUILT : EXIT_NO_CHANGE;
	if (json) {
		json_object_set_new(r->json, "symbols", json_symbols(u, true, all));
		json_object_set_new(r->json, "data", json_symbols(u, false, all));
		ret = cmd_report(r, "diff", json, code == EXIT_REFUSED ? "refused" :
					code == EXIT_BUILT ? "changed" : "same", NULL, err);
	} else {
		print_symbols(u, all);
		report_print_refusals(r);
	}
	report_free(r);
	return ret ? ret : code;
}

int cmd_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, CMD_JSON },
		{ "all", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, CMD_HELP },
		{ 0 }
	};
	struct cmd_common common = { .command = "diff", .help = help };
	struct klp_err err = { 0 };
	struct unit u = { 0 };
	bool all = false;
	int c, ret;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			all = true;
			break;
		default:
			ret = cmd_common(&common, c);
			if (ret)
				return ret - 1;
		}
	}
	if (argc - optind != 2)
		return cmd_usage("diff", "diff needs two objects");
	u.source = argv[optind + 1];
	u.orig_path = argv[optind];
	u.patched_path = argv[optind + 1];
	ret = elf_open(u.orig_path, &u.orig, &err);
	if (!ret)
		ret = elf_open(u.patched_path, &u.patched, &err);
	if (!ret)
		ret = run_diff(&u, common.json, all, &err);
	free(u.symbols);
	elf_close(u.orig);
	elf_close(u.patched);
	return ret < 0 ? cmd_fail(&err) : ret;
}
