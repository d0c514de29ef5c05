/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc.h - running other programs: apt, tar, make, the compiler.
 *
 * No shell unless the caller names one.  A failure carries the end of what the
 * program said.
 */
#ifndef KLP_PROC_H
#define KLP_PROC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct klp_err;

struct proc {
	const char *const *argv;	/* NULL-terminated */
	const char *cwd;		/* NULL: the caller's */
	const char *out_path;		/* stdout goes there; NULL: to the log */
	const char *log_path;		/* stderr, and stdout unless out_path; NULL: /dev/null */
	const char *in_path;		/* stdin; NULL: /dev/null */
	const char *const *env;		/* "NAME=VALUE"... on top of ours; NULL: none */
};

/* Run to the end.  -ECHILD: it exited with another status than 0, or by a signal. */
int proc_run(const struct proc *p, struct klp_err *err);
/* As proc_run(), with @look called ten times a second meanwhile. */
int proc_run_watched(const struct proc *p, void (*look)(void *arg), void *arg, struct klp_err *err);
/* As above; stdout into *out (malloc()ed, NUL-terminated), out_path ignored. */
int proc_capture(const struct proc *p, char **out, struct klp_err *err);

/* Start without waiting: the pid, or -errno. */
pid_t proc_start(const struct proc *p, struct klp_err *err);
/* Tell what was started to end, with all that it started in turn (gcc its cc1). */
void proc_end(pid_t pid);
/* Wait for a child of ours that does a part of the work; interrupted, end it as well: -EINTR. */
int proc_wait(pid_t pid, int *status, struct klp_err *err);
/* In such a child: it doesn't outlive its parent, whatever that dies of. */
void proc_follow_parent(void);
/* What a wait status means: 0, or -ECHILD with a sentence. */
int proc_status(const struct proc *p, int status, struct klp_err *err);

/*
 * SIGINT, SIGTERM, SIGHUP, SIGPIPE and SIGALRM (a time limit, set by alarm()) end what runs and
 * make the calls above return -EINTR, so that the caller can take its files away.
 */
void proc_catch_signals(void);
int proc_interrupted(void);	/* by which of them; 0: by none */

/*
 * An error came of @ret, maybe a program's that has only its own words for it: if the disk
 * of @dir is full, that is put in front.  Returns @ret.
 */
int proc_blame_disk(const char *dir, int ret, struct klp_err *err);

/* CPU seconds, user and system, that finished children have used so far. */
double proc_children_cpu(void);

/* rm -rf; an absent @path is fine. */
int remove_tree(const char *path, struct klp_err *err);

#endif
