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
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/build.h"
#include "base/hash.h"
#include "io.h"
#include "search.h"
#include "select.h"
#include "summary.h"
#include "target/target.h"

#define FILE_LIMIT	(64u << 20)
#define KEPT_LIMIT	(64u << 20)

struct include {
	const char *name;	/* "linux/fs.h", as written */
	uint32_t file;		/* the including file */
	uint32_t next;		/* in its bucket, index + 1 */
	bool quoted;
	bool noted;		/* what it may mean in folders that are searched is in graph::upward */
};

struct graph {
	const struct target *t;
	struct strings files;	/* relative to src/, or "obj:..." for generated ones */
	struct strings names;	/* owns include::name */
	struct include *includes;
	size_t nr_includes;
	uint32_t *buckets;	/* by the last component of the name */
	bool *reached;		/* per file */
	struct strings *upward;	/* see includes_closure(); NULL: not needed */
	struct strings dirs;	/* that commands search for what is included, in the tree */
	struct source *sources;	/* of all commands, by path */
	size_t nr_sources;
};

/* A file that is compiled by itself. */
struct source {
	char *path;		/* as in graph::files */
	const char *object;
	bool open;		/* a part of its text is generated later */
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
	return fnv1a_name(base_name(path)) & (NR_BUCKETS - 1);
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
static int scan_define(struct graph *g, const char *s)
{
	size_t name = strcspn(s, " \t\n("), n;
	const char *value = s + name + strspn(s + name, " \t");
	bool trace = memmem(s, name, "INCLUDE_FILE", 12) || is_word(s, "TRACE_SYSTEM");
	char *with_suffix;
	int ret = 0;

	if (*value == '"' || *value == '<') {
		n = strcspn(value + 1, ">\"\n");
		if (n > 2 && value[n - 1] == '.' && strchr("hc", value[n]))
			ret = add_include(g, value + 1, n, false);
	} else if (trace) {
		n = strcspn(value, " \t\n/");
		with_suffix = format("%.*s.h", (int)n, value);
		ret = with_suffix ? add_include(g, with_suffix, n + 2, false) : -ENOMEM;
		free(with_suffix);
	}
	return ret;
}

/* "#if __has_include(<x>)": whether there is such a file matters, too. */
static int scan_condition(struct graph *g, const char *s)
{
	static const char word[] = "__has_include";
	const char *end = s + strcspn(s, "\n");
	int ret = 0;

	while (!ret && (s = memmem(s, (size_t)(end - s), word, strlen(word)))) {
		s += strlen(word);
		s += starts_with(s, "_next") ? strlen("_next") : 0;
		s += strspn(s, " \t(");
		if (*s == '<' || *s == '"')
			ret = add_include(g, s + 1, strcspn(s + 1, ">\"\n"), *s == '"');
	}
	return ret;
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
		if (starts_with(s, "define")) {
			s += strlen("define");
			ret = scan_define(g, s + strspn(s, " \t"));
			continue;
		}
		if (starts_with(s, "if") || starts_with(s, "elif"))
			ret = scan_condition(g, s);
		if (!starts_with(s, "include"))
			continue;
		s += strlen("include");
		s += starts_with(s, "_next") ? strlen("_next") : 0;
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
static int scan_dir(struct graph *g, const char *root, const char *prefix, const char *dir,
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
		else if (de->d_type == DT_DIR && !is_left_out(rel))
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
static int scan_all(struct graph *g, struct klp_err *err)
{
	char *src = format("%s/src", g->t->dir), *obj = format("%s/obj", g->t->dir);
	int ret = src && obj ? 0 : klp_err_sys(err, -ENOMEM, "includes");

	if (!ret)
		ret = scan_dir(g, src, "", "", err);
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
static char *kept_path(const struct graph *g)
{
	return format("%s/include-graph-2", g->t->dir);
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

	if (inc->quoted && !strstr(inc->name, "./")) {
		char *beside = format("%s/src/%.*s%s", g->t->dir, (int)dir, from, inc->name);
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
static int find_dirs(struct graph *g)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(g->t, &nr_commands);
	char *src = format("%s/src/", g->t->dir);
	int ret = src ? 0 : -ENOMEM;

	for (size_t i = 0; i < nr_commands && !ret; i++)
		for (const char *s = commands[i].command; (s = strstr(s, " -I")) && !ret;) {
			char *dir;

			s += 3;
			s += *s == ' ';
			if (!starts_with(s, src))
				continue;
			dir = strndup(s + strlen(src), strcspn(s, " ") - strlen(src));
			if (dir)
				path_fold(dir);
			if (!dir)
				ret = -ENOMEM;
			else if (*dir && !strings_have(&g->dirs, dir))
				ret = strings_add(&g->dirs, dir);
			free(dir);
		}
	free(src);
	return ret;
}

static bool is_in_tree(const struct graph *g, const char *path, size_t len)
{
	char *full = format("%s/src/%.*s", g->t->dir, (int)len, path);
	bool there = !full || !access(full, F_OK);

	free(full);
	return there;
}

/* Where @dir and "../x.h" lead; NULL: no memory. */
static char *join(const char *dir, size_t len, const char *name)
{
	return format("%.*s%s%s", (int)len, dir, len ? "/" : "", name);
}

static int add_upward(struct graph *g, const char *path)
{
	return strings_have(g->upward, path) ? 0 : strings_add(g->upward, path);
}

/* Not beside the including file: from each folder that is searched, and that has such a one. */
static int note_searched(struct graph *g, const char *name)
{
	int ret = g->dirs.nr ? 0 : find_dirs(g);

	for (size_t i = 0; i < g->dirs.nr && !ret; i++) {
		char *path = join(g->dirs.list[i], strlen(g->dirs.list[i]), name);

		ret = !path ? -ENOMEM : is_in_tree(g, path, (size_t)(base_name(path) - path)) ? add_upward(g, path) : 0;
		free(path);
	}
	return ret;
}

/* @inc goes through ".." and may mean @path. */
static int note_upward(struct graph *g, struct include *inc, const char *path)
{
	const char *from = g->files.list[inc->file], *base = base_name(from);
	char *beside = join(from, base > from ? (size_t)(base - from) - 1 : 0, inc->name), *folded = beside ? strdup(beside) : NULL;
	int ret = folded ? 0 : -ENOMEM;

	if (folded)
		path_fold(folded);
	if (!ret && inc->quoted && !strcmp(folded, path)) {
		ret = add_upward(g, beside);
	} else if (!ret && !inc->noted) {
		inc->noted = true;
		if (!inc->quoted || !is_in_tree(g, beside, strlen(beside)))
			ret = note_searched(g, inc->name);
	}
	free(folded);
	free(beside);
	return ret;
}

/* Header @path changed: everything that includes it is reached too. */
static int reach(struct graph *g, const char *path, struct strings *todo)
{
	for (uint32_t i = g->buckets[hash_base(path)]; i; i = g->includes[i - 1].next) {
		struct include *inc = &g->includes[i - 1];

		if (strcmp(base_name(inc->name), base_name(path)))
			continue;
		if (g->upward && strstr(inc->name, "../") && note_upward(g, inc, path))
			return -ENOMEM;
		if (g->reached[inc->file] || !means(g, inc, path))
			continue;
		g->reached[inc->file] = true;
		if (strings_add(todo, g->files.list[inc->file]))
			return -ENOMEM;
	}
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->path, ((const struct source *)b)->path);
}

/* "/cache/KREL/src/arch/x86/kvm/../../../virt/kvm/kvm_main.c", "drivers/tty/vt/defkeymap.c": as in graph::files. */
static char *source_path(const struct target *t, const char *word, size_t len)
{
	char *src = format("%s/src/", t->dir), *obj = format("%s/obj/", t->dir), *path = NULL;

	if (src && obj && !strncmp(word, src, strlen(src)))
		path = format("%.*s", (int)(len - strlen(src)), word + strlen(src));
	else if (src && obj && !strncmp(word, obj, strlen(obj)))
		path = format("obj:%.*s", (int)(len - strlen(obj)), word + strlen(obj));
	else if (src && obj)
		path = format("obj:%.*s", (int)len, word);
	if (path)
		path_fold(path);
	free(obj);
	free(src);
	return path;
}

static int load_sources(struct graph *g)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(g->t, &nr_commands);
	size_t products = 0;

	while (by_product(products))
		products++;
	g->sources = calloc(nr_commands + products + 1, sizeof(*g->sources));
	if (!g->sources)
		return -ENOMEM;
	for (size_t i = 0; i < nr_commands; i++) {
		const char *last = strrchr(commands[i].command, ' ');
		struct source *s = &g->sources[g->nr_sources];

		if (!last)
			continue;
		s->path = source_path(g->t, last + 1, strlen(last + 1));
		s->object = commands[i].object;
		if (!s->path)
			return -ENOMEM;
		g->nr_sources++;
	}
	for (size_t i = 0; by_product(i); i++) {
		if (!target_command(g->t, by_product(i)->like))
			continue;
		g->sources[g->nr_sources].path = strdup(by_product(i)->source);
		g->sources[g->nr_sources].object = by_product(i)->object;
		if (!g->sources[g->nr_sources++].path)
			return -ENOMEM;
	}
	qsort(g->sources, g->nr_sources, sizeof(*g->sources), by_path);
	return 0;
}

/* The first source of that path; others of it follow. */
static const struct source *find_source(const struct graph *g, const char *path)
{
	size_t low = lower_bound(g->nr_sources, i, strcmp(g->sources[i].path, path) < 0);

	return low < g->nr_sources && !strcmp(g->sources[low].path, path) ? &g->sources[low] : NULL;
}

/* Has the command "-include" of a file that is reached?  Most have the same three, so the last answers are kept. */
static int has_reached_option(const struct graph *g, const char *command, const struct strings *reached,
			      struct strings *yes, struct strings *no, bool *has)
{
	static const char option[] = " -include ";

	*has = false;
	for (const char *s = command; (s = strstr(s, option)) && !*has;) {
		char *path;
		int ret = 0;

		s += strlen(option);
		path = source_path(g->t, s, strcspn(s, " "));
		if (!path)
			return -ENOMEM;
		*has = strings_have(yes, path);
		if (!*has && !strings_have(no, path)) {
			*has = strings_have(reached, path);
			ret = strings_add(*has ? yes : no, path);
		}
		free(path);
		if (ret)
			return ret;
	}
	return 0;
}

static int add_objects_of(const struct graph *g, const char *path, bool *added, struct strings *objects)
{
	const struct source *s = find_source(g, path);
	int ret = 0;

	for (; s && s < g->sources + g->nr_sources && !strcmp(s->path, path) && !ret; s++) {
		if (added[s - g->sources])
			continue;
		added[s - g->sources] = true;
		ret = strings_add(objects, s->object);
	}
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
		if (!strcmp(base_name(plain_path(g->files.list[f - 1])), base))
			return true;
	return false;
}

/*
 * A source that isn't there before it is needed, or that includes such a file, may include more
 * than the text tells: headers that all can see, or those of its folder.
 */
static int mark_open(struct graph *g)
{
	struct index x = { 0 };
	int ret = index_files(g, &x);

	for (size_t i = 0; i < g->nr_sources && !ret; i++)
		g->sources[i].open = !by_product_of(g->sources[i].object);
	for (size_t i = 0; i < g->files.nr && !ret; i++) {
		const struct source *s = find_source(g, g->files.list[i]);

		for (size_t k = s ? (size_t)(s - g->sources) : g->nr_sources;
		     k < g->nr_sources && !strcmp(g->sources[k].path, g->files.list[i]); k++)
			g->sources[k].open = false;
	}
	for (size_t i = 0; i < g->nr_includes && !ret; i++) {
		const struct include *inc = &g->includes[i];
		struct source *s;

		if (is_there(g, &x, base_name(inc->name)))
			continue;
		s = (struct source *)find_source(g, g->files.list[inc->file]);
		for (; s && s < g->sources + g->nr_sources && !strcmp(s->path, g->files.list[inc->file]); s++)
			s->open = true;
	}
	index_free(&x);
	return ret;
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

static int add_open(const struct graph *g, const struct strings *reached, bool *added, struct strings *objects)
{
	int ret = 0;

	for (size_t i = 0; i < g->nr_sources && !ret; i++)
		for (size_t k = 0; k < reached->nr && g->sources[i].open && !added[i]; k++) {
			if (!sees(&g->sources[i], reached->list[k]))
				continue;
			added[i] = true;
			ret = strings_add(objects, g->sources[i].object);
		}
	return ret;
}

static int collect(const struct graph *g, const struct strings *reached, struct strings *objects)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(g->t, &nr_commands);
	struct strings yes = { 0 }, no = { 0 };
	bool *added = calloc(g->nr_sources + 1, sizeof(*added));
	int ret = added ? 0 : -ENOMEM;

	for (size_t i = 0; i < reached->nr && !ret; i++)
		ret = add_objects_of(g, reached->list[i], added, objects);
	if (!ret)
		ret = add_open(g, reached, added, objects);
	for (size_t i = 0; i < nr_commands && !ret; i++) {
		const char *last = strrchr(commands[i].command, ' ');
		char *path;
		bool has;

		ret = has_reached_option(g, commands[i].command, reached, &yes, &no, &has);
		if (ret || !has || !last)
			continue;
		path = source_path(g->t, last + 1, strlen(last + 1));
		ret = path ? add_objects_of(g, path, added, objects) : -ENOMEM;
		free(path);
	}
	strings_free(&yes);
	strings_free(&no);
	free(added);
	return ret;
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
		const char *command = target_command(g->t, objects->list[i]), *last;
		char *path;

		last = command ? strrchr(command, ' ') : NULL;
		if (!last)
			continue;
		path = source_path(g->t, last + 1, strlen(last + 1));

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
	index_free(&x);
	free(todo);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int close_over(struct graph *g, const struct strings *files, struct strings *todo)
{
	size_t end;
	int ret = 0;

	for (size_t i = 0; i < files->nr && !ret; i++)
		ret = strings_add(todo, files->list[i]);
	end = todo->nr;
	for (size_t i = 0; i < todo->nr && !ret; i++) {
		/* The nearest come first, and those equally near by name: not as readdir() has them. */
		if (i == end) {
			qsort(todo->list + end, todo->nr - end, sizeof(*todo->list), by_name);
			end = todo->nr;
		}
		/* A generated wrapper goes by the path that it is included by. */
		ret = reach(g, plain_path(todo->list[i]), todo);
	}
	return ret;
}

static void graph_free(struct graph *g)
{
	for (size_t i = 0; i < g->nr_sources; i++)
		free(g->sources[i].path);
	free(g->sources);
	free(g->reached);
	free(g->buckets);
	free(g->includes);
	strings_free(&g->files);
	strings_free(&g->names);
	strings_free(&g->dirs);
}

int includes_closure(const struct target *t, const struct strings *files, struct strings *reached,
		     struct strings *objects, struct strings *near, struct strings *upward, struct klp_err *err)
{
	struct graph g = { .t = t, .upward = upward };
	int ret;

	g.buckets = calloc(NR_BUCKETS, sizeof(*g.buckets));
	ret = g.buckets ? load_graph(&g, err) : klp_err_sys(err, -ENOMEM, "includes");
	if (ret)
		goto out;
	g.reached = calloc(g.files.nr + 1, sizeof(*g.reached));
	ret = g.reached ? load_sources(&g) : -ENOMEM;
	if (!ret)
		ret = mark_open(&g);
	if (!ret)
		ret = close_over(&g, files, reached);
	if (!ret)
		ret = collect(&g, reached, objects);
	if (!ret && near)
		ret = collect_near(&g, objects, near);
	if (ret)
		klp_err_sys(err, ret, "includes");
out:
	graph_free(&g);
	return ret;
}

/* The .c file that @inc means: the one beside the including file if there is one, else what any path may end in. */
static int add_part(const struct graph *g, const struct include *inc, struct strings *parts)
{
	const char *from = g->files.list[inc->file], *end = inc->name;
	char *beside = format("%.*s%s", (int)(base_name(from) - from), from, inc->name), *src = NULL;
	int ret = -ENOMEM;

	if (beside) {
		path_fold(beside);
		src = format("%s/src/%s", g->t->dir, beside);
	}
	while (starts_with(end, "../"))
		end += 3;
	if (src)
		ret = strings_add(parts, access(src, R_OK) ? end : beside);
	free(src);
	free(beside);
	return ret;
}

int includes_parts(const struct target *t, struct strings *parts, struct klp_err *err)
{
	struct graph g = { .t = t };
	int ret;

	g.buckets = calloc(NR_BUCKETS, sizeof(*g.buckets));
	ret = g.buckets ? load_graph(&g, err) : klp_err_sys(err, -ENOMEM, "includes");
	for (size_t i = 0; !ret && i < g.nr_includes; i++)
		if (ends_with(g.includes[i].name, ".c"))
			ret = add_part(&g, &g.includes[i], parts) ? klp_err_sys(err, -ENOMEM, "includes") : 0;
	graph_free(&g);
	return ret;
}
