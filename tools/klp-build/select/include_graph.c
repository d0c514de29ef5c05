// SPDX-License-Identifier: GPL-2.0-or-later
/* include_graph.c - see include_graph.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/xalloc.h"
#include "err.h"
#include "include_graph.h"
#include "io.h"
#include "target/target.h"

#define FILE_LIMIT	(64u << 20)
#define KEPT_LIMIT	(64u << 20)

static void add_include(struct include_graph *g, const char *name, size_t len, bool quoted)
{
	uint32_t *bucket;

	strings_add_len(&g->names, name, len);
	g->includes = xgrow(g->includes, g->nr_includes, sizeof(*g->includes));
	name = g->names.list[g->names.nr - 1];
	bucket = &g->buckets[hash_base(name)];
	g->includes[g->nr_includes] = (struct include){
		.name = name,
		.file = (uint32_t)g->files.nr - 1,
		.next = *bucket,
		.quoted = quoted,
	};
	*bucket = (uint32_t)++g->nr_includes;
}

/* Does @s begin with word @w? */
static bool is_word(const char *s, const char *w)
{
	size_t n = strlen(w);

	return !strncmp(s, w, n) && !isalnum((unsigned char)s[n]) && s[n] != '_';
}

/*
 * "#define NAME VALUE", where VALUE may be what an "#include NAME" means: a path, or for
 * TRACE_INCLUDE() its last component.
 */
static void scan_define(struct include_graph *g, const char *s)
{
	size_t name = strcspn(s, " \t\n("), n;
	const char *value = s + name + strspn(s + name, " \t");
	bool trace = memmem(s, name, "INCLUDE_FILE", 12) || is_word(s, "TRACE_SYSTEM");
	char *with_suffix;

	if (*value == '"' || *value == '<') {
		n = strcspn(value + 1, ">\"\n");
		if (n > 2 && value[n - 1] == '.' && strchr("hc", value[n]))
			add_include(g, value + 1, n, false);
	} else if (trace) {
		n = strcspn(value, " \t\n/");
		with_suffix = format("%.*s.h", (int)n, value);
		add_include(g, with_suffix, n + 2, false);
		free(with_suffix);
	}
}

/* "#if __has_include(<x>)": whether there is such a file matters, too. */
static void scan_condition(struct include_graph *g, const char *s)
{
	static const char word[] = "__has_include";
	const char *end = s + strcspn(s, "\n");

	while ((s = memmem(s, (size_t)(end - s), word, strlen(word)))) {
		s += strlen(word);
		s += starts_with(s, "_next") ? strlen("_next") : 0;
		s += strspn(s, " \t(");
		if (*s == '<' || *s == '"')
			add_include(g, s + 1, strcspn(s + 1, ">\"\n"), *s == '"');
	}
}

/* Each line of the form # include <x> or "x". */
static void scan_text(struct include_graph *g, const char *text)
{
	for (const char *l = text; l; l = strchr(l, '\n')) {
		const char *s;

		l += *l == '\n';
		s = l + strspn(l, " \t");
		if (*s++ != '#')
			continue;
		s += strspn(s, " \t");
		if (starts_with(s, "define")) {
			s += strlen("define");
			scan_define(g, s + strspn(s, " \t"));
			continue;
		}
		if (starts_with(s, "if") || starts_with(s, "elif"))
			scan_condition(g, s);
		if (!starts_with(s, "include"))
			continue;
		s += strlen("include");
		s += starts_with(s, "_next") ? strlen("_next") : 0;
		s += strspn(s, " \t");
		if (*s == '<' || *s == '"')
			add_include(g, s + 1, strcspn(s + 1, ">\"\n"), *s == '"');
	}
}

static int scan_file(struct include_graph *g, const char *path, const char *name, struct klp_err *err)
{
	void *text;
	size_t len;
	int ret = io_read_file(path, FILE_LIMIT, &text, &len, err);

	/* Dangling links (dt-bindings) and the largest files include nothing of interest. */
	if (ret == -EFBIG || ret == -ENOENT)
		return 0;
	if (ret)
		return ret;
	strings_add(&g->files, name);
	if (!ret)
		scan_text(g, text);
	free(text);
	return ret ? klp_err_sys(err, ret, "includes") : 0;
}

/* No kernel for x86-64 is built from these; the largest part of the tree. */
static bool is_left_out(const char *dir)
{
	static const char *const dirs[] = { "Documentation", "LICENSES", "samples", "debian" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (!strcmp(dir, dirs[i]))
			return true;
	return starts_with(dir, "arch/") && !strchr(dir + 5, '/') && strcmp(dir, "arch/x86") &&
	       strcmp(dir, "arch/um");
}

/* What is included has these names; others are found as what is included, but not read. */
static bool is_read(const char *path)
{
	static const char *const ends[] = { ".h", ".c", ".S", ".s", ".inc", ".inl", ".def", ".x", ".tbl",
					    ".lds", ".h_shipped", ".c_shipped", ".cc" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(path, ends[i]))
			return true;
	return false;
}

/* All of a folder. */
static int scan_dir(struct include_graph *g, const char *root, const char *prefix, const char *dir,
		    struct klp_err *err)
{
	char *full = *dir ? format("%s/%s", root, dir) : xstrdup(root);
	DIR *d = opendir(full);
	struct dirent *de;
	int ret = 0;

	while (d && !ret && (de = readdir(d))) {
		char *rel, *path, *name;

		if (de->d_name[0] == '.')
			continue;
		rel = format("%s%s%s", dir, *dir ? "/" : "", de->d_name);
		path = format("%s/%s", root, rel);
		name = format("%s%s", prefix, rel);
		if (de->d_type == DT_DIR && !is_left_out(rel))
			ret = scan_dir(g, root, prefix, rel, err);
		else if (de->d_type != DT_DIR && is_read(rel))
			ret = scan_file(g, path, name, err);
		free(name);
		free(path);
		free(rel);
	}
	if (d)
		closedir(d);
	free(full);
	return ret;
}

/* The tree, and what is generated. */
static int scan_all(struct include_graph *g, struct klp_err *err)
{
	char *src = format("%s/src", g->t->dir), *obj = format("%s/obj", g->t->dir);
	int ret = scan_dir(g, src, "", "", err);

	if (!ret)
		ret = scan_dir(g, obj, "obj:", "", err);
	free(obj);
	free(src);
	return ret;
}

/*
 * Reading 30,000 files takes seconds, what they include never changes: it is
 * kept beside the target.  "F path" for each file, then its <x> as "<x" and "x" as ""x".
 */
static char *kept_path(const struct include_graph *g)
{
	return format("%s/include-graph-2", g->t->dir);
}

static void keep(const struct include_graph *g)
{
	char *path = kept_path(g), *text;
	struct text t = { 0 };
	size_t k = 0;

	for (size_t i = 0; i < g->files.nr; i++) {
		text_addf(&t, "F%s\n", g->files.list[i]);
		for (; k < g->nr_includes && g->includes[k].file == i; k++)
			text_addf(&t, "%c%s\n", g->includes[k].quoted ? '"' : '<', g->includes[k].name);
	}
	text = text_take(&t);
	/* A cache that can't be written costs time, no more. */
	io_write_atomic(path, text, strlen(text), 0644, NULL);
	free(text);
	free(path);
}

static int load_kept(struct include_graph *g, struct klp_err *err)
{
	char *path = kept_path(g);
	void *text = NULL;
	size_t len;
	int ret = io_read_file(path, KEPT_LIMIT, &text, &len, NULL);

	free(path);
	for (const char *l = text; !ret && l && *l;) {
		size_t n = strcspn(l, "\n");

		if (!n)
			ret = -EBADMSG;
		else if (*l == 'F')
			strings_add_len(&g->files, l + 1, n - 1);
		else
			add_include(g, l + 1, n - 1, *l == '"');
		l += n + (l[n] == '\n');
		if (ret)
			klp_err_sys(err, ret, "includes");
	}
	free(text);
	return ret;
}

int include_graph_open(const struct target *t, struct include_graph *out, struct klp_err *err)
{
	int ret;

	*out = (struct include_graph){ .t = t, .buckets = xcalloc(NR_BUCKETS, sizeof(*out->buckets)) };
	ret = load_kept(out, err);
	if (ret == -ENOENT) {
		ret = scan_all(out, err);
		if (!ret)
			keep(out);
	}
	return ret;
}

void include_graph_close(struct include_graph *g)
{
	free(g->buckets);
	free(g->includes);
	strings_free(&g->files);
	strings_free(&g->names);
}
