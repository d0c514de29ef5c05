/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.h - /etc/quietpatch/update.conf, its drop-ins, and the options that override them.
 *
 * "key = value" lines; '#' starts a comment at the start of a line or after white space.  update.conf.d/NAME.conf are
 * read after update.conf, in the order of their names; a later file overrides an earlier one.  An unknown key, a wrong
 * value, a key that stands twice in one file, a file there of which nobody can say whether it was meant to be read: each
 * is an error that names file and line, since a setting that is ignored in silence is worse than a run that doesn't
 * happen.  Only what editors and dpkg leave behind is left alone, and `config` and `doctor` name it.
 */
#ifndef KLP_UPDATE_SETTINGS_H
#define KLP_UPDATE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;

#define FETCH_USER	"_quietpatch"	/* quietpatch.sysusers */
#define SETTINGS_FILE	"/etc/quietpatch/update.conf"

#define SETTINGS_NR_MAX	40

struct settings {
	const char *root;	/* "" or a folder that stands for / */
	char *source;		/* folder or URL */
	char *signers;		/* "root" or "folder": trust_keyring() */
	char *keys;		/* folder of trusted keys */
	char *trust;		/* the publisher's root.json */
	char *log_policy;	/* file: which public logs a bundle has to be in */
	char *state;		/* folder: database, kept bundles */
	char *loader;		/* klp-apply: name or path */
	char *fetcher;		/* socket of the fetching service; a child fetches where there is none */
	char *fetch_user;	/* whom that child becomes, when started by root */
	long fetch_timeout;	/* seconds for one file */
	long offline;		/* seconds: a source that doesn't answer is no error before */
	char *proxy;		/* URL, or "none" */
	char *ca;		/* file of certificates, or "system" */
	char *apply;		/* yes, no (look and tell), ask (until klp-update approve) */
	char *severity;		/* least severity that is taken: any, low, medium, high, critical */
	char *window;		/* policy.h; "any" */
	long delay;		/* seconds from when a release is first seen */
	char *pin;		/* policy.h; "none" */
	char *exclude;		/* policy.h; "none" */
	char *emergency;	/* "yes" or "no" */
	char *phase;		/* "machine", or a number of percent */
	long watch;		/* seconds after applying */
	char *health;		/* command that says whether the machine is well; "none" */
	char *pressure;		/* policy.h; "none" */
	long timeout;		/* seconds for all tasks to switch */
	char *stragglers;	/* what klp-apply does about those that haven't */
	char *kick;		/* for klp-apply */
	char *consistency;	/* for klp-apply */
	char *notify;		/* command that gets what a human has to see, or "none" */
	char *reboot_required;	/* "yes" or "no": may advise --reboot-required write /run/reboot-required */
	char *mail;		/* to whom the same is mailed, or "none" */
	/* internal: where each setting of settings_table was made, "FILE:LINE"; NULL: nowhere */
	char *origin[SETTINGS_NR_MAX];
	char *left_alone;	/* files beside the drop-ins that weren't read; NULL: none */
};

enum setting_kind { SETTING_TEXT, SETTING_PATH, SETTING_CHOICE, SETTING_SECONDS };

struct setting {
	const char *key;
	enum setting_kind kind;
	size_t offset;		/* into struct settings */
	const char *initial;
	const char *help;
	const char *wanted;	/* CHOICE: the words, with spaces between; TEXT with a check: what it must be */
	bool (*check)(const char *value);
	long max;		/* SECONDS */
	bool secret;		/* may hold a password: `support` shows its first word at most */
};
extern const struct setting settings_table[];	/* ends with a NULL key */

int settings_init(struct settings *s, const char *root, struct klp_err *err);
/* @path and its drop-ins, @path.d/NAME.conf.  Absent ones are fine. */
int settings_read(struct settings *s, const char *path, struct klp_err *err);
/* The text of one file, which is cut up; @path: for people. */
int settings_parse(struct settings *s, char *text, const char *path, struct klp_err *err);
/* NULL: there is none of that name, told in @err. */
const struct setting *settings_find(const char *key, struct klp_err *err);
/* -EINVAL: unknown key or wrong value.  @origin: where it stands. */
int settings_set(struct settings *s, const char *key, const char *value, const char *origin, struct klp_err *err);
/* Where @def was set, "default" if nowhere. */
const char *settings_origin(const struct settings *s, const struct setting *def);
/*
 * Write "@key = @value" into @path, in place of the line that sets it there.  -EEXIST: a drop-in would override it.
 */
int settings_write(const struct settings *s, const char *path, const char *key, const char *value, struct klp_err *err);
/* The value as update.conf spells it. */
void settings_get(const struct settings *s, const struct setting *def, char *out, size_t size);
void settings_free(struct settings *s);

#endif
