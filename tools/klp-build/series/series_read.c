// SPDX-License-Identifier: GPL-2.0-or-later
/* series_read.c - see series_read.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "err.h"
#include "io.h"
#include "series_read.h"

#define COMMIT_MAX	(32u << 20)

enum kind { MBOX, FOLDER, RANGE };

struct series_source {
	enum kind kind;
	char *path, *name;
	char label[32];
	struct strings names;	/* files, or ids */
	/* a mailbox: mapped, not read */
	const char *map;
	size_t map_len;
	size_t *starts, nr;	/* [nr] is the end */
};

/* "From WORD Www Mmm dd hh:mm:ss yyyy": nothing in a commit's text looks like that. */
static bool is_separator(const char *s, size_t len)
{
	char line[256], word[200], day[4], month[4];
	int d, h, m, sec, year, n = 0;

	if (len < 20 || len >= sizeof(line) || memcmp(s, "From ", 5))
		return false;
	memcpy(line, s, len);
	line[len] = '\0';
	return sscanf(line, "From %199s %3s %3s %2d %2d:%2d:%2d %4d%n", word, day, month, &d, &h, &m, &sec, &year, &n) == 8 &&
	       strlen(day) == 3 && strlen(month) == 3 && year > 1969;
}

static void index_mails(struct series_source *s)
{
	const char *at = s->map, *end = s->map + s->map_len;

	while (at < end) {
		const char *e = memchr(at, '\n', (size_t)(end - at));
		size_t len = e ? (size_t)(e - at) : (size_t)(end - at);

		if (is_separator(at, len) || at == s->map) {
			s->starts = xreallocarray(s->starts, s->nr + 2, sizeof(*s->starts));
			s->starts[s->nr++] = (size_t)(at - s->map);
		}
		at += len + 1;
	}
	if (s->nr)
		s->starts[s->nr] = s->map_len;
}

static int open_mbox(struct series_source *s, struct klp_err *err)
{
	struct stat st;
	int fd = open(s->path, O_RDONLY | O_CLOEXEC), ret = 0;

	if (fd < 0 || fstat(fd, &st))
		ret = klp_err_sys(err, -errno, "cannot read %s", s->path);
	if (!ret && st.st_size) {
		s->map_len = (size_t)st.st_size;
		s->map = mmap(NULL, s->map_len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (s->map == MAP_FAILED) {
			s->map = NULL;
			ret = klp_err_sys(err, -errno, "cannot read %s", s->path);
		}
	}
	if (fd >= 0)
		close(fd);
	if (!ret)
		index_mails(s);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int open_folder(struct series_source *s, struct klp_err *err)
{
	DIR *d = opendir(s->path);
	char *other = NULL;	/* a file that may be one of the commits, or say in which order they go */
	struct dirent *de;
	int ret = d ? 0 : klp_err_sys(err, -errno, "cannot read %s", s->path);

	while (!ret && (de = readdir(d))) {
		struct stat st;

		if (*de->d_name == '.' || (!fstatat(dirfd(d), de->d_name, &st, 0) && S_ISDIR(st.st_mode)))
			continue;
		if (ends_with(de->d_name, ".patch"))
			strings_add(&s->names, de->d_name);
		else if (!other)
			other = xstrdup(de->d_name);
	}
	if (d)
		closedir(d);
	if (!ret && !s->names.nr) {
		char *git = format("%s/.git", s->path);

		ret = klp_err_set(err, -ENOENT, git && !access(git, F_OK) ?
				  "%s is a git repository: name the commits, as %s:A..B" : "%s has no *.patch files", s->path, s->path);
		free(git);
	}
	if (!ret && other)
		ret = klp_err_set(err, -EINVAL, "%s holds %s beside its *.patch files, which are taken by name: take it out if it isn't one of the "
				  "commits, rename it if it is; if it lists them in another order, number them", s->path, other);
	free(other);
	if (!ret)
		qsort(s->names.list, s->names.nr, sizeof(*s->names.list), by_name);
	s->nr = s->names.nr;
	return ret;
}

/* git's answer. */
static int ask_git(const struct series_source *s, const char *const *args, char **out, struct klp_err *err)
{
	const char *argv[32] = { "git", "--no-replace-objects", "-C", s->path, NULL };
	char log[] = "/tmp/klp-build.XXXXXX";	/* of what git complains */
	struct proc p = { .argv = argv, .log_path = log };
	int fd = mkostemp(log, O_CLOEXEC), ret = 0;
	size_t n = 4;

	while (*args && n < 31)
		argv[n++] = *args++;
	argv[n] = NULL;
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot write to /tmp");
	close(fd);
	if (proc_capture(&p, out, err))
		ret = klp_err_wrap(err, "git in %s", s->path);
	unlink(log);
	return ret;
}

/*
 * "ID PARENT..." of the next commit: its one parent has to be the commit before it.  Anything else is no line of commits:
 * the sides of A...B, a merge, which can have changes of its own, or the end of a history, whose change is all files.
 */
static int add_commit(struct series_source *s, const char *l, size_t len, const char *range, struct klp_err *err)
{
	const char *before = s->names.nr ? s->names.list[s->names.nr - 1] : NULL, *parent = memchr(l, ' ', len);
	size_t id_len = parent ? (size_t)(parent - l) : len, parent_len = parent ? len - id_len - 1 : 0;

	if (!parent)
		return klp_err_set(err, -EINVAL, "%s: %.12s has no parent there, so what it changes isn't known; of a shallow clone "
				   "get more by `git fetch --deepen N`", range, l);
	if (memchr(parent + 1, ' ', parent_len))
		return klp_err_set(err, -EINVAL, "%s holds merges (%.12s), which can have changes of their own: name a range that is a line of commits",
				   range, l);
	if (before && (strlen(before) != parent_len || memcmp(before, parent + 1, parent_len)))
		return klp_err_set(err, -EINVAL, "%s isn't a line of commits: %.12s doesn't follow %.12s", range, l, before);
	strings_add_len(&s->names, l, id_len);
	return 0;
}

static int open_range(struct series_source *s, const char *range, struct klp_err *err)
{
	const char *const list[] = { "rev-list", "--reverse", "--topo-order", "--parents", "--end-of-options", range, "--", NULL };
	char *out = NULL;
	int ret = ask_git(s, list, &out, err);

	for (char *l = out, *next; !ret && l && *l; l = next) {
		next = l + strcspn(l, "\n");
		ret = add_commit(s, l, (size_t)(next - l), range, err);
		next += *next == '\n';
	}
	if (!ret && !s->names.nr)
		ret = klp_err_set(err, -ENOENT, "%s has no commits", range);
	s->nr = s->names.nr;
	free(out);
	return ret;
}

static char *name_of(const char *path)
{
	size_t len = strlen(path), n;
	const char *s;

	while (len > 1 && path[len - 1] == '/')
		len--;
	s = memrchr(path, '/', len);
	s = s ? s + 1 : path;
	n = len - (size_t)(s - path);
	for (const char *const *e = (const char *const[]){ ".mbox", ".mbx", ".patch", NULL }; *e; e++)
		if (n > strlen(*e) && !memcmp(s + n - strlen(*e), *e, strlen(*e)))
			n -= strlen(*e);
	return xstrndup(s, n);
}

int series_open(const char *what, struct series_source **out, struct klp_err *err)
{
	struct series_source *s = xcalloc(1, sizeof(*s));
	const char *dots = strstr(what, ".."), *colon = NULL;
	struct stat st;
	int ret = 0;

	if (!stat(what, &st)) {
		s->kind = S_ISDIR(st.st_mode) ? FOLDER : MBOX;
		s->path = xstrdup(what);
		s->name = name_of(what);
	} else if (dots) {
		/* In "../linux:A..B" the folder's own dots don't count. */
		colon = strrchr(what, ':');
		s->kind = RANGE;
		s->path = colon ? xstrndup(what, (size_t)(colon - what)) : xstrdup(".");
		s->name = xstrdup("series");
	} else {
		ret = klp_err_set(err, -ENOENT, "%s is no mailbox, no folder and no range of commits (A..B, or DIR:A..B)", what);
	}
	if (!ret && s->kind == MBOX)
		ret = open_mbox(s, err);
	else if (!ret && s->kind == FOLDER)
		ret = open_folder(s, err);
	else if (!ret)
		ret = open_range(s, colon ? colon + 1 : what, err);
	if (!ret && !s->nr)
		ret = klp_err_set(err, -ENOENT, "%s is empty", what);
	if (ret) {
		series_close(s);
		return klp_err_wrap(err, "cannot read the series");
	}
	*out = s;
	return 0;
}

void series_close(struct series_source *s)
{
	if (!s)
		return;
	if (s->map)
		munmap((void *)s->map, s->map_len);
	strings_free(&s->names);
	free(s->starts);
	free(s->path);
	free(s->name);
	free(s);
}

bool series_is_range(const struct series_source *s)
{
	return s->kind == RANGE;
}

size_t series_nr(const struct series_source *s)
{
	return s->nr;
}

const char *series_name(const struct series_source *s)
{
	return s->name;
}

static int text_of_file(const struct series_source *s, size_t i, char **text, size_t *len, struct klp_err *err)
{
	char *path = format("%s/%s", s->path, s->names.list[i]);
	void *data = NULL;
	int ret = io_read_file(path, COMMIT_MAX, &data, len, err);

	free(path);
	if (!ret)
		*text = data;
	return ret;
}

static int text_of_commit(const struct series_source *s, size_t i, char **text, size_t *len, struct klp_err *err)
{
	/* The plumbing: `git format-patch` does what a user's configuration says (diff.relative, format.attach, a cover letter). */
	const char *const args[] = { "-c", "core.quotePath=true", "-c", "diff.suppressBlankEmpty=false", "diff-tree", "--always",
				     "--pretty=email", "--encoding=UTF-8", "--no-notes", "-p", "--no-color", "--no-ext-diff",
				     "--no-textconv", "--no-renames", "--full-index", "--src-prefix=a/", "--dst-prefix=b/", "-U3",
				     "--diff-algorithm=myers", "--end-of-options", s->names.list[i], NULL };
	int ret = ask_git(s, args, text, err);

	if (!ret)
		*len = strlen(*text);
	return ret;
}

int series_text(struct series_source *s, size_t i, char **text, size_t *len, const char **label, struct klp_err *err)
{
	if (s->kind == MBOX) {
		*len = s->starts[i + 1] - s->starts[i];
		*text = xstrndup(s->map + s->starts[i], *len);
		snprintf(s->label, sizeof(s->label), "mail %zu", i + 1);
		*label = s->label;
		return 0;
	}
	snprintf(s->label, sizeof(s->label), "%.12s", s->names.list[i]);
	*label = s->kind == RANGE ? s->label : s->names.list[i];
	return s->kind == FOLDER ? text_of_file(s, i, text, len, err) : text_of_commit(s, i, text, len, err);
}
