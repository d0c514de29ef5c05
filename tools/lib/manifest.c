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
	M_U32,
	M_U64,		/* up to INT64_MAX: what JSON libraries agree on */
	M_LIST,		/* array of strings: char **, and a size_t count right behind it */
	M_SOME,		/* the same, but not there when it is empty */
};

struct member {
	const char *key;
	enum member_type type;
	size_t offset;		/* into struct manifest or struct manifest_function */
};

#define TOP(key_, type_, field)	{ key_, type_, offsetof(struct manifest, field) }
#define FUNC(key_, type_, field) { key_, type_, offsetof(struct manifest_function, field) }

static const struct member top_members[] = {
	TOP("name", M_STRING, name),
	TOP("release", M_U64, release),
	TOP("module", M_STRING, module),
	TOP("summary", M_STRING, summary),
	TOP("arch", M_STRING, arch),
	TOP("flags", M_U32, flags),
	TOP("cves", M_LIST, cves),
	TOP("objects", M_LIST, objects),
	TOP("requires", M_SOME, requires),
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
#define NR_OTHER_TOP	5	/* version, functions, three parts */

_Static_assert(offsetof(struct manifest, nr_cves) ==
	       offsetof(struct manifest, cves) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest, nr_requires) ==
	       offsetof(struct manifest, requires) + sizeof(char **), "count behind the list");
_Static_assert(offsetof(struct manifest, nr_objects) ==
	       offsetof(struct manifest, objects) + sizeof(char **), "count behind the list");

static void *field(const void *base, const struct member *m)
{
	return (char *)base + m->offset;
}

/* How many of them @obj has to have: what may be left out counts when it is there. */
static size_t count(const json_t *obj, const struct member *members)
{
	size_t n = 0;

	for (; members->key; members++)
		n += members->type != M_SOME || json_object_get(obj, members->key);
	return n;
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
		if (members->type == M_STRING)
			ret = manifest_set(field(base, members), "");
	}
	return ret;
}

static void free_members(void *base, const struct member *members)
{
	for (; members->key; members++) {
		if (members->type == M_STRING) {
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
	for (size_t i = 0; i < m->nr_functions; i++)
		free_members(&m->functions[i], function_members);
	free(m->functions);
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

struct manifest_function *manifest_add_function(struct manifest *m)
{
	struct manifest_function *functions, *f;

	functions = reallocarray(m->functions, m->nr_functions + 1, sizeof(*functions));
	if (!functions)
		return NULL;
	m->functions = functions;
	f = &functions[m->nr_functions];
	memset(f, 0, sizeof(*f));
	if (init_strings(f, function_members)) {
		free_members(f, function_members);
		return NULL;
	}
	m->nr_functions++;
	return f;
}

/* ---- reading ---- */

static int read_list(const json_t *value, const char *where, const char *key,
		     char ***list, struct klp_err *err)
{
	size_t i;
	json_t *item;

	if (!json_is_array(value))
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is not a list", where, key);
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

	if (!value && m->type == M_SOME)
		return 0;
	if (!value)
		return klp_err_set(err, -EBADMSG, "manifest: %s%s is missing", where, m->key);
	if (is_list(m))
		return read_list(value, where, m->key, slot, err);
	if (m->type != M_STRING)
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

static int read_functions(const json_t *list, struct manifest *m, struct klp_err *err)
{
	struct manifest_function *f;
	json_t *item;
	size_t i;
	int ret;

	if (!json_is_array(list))
		return klp_err_set(err, -EBADMSG, "manifest: functions is missing or not a list");
	json_array_foreach(list, i, item) {
		f = manifest_add_function(m);
		if (!f)
			return klp_err_sys(err, -ENOMEM, "manifest: functions");
		ret = read_object(item, "functions.", function_members, 0, f, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_all(const json_t *root, struct manifest *m, struct klp_err *err)
{
	const json_t *version = json_object_get(root, "version");
	int ret;

	if (!json_is_integer(version))
		return klp_err_set(err, -EBADMSG, "manifest: version is missing or not a number");
	if (json_integer_value(version) != MANIFEST_VERSION)
		return klp_err_set(err, -EPROTONOSUPPORT,
				   "manifest: version %lld; this program knows %d: update it",
				   (long long)json_integer_value(version), MANIFEST_VERSION);
	ret = read_object(root, "", top_members, NR_OTHER_TOP, m, err);
	for (const struct part *p = parts; p->key && !ret; p++)
		ret = read_object(json_object_get(root, p->key), p->key, p->members, 0, m, err);
	if (!ret)
		ret = read_functions(json_object_get(root, "functions"), m, err);
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
		return json_string(*(char *const *)slot);
	case M_U32:
		return json_integer(*(const uint32_t *)slot);
	case M_U64:
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
		if (json_object_set_new(obj, members->key, write_member(base, members)))
			return -1;
	}
	return 0;
}

static int write_functions(json_t *root, const struct manifest *m)
{
	json_t *list = json_array(), *obj;

	if (json_object_set_new(root, "functions", list))
		return -1;
	for (size_t i = 0; i < m->nr_functions; i++) {
		obj = json_object();
		if (json_array_append_new(list, obj) ||
		    write_members(obj, &m->functions[i], function_members))
			return -1;
	}
	return 0;
}

static int write_all(json_t *root, const struct manifest *m)
{
	json_t *obj;

	if (json_object_set_new(root, "version", json_integer(MANIFEST_VERSION)) ||
	    write_members(root, m, top_members) || write_functions(root, m))
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
