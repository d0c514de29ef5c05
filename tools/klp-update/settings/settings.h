/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings.h - what the operator has set, in update.conf, its drop-ins (settings_file.h) and options. */
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
/* NULL: there is none of that name, told in @err. */
const struct setting *settings_find(const char *key, struct klp_err *err);
/* -EINVAL: unknown key or wrong value.  @origin: where it stands. */
int settings_set(struct settings *s, const char *key, const char *value, const char *origin, struct klp_err *err);
/* Where @def was set, "default" if nowhere. */
const char *settings_origin(const struct settings *s, const struct setting *def);
/* The value as update.conf spells it. */
void settings_get(const struct settings *s, const struct setting *def, char *out, size_t size);
void settings_free(struct settings *s);

#endif
