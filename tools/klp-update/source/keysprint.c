// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keysprint.c - see keysprint.h.
 *
 * klp-update's own, by name and content, and those against which the kernel checks modules, as /proc/keys
 * lists them.  It decides only whether a refusal is asked for again; nothing is trusted by it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "keysprint.h"
#include "settings/settings.h"
#include "trust.h"
#include "tuf/tuf_limits.h"

#define KEY_MAX		65536
#define KEYS_MAX	(1u << 20)

static int is_key(const struct dirent *de)
{
	size_t n = strlen(de->d_name);

	return n > 4 && !strcmp(de->d_name + n - 4, ".pub");
}

static void add_files(FILE *to, const char *folder)
{
	struct dirent **list;
	int n = scandir(folder, &list, is_key, alphasort);
	char path[4352];
	size_t len;
	void *data;

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, list[i]->d_name);
		if (!io_read_file(path, KEY_MAX, &data, &len, NULL)) {
			fprintf(to, "%s %zu\n", list[i]->d_name, len);
			fwrite(data, 1, len, to);
			free(data);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

/* From the type on: what stands before it, number and expiry, is another in each boot. */
static void add_kernels(FILE *to, const char *root)
{
	char path[4352], *rest, *line, *type;
	size_t len;
	void *text;

	snprintf(path, sizeof(path), "%s/proc/keys", root);
	if (io_read_file(path, KEYS_MAX, &text, &len, NULL))
		return;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		type = strstr(line, " asymmetri");
		if (type)
			fprintf(to, "%s\n", type);
	}
	free(text);
}

/* The publisher's newest root that is known. */
static void add_root(FILE *to, const struct settings *s)
{
	char folder[4096], path[4352];
	size_t len;
	void *data;

	trust_folder(s, folder);
	snprintf(path, sizeof(path), "%s/root.json", folder);
	if (io_read_file(path, TUF_ROOT_MAX, &data, &len, NULL))
		return;
	fwrite(data, 1, len, to);
	free(data);
}

int keys_print(const struct settings *s, char out[65], struct klp_err *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int ret = to ? 0 : -ENOMEM;

	if (to) {
		add_files(to, s->keys);
		add_root(to, s);
		add_kernels(to, s->root);
		ret = fclose(to) || sha256_hex(text, len, out) ? -ENOMEM : 0;
		free(text);
	}
	return ret ? klp_err_sys(err, ret, "cannot tell which keys are trusted") : 0;
}
