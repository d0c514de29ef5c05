// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compile_again.c - what compilers left behind: units for the report, and a second
 * chance for units that lacked a generated header or got a #line where none may be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "compile.h"
#include "fix/overlay.h"
#include "io.h"
#include "target/target.h"

/* What the compiler said, as the build's error, as far as it fits. */
static int compile_error(const struct job *j, struct klp_err *err)
{
	void *log = NULL;
	size_t len;

	if (io_read_file(j->log, 1u << 20, &log, &len, NULL) || !len)
		klp_err_set(err, -ECHILD, "cannot compile %s; the command was: %s", j->unit->source,
			    j->command + strlen("exec "));
	else
		klp_err_set(err, -ECHILD, "cannot compile %s:\n%.*s", j->unit->source, 1500,
			    (const char *)log);
	free(log);
	return -ECHILD;
}

/* The compiler's list of what the unit includes, with what isn't there; NULL: it makes none. */
static char *list_includes(const struct build *b, const struct job *j)
{
	char *path = format("%s.d", j->log), *cwd = format("%s/obj", b->target->dir);
	/* Nothing else may ask for dependencies (objcache.c does): -MG goes with -M alone. */
	const char *other = strstr(j->command, " -Wp,-MMD,"), *rest = other ? other + 1 + strcspn(other + 1, " ") : "";
	char *command = format("%.*s%s -M -MG -MF %s", other ? (int)(other - j->command) : (int)strlen(j->command),
			       j->command, rest, path);
	const char *argv[] = { "sh", "-c", command, NULL };
	struct proc p = { .argv = argv, .cwd = cwd, .log_path = "/dev/null" };
	struct klp_err ignored = { 0 };
	void *text = NULL;
	size_t len;

	if (command && !proc_run(&p, &ignored) && io_read_file(path, 4u << 20, &text, &len, NULL))
		text = NULL;
	unlink(j->out);
	unlink(path);
	free(command);
	free(cwd);
	free(path);
	return text;
}

/* About 1% of the units include headers that only their own folder's make generates: is there one that isn't there? */
static bool lacks_generated(const struct build *b, const struct job *j)
{
	char *list = list_includes(b, j), *s = list ? strchr(list, ':') : NULL, *w;
	bool lacks = false;

	/* "x.o: x.c \\\n a.h": the object isn't there, either. */
	while (!lacks && (w = strsep(&s, ": \\\n"))) {
		char *file = *w == '/' ? xstrdup(w) : format("%s/obj/%s", b->target->dir, w);

		lacks = file && access(file, F_OK);
		free(file);
	}
	free(list);
	return lacks;
}

/* Let kbuild make the object once, with all that it needs. */
static int make_prerequisites(const struct build *b, const struct job *j, struct klp_err *err)
{
	struct strings goal = { (char **)&j->unit->o, 1 };

	return target_make(b->target, &goal, j->log, err);
}

/* What its log asks for is done, and it is compiled once more; 1: nothing would help. */
static int try_again(struct build *b, struct job *j, struct klp_err *err)
{
	int ret;

	if (lacks_generated(b, j)) {
		report_verbose(b->report, "making what %s includes", j->unit->source);
		ret = make_prerequisites(b, j, err);
	} else if (strstr(j->out, ".patched")) {
		/* A #line where the preprocessor wants none?  Then in all that failed. */
		ret = b->no_line_markers ? 0 : overlay_line_markers(b, false, err);
		b->no_line_markers = true;
	} else {
		return 1;
	}
	if (ret)
		return ret;
	unlink(j->log);
	return jobs_run(b, j, 1, err);
}

/* After jobs_run(): give failed ones a second chance.  The report gets the units that fail again. */
int jobs_finish(struct build *b, struct job *jobs, size_t nr, struct klp_err *err)
{
	int ret, failed = 0;

	for (size_t i = 0; i < nr; i++) {
		struct job *j = &jobs[i];

		if (!j->failed)
			continue;
		ret = try_again(b, j, err);
		if (ret < 0)
			return ret;
		if (!j->failed)
			continue;
		report_not_compiled(b->report, j->unit->source);
		if (!failed)
			failed = compile_error(j, err);
	}
	return failed;
}
