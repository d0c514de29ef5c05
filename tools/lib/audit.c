// SPDX-License-Identifier: GPL-2.0-or-later
/* audit.c - see audit.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "err.h"
#include "exits.h"
#include "io.h"
#include "jsonstr.h"
#include "printable.h"

#define FILE_MAX_LEN	(1u << 20)	/* bytes, of one file */
#define WORD		256

enum { PRIORITY_WARNING = 4, PRIORITY_NOTICE = 5 };

/* The first line of a small file, printable; "" if it can't be read. */
static void first_line(const char *path, char out[WORD])
{
	size_t len;
	void *text;

	*out = '\0';
	if (io_read_file(path, WORD, &text, &len, NULL))
		return;
	text_printable(text, strcspn(text, "\n"), out, WORD);
	free(text);
}

/* Who logged in: kept by the kernel through su and sudo; -1: nobody, as in a service. */
static json_int_t login_user(void)
{
	char word[WORD];

	first_line("/proc/self/loginuid", word);
	return *word && strcmp(word, "4294967295") ? strtoll(word, NULL, 10) : -1;
}

static const char *outcome(int status)
{
	switch (status) {
	case EXIT_DONE:
		return "done";
	case EXIT_NOTHING:
		return "nothing";
	case EXIT_NOT_FOUND:
	case EXIT_TRUST:
	case EXIT_HELD:
	case EXIT_USAGE:
		return "refused";
	default:
		return "failed";
	}
}

static json_t *printable(const char *text)
{
	char shown[KLP_ERR_LEN];

	text_printable(text, strlen(text), shown, sizeof(shown));
	return json_string(shown);
}

json_t *audit_entry(const char *tool, const char *command, char *const *what, int nr, int exit, const char *why)
{
	char path[64], by[WORD], boot[WORD];
	json_t *list = json_array();

	for (int i = 0; i < nr; i++)
		json_array_append_new(list, printable(what[i]));
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)getppid());
	first_line(path, by);
	first_line("/proc/sys/kernel/random/boot_id", boot);
	return json_pack("{s:I, s:s, s:s, s:I, s:I, s:s, s:s, s:o, s:i, s:s, s:o}", "at", (json_int_t)time(NULL), "boot", boot,
			 "tool", tool, "user", (json_int_t)getuid(), "login", login_user(), "by", by, "command", command,
			 "what", list, "exit", exit, "outcome", outcome(exit), "why", printable(why));
}

/* ---- the journal ---- */

static void add_words(const json_t *list, char *out, size_t size)
{
	json_t *word;
	size_t i, used;

	json_array_foreach(list, i, word) {
		used = strlen(out);
		snprintf(out + used, size - used, "%s%s", i ? " " : "", json_string_value(word));
	}
}

void audit_journal(const char *path, const json_t *e, const char *done, const char *not)
{
	const char *how = str(e, "outcome");
	int good = !strcmp(how, "done") || !strcmp(how, "nothing");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char text[8192], what[1024] = "";
	int n, fd;

	add_words(json_object_get(e, "what"), what, sizeof(what));
	/* No value has a line end, so none begins a field of somebody else's choice. */
	n = snprintf(text, sizeof(text),
		     "MESSAGE_ID=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nQUIETPATCH_COMMAND=%s\nQUIETPATCH_WHAT=%s\nQUIETPATCH_OUTCOME=%s\n"
		     "QUIETPATCH_EXIT=%lld\nQUIETPATCH_USER=%lld\nQUIETPATCH_LOGIN=%lld\nQUIETPATCH_BY=%s\nMESSAGE=%s %s: %s%s%s\n",
		     good ? done : not, good ? PRIORITY_NOTICE : PRIORITY_WARNING, str(e, "tool"), str(e, "command"), what, how,
		     (long long)json_integer_value(json_object_get(e, "exit")), (long long)json_integer_value(json_object_get(e, "user")),
		     (long long)json_integer_value(json_object_get(e, "login")), str(e, "by"), str(e, "command"), what, how,
		     *str(e, "why") ? ": " : "", str(e, "why"));
	if (n < 0 || n >= (int)sizeof(text) || strlen(path) >= sizeof(addr.sun_path))
		return;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);	/* there is none, or it is busy */
		return;
	}
	close(fd);
}

/* ---- the file ---- */

/* No link and no pipe is followed, nor waited for, in the folder's place or the file's. */
static int open_folder(const char *dir, struct klp_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? klp_err_sys(err, -errno, "cannot open the history's folder %s", dir) : fd;
}

static int open_file(const char *dir, struct klp_err *err)
{
	struct stat st;
	int folder, fd, ret = io_mkdirs(dir, 0700, err);

	if (ret)
		return ret;
	folder = open_folder(dir, err);
	if (folder < 0)
		return folder;
	if (!fstatat(folder, AUDIT_FILE, &st, AT_SYMLINK_NOFOLLOW) && st.st_size >= (off_t)FILE_MAX_LEN &&
	    renameat(folder, AUDIT_FILE, folder, AUDIT_FILE ".1")) {
		ret = klp_err_sys(err, -errno, "cannot rename %s/" AUDIT_FILE, dir);
		close(folder);
		return ret;
	}
	fd = openat(folder, AUDIT_FILE, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		ret = klp_err_sys(err, -errno, "cannot write %s/" AUDIT_FILE, dir);
	close(folder);
	return ret ? ret : fd;
}

int audit_append(const char *dir, const json_t *entry, struct klp_err *err)
{
	char *text = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS), *line = NULL;
	int fd, ret = 0;

	/* A line end before it, too: what a crash has cut off spoils no more than itself. */
	if (!text || asprintf(&line, "\n%s\n", text) < 0) {
		free(text);
		return klp_err_sys(err, -ENOMEM, "cannot write the history in %s", dir);
	}
	free(text);
	fd = open_file(dir, err);
	if (fd < 0) {
		free(line);
		return fd;
	}
	ret = io_write_all(fd, line, strlen(line));
	if (!ret && fsync(fd))
		ret = -errno;
	close(fd);
	free(line);
	return ret ? klp_err_sys(err, ret, "cannot write the history in %s", dir) : 0;
}

/* By lengths: what a crash has left may be zeros, and entries come after them. */
static void add_entries(const char *text, size_t len, json_t *out)
{
	const char *line = text, *end = text + len, *stop;

	for (; line < end; line = stop + 1) {
		json_t *entry;

		stop = memchr(line, '\n', (size_t)(end - line));
		stop = stop ? stop : end;
		entry = json_loadb(line, (size_t)(stop - line), JSON_REJECT_DUPLICATES, NULL);
		if (json_is_object(entry))
			json_array_append(out, entry);
		json_decref(entry);
	}
}

static int read_file(int folder, const char *name, json_t *out, struct klp_err *err)
{
	int fd = io_open_beneath(folder, name, O_RDONLY | O_NONBLOCK, err), ret;
	size_t len;
	void *text;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ret = io_read_fd(fd, name, 2 * FILE_MAX_LEN, &text, &len, err);
	close(fd);
	if (ret)
		return ret;
	add_entries(text, len, out);
	free(text);
	return 0;
}

int audit_read(const char *dir, json_t **out, struct klp_err *err)
{
	json_t *all = json_array();
	int folder, ret;

	if (!all)
		return klp_err_sys(err, -ENOMEM, "cannot read the history in %s", dir);
	folder = open_folder(dir, err);
	ret = folder < 0 && folder != -ENOENT ? folder : 0;
	if (folder >= 0) {
		ret = read_file(folder, AUDIT_FILE ".1", all, err);
		if (!ret)
			ret = read_file(folder, AUDIT_FILE, all, err);
		close(folder);
	}
	if (ret) {
		json_decref(all);
		klp_err_wrap(err, "cannot read the history in %s", dir);
		return ret;
	}
	*out = all;
	return 0;
}
