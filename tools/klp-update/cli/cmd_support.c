// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_support.c - klp-update support: one file for a bug report.
 *
 * What the tools know and what a look at the machine shows; no key, no token, no password, no machine id (scrub.h).
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/scrub.h"
#include "command.h"
#include "context.h"
#include "cve/cve.h"
#include "err.h"
#include "io.h"
#include "machine/klog.h"
#include "run/loader.h"
#include "state/store.h"
#include "tell/status.h"

#define HISTORY_MAX	1000
#define TEXT_MAX	(4u << 20)
#define LINES_MAX	400
#define FILE_NAME	"quietpatch-support.json"

/* Lines of a file that have one of @words in them (NULL: all), at most LINES_MAX, the last ones. */
static json_t *lines_of(const char *text, const char *const *words)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = strndup(text, n);
		bool wanted = !words;

		for (const char *const *w = words; line && w && *w; w++)
			wanted |= strstr(line, *w) != NULL;
		if (line && wanted)
			json_array_append_new(list, json_stringn_nocheck(line, n) ? : json_string(""));
		if (json_array_size(list) > LINES_MAX)
			json_array_remove(list, 0);
		free(line);
		text += n + (text[n] == '\n');
	}
	return list;
}

static json_t *file_lines(const struct update *u, const char *file, const char *const *words)
{
	struct klp_err err = { 0 };
	char path[PATH_MAX];
	json_t *list;
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "%s%s", u->settings.root, file);
	if (io_read_file(path, TEXT_MAX, &text, &len, &err))
		return json_pack("[s]", err.text);
	list = lines_of(text, words);
	free(text);
	return list;
}

static json_t *settings_of(const struct update *u)
{
	json_t *obj = json_object();
	char value[PATH_MAX];

	for (const struct setting *def = settings_table; def->key; def++) {
		settings_get(&u->settings, def, value, sizeof(value));
		/* A command's arguments may be anything; a URL's secrets are known by their form. */
		if (def->secret && strpbrk(value, " \t"))
			strcpy(value + strcspn(value, " \t"), " ***");
		json_object_set_new(obj, def->key, json_pack("{s:s, s:s}", "value", value, "origin", settings_origin(&u->settings, def)));
	}
	return obj;
}

/* Names alone: what is in them is nobody's business, public keys or not. */
static json_t *key_names(const struct update *u)
{
	DIR *dir = opendir(u->settings.keys);
	json_t *list = json_array();
	struct dirent *de;

	while (dir && (de = readdir(dir)))
		if (de->d_name[0] != '.')
			json_array_append_new(list, json_string(de->d_name));
	if (dir)
		closedir(dir);
	return list;
}

static json_t *ask(const struct update *u, const char *command)
{
	struct loader_reply reply;
	struct klp_err err = { 0 };
	json_t *j;

	if (loader_ask(&u->settings, command, &reply, &err))
		return json_string(err.text);
	j = reply.json ? json_incref(reply.json) : json_string(reply.error);
	loader_reply_clear(&reply);
	return j;
}

static json_t *kernel_log(const struct update *u)
{
	static const char *const words[] = { "quietpatch", "qp_", "Oops", "BUG:", "WARNING:", "Call Trace", "RIP:", NULL };
	struct klp_err err = { 0 };
	struct klog log;
	char *text;
	json_t *list;

	if (klog_read(u->settings.root, &log, &err))
		return json_pack("[s]", err.text);
	text = strndup(log.text, log.len);
	list = lines_of(text ? text : "", words);
	free(text);
	klog_free(&log);
	return list;
}

static json_t *state_of(struct update *u)
{
	json_t *status = NULL, *history = NULL, *answers = NULL, *obj = json_object();
	struct klp_err err = { 0 };

	if (status_json(u, &status, &err) || store_history(u->db, HISTORY_MAX, &history, &err) || cve_answers(u, &answers, &err))
		json_object_set_new(obj, "error", json_string(err.text));
	if (status)
		json_object_set_new(obj, "status", status);
	if (history)
		json_object_set_new(obj, "history", history);
	if (answers)
		json_object_set_new(obj, "cves", cve_summary(u, answers));
	json_decref(answers);
	return obj;
}

static json_t *collect(struct update *u)
{
	static const char *const ours[] = { "quietpatch", "qp_", NULL };

	return json_pack("{s:i, s:s, s:I, s:{s:s, s:s}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "format", 1, "tool", "klp-update " QP_VERSION,
			 "written_at", (json_int_t)time(NULL), "kernel", "release", u->machine.release, "build_id", u->machine.build_id,
			 "kernel_version", file_lines(u, "/proc/version", NULL), "tainted", file_lines(u, "/proc/sys/kernel/tainted", NULL),
			 "os", file_lines(u, "/etc/os-release", NULL), "settings", settings_of(u), "keys", key_names(u), "state", state_of(u),
			 "in_kernel", ask(u, "status"), "blockers", ask(u, "blockers"), "modules", file_lines(u, "/proc/modules", ours),
			 "kernel_log", kernel_log(u));
}

static int write_report(struct update *u, const char *path, struct klp_err *err)
{
	json_t *all = collect(u), *clean = scrub_json(all);
	char *text = clean ? json_dumps(clean, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
	int ret = text ? io_write_output(path, text, strlen(text), 0600, err) : klp_err_sys(err, -ENOMEM, "cannot write %s", path);

	free(text);
	json_decref(all);
	json_decref(clean);
	return ret;
}

int cmd_support(struct update *u, int argc, char **argv)
{
	const char *path = argc ? argv[0] : FILE_NAME;
	struct klp_err err = { 0 };
	int ret;

	ret = context_open(u, false, &err);
	if (!ret && u->public_at)
		ret = klp_err_set(&err, -EACCES, "support needs the state, which is for root alone");
	if (!ret)
		ret = write_report(u, path, &err);
	if (ret)
		return update_fail(u, &err);
	if (u->json)
		update_print_json(json_pack("{s:s, s:s}", "done", "written", "file", path));
	else
		fprintf(stderr, "%s: keys, passwords and tokens are left out; look through it before you send it\n", path);
	return EXIT_DONE;
}
