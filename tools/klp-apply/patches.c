// SPDX-License-Identifier: GPL-2.0-or-later
/* patches.c - see patches.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "module.h"
#include "patches.h"

#define PATCHES_DIR	QP_SYSFS "/patches"
#define RECORD_LIMIT	(1 << 20)

static const char *const state_words[] = {
	[QP_PATCH_LOADED] = "loaded",
	[QP_PATCH_APPLYING] = "applying",
	[QP_PATCH_APPLIED] = "applied",
	[QP_PATCH_REVERTING] = "reverting",
	[PATCH_LEAVING] = "leaving",
};
#define NR_STATES (sizeof(state_words) / sizeof(state_words[0]))

const char *patch_state_word(uint32_t state)
{
	return state < NR_STATES ? state_words[state] : "unknown";
}

int patch_state_parse(const char *word, uint32_t *out)
{
	size_t i;

	for (i = 0; i < NR_STATES; i++) {
		size_t n = strlen(state_words[i]);

		if (!strncmp(word, state_words[i], n) && (!word[n] || word[n] == '\n')) {
			*out = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_attr(const char *module, const char *attr, char **out, struct klp_err *err)
{
	char path[256];
	void *text;
	size_t len;
	int ret;

	snprintf(path, sizeof(path), PATCHES_DIR "/%.63s/%s", module, attr);
	ret = io_read_file(path, 65536, &text, &len, err);
	if (!ret)
		*out = text;
	return ret;
}

/* 0 where it isn't there. */
static uint64_t read_number(const char *module, const char *attr)
{
	uint64_t n = 0;
	char *text;

	if (!read_attr(module, attr, &text, NULL)) {
		n = strtoull(text, NULL, 10);
		free(text);
	}
	return n;
}

static json_t *read_record(const char *module)
{
	char path[256];

	snprintf(path, sizeof(path), RECORD_DIR "/%.63s.json", module);
	return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

/* Of what it replaces (functions/OBJECT,NAME), the objects that aren't in the kernel. */
static void read_pending(const char *module, struct patch *p)
{
	char path[256], object[QP_NAME_LEN];
	bool here = false;
	struct dirent *de;
	DIR *d;

	snprintf(path, sizeof(path), PATCHES_DIR "/%.63s/functions", module);
	d = opendir(path);
	p->pending = json_array();
	while (d && (de = readdir(d))) {
		size_t n = strcspn(de->d_name, ","), i;
		const json_t *known;

		if (de->d_name[0] == '.' || n >= sizeof(object) || de->d_name[n] != ',')
			continue;
		memcpy(object, de->d_name, n);
		object[n] = '\0';
		if (!strcmp(object, QP_VMLINUX) || module_present(object)) {
			here = true;
			continue;
		}
		json_array_foreach(p->pending, i, known)
			if (!strcmp(json_string_value(known), object))
				break;
		if (i == json_array_size(p->pending))
			json_array_append_new(p->pending, json_string(object));
	}
	if (d)
		closedir(d);
	p->nothing_here = !here && json_array_size(p->pending);
}

const char *pending_word(const json_t *modules, bool nothing, char buf[256])
{
	const json_t *m;
	size_t i, len = 0;

	buf[0] = '\0';
	json_array_foreach(modules, i, m)
		if (len < 160)
			len += (size_t)snprintf(buf + len, 256 - len, "%s%.56s", i ? ", " : "pending: waits for module ",
						json_string_value(m));
	if (len && nothing)
		snprintf(buf + len, 256 - len, "; nothing of it is in force until then");
	return buf;
}

static int read_patch(const char *module, struct patch *p, struct klp_err *err)
{
	char *text;
	int ret;

	snprintf(p->module, sizeof(p->module), "%.63s", module);
	ret = read_attr(module, "state", &text, err);
	if (ret)
		return ret;
	ret = patch_state_parse(text, &p->state);
	free(text);
	if (ret)
		return klp_err_set(err, ret, "the core module names a state of patch %s that this "
				   "tool doesn't know", module);
	p->record = read_record(module);
	p->release = read_number(module, "release");
	p->replaced = read_number(module, "replaced");
	p->order = read_number(module, "order");
	if (!read_attr(module, "flags", &text, NULL)) {
		p->irrevertible = strstr(text, "irrevertible");
		free(text);
	}
	read_attr(module, "mitigates", &p->mitigates, NULL);
	read_pending(module, p);
	snprintf(p->name, sizeof(p->name), "%.63s", module);
	if (!read_attr(module, "name", &text, NULL)) {
		snprintf(p->name, sizeof(p->name), "%.*s", (int)strcspn(text, "\n"), text);
		free(text);
	}
	/* Made by hand: its name is the module's. */
	if (!strcmp(p->name, module) && !strncmp(module, "qp_", 3))
		memmove(p->name, p->name + 3, strlen(p->name + 3) + 1);
	return 0;
}

static int by_order(const void *a, const void *b)
{
	const struct patch *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->module, y->module);
}

int patches_get(struct patch **out, size_t *nr, struct klp_err *err)
{
	DIR *d = opendir(PATCHES_DIR);
	struct patch *list = NULL, *p;
	struct dirent *de;
	size_t n = 0;
	int ret = 0;

	if (!d && errno == ENOENT)
		return klp_err_set(err, -ENOENT, "the core module isn't loaded (no %s); load it "
				   "with: modprobe quietpatch", QP_SYSFS);
	if (!d)
		return klp_err_sys(err, -errno, "cannot list %s", PATCHES_DIR);
	while ((de = readdir(d))) {
		if (de->d_name[0] == '.' || strlen(de->d_name) >= QP_NAME_LEN)
			continue;
		p = reallocarray(list, n + 1, sizeof(*list));
		if (!p) {
			ret = klp_err_sys(err, -ENOMEM, "cannot list the patches");
			break;
		}
		list = p;
		memset(&list[n], 0, sizeof(*list));
		ret = read_patch(de->d_name, &list[n], err);
		if (ret == -ENOENT) {
			ret = 0;	/* unloaded just now */
			continue;
		}
		if (ret)
			break;
		n++;
	}
	closedir(d);
	if (ret) {
		patches_free(list, n);
		return ret;
	}
	if (n)
		qsort(list, n, sizeof(*list), by_order);
	*out = list;
	*nr = n;
	return 0;
}

void patches_free(struct patch *p, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		free(p[i].mitigates);
		json_decref(p[i].pending);
		json_decref(p[i].record);
	}
	free(p);
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

bool patch_mitigates(const struct patch *p, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = p->mitigates; line && *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (!strncmp(line, name, n) && line[n] == ' ')
			return true;
	return false;
}

const struct patch *patches_find(const struct patch *p, size_t nr, const char *name)
{
	const struct patch *replaced = NULL;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!same_name(p[i].module, name) && !same_name(p[i].name, name))
			continue;
		if (!p[i].replaced)
			return &p[i];
		replaced = &p[i];
	}
	return replaced;
}

void record_remove(const char *module)
{
	char path[256];

	snprintf(path, sizeof(path), RECORD_DIR "/%.63s.json", module);
	unlink(path);
}
