// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_notify.c - klp-update notify: hand what a human has to see to `notify = COMMAND`, and mail it.
 *
 * Apart from the runs, which have no network and may load modules: quietpatch-notify.path starts it when a run has left a notice
 * (notices.h).  It keeps account of what has been delivered, as root; what delivers runs as a user without privilege.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "err.h"
#include "io.h"
#include "tell/notices.h"

#define PATIENCE_S	120	/* for one delivery */
#define SENDMAIL	"/usr/sbin/sendmail"

/* @argv, or that as another user (setpriv keeps nothing of root's), in its place. */
static void become(const char *user, const char *const *argv)
{
	const char *as[16] = { "/usr/bin/setpriv" };
	char uid[80], gid[80];
	size_t n = 1;

	if (!user)
		execv(argv[0], (char *const *)argv);
	else {
		snprintf(uid, sizeof(uid), "--reuid=%.64s", user);
		snprintf(gid, sizeof(gid), "--regid=%.64s", user);
		as[n++] = uid;
		as[n++] = gid;
		as[n++] = "--clear-groups";
		as[n++] = "--inh-caps=-all";
		as[n++] = "--bounding-set=-all";
		as[n++] = "--";
		while (*argv && n < 15)
			as[n++] = *argv++;
		execv(as[0], (char *const *)as);
	}
	_exit(127);
}

/* @argv with @text on its standard input. */
static int pipe_to(const struct update *u, const char *const *argv, const char *text, struct klp_err *err)
{
	int p[2], status;
	pid_t pid;

	if (pipe(p))
		return klp_err_sys(err, -errno, "cannot run %s", argv[0]);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(p[0], STDIN_FILENO);
		close(p[0]);
		close(p[1]);
		/* One that hangs doesn't keep the others from it. */
		alarm(PATIENCE_S);
		become(u->user, argv);
	}
	close(p[0]);
	/* Whoever doesn't read it doesn't want it. */
	signal(SIGPIPE, SIG_IGN);
	if (pid > 0 && io_write_all(p[1], text, strlen(text)) && errno != EPIPE)
		klp_err_sys(err, -errno, "%s", argv[0]);
	close(p[1]);
	if (pid < 0)
		return klp_err_sys(err, -EAGAIN, "cannot run %s", argv[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return klp_err_sys(err, -errno, "%s", argv[0]);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	return klp_err_set(err, -EIO, "a notice wasn't delivered: %s ended with %d", argv[0],
			   WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

static int run_command(const struct update *u, const char *text, struct klp_err *err)
{
	const char *const argv[] = { "/bin/sh", "-c", u->settings.notify, NULL };

	return strcmp(u->settings.notify, "none") ? pipe_to(u, argv, text, err) : 0;
}

static int mail(const struct update *u, const char *text, struct klp_err *err)
{
	char path[PATH_MAX], *letter;
	const char *const argv[] = { path, "-oi", "--", u->settings.mail, NULL };
	int ret;

	snprintf(path, sizeof(path), "%s" SENDMAIL, u->settings.root);
	if (!strcmp(u->settings.mail, "none") || access(path, X_OK))
		return 0;
	if (asprintf(&letter, "To: %s\nSubject: %.*s\n\n%s", u->settings.mail, (int)strcspn(text, "\n"), text, text) < 0)
		return klp_err_sys(err, -ENOMEM, "cannot mail a notice");
	ret = pipe_to(u, argv, letter, err);
	free(letter);
	return ret;
}

/* The first thing that went wrong is told. */
static void note(struct klp_err *first, const struct klp_err *err)
{
	if (!first->code)
		*first = *err;
}

/* Each way that is still to be gone; what has been delivered is written down at once, and isn't delivered again. */
static void deliver(const struct update *u, struct notice *n, struct klp_err *first)
{
	struct klp_err err = { 0 };
	char *text;
	int ret = notices_read(u->settings.root, n, &text, &err);

	if (ret) {
		if (ret != -ENOENT)
			note(first, &err);
		return;
	}
	/* One that fails doesn't keep the other from it. */
	for (int by_mail = 0; by_mail < 2; by_mail++) {
		bool *to_do = by_mail ? &n->mail : &n->command;

		if (!*to_do)
			continue;
		if ((by_mail ? mail : run_command)(u, text, &err)) {
			note(first, &err);
			continue;
		}
		*to_do = false;
		if (notices_keep(u->settings.root, n, &err)) {
			note(first, &err);
			break;
		}
	}
	free(text);
}

/* All that are there, and those that come meanwhile; each is tried once.  @nr: how many were. */
static int deliver_all(const struct update *u, size_t *nr, struct klp_err *first, struct klp_err *err)
{
	char last[64] = "";
	bool more;
	int ret;

	do {
		struct notice *list;
		size_t n;

		more = false;
		ret = notices_list(u->settings.root, &list, &n, err);
		if (ret)
			return ret;
		for (size_t i = 0; i < n; i++) {
			if (strncmp(list[i].name, last, NOTICE_PLACE) <= 0)
				continue;
			snprintf(last, sizeof(last), "%.*s", NOTICE_PLACE, list[i].name);
			deliver(u, &list[i], first);
			more = true;
			(*nr)++;
		}
		free(list);
	} while (more);
	return 0;
}

/* Two notifiers would deliver the same one. */
static int lock_folder(const struct update *u, int *fd, struct klp_err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" NOTICES_DIR, u->settings.root);
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0 || !flock(*fd, LOCK_EX))
		return *fd < 0 && errno != ENOENT ? klp_err_sys(err, -errno, "cannot open %s", path) : 0;
	return klp_err_sys(err, -errno, "cannot lock %s", path);
}

int cmd_notify(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 }, first = { 0 };
	size_t nr = 0;
	int fd, ret;

	(void)argc;
	(void)argv;
	ret = lock_folder(u, &fd, &err);
	if (!ret)
		ret = deliver_all(u, &nr, &first, &err);
	if (fd >= 0)
		close(fd);
	if (ret)
		return update_fail(u, &err);
	if (first.code)
		return update_fail(u, &first);
	return nr ? EXIT_DONE : EXIT_NOTHING;
}
