// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memory.c - see memory.h.
 *
 * {"patches": {"BUILD-ID NAME": {"release", "id", "boot"}}, "withdrawn": {"BUILD-ID NAME RELEASE": reason}}; "boot"
 * is there while it is being loaded: the boot that this happens in.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <jansson.h>

#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "manifest.h"
#include "memory.h"

#define FILE_MAX	(4u << 20)	/* bytes: some 20,000 patches */

struct memory {
	char path[PATH_MAX];
	int lock;		/* the folder */
	json_t *all;
};

static json_t *part(const struct memory *mem, const char *name)
{
	return json_object_get(mem->all, name);
}

static bool is_whole(json_t *all)
{
	json_t *withdrawn = json_object_get(all, "withdrawn"), *reason;
	const char *key;

	json_object_foreach(withdrawn, key, reason)
		if (!json_is_string(reason))
			return false;
	return json_is_object(json_object_get(all, "patches")) && json_is_object(withdrawn);
}

static int read_all(struct memory *mem, bool *damaged, struct klp_err *err)
{
	char aside[PATH_MAX + 16];
	size_t len;
	void *text;
	int ret;

	ret = io_read_file(mem->path, FILE_MAX, &text, &len, err);
	if (!ret) {
		mem->all = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
		free(text);
		if (is_whole(mem->all))
			return 0;
		json_decref(mem->all);
		mem->all = NULL;
		snprintf(aside, sizeof(aside), "%s.damaged", mem->path);
		if (rename(mem->path, aside))
			return klp_err_sys(err, -errno, "cannot set the damaged %s aside", mem->path);
		*damaged = true;
	} else if (ret != -ENOENT) {
		return ret;
	}
	mem->all = json_pack("{s:{}, s:{}}", "patches", "withdrawn");
	return mem->all ? 0 : klp_err_sys(err, -ENOMEM, "cannot read %s", mem->path);
}

int memory_open(const char *dir, struct memory **out, bool *damaged, struct klp_err *err)
{
	struct memory *mem = calloc(1, sizeof(*mem));
	int ret;

	if (!mem)
		return klp_err_sys(err, -ENOMEM, "cannot read %s", dir);
	mem->lock = -1;
	*damaged = false;
	snprintf(mem->path, sizeof(mem->path), "%s/memory.json", dir);
	ret = io_mkdirs(dir, 0700, err);
	if (!ret) {
		/* Nobody else can open it, so nobody else can hold the lock. */
		mem->lock = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (mem->lock < 0 || flock(mem->lock, LOCK_EX))
			ret = klp_err_sys(err, -errno, "cannot lock %s", dir);
	}
	if (!ret)
		ret = read_all(mem, damaged, err);
	if (ret) {
		memory_close(mem);
		return ret;
	}
	*out = mem;
	return 0;
}

void memory_close(struct memory *mem)
{
	if (!mem)
		return;
	json_decref(mem->all);
	if (mem->lock >= 0)
		close(mem->lock);
	free(mem);
}

static int write_all(struct memory *mem, struct klp_err *err)
{
	char *text = json_dumps(mem->all, JSON_SORT_KEYS | JSON_INDENT(1));
	int ret;

	if (!text)
		return klp_err_sys(err, -ENOMEM, "cannot write %s", mem->path);
	ret = io_write_atomic(mem->path, text, strlen(text), 0600, err);
	free(text);
	return ret;
}

static void key_of(const struct manifest *m, char out[256])
{
	snprintf(out, 256, "%.128s %.64s", m->kernel_build_id, m->name);
}

static int check_release(const json_t *had, const struct manifest *m, const char *id, struct klp_err *err)
{
	json_int_t release = json_integer_value(json_object_get(had, "release"));

	if (!had || release < (json_int_t)m->release)
		return 0;
	if (release > (json_int_t)m->release)
		return klp_err_set(err, -ESTALE, "%s: this machine has had release %lld, and this is release %llu; `--allow older` goes back nevertheless",
				   m->name, (long long)release, (unsigned long long)m->release);
	if (strcmp(str(had, "id"), id))
		return klp_err_set(err, -ESTALE, "%s: this machine has had another bundle of release %lld: a changed patch needs a new release; `--allow older` takes this one nevertheless",
				   m->name, (long long)release);
	return 0;
}

static int check_crash(const json_t *had, const struct manifest *m, const char *id, const char *boot_id, struct klp_err *err)
{
	const char *boot = str(had, "boot");

	if (!*boot || !strcmp(boot, boot_id) || strcmp(str(had, "id"), id))
		return 0;
	return klp_err_set(err, -EHOSTDOWN, "%s: the machine went down while release %llu was being loaded; `--allow crashed` tries it once more",
			   m->name, (unsigned long long)m->release);
}

static void withdrawn_key(const char *build_id, const char *name, uint64_t release, char out[320])
{
	snprintf(out, 320, "%.128s %.64s %llu", build_id, name, (unsigned long long)release);
}

static int check_withdrawn(const struct memory *mem, const struct manifest *m, struct klp_err *err)
{
	const json_t *reason;
	char key[320];

	withdrawn_key(m->kernel_build_id, m->name, m->release, key);
	reason = json_object_get(part(mem, "withdrawn"), key);
	if (!reason)
		return 0;
	return klp_err_set(err, -EKEYREVOKED, "%s: release %llu was withdrawn: %s; `--allow withdrawn` loads it nevertheless", m->name,
			   (unsigned long long)m->release, json_string_value(reason));
}

int memory_check(const struct memory *mem, const struct manifest *m, const char *id, const char *boot_id,
		 unsigned int allow, struct klp_err *err)
{
	const json_t *had;
	char key[256];
	int ret = 0;

	key_of(m, key);
	had = json_object_get(part(mem, "patches"), key);
	if (!(allow & ALLOW_WITHDRAWN))
		ret = check_withdrawn(mem, m, err);
	if (!ret && !(allow & ALLOW_OLDER))
		ret = check_release(had, m, id, err);
	if (!ret && !(allow & ALLOW_CRASHED))
		ret = check_crash(had, m, id, boot_id, err);
	return ret;
}

int memory_begin(struct memory *mem, const struct manifest *m, const char *id, const char *boot_id, struct klp_err *err)
{
	char key[256];

	key_of(m, key);
	if (json_object_set_new(part(mem, "patches"), key, json_pack("{s:I, s:s, s:s}", "release", (json_int_t)m->release,
								     "id", id, "boot", boot_id)))
		return klp_err_sys(err, -ENOMEM, "cannot write %s", mem->path);
	return write_all(mem, err);
}

int memory_end(struct memory *mem, struct klp_err *err)
{
	bool any = false;
	const char *key;
	json_t *had;

	json_object_foreach(part(mem, "patches"), key, had)
		any |= !json_object_del(had, "boot");
	return any ? write_all(mem, err) : 0;
}

int memory_withdraw(struct memory *mem, const char *build_id, const char *name, uint64_t release, const char *reason,
		    struct klp_err *err)
{
	json_t *all = part(mem, "withdrawn");
	char key[320];

	withdrawn_key(build_id, name, release, key);
	if (json_object_get(all, key))
		return 0;
	if (json_object_set_new(all, key, json_string(reason)))
		return klp_err_sys(err, -EINVAL, "cannot write %s", mem->path);
	return write_all(mem, err);
}
