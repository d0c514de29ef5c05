// SPDX-License-Identifier: GPL-2.0-or-later
/* package_pick.c - selections of groups: see package.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "package.h"
#include "target.h"

int pick_init(struct pick *k, const struct pkg *p)
{
	k->pkg = p;
	k->on = calloc(p->nr_files ? p->nr_files : 1, sizeof(*k->on));
	return k->on ? 0 : -ENOMEM;
}

void pick_free(struct pick *k)
{
	for (size_t i = 0; k->on && i < k->pkg->nr_files; i++)
		free(k->on[i]);
	free(k->on);
	k->on = NULL;
}

bool pick_has(const struct pick *k, size_t file, size_t group)
{
	return k->on[file] && k->on[file][group];
}

int pick_set(struct pick *k, size_t file, size_t group, bool on)
{
	if (!k->on[file])
		k->on[file] = calloc(k->pkg->files[file].nr_groups + 1, sizeof(bool));
	if (!k->on[file])
		return -ENOMEM;
	k->on[file][group] = on;
	return 0;
}

int pick_copy(struct pick *to, const struct pick *from)
{
	int ret = pick_init(to, from->pkg);

	for (size_t i = 0; !ret && i < from->pkg->nr_files; i++)
		for (size_t g = 0; !ret && from->on[i] && g < from->pkg->files[i].nr_groups; g++)
			if (from->on[i][g])
				ret = pick_set(to, i, g, true);
	return ret;
}

bool pick_empty(const struct pick *k)
{
	for (size_t i = 0; i < k->pkg->nr_files; i++)
		for (size_t g = 0; k->on[i] && g < k->pkg->files[i].nr_groups; g++)
			if (k->on[i][g])
				return false;
	return true;
}

/* The base with the picked hunks in it; NULL: no memory. */
static char *picked_text(const struct pick *k, size_t file)
{
	const struct pkg_file *f = &k->pkg->files[file];
	const char *p = f->base ? f->base : "";
	struct text t = { 0 };
	size_t line = 0;

	for (size_t i = 0; i < f->nr_hunks; i++) {
		const struct pkg_hunk *h = &f->hunks[i];

		for (; line < h->h.old; line++) {
			size_t n = strcspn(p, "\n");

			n += p[n] == '\n';
			text_add(&t, p, n);
			p += n;
		}
		if (!pick_has(k, file, h->group))
			continue;
		text_add(&t, h->new, strlen(h->new));
		p += strlen(h->old);
		line += h->h.old_nr;
	}
	text_add(&t, p, strlen(p));
	return text_take(&t);
}

int pick_diff(const struct pick *k, char **out, struct klp_err *err)
{
	struct text diff = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < k->pkg->nr_files; i++) {
		const struct pkg_file *f = &k->pkg->files[i];
		char *text, *path;

		if (!k->on[i])
			continue;
		text = picked_text(k, i);
		path = f->base ? format("%s/src/%s", k->pkg->target->dir, f->path) :
				 strdup("/dev/null");
		ret = text && path ? fix_make_diff(path, text, f->path, &diff, err) :
				     klp_err_sys(err, -ENOMEM, "package");
		free(path);
		free(text);
	}
	if (!ret)
		*out = text_take(&diff);
	text_free(&diff);
	return !ret && !*out ? klp_err_sys(err, -ENOMEM, "package") : ret;
}
