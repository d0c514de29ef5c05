// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_targets.c - `klp-build build|check --targets K1,K2,...|prepared`: one fix for
 * many kernels, as a matrix of kernels and outcomes.
 *
 * Each kernel's build is a process of its own (try.c).  What became of it is kept, so that a
 * run that was ended goes on; a bundle counts only while it is there as it was written.
 */
#include <dirent.h>
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
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "pipeline/try.h"
#include "series/state.h"
#include "target/prepare.h"
#include "target/target.h"

#define TEXT_MAX	(32u << 20)

struct run {
	struct build_args *a;
	struct report *r;
	struct strings kernels;
	json_t *list;	/* {kernel, outcome, reason, why, refusals, functions, message, bundle, digest} */
};

/* ---- which kernels ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Folders of the cache that hold a whole target. */
static int add_prepared(struct strings *out, struct klp_err *err)
{
	DIR *d = opendir(cache_dir());
	struct dirent *de;

	if (!d)
		return klp_err_sys(err, -errno, "cannot read %s", cache_dir());
	while ((de = readdir(d))) {
		char *path = format("%s/%s/target.json", cache_dir(), de->d_name);

		if (*de->d_name != '.' && !access(path, R_OK))
			strings_add(out, de->d_name);
		free(path);
	}
	closedir(d);
	if (out->nr)
		qsort(out->list, out->nr, sizeof(*out->list), by_name);
	return out->nr ? 0 : klp_err_set(err, -ENOENT, "no kernel is prepared: klp-build prepare --kernel KREL");
}

static int choose_kernels(struct run *u, struct klp_err *err)
{
	int ret = 0;

	if (!strcmp(u->a->targets, "prepared"))
		return add_prepared(&u->kernels, err);
	for (const char *s = u->a->targets; !ret && *s; s += *s == ',') {
		size_t n = strcspn(s, ",");
		char *name = xstrndup(s, n);

		if (!n || strchr(name, '/'))
			ret = klp_err_set(err, -EINVAL, "\"%s\" isn't a list of kernels: K1,K2,... or prepared", u->a->targets);
		else
			strings_add_once(&u->kernels, name);
		free(name);
		s += n;
	}
	return ret || u->kernels.nr ? ret : klp_err_set(err, -EINVAL, "--targets names no kernel");
}

/* ---- what is known ---- */

/* The fix itself, be it in a folder. */
static int add_text(char key[SHA256_HEX_LEN + 1], const char *fix)
{
	static const char *const names[] = { "", "/recipe", "/fix.patch" };
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = format("%s%s", fix, names[i]);
		void *text = NULL;
		size_t len;

		if (!io_read_file(path, TEXT_MAX, &text, &len, NULL))
			ret = state_next_key(key, text, len);
		free(text);
		free(path);
	}
	return ret;
}

static int add_list(char key[SHA256_HEX_LEN + 1], const struct strings *l)
{
	int ret = state_next_key(key, "", 0);

	for (size_t i = 0; !ret && i < l->nr; i++)
		ret = state_next_key(key, l->list[i], strlen(l->list[i]));
	return ret;
}

/* All that the outcome depends on. */
static int key_of(const struct run *u, const struct state *s, char key[SHA256_HEX_LEN + 1])
{
	const struct build_options *o = &u->a->o;
	char *what = format("%s %llu %u %u %d %d %s", o->name ? o->name : "", (unsigned long long)o->release, o->max_units, o->flags,
			    o->out != NULL, o->tripwires, o->summary ? o->summary : "");
	int ret = state_first_key(s, what, key);

	free(what);
	if (!ret && o->key)
		ret = add_text(key, o->key);
	if (!ret && o->module_key)
		ret = add_text(key, o->module_key);
	if (!ret && o->module_key)
		ret = add_text(key, o->module_cert);
	if (!ret && u->a->records)
		ret = add_text(key, u->a->records);
	if (!ret && (add_list(key, &o->cves) || add_list(key, &o->allow_data) || add_list(key, &o->requires) ||
		     add_list(key, &o->mitigates)))
		ret = -ENOMEM;
	/* A fix's name is told by its file's, and the manifest says where it is from. */
	for (size_t i = 0; !ret && i < o->nr_fixes; i++)
		ret = state_next_key(key, o->fixes[i], strlen(o->fixes[i])) ? -ENOMEM : add_text(key, o->fixes[i]);
	return ret;
}

static int digest_of(const char *bundle, char out[SHA256_HEX_LEN + 1])
{
	void *data = NULL;
	size_t len;
	int ret = io_read_file(bundle, BUNDLE_MAX, &data, &len, NULL);

	if (!ret)
		ret = sha256_hex(data, len, out);
	free(data);
	return ret;
}

static bool still_holds(json_t *j, const char *bundle)
{
	char digest[SHA256_HEX_LEN + 1];

	return !bundle || !outcome_is(j, "built") || (!digest_of(bundle, digest) && !strcmp(digest, str(j, "digest")));
}

/* ---- one kernel ---- */

static json_t *summary_of(json_t *v, const char *bundle)
{
	static const char *const kept[] = { "outcome", "message", "refusals", "functions", "files" };
	json_t *j = json_object(), *r = json_array_get(json_object_get(v, "refusals"), 0);
	char digest[SHA256_HEX_LEN + 1];

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (json_object_get(v, kept[i]))
			json_object_set(j, kept[i], json_object_get(v, kept[i]));
	if (r) {
		json_object_set(j, "reason", json_object_get(r, "reason"));
		json_object_set_new(j, "why", json_sprintf("%s%s%s", str(r, "function"), *str(r, "function") ? ": " : "", str(r, "why")));
	}
	if (bundle && outcome_is(v, "built") && !digest_of(bundle, digest)) {
		json_object_set_new(j, "bundle", json_text(bundle));
		json_object_set_new(j, "digest", json_string(digest));
	}
	return j;
}

static int build_one(struct run *u, struct target *t, const char *bundle, json_t **out, struct klp_err *err)
{
	struct try_limits limits = { .seconds = 0 };
	struct build_options o = u->a->o;
	struct state s = { .lock = -1 };
	char key[SHA256_HEX_LEN + 1];
	json_t *v = NULL;
	int ret = state_open("targets", t, &s, err);

	if (!ret && key_of(u, &s, key))
		ret = klp_err_sys(err, -ENOMEM, "targets");
	*out = !ret ? state_get(&s, key) : NULL;
	if (*out && !still_holds(*out, bundle)) {
		json_decref(*out);
		*out = NULL;
	}
	if (!ret && !*out) {
		o.krel = t->krel;
		o.target = t;
		o.out = bundle;
		ret = try_build(&o, s.work, NULL, &limits, &v, err);
		if (!ret)
			*out = summary_of(v, bundle);
		/* What failed may be the network's or the disk's fault: it is tried again. */
		if (!ret && !outcome_is(*out, "failed"))
			ret = state_put(&s, key, *out, err);
		json_decref(v);
	} else if (*out) {
		json_object_set_new(*out, "known", json_true());
	}
	state_close(&s, !ret);
	return ret;
}

/* A kernel that can't be opened is one that failed, and the others go on. */
static int do_kernel(struct run *u, const char *krel, struct klp_err *err)
{
	char *bundle = u->a->o.out ? format("%s/%s.klp", u->a->o.out, krel) : NULL;
	struct target *t = NULL;
	struct klp_err why = { 0 };
	json_t *j = NULL;
	int ret = u->a->o.out && !bundle ? klp_err_sys(err, -ENOMEM, "targets") : 0;

	if (!ret && (target_open(krel, &t, &why) || compiler_check(t->compiler, &why)) && proc_interrupted())
		ret = klp_err_set(err, -EINTR, "interrupted");
	else if (!ret && why.code)
		j = json_pack("{s:s,s:o}", "outcome", "failed", "message", json_text(why.text));
	else if (!ret)
		ret = build_one(u, t, bundle, &j, err);
	if (!ret) {
		json_object_set_new(j, "kernel", json_text(krel));
		if (t)
			json_object_set_new(j, "version", json_string(t->version));
		json_array_append(u->list, j);
	}
	json_decref(j);
	target_close(t);
	free(bundle);
	return ret;
}

/* ---- what people see ---- */

static void print_kernel(json_t *j)
{
	const char *why = outcome_is(j, "failed") ? str(j, "message") : str(j, "why");
	size_t nr = json_array_size(json_object_get(j, "functions"));

	printf("  %-32s %-9s ", str(j, "kernel"), str(j, "outcome"));
	if (outcome_is(j, "built"))
		printf("%zu function%s%s%s", nr, nr == 1 ? "" : "s", *str(j, "bundle") ? ": " : "", str(j, "bundle"));
	else
		printf("%s%s%.*s", str(j, "reason"), *str(j, "reason") ? ": " : "", (int)strcspn(why, "\n"), why);
	puts(json_object_get(j, "known") ? "  (known)" : "");
}

/* {reason: [kernels]} */
static json_t *causes_of(json_t *list)
{
	json_t *causes = json_object(), *j;
	size_t i;

	json_array_foreach(list, i, j) {
		const char *reason = str(j, "reason");

		if (!outcome_is(j, "refused"))
			continue;
		if (!json_object_get(causes, reason))
			json_object_set_new(causes, reason, json_array());
		json_array_append(json_object_get(causes, reason), json_object_get(j, "kernel"));
	}
	return causes;
}

static void print_causes(json_t *causes)
{
	const char *reason;
	json_t *kernels, *k;
	size_t i;

	json_object_foreach(causes, reason, kernels) {
		printf("  refused because of %s:", reason);
		json_array_foreach(kernels, i, k)
			printf(" %s", json_string_value(k));
		putchar('\n');
	}
}

static int tell(struct run *u, struct klp_err *err)
{
	static const char *const names[] = { "built", "no-change", "refused", "failed" };
	static const int codes[] = { EXIT_BUILT, EXIT_NO_CHANGE, EXIT_REFUSED, EXIT_FAILED };
	json_t *causes = causes_of(u->list), *counts = json_object(), *j;
	size_t i, k, worst = 1;

	progress_clear(u->r);
	for (i = 0; i < 4; i++) {
		size_t n = 0;

		json_array_foreach(u->list, k, j)
			n += outcome_is(j, names[i]);
		json_object_set_new(counts, names[i], json_integer((json_int_t)n));
		/* Of built and no-change, built; else the worst. */
		if (n && (i != 1 || !json_integer_value(json_object_get(counts, "built"))))
			worst = i;
	}
	if (!u->r->quiet) {
		json_array_foreach(u->list, i, j)
			print_kernel(j);
		print_causes(causes);
	}
	fflush(stdout);
	json_object_set(u->r->json, "targets", u->list);
	json_object_set_new(u->r->json, "causes", causes);
	json_object_set_new(u->r->json, "counts", counts);
	if (u->a->json && cmd_report(u->r, "targets", u->a->json, names[worst], NULL, err))
		return -EIO;
	return codes[worst];
}

int cmd_targets(struct build_args *a)
{
	struct run u = { .a = a, .list = json_array() };
	struct klp_err err = { 0 };
	int ret;

	u.r = report_new(a->json && !strcmp(a->json, "-"), a->verbose, stdout);
	ret = u.r && u.list ? choose_kernels(&u, &err) : klp_err_sys(&err, -ENOMEM, "targets");
	if (!ret && a->o.out)
		ret = io_mkdirs(a->o.out, 0755, &err);
	if (!ret)
		report_stage(u.r, "kernels");
	for (size_t i = 0; !ret && i < u.kernels.nr; i++) {
		report_progress(u.r, i, u.kernels.nr, u.kernels.list[i]);
		ret = do_kernel(&u, u.kernels.list[i], &err);
	}
	if (!ret) {
		report_stage_end(u.r, "%zu", u.kernels.nr);
		ret = tell(&u, &err);
	}
	if (ret == -EINTR)
		klp_err_set(&err, ret, "interrupted; what became of %zu kernels is kept: the same command goes on there",
			    json_array_size(u.list));
	if (ret < 0)
		ret = cmd_fail(&err);
	strings_free(&u.kernels);
	json_decref(u.list);
	report_free(u.r);
	return ret;
}
