// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * survey_ties.c - see survey.h.
 *
 * Only names that are new on both sides count: a name that both had before ties
 * much of the kernel together, and trying that takes minutes a CVE.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "package.h"
#include "survey.h"

/* Names in lines that @f gets, which it didn't have anywhere. */
static int new_names(const struct pkg_file *f, struct strings *out)
{
	int ret = 0;

	for (size_t i = 0; i < f->nr_hunks; i++) {
		const char *text = f->hunks[i].new, *s;
		size_t pos = 0, len, end = strlen(text);

		while (!ret && (s = c_identifier(text, end, &pos, &len))) {
			char *name = strndup(s, len);

			if (!name)
				return -ENOMEM;
			if (len > 2 && !strings_have(out, name) && !(f->base && pkg_mentions(f->base, name)))
				ret = strings_add(out, name);
			free(name);
		}
	}
	return ret;
}

/* Headers of include/ are for everybody, others for who includes them by name. */
static bool sees(const struct pkg_file *f, const char *header)
{
	const char *base = strrchr(header, '/');

	return starts_with(header, "include/") || starts_with(header, "arch/x86/include/") ||
	       (f->fixed && strstr(f->fixed, base ? base + 1 : header));
}

/* Does @f give a name that it didn't have: by a definition, or as a member of a type? */
static bool gives(const struct pkg_file *f, const char *name)
{
	for (size_t i = 0; i < f->nr_hunks; i++) {
		const struct pkg_hunk *h = &f->hunks[i];

		if (strings_have(&h->defines, name) || (h->scope == PKG_TYPE && pkg_mentions(h->new, name)))
			return !(f->base && pkg_mentions(f->base, name));
	}
	return false;
}

static int add_givers(const struct pkg *p, const struct pkg_file *f, bool *on)
{
	struct strings names = { 0 };
	int ret = new_names(f, &names);

	for (size_t k = 0; !ret && k < p->nr_files; k++) {
		const struct pkg_file *to = &p->files[k];

		if (on[k] || !to->text || !ends_with(to->path, ".h") || !sees(f, to->path))
			continue;
		for (size_t i = 0; i < names.nr && !on[k]; i++)
			on[k] = gives(to, names.list[i]);
	}
	strings_free(&names);
	return ret;
}

int survey_ties(const struct pkg *p, bool *on)
{
	bool *seen = calloc(p->nr_files + 1, sizeof(*seen)), more = true;
	int ret = seen ? 0 : -ENOMEM;

	while (!ret && more) {
		more = false;
		for (size_t i = 0; !ret && i < p->nr_files; i++) {
			if (!on[i] || seen[i])
				continue;
			seen[i] = more = true;
			ret = add_givers(p, &p->files[i], on);
		}
	}
	free(seen);
	return ret;
}
