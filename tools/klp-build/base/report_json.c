// SPDX-License-Identifier: GPL-2.0-or-later
/* report_json.c - a finished report, for machines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "report_data.h"

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

int report_put_json(const json_t *j, const char *path, struct klp_err *err)
{
	char *s = json_dumps(j, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
	int ret;

	if (!s)
		return klp_err_sys(err, -ENOMEM, "JSON");
	if (!strcmp(path, "-"))
		ret = puts(s) < 0 || fflush(stdout) ? klp_err_sys(err, errno ? -errno : -EIO, "cannot write to the standard output") : 0;
	else
		ret = io_write_output(path, s, strlen(s), 0644, err);
	free(s);
	return ret;
}

int report_write_json(struct report *r, const char *path, const char *outcome, const char *message,
		      struct klp_err *err)
{
	json_t *j = r->json;

	json_object_set_new(j, "outcome", json_string(outcome));
	if (message && *message)
		json_object_set_new(j, "message", json_text(message));
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
	return report_put_json(j, path, err);
}
