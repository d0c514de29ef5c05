// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manifest.c - the manifest's members.
 *
 * Tables name each JSON object's members, so that parser, writer (manifest_json.c) and the
 * refusal of unknown members can't disagree.  manifest_check.c holds the rules
 * for their values.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest_priv.h"

#define TOP(key_, type_, field)	{ key_, type_, offsetof(struct manifest, field), 0 }
#define COMMIT(key_, type_, field) { key_, type_, offsetof(struct manifest_commit, field), 0 }
#define FILE_(key_, type_, field) { key_, type_, offsetof(struct manifest_file, field), 0 }
#define FUNC(key_, type_, field) { key_, type_, offsetof(struct manifest_function, field), 0 }
#define NOTE(key_, type_, field) { key_, type_, offsetof(struct manifest_note, field), 0 }
#define TOPS(key_, type_, field, max_) { key_, type_, offsetof(struct manifest, field), max_ }

const struct member manifest_top[] = {
	TOP("name", M_STRING, name),
	TOP("release", M_U64, release),
	TOP("module", M_STRING, module),
	TOP("summary", M_STRING, summary),
	TOP("arch", M_STRING, arch),
	TOP("flags", M_U32, flags),
	TOP("min_tool_version", M_WORD, min_tool),
	TOPS("cves", M_LIST, cves, 4096),
	TOPS("objects", M_LIST, objects, 256),
	TOPS("requires", M_SOME, requires, 256),
	TOPS("mitigates", M_SOME, mitigates, 256),
	TOPS("tripwires", M_SOME, tripwires, 256),
	TOP("expires", M_TIME, expires),
	{ NULL }
};

static const struct member kernel_members[] = {
	TOP("release", M_STRING, kernel_release),
	TOP("build_id", M_STRING, kernel_build_id),
	TOP("version", M_STRING, kernel_version),
	{ NULL }
};

static const struct member provenance_members[] = {
	TOP("builder", M_STRING, builder),
	TOP("compiler", M_STRING, compiler),
	TOP("fix_digest", M_STRING, fix_digest),
	TOP("fix_origin", M_STRING, fix_origin),
	{ NULL }
};

static const struct member payload_members[] = {
	TOP("digest", M_STRING, module_digest),
	TOP("size", M_U64, module_size),
	{ NULL }
};

static const struct member function_members[] = {
	FUNC("object", M_STRING, object),
	FUNC("name", M_STRING, name),
	FUNC("file", M_STRING, file),
	FUNC("line", M_U32, line),
	FUNC("old_size", M_U64, old_size),
	FUNC("new_size", M_U64, new_size),
	FUNC("proof", M_STRING, proof),
	{ NULL }
};

static const struct member commit_members[] = {
	COMMIT("id", M_STRING, id),
	COMMIT("subject", M_STRING, subject),
	COMMIT("outcome", M_STRING, outcome),
	COMMIT("why", M_STRING, why),
	{ "cves", M_LIST, offsetof(struct manifest_commit, cves), 256 },
	{ NULL }
};

static const struct member file_members[] = {
	FILE_("file", M_STRING, file),
	FILE_("outcome", M_STRING, outcome),
	{ "left_out", M_SOME, offsetof(struct manifest_file, left_out), 1024 },
	{ NULL }
};

static const struct member note_members[] = {
	NOTE("name", M_STRING, name),
	NOTE("value", M_STRING, value),
	{ NULL }
};

#define TABLE(key_, members_, list_, nr_, max_, always_) { key_, members_, sizeof(*((struct manifest *)0)->list_), \
	offsetof(struct manifest, list_), offsetof(struct manifest, nr_), max_, always_ }

const struct table manifest_tables[] = {
	[TABLE_FUNCTIONS] = TABLE("functions", function_members, functions, nr_functions, 8192, true),
	[TABLE_COMMITS] = TABLE("commits", commit_members, commits, nr_commits, 8192, false),
	[TABLE_FILES] = TABLE("files", file_members, files, nr_files, 8192, false),
	[TABLE_NOTES] = TABLE("notes", note_members, notes, nr_notes, 32, false),
	{ NULL }
};

const struct part manifest_parts[] = {
	{ "kernel", kernel_members },
	{ "provenance", provenance_members },
	{ "payload", payload_members },
	{ NULL }
};

_Static_assert(offsetof(struct manifest, nr_cves) ==
	       offsetof(struct manifest, cves) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest, nr_requires) ==
	       offsetof(struct manifest, requires) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest, nr_mitigates) ==
	       offsetof(struct manifest, mitigates) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest, nr_tripwires) ==
	       offsetof(struct manifest, tripwires) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest_commit, nr_cves) ==
	       offsetof(struct manifest_commit, cves) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest_file, nr_left_out) ==
	       offsetof(struct manifest_file, left_out) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest, nr_objects) ==
	       offsetof(struct manifest, objects) + sizeof(char **), "count behind the list");

int manifest_set(char **slot, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*slot);
	*slot = copy;
	return 0;
}

int manifest_list_add(char ***list, size_t *nr, const char *item)
{
	char **items = reallocarray(*list, *nr + 1, sizeof(*items));
	char *copy = strdup(item);

	if (items)
		*list = items;
	if (!items || !copy) {
		free(copy);
		return -ENOMEM;
	}
	items[(*nr)++] = copy;
	return 0;
}

/* Every string member as "". */
static int init_strings(void *base, const struct member *members)
{
	int ret = 0;

	for (; members->key && !ret; members++) {
		if (is_string(members))
			ret = manifest_set(field(base, members), "");
	}
	return ret;
}

static void free_members(void *base, const struct member *members)
{
	for (; members->key; members++) {
		if (is_string(members)) {
			free(*(char **)field(base, members));
		} else if (is_list(members)) {
			char ***list = field(base, members);

			for (size_t i = 0; i < *count_of(list); i++)
				free((*list)[i]);
			free(*list);
		}
	}
}

struct manifest *manifest_new(void)
{
	struct manifest *m = calloc(1, sizeof(*m));
	int ret;

	if (!m)
		return NULL;
	ret = init_strings(m, manifest_top);
	for (const struct part *p = manifest_parts; p->key && !ret; p++)
		ret = init_strings(m, p->members);
	if (ret) {
		manifest_free(m);
		return NULL;
	}
	return m;
}

void manifest_free(struct manifest *m)
{
	if (!m)
		return;
	for (const struct table *t = manifest_tables; t->key; t++) {
		for (size_t i = 0; i < *table_nr(m, t); i++)
			free_members(*table_list(m, t) + i * t->size, t->members);
		free(*table_list(m, t));
	}
	free_members(m, manifest_top);
	for (const struct part *p = manifest_parts; p->key; p++)
		free_members(m, p->members);
	free(m);
}

int manifest_add_cve(struct manifest *m, const char *cve)
{
	return manifest_list_add(&m->cves, &m->nr_cves, cve);
}

int manifest_add_requirement(struct manifest *m, const char *name, uint64_t release)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %llu", name, (unsigned long long)release);
	return manifest_list_add(&m->requires, &m->nr_requires, text);
}

int manifest_add_mitigated(struct manifest *m, const char *name)
{
	return manifest_list_add(&m->mitigates, &m->nr_mitigates, name);
}

int manifest_add_tripwire(struct manifest *m, const char *where)
{
	return manifest_list_add(&m->tripwires, &m->nr_tripwires, where);
}

int manifest_parse_release(const char *text, uint64_t *out)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long long n;

	if (!digits || text[digits] || *text == '0')
		return -EINVAL;
	errno = 0;
	n = strtoull(text, NULL, 10);
	if (errno || n > INT64_MAX)
		return -EINVAL;
	*out = n;
	return 0;
}

int manifest_requirement(const char *text, char name[MANIFEST_NAME_LEN], uint64_t *release)
{
	unsigned long long n = 0;
	int end = 0;

	_Static_assert(MANIFEST_NAME_LEN == 64, "the width below");
	if (sscanf(text, "%63[a-z0-9-] %llu%n", name, &n, &end) != 2 || text[end] || !n || n > UINT32_MAX)
		return -EINVAL;
	*release = n;
	return 0;
}

int manifest_add_object(struct manifest *m, const char *object)
{
	for (size_t i = 0; i < m->nr_objects; i++) {
		if (!strcmp(m->objects[i], object))
			return 0;
	}
	return manifest_list_add(&m->objects, &m->nr_objects, object);
}

void *manifest_table_add(struct manifest *m, const struct table *t)
{
	size_t *nr = table_nr(m, t);
	char *grown = reallocarray(*table_list(m, t), *nr + 1, t->size), *entry;

	if (!grown)
		return NULL;
	*table_list(m, t) = grown;
	entry = grown + *nr * t->size;
	memset(entry, 0, t->size);
	if (init_strings(entry, t->members)) {
		free_members(entry, t->members);
		return NULL;
	}
	(*nr)++;
	return entry;
}

struct manifest_function *manifest_add_function(struct manifest *m)
{
	return manifest_table_add(m, &manifest_tables[TABLE_FUNCTIONS]);
}

struct manifest_commit *manifest_add_commit(struct manifest *m)
{
	return manifest_table_add(m, &manifest_tables[TABLE_COMMITS]);
}

int manifest_add_commit_cve(struct manifest_commit *c, const char *cve)
{
	return manifest_list_add(&c->cves, &c->nr_cves, cve);
}

struct manifest_file *manifest_add_file(struct manifest *m)
{
	return manifest_table_add(m, &manifest_tables[TABLE_FILES]);
}

int manifest_add_left_out(struct manifest_file *f, const char *what)
{
	return manifest_list_add(&f->left_out, &f->nr_left_out, what);
}

struct manifest_note *manifest_add_note(struct manifest *m)
{
	return manifest_table_add(m, &manifest_tables[TABLE_NOTES]);
}

const char *manifest_note(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->nr_notes; i++)
		if (!strcmp(m->notes[i].name, name))
			return m->notes[i].value;
	return NULL;
}

static int copy_members(void *to, const void *from, const struct member *members)
{
	int ret = 0;

	for (; members->key && !ret; members++) {
		if (is_string(members)) {
			ret = manifest_set(field(to, members), *(char **)field(from, members));
		} else if (is_list(members)) {
			char ***list = field(from, members), ***copy = field(to, members);

			for (size_t i = 0; i < *count_of(list) && !ret; i++)
				ret = manifest_list_add(copy, count_of(copy), (*list)[i]);
		}
	}
	return ret;
}

int manifest_copy_parts(struct manifest *m, const struct manifest *from)
{
	int ret = 0;

	for (const struct table *t = &manifest_tables[TABLE_COMMITS]; t <= &manifest_tables[TABLE_FILES]; t++)
		for (size_t i = 0; i < *table_nr(from, t) && !ret; i++) {
			void *entry = manifest_table_add(m, t);

			ret = entry ? copy_members(entry, *table_list(from, t) + i * t->size, t->members) : -ENOMEM;
		}
	return ret;
}
