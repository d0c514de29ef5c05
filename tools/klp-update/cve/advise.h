/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * advise.h - should this machine be rebooted?  What runs now, live patches included, against what the boot loader would start.
 */
#ifndef KLP_UPDATE_ADVISE_H
#define KLP_UPDATE_ADVISE_H

#include <stddef.h>

#include <jansson.h>

#include "cve_judge.h"

enum advice {
	ADVICE_WAIT,		/* the next boot closes nothing more */
	ADVICE_REBOOT,		/* it closes more, and opens nothing */
	ADVICE_DONT,		/* it would open what is closed now */
	ADVICE_UNKNOWN,
};

/* What the boot loader starts by itself: a release, "6.1.0-51-cloud-amd64". */
struct next_kernel {
	char release[65];
	char version[65];	/* of its package, "6.1.180-1" */
};

/*
 * The `linux` line of the default entry of GRUB's grub.cfg.  Only a plain first entry is understood: a default that is chosen
 * by a saved entry, a name or a submenu is -ENOTSUP.  @grubenv may be NULL.  Pure.
 */
int grub_default(const char *cfg, const char *grubenv, char release[65]);
/*
 * What a bzImage says of itself: release, who built it, and what `uname -v` says when it runs.  By Documentation/arch/x86/boot.rst
 * the setup header (magic "HdrS" at 0x202) has at 0x20e where that text is, counted from 0x200.  @len: of the file's first bytes
 * that are here.  -ENOTSUP: it is no such image, or doesn't tell.  Pure.
 */
#define IMAGE_HEAD	65536	/* the setup part has at most 64 sectors; the text is in it */
int image_text(const void *image, size_t len, char text[512]);
/* The version of the installed package linux-image-@release, of dpkg's status file; -ENOENT.  Pure. */
int dpkg_version(const char *status, const char *release, char version[65]);

/*
 * @answers (cve_answers()) of the kernel that runs, @records of its CVEs, and the next kernel's version: lists of the CVEs that
 * the boot would close and open.  @unsure: how many more it may close: fixed there, and nobody knows whether they are open now; or open
 * now, and nobody knows about there.  -EINVAL: the version can't be read.  Pure.
 */
int advise_compare(const json_t *answers, const json_t *records, const char *version, json_t *closes, json_t *opens, size_t *unsure);

#endif
