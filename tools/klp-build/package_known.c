// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_known.c - changes of an update's headers that no patch can have, once a try has told so.
 *
 * A header's new member is refused with each file that needs it, after compiling all
 * units that include the header.  The workers leave what they have learnt in the
 * folder of the objects that they share, a file a group, and tries ask there first.
 */
#include <stdlib.h>
#include <string.h>

#include "build_priv.h"
#include "package.h"

static char *known_path(const struct build_options *base, size_t file, size_t group)
{
	return format("%s/known.%zu.%zu", base->objects, file, group);
}

/* "fs/server/../common/x.h", as the compiler has it, is "fs/common/x.h". */
static struct pkg_file *find_file(const struct pkg *p, const char *path)
{
	struct pkg_file *f = NULL;
	char *s = strdup(path);

	if (s) {
		path_fold(s);
		f = pkg_find(p, s);
	}
	free(s);
	return f;
}

/* A layout is what its own declaration makes it, whatever else is in; not so for the other reasons. */
static bool is_of_layout(const char *reason)
{
	return reason && (!strcmp(reason, "struct") || !strcmp(reason, "enum"));
}

static void note(const struct pick *k, const struct build_options *base, json_t *refusal)
{
	const char *type = json_string_value(json_object_get(refusal, "function"));
	const char *path = json_string_value(json_object_get(refusal, "file"));
	const struct pkg_file *f = path && ends_with(path, ".h") ? find_file(k->pkg, path) : NULL;
	const char *name = type ? strrchr(type, ' ') : NULL;
	size_t i = f ? (size_t)(f - k->pkg->files) : 0;

	for (size_t h = 0; f && name && h < f->nr_hunks; h++) {
		char *to;

		if (!pick_has(k, i, f->hunks[h].group) || strcmp(f->hunks[h].piece, name + 1))
			continue;
		/* Without memory or room it is found out once more. */
		to = known_path(base, i, f->hunks[h].group);
		if (to)
			json_dump_file(refusal, to, 0);
		free(to);
	}
}

void known_note(const struct pick *k, const struct build_options *base, json_t *verdict)
{
	size_t i;
	json_t *r;

	if (!base->objects)
		return;
	json_array_foreach(json_object_get(verdict, "refusals"), i, r)
		if (is_of_layout(json_string_value(json_object_get(r, "reason"))))
			note(k, base, r);
}

bool known_refused(const struct pick *k, const struct build_options *base, json_t **out)
{
	json_t *refusals = base->objects ? json_array() : NULL;

	for (size_t i = 0; refusals && i < k->pkg->nr_files; i++) {
		for (size_t g = 0; k->on[i] && g < k->pkg->files[i].nr_groups; g++) {
			char *path = k->on[i][g] ? known_path(base, i, g) : NULL;
			json_t *r = path ? json_load_file(path, 0, NULL) : NULL;

			if (r)
				json_array_append_new(refusals, r);
			free(path);
		}
	}
	if (!json_array_size(refusals)) {
		json_decref(refusals);
		return false;
	}
	*out = json_pack("{s:s,s:o,s:[]}", "outcome", "refused", "refusals", refusals, "functions");
	return *out != NULL;
}
