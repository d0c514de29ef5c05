// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compile.c - each unit twice, by the kernel's own command for it.
 *
 * The command is run directly in the target's obj/ folder; only paths and
 * where the result goes are changed, and the two flags that give each function
 * and variable a section of its own are added.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/build.h"
#include "base/proc.h"
#include "base/text.h"
#include "compile.h"
#include "fix/known.h"
#include "io.h"
#include "objcache.h"
#include "select/layout.h"
#include "select/select.h"
#include "target/target.h"
#include "types/types.h"

/* Units that are compiled before the equal ones are dropped: few at first, a changed struct shows at once. */
#define FIRST_BATCH	4
#define BATCH		32

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
	char *s = strndup(object, strlen(object) - 2);

	if (s) {
		path_fold(s);
		text_swap(s, '/', '_');
	}
	return s;
}

/* The command with the tree at @tree and the result at @out. */
static char *make_command(const struct build *b, const char *object, const char *tree,
			  const char *out, const char *extra)
{
	const char *cmd = target_command(b->target, object), *dep, *dash_o;
	char *src = format("%s/src/", b->target->dir), *to = format("%s/", tree);
	char *deps = strdup("-Wp,-MMD,"), *output = format(" -c -o %s ", object);
	struct text t = { 0 };
	size_t n;

	if (!cmd || !src || !to || !deps || !output)
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

int job_init(struct job *j, const struct build *b, const struct unit *u, const char *variant,
	     const char *extra, struct klp_err *err)
{
	bool patched = starts_with(variant, "patched");
	char *tree = patched ? format("%s/patched", b->workdir) : format("%s/src", b->target->dir);
	char *flat = flat_name(u->o);
	/*
	 * Last, so that no header of the kernel's can be meant.  The map is for include/ alone: the
	 * compiler takes the last that fits, and patched/ has one.
	 */
	char *more = patched ? format("%s -idirafter %s/include -fdebug-prefix-map=%s/include/=", extra,
				      b->workdir, b->workdir) : strdup(extra);

	*j = (struct job){ .unit = u };
	if (tree && flat && more) {
		j->out = format("%s/objects/%s.%s.o", b->workdir, flat, variant);
		j->log = format("%s/objects/%s.%s.log", b->workdir, flat, variant);
		if (j->out)
			j->command = make_command(b, u->o, tree, j->out, more);
	}
	free(more);
	free(flat);
	free(tree);
	if (!j->out || !j->log || !j->command) {
		job_free(j);
		return klp_err_sys(err, -ENOMEM, "compiling %s", u->source);
	}
	return 0;
}

/* Start @j; the shell takes the quotes off and is replaced by the compiler. */
static int job_start(struct job *j, const struct build *b, struct klp_err *err)
{
	const char *argv[] = { "sh", "-c", j->command, NULL };
	char *cwd = format("%s/obj", b->target->dir);
	struct proc p = { .argv = argv, .cwd = cwd, .log_path = j->log };
	pid_t pid = cwd ? proc_start(&p, err) : klp_err_sys(err, -ENOMEM, "compile");

	report_verbose(b->report, "%s", j->command + strlen("exec "));
	free(cwd);
	if (pid < 0)
		return pid;
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

/* *path receives the object's path. */
static int compile_plain(struct build *b, struct unit *u, char **path, struct klp_err *err)
{
	const struct known pristine = { .dir = b->objects };
	struct job j;
	int ret = job_init(&j, b, u, "plain", "", err);

	if (ret)
		return ret;
	unlink(j.out);	/* may be the cache's, too */
	j.cached = objcache_get(&pristine, &j);
	ret = jobs_run(b, &j, 1, err);
	if (!ret)
		ret = jobs_finish(b, &j, 1, err);
	if (!ret && !j.cached)
		objcache_put(b, &pristine, &j);
	if (!ret) {
		free(*path);
		*path = strdup(j.out);
		if (!*path)
			ret = klp_err_sys(err, -ENOMEM, "compile");
	}
	job_free(&j);
	return ret;
}

int unit_compile_plain(struct build *b, struct unit *u, struct klp_err *err)
{
	int ret = u->plain ? 0 : compile_plain(b, u, &u->plain_path, err);

	if (!ret && !u->plain)
		ret = unit_reopen(u->plain_path, &u->plain, err);
	return ret;
}

static int open_unit(struct unit *u, struct job *orig, struct job *patched, struct klp_err *err)
{
	int ret;

	u->orig_path = orig->out;
	u->patched_path = patched->out;
	orig->out = patched->out = NULL;
	ret = elf_open(u->orig_path, &u->orig, err);
	if (!ret)
		ret = elf_open(u->patched_path, &u->patched, err);
	return ret;
}

/* Same bytes, DWARF included: it can't have changed. */
static bool is_equal(const struct unit *u)
{
	return u->orig->len == u->patched->len &&
	       !memcmp(u->orig->data, u->patched->data, u->orig->len);
}

static int compile_batch(struct build *b, const struct known *known, struct unit *units, size_t nr, struct klp_err *err)
{
	struct job *jobs = calloc(2 * nr + 1, sizeof(*jobs));
	int ret = jobs ? 0 : klp_err_sys(err, -ENOMEM, "compile");

	for (size_t i = 0; i < nr && !ret; i++) {
		ret = job_init(&jobs[2 * i], b, &units[i], "orig", SPLIT_FLAGS, err);
		if (!ret)
			ret = job_init(&jobs[2 * i + 1], b, &units[i], "patched", SPLIT_FLAGS, err);
	}
	for (size_t i = 0; i < 2 * nr && !ret; i++)
		jobs[i].cached = !b->no_line_markers && objcache_get(known, &jobs[i]);
	if (!ret)
		ret = jobs_run(b, jobs, 2 * nr, err);
	if (!ret)
		ret = jobs_finish(b, jobs, 2 * nr, err);
	for (size_t i = 0; i < 2 * nr && !ret; i++)
		if (!jobs[i].cached && !b->no_line_markers)
			objcache_put(b, known, &jobs[i]);
	for (size_t i = 0; i < nr && !ret; i++)
		ret = open_unit(&units[i], &jobs[2 * i], &jobs[2 * i + 1], err);
	for (size_t i = 0; jobs && i < 2 * nr; i++)
		job_free(&jobs[i]);
	free(jobs);
	return ret;
}

/* Drop the equal ones among @nr units that follow the first @kept; the new number of kept ones. */
static size_t drop_equal(struct build *b, size_t kept, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr; i++) {
		struct unit *u = &b->units[i], tmp;

		if (is_equal(u)) {
			unlink(u->orig_path);
			unlink(u->patched_path);
			unit_free(u);
			*u = (struct unit){ 0 };
			continue;
		}
		unit_rest(u);
		/* Units that come later may have moved down over dropped ones. */
		tmp = *u;
		*u = (struct unit){ 0 };
		b->units[kept++] = tmp;
	}
	return kept;
}

/* Refused already?  Types are compared between batches: a changed struct is often seen at once. */
static int refused(struct build *b, size_t kept, struct klp_err *err)
{
	size_t all = b->nr_units;
	int ret;

	b->nr_units = kept;
	ret = types_compare(b, false, err);
	b->nr_units = all;
	return ret ? ret : report_nr_refusals(b->report) != 0;
}

/* Free what a stop in mid-way has left of the units after the kept ones. */
static void forget_rest(struct build *b, size_t kept)
{
	for (size_t i = kept; i < b->nr_units; i++)
		unit_free(&b->units[i]);
	b->nr_units = kept;
}

/* The next units: all of the fix's own, then some; the last ones not before they are known to be needed. */
static size_t next_batch(const struct build *b, size_t done, size_t *limit)
{
	size_t nr = (done < b->nr_certain ? b->nr_certain : b->nr_units) - done;

	if (!done && b->nr_direct)
		return b->nr_direct;
	nr = nr < *limit ? nr : *limit;
	*limit = *limit < BATCH ? 2 * *limit : BATCH;
	return nr;
}

/* Behind the certain ones: are the others needed?  1: no, or they are too many. */
static int leave_rest(struct build *b, size_t done)
{
	if (done < b->nr_certain)
		return 0;
	if (layouts_kept(b->layouts)) {
		report_verbose(b->report, "%s %s keeps its layout: %zu units that only use it aren't compiled",
			       b->layouts->list[0].is_union ? "union" : "struct", b->layouts->list[0].tag,
			       b->nr_units - done);
		return 1;
	}
	if (b->layouts && layouts_settled(b->layouts))
		units_limit(b, b->nr_units);
	return report_nr_refusals(b->report) != 0;
}

int units_compile(struct build *b, struct klp_err *err)
{
	char *dir = format("%s/objects", b->workdir);
	size_t kept = 0, done = 0, limit = FIRST_BATCH;
	struct known known;
	int ret = dir ? io_mkdirs(dir, 0755, err) : klp_err_sys(err, -ENOMEM, "compile");

	free(dir);
	known_open(b, &known);
	while (!ret && done < b->nr_units) {
		size_t nr;

		if (leave_rest(b, done))
			break;
		nr = next_batch(b, done, &limit);
		report_progress_part(b->report, 2 * done,
				     2 * (done < b->nr_certain ? b->nr_certain : b->nr_units));
		ret = compile_batch(b, &known, b->units + done, nr, err);
		if (!ret)
			ret = layouts_settle(b, b->units + done, nr, err);
		if (ret)
			break;
		kept = drop_equal(b, kept, done, nr);
		done += nr;
		if (done < b->nr_units)
			ret = refused(b, kept, err);
	}
	known_close(&known);
	if (!ret && b->layouts && !layouts_kept(b->layouts))
		ret = select_apart(b, err);
	if (ret < 0)
		return ret;
	forget_rest(b, kept);
	return 0;
}
