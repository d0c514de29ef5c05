// SPDX-License-Identifier: GPL-2.0-or-later
/* metrics.c - see metrics.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonstr.h"
#include "metrics.h"

static void head(FILE *f, const char *name, const char *help)
{
	fprintf(f, "# HELP quietpatch_%s %s\n# TYPE quietpatch_%s gauge\n", name, help, name);
}

static void number(FILE *f, const char *name, const char *help, long long value)
{
	head(f, name, help);
	fprintf(f, "quietpatch_%s %lld\n", name, value);
}

/* A label's value: backslash, quote and newline are written otherwise. */
static void label(FILE *f, const char *key, const char *value, const char *end)
{
	fprintf(f, "%s=\"", key);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', f);
		if (*value == '\n')
			fputs("\\n", f);
		else
			fputc(*value, f);
	}
	fprintf(f, "\"%s", end);
}

static void patches(FILE *f, const json_t *list)
{
	const json_t *p;
	size_t i;

	head(f, "patch_in_force", "1 if the kernel says that the patch is in force.");
	json_array_foreach(list, i, p) {
		fputs("quietpatch_patch_in_force{", f);
		label(f, "name", str(p, "name"), ",");
		fprintf(f, "release=\"%lld\",", num(p, "release"));
		label(f, "state", str(p, "state"), "} ");
		fprintf(f, "%d\n", json_is_true(json_object_get(p, "in_force")));
	}
}

static void cves(FILE *f, const json_t *c)
{
	static const char *const keys[] = { "covered", "open", "mitigated", "critical", "high", "reboot", "unknown" };

	if (!json_object_size(c))
		return;
	head(f, "cves", "CVEs of this kernel: covered by live patches, open (of those: mitigated, critical, high, need a reboot), unknown.");
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		fprintf(f, "quietpatch_cves{state=\"%s\"} %lld\n", keys[i], num(c, keys[i]));
}

static long long exploited(const json_t *status)
{
	const json_t *w, *p;
	long long n = 0;
	size_t i;

	json_array_foreach(json_object_get(status, "waiting"), i, w)
		n += json_is_true(json_object_get(w, "exploited"));
	json_array_foreach(json_object_get(status, "patches"), i, p)
		n += json_is_true(json_object_get(p, "exploited")) && json_is_true(json_object_get(p, "wanted")) &&
		     !json_is_true(json_object_get(p, "in_force"));
	return n;
}

char *metrics_text(const json_t *status)
{
	static const char *const words[] = { "protected", "mitigated", "not protected", "unknown" };
	const json_t *kernel = json_object_get(status, "kernel");
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	head(f, "info", "The running kernel.");
	fputs("quietpatch_info{version=\"" QP_VERSION "\",", f);
	label(f, "kernel", str(kernel, "release"), ",");
	label(f, "build_id", str(kernel, "build_id"), "} 1\n");
	head(f, "protection", "1 for the word that holds; the first line of klp-update status.");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		fprintf(f, "quietpatch_protection{is=\"%s\"} %d\n", words[i], !strcmp(words[i], str(status, "protection")));
	number(f, "exit_status", "Exit status of klp-update status.", num(status, "exit"));
	number(f, "last_look_timestamp_seconds", "When the source was last asked with success, 0: never.", num(status, "last_look"));
	number(f, "waiting", "Patches that are offered and wait.", (long long)json_array_size(json_object_get(status, "waiting")));
	number(f, "holds", "Holds in force.", (long long)json_array_size(json_object_get(status, "holds")));
	number(f, "exploited_waiting", "Patches that are offered, marked as exploited now, and not in force.", exploited(status));
	if (num(json_object_get(status, "horizon"), "ends"))
		number(f, "maintained_until_timestamp_seconds", "Until when the source makes patches for this kernel.",
		       num(json_object_get(status, "horizon"), "ends"));
	patches(f, json_object_get(status, "patches"));
	cves(f, json_object_get(status, "cves"));
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
