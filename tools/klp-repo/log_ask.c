// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_ask.c - see publog.h: the log's checkpoint, cosigned by witnesses that answer a command.
 *
 * A witness is somebody else's machine, so how it gets a copy of the log, and how it is asked, is for the command to know (rsync
 * and ssh, say).  Nothing is believed of what comes back but signatures that the policy knows, of the checkpoint that was shown.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "../tlog/policy.h"
#include "err.h"
#include "io.h"
#include "log.h"
#include "monotonic.h"
#include "publog.h"
#include "shell.h"

#define ANSWER_S	60

static int run_command(const char *command, int in, char out[TLOG_NOTE_MAX], size_t *len, struct klp_err *err)
{
	int64_t deadline = monotonic_ms() + ANSWER_S * 1000;
	int from, ret;
	pid_t pid = shell_start(command, in, false, &from);

	if (pid < 0)
		return klp_err_sys(err, pid, "cannot ask");
	/* What is longer than a note isn't one. */
	ret = shell_end(pid, read_until(from, deadline, out, TLOG_NOTE_MAX, len), deadline);
	close(from);
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
