// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_notify.c - klp-update notify: hand what a human has to see to `notify = COMMAND`, and mail it.
 *
 * Apart from the runs, which have no network and may load modules: quietpatch-notify.path starts it, as a user without
 * privilege, when a run has left a notice.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "announce.h"
#include "err.h"
#include "io.h"
#include "update.h"

#define NOTICE_MAX	4096
#define SENDMAIL	"/usr/sbin/sendmail"

/* @argv with @text on its standard input. */
static int pipe_to(const char *const *argv, const char *text, struct klp_err *err)
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
		execv(argv[0], (char *const *)argv);
		_exit(127);
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

	return strcmp(u->settings.notify, "none") ? pipe_to(argv, text, err) : 0;
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
	ret = pipe_to(argv, letter, err);
	free(letter);
	return ret;
}

int cmd_notify(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 }, second = { 0 };
	char path[PATH_MAX];
	void *text;
	size_t len;
	int ret;

	(void)argc;
	(void)argv;
	snprintf(path, sizeof(path), "%s" NOTICE_FILE, u->settings.root);
	ret = io_read_file(path, NOTICE_MAX, &text, &len, &err);
	if (ret == -ENOENT)
		return EXIT_NOTHING;
	if (ret)
		return update_fail(u, &err);
	/* One that fails doesn't keep the other from it. */
	ret = run_command(u, text, &err);
	if (mail(u, text, &second) && !ret) {
		ret = second.code;
		err = second;
	}
	free(text);
	if (ret)
		return update_fail(u, &err);
	/* Under systemd the unit does that, with the right that this user hasn't got. */
	if (unlink(path) && errno != EACCES && errno != EPERM && errno != EROFS)
		return update_fail(u, (klp_err_sys(&err, -errno, "cannot remove %s", path), &err));
	return EXIT_DONE;
}
