// SPDX-License-Identifier: GPL-2.0-or-later
/* loader.c - see loader.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "loader.h"
#include "monotonic.h"
#include "printable.h"
#include "settings/settings.h"
#include "shell.h"
#include "source/trust.h"

#define REPLY_MAX	(1u << 20)
/*
 * klp-apply may wait for its lock, for the switch, and for the way back, each for the transition's time, and then it ends, tries to
 * leave without the rest, and unloads.
 */
#define WAITS		3
#define SLACK_S		120
#define STATUS_NO_EXEC	127

struct reply_text {
	char *data;
	size_t len;
};

/* In the child, with nothing of ours but the three standard files. */
static void exec_loader(char *const *argv, int out)
{
	int null = open("/dev/null", O_RDONLY);

	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	shell_default_signals();
	execvp(argv[0], argv);
	fprintf(stderr, "klp-update: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(STATUS_NO_EXEC);
}

/* Until the other end closes, the reply is too long, or @deadline has passed. */
static int read_reply(int fd, int64_t deadline, struct reply_text *text)
{
	int ret;

	text->len = 0;
	text->data = malloc(REPLY_MAX + 1);
	ret = text->data ? read_until(fd, deadline, text->data, REPLY_MAX, &text->len) : -ENOMEM;
	return ret == -EFBIG ? 0 : ret;
}

/* Killing klp-apply is safe at any moment; the next run resumes or reverses. */
static int reap(pid_t pid, bool hung)
{
	int status;

	if (hung)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void loader_reply_parse(const char *text, size_t len, int status, int hung, struct loader_reply *out)
{
	const char *error;

	*out = (struct loader_reply){ .status = status };
	out->json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	error = json_string_value(json_object_get(out->json, "error"));
	if (hung)
		snprintf(out->error, sizeof(out->error), "klp-apply didn't end in time: %s",
			 strerror(-hung));
	else if (error)
		text_printable(error, strlen(error), out->error, sizeof(out->error));
	else if (status < 0)
		snprintf(out->error, sizeof(out->error), "klp-apply was killed");
	else if (status)
		snprintf(out->error, sizeof(out->error), "klp-apply failed with exit status %d", status);
}

static int run(char *const *argv, long timeout, struct loader_reply *out, struct klp_err *err)
{
	struct reply_text text;
	int p[2], hung, status;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC))
		return klp_err_sys(err, -errno, "cannot run %s", argv[0]);
	fflush(NULL);
	pid = fork();
	if (!pid)
		exec_loader(argv, p[1]);
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		return klp_err_sys(err, -EAGAIN, "cannot run %s", argv[0]);
	}
	hung = read_reply(p[0], monotonic_ms() + (WAITS * timeout + SLACK_S) * 1000, &text);
	close(p[0]);
	status = reap(pid, hung);
	if (status == STATUS_NO_EXEC) {
		free(text.data);
		return klp_err_set(err, -ENOEXEC,
				   "cannot run %s; install klp-apply or set \"loader\" in update.conf",
				   argv[0]);
	}
	loader_reply_parse(text.data, text.len, status, hung, out);
	free(text.data);
	return 0;
}

/* When all switch at once nobody can be left behind. */
static const char *stragglers(const struct settings *s)
{
	return strcmp(s->consistency, "strict") ? s->stragglers : "reverse";
}

/* Whose signatures count; a file or folder that isn't there has no say.  @argv has room for eight more. */
static size_t say_signers(const struct settings *s, const char **argv, char roots[4096])
{
	size_t n = 0;

	argv[n++] = "--signers";
	argv[n++] = s->signers;
	argv[n++] = "--keyring";
	argv[n++] = s->keys;
	if (!access(s->trust, F_OK)) {
		argv[n++] = "--root";
		argv[n++] = s->trust;
	}
	trust_roots(s, roots);
	if (!access(roots, F_OK)) {
		argv[n++] = "--roots";
		argv[n++] = roots;
	}
	return n;
}

int loader_load(const struct settings *s, const char *bundle, struct loader_reply *out,
		struct klp_err *err)
{
	char timeout[24], roots[4096];
	const char *argv[32] = { s->loader, "load", "--json", "--log-policy", s->log_policy, "--timeout",
				 timeout, "--stragglers", stragglers(s), "--kick", s->kick, "--consistency", s->consistency,
				 /* Whether a crash was the patch's doing is for our own memory, which has the evidence. */
				 "--allow", "crashed", NULL };
	size_t n = 0;

	snprintf(timeout, sizeof(timeout), "%ld", s->timeout);
	while (argv[n])
		n++;
	n += say_signers(s, argv + n, roots);
	argv[n] = bundle;
	return run((char *const *)argv, s->timeout, out, err);
}

int loader_revert(const struct settings *s, const char *name, struct loader_reply *out,
		  struct klp_err *err)
{
	char timeout[24];
	const char *const argv[] = { s->loader, "revert", "--json", "--timeout", timeout,
				     "--stragglers", stragglers(s), "--kick", s->kick, "--consistency", s->consistency,
				     name, NULL };

	snprintf(timeout, sizeof(timeout), "%ld", s->timeout);
	return run((char *const *)argv, s->timeout, out, err);
}

int loader_withdraw(const struct settings *s, const char *name, int64_t release, struct loader_reply *out,
		    struct klp_err *err)
{
	char number[24];
	const char *const argv[] = { s->loader, "withdraw", "--json", name, number,
				     "by the publisher; `klp-update history` tells why", NULL };

	snprintf(number, sizeof(number), "%lld", (long long)release);
	return run((char *const *)argv, 0, out, err);
}

int loader_ask(const struct settings *s, const char *command, struct loader_reply *out, struct klp_err *err)
{
	const char *const argv[] = { s->loader, command, "--json", NULL };

	return run((char *const *)argv, 0, out, err);
}

void loader_reply_describe(const struct loader_reply *r, char *out, size_t size)
{
	const json_t *t = json_object_get(r->json, "transition");
	const json_t *ms = json_object_get(t, "ms"), *tasks = json_object_get(t, "tasks"), *module;
	const char *before = "pending: waits for module ", *name;
	size_t i, len;

	out[0] = '\0';
	if (json_is_number(ms) && json_is_integer(tasks)) {
		snprintf(out, size, "%lld tasks switched in %.1f ms",
			 (long long)json_integer_value(tasks), json_number_value(ms));
		before = "; pending: waits for module ";
	}
	/* In what isn't loaded it does nothing yet. */
	json_array_foreach(json_object_get(r->json, "pending"), i, module) {
		name = json_string_value(module);
		if (!name)
			continue;
		len = strlen(out);
		len += (size_t)snprintf(out + len, size - len, "%s", before);
		if (len >= size)
			break;
		text_printable(name, strlen(name), out + len, size - len);
		before = ", ";
	}
}

void loader_reply_clear(struct loader_reply *r)
{
	json_decref(r->json);
	memset(r, 0, sizeof(*r));
}
