// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names.c - of the units that include a changed header, those that can notice.
 *
 * A unit whose source names neither what changed in the header (a function, a
 * macro, a type) nor anything of a header whose definition names it, and so
 * on, compiles to the same code.  linux/fs.h is included by 3,000 units; a new
 * inline function in it is named by a handful.
 *
 * Names are enough for inline functions, macros and types.  Files that define
 * more than that (a .c that others include, a header with a real function)
 * count as part of the unit that includes them: they are "hot" if they name it.
 */
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build.h"
#include "cscan.h"
#include "io.h"
#include "select.h"
#include "target.h"

#define FILE_LIMIT	(8u << 20)

struct set {
	char **slots;
	size_t nr_slots, nr;
};

struct source {
	char *path;	/* relative to the tree */
	char *text;
	size_t len;
	bool hot;
	bool listed;	/* in @through: a unit includes it */
};

struct names {
	struct set seeds;
	struct source *sources;	/* all headers, and what else lies between */
	size_t nr_sources;
	bool everything;	/* something changed that has no name */
	bool grew;
};

static uint64_t hash_bytes(uint64_t h, const char *s, size_t len)
{
	while (len--)
		h = (h ^ (uint8_t)*s++) * 1099511628211ull;
	return h;
}

#define HASH_START	14695981039346656037ull

static char **set_slot(const struct set *s, const char *name, size_t len)
{
	size_t i = hash_bytes(HASH_START, name, len) & (s->nr_slots - 1);

	while (s->slots[i] && (strncmp(s->slots[i], name, len) || s->slots[i][len]))
		i = (i + 1) & (s->nr_slots - 1);
	return &s->slots[i];
}

static bool set_has(const struct set *s, const char *name, size_t len)
{
	return s->nr && *set_slot(s, name, len);
}

static int set_grow(struct set *s)
{
	struct set big = { .nr_slots = s->nr_slots ? 2 * s->nr_slots : 256, .nr = s->nr };

	big.slots = calloc(big.nr_slots, sizeof(*big.slots));
	if (!big.slots)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr_slots; i++)
		if (s->slots[i])
			*set_slot(&big, s->slots[i], strlen(s->slots[i])) = s->slots[i];
	free(s->slots);
	*s = big;
	return 0;
}

static int add_seed(struct names *n, const char *name, size_t len)
{
	char **slot;

	if (2 * n->seeds.nr >= n->seeds.nr_slots && set_grow(&n->seeds))
		return -ENOMEM;
	slot = set_slot(&n->seeds, name, len);
	if (*slot)
		return 0;
	*slot = strndup(name, len);
	n->seeds.nr++;
	n->grew = true;
	return *slot ? 0 : -ENOMEM;
}

static bool is_word(const char *id, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(id, word, len);
}

/* The identifiers of an enum's braces: enumerators, and what their values name. */
static int add_all(struct names *n, const char *text, size_t from, size_t to)
{
	const char *id;
	size_t len;

	while ((id = c_identifier(text, to, &from, &len)))
		if (add_seed(n, id, len))
			return -ENOMEM;
	return 0;
}

/*
 * What a piece declares: a macro's name; what stands before a '(' outside of
 * all brackets; else a tag before a '{' and the last word before ';', '=', '['.
 */
static int add_declared(struct names *n, const char *text, const struct c_piece *p)
{
	size_t end = p->body ? p->body : p->end, pos = p->start, len, at = p->start;
	size_t last_len = 0;
	int braces = 0, parens = 0;
	bool is_enum = false, named = false;
	const char *id, *last = NULL;

	if (p->macro) {
		c_identifier(text, end, &pos, &len);	/* "define" */
		id = c_identifier(text, end, &pos, &len);
		return id ? add_seed(n, id, len) : 0;
	}
	while ((id = c_identifier(text, end, &pos, &len))) {
		const char *after = text + pos;

		for (; at < (size_t)(id - text); at++) {
			braces += (text[at] == '{') - (text[at] == '}');
			parens += (text[at] == '(') - (text[at] == ')');
		}
		at = pos;
		if (braces || parens)
			continue;
		if (is_word(id, len, "enum"))
			is_enum = true;
		after += strspn(after, " \t\n");
		if ((*after == '(' && after < text + end) || *after == '{') {
			named = true;
			if (add_seed(n, id, len))
				return -ENOMEM;
		}
		last = id;
		last_len = len;
	}
	if (!named && last && add_seed(n, last, last_len))
		return -ENOMEM;
	return is_enum && !p->body ? add_all(n, text, p->start, p->end) : 0;
}

/* "struct foo;" makes no code. */
static bool is_forward(const char *text, const struct c_piece *p)
{
	return !memchr(text + p->start, '{', p->end - p->start) &&
	       !memchr(text + p->start, '(', p->end - p->start) &&
	       (starts_with(text + p->start, "struct ") || starts_with(text + p->start, "union ")) &&
	       !memchr(text + p->start, '*', p->end - p->start) &&
	       !memchr(text + p->start, '[', p->end - p->start);
}

/* A function that a unit gets by including the file, without naming it. */
static bool is_real_function(const char *text, const struct c_piece *p)
{
	return p->body && !memmem(text + p->start, p->body - p->start, "inline", 6);
}

/* Digest without blanks and comments, so that moved and re-indented pieces are the same. */
static uint64_t digest(const char *text, size_t from, size_t to)
{
	uint64_t h = HASH_START;

	while (from < to) {
		if (from + 1 < to && text[from] == '/' && text[from + 1] == '*') {
			const char *e = memmem(text + from + 2, to - from - 2, "*/", 2);

			from = e ? (size_t)(e - text) + 2 : to;
			continue;
		}
		if (!strchr(" \t\n\r", text[from]))
			h = hash_bytes(h, text + from, 1);
		from++;
	}
	return h;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

#define MAX_IFS	64	/* nesting of #if; deeper ones count as the last */

/*
 * What #if, #ifdef, #elif and #else have to be true at the beginning of each piece,
 * as a digest: a piece that moves into or out of an #if has changed.
 */
static void conditions(const char *text, const struct c_piece *p, size_t nr, uint64_t *out)
{
	uint64_t stack[MAX_IFS + 1] = { HASH_START };
	size_t depth = 0, k = 0;

	for (const char *l = text; *l; l += strcspn(l, "\n"), l += *l == '\n') {
		const char *s = l + strspn(l, " \t");

		for (; k < nr && p[k].start < (size_t)(l - text); k++)
			out[k] = stack[depth];
		if (*s++ != '#')
			continue;
		s += strspn(s, " \t");
		if (starts_with(s, "endif")) {
			depth -= depth > 0;
		} else if (starts_with(s, "if")) {
			depth += depth < MAX_IFS;
			stack[depth] = hash_bytes(stack[depth - 1], s, strcspn(s, "\n"));
		} else if (starts_with(s, "el")) {
			stack[depth] = hash_bytes(stack[depth], s, strcspn(s, "\n"));
		}
	}
	for (; k < nr; k++)
		out[k] = stack[depth];
}

/* A digest a piece: its text and the conditions that it stands under; NULL: no memory. */
static uint64_t *digests(const char *text, const struct c_piece *p, size_t nr)
{
	uint64_t *list = calloc(nr + 1, sizeof(*list));

	if (!list)
		return NULL;
	conditions(text, p, nr, list);
	for (size_t i = 0; i < nr; i++)
		list[i] ^= digest(text, p[i].start, p[i].end);
	return list;
}

/* Seeds for the pieces of @a that @b doesn't have. */
static int add_missing(struct names *n, const char *a, const struct c_piece *pa, size_t na,
		       const char *b, const struct c_piece *pb, size_t nb)
{
	uint64_t *have = digests(b, pb, nb), *mine = digests(a, pa, na);
	int ret = have && mine ? 0 : -ENOMEM;

	if (!ret)
		qsort(have, nb, sizeof(*have), by_value);
	for (size_t i = 0; i < na && !ret; i++) {
		if (bsearch(&mine[i], have, nb, sizeof(*have), by_value) || is_forward(a, &pa[i]))
			continue;
		n->everything |= is_real_function(a, &pa[i]);
		ret = add_declared(n, a, &pa[i]);
	}
	free(mine);
	free(have);
	return ret;
}

/* Digest of the directives that act on what stands behind them, whatever its name. */
static uint64_t directives(const char *text)
{
	uint64_t h = HASH_START;

	for (const char *l = text; l; l = strchr(l, '\n')) {
		const char *s;

		l += *l == '\n';
		s = l + strspn(l, " \t");
		if (*s != '#')
			continue;
		s++;
		s += strspn(s, " \t");
		if (starts_with(s, "undef") || starts_with(s, "pragma"))
			h = hash_bytes(h, s, strcspn(s, "\n"));
	}
	return h;
}

static int compare_texts(struct names *n, const char *old, const char *new)
{
	struct c_piece *po = NULL, *pn = NULL;
	size_t no = 0, nn = 0;
	int ret = c_scan(old, strlen(old), &po, &no);

	if (!ret)
		ret = c_scan(new, strlen(new), &pn, &nn);
	if (!ret)
		ret = add_missing(n, old, po, no, new, pn, nn);
	if (!ret)
		ret = add_missing(n, new, pn, nn, old, po, no);
	n->everything |= directives(old) != directives(new);
	free(po);
	free(pn);
	return ret;
}

static int compare_file(const struct build *b, struct names *n, const char *path, struct klp_err *err)
{
	char *old_path = format("%s/src/%s", b->target->dir, path);
	char *new_path = format("%s/patched/%s", b->workdir, path);
	void *old = NULL, *new = NULL;
	size_t len;
	int ret = old_path && new_path ? io_read_file(old_path, FILE_LIMIT, &old, &len, err) :
					 klp_err_sys(err, -ENOMEM, "names");

	if (!ret)
		ret = io_read_file(new_path, FILE_LIMIT, &new, &len, err);
	if (!ret && compare_texts(n, old, new))
		ret = klp_err_sys(err, -ENOMEM, "names");
	/* A .c that is included is code of its units, whatever they name. */
	n->everything |= ends_with(path, ".c");
	free(new);
	free(old);
	free(new_path);
	free(old_path);
	return ret;
}

static int add_source(struct names *n, const char *root, const char *path, bool listed)
{
	char *full = format("%s/%s", root, path);
	struct source *list;
	void *text;
	size_t len;
	int ret = full ? io_read_file(full, FILE_LIMIT, &text, &len, NULL) : -ENOMEM;

	free(full);
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	if (!(n->nr_sources & (n->nr_sources - 1))) {
		list = realloc(n->sources, (n->nr_sources ? 2 * n->nr_sources : 1) * sizeof(*list));
		if (!list) {
			free(text);
			return -ENOMEM;
		}
		n->sources = list;
	}
	n->sources[n->nr_sources] = (struct source){ strdup(path), text, len, false, listed };
	return n->sources[n->nr_sources++].path ? 0 : -ENOMEM;
}

static bool mentions(const struct names *n, const char *text, size_t from, size_t to)
{
	const char *id;
	size_t len;

	while ((id = c_identifier(text, to, &from, &len)))
		if (set_has(&n->seeds, id, len))
			return true;
	return false;
}

/* Does the text include a hot file (by its last component)? */
static bool includes_hot(const struct names *n, const char *text, size_t len)
{
	for (size_t i = 0; i < n->nr_sources; i++) {
		const char *path = n->sources[i].path, *slash = strrchr(path, '/');
		const char *base = slash ? slash + 1 : path, *hit = text;

		if (!n->sources[i].hot)
			continue;
		while ((hit = memmem(hit, len - (size_t)(hit - text), base, strlen(base)))) {
			char before = hit > text ? hit[-1] : 0, after = hit[strlen(base)];

			if ((before == '"' || before == '/' || before == '<') &&
			    (after == '"' || after == '>'))
				return true;
			hit++;
		}
	}
	return false;
}

/* One round over one file: new seeds, or it turns hot. */
static int spread(struct names *n, struct source *s)
{
	bool is_c = ends_with(s->path, ".c");
	struct c_piece *pieces;
	size_t nr;
	int ret;

	if (s->listed && !s->hot && ((is_c && mentions(n, s->text, 0, s->len)) ||
				     includes_hot(n, s->text, s->len)))
		s->hot = n->grew = true;
	if (is_c || !mentions(n, s->text, 0, s->len))
		return 0;
	ret = c_scan(s->text, s->len, &pieces, &nr);
	if (ret)
		return ret;
	for (size_t i = 0; i < nr && !ret; i++) {
		if (!mentions(n, s->text, pieces[i].start, pieces[i].end) ||
		    is_forward(s->text, &pieces[i]))
			continue;
		if (s->listed && !s->hot && is_real_function(s->text, &pieces[i]))
			s->hot = n->grew = true;
		ret = add_declared(n, s->text, &pieces[i]);
	}
	free(pieces);
	return ret;
}

static int keep_objects(const struct build *b, const struct names *n, struct strings *objects)
{
	char *root = format("%s/src", b->target->dir);
	size_t kept = 0;

	for (size_t i = 0; i < objects->nr; i++) {
		char *object = objects->list[i];
		char *path = format("%s/%.*s.c", root ? root : "", (int)strlen(object) - 2, object);
		void *text = NULL;
		size_t len = 0;
		bool keep = !path || io_read_file(path, FILE_LIMIT, &text, &len, NULL) ||
			    mentions(n, text, 0, len) || includes_hot(n, text, len);

		if (keep)
			objects->list[kept++] = object;
		else
			free(object);
		free(text);
		free(path);
	}
	objects->nr = kept;
	free(root);
	return 0;
}

/* For collect_header(): nftw() has no argument to pass. */
static struct names *walk_names;
static const char *walk_root;

static int collect_header(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (flag != FTW_F || !ends_with(path, ".h"))
		return 0;
	return add_source(walk_names, walk_root, path + strlen(walk_root) + 1, false);
}

static int load_sources(const struct build *b, struct names *n, const struct strings *through)
{
	static const char *const trees[] = { "include", "arch/x86/include" };
	char *root = format("%s/src", b->target->dir);
	int ret = root ? 0 : -ENOMEM;

	walk_names = n;
	walk_root = root;
	for (size_t i = 0; i < 2 && !ret; i++) {
		char *tree = format("%s/%s", root, trees[i]);

		ret = tree && !nftw(tree, collect_header, 32, FTW_PHYS) ? 0 : -ENOMEM;
		free(tree);
	}
	for (size_t i = 0; i < through->nr && !ret; i++)
		/* Those of include/ are there already; generated ones only include others. */
		if (!starts_with(through->list[i], "include/") && !starts_with(through->list[i], "obj:") &&
		    !starts_with(through->list[i], "arch/x86/include/"))
			ret = add_source(n, root, through->list[i], true);
	free(root);
	return ret;
}

int names_filter(const struct build *b, const struct strings *files, const struct strings *through,
		 struct strings *objects, struct klp_err *err)
{
	struct names n = { 0 };
	int ret = 0;

	for (size_t i = 0; i < files->nr && !ret; i++)
		ret = compare_file(b, &n, files->list[i], err);
	if (ret || n.everything)
		goto out;
	ret = load_sources(b, &n, through);
	do {
		n.grew = false;
		for (size_t i = 0; i < n.nr_sources && !ret; i++)
			ret = spread(&n, &n.sources[i]);
	} while (!ret && n.grew);
	if (!ret)
		ret = keep_objects(b, &n, objects);
	if (ret)
		klp_err_sys(err, ret, "names");
	report_verbose(b->report, "%zu names stand for the change in headers", n.seeds.nr);
out:
	for (size_t i = 0; i < n.seeds.nr_slots; i++)
		free(n.seeds.slots[i]);
	free(n.seeds.slots);
	for (size_t i = 0; i < n.nr_sources; i++) {
		free(n.sources[i].path);
		free(n.sources[i].text);
	}
	free(n.sources);
	return ret;
}
