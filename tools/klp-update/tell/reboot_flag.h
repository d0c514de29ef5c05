/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reboot_flag.h - /run/reboot-required, by which Debian says that a reboot is wanted (Debian Policy 9.12), in step with `advise`.
 *
 * Who reads it: unattended-upgrades (Automatic-Reboot), kured, logins, mails.  Who raises it: kernel hooks of unattended-upgrades and
 * reboot-notifier, and packages that can't be restarted, as dbus; each adds its name to reboot-required.pkgs.  What others have
 * raised stays, whatever we say: it gets a line of ours.  What we have raised is taken down when it isn't true any more, unless
 * somebody else has touched it since.  When it isn't known, nothing is taken down.
 */
#ifndef KLP_UPDATE_REBOOT_FLAG_H
#define KLP_UPDATE_REBOOT_FLAG_H

struct klp_err;

#define REBOOT_FLAG	"/run/reboot-required"
#define REBOOT_PKGS	REBOOT_FLAG ".pkgs"
#define REBOOT_OURS	"/run/quietpatch/reboot-flag"	/* what both were like when we had raised it */

enum reboot_flag {
	REBOOT_FLAG_RAISE,
	REBOOT_FLAG_LOWER,	/* ours alone */
	REBOOT_FLAG_LEAVE,
};

/*
 * @line: what advise says; it stands in the flag, after "Quietpatch: ", if there is one in the end.  @package: for RAISE, what wants the
 * reboot.  @root: "" or a folder that stands for /.  Nothing locks these files: who writes them in the very moment in which this
 * runs may have to be told once more by the next run.
 */
int reboot_flag_set(const char *root, enum reboot_flag how, const char *package, const char *line, struct klp_err *err);

#endif
