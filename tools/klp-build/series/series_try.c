// SPDX-License-Identifier: GPL-2.0-or-later
/* series_try.c - build some groups of the tree, in a process of its own: see series.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "jsonstr.h"
#include "pipeline/try.h"
#include "series.h"

#define TRY_SECONDS	1800	/* a popular header takes minutes */

bool *series_groups_of(const struct series *s, const struct edits *e)
{
	bool *on = xcalloc(s->tree.nr_groups + 1, sizeof(*on));

	for (size_t i = 0; i < e->nr; i++) {
		size_t g = tree_group(&s->tree, e->list[i].path);

		if (g != SIZE_MAX)
			on[g] = true;
	}
	return on;
}

int series_try(struct series *s, const bool *on, const struct edits *e, const char *bundle, json_t **out,
	       struct klp_err *err)
{
	struct try_limits limits = { .seconds = TRY_SECONDS };
	struct build_options o = s->o;
	char *diff = NULL;
	int ret = tree_diff(&s->tree, e, on, &diff, err);

	o.out = bundle;
	if (!ret && !*diff) {
		*out = json_pack("{s:s,s:[],s:[]}", "outcome", "no-change", "refusals", "functions");
	} else if (!ret) {
		ret = try_build(&o, s->dir, diff, &limits, out, err);
	}
	free(diff);
	return ret;
}

/* Only a build that got through its compilers tells. */
bool series_compiled(json_t *verdict)
{
	size_t i;
	json_t *stage;

	json_array_foreach(json_object_get(verdict, "stages"), i, stage)
		if (!strcmp(str(stage, "name"), "compile"))
			return true;
	return false;
}
