// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_ask.c - see publog.h: the log's checkpoint, cosigned by witnesses that answer a command.
 *
 * A witness is somebody else's machine, so how it gets a copy of the log, and how it is asked, is for the command to know (rsync
 * and ssh, say).  Nothing is believed of what comes back but signatures that the policy knows, of the checkpoint that was shown.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tlog/policy.h"
#include "err.h"
#include "io.h"
#include "log.h"
#include "monotonic.h"
#include "publog.h"

#define ANSWER_S	60

static void exec_command(const char *command, int in, int out)
{
	/* Its children die with it. */
	setsid();
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

/* Until the other end closes; what is longer than a note isn't one. */
static int read_answer(int fd, int64_t deadline, char out[TLOG_NOTE_MAX], size_t *len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (*len = 0; *len < TLOG_NOTE_MAX; *len += (size_t)n) {
		int64_t left = deadline - monotonic_ms();

		n = 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&pfd, 1, (int)left) <= 0)
			continue;
		n = read(fd, out + *len, TLOG_NOTE_MAX - *len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return 0;
		n = n < 0 ? 0 : n;
	}
	return -EFBIG;
}

/* Its exit status; -ETIMEDOUT, -EFBIG: it was killed. */
static int reap(pid_t pid, int ret, int64_t deadline)
{
	int status;

	/* Who closed its output, and works on. */
	while (!ret && !waitpid(pid, &status, WNOHANG)) {
		ret = monotonic_ms() > deadline ? -ETIMEDOUT : 0;
		usleep(10000);
	}
	if (ret) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return ret;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_command(const char *command, int in, char out[TLOG_NOTE_MAX], size_t *len, struct klp_err *err)
{
	int64_t deadline = monotonic_ms() + ANSWER_S * 1000;
	int p[2], ret;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC))
		return klp_err_sys(err, -errno, "cannot ask");
	fflush(NULL);
	pid = fork();
	if (!pid)
		exec_command(command, in, p[1]);
	close(p[1]);
	ret = pid < 0 ? 0 : reap(pid, read_answer(p[0], deadline, out, len), deadline);
	close(p[0]);
	if (pid < 0)
		return klp_err_sys(err, -EAGAIN, "cannot ask");
	if (ret == -ETIMEDOUT)
		return klp_err_set(err, ret, "no answer in %d s", ANSWER_S);
	if (ret < 0)
		return klp_err_set(err, ret, "its answer is no checkpoint");
	return ret ? klp_err_set(err, -EREMOTEIO, "it ended with exit status %d", ret) : 0;
}

static int ask_one(const char *dir, const struct tlog_policy *policy, const char *command, size_t *added, struct klp_err *err)
{
	struct log_text shown = { 0 }, answer = { .data = calloc(1, TLOG_NOTE_MAX + 1) };
	int in = -1, ret = answer.data ? 0 : klp_err_sys(err, -ENOMEM, "cannot ask");

	if (!ret)
		ret = log_read_note(dir, NULL, &shown, err);
	if (!ret)
		ret = io_sealed_memfd("checkpoint", shown.data, shown.len, &in, err);
	if (!ret)
		ret = run_command(command, in, answer.data, &answer.len, err);
	if (!ret)
		ret = tlog_note_parse(answer.data, answer.len, &answer.note, err);
	if (!ret)
		ret = log_cosign_note(dir, policy, &answer, added, err);
	if (in >= 0)
		close(in);
	log_text_free(&shown);
	log_text_free(&answer);
	return ret;
}

static int check_quorum(const char *dir, const struct tlog_policy *policy, struct klp_err *err)
{
	struct tlog_checkpoint cp;
	struct log_text shown;
	int ret = log_read_note(dir, NULL, &shown, err);

	if (ret)
		return ret;
	ret = tlog_policy_open(policy, &shown.note, &cp, err);
	log_text_free(&shown);
	return ret;
}

int log_ask_witnesses(const char *dir, const struct tlog_policy *policy, const json_t *commands, struct klp_err *err)
{
	/* Somebody may have had them cosign by hand. */
	int ret = check_quorum(dir, policy, err);
	const json_t *command;
	size_t i;

	json_array_foreach(commands, i, command) {
		const char *text = json_string_value(command);
		struct klp_err why = { 0 };
		size_t added = 0;

		if (ret != -EACCES)
			break;
		if (ask_one(dir, policy, text, &added, &why))
			log_warn("witness \"%s\": %s", text, why.text);
		else if (!added)
			log_warn("witness \"%s\": no signature of a witness that the policy names", text);
		else
			ret = check_quorum(dir, policy, err);
	}
	return ret;
}
