// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_survey.c - `klp-build survey`: of the CVEs fixed between the version of a
 * kernel and a newer source package, which a live patch can cover.
 *
 * Source packages have no commits, so a CVE is judged by the whole change of each
 * file that its record names: covered only if all of that goes in.  The lower the version,
 * the less is changed in those files that has nothing to do with it: of several packages
 * the lowest that has the fix counts.  What became of a set of files is kept, so that a
 * survey that was ended goes on.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/report_data.h"
#include "base/xalloc.h"
#include "cmd.h"
#include "cve_judge.h"
#include "err.h"
#include "hex.h"
#include "jsonstr.h"
#include "quietpatch.h"
#include "series/cves.h"
#include "series/package.h"
#include "series/state.h"
#include "target/prepare.h"
#include "target/target.h"

static const char help[] =
	"usage: klp-build survey --from-package VERSION[,VERSION...] --cves FILE|DIR --kernel KREL [options]\n"
	"\n"
	"Of the CVEs that the source package VERSION fixes and the kernel doesn't, in code that\n"
	"this kernel has: which a live patch covers, which are refused and why, which need\n"
	"nothing.  Of several packages, the lowest version first, each CVE is looked at in the\n"
	"first that has its fix.  Started again after it was interrupted, it goes on where it was.\n"
	"\n"
	"      --cves FILE|DIR   the kernel's CVE records, see klp-build(1)\n"
	"      --sample N        only N of them, drawn evenly by a digest of their names\n"
	"      --max-units N     refuse a change that more units have to be compiled for (200)\n"
	"      --json FILE       as JSON to FILE, - is the standard output\n"
	"  -j, --jobs N          compilers at a time (default: one a CPU)\n"
	"  -v, --verbose         also the CVEs that aren't in this kernel's code\n"
	"  -h, --help            this text\n";

enum { OPT_FROM = CMD_OWN, OPT_CVES, OPT_SAMPLE, OPT_UNITS };

#define MAX_UPDATES	8

/* A package, and what is known of it. */
struct update {
	const char *version;
	struct pkg pkg;
	struct state state;
	struct judge judge;
};

struct survey {
	const char *krel, *records_path;
	unsigned int sample, max_units;
	struct cmd_common common;
	struct report *r, *quiet;
	struct target *t;
	struct cves records;
	struct update updates[MAX_UPDATES];	/* the lowest version first */
	size_t nr_updates;
	json_t *list;		/* a result a CVE */
	size_t looked_at;	/* of an interrupted survey: results that are there */
};

static const struct pkg *newest(const struct survey *s)
{
	return &s->updates[s->nr_updates - 1].pkg;
}

/* ---- which CVEs ---- */

static int by_digest(const void *a, const void *b)
{
	return strcmp(str(*(json_t *const *)a, "order"), str(*(json_t *const *)b, "order"));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(str(*(json_t *const *)a, "cve"), str(*(json_t *const *)b, "cve"));
}

/* Sort the list, keep the first @nr. */
static void sort_list(json_t *list, int (*by)(const void *, const void *), size_t nr)
{
	size_t n = json_array_size(list);
	json_t **all = xcalloc(n + 1, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = json_incref(json_array_get(list, i));
	qsort(all, n, sizeof(*all), by);
	json_array_clear(list);
	for (size_t i = 0; i < n; i++) {
		if (i < nr)
			json_array_append(list, all[i]);
		json_decref(all[i]);
	}
	free(all);
}

static int add_record(struct survey *s, size_t nr)
{
	const struct cve_record *r = &s->records.list[nr];
	char order[SHA256_HEX_LEN + 1];
	json_t *j;

	if (sha256_hex(r->name, strlen(r->name), order))
		return -ENOMEM;
	j = json_pack("{s:s,s:o,s:i,s:s}", "cve", r->name, "title", json_text(r->title), "record", (int)nr, "order", order);
	for (size_t i = 0; i < r->files.nr; i++) {
		if (!i)
			json_object_set_new(j, "files", json_array());
		json_array_append_new(json_object_get(j, "files"), json_text(r->files.list[i]));
	}
	return json_array_append_new(s->list, j);
}

static int choose(struct survey *s, struct klp_err *err)
{
	size_t between = 0, untold = 0, elsewhere = 0;
	int ret = 0;

	report_stage(s->r, "CVEs");
	for (size_t i = 0; !ret && i < s->records.nr; i++) {
		const struct cve_record *r = &s->records.list[i];

		if (!pkg_fixes(newest(s), r))
			continue;
		between++;
		untold += !r->files.nr;
		elsewhere += r->files.nr && !pkg_compiles(newest(s), r);
		if (r->files.nr && pkg_compiles(newest(s), r))
			ret = add_record(s, i);
	}
	json_object_set_new(s->r->json, "scope", json_pack("{s:I,s:I,s:I,s:I}", "fixed", (json_int_t)between, "without_files",
			    (json_int_t)untold, "not_compiled", (json_int_t)elsewhere, "compiled", (json_int_t)json_array_size(s->list)));
	if (!ret && s->sample)
		sort_list(s->list, by_digest, s->sample);
	if (!ret)
		sort_list(s->list, by_name, SIZE_MAX);
	if (!ret)
		report_stage_end(s->r, "%zu fixed since %s: %zu not in this kernel's code, %zu whose files aren't told; %zu looked at",
				 between, s->t->version, elsewhere, untold, json_array_size(s->list));
	return ret ? klp_err_sys(err, ret, "survey") : 0;
}

/* ---- one CVE ---- */

static void set_outcome(json_t *j, const char *outcome, const char *reason, const char *why)
{
	json_object_set_new(j, "outcome", json_string(outcome));
	json_object_set_new(j, "reason", json_string(reason));
	json_object_set_new(j, "why", json_string(why));
}

/* "cannot compile fs/a.c:", and the first thing that the compiler says, in one line. */
static char *first_lines(const char *message)
{
	size_t n = strcspn(message, "\n");
	const char *next = message + n + strspn(message + n, " \t\n");

	return format("%.*s%s%.*s", (int)n, message, *next ? " " : "", (int)strcspn(next, "\n"), next);
}

static void set_refusal(json_t *j, const char *outcome, json_t *verdict)
{
	json_t *r = json_array_get(json_object_get(verdict, "refusals"), 0);
	char *why = r ? format("%s%s%s: %s", str(r, "function"), *str(r, "function") ? ", " : "", str(r, "file"), str(r, "why")) :
			first_lines(str(verdict, "message"));

	set_outcome(j, outcome, r ? str(r, "reason") : "needs-more", why ? why : "");
	free(why);
}

/* Those of its files by themselves that go in. */
static int count_single(struct update *u, const bool *on, size_t *good, struct klp_err *err)
{
	bool *one = xcalloc(u->pkg.nr_files + 1, sizeof(*one));
	int ret = 0;

	*good = 0;
	for (size_t i = 0; !ret && i < u->pkg.nr_files; i++) {
		json_t *v = NULL;

		if (!on[i] || !u->pkg.files[i].unit)
			continue;
		memset(one, false, u->pkg.nr_files);
		one[i] = true;
		ret = pkg_judge(&u->judge, one, &v, err);
		*good += !ret && !strcmp(str(v, "outcome"), "built");
		json_decref(v);
	}
	free(one);
	return ret;
}

/* The first of its files that no try can bring in: assembly, a Makefile.  NULL: none. */
static const struct pkg_file *out_of_reach(const struct pkg *p, const struct cve_record *r, const char **why)
{
	for (size_t i = 0; i < r->files.nr; i++) {
		const struct pkg_file *f = pkg_find(p, r->files.list[i]);
		const char *outcome = f && !f->text ? pkg_without_try(f, why) : NULL;

		if (outcome && strcmp(outcome, "no-change"))
			return f;
	}
	return NULL;
}

/* What is covered but for that is covered in part; nothing but that is needed: refused. */
static void leave_out(json_t *j, const struct pkg_file *f, const char *why)
{
	bool covered = !strcmp(str(j, "outcome"), "covered");
	char *text;

	if (!covered && strcmp(str(j, "outcome"), "nothing"))
		return;
	text = format("%s: %s", f->path, why);
	set_outcome(j, covered ? "partly" : "refused", report_reason_name(ends_with(f->path, ".S") ? REFUSE_ASSEMBLY : REFUSE_BUILD),
		    text);
	free(text);
}

static int judge_cve(struct update *u, const struct cve_record *r, json_t *j, struct klp_err *err)
{
	bool *on = xcalloc(u->pkg.nr_files + 1, sizeof(*on));
	const char *why = NULL;
	const struct pkg_file *out = out_of_reach(&u->pkg, r, &why);
	size_t nr = 0, units = 0, good = 0;
	json_t *v = NULL;
	int ret = 0;

	for (size_t i = 0; !ret && i < u->pkg.nr_files; i++) {
		const struct pkg_file *f = &u->pkg.files[i];

		on[i] = strings_have(&r->files, f->path) && f->text;
		nr += on[i];
		units += on[i] && f->unit;
	}
	if (!ret && !nr) {
		set_outcome(j, "nothing", "", "its files are the same in both versions");
	} else if (!ret) {
		ret = pkg_judge(&u->judge, on, &v, err);
		if (!ret && !strcmp(str(v, "outcome"), "built"))
			set_outcome(j, "covered", "", "");
		else if (!ret && !strcmp(str(v, "outcome"), "no-change"))
			set_outcome(j, "nothing", "", "no function of this kernel changes");
		else if (!ret && units > 1)
			ret = count_single(u, on, &good, err);
		if (!ret && !*str(j, "outcome"))
			set_refusal(j, good ? "partly" : "refused", v);
	}
	if (!ret && out)
		leave_out(j, out, why);
	if (!ret && v)
		json_object_set(j, "functions", json_object_get(v, "functions"));
	json_decref(v);
	free(on);
	return ret;
}

/* The lowest version that has the fix. */
static struct update *update_of(struct survey *s, const struct cve_record *r)
{
	struct update *u = s->updates;

	while (u < &s->updates[s->nr_updates - 1] && !pkg_fixes(&u->pkg, r))
		u++;
	return u;
}

static int judge_all(struct survey *s, struct klp_err *err)
{
	size_t i;
	json_t *j;

	report_stage(s->r, "tries");
	json_array_foreach(s->list, i, j) {
		const struct cve_record *r = &s->records.list[json_integer_value(json_object_get(j, "record"))];
		struct update *u = update_of(s, r);
		int ret;

		report_progress(s->r, i, json_array_size(s->list), str(j, "cve"));
		json_object_set_new(j, "package", json_string(u->version));
		ret = judge_cve(u, r, j, err);
		if (ret) {
			s->looked_at = i;
			return ret;
		}
		json_object_del(j, "record");
		json_object_del(j, "order");
	}
	report_stage_end(s->r, "%zu CVEs", json_array_size(s->list));
	return 0;
}

/* ---- the table ---- */

static size_t count(json_t *list, const char *outcome, const char *reason)
{
	size_t i, n = 0;
	json_t *j;

	json_array_foreach(list, i, j)
		n += !strcmp(str(j, "outcome"), outcome) && (!reason || !strcmp(str(j, "reason"), reason));
	return n;
}

/* The reasons of those that aren't wholly covered, the most frequent first. */
static void add_reasons(struct survey *s, json_t *reasons)
{
	size_t i;
	json_t *j;

	json_array_foreach(s->list, i, j) {
		const char *reason = str(j, "reason");

		if (*reason && !json_object_get(reasons, reason))
			json_object_set_new(reasons, reason, json_integer((json_int_t)(count(s->list, "partly", reason) +
										       count(s->list, "refused", reason))));
	}
}

static void print_table(struct survey *s, json_t *reasons)
{
	static const char *const outcomes[] = { "covered", "nothing", "partly", "refused" };
	size_t i, all = json_array_size(s->list);
	const char *reason;
	json_t *j, *n;

	json_array_foreach(s->list, i, j) {
		printf("  %-8s %-15s %s\n", str(j, "outcome"), str(j, "cve"), str(j, "title"));
		if (*str(j, "reason"))
			printf("             %s: %.200s\n", str(j, "reason"), str(j, "why"));
	}
	for (i = 0; i < 4; i++)
		printf("  %-8s %zu (%zu%%)\n", outcomes[i], count(s->list, outcomes[i], NULL),
		       all ? (100 * count(s->list, outcomes[i], NULL) + all / 2) / all : 0);
	json_object_foreach(reasons, reason, n)
		printf("    because of %-16s %lld\n", reason, (long long)json_integer_value(n));
}

static int tell(struct survey *s, struct klp_err *err)
{
	static const char *const outcomes[] = { "covered", "nothing", "partly", "refused" };
	json_t *counts = json_object(), *reasons = json_object();

	progress_clear(s->r);
	for (size_t i = 0; i < 4; i++)
		json_object_set_new(counts, outcomes[i], json_integer((json_int_t)count(s->list, outcomes[i], NULL)));
	add_reasons(s, reasons);
	if (!s->r->quiet)
		print_table(s, reasons);
	fflush(stdout);
	json_object_set_new(s->r->json, "counts", counts);
	json_object_set_new(s->r->json, "reasons", reasons);
	json_object_set(s->r->json, "cves", s->list);
	json_object_set_new(s->r->json, "origin", json_string(newest(s)->origin));
	json_object_set_new(s->r->json, "build_id", json_string(s->t->build_id));
	return s->common.json ? cmd_report(s->r, "survey", s->common.json, "surveyed", NULL, err) : 0;
}

/* Of an interrupted survey: what it has found so far. */
static void tell_part(struct survey *s)
{
	size_t all = json_array_size(s->list);
	json_t *reasons = json_object();

	while (json_array_size(s->list) > s->looked_at)
		json_array_remove(s->list, json_array_size(s->list) - 1);
	add_reasons(s, reasons);
	progress_clear(s->r);
	if (!s->r->quiet) {
		print_table(s, reasons);
		printf("  of the first %zu of %zu CVEs\n", s->looked_at, all);
	}
	json_decref(reasons);
}

/* ---- the order of things ---- */

static int open_update(struct survey *s, struct update *u, struct klp_err *err)
{
	char *kind = format("updates/%s", u->version);
	int ret = 0;

	report_stage(s->r, "package");
	ret = pkg_load(s->t, u->version, s->r, &u->pkg, err);
	if (!ret)
		report_stage_end(s->r, "%s: %zu files differ", u->pkg.origin, u->pkg.nr_files);
	if (!ret)
		ret = state_open(kind, s->t, &u->state, err);
	free(kind);
	u->judge = (struct judge){
		.p = &u->pkg, .state = &u->state, .quiet = s->quiet,
		.o = {
			.krel = s->krel, .target = s->t, .name = "update", .release = 1, .max_units = s->max_units,
			.objects = u->state.objects, .flags = QP_PATCH_REPLACE, .of_update = true,
			.jobs = s->common.jobs ? s->common.jobs : cmd_default_jobs(),
		},
	};
	return ret;
}

static int prepare(struct survey *s, struct klp_err *err)
{
	int ret;

	report_stage(s->r, "target");
	ret = target_open(s->krel, &s->t, err);
	if (!ret)
		ret = compiler_check(s->t->compiler, err);
	if (!ret)
		report_stage_end(s->r, "%s, %s", s->t->krel, s->t->version);
	if (!ret)
		ret = cves_load(s->records_path, &s->records, err);
	for (size_t i = 0; !ret && i < s->nr_updates; i++)
		ret = open_update(s, &s->updates[i], err);
	return ret;
}

static void close_update(struct update *u, bool done)
{
	state_close(&u->state, done);
	judge_close(&u->judge);
	pkg_free(&u->pkg);
}

static int survey(struct survey *s)
{
	struct klp_err err = { 0 };
	int ret;

	s->r = report_new(s->common.json && !strcmp(s->common.json, "-"), s->common.verbose, stdout);
	s->quiet = report_new(true, false, stdout);
	s->list = json_array();
	ret = s->r && s->quiet && s->list ? prepare(s, &err) : klp_err_sys(&err, -ENOMEM, "survey");
	if (!ret)
		ret = choose(s, &err);
	if (!ret)
		ret = judge_all(s, &err);
	if (!ret)
		ret = tell(s, &err);
	else if (ret == -EINTR && s->looked_at)
		tell_part(s);
	if (s->r)
		progress_clear(s->r);
	for (size_t i = 0; i < s->nr_updates; i++)
		close_update(&s->updates[i], !ret);
	if (ret == -EINTR)
		klp_err_set(&err, ret, "interrupted; what is known is kept: the same command goes on there");
	report_free(s->quiet);
	cves_free(&s->records);
	target_close(s->t);
	json_decref(s->list);
	report_free(s->r);
	return ret ? cmd_fail(&err) : 0;
}

/* "6.1.187-1,6.1.192-2": cut at the commas. */
static int add_versions(struct survey *s, char *list)
{
	struct kver now, before = { 0 };

	for (char *v = strtok(list, ","); v; v = strtok(NULL, ",")) {
		if (s->nr_updates == MAX_UPDATES)
			return cmd_usage("survey", "more than %d packages", MAX_UPDATES);
		if (kver_parse(v, &now))
			return cmd_usage("survey", "%s isn't a kernel package's version, as in 6.1.187-1", v);
		if (s->nr_updates && kver_compare(&now, &before) <= 0)
			return cmd_usage("survey", "%s isn't a later version than %s: the lowest comes first", v,
					 s->updates[s->nr_updates - 1].version);
		before = now;
		s->updates[s->nr_updates++] = (struct update){ .version = v, .state = { .lock = -1 } };
	}
	return 0;
}

int cmd_survey(int argc, char **argv)
{
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "from-package", required_argument, NULL, OPT_FROM },
		{ "cves", required_argument, NULL, OPT_CVES },
		{ "sample", required_argument, NULL, OPT_SAMPLE },
		{ "max-units", required_argument, NULL, OPT_UNITS },
		{ "json", required_argument, NULL, CMD_JSON },
		{ "jobs", required_argument, NULL, CMD_JOBS },
		{ "verbose", no_argument, NULL, CMD_VERBOSE },
		{ "help", no_argument, NULL, CMD_HELP },
		{ 0 },
	};
	struct survey s = { .common = { .command = "survey", .help = help }, .max_units = 200 };
	int c, ret;

	while ((c = getopt_long(argc, argv, "k:j:vh", options, NULL)) != -1) {
		ret = 0;
		switch (c) {
		case 'k':
			s.krel = optarg;
			break;
		case OPT_FROM:
			ret = add_versions(&s, optarg);
			if (ret)
				return ret;
			break;
		case OPT_CVES:
			s.records_path = optarg;
			break;
		case OPT_SAMPLE:
			s.sample = cmd_number(optarg);
			if (!s.sample)
				return cmd_usage("survey", "\"%s\" isn't a number of CVEs", optarg);
			break;
		case OPT_UNITS:
			s.max_units = cmd_number(optarg);
			if (!s.max_units)
				return cmd_usage("survey", "\"%s\" isn't a number of units", optarg);
			break;
		default:
			ret = cmd_common(&s.common, c);
		}
		if (ret)
			return ret - 1;
	}
	if (!s.krel || !s.nr_updates || !s.records_path || optind != argc)
		return cmd_usage("survey", "survey needs --kernel, --from-package and --cves, and nothing else");
	return survey(&s);
}
