// SPDX-License-Identifier: GPL-2.0-or-later
/* settings_file.c - see settings_file.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "settings.h"
#include "settings_file.h"

#define FILE_MAX	65536

static char *trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

/* A '#' inside a word belongs to the word. */
static void strip_comment(char *line)
{
	for (char *p = line; (p = strchr(p, '#')); p++) {
		if (p == line || isspace((unsigned char)p[-1])) {
			*p = '\0';
			return;
		}
	}
}

/* "key = value" cut in two, both trimmed; *key is "" for an empty line, *value NULL where there is no '='. */
static void cut(char *line, char **key, char **value)
{
	char *eq;

	strip_comment(line);
	eq = strchr(line, '=');
	if (eq)
		*eq = '\0';
	*key = trim(line);
	*value = eq ? trim(eq + 1) : NULL;
}

/* Who may write it decides what code the kernel gets, and what command is run. */
static int check_owner(int fd, const char *path, struct klp_err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return klp_err_sys(err, -errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return klp_err_set(err, -EINVAL, "%s isn't a file", path);
	if ((st.st_uid && st.st_uid != geteuid()) || st.st_mode & S_IWOTH ||
	    (st.st_mode & S_IWGRP && st.st_gid && st.st_gid != getegid()))
		return klp_err_set(err, -EPERM, "%s: others than root may write to it; chown root, chmod 644", path);
	return 0;
}

/* All of it as text; -ENOENT. */
static int slurp(const char *path, char **out, struct klp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret;
	void *data = NULL;
	size_t len;

	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot open %s", path);
	ret = check_owner(fd, path, err);
	if (!ret)
		ret = io_read_fd(fd, path, FILE_MAX, &data, &len, err);
	close(fd);
	if (!ret && strlen(data) != len) {
		ret = klp_err_set(err, -EINVAL, "%s: there is a NUL in it", path);
		free(data);
	}
	if (!ret)
		*out = data;
	return ret;
}

static int read_line(struct settings *s, char *line, const char *origin, unsigned int nr, unsigned int *seen,
		     struct klp_err *err)
{
	const struct setting *def;
	char *key, *value;

	cut(line, &key, &value);
	if (!*key && !value)
		return 0;
	if (!value)
		return klp_err_set(err, -EINVAL, "\"%s\" isn't \"key = value\"", key);
	def = settings_find(key, err);
	if (!def)
		return -EINVAL;
	if (seen[def - settings_table])
		return klp_err_set(err, -EINVAL, "%s is set a second time, after line %u", key, seen[def - settings_table]);
	seen[def - settings_table] = nr;
	return settings_set(s, key, value, origin, err);
}

int settings_parse(struct settings *s, char *text, const char *path, struct klp_err *err)
{
	unsigned int nr = 0, seen[SETTINGS_NR_MAX] = { 0 };
	char *line, origin[PATH_MAX + 16];
	int ret = 0;

	while (!ret && (line = strsep(&text, "\n"))) {
		snprintf(origin, sizeof(origin), "%s:%u", path, ++nr);
		ret = read_line(s, line, origin, nr, seen, err);
		if (ret)
			klp_err_wrap(err, "%s", origin);
	}
	return ret;
}

static int read_file(struct settings *s, const char *path, struct klp_err *err)
{
	char *text;
	int ret = slurp(path, &text, err);

	if (ret)
		return ret;
	ret = settings_parse(s, text, path, err);
	free(text);
	return ret;
}

/* ---- drop-ins ---- */

/* What editors and package managers leave, and nobody means to be read. */
static bool is_leftover(const char *name)
{
	static const char *const patterns[] = { ".*", "*~", "#*#", "*.sw[a-p]", "*.bak", "*.orig", "*.rej", "*.dpkg-*", "*.ucf-*", "*.rpm*" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

static int is_entry(const struct dirent *de)
{
	return strcmp(de->d_name, ".") && strcmp(de->d_name, "..");
}

static int leave_alone(struct settings *s, const char *path, struct klp_err *err)
{
	char *text;

	if (asprintf(&text, "%s%s%s", s->left_alone ? s->left_alone : "", s->left_alone ? " " : "", path) < 0)
		return klp_err_sys(err, -ENOMEM, "%s", path);
	free(s->left_alone);
	s->left_alone = text;
	return 0;
}

/* One that is closed to this user has what only root is to see, as a proxy's password: the commands of others do without. */
static int read_drop_in(struct settings *s, const char *folder, const char *name, struct klp_err *err)
{
	char path[PATH_MAX];
	int ret;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", folder);
	if (is_leftover(name))
		return leave_alone(s, path, err);
	if (fnmatch("?*.conf", name, 0))
		return klp_err_set(err, -EINVAL, "%s: only files whose names end in .conf are read here; rename it, or take it away", path);
	ret = read_file(s, path, err);
	return ret == -EACCES && geteuid() ? 0 : ret;
}

int settings_read(struct settings *s, const char *path, struct klp_err *err)
{
	struct dirent **entries;
	char folder[PATH_MAX];
	struct stat st;
	int nr, ret;

	ret = read_file(s, path, err);
	/* Without the file all is as it is by default; a link to one that isn't there means that somebody wants it otherwise. */
	if (ret == -ENOENT && !lstat(path, &st))
		return klp_err_set(err, -EINVAL, "%s is a link to what isn't there", path);
	if (ret && ret != -ENOENT)
		return ret;
	if (snprintf(folder, sizeof(folder), "%s.d", path) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", path);
	nr = scandir(folder, &entries, is_entry, alphasort);
	if (nr < 0)
		return errno == ENOENT ? 0 : klp_err_sys(err, -errno, "cannot list %s", folder);
	ret = 0;
	for (int i = 0; i < nr; i++) {
		if (!ret)
			ret = read_drop_in(s, folder, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

/* ---- writing ---- */

/* A drop-in has the last word. */
static int check_not_overridden(const struct settings *s, const char *path, const struct setting *def, struct klp_err *err)
{
	const char *origin = settings_origin(s, def);
	size_t n = strlen(path);

	if (!strcmp(origin, "default") || (!strncmp(origin, path, n) && origin[n] == ':'))
		return 0;
	return klp_err_set(err, -EEXIST, "%s is set in %s, which comes after %s: change it there", def->key, origin, path);
}

/* Is it the line that sets @key? */
static bool sets(const char *line, size_t len, const char *key)
{
	char *copy = strndup(line, len), *k, *value;
	bool yes = false;

	if (copy) {
		cut(copy, &k, &value);
		yes = value && !strcmp(k, key);
	}
	free(copy);
	return yes;
}

/* @text with the line of @key replaced, or one more at its end; malloc()ed. */
static char *edited(const char *text, const char *key, const char *value)
{
	size_t size = 0;
	bool done = false;
	char *out = NULL;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		return NULL;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		if (!done && sets(line, n, key)) {
			fprintf(f, "%s = %s\n", key, value);
			done = true;
		} else {
			fprintf(f, "%.*s\n", (int)n, line);
		}
		line += n + (line[n] == '\n');
	}
	if (!done)
		fprintf(f, "%s = %s\n", key, value);
	if (fclose(f)) {
		free(out);
		return NULL;
	}
	return out;
}

int settings_write(const struct settings *s, const char *path, const char *key, const char *value, struct klp_err *err)
{
	const struct setting *def = settings_find(key, err);
	struct settings trial;
	char *text = NULL, *out = NULL;
	struct stat st;
	int ret;

	if (!def)
		return -EINVAL;
	/* Would it be read back as it is? */
	if (strpbrk(value, "\n") || strstr(value, " #") || strstr(value, "\t#"))
		return klp_err_set(err, -EINVAL, "%s: a value has no newline, and no # after white space", key);
	ret = settings_init(&trial, s->root, err);
	if (!ret)
		ret = settings_set(&trial, key, value, path, err);
	settings_free(&trial);
	if (!ret)
		ret = check_not_overridden(s, path, def, err);
	if (ret)
		return ret;
	ret = slurp(path, &text, err);
	if (ret && ret != -ENOENT)
		return ret;
	out = edited(text ? text : "", key, value);
	ret = !out ? klp_err_sys(err, -ENOMEM, "cannot write %s", path) :
		     io_write_atomic(path, out, strlen(out), text && !stat(path, &st) ? st.st_mode & 0777 : 0644, err);
	free(out);
	free(text);
	return ret;
}
