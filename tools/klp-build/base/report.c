// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report.c - see report.h and report_data.h.
 *
 * Text goes out while the build runs; JSON is gathered and written once, by
 * report_write_json().
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "proc.h"
#include "report.h"
#include "report_data.h"
#include "text.h"
#include "xalloc.h"

static const char *const reason_names[NR_REFUSALS] = {
	[REFUSE_NOT_PROVEN] = "not-proven",
	[REFUSE_NO_FENTRY] = "no-fentry",
	[REFUSE_INIT] = "init",
	[REFUSE_NOINSTR] = "noinstr",
	[REFUSE_ASSEMBLY] = "assembly",
	[REFUSE_DATA] = "data",
	[REFUSE_STRUCT] = "struct",
	[REFUSE_ENUM] = "enum",
	[REFUSE_SIGNATURE] = "signature",
	[REFUSE_STATIC_KEY] = "static-key",
	[REFUSE_RUNTIME_CONST] = "runtime-const",
	[REFUSE_SPECIAL] = "special-section",
	[REFUSE_SYMBOL] = "symbol",
	[REFUSE_PERCPU] = "percpu",
	[REFUSE_WEAK] = "weak",
	[REFUSE_EXPORT] = "export",
	[REFUSE_BUILD] = "build-input",
	[REFUSE_DIFF] = "diff",
	[REFUSE_OTHER] = "other",
};

/* JSON is UTF-8; a diff's or a compiler's text may be anything. */
static json_t *any_string(const char *s)
{
	char *clean = s ? text_utf8(s) : NULL;
	json_t *j = clean ? json_string(clean) : json_null();

	free(clean);
	return j;
}

const char *report_reason_name(enum refusal reason)
{
	return reason < NR_REFUSALS ? reason_names[reason] : "other";
}

double cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9 + proc_children_cpu();
}

struct report *report_new(bool json, bool verbose, FILE *out)
{
	struct report *r = xcalloc(1, sizeof(*r));

	r->quiet = json;
	r->verbose = verbose;
	r->out = out;
	r->terminal = isatty(fileno(out));
	r->started = monotonic_s();
	r->json = json_object();
	r->stages = json_array();
	r->files = json_array();
	r->functions = json_array();
	r->refusals = json_array();
	r->warnings = json_array();
	if (!r->json || !r->stages || !r->files || !r->functions || !r->refusals || !r->warnings) {
		report_free(r);
		return NULL;
	}
	return r;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	json_decref(r->json);
	json_decref(r->stages);
	json_decref(r->files);
	json_decref(r->functions);
	json_decref(r->refusals);
	json_decref(r->warnings);
	free(r);
}

void report_stage(struct report *r, const char *name)
{
	r->stage = name;
	r->stage_started = monotonic_s();
	r->stage_cpu = cpu_now();
	progress_begin(r);
}

void report_stage_end(struct report *r, const char *fmt, ...)
{
	double wall = monotonic_s() - r->stage_started, cpu = cpu_now() - r->stage_cpu;
	char detail[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	json_array_append_new(r->stages, json_pack("{s:s,s:f,s:f,s:o}", "name", r->stage, "wall_s",
						   wall, "cpu_s", cpu, "detail", any_string(detail)));
	progress_clear(r);
	if (!r->quiet) {
		fprintf(r->out, "  %-14s %6.2f s  %s\n", r->stage, wall, detail);
		fflush(r->out);
	}
}

/* Each name once. */
static void add_name(struct report *r, const char *list, const char *name)
{
	json_t *all = json_object_get(r->json, list), *had;
	size_t i;

	if (!all) {
		all = json_array();
		json_object_set_new(r->json, list, all);
	}
	json_array_foreach(all, i, had)
		if (!strcmp(json_string_value(had), name))
			return;
	json_array_append_new(all, any_string(name));
}

void report_not_compiled(struct report *r, const char *source)
{
	add_name(r, "not_compiled", source);
}

void report_missing(struct report *r, const char *symbol)
{
	add_name(r, "missing", symbol);
}

void report_verbose(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->verbose || r->quiet)
		return;
	progress_clear(r);
	fputs("    ", r->out);
	va_start(ap, fmt);
	vfprintf(r->out, fmt, ap);
	va_end(ap);
	fputc('\n', r->out);
}

void report_warn(struct report *r, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(r->warnings, any_string(text));
	progress_clear(r);
	fprintf(stderr, "klp-build: warning: %s\n", text);
}

void report_function(struct report *r, const char *object, const char *function, const char *file,
		     uint32_t line, uint64_t old_size, uint64_t new_size, const char *proof)
{
	json_t *j = json_pack("{s:s,s:o,s:o,s:I,s:I,s:I,s:s}", "object", object, "name", any_string(function),
			      "file", any_string(file ? file : ""), "line", (json_int_t)line, "old_size",
			      (json_int_t)old_size, "new_size", (json_int_t)new_size, "proof",
			      proof ? proof : "");

	json_array_append_new(r->functions, j);
}

void report_changed(struct report *r, const char *file, const char *name, uint64_t code)
{
	char *key = format("%s:%.*s", file, (int)strcspn(name, "."), name);
	json_t *list = json_object_get(r->json, "changed"), *text = any_string(key);

	if (!list) {
		list = json_object();
		json_object_set_new(r->json, "changed", list);
	}
	code ^= (uint64_t)json_integer_value(json_object_get(list, json_string_value(text)));
	json_object_set_new(list, json_string_value(text), json_integer((json_int_t)code));
	json_decref(text);
	free(key);
}

static json_t *list_of(const struct strings *l)
{
	json_t *j = json_array();

	for (size_t i = 0; l && i < l->nr; i++)
		json_array_append_new(j, any_string(l->list[i]));
	return j;
}

void report_file(struct report *r, const char *path, const char *state, const char *reason,
		 const struct strings *units, const struct strings *functions)
{
	json_array_append_new(r->files, json_pack("{s:o,s:s,s:o,s:o,s:o}", "path", any_string(path), "state",
						  state, "reason", any_string(reason), "units",
						  list_of(units), "functions", list_of(functions)));
}

void report_unit(struct report *r, const char *source)
{
	json_t *list = json_object_get(r->json, "units");

	if (!list) {
		list = json_array();
		json_object_set_new(r->json, "units", list);
	}
	json_array_append_new(list, any_string(source));
}

void report_tripwire(struct report *r, const char *function, const char *file, uint32_t line, const char *why)
{
	json_t *list = json_object_get(r->json, "tripwires");

	if (!list) {
		list = json_array();
		json_object_set_new(r->json, "tripwires", list);
	}
	json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:b, s:o}", "function", any_string(function), "file",
					      any_string(file), "line", (json_int_t)line, "counted", !why, "why",
					      any_string(why ? why : "")));
}

void report_counted(const struct report *r, struct strings *out)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(r->json, "tripwires"), i, t) {
		char *line;

		if (!json_is_true(json_object_get(t, "counted")))
			continue;
		line = format("%s %s:%d", json_string_value(json_object_get(t, "function")),
			      json_string_value(json_object_get(t, "file")), (int)json_integer_value(json_object_get(t, "line")));
		strings_add(out, line);
		free(line);
	}
}

void report_refuse(struct report *r, enum refusal reason, const char *function, const char *file,
		   uint32_t line, const char *remedy, const char *why, ...)
{
	char text[1024];
	va_list ap;
	json_t *j;
	size_t i;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	j = json_pack("{s:s,s:o,s:o,s:I,s:o,s:o}", "reason", report_reason_name(reason), "function",
		      any_string(function), "file", any_string(file), "line", (json_int_t)line, "why",
		      any_string(text), "remedy", any_string(remedy));
	for (i = 0; i < json_array_size(r->refusals); i++)
		if (json_equal(json_array_get(r->refusals, i), j))
			break;
	if (i == json_array_size(r->refusals))
		json_array_append(r->refusals, j);
	json_decref(j);
}

size_t report_nr_refusals(const struct report *r)
{
	return json_array_size(r->refusals);
}

size_t report_nr_functions(const struct report *r)
{
	return json_array_size(r->functions);
}

static bool is_of(json_t *j, const char *file)
{
	const char *s = json_string_value(json_object_get(j, "file"));

	return s && !strcmp(s, file);
}

const char *report_refusal_of(const struct report *r, const char *file)
{
	size_t i;
	json_t *j;

	json_array_foreach(r->refusals, i, j)
		if (is_of(j, file))
			return json_string_value(json_object_get(j, "why"));
	return NULL;
}

void report_functions_of(const struct report *r, const char *file, struct strings *out)
{
	size_t i;
	json_t *j;

	json_array_foreach(r->functions, i, j) {
		char *name;

		if (!is_of(j, file))
			continue;
		name = format("%s:%s", json_string_value(json_object_get(j, "object")),
			      json_string_value(json_object_get(j, "name")));
		strings_add(out, name);
		free(name);
	}
}
