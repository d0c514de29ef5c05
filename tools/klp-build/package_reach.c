// SPDX-License-Identifier: GPL-2.0-or-later
/* package_reach.c - which headers what is picked of an update can include: see package.h. */
#include <string.h>

#include "package.h"

/* The folder of @path with its '/'. */
static size_t dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/*
 * Does the new text include @header?  "x.h" is its folder's or one below it, that the compiler
 * is told of (fs/xfs/libxfs/); "../common/x.h" and <net/x.h> are any whose path ends so.
 */
static bool includes(const struct pkg_file *f, const char *header)
{
	const char *base = header + dir_len(header);
	size_t n = strlen(base), len = strlen(header);

	for (const char *p = f->fixed; p && (p = strstr(p, base)); p++) {
		const char *from = p;
		size_t given;

		if (p[n] != '"' && p[n] != '>')
			continue;
		while (from > f->fixed && !strchr("\"<\n", from[-1]))
			from--;
		while (starts_with(from, "../"))
			from += 3;
		if (from == p && p > f->fixed && p[-1] == '"' &&
		    !strncmp(header, f->path, dir_len(f->path)))
			return true;
		given = (size_t)(p + n - from);
		if (from < p && given < len && header[len - given - 1] == '/' &&
		    !memcmp(header + len - given, from, given))
			return true;
	}
	return false;
}

bool pick_reaches(const struct pick *k, const char *header)
{
	size_t dir = dir_len(header);

	if (starts_with(header, "include/") || starts_with(header, "arch/x86/include/"))
		return true;
	if (dir > 9 && !memcmp(header + dir - 9, "/include/", 9))
		dir -= 8;
	for (size_t i = 0; i < k->pkg->nr_files; i++)
		if (k->on[i] && (!strncmp(k->pkg->files[i].path, header, dir) ||
				 includes(&k->pkg->files[i], header)))
			return true;
	return false;
}
