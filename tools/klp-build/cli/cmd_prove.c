// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_prove.c - `klp-build prove`: how much of a kernel do we compile to the
 * very bytes that it was shipped with?  Tells at once whether compiler,
 * configuration and source are the right ones; `make bench T=proof` uses it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/proc.h"
#include "base/report_data.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cmd.h"
#include "compile/compile.h"
#include "diff/diff.h"
#include "err.h"
#include "io.h"
#include "object/canon.h"
#include "prove/proof.h"
#include "select/file_state.h"
#include "target/target.h"

static const char help[] =
	"usage: klp-build prove --kernel KREL [options] [UNIT.c...]\n"
	"\n"
	"Compile translation units as they are and compare every function with the\n"
	"shipped kernel's.  Nothing is built.\n"
	"\n"
	"  --kernel KREL  kernel release, prepared with `klp-build prepare`\n"
	"  --sample N     N units spread evenly over the kernel, instead of named ones\n"
	"  --json FILE    write the result as JSON to FILE, - is the terminal\n"
	"  --jobs N       compilers at a time\n"
	"  --verbose      show commands\n"
	"\n"
	"exit: 0 all equal, 1 failed, 3 some function differs, 64 usage\n";

struct tally {
	unsigned int units, functions, split, layout, overridden, differ, open;
	json_t *list;		/* what isn't proven: unit, function, why */
};

static void count_function(struct tally *t, const struct unit *u, const struct elf_symbol *sym,
			   bool quiet)
{
	const char *how = proof_how(u, sym);
	char why[256];

	t->functions++;
	if (how) {
		*(strcmp(how, "bytes") ? &t->layout : &t->split) += 1;
		return;
	}
	if (proof_is_overridden(u, sym)) {
		t->functions--;		/* a dead copy: nothing to compare with */
		t->overridden++;
		return;
	}
	proof_why_not(u, sym, why, sizeof(why));
	*(strstr(why, "equal copies") ? &t->open : &t->differ) += 1;
	if (!quiet)
		printf("  %s:%s: %s\n", u->source, sym->name, why);
	json_array_append_new(t->list, json_pack("{s:s, s:s, s:s}", "unit", u->source,
						 "function", sym->name, "why", why));
}

static bool all_known(const struct unit *u)
{
	for (size_t i = 1; i < u->orig->nr_symbols; i++)
		if (diff_is_function(u->orig, &u->orig->symbols[i]) &&
		    !proof_knows(u, &u->orig->symbols[i]))
			return false;
	return true;
}

static int prove_unit(struct build *b, struct unit *u, struct tally *t, struct klp_err *err)
{
	int ret = elf_open(u->orig_path, &u->orig, err);

	if (!ret)
		ret = unit_prove(b, u, err);
	if (!ret && !all_known(u))
		ret = unit_prove_plain(b, u, err);
	if (ret) {
		klp_err_wrap(err, "cannot prove %s", u->source);
		return ret;
	}
	t->units++;
	for (size_t i = 1; i < u->orig->nr_symbols; i++) {
		const struct elf_symbol *sym = &u->orig->symbols[i];

		if (diff_is_function(u->orig, sym) && diff_is_primary(u->orig, sym))
			count_function(t, u, sym, b->report->quiet);
	}
	return 0;
}

static void forget_unit(struct unit *u)
{
	proof_free(u->proof);
	if (u->orig_path)
		unlink(u->orig_path);
	if (u->plain_path)
		unlink(u->plain_path);
	unit_free(u);
	*u = (struct unit){ 0 };
}

/* One unit at a time in memory; compiles run b->jobs at a time within a batch. */
static int prove_batch(struct build *b, struct unit *units, size_t nr, struct tally *t,
		       struct klp_err *err)
{
	struct job *jobs = xcalloc(nr, sizeof(*jobs));
	int ret = 0;

	for (size_t i = 0; i < nr && !ret; i++)
		job_init(&jobs[i], b, &units[i], "orig", "-ffunction-sections -fdata-sections");
	if (!ret)
		ret = jobs_run(b, jobs, nr, err);
	if (!ret)
		ret = jobs_finish(b, jobs, nr, err);
	for (size_t i = 0; i < nr && !ret; i++) {
		units[i].orig_path = xstrdup(jobs[i].out);
		ret = prove_unit(b, &units[i], t, err);
		forget_unit(&units[i]);
	}
	for (size_t i = 0; i < nr; i++)
		job_free(&jobs[i]);
	free(jobs);
	return ret;
}

/* -ENOENT: not part of this kernel or of any of its modules. */
static int unit_init(struct build *b, const char *source, struct unit *u, struct klp_err *err)
{
	struct strings objects = { 0 };
	const char *owner = NULL, *object = NULL;
	int ret = 0;

	if (ends_with(source, ".c"))
		file_objects(b->target, source, &objects);
	for (size_t i = 0; i < objects.nr && !owner; i++) {
		object = objects.list[i];
		owner = target_object_of(b->target, object);
	}
	*u = (struct unit){
		.source = xstrdup(source), .object = owner ? xstrdup(owner) : NULL, .o = owner ? xstrdup(object) : NULL,
	};
	strings_free(&objects);
	if (!owner)
		ret = klp_err_set(err, -ENOENT, "%s is not a .c file that this kernel is built from", source);
	else if (strcmp(owner, "vmlinux"))
		ret = target_module_path(b->target, owner, &u->module_path, err);
	if (ret)
		forget_unit(u);
	return ret;
}

static int sample_units(struct build *b, size_t want, struct unit *units, size_t *nr,
			struct klp_err *err)
{
	char *path = format("%s/commands", b->target->dir), **all = NULL;
	size_t len, total = 0, step;
	void *text = NULL;
	int ret = io_read_file(path, 256u << 20, &text, &len, err);

	for (char *line = ret ? NULL : text; line && *line;) {
		char *end = strchrnul(line, '\n'), *tab = strchr(line, '\t');

		all = xgrow(all, total, sizeof(*all));
		if (tab && tab < end && tab - line > 2) {
			tab[-1] = 'c';
			*tab = 0;
			all[total++] = line;
		}
		line = *end ? end + 1 : end;
	}
	step = total / want ? total / want : 1;
	for (size_t i = 0; i < total && *nr < want; i += step) {
		/* What isn't linked into the kernel (vdso, boot code) has no match. */
		for (size_t j = i; j < i + step && j < total; j++)
			if (!unit_init(b, all[j], &units[*nr], NULL)) {
				*nr += 1;
				break;
			}
	}
	free(all);
	free(text);
	free(path);
	return ret;
}

static int print_tally(struct build *b, const struct tally *t, const char *json,
		       struct klp_err *err)
{
	unsigned int equal = t->split + t->layout;
	double share = t->functions ? 100.0 * equal / t->functions : 0;

	if (!json) {
		printf("%u of %u functions of %u units equal the shipped ones (%.3f%%): %u each in a section of its own, %u in the unit's layout\n",
		       equal, t->functions, t->units, share, t->split, t->layout);
		printf("%u differ, %u are one of several equal copies, %u are overridden weak ones\n",
		       t->differ, t->open, t->overridden);
		return 0;
	}
	json_object_update_new(b->report->json,
		json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:O}", "units", t->units,
			  "comparable", t->functions, "split", t->split, "layout", t->layout,
			  "differ", t->differ, "open", t->open, "overridden", t->overridden,
			  "percent", share, "not_proven", t->list));
	return cmd_report(b->report, "prove", json, equal == t->functions ? "equal" : "differs",
				 NULL, err);
}

#define BATCH 16

static int run_prove(struct build *b, struct unit *units, size_t nr, const char *json,
		     struct klp_err *err)
{
	struct tally t = { .list = json_array() };
	int ret = 0;

	report_stage(b->report, "compile");
	for (size_t i = 0; i < nr && !ret; i += BATCH) {
		report_progress_part(b->report, i, nr);
		ret = prove_batch(b, units + i, nr - i < BATCH ? nr - i : BATCH, &t, err);
	}
	if (!ret)
		report_stage_end(b->report, "%zu units", nr);
	if (!ret)
		ret = print_tally(b, &t, json, err);
	json_decref(t.list);
	if (ret)
		return ret;
	return t.split + t.layout == t.functions ? EXIT_BUILT : EXIT_REFUSED;
}

static int make_workdir(struct build *b, struct klp_err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = format("%s/klp-prove-XXXXXX", tmp && *tmp ? tmp : "/tmp"), *objects;
	int ret;

	if (!mkdtemp(dir)) {
		ret = klp_err_sys(err, -errno, "cannot make a folder %s", dir);
		free(dir);
		return ret;
	}
	b->workdir = dir;
	objects = format("%s/objects", dir);
	ret = io_mkdirs(objects, 0755, err);
	free(objects);
	return ret;
}

static int prove(const char *krel, char **sources, size_t nr, size_t sample, const char *json,
		 struct build *b, struct klp_err *err)
{
	struct unit *units = xcalloc(nr + sample + 1, sizeof(*units));
	size_t made = 0;
	int ret = target_open(krel, &b->target, err);

	for (; !ret && made < nr; made++)
		ret = unit_init(b, sources[made], &units[made], err);
	if (!ret)
		ret = make_workdir(b, err);
	if (!ret && sample)
		ret = sample_units(b, sample, units, &made, err);
	if (!ret)
		ret = run_prove(b, units, made, json, err);
	for (size_t i = 0; i < made; i++)
		forget_unit(&units[i]);
	free(units);
	if (b->workdir && ret >= 0)
		remove_tree(b->workdir, NULL);
	free(b->workdir);
	if (b->target)
		target_close(b->target);
	return ret;
}

int cmd_prove(int argc, char **argv)
{
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "sample", required_argument, NULL, 's' },
		{ "json", required_argument, NULL, CMD_JSON },
		{ "jobs", required_argument, NULL, CMD_JOBS },
		{ "verbose", no_argument, NULL, CMD_VERBOSE },
		{ "help", no_argument, NULL, CMD_HELP },
		{ 0 }
	};
	struct cmd_common common = { .command = "prove", .help = help };
	const char *krel = NULL;
	struct build b = { 0 };
	struct klp_err err = { 0 };
	unsigned int sample = 0;
	int c, ret;

	while ((c = getopt_long(argc, argv, "k:j:hv", options, NULL)) != -1) {
		switch (c) {
		case 'k':
			krel = optarg;
			break;
		case 's':
			sample = cmd_number(optarg);
			if (!sample)
				return cmd_usage("prove", "--sample needs a number");
			break;
		default:
			ret = cmd_common(&common, c);
			if (ret)
				return ret - 1;
		}
	}
	if (!krel || (optind == argc) == !sample)
		return cmd_usage("prove", "prove needs --kernel, and units or --sample");
	b.jobs = common.jobs ? common.jobs : cmd_default_jobs();
	b.report = report_new(common.json != NULL, common.verbose, stdout);
	if (!b.report)
		return EXIT_FAILED;
	ret = prove(krel, argv + optind, argc - optind, sample, common.json, &b, &err);
	report_free(b.report);
	return ret < 0 ? cmd_fail(&err) : ret;
}
