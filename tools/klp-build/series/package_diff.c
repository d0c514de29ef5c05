// SPDX-License-Identifier: GPL-2.0-or-later
/* package_diff.c - the unified diff of some files of an update: see package.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "err.h"
#include "package.h"
#include "target/target.h"

/* The base with the hunks of the groups in f->part. */
static char *part_text(const struct pkg_file *f)
{
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
		if (!f->part[h->group])
			continue;
		text_add(&t, h->new, strlen(h->new));
		p += strlen(h->old);
		line += h->h.old_nr;
	}
	text_add(&t, p, strlen(p));
	return text_take(&t);
}

int pkg_diff(const struct pkg *p, const bool *on, char **out, struct klp_err *err)
{
	struct text diff = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < p->nr_files; i++) {
		const struct pkg_file *f = &p->files[i];
		char *text, *path;

		/* A header that goes harms nobody who doesn't include it. */
		if (!on[i] || !f->fixed)
			continue;
		text = f->part ? part_text(f) : xstrdup(f->fixed);
		path = f->base ? format("%s/src/%s", p->target->dir, f->path) : xstrdup("/dev/null");
		ret = fix_make_diff(path, text, f->path, &diff, err);
		free(path);
		free(text);
	}
	if (!ret)
		*out = text_take(&diff);
	text_free(&diff);
	return ret;
}
