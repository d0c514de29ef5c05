// SPDX-License-Identifier: GPL-2.0-or-later
/* package_join.c - which changes of an update stay out when all together don't go in. */
#include <stdlib.h>
#include <string.h>

#include "package.h"

bool change_taken(json_t *change)
{
	return json_object_size(json_object_get(change, "picked")) > 0;
}

void change_drop(json_t *change, const char *why)
{
	json_object_set_new(change, "outcome", json_string("refused"));
	json_object_set_new(change, "why", json_string(why));
	json_object_clear(json_object_get(change, "picked"));
}

/* Is it this change that the refusal (or a compiler's message) is about? */
static bool is_about(json_t *change, const char *file, const char *text)
{
	const char *path = json_string_value(json_object_get(change, "file"));

	if (file && *file)
		return !strcmp(file, path) || json_object_get(json_object_get(change, "picked"), file);
	return text && strstr(text, path);
}

/* Take out what the verdict on all together names; how many changes. */
static size_t drop_named(json_t *changes, json_t *v)
{
	const char *message = json_string_value(json_object_get(v, "message"));
	size_t i, k, dropped = 0;
	json_t *c, *r;

	json_array_foreach(changes, i, c) {
		if (!change_taken(c))
			continue;
		json_array_foreach(json_object_get(v, "refusals"), k, r) {
			const char *why = json_string_value(json_object_get(r, "why"));
			const char *file = json_string_value(json_object_get(r, "file"));

			if (change_taken(c) && is_about(c, file, why)) {
				change_drop(c, why);
				dropped++;
			}
		}
		if (change_taken(c) && message && is_about(c, NULL, message)) {
			change_drop(c, message);
			dropped++;
		}
	}
	return dropped;
}

/*
 * The verdict names none of them: those go that have brought changes of other files along, which
 * is where two that are right by themselves can't both be.
 */
static size_t drop_companions(json_t *changes, json_t *v)
{
	json_t *first = json_array_get(json_object_get(v, "refusals"), 0), *c;
	const char *said = json_string_value(json_object_get(first ? first : v, first ? "why" : "message"));
	char *why = format("with the other changes, not by itself: %s", said ? said : "it doesn't build");
	size_t i, dropped = 0;

	json_array_foreach(changes, i, c) {
		if (json_object_size(json_object_get(c, "picked")) < 2)
			continue;
		change_drop(c, why ? why : "it doesn't go with the other changes");
		dropped++;
	}
	free(why);
	return dropped;
}

size_t changes_drop(json_t *changes, json_t *verdict)
{
	size_t dropped = drop_named(changes, verdict);

	return dropped ? dropped : drop_companions(changes, verdict);
}

/* What stays as it is, though the update changes it. */
struct left_out {
	json_t *shared;		/* name: its file */
	json_t *local;		/* file: {name: file}, known there alone */
};

static void note_left_out(const struct pkg *p, struct left_out *l, json_t *change, const char *name)
{
	json_t *path = json_object_get(change, "file"), *names = l->shared;
	const char *file = json_string_value(path);
	const struct pkg_file *f = pkg_find(p, file);
	enum pkg_scope scope = f ? pkg_scope(f, name) : PKG_SHARED;

	/* What uses a member that doesn't come hasn't compiled. */
	if (scope == PKG_TYPE)
		return;
	if (scope == PKG_LOCAL) {
		names = json_object_get(l->local, file);
		if (!names) {
			names = json_object();
			json_object_set_new(l->local, file, names);
		}
	}
	json_object_set(names, name, path);
}

static void refused_pieces(const struct pkg *pkg, json_t *changes, struct left_out *l)
{
	size_t i, k, n;
	json_t *c, *p, *name;

	json_array_foreach(changes, i, c)
		json_array_foreach(json_object_get(c, "parts"), k, p) {
			const char *outcome = json_string_value(json_object_get(p, "outcome"));

			if (change_taken(c) && strcmp(outcome, "refused") && strcmp(outcome, "failed"))
				continue;
			if (!strcmp(outcome, "no-change"))
				continue;
			json_array_foreach(json_object_get(p, "pieces"), n, name)
				note_left_out(pkg, l, c, json_string_value(name));
		}
}

static bool group_mentions(const struct pkg_file *f, const bool *on, const char *name)
{
	for (size_t h = 0; h < f->nr_hunks; h++)
		if (on[f->hunks[h].group] && strcmp(f->hunks[h].piece, name) &&
		    (pkg_mentions(f->hunks[h].new, name) || pkg_mentions(f->hunks[h].old, name)))
			return true;
	return false;
}

/* Drop @change if what is picked of its file names one of @names. */
static bool drop_naming(json_t *change, const struct pkg_file *f, const bool *on, json_t *names)
{
	const char *name;
	json_t *where;

	json_object_foreach(names, name, where) {
		char *why;

		if (!group_mentions(f, on, name))
			continue;
		why = format("it goes with the change of %s (%s), which is refused", name,
			     json_string_value(where));
		change_drop(change, why ? why : "it goes with a change that is refused");
		free(why);
		return true;
	}
	return false;
}

size_t changes_drop_dependent(json_t *changes, const struct pick *all)
{
	struct left_out l = { json_object(), json_object() };
	size_t i, dropped = 0;
	json_t *c;

	refused_pieces(all->pkg, changes, &l);
	json_array_foreach(changes, i, c) {
		const char *path = json_string_value(json_object_get(c, "file"));
		struct pkg_file *f = pkg_find(all->pkg, path);
		const bool *on = f ? all->on[f - all->pkg->files] : NULL;

		if (change_taken(c) && on)
			dropped += drop_naming(c, f, on, l.shared) ||
				   drop_naming(c, f, on, json_object_get(l.local, path));
	}
	json_decref(l.shared);
	json_decref(l.local);
	return dropped;
}
