// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * record.c - what a bundle knew of a patch, kept in /run for status and list.
 *
 * Nothing is decided by it: the core module's word counts, and the folder is
 * gone with the patches when the machine reboots.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "err.h"
#include "io.h"
#include "manifest.h"
#include "patches.h"
#include "transition.h"

static json_t *functions(const struct manifest *m)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < m->nr_functions; i++)
		json_array_append_new(list, json_pack("{s:s s:s s:s s:i}",
			"object", m->functions[i].object, "name", m->functions[i].name,
			"file", m->functions[i].file, "line", (int)m->functions[i].line));
	return list;
}

static json_t *strings(char *const *words, size_t nr)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_string(words[i]));
	return list;
}

json_t *manifest_brief(const struct manifest *m)
{
	return json_pack("{s:s s:I s:s s:s s:s s:o s:o s:I s:o s:o}",
			 "name", m->name, "release", (json_int_t)m->release, "module", m->module,
			 "summary", m->summary, "kernel", m->kernel_release,
			 "cves", strings(m->cves, m->nr_cves), "requires",
			 strings(m->requires, m->nr_requires), "expires", (json_int_t)m->expires,
			 "mitigates", strings(m->mitigates, m->nr_mitigates), "functions", functions(m));
}

int record_write(const struct manifest *m, const char *digest, const struct transition *tr,
		 struct klp_err *err)
{
	json_t *j = manifest_brief(m);
	char path[256], *text;
	int ret;

	if (!j)
		return klp_err_sys(err, -ENOMEM, "cannot record patch %s", m->name);
	json_object_set_new(j, "bundle", json_string(digest));
	json_object_set_new(j, "since", json_integer(time(NULL)));
	json_object_set_new(j, "transition", tr ? transition_json(tr) : json_null());
	text = json_dumps(j, JSON_INDENT(1) | JSON_SORT_KEYS);
	json_decref(j);
	if (!text)
		return klp_err_sys(err, -ENOMEM, "cannot record patch %s", m->name);
	snprintf(path, sizeof(path), RECORD_DIR "/%.63s.json", m->module);
	ret = io_mkdirs(RECORD_DIR, 0755, err);
	if (!ret)
		ret = io_write_atomic(path, text, strlen(text), 0644, err);
	free(text);
	return ret;
}
