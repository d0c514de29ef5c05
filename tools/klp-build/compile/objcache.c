// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * objcache.c - see objcache.h.
 *
 * An object is known by its variant, and a patched one by those files of the
 * fix that the compiler read for it, with their contents: everything else that
 * it read is the pristine tree.  What was read is taken from the compiler's own
 * list of dependencies; a file of the fix that is new counts always, since it
 * may come before one of the list.
 *
 *	NAME.o		the object, NAME as in "net_core_sock_map.patched"
 *	NAME.key	what it was made from; written last
 *	NAME.deps	files that the compiler ever read for it, one a line
 *
 * A cache that can't be written or read costs time, no more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/text.h"
#include "compile.h"
#include "fix/fix.h"
#include "hex.h"
#include "io.h"
#include "objcache.h"
#include "target/target.h"

#define FILE_LIMIT	(16u << 20)

static const char *name_of(const struct job *j)
{
	return strrchr(j->out, '/') + 1;
}

/* "DIR/net_core_sock_map.patched" + @suffix; @variant replaces the name's own if not NULL. */
static char *path_of(const struct build *b, const struct job *j, const char *variant,
		     const char *suffix)
{
	const char *name = name_of(j);
	size_t len = strlen(name) - strlen(".o");

	if (!variant)
		return format("%s/%.*s%s", b->objects, (int)len, name, suffix);
	while (len && name[len - 1] != '.')
		len--;
	return format("%s/%.*s%s%s", b->objects, (int)len, name, variant, suffix);
}

static char *read_all(char *path)
{
	void *text = NULL;
	size_t len;

	if (path && io_read_file(path, FILE_LIMIT, &text, &len, NULL))
		text = NULL;
	free(path);
	return text;
}

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = text; p && (p = strstr(p, line)); p++)
		if ((p == text || p[-1] == '\n') && p[n] == '\n')
			return true;
	return false;
}

/* What the object would be made from, as a digest; NULL: not known yet. */
static char *make_key(const struct build *b, const struct job *j)
{
	bool patched = strstr(name_of(j), ".patched.o");
	char *orig = patched ? read_all(path_of(b, j, "orig", ".deps")) : NULL;
	char *more = patched ? read_all(path_of(b, j, "patched", ".deps")) : NULL;
	char hex[SHA256_HEX_LEN + 1];
	struct text t = { 0 };
	char *all;

	text_addf(&t, "%s\n", patched ? "patched" : "pristine");
	for (size_t i = 0; patched && i < b->fix->nr_files; i++) {
		const struct fix_file *f = &b->fix->files[i];
		char *now;

		if (!f->created && !has_line(orig, f->path) && !has_line(more, f->path))
			continue;
		now = read_all(format("%s/patched/%s", b->workdir, f->path));
		text_addf(&t, "%s %zu\n", f->path, now ? strlen(now) : 0);
		if (now)
			text_add(&t, now, strlen(now));
		free(now);
	}
	all = text_take(&t);
	if (!all || (patched && !orig) || sha256_hex(all, strlen(all), hex)) {
		free(all);
		all = NULL;
	} else {
		free(all);
		all = strdup(hex);
	}
	free(more);
	free(orig);
	return all;
}

static bool key_is(const struct build *b, const struct job *j, const char *key)
{
	char *text = read_all(path_of(b, j, NULL, ".key"));
	bool same = text && !strcmp(text, key);

	free(text);
	return same;
}

bool objcache_get(const struct build *b, const struct job *j)
{
	char *key, *object;
	bool got = false;

	if (!b->objects)
		return false;
	key = make_key(b, j);
	object = path_of(b, j, NULL, ".o");
	if (key && object && key_is(b, j, key)) {
		unlink(j->out);
		got = !link(object, j->out);
		/* Another process may have put another object there meanwhile. */
		if (got && !key_is(b, j, key)) {
			unlink(j->out);
			got = false;
		}
	}
	free(object);
	free(key);
	return got;
}

/* Add the files below @tree of a make rule to @old's lines. */
static char *merge_deps(const char *old, char *rule, const char *tree)
{
	struct text t = { 0 };
	char *save, *word;

	text_add(&t, old ? old : "", old ? strlen(old) : 0);
	for (word = strtok_r(rule, " \\\n", &save); word; word = strtok_r(NULL, " \\\n", &save)) {
		if (!starts_with(word, tree))
			continue;
		word += strlen(tree);
		path_fold(word);
		if (!t.s || !has_line(t.s, word))
			text_addf(&t, "%s\n", word);
	}
	return text_take(&t);
}

/* After "orig" has its list, "patched" only adds to it what is in no pristine tree. */
static bool keep_deps(const struct build *b, const struct job *j)
{
	bool patched = strstr(name_of(j), ".patched.o");
	char *tree = patched ? format("%s/patched/", b->workdir) : format("%s/src/", b->target->dir);
	char *rule = read_all(format("%s.d", j->out)), *path = path_of(b, j, NULL, ".deps");
	char *old = patched ? read_all(path_of(b, j, NULL, ".deps")) : NULL;
	char *deps = rule && tree ? merge_deps(old, rule, tree) : NULL;
	bool kept = deps && path && !io_write_atomic(path, deps, strlen(deps), 0644, NULL);

	free(deps);
	free(old);
	free(path);
	free(rule);
	free(tree);
	return kept;
}

void objcache_put(const struct build *b, const struct job *j)
{
	char *key, *object, *tmp, *key_path;

	if (!b->objects || !keep_deps(b, j))
		return;
	key = make_key(b, j);
	object = path_of(b, j, NULL, ".o");
	key_path = path_of(b, j, NULL, ".key");
	tmp = format("%s.%d", object ? object : "", (int)getpid());
	if (key && object && key_path && tmp) {
		unlink(key_path);
		unlink(tmp);
		if (!link(j->out, tmp) && !rename(tmp, object))
			io_write_atomic(key_path, key, strlen(key), 0644, NULL);
		unlink(tmp);	/* rename() leaves it if both are one file already */
	}
	free(tmp);
	free(key_path);
	free(object);
	free(key);
}
