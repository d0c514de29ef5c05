// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_series.c - `klp-build build|check --series`: see series.h.
 *
 * What became of a commit is kept in $KLP_CACHE/series, under a digest of the
 * builder, the kernel, the commits before it with what became of them, and the
 * commit; so a run that ended early goes on, and one with more commits behind the
 * same ones starts there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/report_data.h"
#include "base/xalloc.h"
#include "build_args.h"
#include "bundle.h"
#include "cmd.h"
#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "manifest.h"
#include "pipeline/try.h"
#include "quietpatch.h"
#include "report_print.h"
#include "series/cves.h"
#include "series/series.h"
#include "series/series_read.h"
#include "series/state.h"
#include "passphrase.h"
#include "sign.h"
#include "target/prepare.h"
#include "target/target.h"

#define MAX_COMMITS	3000	/* each is a line in the manifest, which has 1 MiB */

struct run {
	struct build_args *a;
	struct report *r;
	struct target *t;
	struct series_source *src;
	struct series s;
	struct cves records;
	struct manifest *m;	/* its commits */
	json_t *commits;	/* a result each, without what only the run itself needs */
	json_t *barred;		/* digest of a commit's place -> why it can't be together with the others */
	json_t *failed;		/* digest of a commit's place -> what became of it */
	json_t *keys;		/* of each commit's place */
	struct state state;
	char *name;
	size_t kept;		/* outcomes that an earlier run had */
};

static int give_text(void *arg, size_t i, char **text, size_t *len, struct klp_err *err)
{
	struct run *u = arg;
	const char *label;

	return series_text(u->src, i, text, len, &label, err);
}

/* Commit @i; *text and what is in *c are the caller's, also after a failure. */
static int read_commit(const struct run *u, size_t i, char **text, size_t *len, char **label, struct sp_commit *c, struct klp_err *err)
{
	const char *where = "";
	int ret = series_text(u->src, i, text, len, &where, err);

	/* Told to people, and in the manifest. */
	*label = sp_utf8_line(where, strlen(where));
	if (!ret)
		ret = sp_parse(*text, *len, c, err);
	/* A commit of git's that changes no file. */
	if (ret == -ENODATA && series_is_range(u->src)) {
		*err = (struct klp_err){ 0 };
		return 0;
	}
	return ret;
}

/* ---- before the first compile ---- */

/* All of them can be read, or nothing is begun. */
static int look_through(struct run *u, struct klp_err *err)
{
	size_t nr = series_nr(u->src);
	int ret = nr > MAX_COMMITS ? klp_err_set(err, -EFBIG, "%zu commits: a bundle can name %d; make several series of them", nr, MAX_COMMITS) : 0;

	for (size_t i = 0; !ret && i < nr; i++) {
		char *text = NULL, *label = NULL;
		struct sp_commit c = { 0 };
		size_t len;

		ret = read_commit(u, i, &text, &len, &label, &c, err);
		if (ret && text)
			ret = klp_err_wrap(err, "cannot read %s of the series%s%s", label, c.subject && *c.subject ? ", " : "",
					   c.subject ? c.subject : "");
		sp_free(&c);
		free(text);
		free(label);
		if (!ret && proc_interrupted())
			ret = klp_err_set(err, -EINTR, "interrupted");
	}
	return ret;
}

static int check_output(const struct run *u, struct klp_err *err)
{
	const char *out = u->a->o.out, *slash = out ? strrchr(out, '/') : NULL;
	char *dir = slash && slash != out ? xstrndup(out, (size_t)(slash - out)) : xstrdup(slash ? "/" : ".");
	struct signing_key *key = NULL;
	int ret = 0;

	if (out && access(dir, W_OK))
		ret = klp_err_sys(err, -errno, "cannot write to %s", dir);
	if (!ret && u->a->o.key)
		ret = signing_key_load_asking(u->a->o.key, passphrase_ask, &key, err);
	signing_key_free(key);
	free(dir);
	return ret;
}

/* ---- one commit ---- */

/* What a later commit has to be compared with. */
static int leave_out(struct run *u, size_t nr, json_t *j)
{
	json_t *own = json_array(), *c, *f;
	size_t i, k;

	/* Of a header only what it changes itself: each user of a struct would be one otherwise. */
	json_array_foreach(json_object_get(j, "own"), i, c)
		json_array_foreach(json_object_get(j, "files"), k, f)
			if (starts_with(json_string_value(c), json_string_value(f)) &&
			    json_string_value(c)[strlen(json_string_value(f))] == ':')
				json_array_append(own, c);
	return json_array_append_new(u->s.out, json_pack("{s:i,s:O,s:O,s:O,s:o}", "nr", (int)nr, "files", json_object_get(j, "files"),
							 "names", json_object_get(j, "names"), "whole", json_object_get(j, "whole"),
							 "changed", own)) ? -ENOMEM : 0;
}

static int take_in(struct run *u, const struct edits *e, json_t *j, struct klp_err *err)
{
	json_t *groups = json_object_get(j, "groups"), *functions = json_object_get(j, "functions");
	size_t nr = json_array_size(groups), i, group;
	size_t *also = xcalloc(nr + 1, sizeof(*also));
	json_t *g;
	int ret = 0;

	json_array_foreach(groups, i, g)
		also[i] = (size_t)json_integer_value(g);
	ret = tree_commit(&u->s.tree, e, also, nr, &group, err);
	free(also);
	if (ret)
		return ret;
	json_array_append_new(u->s.groups, json_pack("{s:o,s:o}", "functions", functions ? json_incref(functions) : json_array(),
						     "changed", json_object_get(j, "changed") ? json_incref(json_object_get(j, "changed")) : json_object()));
	/* Those that went up in it. */
	for (i = 0; i < group; i++) {
		bool lives = false;

		for (size_t k = 0; k < u->s.tree.nr && !lives; k++)
			lives = u->s.tree.files[k].group == i;
		if (!lives)
			json_array_set_new(u->s.groups, i, json_null());
	}
	return 0;
}

static bool shares_file(json_t *commit, const struct edits *e)
{
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(commit, "files"), i, f)
		for (size_t k = 0; k < e->nr; k++)
			if (!strcmp(json_string_value(f), e->list[k].path))
				return true;
	return false;
}

/* Commit @nr has left @e: which of those before it are undone by that, wholly or in part, or done again? */
static int note_undone(struct run *u, size_t nr, const struct edits *e, struct klp_err *err)
{
	size_t i;
	json_t *before;
	int ret = 0;

	json_array_foreach(u->commits, i, before) {
		char *text = NULL, *label = NULL;
		struct sp_commit c = { 0 };
		size_t len;

		if (ret || !outcome_is(before, "built") || !shares_file(before, e))
			continue;
		ret = read_commit(u, i, &text, &len, &label, &c, err);
		if (!ret && !tree_lacks(&u->s.tree, &c))
			json_object_del(before, "undone_by");
		else if (!ret && !json_object_get(before, "undone_by"))
			json_object_set_new(before, "undone_by", json_integer((json_int_t)nr));
		sp_free(&c);
		free(text);
		free(label);
	}
	return ret;
}

/* In the patch, and of no effect there: the manifest says of it by what. */
static int tell_undone(struct run *u)
{
	size_t i;
	json_t *c;

	json_array_foreach(u->commits, i, c) {
		json_t *nr = json_object_get(c, "undone_by"), *by = json_array_get(u->commits, (size_t)json_integer_value(nr));
		char *why;

		if (!nr)
			continue;
		why = format("undone by a later commit: %.150s", *str(by, "subject") ? str(by, "subject") : str(by, "label"));
		json_object_set_new(c, "why", json_string(why));
		if (manifest_set(&u->m->commits[i].why, why)) {
			free(why);
			return -ENOMEM;
		}
		free(why);
	}
	return 0;
}

/* Those that its text names, and those that the records know. */
static int add_cves(struct run *u, const struct sp_commit *c, json_t *j)
{
	struct strings all = { 0 };
	json_t *list = json_array();
	int ret = 0;

	strings_add_all(&all, &c->cves);
	cves_of_commit(&u->records, c, &all);
	for (size_t i = 0; !ret && i < all.nr; i++)
		ret = json_array_append_new(list, json_string(all.list[i]));
	strings_free(&all);
	json_object_set_new(j, "cves", list);
	return ret;
}

/* "waits for": the earlier commits' subjects. */
static char *waits_for(const struct run *u, json_t *j)
{
	struct text t = { 0 };
	size_t i;
	json_t *nr;

	json_array_foreach(json_object_get(j, "waits_for"), i, nr) {
		json_t *c = json_array_get(u->commits, (size_t)json_integer_value(nr));

		text_addf(&t, "%s%s", i ? ", " : "", *str(c, "subject") ? str(c, "subject") : str(c, "label"));
	}
	return text_take(&t);
}

static int list_commit(struct run *u, const struct sp_commit *c, const char *label, json_t *j)
{
	static const char *const kept[] = { "outcome", "reason", "why", "refusals", "functions", "waits_for", "files" };
	struct manifest_commit *m = manifest_add_commit(u->m);
	json_t *entry = json_pack("{s:o,s:s,s:o,s:[]}", "label", json_text(label), "id", c->id, "subject", json_text(c->subject),
				  "upstream"), *cve;
	char *why = outcome_is(j, "waits") ? waits_for(u, j) : xstrdup(str(j, "why")), *line;
	size_t i;
	int ret = m && entry && !add_cves(u, c, entry) ? 0 : -ENOMEM;

	for (i = 0; !ret && i < c->upstream.nr; i++)
		json_array_append_new(json_object_get(entry, "upstream"), json_string(c->upstream.list[i]));
	for (i = 0; !ret && i < sizeof(kept) / sizeof(kept[0]); i++)
		if (json_object_get(j, kept[i]))
			json_object_set(entry, kept[i], json_object_get(j, kept[i]));
	line = sp_utf8_line(why, strlen(why));
	if (!ret && (manifest_set(&m->id, c->id) || manifest_set(&m->subject, *c->subject ? c->subject : str(entry, "label")) ||
		     manifest_set(&m->outcome, str(j, "outcome")) || manifest_set(&m->why, outcome_is(j, "nothing") ? "" : line)))
		ret = -ENOMEM;
	json_object_set_new(entry, "why", json_string(line));
	if (!ret)
		json_array_foreach(json_object_get(entry, "cves"), i, cve)
			if (!ret)
				ret = manifest_add_commit_cve(m, json_string_value(cve));
	json_array_append_new(u->commits, entry);
	free(line);
	free(why);
	return ret;
}

/* What became of it: from an earlier run, because of what all together said, or found out now. */
static int outcome_of(struct run *u, const char *key, const struct sp_commit *c, struct edits *e, json_t **out,
		      struct klp_err *err)
{
	struct klp_err ignored = { 0 };
	json_t *failed = json_object_get(u->failed, key), *why = json_object_get(u->barred, key);
	json_t *j = failed ? json_incref(failed) : state_get(&u->state, key);
	int ret = 0;

	if (j) {
		u->kept++;
		edits_apply(e, &u->s.tree, c, &ignored);
	} else {
		ret = series_decide(&u->s, c, e, &j, err);
		/* What failed may be the machine's fault: the next run tries again. */
		if (!ret && !strcmp(str(j, "reason"), "failed"))
			json_object_set(u->failed, key, j);
		else if (!ret)
			ret = state_put(&u->state, key, j, err);
	}
	if (!ret && why) {
		json_object_set_new(j, "outcome", json_string("refused"));
		json_object_set_new(j, "reason", json_string("together"));
		json_object_set(j, "why", why);
	}
	if (!ret)
		*out = j;
	return ret;
}

static int do_commit(struct run *u, size_t i, char key[SHA256_HEX_LEN + 1], struct klp_err *err)
{
	struct sp_commit c = { 0 };
	struct edits e = { 0 };
	char *text = NULL, *label = NULL;
	json_t *j = NULL;
	size_t len;
	int ret = read_commit(u, i, &text, &len, &label, &c, err);

	if (!ret)
		report_progress(u->r, i, series_nr(u->src), c.subject);
	if (!ret && state_next_key(key, text, len))
		ret = klp_err_sys(err, -ENOMEM, "series");
	json_array_append_new(u->keys, json_string(key));
	if (!ret && !c.diff.nr)
		j = json_pack("{s:s,s:s,s:s}", "outcome", "nothing", "reason", "", "why",
			      c.cover ? "a letter without a change" : "it changes no file");
	else if (!ret)
		ret = outcome_of(u, key, &c, &e, &j, err);
	if (!ret && (outcome_is(j, "refused") || outcome_is(j, "waits")))
		ret = leave_out(u, i, j) ? klp_err_sys(err, -ENOMEM, "series") : 0;
	else if (!ret && e.nr && !json_object_get(j, "here"))
		ret = take_in(u, &e, j, err) ? err->code : note_undone(u, i, &e, err);
	if (!ret && (list_commit(u, &c, label, j) || state_next_key(key, str(j, "outcome"), strlen(str(j, "outcome")))))
		ret = klp_err_sys(err, -ENOMEM, "series");
	if (!ret)
		report_verbose(u->r, "%s: %s", *c.subject ? c.subject : label, str(j, "outcome"));
	json_decref(j);
	edits_free(&e);
	sp_free(&c);
	free(text);
	free(label);
	return ret;
}

static int do_all(struct run *u, struct klp_err *err)
{
	char key[SHA256_HEX_LEN + 1], limit[32], *tree = format("%s/tree", u->state.work);
	int ret;

	snprintf(limit, sizeof(limit), "%u", u->a->o.max_units);
	ret = !state_first_key(&u->state, limit, key) ? 0 : klp_err_sys(err, -ENOMEM, "series");

	json_array_clear(u->s.groups);
	json_array_clear(u->s.out);
	json_array_clear(u->commits);
	json_array_clear(u->keys);
	u->kept = 0;
	manifest_free(u->m);
	u->m = manifest_new();
	tree_free(&u->s.tree);
	if (!ret && !u->m)
		ret = klp_err_sys(err, -ENOMEM, "series");
	if (!ret)
		ret = tree_init(&u->s.tree, u->t, tree, err);
	free(tree);
	report_stage(u->r, "commits");
	for (size_t i = 0; !ret && i < series_nr(u->src); i++)
		ret = do_commit(u, i, key, err);
	if (!ret && tell_undone(u))
		ret = klp_err_sys(err, -ENOMEM, "series");
	if (!ret)
		report_stage_end(u->r, u->kept ? "%zu, of %zu it was known" : "%zu", series_nr(u->src), u->kept);
	return ret;
}

/* ---- all together ---- */

/* The name of a function as the manifest has it, of one of the commits' tries or of the whole. */
static json_t *function_set(json_t *functions, json_t *into)
{
	size_t i;
	json_t *f;

	json_array_foreach(functions, i, f) {
		char *name = format("%s:%s (%s)", str(f, "object"), str(f, "name"), str(f, "file"));

		json_object_set_new(into, name,
				    json_integer(json_integer_value(json_object_get(f, "new_size"))));
		free(name);
	}
	return into;
}

/* What is in all together is what the commits' own builds had, and nothing else. */
static int check_agreement(const struct run *u, json_t *verdict, struct klp_err *err)
{
	json_t *own = json_object(), *all = function_set(json_object_get(verdict, "functions"), json_object()), *g, *v;
	const char *name;
	size_t i;
	int ret = 0;

	json_array_foreach(u->s.groups, i, g)
		function_set(json_object_get(g, "functions"), own);
	json_object_foreach(own, name, v)
		if (!ret && !json_object_get(all, name))
			ret = klp_err_set(err, -EBADE, "%s is changed by a commit, and isn't in the patch of all together", name);
	json_object_foreach(all, name, v)
		if (!ret && !json_object_get(own, name))
			ret = klp_err_set(err, -EBADE, "%s is in the patch of all together, and no commit changes it", name);
	json_decref(own);
	json_decref(all);
	return ret;
}

/* The last of the commits in the tree that a reason means: by function, else by file. */
static size_t find_culprit(const struct run *u, json_t *refusal)
{
	const char *function = str(refusal, "function"), *file = str(refusal, "file");
	size_t i, k, by_file = SIZE_MAX, by_function = SIZE_MAX;
	json_t *c, *f;

	json_array_foreach(u->commits, i, c) {
		if (!outcome_is(c, "built"))
			continue;
		json_array_foreach(json_object_get(c, "functions"), k, f)
			if (*function && !strcmp(str(f, "name"), function))
				by_function = i;
		json_array_foreach(json_object_get(c, "files"), k, f)
			if (!strcmp(json_string_value(f), file))
				by_file = i;
	}
	return by_function != SIZE_MAX ? by_function : by_file;
}

/* Bar those commits that can't be with the others; false: no reason names one. */
static bool bar_culprits(struct run *u, json_t *verdict)
{
	size_t i;
	json_t *r;

	json_array_foreach(json_object_get(verdict, "refusals"), i, r) {
		size_t nr = find_culprit(u, r);

		if (nr == SIZE_MAX)
			continue;
		json_object_set_new(u->barred, json_string_value(json_array_get(u->keys, nr)),
				    json_sprintf("only together with the other commits: %.150s", str(r, "why")));
		/* What follows is judged anew. */
		return true;
	}
	return false;
}

static int build_all(struct run *u, const char *bundle, json_t **verdict, struct klp_err *err)
{
	struct try_limits limits = { .loud = !u->r->quiet };
	struct build_options o = u->s.o;
	bool *on = xcalloc(u->s.tree.nr_groups + 1, sizeof(*on));
	char *diff = NULL;
	int ret = 0;

	for (size_t g = 0; g < u->s.tree.nr_groups; g++)
		on[g] = true;
	o.name = u->name;
	o.key = u->a->o.key;
	o.module_key = u->a->o.module_key;
	o.module_cert = u->a->o.module_cert;
	o.summary = u->a->o.summary;
	o.release = u->a->o.release;
	o.cves = (struct strings){ 0 };
	o.origin = u->a->series;
	o.out = bundle;
	o.of_update = false;
	o.max_units = 0;
	o.parts = u->m;
	strings_add_all(&o.cves, &u->a->o.cves);
	series_cves(u->commits, &u->records, u->t->version, &o.cves);
	ret = tree_diff(&u->s.tree, NULL, on, &diff, err);
	if (!ret && !*diff)
		*verdict = json_pack("{s:s,s:[],s:[]}", "outcome", "no-change", "refusals", "functions");
	else if (!ret)
		ret = try_build(&o, u->state.work, diff, &limits, verdict, err);
	strings_free(&o.cves);
	free(diff);
	free(on);
	return ret;
}

/* The bundle is put into its place when it has been looked at. */
static int hand_over(const struct run *u, const char *bundle, struct klp_err *err)
{
	void *data = NULL;
	size_t len;
	int ret = io_read_file(bundle, BUNDLE_MAX, &data, &len, err);

	if (!ret)
		ret = io_write_output(u->a->o.out, data, len, 0644, err);
	free(data);
	return ret;
}

static int together(struct run *u, json_t **verdict, struct klp_err *err)
{
	char *bundle = format("%s/all.klp", u->state.work);
	int ret = 0;

	while (!ret) {
		ret = do_all(u, err);
		json_decref(*verdict);
		*verdict = NULL;
		if (!ret)
			ret = build_all(u, u->a->o.out ? bundle : NULL, verdict, err);
		if (ret || !outcome_is(*verdict, "refused") || !bar_culprits(u, *verdict))
			break;
	}
	if (!ret && outcome_is(*verdict, "built"))
		ret = check_agreement(u, *verdict, err);
	if (!ret && outcome_is(*verdict, "built") && u->a->o.out)
		ret = hand_over(u, bundle, err);
	unlink(bundle);
	free(bundle);
	return ret;
}

/* ---- what people see ---- */

static void print_commit(json_t *c)
{
	size_t i;
	json_t *cve;

	printf("  %-8s %.*s %s", str(c, "outcome"), *str(c, "id") ? 12 : 60, *str(c, "id") ? str(c, "id") : str(c, "label"),
	       str(c, "subject"));
	json_array_foreach(json_object_get(c, "cves"), i, cve)
		printf("%s%s", i ? ", " : "  ", json_string_value(cve));
	putchar('\n');
	if (*str(c, "why"))
		printf("             %s%s%s%s\n", outcome_is(c, "waits") ? "waits for: " : "", outcome_is(c, "refused") ? str(c, "reason") : "",
		       outcome_is(c, "refused") ? ": " : "", str(c, "why"));
}

static int tell(struct run *u, json_t *verdict, struct klp_err *err)
{
	static const char *const names[] = { "built", "nothing", "refused", "waits" };
	json_t *counts = json_object(), *c;
	size_t i, k, n, left_out = 0;
	int code = EXIT_NO_CHANGE;

	progress_clear(u->r);
	if (!u->r->quiet)
		json_array_foreach(u->commits, i, c)
			print_commit(c);
	for (i = 0; i < 4; i++) {
		n = 0;
		json_array_foreach(u->commits, k, c)
			n += outcome_is(c, names[i]);
		json_object_set_new(counts, names[i], json_integer((json_int_t)n));
		left_out += i > 1 ? n : 0;
		if (!u->r->quiet)
			printf("%s%zu %s", i ? ", " : "", n, names[i]);
	}
	if (!u->r->quiet)
		printf("\n");
	json_object_set_new(u->r->json, "counts", counts);
	json_object_set(u->r->json, "commits", u->commits);
	json_array_extend(u->r->functions, json_object_get(verdict, "functions"));
	json_array_extend(u->r->refusals, json_object_get(verdict, "refusals"));
	if (outcome_is(verdict, "built"))
		code = EXIT_BUILT;
	else if (outcome_is(verdict, "failed"))
		code = EXIT_FAILED;
	else if (outcome_is(verdict, "refused") || left_out)
		code = EXIT_REFUSED;
	if (code == EXIT_BUILT && !u->r->quiet)
		printf("%s in %.1f s (%.1f CPU s): %s\n", u->a->o.out ? "built" : "can be live-patched; checked", report_wall(u->r),
		       cpu_now(), u->name);
	if (code == EXIT_FAILED)
		fprintf(stderr, "klp-build: all together: %s\n", str(verdict, "message"));
	if (outcome_is(verdict, "refused"))
		report_print_refusals(u->r);
	fflush(stdout);
	if (u->a->json && cmd_report(u->r, "series", u->a->json, code == EXIT_REFUSED ? "refused" : str(verdict, "outcome"),
					    outcome_is(verdict, "failed") ? str(verdict, "message") : NULL, err))
		return -EIO;
	return code;
}

/* ---- the order of things ---- */

/* Of a folder's or a mailbox's name what a patch may be called. */
static char *patch_name(const char *from)
{
	char *s = xstrndup(from, 40);

	for (char *c = s; c && *c; c++)
		*c = strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c | 0x20) && *c != '_' ? (char)(*c | (*c >= 'A' && *c <= 'Z' ? 0x20 : 0)) : '-';
	return s;
}

static int prepare(struct run *u, struct klp_err *err)
{
	int ret;

	report_stage(u->r, "target");
	ret = target_open(u->a->o.krel, &u->t, err);
	if (!ret)
		ret = compiler_check(u->t->compiler, err);
	if (!ret)
		report_stage_end(u->r, "%s, %s", u->t->krel, u->t->version);
	report_stage(u->r, "series");
	if (!ret)
		ret = check_output(u, err);
	if (!ret && u->a->records)
		ret = cves_load(u->a->records, &u->records, err);
	if (!ret)
		ret = series_open(u->a->series, &u->src, err);
	if (!ret)
		ret = look_through(u, err);
	if (!ret)
		ret = state_open("series", u->t, &u->state, err);
	if (!ret) {
		report_stage_end(u->r, "%zu commits, %zu CVE records", series_nr(u->src), u->records.nr);
		u->name = u->a->o.name ? xstrdup(u->a->o.name) : patch_name(series_name(u->src));
	}
	return ret;
}

static void set_options(struct run *u)
{
	struct build_options *o = &u->s.o;

	*o = u->a->o;
	o->out = NULL;
	o->key = o->module_key = o->module_cert = NULL;
	o->name = "series";
	o->summary = NULL;
	o->release = 1;
	o->cves = (struct strings){ 0 };
	o->target = u->t;
	o->objects = u->state.objects;
	u->s.dir = u->state.work;
	o->flags = QP_PATCH_REPLACE;
	o->of_update = true;
	o->list_changes = true;
	u->s.text = give_text;
	u->s.arg = u;
}

static void run_free(struct run *u)
{
	series_close(u->src);
	cves_free(&u->records);
	manifest_free(u->m);
	tree_free(&u->s.tree);
	json_decref(u->s.groups);
	json_decref(u->s.out);
	json_decref(u->commits);
	json_decref(u->barred);
	json_decref(u->failed);
	json_decref(u->keys);
	target_close(u->t);
	free(u->name);
	report_free(u->r);
}

int cmd_series(struct build_args *a)
{
	struct run u = { .a = a, .state = { .lock = -1 }, .commits = json_array(), .barred = json_object(), .failed = json_object(), .keys = json_array(),
			 .s = { .groups = json_array(), .out = json_array() } };
	struct klp_err err = { 0 };
	json_t *verdict = NULL;
	int ret;

	u.r = report_new(a->json && !strcmp(a->json, "-"), a->verbose, stdout);
	ret = prepare(&u, &err);
	if (!ret) {
		set_options(&u);
		ret = together(&u, &verdict, &err);
	}
	if (!ret)
		ret = tell(&u, verdict, &err);
	if (u.r)
		progress_clear(u.r);
	state_close(&u.state, ret >= 0);
	if (ret == -EINTR)
		klp_err_set(&err, ret, "interrupted; what became of %zu commits is kept: the same command goes on there",
			    json_array_size(u.commits));
	if (ret < 0)
		ret = cmd_fail(&err);
	json_decref(verdict);
	run_free(&u);
	return ret;
}
