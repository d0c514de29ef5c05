// SPDX-License-Identifier: GPL-2.0-or-later
/* report_print.c - a finished report, for people and for machines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "report.h"
#include "report_priv.h"

static long long num(json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

/* The largest resident set of this process, or of any that it waited for. */
static json_int_t peak_kib(int who)
{
	struct rusage ru = { 0 };

	getrusage(who, &ru);
	return ru.ru_maxrss;
}

double report_wall(const struct report *r)
{
	return monotonic_s() - r->started;
}

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
		if (*str(f, "way_out"))
			fprintf(stderr, "  way out: %s\n", str(f, "way_out"));
		fprintf(stderr, "  see klp-build(1), \"Refusals\", %s\n", str(f, "reason"));
	}
}

int report_write_json(struct report *r, const char *path, const char *outcome, const char *message,
		      struct klp_err *err)
{
	json_t *j = r->json;
	char *s;
	int ret;

	json_object_set_new(j, "outcome", json_string(outcome));
	if (message && *message)
		json_object_set_new(j, "message", json_string(message));
	json_object_set_new(j, "wall_s", json_real(report_wall(r)));
	json_object_set_new(j, "cpu_s", json_real(cpu_now()));
	json_object_set_new(j, "peak_kib", json_pack("{s:I,s:I}", "builder", peak_kib(RUSAGE_SELF),
						     "largest_child", peak_kib(RUSAGE_CHILDREN)));
	json_object_set(j, "stages", r->stages);
	if (json_array_size(r->files))
		json_object_set(j, "files", r->files);
	json_object_set(j, "functions", r->functions);
	json_object_set(j, "refusals", r->refusals);
	json_object_set(j, "warnings", r->warnings);
	s = json_dumps(j, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
	if (!s)
		return klp_err_sys(err, -ENOMEM, "report");
	if (!strcmp(path, "-")) {
		ret = puts(s) < 0 || fflush(stdout) ? klp_err_sys(err, errno ? -errno : -EIO, "cannot write the report") : 0;
	} else {
		ret = io_write_output(path, s, strlen(s), 0644, err);
	}
	free(s);
	return ret;
}
