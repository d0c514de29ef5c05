// SPDX-License-Identifier: GPL-2.0-or-later
/* public.c - see public.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cve/cve.h"
#include "cve/effective.h"
#include "err.h"
#include "exits.h"
#include "io.h"
#include "jsonstr.h"
#include "log.h"
#include "protection.h"
#include "public.h"
#include "state/db.h"
#include "state/horizon.h"
#include "state/store_hold.h"
#include "state/store_value.h"
#include "state/update.h"
#include "status.h"

#define VERSION		1
#define PUBLIC_MAX	(4u << 20)

/* All that is told of a reason. */
static const char *word_for(int exit)
{
	switch (exit) {
	case EXIT_TRUST:
		return "not trusted";
	case EXIT_HELD:
		return "held";
	case EXIT_PENDING:
		return "pending";
	case EXIT_ROLLED_BACK:
		return "taken back";
	case EXIT_NETWORK:
		return "the source didn't answer";
	case EXIT_NOT_FOUND:
		return "the source has nothing for this kernel";
	default:
		return "it failed";
	}
}

/* ---- writing ---- */

/* Copies of @keys of each object of @list, and a word for its exit. */
static json_t *choose(const json_t *list, const char *const *keys)
{
	json_t *out = json_array(), *item, *chosen, *value;
	size_t i;

	json_array_foreach(list, i, item) {
		chosen = json_object();
		for (const char *const *k = keys; *k; k++) {
			value = json_object_get(item, *k);
			if (value)
				json_object_set(chosen, *k, value);
		}
		json_array_append_new(out, chosen);
	}
	return out;
}

/* Patches that only the kernel knows are left to the reader, who can ask it, too. */
static json_t *own_patches(const json_t *list)
{
	static const char *const keys[] = {
		"name", "release", "module", "digest", "kernel", "build_id", "boot", "state", "exit", "summary", "functions",
		"cves", "mitigates", "expires", "applied_at", "changed_at", "exploited", NULL
	};
	json_t *chosen = choose(list, keys);

	for (size_t i = json_array_size(chosen); i-- > 0;)
		if (!json_object_get(json_array_get(chosen, i), "digest"))
			json_array_remove(chosen, i);
	return chosen;
}

static json_t *public_json(const struct update *u, const json_t *all)
{
	static const char *const waiting[] = { "name", "release", "summary", "cves", "since", "exit", "exploited", NULL };
	static const char *const holds[] = { "name", "since", NULL };
	bool failed = *json_string_value(json_object_get(all, "last_error"));

	return json_pack("{s:i, s:s, s:I, s:O, s:O, s:I, s:O, s:b, s:o, s:o, s:o}",
			 "version", VERSION, "boot", u->machine.boot_id, "written_at", (json_int_t)time(NULL),
			 "kernel", json_object_get(all, "kernel"), "last_look", json_object_get(all, "last_look"),
			 "last_exit", json_integer_value(json_object_get(all, "last_exit")),
			 "protection", json_object_get(all, "protection"), "failed", failed,
			 "patches", own_patches(json_object_get(all, "patches")),
			 "waiting", choose(json_object_get(all, "waiting"), waiting),
			 "holds", choose(json_object_get(all, "holds"), holds));
}

/* Takes @j over. */
static int write_json(const struct update *u, const char *file, json_t *j, struct klp_err *err)
{
	char *text = j ? json_dumps(j, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
	char path[PATH_MAX], folder[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s%s", u->settings.root, file);
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	ret = text ? io_mkdirs(folder, 0755, err) : klp_err_sys(err, -ENOMEM, "%s", path);
	if (!ret)
		ret = io_write_atomic(path, text, strlen(text), 0644, err);
	free(text);
	json_decref(j);
	return ret;
}

/* Reasons name processes and times: of what a patch waits for, everybody gets a word. */
static json_t *public_answers(const json_t *answers)
{
	json_t *out = json_deep_copy(answers), *a;
	size_t i;

	json_array_foreach(out, i, a) {
		if (cve_state_of(a) != CVE_IS_VULNERABLE || !*str(a, "patch"))
			continue;
		json_object_set_new(a, "live_patch", json_string("one is offered"));
		json_object_set_new(a, "evidence", json_string("a live patch that isn't in force is offered"));
	}
	return out;
}

static int write_cves(struct update *u, json_t **summary, json_t **effective, struct klp_err *err)
{
	json_t *answers;
	int ret = cve_answers(u, &answers, err);

	if (ret)
		return ret;
	*summary = cve_summary(u, answers);
	*effective = effective_of(u, answers);
	ret = write_json(u, CVES_FILE, json_pack("{s:i, s:s, s:I, s:{s:s, s:s}, s:O, s:O, s:o}", "version", VERSION, "boot",
						 u->machine.boot_id, "written_at", (json_int_t)time(NULL), "kernel",
						 "release", u->machine.release, "build_id", u->machine.build_id, "summary", *summary, "effective", *effective,
						 "cves", public_answers(answers)), err);
	json_decref(answers);
	return ret;
}

static int keep(struct db *db, const char *key, const json_t *value, struct klp_err *err)
{
	char *text = json_dumps(value, JSON_COMPACT);
	int ret = text ? store_set_word(db, key, text, err) : 0;

	free(text);
	return ret;
}

void public_write(struct update *u)
{
	json_t *all = NULL, *cves = NULL, *effective = NULL, *j;
	struct klp_err err = { 0 };
	int ret = write_cves(u, &cves, &effective, &err);

	if (!ret)
		ret = keep(u->db, CVES_WORD, cves, &err);
	if (!ret)
		ret = keep(u->db, EFFECTIVE_WORD, effective, &err);
	if (!ret)
		ret = status_json(u, &all, &err);
	if (!ret) {
		j = public_json(u, all);
		json_object_set(j, "cves", cves);
		json_object_set(j, "effective", effective);
		json_object_set(j, "horizon", json_object_get(all, "horizon"));
		ret = write_json(u, PUBLIC_FILE, j, &err);
	}
	if (ret)
		log_warn("what everybody may know isn't written: %s", err.text);
	json_decref(effective);
	json_decref(cves);
	json_decref(all);
}

/* ---- reading ---- */

/* Why it is in that state. */
static const char *reason_of(const json_t *p)
{
	int exit = (int)num(p, "exit");

	if (protection_has_to_go(p))
		return "it was faulty, or was withdrawn";
	return exit ? word_for(exit) : "";
}

static int add_patch(struct db *db, const json_t *p, struct klp_err *err)
{
	char *functions = json_dumps(json_object_get(p, "functions"), JSON_COMPACT);
	char *cves = json_dumps(json_object_get(p, "cves"), JSON_COMPACT);
	char *mitigates = json_dumps(json_object_get(p, "mitigates"), JSON_COMPACT);
	int ret;

	ret = db_run(db, err, "INSERT OR IGNORE INTO patch (digest, name, release, module, summary, kernel, build_id, functions,"
		     " cves, mitigates, expires, state, reason, boot_id, changed_at, applied_at, exit)"
		     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ssisssssssisssiii",
		     str(p, "digest"), str(p, "name"), num(p, "release"), str(p, "module"), str(p, "summary"),
		     str(p, "kernel"), str(p, "build_id"), functions ? functions : "[]", cves ? cves : "[]", mitigates ? mitigates : "[]", num(p, "expires"),
		     str(p, "state"), reason_of(p), str(p, "boot"),
		     num(p, "changed_at"), num(p, "applied_at"), num(p, "exit"));
	free(functions);
	free(cves);
	free(mitigates);
	return ret;
}

static int add_waiting(struct db *db, const json_t *w, struct klp_err *err)
{
	char *cves = json_dumps(json_object_get(w, "cves"), JSON_COMPACT);
	int ret;

	ret = db_run(db, err, "INSERT OR IGNORE INTO waiting (name, release, summary, cves, since, until, reason, look, exit)"
		     " VALUES (?, ?, ?, ?, ?, 0, ?, 0, ?)", "sissisi", str(w, "name"), num(w, "release"),
		     str(w, "summary"), cves ? cves : "[]", num(w, "since"), word_for((int)num(w, "exit")), num(w, "exit"));
	free(cves);
	return ret;
}

/* As remember_exploited() has it: what is listed, and what more there is, doesn't matter to a reader. */
static int add_exploited(struct db *db, const json_t *j, struct klp_err *err)
{
	static const char *const lists[] = { "patches", "waiting" };
	json_t *marks = json_array(), *item;
	char *text;
	size_t i;
	int ret;

	for (size_t k = 0; k < 2; k++)
		json_array_foreach(json_object_get(j, lists[k]), i, item)
			if (json_is_true(json_object_get(item, "exploited")))
				json_array_append_new(marks, json_pack("{s:O, s:O}", "name", json_object_get(item, "name"),
								       "release", json_object_get(item, "release")));
	text = json_dumps(marks, JSON_COMPACT);
	ret = text ? store_set_word(db, EXPLOITED_WORD, text, err) : klp_err_sys(err, -ENOMEM, "cannot read the public part");
	free(text);
	json_decref(marks);
	return ret;
}

static int take_over(struct db *db, const json_t *j, struct klp_err *err)
{
	const json_t *item;
	size_t i;
	int ret;

	ret = store_set_number(db, "last-look", num(j, "last_look"), err);
	if (!ret)
		ret = store_set_number(db, "last-exit", num(j, "last_exit"), err);
	if (!ret && json_is_true(json_object_get(j, "failed")))
		ret = store_set_word(db, "last-error", word_for((int)num(j, "last_exit")), err);
	if (!ret)
		ret = add_exploited(db, j, err);
	if (!ret)
		ret = keep(db, CVES_WORD, json_object_get(j, "cves"), err);
	if (!ret)
		ret = keep(db, EFFECTIVE_WORD, json_object_get(j, "effective"), err);
	json_array_foreach(json_object_get(j, "patches"), i, item)
		ret = ret ? ret : add_patch(db, item, err);
	json_array_foreach(json_object_get(j, "waiting"), i, item)
		ret = ret ? ret : add_waiting(db, item, err);
	json_array_foreach(json_object_get(j, "holds"), i, item)
		ret = ret ? ret : store_hold(db, str(item, "name"), 0, "", err);
	return ret;
}

/* Nobody but root, or who asks, may have written it. */
static json_t *load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	json_t *j = NULL;
	struct stat st;
	size_t len;
	void *text;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (!st.st_uid || st.st_uid == geteuid()) &&
	    !io_read_fd(fd, path, PUBLIC_MAX, &text, &len, NULL)) {
		j = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
		free(text);
	}
	close(fd);
	return j;
}

static int unknown(struct update *u, const char *why, struct klp_err *err)
{
	int ret = store_set_word(u->db, "last-error", why, err);

	return ret ? ret : store_set_number(u->db, "last-exit", EXIT_NOT_FOUND, err);
}

int public_read(struct update *u, struct klp_err *err)
{
	char path[PATH_MAX];
	json_t *j;
	int ret;

	snprintf(path, sizeof(path), "%s" PUBLIC_FILE, u->settings.root);
	j = load(path);
	u->public_at = 1;
	ret = db_create(NULL, &u->db, err);
	if (ret)
		;
	else if (!j)
		ret = unknown(u, "no run of klp-update has told anything since the boot; root sees more", err);
	else if (num(j, "version") != VERSION)
		ret = unknown(u, "what everybody may know was written by another version of klp-update; root sees more", err);
	else if (strcmp(str(j, "boot"), u->machine.boot_id))
		ret = unknown(u, "what everybody may know is from before the reboot; the next run of klp-update tells anew", err);
	else if (!(ret = take_over(u->db, j, err)) &&
		 !(ret = horizon_set(u, num(json_object_get(j, "horizon"), "ends"), err)))
		u->public_at = num(j, "written_at") > 1 ? num(j, "written_at") : 1;
	json_decref(j);
	return ret;
}

int public_cves(const struct update *u, json_t **out, struct klp_err *err)
{
	char path[PATH_MAX];
	json_t *j, *a;
	size_t i;

	snprintf(path, sizeof(path), "%s" CVES_FILE, u->settings.root);
	j = load(path);
	if (!j || num(j, "version") != VERSION || strcmp(str(j, "boot"), u->machine.boot_id) ||
	    !json_is_array(json_object_get(j, "cves"))) {
		json_decref(j);
		return klp_err_set(err, -ENOENT, "no run of klp-update has told anything of CVEs since the boot; root sees more");
	}
	json_array_foreach(json_object_get(j, "cves"), i, a) {
		struct kernel_patch *in;
		bool still = false;
		size_t nr = 0;

		if ((cve_state_of(a) != CVE_IS_FIXED_LIVE && cve_state_of(a) != CVE_IS_MITIGATED) || machine_patches(&u->machine, &in, &nr))
			continue;
		for (size_t k = 0; k < nr; k++)
			still |= !strcmp(in[k].name, str(a, "patch")) && !strcmp(in[k].state, "applied") &&
				 (!in[k].release || in[k].release == num(a, "release"));
		free(in);
		if (still)
			continue;
		json_object_set_new(a, "state", json_string(cve_state_name(CVE_IS_UNKNOWN)));
		json_object_set_new(a, "evidence", json_string("the live patch that fixed it has left the kernel since the last run"));
	}
	*out = json_incref(json_object_get(j, "cves"));
	json_decref(j);
	return 0;
}
