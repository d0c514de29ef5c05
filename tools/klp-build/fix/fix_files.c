// SPDX-License-Identifier: GPL-2.0-or-later
/* fix_files.c - the files of a fix, and their change applied to a tree: see fix_files.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "err.h"
#include "fix_files.h"
#include "io.h"

#define FILE_MAX	(16u << 20)

static struct fix_file *find_file(struct fix_file *list, size_t nr, const char *path)
{
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(list[i].path, path))
			return &list[i];
	return NULL;
}

/* A file that several diffs of a series change is what the first and the last make of it. */
static void add_again(struct fix_file *f, const struct udiff_section *s)
{
	bool gone = f->deleted || f->kind == UDIFF_RENAMED || f->kind == UDIFF_COPIED;

	if (!f->problem && s->problem) {
		f->problem = xstrdup(s->problem);
		f->kind = s->kind;
		return;
	}
	if (f->problem || s->kind == UDIFF_MODE)
		return;
	if (gone || s->kind == UDIFF_RENAMED || s->kind == UDIFF_COPIED || s->kind == UDIFF_CREATED ||
	    (f->created && s->kind == UDIFF_DELETED)) {
		f->problem = xstrdup("several parts of the fix create, remove or rename it: make one diff of them");
		f->kind = UDIFF_UNREADABLE;
		return;
	}
	f->deleted = s->kind == UDIFF_DELETED;
	if (!f->created)
		f->kind = s->kind;
}

static void add_file(struct fix_file **list, size_t *nr, const struct udiff_section *s)
{
	struct fix_file *f = find_file(*list, *nr, s->path);

	if (f) {
		add_again(f, s);
		return;
	}
	*list = xgrow(*list, *nr, sizeof(**list));
	(*list)[(*nr)++] = (struct fix_file){
		.path = xstrdup(s->path),
		.from = s->from ? xstrdup(s->from) : NULL,
		.problem = s->problem ? xstrdup(s->problem) : NULL,
		.kind = s->kind,
		.created = s->kind == UDIFF_CREATED,
		.deleted = s->kind == UDIFF_DELETED,
	};
}

int fix_parse_files(const char *diff, struct fix_file **out, size_t *nr, struct klp_err *err)
{
	struct fix_file *list = NULL;
	struct udiff d = { 0 };
	size_t n = 0;
	int ret = udiff_parse(diff, &d, err);

	for (size_t i = 0; i < d.nr && !ret; i++)
		add_file(&list, &n, &d.sections[i]);
	udiff_free(&d);
	if (ret) {
		fix_files_free(list, n);
		return ret;
	}
	*out = list;
	*nr = n;
	return 0;
}

void fix_files_free(struct fix_file *files, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		free(files[i].path);
		free(files[i].from);
		free(files[i].problem);
		free(files[i].reason);
	}
	free(files);
}

void fix_file_refuse(struct fix_file *f, struct report *r, enum refusal why, const char *remedy,
		     const char *reason)
{
	char *copy = xstrdup(reason);

	report_refuse(r, why, NULL, f->path, 0, remedy, "%s", reason);
	f->state = FILE_REFUSED;
	free(f->reason);
	f->reason = copy;
}

/* Tell of hunks that weren't where the diff says. */
static void tell_offsets(const struct udiff_section *s, const struct udiff_place *places, struct report *r)
{
	for (size_t k = 0; k < s->nr_hunks; k++)
		if (places[k].offset)
			report_warn(r, "%s: hunk %zu of %zu is for line %zu and fits at line %zu only: moved by %+ld lines",
				    s->path, k + 1, s->nr_hunks, s->hunks[k].old, places[k].line,
				    places[k].offset);
}

/* One section on top of *text, the file as it is by then; a refusal in @why. */
static int apply_section(const struct udiff_section *s, bool many, bool first, char **text, struct report *r, struct klp_err *why)
{
	struct udiff_place *places = xcalloc(s->nr_hunks + 1, sizeof(*places));
	char *out = NULL;
	int ret = udiff_apply(s, *text, first || !many ? UDIFF_OF_BASE : UDIFF_OF_ANOTHER, false, places, &out, why);

	if (!ret && s->kind == UDIFF_DELETED && *out)
		ret = klp_err_set(why, -EBADMSG, "the diff removes the file, but has not all of its lines");
	if (!ret) {
		/* Of several fixes each has the numbers of the tree that it was made from. */
		if (first || !many)
			tell_offsets(s, places, r);
		free(*text);
		*text = out;
		out = NULL;
	}
	free(out);
	free(places);
	return ret;
}

static int make_folder(const char *path, struct klp_err *err)
{
	char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	int ret = io_mkdirs(dir, 0755, err);

	free(dir);
	return ret;
}

/* A file with all its sections. */
static int apply_file(struct fix_file *file, const struct udiff *d, bool many, const char *root, struct report *r,
		      struct klp_err *err)
{
	char *path = format("%s/%s", root, file->path), *text = NULL;
	struct klp_err why = { 0 };
	void *data = NULL;
	bool first = true;
	size_t len;
	int ret = 0;

	if (file->created)
		ret = make_folder(path, err);
	else if (!ret)
		ret = io_read_file(path, FILE_MAX, &data, &len, err);
	text = data;
	for (size_t i = 0; i < d->nr && !ret; i++) {
		if (strcmp(d->sections[i].path, file->path))
			continue;
		ret = apply_section(&d->sections[i], many, first, &text, r, &why);
		first = false;
		if (ret) {
			fix_file_refuse(file, r, REFUSE_DIFF, "make the diff anew, against the source of this kernel", why.text);
			ret = 0;
			goto out;
		}
	}
	if (!ret && file->deleted)
		ret = unlink(path) ? klp_err_sys(err, -errno, "cannot remove %s", path) : 0;
	else if (!ret)
		ret = io_write_atomic(path, text ? text : "", text ? strlen(text) : 0, 0644, err);
out:
	free(text);
	free(path);
	return ret;
}

int fix_files_apply(struct fix_file *files, size_t nr, const char *diff, bool many, const char *root, struct report *r,
		    struct klp_err *err)
{
	struct udiff d = { 0 };
	int ret = nr ? udiff_parse(diff, &d, err) : 0;

	for (size_t i = 0; i < nr && !ret; i++)
		if (fix_file_applies(&files[i]))
			ret = apply_file(&files[i], &d, many, root, r, err);
	udiff_free(&d);
	return ret;
}
