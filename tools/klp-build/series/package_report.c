// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_report.c - what became of each change of an update, for people: a
 * line a file, and one for each part of it that stays out.
 *
 *	  partly     fs/xfs/xfs_log_recover.c
 *	             - xlog_recover_add_to_trans: failed: cannot compile ...
 *	  refused    block/bdev.c
 *	             - bdev_cache_init: init: it is __init, and has run
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "jsonstr.h"
#include "manifest.h"
#include "package.h"
#include "series_patch.h"

#define WHY_LEN		160
#define MAX_DECLS	4

static void print_decls(json_t *part, FILE *out)
{
	json_t *decls = json_object_get(part, "declarations"), *name;
	size_t i;

	json_array_foreach(decls, i, name)
		if (i < MAX_DECLS)
			fprintf(out, "%s%s", i ? ", " : "", json_string_value(name));
	if (i > MAX_DECLS)
		fprintf(out, " and %zu more", i - MAX_DECLS);
	if (!i)
		fputs("(outside of functions)", out);
}

/* The first line of a reason, cut where it gets long. */
static void print_why(const char *tag, const char *why, FILE *out)
{
	size_t n = strcspn(why, "\n");

	fprintf(out, ": %s: %.*s%s\n", tag, (int)(n < WHY_LEN ? n : WHY_LEN), why,
		n < WHY_LEN ? "" : "...");
}

static void print_part(json_t *part, FILE *out)
{
	json_t *refusal = json_array_get(json_object_get(part, "refusals"), 0);
	const char *outcome = str(part, "outcome");

	if (strcmp(outcome, "refused") && strcmp(outcome, "failed"))
		return;
	fputs("             - ", out);
	print_decls(part, out);
	if (refusal)
		print_why(str(refusal, "reason"), str(refusal, "why"), out);
	else
		print_why(outcome, str(part, "message"), out);
}

static int by_file(const void *a, const void *b)
{
	return strcmp(str(*(json_t *const *)a, "file"), str(*(json_t *const *)b, "file"));
}

void pkg_sort_changes(json_t *changes)
{
	size_t nr = json_array_size(changes), i;
	json_t **list = xcalloc(nr + 1, sizeof(*list)), *c;

	json_array_foreach(changes, i, c)
		list[i] = json_incref(c);
	qsort(list, nr, sizeof(*list), by_file);
	for (i = 0; i < nr; i++)
		json_array_set_new(changes, i, list[i]);
	free(list);
}

void pkg_print_changes(json_t *changes, FILE *out)
{
	size_t i, k;
	json_t *c, *p;

	json_array_foreach(changes, i, c) {
		const char *outcome = str(c, "outcome"), *why = str(c, "why");

		/* Hundreds of other architectures and drivers: the JSON has them. */
		if (!strcmp(outcome, "no-change"))
			continue;
		fprintf(out, "  %-10s %s", outcome, str(c, "file"));
		if (*why)
			fprintf(out, ": %.*s", (int)strcspn(why, "\n"), why);
		fputc('\n', out);
		json_array_foreach(json_object_get(c, "parts"), k, p)
			if (!*why)
				print_part(p, out);
	}
}

/* "f, g: struct: why", on one line. */
static int add_left_out(struct manifest_file *f, json_t *part, const char *why)
{
	json_t *refusal = json_array_get(json_object_get(part, "refusals"), 0), *name;
	struct text t = { 0 };
	char *line;
	size_t i;
	int ret;

	json_array_foreach(json_object_get(part, "declarations"), i, name)
		text_addf(&t, "%s%s", i ? ", " : "", json_string_value(name));
	if (!why)
		why = refusal ? str(refusal, "why") : str(part, "message");
	text_addf(&t, "%s%s%s%s", t.len ? ": " : "", refusal ? str(refusal, "reason") : "", refusal ? ": " : "", *why ? why : "left out");
	line = sp_utf8_line(t.s, strcspn(t.s, "\n"));
	ret = manifest_add_left_out(f, line);
	free(line);
	text_free(&t);
	return ret;
}

static int list_file(json_t *c, struct manifest *m)
{
	bool partly = !strcmp(str(c, "outcome"), "partly"), built = !strcmp(str(c, "outcome"), "built");
	struct manifest_file *f = manifest_add_file(m);
	size_t i;
	json_t *p;
	int ret = f ? 0 : -ENOMEM;

	if (!ret)
		ret = manifest_set(&f->file, str(c, "file"));
	if (!ret)
		ret = manifest_set(&f->outcome, built ? "built" : partly ? "partly" : "refused");
	json_array_foreach(json_object_get(c, "parts"), i, p)
		if (!ret && !built && (!strcmp(str(p, "outcome"), "refused") || !strcmp(str(p, "outcome"), "failed")))
			ret = add_left_out(f, p, NULL);
	if (!ret && !built && !f->nr_left_out)
		ret = add_left_out(f, NULL, *str(c, "why") ? str(c, "why") : "left out");
	return ret;
}

int pkg_list_files(json_t *changes, struct manifest *m)
{
	size_t i;
	json_t *c;
	int ret = 0;

	json_array_foreach(changes, i, c)
		if (!ret && strcmp(str(c, "outcome"), "no-change"))
			ret = list_file(c, m);
	return ret;
}
