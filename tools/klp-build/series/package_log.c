// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_log.c - the CVE numbers in a Debian changelog, with the entries that
 * name them.  An entry may go over several lines:
 *	    - smb: client: fix out-of-bounds read in
 *	      coalesce_t2() (CVE-2026-89633)
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "package.h"
#include "target/fetch.h"

/* Of one entry's text: each CVE with the text before the first. */
static void add_entry(json_t *list, const char *version, struct text *entry)
{
	char *s = text_take(entry), *first = s ? strstr(s, "CVE-") : NULL;

	for (char *p = first, *next; p; p = next) {
		size_t n = 4 + strspn(p + 4, "0123456789-");
		char *cve = xstrndup(p, n), *end = first;

		next = strstr(p + 4, "CVE-");
		while (end > s && strchr(" (", end[-1]))
			end--;
		if (n >= 13)
			json_array_append_new(list, json_pack("{s:s,s:s,s:s%}", "cve", cve, "version",
							      version, "title", s, (size_t)(end - s)));
		free(cve);
	}
	free(s);
}

json_t *changelog_cves(const char *text, const char *base, const char *version)
{
	json_t *list = json_array();
	struct text entry = { 0 };
	char *in = NULL;

	for (const char *l = text, *next; *l; l = next) {
		size_t n = strcspn(l, "\n"), blank;

		next = l + n + (l[n] == '\n');
		if (*l != ' ' && n) {
			const char *open = memchr(l, '(', n), *close = memchr(l, ')', n);

			if (in)
				add_entry(list, in, &entry);
			free(in);
			in = open && close > open ? xstrndup(open + 1, (size_t)(close - open - 1)) : NULL;
			if (in && !version_less(base, in))
				break;
			/* Newer than the version asked for: not of this update. */
			if (in && version_less(version, in)) {
				free(in);
				in = NULL;
			}
			continue;
		}
		blank = strspn(l, " ");
		if (!in || blank >= n)
			continue;
		if (strchr("-*[", l[blank])) {
			add_entry(list, in, &entry);
			blank += strspn(l + blank, "-* ");
		} else if (entry.len) {
			text_add(&entry, " ", 1);
		}
		text_add(&entry, l + blank, n - blank);
	}
	if (in)
		add_entry(list, in, &entry);
	free(in);
	text_free(&entry);
	return list;
}
