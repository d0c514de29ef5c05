// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_fetch.c - the distribution's packages of a kernel: what is read out of apt's records,
 * what is said when they don't fit, and how a download tells how far it is.  apt is played by
 * two scripts, in front of PATH, over a folder of records.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/report.h"
#include "base/report_data.h"
#include "err.h"
#include "fixture.h"
#include "io.h"
#include "target/fetch.h"

#define KREL	"6.1.0-50-cloud-amd64"
#define V	"6.1.176-1"

/* "show --quiet WHAT" or "search ..."; as apt-cache's, `show` of an unknown package fails. */
static const char apt_cache[] =
	"#!/bin/sh\n"
	"cd \"$(dirname \"$0\")\"\n"
	"[ \"$1\" != search ] || exec cat search\n"
	"cat \"show $3\"\n";
/* "update", or "... download NAME=VERSION" into the current folder: half, and a while later the rest. */
static const char apt_get[] =
	"#!/bin/sh\n"
	"here=$(dirname \"$0\")\n"
	"if [ \"$1\" = update ]; then sh \"$here/update\"; exit; fi\n"
	"for what in \"$@\"; do :; done\n"
	"case $what in broken=*) echo 'E: no such luck'; exit 100 ;; other=*) exit 0 ;; esac\n"
	"f=\"${what%=*}_$(echo \"${what#*=}\" | sed s/:/%3a/)_all.deb\"\n"
	"head -c 1048576 /dev/zero > \"$f\"\n"
	"sleep 2.6\n"
	"head -c 1048576 /dev/zero >> \"$f\"\n";

static char *folder, *path_before;
static struct kernel_packages pk;
static struct klp_err err;

static void put(const char *name, const char *text)
{
	char *path = fixture_path(folder, name);

	ck_assert_int_eq(io_write_atomic(path, text, strlen(text), 0755, NULL), 0);
	free(path);
}

/* A record of a package, found by its name and by name=version. */
static void package(const char *name, const char *version, const char *more)
{
	char file[256], text[1024];

	snprintf(text, sizeof(text), "Package: %s\nVersion: %s\n%s\nDescription: x\n Depends: not this\n\n",
		 name, version, more);
	snprintf(file, sizeof(file), "show %s", name);
	put(file, text);
	snprintf(file, sizeof(file), "show %s=%s", name, version);
	put(file, text);
}

static void setup(void)
{
	char *path;

	folder = fixture_folder();
	memset(&err, 0, sizeof(err));
	memset(&pk, 0, sizeof(pk));
	put("apt-cache", apt_cache);
	put("apt-get", apt_get);
	put("update", "exit 1\n");
	put("search", "linux-image-6.1.0-50-cloud-amd64 - Linux 6.1 for clouds (signed)\n"
		      "linux-image-6.12-amd64 - Linux for PCs (meta-package)\n"
		      "linux-image-6.12.117+deb12-amd64 - Linux 6.12 for PCs\n");
	path_before = strdup(getenv("PATH"));
	ck_assert_int_gt(asprintf(&path, "%s:%s", folder, path_before), 0);
	setenv("PATH", path, 1);
	free(path);
	package("linux-image-" KREL, V, "Depends: kmod, linux-base (>= 4.3~)");
	package("linux-headers-" KREL, V,
		"Pre-Depends: x\nDepends: linux-headers-6.1.0-50-common (= " V "), linux-kbuild-6.1 (>= " V "), linux-compiler-gcc-12-x86");
	package("linux-headers-6.1.0-50-common", V, "Size: 2097152");
	package("linux-kbuild-6.1", "6.1.180-1", "Size: 5");
	package("linux-source-6.1", V, "Size: 7");
}

static void teardown(void)
{
	setenv("PATH", path_before, 1);
	free(path_before);
	kernel_packages_free(&pk);
	fixture_remove(folder);
}

static void found(void)
{
	ck_assert_msg(!fetch_find_kernel(KREL, &pk, &err), "%s", err.text);
	ck_assert_str_eq(pk.version, V);
}

static void not_found(const char *krel, int code, const char *text)
{
	ck_assert_int_eq(fetch_find_kernel(krel, &pk, &err), code);
	ck_assert_msg(strstr(err.text, text), "no \"%s\" in: %s", text, err.text);
	ck_assert_ptr_null(pk.version);
}

START_TEST(a_kernels_packages)
{
	found();
	ck_assert_str_eq(pk.image, "linux-image-" KREL "=" V);
	ck_assert_ptr_null(pk.modules);
	ck_assert_str_eq(pk.headers, "linux-headers-" KREL "=" V);
	ck_assert_str_eq(pk.headers_common, "linux-headers-6.1.0-50-common=" V);
	/* There is no such version of it: the newest does. */
	ck_assert_str_eq(pk.kbuild, "linux-kbuild-6.1=6.1.180-1");
	ck_assert_str_eq(pk.source, "linux-source-6.1=" V);
	ck_assert_str_eq(pk.source_name, "linux-source-6.1");
}
END_TEST

START_TEST(an_image_in_parts)
{
	package("linux-image-" KREL, V, "Depends: linux-binary-" KREL " (= " V "), linux-modules-" KREL " (= " V ")");
	found();
	ck_assert_str_eq(pk.image, "linux-binary-" KREL "=" V);
	ck_assert_str_eq(pk.modules, "linux-modules-" KREL "=" V);
}
END_TEST

START_TEST(an_unsigned_image_does)
{
	char *path = fixture_path(folder, "show linux-image-" KREL);

	unlink(path);
	package("linux-image-" KREL "-unsigned", V, "Depends: kmod");
	found();
	ck_assert_str_eq(pk.image, "linux-image-" KREL "-unsigned=" V);
	free(path);
}
END_TEST

START_TEST(an_unknown_release)
{
	not_found("6.1.0-99-amd64", -ENOENT, "no apt source has the kernel release 6.1.0-99-amd64");
	ck_assert_ptr_nonnull(strstr(err.text, "There are: 6.1.0-50-cloud-amd64, 6.12.117+deb12-amd64."));
	put("search", "");
	not_found("6.1.0-99-amd64", -ENOENT, "run `apt-get update`");
}
END_TEST

/* As root the lists are fetched anew, once, before it is given up. */
START_TEST(lists_are_updated)
{
	if (geteuid())
		return;
	put("update", "cd \"$(dirname \"$0\")\" && mv 'hidden' 'show linux-image-" KREL "'\n");
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(rename("show linux-image-" KREL, "hidden"), 0);
	found();
}
END_TEST

START_TEST(packages_that_dont_fit)
{
	package("linux-source-6.1", "6.1.170-1", "Size: 7");
	not_found(KREL, -ENOENT, "apt has no linux-source-6.1 of version " V);
	ck_assert_ptr_nonnull(strstr(err.text, "it has: 6.1.170-1"));
	package("linux-headers-" KREL, V, "Depends: linux-kbuild-6.1");
	not_found(KREL, -ENOENT, "a common and a kbuild package were expected");
	/* The word stands in the description, which isn't a field. */
	package("linux-headers-" KREL, V, "Size: 3");
	not_found(KREL, -ENOENT, "not its linux-headers package of the same version");
	package("linux-headers-" KREL, V, "Depends: linux-headers-none, linux-kbuild-6.1");
	not_found(KREL, -ENOENT, "apt has no linux-headers-none or no linux-kbuild-6.1");
	package("linux-image-" KREL, "next", "Depends: kmod");
	package("linux-headers-" KREL, "next", "Depends: linux-headers-6.1.0-50-common, linux-kbuild-6.1");
	not_found(KREL, -EINVAL, "version \"next\" isn't a kernel's");
}
END_TEST

START_TEST(versions_newest_first)
{
	struct strings versions = { 0 };

	put("show x", "Package: x\nVersion: 6.1.9-1\n\nPackage: x\nVersion: 6.1.176-1\n\n"
		      "Version: 6.1.176-1~bpo\nX-Version: 9\n\nVersion: 6.1.9-1\n");
	ck_assert_int_eq(fetch_versions("x", &versions, &err), 0);
	ck_assert_uint_eq(versions.nr, 3);
	ck_assert_str_eq(versions.list[0], "6.1.176-1");
	ck_assert_str_eq(versions.list[1], "6.1.176-1~bpo");
	ck_assert_str_eq(versions.list[2], "6.1.9-1");
	strings_free(&versions);
	ck_assert_int_eq(fetch_versions("unknown", &versions, &err), 0);
	ck_assert_uint_eq(versions.nr, 0);
}
END_TEST

START_TEST(a_download_tells_how_far_it_is)
{
	char *dir = fixture_path(folder, "debs"), *deb, *text;
	struct report *r;
	struct stat st;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	r = report_new(false, false, out);
	report_stage(r, "download");
	ck_assert_msg(!fetch_download("linux-headers-6.1.0-50-common=" V, dir, r, &deb, &err), "%s", err.text);
	fflush(out);
	ck_assert_msg(strstr(text, "  download       1.0 of 2.0 MiB, "), "%s", text);
	ck_assert_ptr_nonnull(strstr(text, " s left  linux-headers-6.1.0-50-common=" V "\n"));
	ck_assert_int_eq(stat(deb, &st), 0);
	ck_assert_int_eq(st.st_size, 2097152);
	report_free(r);
	fclose(out);
	free(text);
	free(deb);
	free(dir);
}
END_TEST

START_TEST(a_download_that_fails)
{
	char *deb = NULL;

	ck_assert_int_lt(fetch_download("broken=1", folder, NULL, &deb, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot download broken=1"));
	ck_assert_ptr_nonnull(strstr(err.text, "no such luck"));
	/* Of a package whose name begins alike. */
	put("other-common_1_all.deb", "x");
	ck_assert_int_eq(fetch_download("other=1", folder, NULL, &deb, &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "no file for other=1"));
	ck_assert_ptr_null(deb);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("fetch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_kernels_packages);
	tcase_add_test(tc, an_image_in_parts);
	tcase_add_test(tc, an_unsigned_image_does);
	tcase_add_test(tc, an_unknown_release);
	tcase_add_test(tc, lists_are_updated);
	tcase_add_test(tc, packages_that_dont_fit);
	tcase_add_test(tc, versions_newest_first);
	tcase_add_test(tc, a_download_tells_how_far_it_is);
	tcase_add_test(tc, a_download_that_fails);
	return fixture_run("fetch", tc);
}
