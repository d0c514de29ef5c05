// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * disable.c - see disable.h.
 *
 * The way out for a machine that doesn't come up with its patches: klp.disable on the kernel's command
 * line, in the boot loader, when nothing can be typed any more; the file for when something can.  Both keep
 * klp-update from applying anything, also what was good before.  What is in the kernel stays there, and a
 * person's own klp-apply isn't concerned.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disable.h"
#include "err.h"
#include "io.h"

#define CMDLINE_MAX	65536

/* "klp.disable", "klp.disable=1"; "klp.disable=0" as for any switch of the kernel's. */
static bool word_disables(const char *word)
{
	const size_t n = strlen(DISABLE_WORD);

	if (strncmp(word, DISABLE_WORD, n))
		return false;
	return !word[n] || (word[n] == '=' && strcmp(word + n, "=0"));
}

static int on_command_line(const char *root, bool *is, struct klp_err *err)
{
	char path[PATH_MAX], *rest, *word;
	size_t len;
	void *text;
	int ret;

	snprintf(path, sizeof(path), "%s/proc/cmdline", root);
	ret = io_read_file(path, CMDLINE_MAX, &text, &len, err);
	if (ret) {
		klp_err_wrap(err, "cannot tell whether %s is on the kernel command line", DISABLE_WORD);
		/* Not "nothing for this kernel". */
		return err->code = -EIO;
	}
	*is = false;
	rest = text;
	while (!*is && (word = strsep(&rest, " \n")))
		*is = word_disables(word);
	free(text);
	return 0;
}

int disabled(const char *root, bool *is, char *why, size_t size, struct klp_err *err)
{
	char path[PATH_MAX];
	bool by_word;
	int ret;

	snprintf(path, sizeof(path), "%s" DISABLE_FILE, root);
	ret = on_command_line(root, &by_word, err);
	if (ret)
		return ret;
	if (by_word) {
		snprintf(why, size, "disabled by %s on the kernel command line, for this boot", DISABLE_WORD);
	} else if (!access(path, F_OK)) {
		snprintf(why, size, "disabled by %s; `klp-update enable` removes it", DISABLE_FILE);
	} else if (errno != ENOENT && errno != ENOTDIR) {
		return klp_err_sys(err, -errno, "cannot tell whether %s is there", path);
	} else {
		*is = false;
		return 0;
	}
	*is = true;
	return 0;
}
