// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_build.c - `klp-build build` and `klp-build check`: see build_run.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report_data.h"
#include "build_args.h"
#include "cmd.h"
#include "err.h"
#include "io.h"
#include "report_print.h"
#include "series/cves.h"
#include "series/series_patch.h"

#define FIX_MAX		(32u << 20)

static const struct {
	const char *name;	/* in JSON */
	int code;
} outcomes[] = {
	[OUTCOME_BUILT] = { "built", EXIT_BUILT },
	[OUTCOME_NO_CHANGE] = { "no-change", EXIT_NO_CHANGE },
	[OUTCOME_REFUSED] = { "refused", EXIT_REFUSED },
};

static void print_outcome(const struct build_args *a, struct report *r, enum outcome outcome)
{
	/* What a refused fix would have replaced isn't proven for anything. */
	if (outcome != OUTCOME_NO_CHANGE)
		report_print_functions(r, outcome == OUTCOME_BUILT);
	switch (outcome) {
	case OUTCOME_BUILT:
		if (!r->quiet)
			report_print_files(r, stdout);
		if (!r->quiet)
			report_print_tripwires(r);
		if (!r->quiet)
			printf("%s in %.1f s (%.1f CPU s)\n",
			       a->o.out ? "built" : "can be live-patched; checked", report_wall(r),
			       cpu_now());
		break;
	case OUTCOME_NO_CHANGE:
		fprintf(stderr, "klp-build: no function of this kernel changes\n");
		report_print_files(r, stderr);
		break;
	case OUTCOME_REFUSED:
		report_print_refusals(r);
		report_print_files(r, stderr);
		break;
	}
	fflush(stdout);
}

/* The CVEs that the records say of the fixes. */
static int add_cves(struct build_args *a, struct klp_err *err)
{
	struct cves records = { 0 };
	int ret = a->records ? cves_load(a->records, &records, err) : 0;

	for (size_t i = 0; !ret && a->records && i < a->o.nr_fixes; i++) {
		struct sp_commit c = { 0 };
		void *text = NULL;
		size_t len;

		/* A recipe names its own; what can't be read fails where it is built. */
		if (!io_read_file(a->o.fixes[i], FIX_MAX, &text, &len, NULL) && !sp_parse(text, len, &c, NULL))
			cves_of_commit(&records, &c, &a->o.cves);
		sp_free(&c);
		free(text);
	}
	cves_free(&records);
	return ret;
}

static int build_fix(struct build_args *a)
{
	struct klp_err err = { 0 };
	enum outcome outcome = OUTCOME_BUILT;
	struct report *r = report_new(a->json && !strcmp(a->json, "-"), a->verbose, stdout);
	int ret, code;

	if (!r)
		return EXIT_FAILED;
	ret = add_cves(a, &err);
	if (!ret)
		ret = build_run(&a->o, r, &outcome, &err);
	progress_clear(r);
	code = ret ? cmd_fail(&err) : outcomes[outcome].code;
	if (!ret)
		print_outcome(a, r, outcome);
	if (a->json && cmd_report(r, "fix", a->json, ret ? "failed" : outcomes[outcome].name,
					 ret ? err.text : NULL, &err))
		code = cmd_fail(&err);
	report_free(r);
	return code;
}

static int run(const char *command, int argc, char **argv, bool emit)
{
	struct build_args a = { 0 };
	struct klp_err err;
	int ret = build_args_parse(command, argc, argv, emit, &a);

	if (ret)
		ret = ret - 1;
	else if (build_args_check(&a, &err))
		ret = cmd_fail(&err);
	else if (a.targets)
		ret = !add_cves(&a, &err) ? cmd_targets(&a) : cmd_fail(&err);
	else
		ret = a.series ? cmd_series(&a) : a.version ? cmd_package(&a) : build_fix(&a);
	build_args_free(&a);
	return ret;
}

int cmd_build(int argc, char **argv)
{
	return run("build", argc, argv, true);
}

int cmd_check(int argc, char **argv)
{
	return run("check", argc, argv, false);
}
