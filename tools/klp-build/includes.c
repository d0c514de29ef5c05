// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * includes.c - which units include a header, through any number of others.
 *
 * A textual closure: every #include of every unit and header counts, whatever
 * #if it stands in.  "x.h" is the file next to the including one if there is
 * one; else, as <a/x.h>, any file whose path ends so.  Both err on the side of
 * too many units, whose objects then turn out equal.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "io.h"
#include "select.h"
#include "target.h"
#include "target_priv.h"

#define FILE_LIMIT	(8u << 20)	/* larger ones are register lists */
#define KEPT_LIMIT	(64u << 20)

struct include {
	const char *name;	/* "linux/fs.h", as written */
	uint32_t file;		/* the including file */
	uint32_t next;		/* in its bucket, index + 1 */
	bool quoted;
};

struct graph {
	const struct target *t;
	struct strings files;	/* relative to src/, or "obj:..." for generated ones */
	struct strings names;	/* owns include::name */
	struct include *includes;
	size_t nr_includes;
	uint32_t *buckets;	/* by the last component of the name */
	bool *reached;		/* per file */
};

#define NR_BUCKETS	16384

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *plain_path(const char *file)
{
	return starts_with(file, "obj:") ? file + 4 : file;
}

static uint32_t hash_base(const char *path)
{
	uint32_t h = 2166136261u;

	for (const char *s = base_name(path); *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h & (NR_BUCKETS - 1);
}

static int add_include(struct graph *g, const char *name, size_t len, bool quoted)
{
	struct include *list;
	uint32_t *bucket;

	if (strings_add_len(&g->names, name, len))
		return -ENOMEM;
	if (!(g->nr_includes & (g->nr_includes - 1))) {
		list = realloc(g->includes, (g->nr_includes ? 2 * g->nr_includes : 1) * sizeof(*list));
		if (!list)
			return -ENOMEM;
		g->includes = list;
	}
	name = g->names.list[g->names.nr - 1];
	bucket = &g->buckets[hash_base(name)];
	g->includes[g->nr_includes] = (struct include){
		.name = name,
		.file = (uint32_t)g->files.nr - 1,
		.next = *bucket,
		.quoted = quoted,
	};
	*bucket = (uint32_t)++g->nr_includes;
	return 0;
}

/* Each line of the form # include <x> or "x". */
static int scan_text(struct graph *g, const char *text)
{
	int ret = 0;

	for (const char *l = text; l && !ret; l = strchr(l, '\n')) {
		const char *s;

		l += *l == '\n';
		s = l + strspn(l, " \t");
		if (*s++ != '#')
			continue;
		s += strspn(s, " \t");
		if (!starts_with(s, "include"))
			continue;
		s += strlen("include");
		s += strspn(s, " \t");
		if (*s == '<' || *s == '"')
			ret = add_include(g, s + 1, strcspn(s + 1, ">\"\n"), *s == '"');
	}
	return ret;
}

static int scan_file(struct graph *g, const char *path, const char *name, struct klp_err *err)
{
	void *text;
	size_t len;
	int ret = io_read_file(path, FILE_LIMIT, &text, &len, err);

	/* Dangling links (dt-bindings) and the largest files include nothing of interest. */
	if (ret == -EFBIG || ret == -ENOENT)
		return 0;
	if (ret)
		return ret;
	ret = strings_add(&g->files, name);
	if (!ret)
		ret = scan_text(g, text);
	free(text);
	return ret ? klp_err_sys(err, ret, "includes") : 0;
}

/* All headers (and, below units' folders, included .c files) of a folder; @depth of subfolders. */
static int scan_dir(struct graph *g, const char *root, const char *prefix, const char *dir, int depth,
		    struct klp_err *err)
{
	char *full = *dir ? format("%s/%s", root, dir) : strdup(root);
	DIR *d = full ? opendir(full) : NULL;
	struct dirent *de;
	int ret = 0;

	while (d && !ret && (de = readdir(d))) {
		char *rel, *path, *name;

		if (de->d_name[0] == '.')
			continue;
		rel = format("%s%s%s", dir, *dir ? "/" : "", de->d_name);
		path = rel ? format("%s/%s", root, rel) : NULL;
		name = rel ? format("%s%s", prefix, rel) : NULL;
		if (!path || !name)
			ret = klp_err_sys(err, -ENOMEM, "includes");
		else if (de->d_type == DT_DIR && depth)
			ret = scan_dir(g, root, prefix, rel, depth - 1, err);
		else if (de->d_type != DT_DIR &&
			 (ends_with(rel, ".h") || ends_with(rel, ".c") || ends_with(rel, ".inc")))
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

/* The folders of all units, once each, and the trees of headers. */
static int scan_all(struct graph *g, struct klp_err *err)
{
	const struct target_priv *priv = g->t->priv;
	char *src = format("%s/src", g->t->dir), *obj = format("%s/obj", g->t->dir);
	char *last = NULL;
	int ret = src && obj ? 0 : klp_err_sys(err, -ENOMEM, "includes");

	if (!ret)
		ret = scan_dir(g, src, "", "include", 32, err);
	if (!ret)
		ret = scan_dir(g, src, "", "arch/x86/include", 32, err);
	if (!ret)
		ret = scan_dir(g, obj, "obj:", "include/generated", 32, err);
	if (!ret)
		ret = scan_dir(g, obj, "obj:", "arch/x86/include/generated", 32, err);
	/* Sorted by object: units of a folder follow each other (its subfolders between them). */
	for (size_t i = 0; i < priv->nr_commands && !ret; i++) {
		const char *object = priv->commands[i].object;
		char *dir = strndup(object, (size_t)(base_name(object) - object));
		char *slash = dir ? strrchr(dir, '/') : NULL;
		bool known = false;

		if (slash)
			*slash = '\0';
		for (size_t k = 0; dir && k < i && !known; k++) {
			const char *o = priv->commands[k].object;
			size_t n = strlen(dir);

			known = !strncmp(o, dir, n) && o[n] == '/' && !strchr(o + n + 1, '/');
		}
		if (dir && !known)
			ret = scan_dir(g, src, "", dir, 0, err);
		free(last);
		last = dir;
	}
	free(last);
	free(obj);
	free(src);
	return ret;
}

/*
 * Reading 30,000 files takes seconds, what they include never changes: it is
 * kept beside the target.  "F path" for each file, then its <x> as "<x" and "x" as ""x".
 */
static char *kept_path(const struct graph *g)
{
	return format("%s/includes", g->t->dir);
}

static void keep(const struct graph *g)
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
	if (path && text)
		io_write_atomic(path, text, strlen(text), 0644, NULL);
	free(text);
	free(path);
}

static int load_kept(struct graph *g, struct klp_err *err)
{
	char *path = kept_path(g);
	void *text = NULL;
	size_t len;
	int ret = path ? io_read_file(path, KEPT_LIMIT, &text, &len, NULL) : -ENOMEM;

	free(path);
	for (const char *l = text; !ret && l && *l;) {
		size_t n = strcspn(l, "\n");

		if (!n)
			ret = -EBADMSG;
		else
			ret = *l == 'F' ? strings_add_len(&g->files, l + 1, n - 1) :
				add_include(g, l + 1, n - 1, *l == '"');
		l += n + (l[n] == '\n');
		if (ret)
			klp_err_sys(err, ret, "includes");
	}
	free(text);
	return ret;
}

static int load_graph(struct graph *g, struct klp_err *err)
{
	int ret = load_kept(g, err);

	if (ret != -ENOENT)
		return ret;
	ret = scan_all(g, err);
	if (!ret)
		keep(g);
	return ret;
}

/* Does "linux/fs.h", included by @from, mean the file @path? */
static bool means(const struct graph *g, const struct include *inc, const char *path)
{
	const char *from = g->files.list[inc->file];
	size_t n = strlen(inc->name), m = strlen(path), dir = (size_t)(base_name(from) - from);

	if (inc->quoted && !strstr(inc->name, "../")) {
		char *beside = format("%s/src/%.*s%s", g->t->dir, (int)dir, from, inc->name);
		bool exists = beside && !access(beside, R_OK);

		free(beside);
		if (exists)
			return m == dir + n && !strncmp(path, from, dir) && !strcmp(path + dir, inc->name);
	}
	if (strstr(inc->name, "../"))
		return !strcmp(base_name(inc->name), base_name(path));
	return m >= n && !strcmp(path + m - n, inc->name) && (m == n || path[m - n - 1] == '/');
}

/* Header @path changed: everything that includes it is reached too. */
static int reach(struct graph *g, const char *path, struct strings *todo)
{
	for (uint32_t i = g->buckets[hash_base(path)]; i; i = g->includes[i - 1].next) {
		const struct include *inc = &g->includes[i - 1];

		if (g->reached[inc->file] || strcmp(base_name(inc->name), base_name(path)) ||
		    !means(g, inc, path))
			continue;
		g->reached[inc->file] = true;
		if (strings_add(todo, g->files.list[inc->file]))
			return -ENOMEM;
	}
	return 0;
}

/* Every compiler command has "-include" of these. */
static bool in_all_units(const struct strings *reached)
{
	return strings_have(reached, "include/linux/kconfig.h") ||
	       strings_have(reached, "include/linux/compiler-version.h") ||
	       strings_have(reached, "include/linux/compiler_types.h");
}

static int collect(const struct target *t, const struct strings *reached, struct strings *objects,
		   struct strings *through)
{
	const struct target_priv *priv = t->priv;
	bool all = in_all_units(reached);
	int ret = 0;

	for (size_t i = 0; i < reached->nr && !all && !ret; i++) {
		const char *path = reached->list[i];
		char *object = ends_with(path, ".c") ?
			       format("%.*s.o", (int)strlen(path) - 2, path) : NULL;

		if (object && target_command(t, object))
			ret = strings_add(objects, object);
		else
			ret = strings_add(through, path);
		free(object);
	}
	for (size_t i = 0; i < priv->nr_commands && all && !ret; i++)
		ret = strings_add(objects, priv->commands[i].object);
	return ret;
}

/* Files by the last component of their paths, and where each file's includes begin. */
struct index {
	uint32_t *buckets, *next;	/* file + 1 */
	uint32_t *first;
	bool *seen;
};

static int index_files(const struct graph *g, struct index *x)
{
	size_t n = g->files.nr;

	x->buckets = calloc(NR_BUCKETS, sizeof(*x->buckets));
	x->next = calloc(n + 1, sizeof(*x->next));
	x->first = calloc(n + 2, sizeof(*x->first));
	x->seen = calloc(n + 1, sizeof(*x->seen));
	if (!x->buckets || !x->next || !x->first || !x->seen)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		uint32_t *bucket = &x->buckets[hash_base(g->files.list[i])];

		x->next[i] = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	/* They come in the order of their files. */
	for (size_t i = 0; i < g->nr_includes; i++)
		x->first[g->includes[i].file + 1]++;
	for (size_t i = 0; i < n; i++)
		x->first[i + 1] += x->first[i];
	return 0;
}

static int see(const struct graph *g, struct index *x, size_t file, struct strings *near,
	       uint32_t *todo, size_t *nr)
{
	if (x->seen[file])
		return 0;
	x->seen[file] = true;
	todo[(*nr)++] = (uint32_t)file;
	return strings_add(near, g->files.list[file]);
}

/* The file that is @path itself, as a unit is. */
static int see_path(const struct graph *g, struct index *x, const char *path, struct strings *near,
		    uint32_t *todo, size_t *nr)
{
	for (uint32_t f = x->buckets[hash_base(path)]; f; f = x->next[f - 1])
		if (!strcmp(g->files.list[f - 1], path))
			return see(g, x, f - 1, near, todo, nr);
	return 0;
}

/* Everything that the units of @objects include. */
static int collect_near(const struct graph *g, const struct strings *objects, struct strings *near)
{
	static const char *const always[] = {
		"include/linux/kconfig.h", "include/linux/compiler-version.h",
		"include/linux/compiler_types.h",
	};
	uint32_t *todo = calloc(g->files.nr + 1, sizeof(*todo));
	struct index x = { 0 };
	size_t nr = 0;
	int ret = todo ? index_files(g, &x) : -ENOMEM;

	for (size_t i = 0; i < 3 && !ret; i++)
		ret = see_path(g, &x, always[i], near, todo, &nr);
	for (size_t i = 0; i < objects->nr && !ret; i++) {
		const char *o = objects->list[i];
		char *path = format("%.*s.c", (int)strlen(o) - 2, o);

		ret = path ? see_path(g, &x, path, near, todo, &nr) : -ENOMEM;
		free(path);
	}
	for (size_t i = 0; i < nr && !ret; i++)
		for (uint32_t k = x.first[todo[i]]; k < x.first[todo[i] + 1] && !ret; k++) {
			const struct include *inc = &g->includes[k];
			uint32_t f = x.buckets[hash_base(inc->name)];

			for (; f && !ret; f = x.next[f - 1]) {
				const char *path = plain_path(g->files.list[f - 1]);

				if (!x.seen[f - 1] && !strcmp(base_name(path), base_name(inc->name)) &&
				    means(g, inc, path))
					ret = see(g, &x, f - 1, near, todo, &nr);
			}
		}
	free(x.buckets);
	free(x.next);
	free(x.first);
	free(x.seen);
	free(todo);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int includes_closure(const struct target *t, const struct strings *files, struct strings *objects,
		     struct strings *through, struct strings *near, struct klp_err *err)
{
	struct graph g = { .t = t };
	struct strings todo = { 0 };
	size_t end;
	int ret;

	g.buckets = calloc(NR_BUCKETS, sizeof(*g.buckets));
	ret = g.buckets ? load_graph(&g, err) : klp_err_sys(err, -ENOMEM, "includes");
	if (ret)
		goto out;
	g.reached = calloc(g.files.nr + 1, sizeof(*g.reached));
	ret = g.reached ? 0 : -ENOMEM;
	for (size_t i = 0; i < files->nr && !ret; i++)
		ret = strings_add(&todo, files->list[i]);
	end = todo.nr;
	for (size_t i = 0; i < todo.nr && !ret; i++) {
		const char *path = todo.list[i];

		/* The nearest come first, and those equally near by name: not as readdir() has them. */
		if (i == end) {
			qsort(todo.list + end, todo.nr - end, sizeof(*todo.list), by_name);
			end = todo.nr;
			path = todo.list[i];
		}
		/* A generated wrapper goes by the path that it is included by. */
		ret = reach(&g, plain_path(path), &todo);
	}
	if (!ret)
		ret = collect(t, &todo, objects, through);
	if (!ret)
		ret = collect_near(&g, objects, near);
	if (ret)
		klp_err_sys(err, ret, "includes");
out:
	strings_free(&todo);
	free(g.reached);
	free(g.buckets);
	free(g.includes);
	strings_free(&g.files);
	strings_free(&g.names);
	return ret;
}
