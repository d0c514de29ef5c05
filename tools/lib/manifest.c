// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manifest.c - the manifest's members, and JSON to and from them.
 *
 * Tables name each JSON object's members, so that parser, writer and the
 * refusal of unknown members can't disagree.  manifest_check.c holds the rules
 * for their values.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "err.h"
#include "manifest.h"

enum member_type {
	M_STRING,	/* char * */
	M_WORD,		/* the same, but not there when it is empty */
	M_U32,
	M_U64,		/* up to INT64_MAX: what JSON libraries agree on */
	M_TIME,		/* the same, but not there when it is 0 */
	M_LIST,		/* array of strings: char **, and a size_t count right behind it */
	M_SOME,		/* the same, but not there when it is empty */
};

struct member {
	const char *key;
	enum member_type type;
	size_t offset;		/* into struct manifest or struct manifest_function */
	size_t max;		/* of a list: entries.  It keeps the time that a manifest of the full size takes small. */
};

#define TOP(key_, type_, field)	{ key_, type_, offsetof(struct manifest, field), 0 }
#define COMMIT(key_, type_, field) { key_, type_, offsetof(struct manifest_commit, field), 0 }
#define FILE_(key_, type_, field) { key_, type_, offsetof(struct manifest_file, field), 0 }
#define FUNC(key_, type_, field) { key_, type_, offsetof(struct manifest_function, field), 0 }
#define NOTE(key_, type_, field) { key_, type_, offsetof(struct manifest_note, field), 0 }
#define TOPS(key_, type_, field, max_) { key_, type_, offsetof(struct manifest, field), max_ }

static const struct member top_members[] = {
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

/* Lists of objects in the top one. */
struct table {
	const char *key;
	const struct member *members;
	size_t size;		/* of an entry */
	size_t list, nr;	/* where the manifest has them */
	size_t max;		/* entries */
	bool always;		/* there, even if empty */
};

#define TABLE(key_, members_, list_, nr_, max_, always_) { key_, members_, sizeof(*((struct manifest *)0)->list_), \
	offsetof(struct manifest, list_), offsetof(struct manifest, nr_), max_, always_ }

static const struct table tables[] = {
	TABLE("functions", function_members, functions, nr_functions, 8192, true),
	TABLE("commits", commit_members, commits, nr_commits, 8192, false),
	TABLE("files", file_members, files, nr_files, 8192, false),
	TABLE("notes", note_members, notes, nr_notes, 32, false),
	{ NULL }
};

/* The objects inside the top one. */
static const struct part {
	const char *key;
	const struct member *members;
} parts[] = {
	{ "kernel", kernel_members },
	{ "provenance", provenance_members },
	{ "payload", payload_members },
	{ NULL }
};

/* Members of the top object that aren't in top_members: for counting. */
#define NR_OTHER_TOP	4	/* version, three parts; and the tables that are there */

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

static void *field(const void *base, const struct member *m)
{
	return (char *)base + m->offset;
}

static bool optional(const struct member *m)
{
	return m->type == M_SOME || m->type == M_TIME || m->type == M_WORD;
}

/* How many of them @obj has to have: what may be left out counts when it is there. */
static size_t count(const json_t *obj, const struct member *members)
{
	size_t n = 0;

	for (; members->key; members++)
		n += !optional(members) || json_object_get(obj, members->key);
	return n;
}

static bool is_string(const struct member *m)
{
	return m->type == M_STRING || m->type == M_WORD;
}

static bool is_list(const struct member *m)
{
	return m->type == M_LIST || m->type == M_SOME;
}

/* ---- memory ---- */

int manifest_set(char **slot, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*slot);
	*slot = copy;
	return 0;
}

static int list_add(char ***list, size_t *nr, const char *item)
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

static size_t *count_of(char ***list)
{
	return (size_t *)(list + 1);
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

static char **table_list(const struct manifest *m, const struct table *t)
{
	return (char **)((char *)m + t->list);
}

static size_t *table_nr(const struct manifest *m, const struct table *t)
{
	return (size_t *)((char *)m + t->nr);
}

struct manifest *manifest_new(void)
{
	struct manifest *m = calloc(1, sizeof(*m));
	int ret;

	if (!m)
		return NULL;
	ret = init_strings(m, top_members);
	for (const struct part *p = parts; p->key && !ret; p++)
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
	for (const struct table *t = tables; t->key; t++) {
		for (size_t i = 0; i < *table_nr(m, t); i++)
			free_members(*table_list(m, t) + i * t->size, t->members);
		free(*table_list(m, t));
	}
	free_members(m, top_members);
	for (const struct part *p = parts; p->key; p++)
		free_members(m, p->members);
	free(m);
}

int manifest_add_cve(struct manifest *m, const char *cve)
{
	return list_add(&m->cves, &m->nr_cves, cve);
}

int manifest_add_requirement(struct manifest *m, const char *name, uint64_t release)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %llu", name, (unsigned long long)release);
	return list_add(&m->requires, &m->nr_requires, text);
}

int manifest_add_mitigated(struct manifest *m, const char *name)
{
	return list_add(&m->mitigates, &m->nr_mitigates, name);
}

int manifest_add_tripwire(struct manifest *m, const char *where)
{
	return list_add(&m->tripwires, &m->nr_tripwires, where);
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
	return list_add(&m->objects, &m->nr_objects, object);
}

/* A zeroed entry more, its strings ""; NULL: no memory. */
static void *table_add(struct manifest *m, const struct table *t)
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
	return table_add(m, &tables[0]);
}

struct manifest_commit *manifest_add_commit(struct manifest *m)
{
	return table_add(m, &tables[1]);
}

int manifest_add_commit_cve(struct manifest_commit *c, const char *cve)
{
	return list_add(&c->cves, &c->nr_cves, cve);
}

struct manifest_file *manifest_add_file(struct manifest *m)
{
	return table_add(m, &tables[2]);
}

int manifest_add_left_out(struct manifest_file *f, const char *what)
{
	return list_add(&f->left_out, &f->nr_left_out, what);
}

struct manifest_note *manifest_add_note(struct manifest *m)
{
	return table_add(m, &tables[3]);
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
				ret = list_add(copy, count_of(copy), (*list)[i]);
		}
	}
	return ret;
}

int manifest_copy_parts(struct manifest *m, const struct manifest *from)
{
	int ret = 0;

	for (const struct table *t = &tables[1]; t <= &tables[2]; t++)
		for (size_t i = 0; i < *table_nr(from, t) && !ret; i++) {
			void *entry = table_add(m, t);

			ret = entry ? copy_members(entry, *table_list(from, t) + i * t->size, t->members) : -ENOMEM;
		}
	return ret;
}

/* ---- reading ---- */

/* How long JSON's list at @value may be. */
static int check_length(const json_t *value, const char *where, const char *key, size_t max, struct klp_err *err)
{
	if (json_array_size(value) <= max)
		return 0;
	return klp_err_set(err, -EFBIG, "manifest: %s%s has %zu entries, over the limit of %zu", where, key,
			   json_array_size(value), max);
}

static int read_list(const json_t *value, const char *where, const char *key, size_t max,
		     char ***list, struct klp_err *err)
{
	size_t i;
	json_t *item;

	if (!json_is_array(value))
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is not a list", where, key);
	if (check_length(value, where, key, max, err))
		return -EFBIG;
	json_array_foreach(value, i, item) {
		if (!json_is_string(item))
			return klp_err_set(err, -EBADMSG, "manifest: %s%s[%zu] is not a string",
					   where, key, i);
		if (list_add(list, count_of(list), json_string_value(item)))
			return klp_err_sys(err, -ENOMEM, "manifest: %s%s", where, key);
	}
	return 0;
}

static int read_number(const json_t *value, const char *where, const struct member *m,
		       void *slot, struct klp_err *err)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || (m->type == M_U32 && n > UINT32_MAX))
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is not a whole number in range",
				   where, m->key);
	if (m->type == M_U32)
		*(uint32_t *)slot = (uint32_t)n;
	else
		*(uint64_t *)slot = (uint64_t)n;
	return 0;
}

static int read_member(const json_t *obj, const char *where, const struct member *m,
		       void *base, struct klp_err *err)
{
	const json_t *value = json_object_get(obj, m->key);
	void *slot = field(base, m);

	if (!value && optional(m))
		return 0;
	if (!value)
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is missing", where, m->key);
	if (is_list(m))
		return read_list(value, where, m->key, m->max, slot, err);
	if (!is_string(m))
		return read_number(value, where, m, slot, err);
	if (!json_is_string(value))
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is not a string", where, m->key);
	if (manifest_set(slot, json_string_value(value)))
		return klp_err_sys(err, -ENOMEM, "manifest: %s%s", where, m->key);
	return 0;
}

/* All of @members and, beside them, exactly @others more that the caller reads. */
static int read_object(const json_t *obj, const char *where, const struct member *members,
		       size_t others, void *base, struct klp_err *err)
{
	int ret = 0;

	if (!json_is_object(obj))
		return klp_err_set(err, -EBADMSG, "manifest: %s is missing or not an object",
				   *where ? where : "the whole");
	for (const struct member *m = members; m->key && !ret; m++)
		ret = read_member(obj, where, m, base, err);
	if (!ret && json_object_size(obj) != count(obj, members) + others)
		return klp_err_set(err, -EBADMSG, "manifest: %s has a member that version %d doesn't know",
				   *where ? where : "the top object", MANIFEST_VERSION);
	return ret;
}

static int read_table(const json_t *list, struct manifest *m, const struct table *t, struct klp_err *err)
{
	char where[32];
	json_t *item;
	size_t i;
	int ret;

	if (!list && !t->always)
		return 0;
	if (!json_is_array(list) || (!t->always && !json_array_size(list)))
		return klp_err_set(err, -EBADMSG, "manifest: %s is missing, empty or not a list", t->key);
	if (check_length(list, "", t->key, t->max, err))
		return -EFBIG;
	snprintf(where, sizeof(where), "%s.", t->key);
	json_array_foreach(list, i, item) {
		void *entry = table_add(m, t);

		if (!entry)
			return klp_err_sys(err, -ENOMEM, "manifest: %s", t->key);
		ret = read_object(item, where, t->members, 0, entry, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* "0.10.2" as numbers; -EINVAL: it isn't 1 to 4 of them, each below 10000. */
static int version_numbers(const char *text, unsigned int out[4])
{
	memset(out, 0, 4 * sizeof(*out));
	for (size_t i = 0; i < 4; i++) {
		size_t digits = strspn(text, "0123456789");

		if (!digits || digits > 4)
			return -EINVAL;
		out[i] = (unsigned int)strtoul(text, NULL, 10);
		text += digits;
		if (!*text)
			return 0;
		if (*text++ != '.')
			return -EINVAL;
	}
	return -EINVAL;
}

int manifest_tool_serves(const char *min, const char *version)
{
	unsigned int want[4], have[4];

	if (version_numbers(min, want) || version_numbers(version, have))
		return -EINVAL;
	for (size_t i = 0; i < 4; i++)
		if (want[i] != have[i])
			return want[i] < have[i] ? 0 : -EPROTONOSUPPORT;
	return 0;
}

/* Before anything else is looked at: what a newer tool has to know may be in a form that this one doesn't. */
static int check_versions(const json_t *root, struct klp_err *err)
{
	const json_t *version = json_object_get(root, "version"), *min = json_object_get(root, "min_tool_version");

	if (!json_is_integer(version))
		return klp_err_set(err, -EBADMSG, "manifest: version is missing or not a number");
	if (json_integer_value(version) != MANIFEST_VERSION)
		return klp_err_set(err, -EPROTONOSUPPORT,
				   "manifest: version %lld; this program knows %d: update it",
				   (long long)json_integer_value(version), MANIFEST_VERSION);
	if (!json_is_string(min))
		return min ? klp_err_set(err, -EBADMSG, "manifest: min_tool_version is not a string") : 0;
	switch (manifest_tool_serves(json_string_value(min), QP_VERSION)) {
	case 0:
		return 0;
	case -EPROTONOSUPPORT:
		return klp_err_set(err, -EPROTONOSUPPORT, "the bundle needs version %s of the tools, this is " QP_VERSION
				   ": update them", json_string_value(min));
	default:
		return klp_err_set(err, -EBADMSG, "manifest: min_tool_version must be a version, like 0.2");
	}
}

static int read_all(const json_t *root, struct manifest *m, struct klp_err *err)
{
	size_t others = NR_OTHER_TOP;
	int ret = check_versions(root, err);

	if (ret)
		return ret;
	for (const struct table *t = tables; t->key; t++)
		others += t->always || json_object_get(root, t->key);
	ret = read_object(root, "", top_members, others, m, err);
	for (const struct part *p = parts; p->key && !ret; p++)
		ret = read_object(json_object_get(root, p->key), p->key, p->members, 0, m, err);
	for (const struct table *t = tables; t->key && !ret; t++)
		ret = read_table(json_object_get(root, t->key), m, t, err);
	return ret;
}

int manifest_parse(const void *json, size_t len, struct manifest **out, struct klp_err *err)
{
	struct manifest *m = manifest_new();
	json_error_t je;
	json_t *root;
	int ret;

	if (!m)
		return klp_err_sys(err, -ENOMEM, "cannot read a manifest");
	root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &je);
	if (root)
		ret = read_all(root, m, err);
	else
		ret = klp_err_set(err, -EBADMSG, "manifest: %s at byte %d", je.text, je.position);
	json_decref(root);
	if (ret) {
		manifest_free(m);
		return ret;
	}
	*out = m;
	return 0;
}

/* ---- writing ---- */

static json_t *write_list(char *const *items, size_t nr)
{
	json_t *array = json_array();

	for (size_t i = 0; i < nr; i++) {
		if (json_array_append_new(array, json_string(items[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *write_member(const void *base, const struct member *m)
{
	const void *slot = field(base, m);

	switch (m->type) {
	case M_STRING:
	case M_WORD:
		return json_string(*(char *const *)slot);
	case M_U32:
		return json_integer(*(const uint32_t *)slot);
	case M_U64:
	case M_TIME:
		return *(const uint64_t *)slot > INT64_MAX ?
			NULL : json_integer((json_int_t)*(const uint64_t *)slot);
	case M_LIST:
	case M_SOME:
		return write_list(*(char **const *)slot,
				  *(const size_t *)((char **const *)slot + 1));
	}
	return NULL;
}

/* 0, or -1: no memory, or a string that isn't UTF-8. */
static int write_members(json_t *obj, const void *base, const struct member *members)
{
	for (; members->key; members++) {
		if (members->type == M_SOME && !*count_of(field(base, members)))
			continue;
		if (members->type == M_WORD && !**(char *const *)field(base, members))
			continue;
		if (members->type == M_TIME && !*(const uint64_t *)field(base, members))
			continue;
		if (json_object_set_new(obj, members->key, write_member(base, members)))
			return -1;
	}
	return 0;
}

static int write_table(json_t *root, const struct manifest *m, const struct table *t)
{
	json_t *list, *obj;

	if (!*table_nr(m, t) && !t->always)
		return 0;
	list = json_array();
	if (json_object_set_new(root, t->key, list))
		return -1;
	for (size_t i = 0; i < *table_nr(m, t); i++) {
		obj = json_object();
		if (json_array_append_new(list, obj) ||
		    write_members(obj, *table_list(m, t) + i * t->size, t->members))
			return -1;
	}
	return 0;
}

static int write_all(json_t *root, const struct manifest *m)
{
	json_t *obj;

	if (json_object_set_new(root, "version", json_integer(MANIFEST_VERSION)) ||
	    write_members(root, m, top_members))
		return -1;
	for (const struct table *t = tables; t->key; t++)
		if (write_table(root, m, t))
			return -1;
	for (const struct part *p = parts; p->key; p++) {
		obj = json_object();
		if (json_object_set_new(root, p->key, obj) || write_members(obj, m, p->members))
			return -1;
	}
	return 0;
}

int manifest_format(const struct manifest *m, char **out, size_t *len, struct klp_err *err)
{
	json_t *root = json_object();
	char *text = NULL;

	if (root && !write_all(root, m))
		text = json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(root);
	if (!text)
		return klp_err_set(err, -EINVAL,
				   "the manifest of %s can't be written: a string isn't UTF-8, a number is too big, or no memory",
				   m->name);
	*out = text;
	*len = strlen(text);
	return 0;
}
