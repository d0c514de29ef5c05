// SPDX-License-Identifier: GPL-2.0-or-later
/* package_join.c - which changes of an update stay out of all together: see package.h. */
#include <stdlib.h>
#include <string.h>

#include "base/report_data.h"
#include "base/xalloc.h"
#include "cves.h"
#include "fix/cscan.h"
#include "jsonstr.h"
#include "package.h"

bool change_taken(json_t *change)
{
	return !strcmp(str(change, "outcome"), "built") || !strcmp(str(change, "outcome"), "partly");
}

void change_drop(json_t *change, const char *why)
{
	json_object_set_new(change, "outcome", json_string("refused"));
	json_object_set_new(change, "why", json_string(why));
}

static bool has_file(json_t *change, const char *path)
{
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(change, "with"), i, f)
		if (!strcmp(json_string_value(f), path))
			return true;
	return false;
}

/* ---- what is in ---- */

static void set_part(struct pkg_file *f, json_t *groups)
{
	size_t i;
	json_t *g;

	free(f->part);
	f->part = groups ? xcalloc(f->nr_groups + 1, sizeof(*f->part)) : NULL;
	json_array_foreach(groups, i, g)
		if (f->part && (size_t)json_integer_value(g) < f->nr_groups)
			f->part[json_integer_value(g)] = true;
}

bool *join_on(const struct pkg *p, json_t *changes)
{
	bool *on = xcalloc(p->nr_files + 1, sizeof(*on));
	size_t i, k;
	json_t *c, *path;

	for (i = 0; i < p->nr_files; i++)
		set_part(&p->files[i], NULL);
	/* Whole ones count: one of which a part goes in by itself may go in whole with another. */
	for (int part = 0; part < 2; part++)
		json_array_foreach(changes, i, c) {
			if (strcmp(str(c, "outcome"), part ? "partly" : "built"))
				continue;
			json_array_foreach(json_object_get(c, "with"), k, path) {
				struct pkg_file *f = pkg_find(p, json_string_value(path));

				if (part && f && !on[f - p->files] && !strcmp(f->path, str(c, "file")))
					set_part(f, json_object_get(c, "groups"));
				if (f)
					on[f - p->files] = true;
			}
		}
	json_array_foreach(changes, i, c) {
		struct pkg_file *f = pkg_find(p, str(c, "file"));

		if (on && f && on[f - p->files] && !f->part && strcmp(str(c, "outcome"), "built") && *str(c, "outcome") != 'n') {
			json_object_set_new(c, "outcome", json_string("built"));
			json_object_set_new(c, "why", json_string("not by itself: with another file that needs it"));
		}
	}
	return on;
}

/* ---- what the objects of all together say ---- */

static size_t drop_file(json_t *changes, const char *path, const char *why)
{
	size_t i, dropped = 0;
	json_t *c;

	json_array_foreach(changes, i, c)
		if (*path && change_taken(c) && has_file(c, path)) {
			change_drop(c, why);
			dropped++;
		}
	return dropped;
}

/* None is named: those go that have brought other files along, which is where two that are right by themselves can't both be. */
static size_t drop_companions(json_t *changes, const char *why)
{
	size_t i, dropped = 0;
	json_t *c;

	json_array_foreach(changes, i, c)
		if (change_taken(c) && json_array_size(json_object_get(c, "with")) > 1) {
			change_drop(c, why);
			dropped++;
		}
	return dropped;
}

size_t join_drop(json_t *changes, json_t *verdict)
{
	size_t i, dropped = 0;
	json_t *r, *unit;

	json_array_foreach(json_object_get(verdict, "refusals"), i, r)
		dropped += drop_file(changes, str(r, "file"), str(r, "why"));
	json_array_foreach(json_object_get(verdict, "not_compiled"), i, unit)
		dropped += drop_file(changes, json_string_value(unit), "with the headers that other changes bring it isn't compiled");
	return dropped || outcome_is(verdict, "built") ? dropped :
	       drop_companions(changes, "not with the other changes, which need other headers");
}

/* ---- what goes with what is out ---- */

/* Names that files which are out change, and that other files can mean: {name: file}. */
static json_t *names_left_out(const struct pkg *p, const bool *on, json_t *changes)
{
	json_t *names = json_object(), *c;
	size_t i;

	json_array_foreach(changes, i, c) {
		const struct pkg_file *f = pkg_find(p, str(c, "file"));

		if (!f || on[f - p->files] || !f->text || !strcmp(str(c, "outcome"), "no-change"))
			continue;
		for (size_t h = 0; h < f->nr_hunks; h++) {
			const struct pkg_hunk *k = &f->hunks[h];

			/* What uses a member that doesn't come hasn't compiled. */
			if (*k->decl && k->scope != PKG_TYPE && (k->scope == PKG_SHARED || ends_with(f->path, ".h")))
				json_object_set_new(names, k->decl, json_string(f->path));
		}
	}
	return names;
}

/* The first of @names that the changed lines have; NULL: none. */
static const char *named_in(const struct pkg_file *f, json_t *names)
{
	for (size_t h = 0; h < f->nr_hunks; h++)
		for (int new = 0; new < 2; new++) {
			const char *text = new ? f->hunks[h].new : f->hunks[h].old, *id, *found;
			size_t pos = 0, len, end = strlen(text);

			if (f->part && !f->part[f->hunks[h].group])
				continue;
			while ((id = c_identifier(text, end, &pos, &len))) {
				char *name = xstrndup(id, len);
				json_t *hit = strcmp(name, f->hunks[h].decl) ? json_object_get(names, name) : NULL;

				found = hit ? json_object_iter_key(json_object_iter_at(names, name)) : NULL;
				free(name);
				if (found)
					return found;
			}
		}
	return NULL;
}

static size_t drop_by_name(const struct pkg *p, json_t *changes, const bool *on)
{
	json_t *names = names_left_out(p, on, changes), *c, *path;
	size_t i, k, dropped = 0;

	json_array_foreach(changes, i, c)
		json_array_foreach(json_object_get(c, "with"), k, path) {
			const struct pkg_file *f = change_taken(c) ? pkg_find(p, json_string_value(path)) : NULL;
			const char *name = f ? named_in(f, names) : NULL;
			char *why = name ? format("it goes with the change of %s (%s), which is left out", name,
						  json_string_value(json_object_get(names, name))) : NULL;

			if (!name)
				continue;
			change_drop(c, why ? why : "it goes with a change that is left out");
			dropped++;
			free(why);
		}
	json_decref(names);
	return dropped;
}

/* The fix of a CVE is whole, or it isn't there. */
static size_t drop_by_cve(const struct pkg *p, json_t *changes, const bool *on, const struct cves *records)
{
	size_t dropped = 0;

	for (size_t i = 0; i < records->nr; i++) {
		const struct cve_record *r = &records->list[i];
		const char *out = NULL;
		char *why;

		if (!pkg_fixes(p, r))
			continue;
		for (size_t k = 0; k < r->files.nr && !out; k++)
			if (pkg_leaves_out(p, on, changes, r->files.list[k]))
				out = r->files.list[k];
		why = out ? format("it goes with the change of %s, which is left out: both fix %s", out, r->name) : NULL;
		for (size_t k = 0; why && k < r->files.nr; k++)
			dropped += drop_file(changes, r->files.list[k], why);
		free(why);
	}
	return dropped;
}

size_t join_drop_tied(const struct pkg *p, json_t *changes, const struct cves *records)
{
	bool *on = join_on(p, changes);
	size_t dropped = drop_by_name(p, changes, on) + drop_by_cve(p,
								    changes,
								    on,
								    records);

	free(on);
	return dropped;
}
