// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recipe.c - parse a recipe: which change of the distribution's own source
 * packages is the fix.  docs/recipes.md describes the format.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "err.h"
#include "fix.h"

static int set_once(char **field, const char *value)
{
	if (*field)
		return -EEXIST;
	*field = xstrdup(value);
	return 0;
}

/* Words between blanks and commas. */
static void add_words(struct strings *l, const char *s)
{
	for (s += strspn(s, " ,\t"); *s; s += strspn(s, " ,\t")) {
		size_t n = strcspn(s, " ,\t");

		strings_add_len(l, s, n);
		s += n;
	}
}

/* "linux-source-6.1 6.1.187-1" */
static int add_source(struct recipe *r, const char *s)
{
	size_t n = strcspn(s, " \t");
	const char *version = s + n + strspn(s + n, " \t");

	if (!starts_with(s, "linux-source-") || !*version || strpbrk(version, " \t=/"))
		return -EINVAL;
	r->sources = xgrow(r->sources, r->nr_sources, sizeof(*r->sources));
	r->sources[r->nr_sources++] = (struct recipe_source){ .package = xstrndup(s, n), .version = xstrdup(version) };
	return 0;
}

static int add_file(struct recipe *r, const char *path)
{
	if (*path == '/' || strstr(path, "..") || strpbrk(path, " \t*?["))
		return -EINVAL;
	r->files = xgrow(r->files, r->nr_files, sizeof(*r->files));
	r->files[r->nr_files++] = (struct recipe_file){ .path = xstrdup(path) };
	return 0;
}

static int add_member(struct recipe *r, const char *key, const char *value)
{
	struct recipe_file *file = r->nr_files ? &r->files[r->nr_files - 1] : NULL;
	const struct {
		const char *key;
		struct strings *words;
	} lists[] = {
		{ "cve", &r->cves }, { "allow-data", &r->allow_data }, { "requires", &r->requires }, { "mitigates", &r->mitigates },
		{ "functions", file ? &file->functions : NULL },
	};

	if (!*value)
		return -EINVAL;
	if (!strcmp(key, "name"))
		return set_once(&r->name, value);
	if (!strcmp(key, "summary"))
		return set_once(&r->summary, value);
	if (!strcmp(key, "source"))
		return add_source(r, value);
	if (!strcmp(key, "file"))
		return add_file(r, value);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(key, lists[i].key))
			return lists[i].words ? (add_words(lists[i].words, value), 0) : -ENOENT;
	if (!strcmp(key, "also"))
		return file ? (strings_add(&file->also, value), 0) : -ENOENT;
	return -ENOKEY;
}

static const char *member_error(int ret)
{
	switch (ret) {
	case -EEXIST: return "is there twice";
	case -ENOENT: return "needs a \"file:\" before it";
	case -ENOKEY: return "isn't a key of a recipe (name, summary, cve, allow-data, requires, mitigates, source, file, functions, also)";
	default: return "has a bad value";
	}
}

static int parse_line(struct recipe *r, char *line, const char *path, size_t nr, struct klp_err *err)
{
	char *colon, *value, *end;
	int ret;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	colon = strchr(line, ':');
	if (!colon)
		return klp_err_set(err, -EBADMSG, "%s:%zu: \"%s\" isn't \"key: value\"", path, nr, line);
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	for (end = value + strlen(value); end > value && strchr(" \t\r", end[-1]);)
		*--end = '\0';
	ret = add_member(r, line, value);
	if (ret)
		return klp_err_set(err, -EBADMSG, "%s:%zu: \"%s\" %s", path, nr, line,
				   member_error(ret));
	return 0;
}

int recipe_parse(const char *text, const char *path, struct recipe *out, struct klp_err *err)
{
	struct recipe r = { 0 };
	char *copy = xstrdup(text), *line = copy, *next;
	size_t nr = 1;
	int ret = 0;

	for (; !ret && line; line = next, nr++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		ret = parse_line(&r, line, path, nr, err);
	}
	free(copy);
	if (!ret && (!r.name || !r.nr_sources || !r.nr_files))
		ret = klp_err_set(err, -EBADMSG, "%s: the recipe has no \"%s:\"", path,
				  !r.name ? "name" : !r.nr_sources ? "source" : "file");
	if (ret)
		recipe_free(&r);
	else
		*out = r;
	return ret;
}

void recipe_free(struct recipe *r)
{
	free(r->name);
	free(r->summary);
	strings_free(&r->cves);
	strings_free(&r->allow_data);
	strings_free(&r->requires);
	strings_free(&r->mitigates);
	for (size_t i = 0; i < r->nr_sources; i++) {
		free(r->sources[i].package);
		free(r->sources[i].version);
	}
	free(r->sources);
	for (size_t i = 0; i < r->nr_files; i++) {
		free(r->files[i].path);
		strings_free(&r->files[i].functions);
		strings_free(&r->files[i].also);
	}
	free(r->files);
	*r = (struct recipe){ 0 };
}
