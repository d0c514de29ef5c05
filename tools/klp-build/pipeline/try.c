// SPDX-License-Identifier: GPL-2.0-or-later
/* try.c - see try.h. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/report_data.h"
#include "build_run.h"
#include "err.h"
#include "io.h"
#include "try.h"

static const char *const outcome_names[] = {
	[OUTCOME_BUILT] = "built",
	[OUTCOME_NO_CHANGE] = "no-change",
	[OUTCOME_REFUSED] = "refused",
};

/* In the child: build, leave the report at @json. */
static void run_child(const struct build_options *base, const struct try_limits *limits, char *diff, const char *json)
{
	struct build_options o = *base;
	struct klp_err err = { 0 };
	struct report *r = report_new(!limits->loud, false, stdout);
	enum outcome outcome = OUTCOME_BUILT;
	int ret;

	proc_follow_parent();
	alarm(limits->seconds);
	/* Warnings are in the report; here they'd come by the hundred. */
	if (!r || !freopen("/dev/null", "w", stderr))
		_exit(1);
	if (diff) {
		o.fixes = &diff;
		o.nr_fixes = 1;
	}
	ret = build_run(&o, r, &outcome, &err);
	if (ret && proc_interrupted() == SIGALRM)
		klp_err_set(&err, ret, "no end within %u s", limits->seconds);
	progress_clear(r);
	ret = report_write_json(r, json, ret ? "failed" : outcome_names[outcome],
				ret ? err.text : NULL, &err);
	_exit(ret ? 1 : 0);
}

static json_t *died(int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	char *why = sig ? format("the builder was killed by signal %d (%s)", sig, strsignal(sig)) :
			  format("the builder left with status %d", WEXITSTATUS(status));
	json_t *j = json_pack("{s:s,s:s,s:[],s:[]}", "outcome", "failed", "message",
			      why ? why : "died", "refusals", "functions");

	free(why);
	return j;
}

int try_build(const struct build_options *o, const char *in, const char *diff, const struct try_limits *limits,
	      json_t **out, struct klp_err *err)
{
	char *dir = format("%s/try.XXXXXX", in), *json = NULL, *path = NULL;
	int status, ret = 0;
	json_t *j = NULL;
	pid_t pid;

	if (!mkdtemp(dir)) {
		ret = klp_err_sys(err, -errno, "cannot make a folder in %s", in);
		free(dir);
		return ret;
	}
	json = format("%s/report.json", dir);
	path = diff ? format("%s/update.patch", dir) : NULL;
	if (diff)
		ret = io_write_new(path, diff, strlen(diff), 0644, err);
	if (!ret) {
		fflush(NULL);
		pid = fork();
		if (!pid)
			run_child(o, limits, path, json);
		ret = pid < 0 ? klp_err_sys(err, -errno, "cannot fork") :
				proc_wait(pid, &status, err);
	}
	if (!ret) {
		j = json_load_file(json, 0, NULL);
		if (!j)
			j = died(status);
		if (!j)
			ret = klp_err_sys(err, -ENOMEM, "try");
	}
	unlink(json);
	if (path)
		unlink(path);
	rmdir(dir);
	free(path);
	free(json);
	free(dir);
	if (!ret)
		*out = j;
	return ret;
}

