/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch.h - the distribution's packages: which there are, and their files.
 *
 * Packages are downloaded with apt, which checks their signatures, and
 * unpacked without being installed.
 */
#ifndef KLP_FETCH_H
#define KLP_FETCH_H

#include "base/text.h"

struct klp_err;
struct report;

/* The packages that one kernel release is made of. */
struct kernel_packages {
	char *version;		/* of all of them: "6.1.176-1" */
	char *image;		/* "linux-image-6.1.0-50-cloud-amd64=6.1.176-1" */
	char *modules;		/* "linux-modules-7.3.4+deb13-...": newer kernels'; NULL: in the image */
	char *headers;
	char *headers_common;
	char *kbuild;
	char *source;		/* "linux-source-6.1=6.1.176-1" */
	char *source_name;	/* "linux-source-6.1" */
};

/*
 * Look @krel up in apt's lists (updating them once if they don't have it and we
 * are root).  -ENOENT names the releases that there are.
 */
int fetch_find_kernel(const char *krel, struct kernel_packages *out, struct klp_err *err);
void kernel_packages_free(struct kernel_packages *p);

/* Versions of a package in apt's lists, newest first. */
int fetch_versions(const char *package, struct strings *out, struct klp_err *err);

/*
 * Download "name=version" into @dir; *path receives the .deb's path.  How far it is goes to @r
 * (NULL: nobody asks).  A complete file that is there already is left alone.
 */
int fetch_download(const char *package, const char *dir, struct report *r, char **path,
		   struct klp_err *err);
/* Unpack a .deb below @dir. */
int fetch_unpack(const char *deb, const char *dir, struct klp_err *err);

/* dpkg's order of versions: true if a < b. */
bool version_less(const char *a, const char *b);

#endif
