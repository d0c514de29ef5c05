// SPDX-License-Identifier: GPL-2.0-or-later
/* state.c - see state.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/text.h"
#include "err.h"
#include "io.h"
#include "state.h"
#include "target/prepare.h"
#include "target/target.h"

#define EXE_MAX		(256u << 20)
#define KEEP_DAYS	30

static int know_builder(struct state *s, struct klp_err *err)
{
	void *exe = NULL;
	size_t len;
	int ret = io_read_file("/proc/self/exe", EXE_MAX, &exe, &len, err);

	if (!ret && sha256_hex(exe, len, s->builder))
		ret = klp_err_sys(err, -ENOMEM, "state");
	free(exe);
	return ret;
}

/* The tries of a run that was just killed end a moment later. */
static bool take_lock(int fd)
{
	for (int i = 0; i < 100; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return true;
		usleep(100000);
	}
	return false;
}

/* Outcomes that nobody has asked for in a month. */
static void forget_old(const struct state *s)
{
	time_t oldest = time(NULL) - KEEP_DAYS * 24 * 3600;
	DIR *d = opendir(s->outcomes);
	struct dirent *de;
	struct stat st;

	while (d && (de = readdir(d)))
		if (ends_with(de->d_name, ".json") && !fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    st.st_mtime < oldest)
			unlinkat(dirfd(d), de->d_name, 0);
	if (d)
		closedir(d);
}

int state_open(const char *kind, const struct target *t, struct state *out, struct klp_err *err)
{
	struct state s = { .lock = -1 };
	int ret;

	s.dir = format("%s/%s/%s", cache_dir(), kind, t->krel);
	s.work = format("%s/work", s.dir);
	s.objects = format("%s/objects", s.dir);
	s.outcomes = format("%s/outcomes", s.dir);
	snprintf(s.build_id, sizeof(s.build_id), "%s", t->build_id);
	ret = io_mkdirs(s.outcomes, 0755, err);
	if (!ret) {
		s.lock = open(s.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (s.lock < 0)
			ret = klp_err_sys(err, -errno, "cannot open %s", s.dir);
		else if (!take_lock(s.lock))
			ret = klp_err_set(err, -EBUSY, "another %s of %s is being worked on", kind, t->krel);
	}
	if (!ret)
		ret = io_mkdirs(s.objects, 0755, err);
	/* What a run that was killed left there goes; objects can be links. */
	if (!ret)
		ret = remove_tree(s.work, err);
	if (!ret)
		ret = io_mkdirs(s.work, 0755, err);
	if (!ret && setenv("TMPDIR", s.work, 1))
		ret = klp_err_sys(err, -errno, "state");
	if (!ret)
		ret = know_builder(&s, err);
	if (!ret)
		forget_old(&s);
	*out = s;
	return ret;
}

void state_close(struct state *s, bool done)
{
	if (done && s->lock >= 0) {
		remove_tree(s->objects, NULL);
		remove_tree(s->work, NULL);
	}
	if (s->lock >= 0)
		close(s->lock);
	free(s->dir);
	free(s->work);
	free(s->objects);
	free(s->outcomes);
	*s = (struct state){ .lock = -1 };
}

int state_first_key(const struct state *s, const char *what, char key[SHA256_HEX_LEN + 1])
{
	char *text = format("%s %s %s", s->build_id, s->builder, what);
	int ret = sha256_hex(text, strlen(text), key);

	free(text);
	return ret;
}

int state_next_key(char key[SHA256_HEX_LEN + 1], const char *what, size_t len)
{
	struct text t = { 0 };
	int ret;

	text_addf(&t, "%s\n", key);
	text_add(&t, what, len);
	ret = sha256_hex(t.s, t.len, key);
	text_free(&t);
	return ret;
}

json_t *state_get(const struct state *s, const char *key)
{
	char *path = format("%s/%s.json", s->outcomes, key);
	json_t *j = json_load_file(path, 0, NULL);

	/* Used: it stays. */
	if (j)
		utimensat(AT_FDCWD, path, NULL, 0);
	free(path);
	return j;
}

int state_put(const struct state *s, const char *key, json_t *j, struct klp_err *err)
{
	char *path = format("%s/%s.json", s->outcomes, key), *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
	int ret = text ? io_write_atomic(path, text, strlen(text), 0644, err) : klp_err_sys(err, -ENOMEM, "state");

	free(text);
	free(path);
	return ret;
}
