// SPDX-License-Identifier: GPL-2.0-or-later
/* report_print.c - a finished report, for people. */
#include <stdio.h>

#include "base/report_data.h"
#include "jsonstr.h"
#include "report_print.h"

void report_print_files(struct report *r, FILE *out)
{
	size_t i;
	json_t *f;

	progress_clear(r);
	json_array_foreach(r->files, i, f)
		fprintf(out, "  %s: %s: %s\n", str(f, "path"), str(f, "state"), str(f, "reason"));
}

void report_print_functions(const struct report *r, bool proven)
{
	size_t i;
	json_t *f;

	if (r->quiet)
		return;
	json_array_foreach(r->functions, i, f) {
		fprintf(r->out, "  %s:%s (%s", str(f, "object"), str(f, "name"), str(f, "file"));
		if (num(f, "line"))
			fprintf(r->out, ":%lld", num(f, "line"));
		fprintf(r->out, ")  %lld -> %lld bytes", num(f, "old_size"), num(f, "new_size"));
		if (proven && *str(f, "proof"))
			fprintf(r->out, ", proven: %s", str(f, "proof"));
		fputc('\n', r->out);
	}
}

void report_print_tripwires(const struct report *r)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(r->json, "tripwires"), i, t) {
		const char *why = json_string_value(json_object_get(t, "why"));

		fprintf(r->out, "  %s: %s (%s:%d)%s%s\n", *why ? "not counted" : "counted",
			json_string_value(json_object_get(t, "function")), json_string_value(json_object_get(t, "file")),
			(int)json_integer_value(json_object_get(t, "line")), *why ? ": " : "", why);
	}
}

void report_print_refusals(struct report *r)
{
	size_t i;
	json_t *f;

	progress_clear(r);
	json_array_foreach(r->refusals, i, f) {
		fputs("klp-build: cannot patch", stderr);
		if (*str(f, "function"))
			fprintf(stderr, " %s", str(f, "function"));
		if (*str(f, "file")) {
			fprintf(stderr, *str(f, "function") ? " (%s" : " %s", str(f, "file"));
			if (num(f, "line"))
				fprintf(stderr, ":%lld", num(f, "line"));
			if (*str(f, "function"))
				fputc(')', stderr);
		}
		fprintf(stderr, ": %s\n", str(f, "why"));
		if (*str(f, "remedy"))
			fprintf(stderr, "  remedy: %s\n", str(f, "remedy"));
		fprintf(stderr, "  see klp-build(1), \"Refusals\", %s\n", str(f, "reason"));
	}
}
