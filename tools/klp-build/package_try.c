// SPDX-License-Identifier: GPL-2.0-or-later
/* package_try.c - one try of a selection of an update's changes. */
#include <errno.h>
#include <stdlib.h>

#include "build_priv.h"
#include "err.h"
#include "package.h"
#include "try.h"

#define TRY_SECONDS	900	/* the largest header takes minutes */

int pkg_try(const struct pick *k, const struct build_options *base, json_t **out,
	    struct klp_err *err)
{
	/* All together take as long as they take, and all jobs. */
	struct try_limits limits = { .seconds = base->of_update ? TRY_SECONDS : 0 };
	struct build_options o = *base;
	char *diff = NULL;
	int ret;

	if (known_refused(k, base, out))
		return 0;
	ret = pick_diff(k, &diff, err);
	if (!ret && !*diff) {
		*out = json_pack("{s:s,s:[],s:[]}", "outcome", "no-change", "refusals", "functions");
		ret = *out ? 0 : klp_err_sys(err, -ENOMEM, "package");
	} else if (!ret) {
		o.jobs = base->of_update ? 1 : base->jobs;
		ret = try_build(&o, base->objects, diff, &limits, out, err);
		if (!ret)
			known_note(k, base, *out);
	}
	free(diff);
	return ret;
}
