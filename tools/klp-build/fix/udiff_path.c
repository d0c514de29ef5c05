// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * udiff_path.c - file names in diffs, brought to one spelling: "net/core/sock_map.c".
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "udiff.h"

/* The kernel's top folders: a diff without a folder in front (git's --no-prefix) begins with one. */
static const char *const top_folders[] = {
	"arch", "block", "certs", "crypto", "Documentation", "drivers", "fs", "include", "init",
	"io_uring", "ipc", "kernel", "lib", "LICENSES", "mm", "net", "rust", "samples", "scripts",
	"security", "sound", "tools", "usr", "virt",
};

size_t udiff_name_length(const char *s)
{
	size_t n = 1;

	if (*s != '"')
		return strcspn(s, "\t\r\n");
	while (s[n] && s[n] != '"' && s[n] != '\n')
		n += s[n] == '\\' && s[n + 1] && s[n + 1] != '\n' ? 2 : 1;
	return n + (s[n] == '"');
}

static int escaped(const char *s, size_t *used)
{
	static const char letters[] = "abtnvfr\"\\", bytes[] = "\a\b\t\n\v\f\r\"\\";
	const char *hit;
	int value = 0;

	for (*used = 0; *used < 3 && s[*used] >= '0' && s[*used] <= '7'; ++*used)
		value = 8 * value + (s[*used] - '0');
	if (*used == 3)
		return value < 256 ? value : -1;
	hit = *used || !*s ? NULL : strchr(letters, *s);
	*used = 1;
	return hit ? bytes[hit - letters] & 0xff : -1;
}

/* A name as git quotes it; one without quotes is copied. */
static int unquote(const char *s, size_t len, char **out)
{
	char *copy = xstrndup(s, len), *to = copy;

	if (*copy != '"') {
		*out = copy;
		return 0;
	}
	for (const char *p = copy + 1; *p != '"'; p++) {
		size_t used = 0;
		int c = *p == '\\' ? escaped(p + 1, &used) : (*p ? *p & 0xff : -1);

		if (c <= 0) {
			free(copy);
			return -EBADMSG;
		}
		p += used;
		*to++ = (char)c;
	}
	*to = '\0';
	*out = copy;
	return 0;
}

/* Drops "." and empty parts, in place. */
static int fold(char *path)
{
	char *to = path;

	if (*path == '/')
		return -EXDEV;
	for (char *s = path, *end; *s; s = end + (*end == '/')) {
		size_t n = strcspn(s, "/");

		end = s + n;
		if (n == 2 && s[0] == '.' && s[1] == '.')
			return -EXDEV;
		if (!n || (n == 1 && *s == '.'))
			continue;
		if (to != path)
			*to++ = '/';
		memmove(to, s, n);
		to += n;
	}
	*to = '\0';
	for (const char *s = path; *s; s++)
		if ((unsigned char)*s < ' ')
			return -EBADMSG;
	return *path ? 0 : -EBADMSG;
}

static bool in_tree(const char *path)
{
	size_t n = strcspn(path, "/");

	for (size_t i = 0; i < sizeof(top_folders) / sizeof(top_folders[0]); i++)
		if (strlen(top_folders[i]) == n && !strncmp(top_folders[i], path, n))
			return true;
	return false;
}

/*
 * Is there a folder in front that goes?  git's a/ and b/ (i/, w/, c/, o/), or
 * the two trees' names.  `git diff --no-prefix` has none: both sides begin
 * with the same folder, and it is one of the kernel's.
 */
static bool has_prefix(const char *path, const char *other)
{
	const char *slash = strchr(path, '/');

	if (!slash)
		return false;
	if (slash == path + 1 && strchr("abiwco12", *path))
		return true;
	if (other && (strcspn(other, "/") != (size_t)(slash - path) || strncmp(other, path, (size_t)(slash - path))))
		return true;
	return !in_tree(path);
}

int udiff_path(const char *s, size_t len, const char *both, size_t both_len, char **out)
{
	char *path = NULL, *other = NULL;
	int ret = unquote(s, len, &path);

	if (!ret && both)
		ret = unquote(both, both_len, &other);
	/* "./net/x.c" is in the tree as it stands, and "a//etc" isn't /etc. */
	if (!ret)
		ret = fold(path);
	if (!ret && other)
		ret = fold(other);
	if (!ret && has_prefix(path, other))
		memmove(path, strchr(path, '/') + 1, strlen(strchr(path, '/')));
	free(other);
	if (ret)
		free(path);
	else
		*out = path;
	return ret;
}
