// SPDX-License-Identifier: GPL-2.0-or-later
/* ending.c - see ending.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "ending.h"
#include "err.h"
#include "io.h"
#include "log.h"
#include "machine/klog.h"
#include "state/store.h"
#include "state/update.h"

#define MARK_LEN	128		/* a boot id, and blanks */
#define WORDS_MAX	(16u << 20)
#define DEPTH_MAX	3		/* /var/lib/systemd/pstore/NUMBER/001/dmesg.txt */

/* ---- the mark of a shutdown ---- */

static void mark_path(const struct update *u, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%.4000s/shutdown", u->settings.state);
}

static bool is_marked(const struct update *u, const char *boot_id)
{
	char path[PATH_MAX];
	size_t len, n = strlen(boot_id);
	void *text;
	bool is;

	mark_path(u, path);
	if (io_read_file(path, 4096, &text, &len, NULL))
		return false;
	is = n && len > n && !memcmp(text, boot_id, n) && ((char *)text)[n] == ' ';
	free(text);
	return is;
}

/* In place: no new block is needed. */
static int write_mark(const struct update *u, const char *boot_id, int flags, struct klp_err *err)
{
	char path[PATH_MAX], text[MARK_LEN + 1];
	int fd, ret = 0;

	mark_path(u, path);
	snprintf(text, sizeof(text), "%-*s\n", MARK_LEN - 1, boot_id);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot write %s", path);
	if (pwrite(fd, text, MARK_LEN, 0) != MARK_LEN || fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret ? klp_err_sys(err, ret, "cannot write %s", path) : 0;
}

void ending_prepare(const struct update *u)
{
	struct klp_err err = { 0 };
	char path[PATH_MAX];
	struct stat st;

	mark_path(u, path);
	if (!stat(path, &st) && st.st_size == MARK_LEN && !is_marked(u, u->machine.boot_id))
		return;
	if (write_mark(u, "", O_CREAT, &err))
		log_warn("a shutdown couldn't be told from a crash: %s", err.text);
}

int ending_mark(const struct update *u, struct klp_err *err)
{
	return write_mark(u, u->machine.boot_id, O_CREAT, err);
}

/* ---- the kernel's last words ---- */

struct words {
	const struct patch_row *p;
	const json_t *functions;
	int64_t since;
	enum ending is;
	char *why;
	size_t size;
};

static void read_words(struct words *w, const char *path)
{
	char frame[200];
	size_t len;
	void *text;

	if (io_read_file(path, WORDS_MAX, &text, &len, NULL))
		return;
	if (klog_last_words(text, len, w->p->module, w->functions, frame, sizeof(frame))) {
		w->is = ENDED_BY_PATCH;
		snprintf(w->why, w->size, "the kernel's last words (%.200s) name %s", path, frame);
	} else if (w->is == ENDED_UNKNOWN) {
		w->is = ENDED_CRASH;
		snprintf(w->why, w->size, "the kernel's last words are in %.200s", path);
	}
	free(text);
}

/* Each file dmesg* below @folder that was written since. */
static void look_below(struct words *w, const char *folder, int depth)
{
	DIR *dir = opendir(folder);
	struct dirent *de;
	struct stat st;

	while (dir && w->is != ENDED_BY_PATCH && (de = readdir(dir))) {
		char path[PATH_MAX];

		if (de->d_name[0] == '.' || snprintf(path, sizeof(path), "%s/%s", folder, de->d_name) >= (int)sizeof(path) ||
		    lstat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			look_below(w, path, depth + 1);
		else if (S_ISREG(st.st_mode) && !strncmp(de->d_name, "dmesg", 5) && st.st_mtime >= w->since)
			read_words(w, path);
	}
	if (dir)
		closedir(dir);
}

enum ending ending_of(const struct update *u, const struct patch_row *p, char *why, size_t size)
{
	/* pstore; where systemd-pstore moves what is there; kdump. */
	static const char *const folders[] = { "/sys/fs/pstore", "/var/lib/systemd/pstore", "/var/crash" };
	json_t *functions;
	struct words w = {
		.p = p, .since = p->state == PATCH_APPLYING ? p->changed_at : p->applied_at, .why = why, .size = size,
	};

	why[0] = '\0';
	if (is_marked(u, p->boot_id))
		return ENDED_CLEAN;
	functions = json_loads(p->functions, 0, NULL);
	w.functions = functions;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s%s", u->settings.root, folders[i]);
		look_below(&w, path, 1);
	}
	json_decref(functions);
	return w.is;
}
