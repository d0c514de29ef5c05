// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * health.c - see health.h.
 *
 * The answer: the exit status in decimal, a newline, and the beginning of what the command said.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "health.h"
#include "io.h"
#include "monotonic.h"
#include "printable.h"
#include "settings/settings.h"
#include "shell.h"

#define SAID_MAX	200
#define STATUS_LATE	124
#define SLACK_S		10	/* for a service to start */

/* Up to @size - 1 bytes until the end or @deadline; the rest is read and dropped.  -ETIMEDOUT: no end. */
static int read_until_end(int fd, int64_t deadline, char *out, size_t size)
{
	char more[256];
	size_t len;
	int ret = read_until(fd, deadline, out, size - 1, &len);

	out[len] = '\0';
	while (ret == -EFBIG)
		ret = read_until(fd, deadline, more, sizeof(more), &len);
	return ret;
}

/* Run it; its exit status, and the beginning of what it said. */
static int run_command(const char *command, char said[SAID_MAX])
{
	int64_t deadline = monotonic_ms() + HEALTH_S * 1000;
	int out, ret;
	pid_t pid = shell_start(command, -1, true, &out);

	said[0] = '\0';
	if (pid < 0)
		return 126;
	ret = read_until_end(out, deadline, said, SAID_MAX);
	close(out);
	ret = shell_end(pid, ret, deadline);
	if (ret >= 0)
		return ret;
	snprintf(said, SAID_MAX, "no answer in %d s", HEALTH_S);
	return STATUS_LATE;
}

static int connect_to(const char *root)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if ((size_t)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s" HEALTH_SOCKET, root) >= sizeof(sa.sun_path))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The service's answer; one that isn't one is a no. */
static int read_answer(int fd, char said[SAID_MAX])
{
	char text[SAID_MAX + 16], *end;
	long status;

	if (read_until_end(fd, monotonic_ms() + (HEALTH_S + SLACK_S) * 1000, text, sizeof(text))) {
		snprintf(said, SAID_MAX, "quietpatch-health@.service didn't answer");
		return STATUS_LATE;
	}
	status = strtol(text, &end, 10);
	if (end == text || *end != '\n') {
		snprintf(said, SAID_MAX, "quietpatch-health@.service gave no answer; see its journal");
		return 126;
	}
	snprintf(said, SAID_MAX, "%s", end + 1);
	return (int)status;
}

bool health_wanted(const struct settings *s)
{
	return strcmp(s->health, "none");
}

bool health_ask(const struct settings *s, char *why, size_t size)
{
	char said[SAID_MAX], clean[SAID_MAX];
	int fd, status;

	if (!health_wanted(s))
		return true;
	fd = connect_to(s->root);
	status = fd < 0 ? run_command(s->health, said) : read_answer(fd, said);
	if (fd >= 0)
		close(fd);
	if (!status)
		return true;
	text_printable(said, strcspn(said, "\n"), clean, sizeof(clean));
	snprintf(why, size, "exit status %d%s%s", status, *clean ? ": " : "", clean);
	return false;
}

int health_serve(const struct settings *s, int to)
{
	char said[SAID_MAX] = "", answer[SAID_MAX + 16];
	int status = health_wanted(s) ? run_command(s->health, said) : 0;

	snprintf(answer, sizeof(answer), "%d\n%s", status, said);
	return io_write_all(to, answer, strlen(answer));
}
