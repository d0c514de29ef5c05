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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "cscan.h"
#include "io.h"
#include "names_priv.h"
#include "select.h"
#include "target.h"

#define FILE_LIMIT	(8u << 20)
#define MAX_SEEDS	3000	/* task_struct, sk_buff: most units name one of so many, and it takes minutes to tell */

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

bool names_is_keyword(const char *id, size_t len)
{
	static const char *const words[] = {
		"bool", "char", "const", "double", "enum", "extern", "float", "inline", "int", "long",
		"short", "signed", "s16", "s32", "s64", "s8", "size_t", "static", "struct", "typedef",
		"u16", "u32", "u64", "u8", "union", "unsigned", "void", "volatile", "NULL", "true",
		"false", "__always_inline",
		"break", "case", "continue", "default", "do", "else", "for", "goto", "if", "return", "sizeof",
		"switch", "typeof", "while",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(id, len, words[i]))
			return true;
	return false;
}

int names_add(struct names *n, const char *name, size_t len)
{
	char **slot;

	if (names_is_keyword(name, len))
		return 0;
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

static int compare_file(const struct build *b, struct names *n, const char *path, struct klp_err *err)
{
	char *old_path = format("%s/src/%s", b->target->dir, path);
	char *new_path = format("%s/patched/%s", b->workdir, path);
	void *old = NULL, *new = NULL;
	size_t len;
	int ret = old_path && new_path ? io_read_file(old_path, FILE_LIMIT, &old, &len, err) :
					 klp_err_sys(err, -ENOMEM, "names");

	/* One that is removed has nothing in it. */
	if (!ret && !access(new_path, F_OK))
		ret = io_read_file(new_path, FILE_LIMIT, &new, &len, err);
	n->path = path;
	if (!ret && names_compare(n, old, new ? new : ""))
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

static bool is_pasted(const struct names *n, const char *id, size_t len)
{
	for (size_t i = 0; i < n->pasted.nr; i++) {
		const char *part = n->pasted.list[i];
		size_t m = strlen(part);

		if (m < len && (!memcmp(id, part, m) || !memcmp(id + len - m, part, m)))
			return true;
	}
	return false;
}

static bool mentions(const struct names *n, const char *text, size_t from, size_t to)
{
	const char *id;
	size_t len;

	while ((id = c_identifier(text, to, &from, &len)))
		if (set_has(&n->seeds, id, len) || (n->pasted.nr && is_pasted(n, id, len)))
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
		    names_is_forward(s->text, &pieces[i]))
			continue;
		/* A trace event is code of who defines CREATE_TRACE_POINTS and includes it. */
		if (s->listed && !s->hot && (names_is_function(s->text, &pieces[i]) ||
					     names_is_invocation(s->text, &pieces[i])))
			s->hot = n->grew = true;
		ret = names_declare(n, s->text, &pieces[i]);
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

static int load_sources(const struct build *b, struct names *n, const struct strings *through,
			const struct strings *near)
{
	char *root = format("%s/src", b->target->dir);
	int ret = root ? 0 : -ENOMEM;

	/* Generated ones only include others. */
	for (size_t i = 0; i < near->nr && !ret; i++)
		if (!starts_with(near->list[i], "obj:"))
			ret = add_source(n, root, near->list[i], strings_have(through, near->list[i]));
	free(root);
	return ret;
}

int names_filter(const struct build *b, const struct strings *files, const struct strings *through,
		 const struct strings *near, struct strings *objects, struct layouts *layouts,
		 struct klp_err *err)
{
	struct names n = { .layouts = layouts };
	int ret = 0;

	for (size_t i = 0; i < files->nr && !ret; i++)
		ret = compare_file(b, &n, files->list[i], err);
	if (ret || n.everything)
		goto out;
	ret = load_sources(b, &n, through, near);
	do {
		n.grew = false;
		for (size_t i = 0; i < n.nr_sources && !ret; i++)
			ret = spread(&n, &n.sources[i]);
		n.everything = n.seeds.nr > MAX_SEEDS;
	} while (!ret && n.grew && !n.everything);
	if (!ret && !n.everything)
		ret = keep_objects(b, &n, objects);
	if (ret)
		klp_err_sys(err, ret, "names");
	report_verbose(b->report, "%zu names stand for the change in headers", n.seeds.nr);
out:
	for (size_t i = 0; i < n.seeds.nr_slots; i++)
		free(n.seeds.slots[i]);
	free(n.seeds.slots);
	strings_free(&n.pasted);
	for (size_t i = 0; i < n.nr_sources; i++) {
		free(n.sources[i].path);
		free(n.sources[i].text);
	}
	free(n.sources);
	return ret;
}
