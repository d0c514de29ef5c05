// SPDX-License-Identifier: GPL-2.0-or-later
/* advise.c - see advise.h: the pure part. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "advise.h"
#include "cve.h"
#include "jsonstr.h"

/* The line after which @text goes on; NULL at its end. */
static const char *next_line(const char *text)
{
	text = strchr(text, '\n');
	return text && text[1] ? text + 1 : NULL;
}

static const char *skip_blank(const char *s)
{
	return s + strspn(s, " \t");
}

static bool begins(const char *s, const char *word)
{
	return !strncmp(s, word, strlen(word));
}

/* Does grub.cfg take its default from grubenv, and is there one? */
static bool has_saved(const char *grubenv)
{
	static const char *const names[] = { "next_entry=", "saved_entry=" };

	for (const char *line = grubenv; line; line = next_line(line))
		for (size_t i = 0; i < 2; i++)
			if (begins(line, names[i]) && line[strlen(names[i])] && line[strlen(names[i])] != '\n')
				return true;
	return false;
}

int grub_default(const char *cfg, const char *grubenv, char release[65])
{
	bool in_entry = false, first = false;

	if (grubenv && has_saved(grubenv))
		return -ENOTSUP;
	for (const char *line = cfg; line; line = next_line(line)) {
		const char *s = skip_blank(line), *image;
		size_t n;

		/* Written as: set default="0"; also inside an if, where the saved entry's comes first. */
		if (begins(s, "set default=") && !begins(s, "set default=\"0\"") && !begins(s, "set default=0") &&
		    !begins(s, "set default=\"${next_entry}\"") && !begins(s, "set default=\"${saved_entry}\""))
			return -ENOTSUP;
		if (begins(s, "set default=\"0\"") || begins(s, "set default=0"))
			first = true;
		if (begins(s, "submenu ") && !in_entry)
			return -ENOTSUP;
		in_entry |= begins(s, "menuentry ");
		if (!in_entry || (!begins(s, "linux ") && !begins(s, "linux\t") && !begins(s, "linuxefi")))
			continue;
		image = strstr(s, "/vmlinuz-");
		n = image ? strcspn(image + 9, " \t\n") : 0;
		if (!n || n > 64 || !first)
			return -ENOTSUP;
		snprintf(release, 65, "%.*s", (int)n, image + 9);
		return 0;
	}
	return -ENOTSUP;
}

#define SETUP_MAGIC	0x202
#define SETUP_TEXT	0x20e

int image_text(const void *image, size_t len, char text[512])
{
	const unsigned char *b = image;
	size_t at, n;

	if (len < SETUP_TEXT + 2 || memcmp(b + SETUP_MAGIC, "HdrS", 4))
		return -ENOTSUP;
	at = b[SETUP_TEXT] | (size_t)b[SETUP_TEXT + 1] << 8;
	if (!at || at + 0x200 >= len)
		return -ENOTSUP;
	at += 0x200;
	n = strnlen((const char *)b + at, len - at);
	if (!n || n >= 512 || n == len - at)
		return -ENOTSUP;
	memcpy(text, b + at, n + 1);
	return 0;
}

int dpkg_version(const char *status, const char *release, char version[65])
{
	char wanted[128];
	bool mine = false, installed = false;
	char found[65] = "";

	snprintf(wanted, sizeof(wanted), "Package: linux-image-%s\n", release);
	for (const char *line = status; line; line = next_line(line)) {
		if (*line == '\n' || begins(line, "Package: ")) {
			if (mine && installed && *found)
				break;
			mine = begins(line, wanted);
			installed = false;
			found[0] = '\0';
		} else if (mine && begins(line, "Status: ")) {
			installed = begins(line, "Status: install ok installed");
		} else if (mine && begins(line, "Version: ")) {
			snprintf(found, sizeof(found), "%.*s", (int)strcspn(line + 9, "\n"), line + 9);
		}
	}
	if (!mine || !installed || !*found)
		return -ENOENT;
	memcpy(version, found, sizeof(found));
	return 0;
}

/* In the next kernel, by its version alone: nothing is known of its configuration and modules. */
static enum cve_by_version judge_next(const json_t *record, const struct kver *v)
{
	struct cve_verdict verdict;
	struct cve_pair pairs[CVE_PAIRS_MAX];
	size_t nr = 0;

	if (cve_pairs(record, pairs, &nr))
		return CVE_UNKNOWN;
	cve_judge(pairs, nr, v, &verdict);
	return verdict.is;
}

int advise_compare(const json_t *answers, const json_t *records, const char *version, json_t *closes, json_t *opens, size_t *unsure)
{
	const json_t *all = json_object_get(records, "cves"), *a;
	struct kver v;
	size_t i, nr = 0;

	if (kver_parse(version, &v))
		return -EINVAL;
	json_array_foreach(answers, i, a) {
		enum cve_by_version next = judge_next(json_object_get(all, str(a, "cve")), &v);
		bool closed = next == CVE_FIXED || next == CVE_NOT_YET;

		if (cve_is_open(a) && closed)
			json_array_append_new(closes, json_string(str(a, "cve")));
		nr += cve_is_open(a) ? next == CVE_UNKNOWN : cve_state_of(a) == CVE_IS_UNKNOWN && closed;
		/* What a live patch fixed and the next kernel's record doesn't show as fixed is taken as open there. */
		if (cve_state_of(a) == CVE_IS_FIXED_LIVE && !closed)
			json_array_append_new(opens, json_string(str(a, "cve")));
		if ((cve_state_of(a) == CVE_IS_FIXED_KERNEL || cve_state_of(a) == CVE_IS_NOT_AFFECTED) && next == CVE_VULNERABLE &&
		    strcmp(str(a, "reason"), "not-compiled") && strcmp(str(a, "reason"), "module-absent"))
			json_array_append_new(opens, json_string(str(a, "cve")));
	}
	*unsure = nr;
	return 0;
}
