// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * job.c - compilations, several at a time.
 *
 * The kernel's own command is run directly in the target's obj/ folder; only paths and where the result goes are changed,
 * and the flags that the caller adds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/build.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "compile.h"
#include "target/target.h"

void job_free(struct job *j)
{
	free(j->command);
	free(j->out);
	free(j->log);
	*j = (struct job){ 0 };
}

/* "net/core/sock_map.o" -> "net_core_sock_map"; one source may be several objects. */
static char *flat_name(const char *object)
{
	char *s = xstrndup(object, strlen(object) - 2);

	path_fold(s);
	text_swap(s, '/', '_');
	return s;
}

/* The command with the tree at @tree and the result at @out; NULL: @object has none. */
static char *make_command(const struct build *b, const char *object, const char *tree,
			  const char *out, const char *extra)
{
	const char *cmd = target_command(b->target, object), *dep, *dash_o;
	char *src = format("%s/src/", b->target->dir), *to = format("%s/", tree);
	char *deps = xstrdup("-Wp,-MMD,"), *output = format(" -c -o %s ", object);
	struct text t = { 0 };
	size_t n;

	if (!cmd)
		goto out;
	text_addf(&t, "exec ");
	dep = strstr(cmd, deps);
	if (dep) {
		text_add_replaced(&t, cmd, (size_t)(dep - cmd), src, to);
		cmd = dep + strcspn(dep, " ");
	}
	dash_o = strstr(cmd, output);
	n = dash_o ? (size_t)(dash_o - cmd) : strlen(cmd);
	text_add_replaced(&t, cmd, n, src, to);
	/* Nothing of our paths in the object: neither __FILE__ nor DWARF. */
	if (b->objects)
		text_addf(&t, " -Wp,-MMD,%s.d", out);
	text_addf(&t, " -g -fdebug-prefix-map=%s= -fdebug-prefix-map=%s/obj=. %s -c -o %s ", to,
		  b->target->dir, extra, out);
	if (dash_o)
		text_add_replaced(&t, dash_o + strlen(output), strlen(dash_o + strlen(output)), src, to);
out:
	free(output);
	free(deps);
	free(to);
	free(src);
	return t.len ? text_take(&t) : NULL;
}

void job_init(struct job *j, const struct build *b, const struct unit *u, const char *variant,
	      const char *extra)
{
	bool patched = starts_with(variant, "patched");
	char *tree = patched ? format("%s/patched", b->workdir) : format("%s/src", b->target->dir);
	char *flat = flat_name(u->o);
	/*
	 * Last, so that no header of the kernel's can be meant.  The map is for include/ alone: the
	 * compiler takes the last that fits, and patched/ has one.
	 */
	char *more = patched ? format("%s -idirafter %s/include -fdebug-prefix-map=%s/include/=", extra,
				      b->workdir, b->workdir) : xstrdup(extra);

	*j = (struct job){
		.unit = u, .out = format("%s/objects/%s.%s.o", b->workdir, flat, variant),
		.log = format("%s/objects/%s.%s.log", b->workdir, flat, variant),
	};
	j->command = make_command(b, u->o, tree, j->out, more);
	free(more);
	free(flat);
	free(tree);
}

/* Start @j; the shell takes the quotes off and is replaced by the compiler. */
static int job_start(struct job *j, const struct build *b, struct klp_err *err)
{
	const char *argv[] = { "sh", "-c", j->command, NULL };
	char *cwd = format("%s/obj", b->target->dir);
	struct proc p = { .argv = argv, .cwd = cwd, .log_path = j->log };
	pid_t pid = j->command ? proc_start(&p, err) : klp_err_set(err, -ENOENT, "no command compiles %s", j->unit->o);

	free(cwd);
	if (pid < 0)
		return pid;
	report_verbose(b->report, "%s", j->command + strlen("exec "));
	j->pid = pid;
	return 0;
}

static struct job *job_of(struct job *jobs, size_t nr, pid_t pid)
{
	for (size_t i = 0; i < nr; i++)
		if (jobs[i].pid == pid)
			return &jobs[i];
	return NULL;
}

/* Wait for one of ours to end. */
static int wait_one(struct job *jobs, size_t nr, struct klp_err *err)
{
	struct job *j;
	int status;
	pid_t pid;

	do {
		for (size_t i = 0; proc_interrupted() && i < nr; i++)
			if (jobs[i].pid)
				proc_end(jobs[i].pid);
		pid = wait(&status);
	} while ((pid < 0 && errno == EINTR) || (pid >= 0 && !job_of(jobs, nr, pid)));
	if (pid < 0)
		return klp_err_sys(err, -errno, "waiting for the compiler");
	j = job_of(jobs, nr, pid);
	j->pid = 0;
	j->failed = !WIFEXITED(status) || WEXITSTATUS(status);
	return 0;
}

int jobs_run(const struct build *b, struct job *jobs, size_t nr, struct klp_err *err)
{
	size_t started = 0, running = 0, done = 0;
	int ret = 0;

	while (done < nr && (!ret || running)) {
		while (!ret && started < nr && running < (b->jobs ? b->jobs : 1)) {
			if (jobs[started].cached) {
				started++;
				done++;
				continue;
			}
			ret = job_start(&jobs[started], b, err);
			if (!ret) {
				started++;
				running++;
			}
		}
		if (!running)
			break;
		if (wait_one(jobs, nr, err))
			return err->code;
		running--;
		done++;
		report_progress(b->report, done, nr, started ? jobs[started - 1].unit->source : NULL);
	}
	/* proc_start() fails from here on; what ran has ended. */
	if (!ret && proc_interrupted())
		ret = klp_err_set(err, -EINTR, "interrupted");
	return ret;
}
