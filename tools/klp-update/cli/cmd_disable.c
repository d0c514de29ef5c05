// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_disable.c - klp-update disable and enable: the file that keeps it from applying anything (disable.h). */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "io.h"
#include "log.h"
#include "settings/disable.h"

static int say_done(const struct update *u, const char *word, const char *text)
{
	if (u->json)
		update_print_json(json_pack("{s:s}", "done", word));
	else
		puts(text);
	return EXIT_DONE;
}

int cmd_disable(struct update *u, int argc, char **argv)
{
	static const char text[] = "# Nothing is applied by klp-update while this file is here.\n";
	char path[PATH_MAX];
	struct klp_err err = { 0 };

	(void)argc;
	(void)argv;
	snprintf(path, sizeof(path), "%s/etc/quietpatch", u->settings.root);
	if (io_mkdirs(path, 0755, &err))
		return update_fail(u, &err);
	snprintf(path, sizeof(path), "%s" DISABLE_FILE, u->settings.root);
	if (io_write_atomic(path, text, sizeof(text) - 1, 0644, &err))
		return update_fail(u, &err);
	return say_done(u, "disabled", "disabled: nothing is applied from now on, after a boot neither; what is in the kernel stays "
			"(`klp-apply revert --all` takes it out)");
}

int cmd_enable(struct update *u, int argc, char **argv)
{
	char path[PATH_MAX], why[160];
	struct klp_err err = { 0 };
	bool still;

	(void)argc;
	(void)argv;
	snprintf(path, sizeof(path), "%s" DISABLE_FILE, u->settings.root);
	if (unlink(path) && errno != ENOENT) {
		klp_err_sys(&err, -errno, "cannot remove %s", path);
		return update_fail(u, &err);
	}
	if (disabled(u->settings.root, &still, why, sizeof(why), &err))
		return update_fail(u, &err);
	if (still)
		log_warn("%s", why);
	return say_done(u, still ? "disabled" : "enabled", still ? "enabled from the next boot on" :
			"enabled: the next run takes what is new, and applies again what was good");
}
