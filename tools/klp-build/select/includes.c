// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * includes.c - which units may include a header, through any number of others.
 *
 * A textual closure over the whole tree: every #include of every file counts,
 * whatever #if it stands in.  "x.h" is the file next to the including one if
 * there is one; else, as <a/x.h>, any file whose path ends so.  An include of a
 * macro is taken from where such macros get their value.  All err on the side of
 * too many units; the compiler's own reading settles it (summary.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/xalloc.h"
#include "include_graph.h"
#include "search.h"
#include "select.h"
#include "summary.h"
#include "target/target.h"

struct graph {
	struct include_graph in;
	bool *reached;		/* per file */
	struct strings *upward;	/* see includes_closure(); NULL: not needed */
	struct strings dirs;	/* that commands search for what is included, in the tree */
	struct source *sources;	/* of all commands, by path */
	size_t nr_sources;
};

/* A file that is compiled by itself. */
struct source {
	char *path;		/* as in include_graph::files */
	const char *object;
	bool open;		/* a part of its text is generated later */
};

static const char *plain_path(const char *file)
{
	return starts_with(file, "obj:") ? file + 4 : file;
}

/* Does "linux/fs.h", included by @from, mean the file @path? */
static bool means(const struct graph *g, const struct include *inc, const char *path)
{
	const char *from = g->in.files.list[inc->file];
	size_t n = strlen(inc->name), m = strlen(path), dir = (size_t)(base_name(from) - from);

	if (inc->quoted && !strstr(inc->name, "./")) {
		char *beside = format("%s/src/%.*s%s", g->in.t->dir, (int)dir, from, inc->name);
		bool exists = beside && !access(beside, R_OK);

		free(beside);
		if (exists)
			return m == dir + n && !strncmp(path, from, dir) && !strcmp(path + dir, inc->name);
	}
	if (strstr(inc->name, "./"))
		return !strcmp(base_name(inc->name), base_name(path));
	return m >= n && !strcmp(path + m - n, inc->name) && (m == n || path[m - n - 1] == '/');
}

/* "-I /cache/KREL/src/drivers/scsi" of any command. */
static void find_dirs(struct graph *g)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(g->in.t, &nr_commands);
	char *src = format("%s/src/", g->in.t->dir);

	for (size_t i = 0; i < nr_commands; i++)
		for (const char *s = commands[i].command; (s = strstr(s, " -I"));) {
			char *dir;

			s += 3;
			s += *s == ' ';
			if (!starts_with(s, src))
				continue;
			dir = xstrndup(s + strlen(src), strcspn(s, " ") - strlen(src));
			path_fold(dir);
			if (*dir)
				strings_add_once(&g->dirs, dir);
			free(dir);
		}
	free(src);
}

static bool is_in_tree(const struct graph *g, const char *path, size_t len)
{
	char *full = format("%s/src/%.*s", g->in.t->dir, (int)len, path);
	bool there = !access(full, F_OK);

	free(full);
	return there;
}

/* Where @dir and "../x.h" lead. */
static char *join(const char *dir, size_t len, const char *name)
{
	return format("%.*s%s%s", (int)len, dir, len ? "/" : "", name);
}

/* Not beside the including file: from each folder that is searched, and that has such a one. */
static void note_searched(struct graph *g, const char *name)
{
	if (!g->dirs.nr)
		find_dirs(g);
	for (size_t i = 0; i < g->dirs.nr; i++) {
		char *path = join(g->dirs.list[i], strlen(g->dirs.list[i]), name);

		if (is_in_tree(g, path, (size_t)(base_name(path) - path)))
			strings_add_once(g->upward, path);
		free(path);
	}
}

/* @inc goes through ".." and may mean @path. */
static void note_upward(struct graph *g, struct include *inc, const char *path)
{
	const char *from = g->in.files.list[inc->file], *base = base_name(from);
	char *beside = join(from, base > from ? (size_t)(base - from) - 1 : 0, inc->name), *folded = xstrdup(beside);

	path_fold(folded);
	if (inc->quoted && !strcmp(folded, path)) {
		strings_add_once(g->upward, beside);
	} else if (!inc->noted) {
		inc->noted = true;
		if (!inc->quoted || !is_in_tree(g, beside, strlen(beside)))
			note_searched(g, inc->name);
	}
	free(folded);
	free(beside);
}

/* Header @path changed: everything that includes it is reached too. */
static void reach(struct graph *g, const char *path, struct strings *todo)
{
	for (uint32_t i = g->in.buckets[hash_base(path)]; i; i = g->in.includes[i - 1].next) {
		struct include *inc = &g->in.includes[i - 1];

		if (strcmp(base_name(inc->name), base_name(path)))
			continue;
		if (g->upward && strstr(inc->name, "../"))
			note_upward(g, inc, path);
		if (g->reached[inc->file] || !means(g, inc, path))
			continue;
		g->reached[inc->file] = true;
		strings_add(todo, g->in.files.list[inc->file]);
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->path, ((const struct source *)b)->path);
}

/* "/cache/KREL/src/arch/x86/kvm/../../../virt/kvm/kvm_main.c", "drivers/tty/vt/defkeymap.c": as in include_graph::files. */
static char *source_path(const struct target *t, const char *word, size_t len)
{
	char *src = format("%s/src/", t->dir), *obj = format("%s/obj/", t->dir), *path;

	if (!strncmp(word, src, strlen(src)))
		path = format("%.*s", (int)(len - strlen(src)), word + strlen(src));
	else if (!strncmp(word, obj, strlen(obj)))
		path = format("obj:%.*s", (int)(len - strlen(obj)), word + strlen(obj));
	else
		path = format("obj:%.*s", (int)len, word);
	path_fold(path);
	free(obj);
	free(src);
	return path;
}

static void load_sources(struct graph *g)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(g->in.t, &nr_commands);
	size_t products = 0;

	while (by_product(products))
		products++;
	g->sources = xcalloc(nr_commands + products + 1, sizeof(*g->sources));
	for (size_t i = 0; i < nr_commands; i++) {
		const char *last = strrchr(commands[i].command, ' ');
		struct source *s = &g->sources[g->nr_sources];

		if (!last)
			continue;
		s->path = source_path(g->in.t, last + 1, strlen(last + 1));
		s->object = commands[i].object;
		g->nr_sources++;
	}
	for (size_t i = 0; by_product(i); i++) {
		if (!target_command(g->in.t, by_product(i)->like))
			continue;
		g->sources[g->nr_sources++] = (struct source){
			.path = xstrdup(by_product(i)->source), .object = by_product(i)->object,
		};
	}
	qsort(g->sources, g->nr_sources, sizeof(*g->sources), by_path);
}

/* The first source of that path; others of it follow. */
static const struct source *find_source(const struct graph *g, const char *path)
{
	size_t low = lower_bound(g->nr_sources, i, strcmp(g->sources[i].path, path) < 0);

	return low < g->nr_sources && !strcmp(g->sources[low].path, path) ? &g->sources[low] : NULL;
}

/* Has the command "-include" of a file that is reached?  Most have the same three, so the last answers are kept. */
static bool has_reached_option(const struct graph *g, const char *command, const struct strings *reached,
			       struct strings *yes, struct strings *no)
{
	static const char option[] = " -include ";
	bool has = false;

	for (const char *s = command; (s = strstr(s, option)) && !has;) {
		char *path;

		s += strlen(option);
		path = source_path(g->in.t, s, strcspn(s, " "));
		has = strings_have(yes, path);
		if (!has && !strings_have(no, path)) {
			has = strings_have(reached, path);
			strings_add(has ? yes : no, path);
		}
		free(path);
	}
	return has;
}

static void add_objects_of(const struct graph *g, const char *path, bool *added, struct strings *objects)
{
	const struct source *s = find_source(g, path);

	for (; s && s < g->sources + g->nr_sources && !strcmp(s->path, path); s++) {
		if (added[s - g->sources])
			continue;
		added[s - g->sources] = true;
		strings_add(objects, s->object);
	}
}

/* Files by the last component of their paths, and where each file's includes begin. */
struct index {
	uint32_t *buckets, *next;	/* file + 1 */
	uint32_t *first;
	bool *seen;
};

static void index_files(const struct graph *g, struct index *x)
{
	size_t n = g->in.files.nr;

	x->buckets = xcalloc(NR_BUCKETS, sizeof(*x->buckets));
	x->next = xcalloc(n + 1, sizeof(*x->next));
	x->first = xcalloc(n + 2, sizeof(*x->first));
	x->seen = xcalloc(n + 1, sizeof(*x->seen));
	for (size_t i = 0; i < n; i++) {
		uint32_t *bucket = &x->buckets[hash_base(g->in.files.list[i])];

		x->next[i] = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	/* They come in the order of their files. */
	for (size_t i = 0; i < g->in.nr_includes; i++)
		x->first[g->in.includes[i].file + 1]++;
	for (size_t i = 0; i < n; i++)
		x->first[i + 1] += x->first[i];
}

static void index_free(struct index *x)
{
	free(x->buckets);
	free(x->next);
	free(x->first);
	free(x->seen);
}

static bool is_there(const struct graph *g, const struct index *x, const char *base)
{
	for (uint32_t f = x->buckets[hash_base(base)]; f; f = x->next[f - 1])
		if (!strcmp(base_name(plain_path(g->in.files.list[f - 1])), base))
			return true;
	return false;
}

/*
 * A source that isn't there before it is needed, or that includes such a file, may include more
 * than the text tells: headers that all can see, or those of its folder.
 */
static void mark_open(struct graph *g)
{
	struct index x = { 0 };

	index_files(g, &x);
	for (size_t i = 0; i < g->nr_sources; i++)
		g->sources[i].open = !by_product_of(g->sources[i].object);
	for (size_t i = 0; i < g->in.files.nr; i++) {
		const struct source *s = find_source(g, g->in.files.list[i]);

		for (size_t k = s ? (size_t)(s - g->sources) : g->nr_sources;
		     k < g->nr_sources && !strcmp(g->sources[k].path, g->in.files.list[i]); k++)
			g->sources[k].open = false;
	}
	for (size_t i = 0; i < g->in.nr_includes; i++) {
		const struct include *inc = &g->in.includes[i];
		struct source *s;

		if (is_there(g, &x, base_name(inc->name)))
			continue;
		s = (struct source *)find_source(g, g->in.files.list[inc->file]);
		for (; s && s < g->sources + g->nr_sources && !strcmp(s->path, g->in.files.list[inc->file]); s++)
			s->open = true;
	}
	index_free(&x);
}

static bool sees(const struct source *s, const char *header)
{
	const char *path = plain_path(s->path);
	size_t dir = (size_t)(base_name(path) - path);

	if (!ends_with(header, ".h"))
		return false;
	return starts_with(header, "include/") || starts_with(header, "arch/x86/include/") ||
	       (!strncmp(header, path, dir) && !strchr(header + dir, '/'));
}

static void add_open(const struct graph *g, const struct strings *reached, bool *added, struct strings *objects)
{
	for (size_t i = 0; i < g->nr_sources; i++)
		for (size_t k = 0; k < reached->nr && g->sources[i].open && !added[i]; k++) {
			if (!sees(&g->sources[i], reached->list[k]))
				continue;
			added[i] = true;
			strings_add(objects, g->sources[i].object);
		}
}

static void collect(const struct graph *g, const struct strings *reached, struct strings *objects)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(g->in.t, &nr_commands);
	struct strings yes = { 0 }, no = { 0 };
	bool *added = xcalloc(g->nr_sources + 1, sizeof(*added));

	for (size_t i = 0; i < reached->nr; i++)
		add_objects_of(g, reached->list[i], added, objects);
	add_open(g, reached, added, objects);
	for (size_t i = 0; i < nr_commands; i++) {
		const char *last = strrchr(commands[i].command, ' ');
		char *path;

		if (!last || !has_reached_option(g, commands[i].command, reached, &yes, &no))
			continue;
		path = source_path(g->in.t, last + 1, strlen(last + 1));
		add_objects_of(g, path, added, objects);
		free(path);
	}
	strings_free(&yes);
	strings_free(&no);
	free(added);
}

static void see(const struct graph *g, struct index *x, size_t file, struct strings *near,
		uint32_t *todo, size_t *nr)
{
	if (x->seen[file])
		return;
	x->seen[file] = true;
	todo[(*nr)++] = (uint32_t)file;
	strings_add(near, g->in.files.list[file]);
}

/* The file that is @path itself, as a unit is. */
static void see_path(const struct graph *g, struct index *x, const char *path, struct strings *near,
		     uint32_t *todo, size_t *nr)
{
	for (uint32_t f = x->buckets[hash_base(path)]; f; f = x->next[f - 1])
		if (!strcmp(g->in.files.list[f - 1], path)) {
			see(g, x, f - 1, near, todo, nr);
			return;
		}
}

/* Everything that the units of @objects include. */
static void collect_near(const struct graph *g, const struct strings *objects, struct strings *near)
{
	static const char *const always[] = {
		"include/linux/kconfig.h", "include/linux/compiler-version.h",
		"include/linux/compiler_types.h",
	};
	uint32_t *todo = xcalloc(g->in.files.nr + 1, sizeof(*todo));
	struct index x = { 0 };
	size_t nr = 0;

	index_files(g, &x);
	for (size_t i = 0; i < 3; i++)
		see_path(g, &x, always[i], near, todo, &nr);
	for (size_t i = 0; i < objects->nr; i++) {
		const char *command = target_command(g->in.t, objects->list[i]), *last;
		char *path;

		last = command ? strrchr(command, ' ') : NULL;
		if (!last)
			continue;
		path = source_path(g->in.t, last + 1, strlen(last + 1));
		see_path(g, &x, path, near, todo, &nr);
		free(path);
	}
	for (size_t i = 0; i < nr; i++)
		for (uint32_t k = x.first[todo[i]]; k < x.first[todo[i] + 1]; k++) {
			const struct include *inc = &g->in.includes[k];
			uint32_t f = x.buckets[hash_base(inc->name)];

			for (; f; f = x.next[f - 1]) {
				const char *path = plain_path(g->in.files.list[f - 1]);

				if (!x.seen[f - 1] && !strcmp(base_name(path), base_name(inc->name)) &&
				    means(g, inc, path))
					see(g, &x, f - 1, near, todo, &nr);
			}
		}
	index_free(&x);
	free(todo);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void close_over(struct graph *g, const struct strings *files, struct strings *todo)
{
	size_t end;

	strings_add_all(todo, files);
	end = todo->nr;
	for (size_t i = 0; i < todo->nr; i++) {
		/* The nearest come first, and those equally near by name: not as readdir() has them. */
		if (i == end) {
			qsort(todo->list + end, todo->nr - end, sizeof(*todo->list), by_name);
			end = todo->nr;
		}
		/* A generated wrapper goes by the path that it is included by. */
		reach(g, plain_path(todo->list[i]), todo);
	}
}

static void graph_free(struct graph *g)
{
	for (size_t i = 0; i < g->nr_sources; i++)
		free(g->sources[i].path);
	free(g->sources);
	free(g->reached);
	include_graph_close(&g->in);
	strings_free(&g->dirs);
}

int includes_closure(const struct target *t, const struct strings *files, struct strings *reached,
		     struct strings *objects, struct strings *near, struct strings *upward, struct klp_err *err)
{
	struct graph g = { .upward = upward };
	int ret = include_graph_open(t, &g.in, err);

	if (ret)
		goto out;
	g.reached = xcalloc(g.in.files.nr + 1, sizeof(*g.reached));
	load_sources(&g);
	if (!ret)
		mark_open(&g);
	if (!ret)
		close_over(&g, files, reached);
	if (!ret)
		collect(&g, reached, objects);
	if (!ret && near)
		collect_near(&g, objects, near);
	if (ret)
		klp_err_sys(err, ret, "includes");
out:
	graph_free(&g);
	return ret;
}

/* The .c file that @inc means: the one beside the including file if there is one, else what any path may end in. */
static void add_part(const struct include_graph *g, const struct include *inc, struct strings *parts)
{
	const char *from = g->files.list[inc->file], *end = inc->name;
	char *beside = format("%.*s%s", (int)(base_name(from) - from), from, inc->name), *src = NULL;

	path_fold(beside);
	src = format("%s/src/%s", g->t->dir, beside);
	while (starts_with(end, "../"))
		end += 3;
	strings_add(parts, access(src, R_OK) ? end : beside);
	free(src);
	free(beside);
}

int includes_parts(const struct target *t, struct strings *parts, struct klp_err *err)
{
	struct include_graph g;
	int ret = include_graph_open(t, &g, err);

	for (size_t i = 0; !ret && i < g.nr_includes; i++)
		if (ends_with(g.includes[i].name, ".c"))
			add_part(&g, &g.includes[i], parts);
	include_graph_close(&g);
	return ret;
}
