/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.h - /etc/quietpatch/update.conf and the options that override it.
 *
 * "key = value" lines; '#' starts a comment.  An unknown key or a wrong value is an
 * error that names file and line: a setting that is ignored in silence is worse
 * than a run that doesn't happen.
 */
#ifndef KLP_UPDATE_SETTINGS_H
#define KLP_UPDATE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;

#define FETCH_USER	"_quietpatch"	/* quietpatch.sysusers */
#define SETTINGS_FILE	"/etc/quietpatch/update.conf"

struct settings {
	const char *root;	/* "" or a folder that stands for / */
	char *source;		/* folder or URL */
	char *keys;		/* folder of trusted keys */
	char *state;		/* folder: database, kept bundles */
	char *loader;		/* klp-apply: name or path */
	char *fetcher;		/* socket of the fetching service; a child fetches where there is none */
	char *fetch_user;	/* whom that child becomes, when started by root */
	long fetch_timeout;	/* seconds for one file */
	bool apply;		/* false: look and tell, don't apply */
	long watch;		/* seconds after applying */
	long timeout;		/* seconds for all tasks to switch */
	char *stragglers;	/* what klp-apply does about those that haven't */
};

enum setting_kind { SETTING_TEXT, SETTING_PATH, SETTING_BOOL, SETTING_SECONDS, SETTING_STRAGGLERS };

struct setting {
	const char *key;
	enum setting_kind kind;
	size_t offset;		/* into struct settings */
	const char *initial;
	const char *help;
};
extern const struct setting settings_table[];	/* ends with a NULL key */

int settings_init(struct settings *s, const char *root, struct klp_err *err);
/* An absent file is fine. */
int settings_read(struct settings *s, const char *path, struct klp_err *err);
/* -EINVAL: unknown key or wrong value. */
int settings_set(struct settings *s, const char *key, const char *value, struct klp_err *err);
/* The value as update.conf spells it. */
void settings_get(const struct settings *s, const struct setting *def, char *out, size_t size);
void settings_free(struct settings *s);

#endif
