// SPDX-License-Identifier: GPL-2.0-or-later
/* machine.c - see machine.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "machine.h"
#include "notes.h"

#define NOTES_MAX	65536
#define MODULES_DEP_MAX	(16u << 20)
#define TAINT_DIE	(1u << 7)
#define TAINT_WARN	(1u << 9)
#define TAINT_SOFTLOCKUP (1u << 14)

static int read_text(const char *root, const char *path, char *out, size_t size,
		     struct klp_err *err)
{
	char full[PATH_MAX];
	size_t len;
	void *text;
	int ret;

	snprintf(full, sizeof(full), "%s%s", root, path);
	ret = io_read_file(full, 4096, &text, &len, err);
	if (ret)
		return ret;
	snprintf(out, size, "%.*s", (int)strcspn(text, "\n"), (char *)text);
	free(text);
	return 0;
}

static int read_build_id(const char *root, struct machine *m, struct klp_err *err)
{
	char path[PATH_MAX];
	void *notes;
	size_t len;
	int ret;

	snprintf(path, sizeof(path), "%s/sys/kernel/notes", root);
	ret = io_read_file(path, NOTES_MAX, &notes, &len, err);
	if (!ret) {
		ret = notes_build_id(notes, len, m->build_id, sizeof(m->build_id));
		free(notes);
		if (ret)
			klp_err_set(err, ret, "%s has no build-id", path);
	}
	return ret ? klp_err_wrap(err, "cannot tell which kernel is running") : 0;
}

int machine_read(const char *root, struct machine *out, struct klp_err *err)
{
	struct machine m = { .root = root };
	int ret;

	ret = read_build_id(root, &m, err);
	if (!ret)
		ret = read_text(root, "/proc/sys/kernel/osrelease", m.release, sizeof(m.release), err);
	if (!ret)
		ret = read_text(root, "/proc/sys/kernel/random/boot_id", m.boot_id,
				sizeof(m.boot_id), err);
	if (read_text(root, "/etc/machine-id", m.id, sizeof(m.id), NULL) || !strcmp(m.id, "uninitialized"))
		m.id[0] = '\0';
	if (!ret)
		*out = m;
	return ret;
}

enum patch_in_kernel machine_patch(const struct machine *m, const char *module)
{
	char path[PATH_MAX], state[32];

	snprintf(path, sizeof(path), "/sys/kernel/quietpatch/patches/%.63s/state", module);
	if (read_text(m->root, path, state, sizeof(state), NULL))
		return IN_KERNEL_NOT;
	if (!strcmp(state, "applied"))
		return IN_KERNEL_APPLIED;
	/* "leaving" is out, for good; only its module stays, for as long as somebody sleeps in it. */
	return strcmp(state, "loaded") && strcmp(state, "leaving") ? IN_KERNEL_SWITCHING : IN_KERNEL_NOT;
}

bool machine_has(const struct machine *m, const char *module, int64_t release)
{
	char path[PATH_MAX], number[32];
	int64_t there = 0;

	snprintf(path, sizeof(path), "/sys/kernel/quietpatch/patches/%.63s/release", module);
	if (!read_text(m->root, path, number, sizeof(number), NULL))
		there = strtoll(number, NULL, 10);
	return machine_patch(m, module) == IN_KERNEL_APPLIED && (!there || there == release);
}

bool machine_replaced(const struct machine *m, const char *module)
{
	char path[PATH_MAX], text[8];

	snprintf(path, sizeof(path), "/sys/kernel/quietpatch/patches/%.63s/replaced", module);
	return !read_text(m->root, path, text, sizeof(text), NULL) && !strcmp(text, "1");
}

/* Is module @name, where '-' and '_' are one, the file of a line "kernel/net/key/af_key.ko.xz: ..."? */
static bool is_line_of(const char *line, size_t len, const char *name)
{
	size_t end = 0, start = 0, n = strlen(name);

	while (end < len && line[end] != ':')
		end++;
	for (size_t i = 0; i < end; i++)
		if (line[i] == '/')
			start = i + 1;
	if (end - start < n + 3 || strncmp(line + start + n, ".ko", 3))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((line[start + i] == '-' ? '_' : line[start + i]) != (name[i] == '-' ? '_' : name[i]))
			return false;
	return true;
}

enum module_presence machine_module(const struct machine *m, const char *name)
{
	char path[PATH_MAX], text[8];
	bool found = false;
	void *data;
	size_t len;

	snprintf(path, sizeof(path), "%.63s", name);
	for (char *p = path; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (machine_has_module(m, path))
		return MODULE_LOADED;
	if (!read_text(m->root, "/proc/sys/kernel/modules_disabled", text, sizeof(text), NULL) && !strcmp(text, "1"))
		return MODULE_LOCKED_OUT;
	snprintf(path, sizeof(path), "%s/lib/modules/%.64s/modules.dep", m->root, m->release);
	if (io_read_file(path, MODULES_DEP_MAX, &data, &len, NULL))
		return MODULE_LOADABLE;
	for (const char *line = data; *line && !found; line += strcspn(line, "\n"), line += *line == '\n')
		found = is_line_of(line, strcspn(line, "\n"), name);
	/* An empty list is one that nobody made yet. */
	found |= !len;
	free(data);
	return found ? MODULE_LOADABLE : MODULE_ABSENT;
}

int machine_patches(const struct machine *m, struct kernel_patch **out, size_t *nr)
{
	struct kernel_patch *list = NULL, *bigger;
	char path[PATH_MAX], number[32] = "";
	struct dirent *de;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/sys/kernel/quietpatch/patches", m->root);
	dir = opendir(path);
	while (dir && (de = readdir(dir))) {
		if (de->d_name[0] == '.')
			continue;
		bigger = reallocarray(list, n + 1, sizeof(*list));
		if (!bigger) {
			free(list);
			closedir(dir);
			return -ENOMEM;
		}
		list = bigger;
		memset(&list[n], 0, sizeof(list[n]));
		snprintf(list[n].module, sizeof(list[n].module), "%.63s", de->d_name);
		snprintf(path, sizeof(path), "/sys/kernel/quietpatch/patches/%.63s/name", de->d_name);
		if (read_text(m->root, path, list[n].name, sizeof(list[n].name), NULL))
			snprintf(list[n].name, sizeof(list[n].name), "%.63s", de->d_name);
		snprintf(path, sizeof(path), "/sys/kernel/quietpatch/patches/%.63s/release", de->d_name);
		if (!read_text(m->root, path, number, sizeof(number), NULL))
			list[n].release = strtoll(number, NULL, 10);
		snprintf(path, sizeof(path), "/sys/kernel/quietpatch/patches/%.63s/state", de->d_name);
		/* One that is going away at this moment. */
		if (read_text(m->root, path, list[n].state, sizeof(list[n].state), NULL))
			continue;
		list[n].in_force = !strcmp(list[n].state, "applied") && !machine_replaced(m, list[n].module);
		snprintf(path, sizeof(path), "/sys/kernel/quietpatch/patches/%.63s/flags", de->d_name);
		list[n].cumulative = !read_text(m->root, path, number, sizeof(number), NULL) && strstr(number, "replace");
		n++;
	}
	if (dir)
		closedir(dir);
	*out = list;
	*nr = n;
	return 0;
}

int64_t machine_release(const struct machine *m, const char *name)
{
	struct kernel_patch *list;
	int64_t highest = 0;
	size_t nr;

	if (machine_patches(m, &list, &nr))
		return 0;
	for (size_t i = 0; i < nr; i++)
		if (list[i].in_force && !strcmp(list[i].name, name) && list[i].release > highest)
			highest = list[i].release;
	free(list);
	return highest;
}

bool machine_has_module(const struct machine *m, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/module/%.63s", m->root, name);
	return !access(path, F_OK);
}

uint64_t machine_faults(const struct machine *m)
{
	char text[32];

	if (read_text(m->root, "/proc/sys/kernel/tainted", text, sizeof(text), NULL))
		return 0;
	return strtoull(text, NULL, 10) & (TAINT_DIE | TAINT_WARN | TAINT_SOFTLOCKUP);
}

int64_t machine_attempts(const struct machine *m, const char *module)
{
	char path[256];
	int64_t n = -1;
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "%.120s/sys/module/%.63s/parameters/tripped", m->root, module);
	if (!io_read_file(path, 64, &text, &len, NULL)) {
		n = strtoll(text, NULL, 10);
		free(text);
	}
	return n;
}
