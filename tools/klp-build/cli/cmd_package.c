// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_package.c - `klp-build build|check --from-package VERSION`: all of an
 * update that can go into a running kernel, as one cumulative patch.
 *
 * Each changed file is judged in a process of its own (package_solve.c), several at a
 * time, with those that it needs.  What goes with a change that is left out stays out, and the rest
 * is built as one; what of that its objects refuse is taken out.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/report_data.h"
#include "base/xalloc.h"
#include "build_args.h"
#include "cmd.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "manifest.h"
#include "quietpatch.h"
#include "report_print.h"
#include "series/cves.h"
#include "series/package.h"
#include "series/state.h"
#include "target/prepare.h"
#include "target/target.h"

#define CHANGELOG_MAX	(64u << 20)

/* A file that is being solved. */
struct worker {
	pid_t pid;
	size_t file;
	char *path;	/* of its result */
};

struct update {
	struct build_args *a;
	struct report *r;
	struct pkg pkg;
	struct cves records;	/* of --cves */
	bool *all;		/* what goes in: a flag a file */
	json_t *changes;	/* a result per file */
	char *origin;		/* for the manifest */
	struct worker *workers;
	struct state state;	/* results that are known, and objects that all tries share */
	size_t done, total;
};

/* ---- one file ---- */

/* Of a try of one file. */
static void set_try(const struct update *u, struct build_options *o)
{
	*o = u->a->o;
	o->out = NULL;
	o->key = o->module_key = o->module_cert = NULL;
	o->summary = NULL;
	o->release = 1;
	o->cves = (struct strings){ 0 };
	o->target = (struct target *)u->pkg.target;
	o->name = "update";
	o->of_update = true;
	o->objects = u->state.objects;
	o->jobs = 1;
	o->flags = QP_PATCH_REPLACE;
}

static void solve_child(struct update *u, const struct worker *w)
{
	struct judge g = { .p = &u->pkg, .state = &u->state };
	struct klp_err err = { 0 };
	json_t *j = NULL;

	proc_follow_parent();
	g.quiet = report_new(true, false, stdout);
	set_try(u, &g.o);
	if (!g.quiet || pkg_solve(&g, w->file, u->a->parts, &j, &err))
		j = json_pack("{s:s,s:s,s:o,s:[],s:[]}", "file", u->pkg.files[w->file].path, "outcome",
			      "failed", "why", json_text(err.text), "parts", "with");
	judge_close(&g);
	_exit(json_dump_file(j, w->path, 0) ? 1 : 0);
}

static int start(struct update *u, struct worker *w, size_t file, struct klp_err *err)
{
	w->file = file;
	w->path = format("%s/%zu.json", u->state.work, file);
	fflush(NULL);
	w->pid = fork();
	if (!w->pid)
		solve_child(u, w);
	return w->pid < 0 ? klp_err_sys(err, -errno, "cannot fork") : 0;
}

/* What the outcome of a file depends on, beside the kernel and the builder. */
static int key_of(const struct update *u, size_t file, char key[SHA256_HEX_LEN + 1])
{
	char *what = format("%s %u %d %s", u->pkg.origin, u->a->o.max_units, u->a->parts, u->pkg.files[file].path);
	int ret = state_first_key(&u->state, what, key);

	free(what);
	return ret;
}

static void finish(struct update *u, struct worker *w)
{
	char key[SHA256_HEX_LEN + 1];
	const char *file = u->pkg.files[w->file].path;
	json_t *j = json_load_file(w->path, 0, NULL);

	/* If it can't be kept, it is found out once more. */
	if (j && !proc_interrupted() && !key_of(u, w->file, key))
		state_put(&u->state, key, j, NULL);
	if (!j)
		j = json_pack("{s:s,s:s,s:s,s:[],s:[]}", "file", file, "outcome", "failed", "why",
			      "the process that worked on it died", "parts", "with");
	json_array_append_new(u->changes, j);
	unlink(w->path);
	free(w->path);
	*w = (struct worker){ 0 };
	u->done++;
	report_progress(u->r, u->done, u->total, file);
	report_verbose(u->r, "%s: %s", file, json_string_value(json_object_get(j, "outcome")));
}

static struct worker *worker_of(const struct update *u, pid_t pid)
{
	for (unsigned int i = 0; i < u->a->o.jobs; i++)
		if (u->workers[i].pid == pid)
			return &u->workers[i];
	return NULL;
}

/* Wait for one of the workers. */
static int reap(struct update *u, struct klp_err *err)
{
	struct worker *w;
	int status;

	do {
		pid_t pid = waitpid(-1, &status, 0);

		if (pid < 0 && errno != EINTR)
			return klp_err_sys(err, -errno, "waiting");
		w = pid > 0 ? worker_of(u, pid) : NULL;
		if (w)
			finish(u, w);
		if (proc_interrupted())
			return klp_err_set(err, -EINTR, "interrupted");
	} while (!w);
	return 0;
}

/* After a failure: nothing goes on behind our back. */
static void stop_all(struct update *u)
{
	for (unsigned int i = 0; i < u->a->o.jobs; i++)
		if (u->workers[i].pid)
			kill(u->workers[i].pid, SIGTERM);
	for (unsigned int i = 0; i < u->a->o.jobs; i++) {
		if (u->workers[i].pid)
			proc_wait(u->workers[i].pid, NULL, NULL);
		free(u->workers[i].path);
		u->workers[i] = (struct worker){ 0 };
	}
}

static bool wanted(const struct update *u, const char *path)
{
	return !u->a->only.nr || strings_have(&u->a->only, path);
}

/* What an earlier run that was ended has found out. */
static json_t *known(const struct update *u, size_t file)
{
	char key[SHA256_HEX_LEN + 1];

	return key_of(u, file, key) ? NULL : state_get(&u->state, key);
}

/* Files whose kind alone decides, and those that are known, are told at once; @rest gets the others. */
static size_t settle_all(struct update *u, size_t *rest)
{
	size_t nr = 0;
	json_t *j;

	for (size_t i = 0; i < u->pkg.nr_files; i++) {
		if (!wanted(u, u->pkg.files[i].path))
			continue;
		if (pkg_settled(&u->pkg.files[i], &j) || (j = known(u, i)))
			json_array_append_new(u->changes, j);
		else
			rest[nr++] = i;
	}
	return nr;
}

static int solve_all(struct update *u, struct klp_err *err)
{
	size_t *rest = xcalloc(u->pkg.nr_files + 1, sizeof(*rest)), running = 0;
	int ret = 0;

	report_stage(u->r, "changes");
	u->total = settle_all(u, rest);
	for (size_t i = 0; !ret && i < u->total; i++) {
		struct worker *w = u->workers;

		if (running == u->a->o.jobs) {
			ret = reap(u, err);
			running--;
		}
		while (!ret && w->pid)
			w++;
		if (!ret)
			ret = start(u, w, rest[i], err);
		running += !ret;
	}
	free(rest);
	while (running && !ret) {
		ret = reap(u, err);
		running--;
	}
	if (ret)
		stop_all(u);
	else
		report_stage_end(u->r, "%zu files tried, %zu needed none or were known", u->done,
				 json_array_size(u->changes) - u->done);
	return ret;
}

/* ---- together ---- */

/* How all together is built. */
static void set_whole(struct update *u, struct build_options *o, struct strings *cves)
{
	json_t *list = json_array();

	*o = u->a->o;
	o->target = (struct target *)u->pkg.target;
	o->origin = u->origin;
	o->objects = u->state.objects;
	o->flags = QP_PATCH_REPLACE;
	o->max_units = 0;
	free(u->all);
	u->all = join_on(&u->pkg, u->changes);
	pkg_cves(&u->pkg, u->all, u->changes, &u->records, list, cves);
	o->cves = *cves;
	if (u->a->records)
		json_object_set(u->r->json, "cves", list);
	json_decref(list);
}

static bool has_any(const struct update *u)
{
	for (size_t i = 0; i < u->pkg.nr_files; i++)
		if (u->all[i])
			return true;
	return false;
}

/* Once: 1 if something had to be taken out, and the rest is to be built. */
static int build_together(struct update *u, json_t **verdict, struct klp_err *err)
{
	struct judge g = { .p = &u->pkg, .state = &u->state, .loud = !u->r->quiet };
	struct manifest *parts = manifest_new();
	struct strings cves = { 0 };
	struct build_options o;
	int ret = 0;

	while (join_drop_tied(&u->pkg, u->changes, &u->records))
		;
	set_whole(u, &o, &cves);
	if (pkg_list_files(u->changes, parts))
		ret = klp_err_sys(err, -ENOMEM, "update");
	o.parts = parts;
	json_decref(*verdict);
	*verdict = NULL;
	if (!ret && has_any(u)) {
		ret = pkg_try(&g, u->all, &o, "together", verdict, err);
		if (!ret && !outcome_is(*verdict, "built") && !outcome_is(*verdict, "no-change"))
			ret = join_drop(u->changes, *verdict) > 0;
	}
	strings_free(&cves);
	manifest_free(parts);
	return ret;
}

static int join(struct update *u, json_t **verdict, struct klp_err *err)
{
	int ret = 0;

	/* The same input gives the same bundle, in whatever order the files were done. */
	pkg_sort_changes(u->changes);
	report_stage(u->r, "together");
	while (!ret) {
		ret = build_together(u, verdict, err);
		if (ret != 1)
			break;
		report_verbose(u->r, "some don't go with the others, and are taken out");
		ret = 0;
	}
	if (!ret)
		report_stage_end(u->r, "%zu functions", json_array_size(json_object_get(*verdict, "functions")));
	return ret;
}

/* ---- report ---- */

static void add_cves(struct update *u)
{
	char *path = format("%s/changelog", u->pkg.dir);
	void *text = NULL;
	size_t len;

	if (path && !io_read_file(path, CHANGELOG_MAX, &text, &len, NULL))
		json_object_set_new(u->r->json, "changelog",
				    changelog_cves(text, u->pkg.target->version, u->pkg.version));
	free(text);
	free(path);
}

static void count(json_t *changes, const char *outcome, size_t *n)
{
	size_t i;
	json_t *c;

	*n = 0;
	json_array_foreach(changes, i, c)
		*n += !strcmp(json_string_value(json_object_get(c, "outcome")), outcome);
}

static int tell(struct update *u, json_t *verdict, struct klp_err *err)
{
	static const char *const names[] = { "built", "partly", "no-change", "refused", "failed" };
	const char *outcome = verdict ? json_string_value(json_object_get(verdict, "outcome")) :
					"no-change";
	const char *message = verdict ? json_string_value(json_object_get(verdict, "message")) : NULL;
	json_t *counts = json_object();
	size_t i, n, refused = 0;
	int ret = 0, code;

	pkg_sort_changes(u->changes);
	if (!u->r->quiet)
		pkg_print_changes(u->changes, stdout);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		count(u->changes, names[i], &n);
		json_object_set_new(counts, names[i], json_integer((json_int_t)n));
		if (!u->r->quiet)
			printf("  %-10s %zu\n", names[i], n);
		refused += i >= 3 ? n : 0;
	}
	json_object_set_new(u->r->json, "counts", counts);
	json_object_set(u->r->json, "changes", u->changes);
	json_array_extend(u->r->functions, verdict ? json_object_get(verdict, "functions") : NULL);
	add_cves(u);
	if (!strcmp(outcome, "built"))
		code = EXIT_BUILT;
	else if (!strcmp(outcome, "failed"))
		code = EXIT_FAILED;
	else
		code = refused || !strcmp(outcome, "refused") ? EXIT_REFUSED : EXIT_NO_CHANGE;
	if (code == EXIT_FAILED)
		fprintf(stderr, "klp-build: %s\n", message ? message : "failed");
	/* Each went in by itself, and together they don't. */
	if (!strcmp(outcome, "refused")) {
		json_array_extend(u->r->refusals, json_object_get(verdict, "refusals"));
		report_print_refusals(u->r);
	}
	if (u->a->json)
		ret = cmd_report(u->r, "package", u->a->json, code == EXIT_REFUSED ? "refused" : outcome,
					message, err);
	return ret ? ret : code;
}

/* What is known by then is told, too. */
static void tell_interrupted(struct update *u, struct klp_err *err)
{
	struct klp_err ignored;

	klp_err_set(err, -EINTR, "interrupted; what became of %zu files is kept: the same command goes on there",
		    json_array_size(u->changes));
	json_object_set(u->r->json, "changes", u->changes);
	if (u->a->json)
		cmd_report(u->r, "package", u->a->json, "interrupted", err->text, &ignored);
}

static int check_only(const struct update *u, struct klp_err *err)
{
	for (size_t i = 0; i < u->a->only.nr; i++)
		if (!pkg_find(&u->pkg, u->a->only.list[i]))
			return klp_err_set(err, -ENOENT, "%s doesn't differ between %s and %s",
					   u->a->only.list[i], u->pkg.target->version, u->pkg.version);
	return 0;
}

static int open_state(struct update *u, struct klp_err *err)
{
	char *kind = format("updates/%s", u->a->version);
	int ret = state_open(kind, u->pkg.target, &u->state, err);

	free(kind);
	return ret;
}

static int run(struct update *u, struct klp_err *err)
{
	char name[64];
	struct target *t = NULL;
	json_t *verdict = NULL;
	int ret;

	report_stage(u->r, "target");
	ret = target_open(u->a->o.krel, &t, err);
	if (!ret)
		ret = compiler_check(t->compiler, err);
	if (!ret)
		report_stage_end(u->r, "%s, %s", t->krel, t->version);
	report_stage(u->r, "package");
	if (!ret && u->a->records)
		ret = cves_load(u->a->records, &u->records, err);
	if (!ret)
		ret = pkg_load(t, u->a->version, u->r, &u->pkg, err);
	if (!ret)
		report_stage_end(u->r, "%s: %zu files differ", u->pkg.origin, u->pkg.nr_files);
	if (!ret)
		ret = check_only(u, err);
	if (!ret)
		ret = open_state(u, err);
	if (!ret) {
		snprintf(name, sizeof(name), "update-%s", u->a->version);
		for (char *c = name; *c; c++)
			*c = strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c) ? *c : '-';
		if (!u->a->o.name)
			u->a->o.name = name;
		if (!u->a->o.summary)
			u->a->o.summary = u->pkg.origin;
		/* Whoever reads the manifest should know how much was known of what belongs together. */
		u->origin = format("%s, by whole files%s: without the boundaries of commits", u->pkg.origin, u->a->parts ? " and parts" : "");
		ret = solve_all(u, err);
	}
	if (!ret)
		ret = join(u, &verdict, err);
	if (!ret)
		ret = tell(u, verdict, err);
	state_close(&u->state, ret >= 0);
	if (ret == -EINTR)
		tell_interrupted(u, err);
	json_decref(verdict);
	free(u->all);
	free(u->origin);
	cves_free(&u->records);
	pkg_free(&u->pkg);
	target_close(t);
	return ret;
}

int cmd_package(struct build_args *a)
{
	struct update u = { .a = a, .state = { .lock = -1 } };
	struct klp_err err = { 0 };
	int ret;

	u.r = report_new(a->json && !strcmp(a->json, "-"), a->verbose, stdout);
	u.changes = json_array();
	u.workers = xcalloc(a->o.jobs, sizeof(*u.workers));
	ret = run(&u, &err);
	progress_clear(u.r);
	if (ret == -ENODATA) {
		fprintf(stderr, "klp-build: %s\n", err.text);
		ret = EXIT_NO_CHANGE;
		json_object_set(u.r->json, "changes", u.changes);
		if (a->json && cmd_report(u.r, "package", a->json, "no-change", err.text, &err))
			ret = cmd_fail(&err);
	} else if (ret < 0) {
		ret = cmd_fail(&err);
	}
	report_free(u.r);
	json_decref(u.changes);
	free(u.workers);
	return ret;
}
