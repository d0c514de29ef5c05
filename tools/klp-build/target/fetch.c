// SPDX-License-Identifier: GPL-2.0-or-later
/* fetch.c - see fetch.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "err.h"
#include "fetch.h"
#include "io.h"

static int apt_cache(const char *verb, const char *what, char **out, struct klp_err *err)
{
	const char *argv[] = { "apt-cache", verb, "--quiet", what, NULL };
	const char *names[] = { "apt-cache", "search", "--names-only", what, NULL };
	struct proc p = { .argv = strcmp(verb, "search") ? argv : names };
	int ret = proc_capture(&p, out, err);

	/* `show` of an unknown package fails; that is an answer too. */
	if (ret == -ECHILD) {
		*out = xstrdup("");
		ret = 0;
	}
	return ret;
}

/* The value of "Field: " in a record that starts at @rec; malloc()ed or NULL. */
static char *field(const char *rec, const char *name)
{
	const char *end = strstr(rec, "\n\n");
	size_t n = strlen(name);

	for (const char *l = rec; l && *l && (!end || l < end); l = strchr(l, '\n')) {
		if (*l == '\n')
			l++;
		if (!strncmp(l, name, n) && l[n] == ':') {
			l += n + 1;
			l += strspn(l, " ");
			return xstrndup(l, strcspn(l, "\n"));
		}
	}
	return NULL;
}

bool version_less(const char *a, const char *b)
{
	const char *argv[] = { "dpkg", "--compare-versions", a, "lt", b, NULL };
	struct proc p = { .argv = argv };

	return !proc_run(&p, NULL);
}

int fetch_versions(const char *package, struct strings *out, struct klp_err *err)
{
	char *text, *v;
	int ret;

	ret = apt_cache("show", package, &text, err);
	if (ret)
		return ret;
	for (const char *rec = text; rec && *rec && !ret; rec = strstr(rec, "\n\n")) {
		rec += strspn(rec, "\n");
		v = field(rec, "Version");
		if (v)
			strings_add_once(out, v);
		free(v);
	}
	free(text);
	if (ret)
		return klp_err_sys(err, ret, "apt-cache show %s", package);
	/* Few versions: insertion sort by dpkg's own comparison, newest first. */
	for (size_t i = 1; i < out->nr; i++) {
		for (size_t j = i; j && version_less(out->list[j - 1], out->list[j]); j--) {
			v = out->list[j];
			out->list[j] = out->list[j - 1];
			out->list[j - 1] = v;
		}
	}
	return 0;
}

/* Releases that apt's lists have, for an error message. */
static char *known_releases(void)
{
	struct text list = { 0 };
	char *out, *line, *save = NULL;

	if (apt_cache("search", "^linux-image-[0-9].*-(amd64|arm64)$", &out, NULL))
		return xstrdup("(none)");
	for (line = strtok_r(out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t n = strcspn(line, " ");

		/* Meta-packages such as linux-image-6.12-amd64 ship no kernel. */
		if (strstr(line, "meta-package"))
			continue;
		line[n] = '\0';
		text_addf(&list, "%s%s", list.len ? ", " : "", line + strlen("linux-image-"));
	}
	free(out);
	if (!list.len)
		text_addf(&list, "(none: apt's lists are empty; run `apt-get update`)");
	return text_take(&list);
}

/* From the headers' Depends: "linux-headers-6.1.0-50-common (= 6.1.176-1), linux-kbuild-6.1 (>= ...". */
static char *dependency(const char *depends, const char *prefix, const char *suffix)
{
	for (const char *d = depends; *d; d += strcspn(d, ","), d += strspn(d, ", ")) {
		size_t n = strcspn(d, " ,(");
		char *name = xstrndup(d, n);

		if (name && starts_with(name, prefix) && ends_with(name, suffix))
			return name;
		free(name);
	}
	return NULL;
}

/*
 * Newer kernels come in parts: linux-image-KREL is empty and depends on
 * linux-binary-KREL (vmlinuz) and linux-modules-KREL.
 */
static int find_image_parts(struct kernel_packages *p, struct klp_err *err)
{
	char *rec = NULL, *depends, *binary = NULL, *modules = NULL;
	int ret = apt_cache("show", p->image, &rec, err);

	if (ret)
		return ret;
	depends = field(rec, "Depends");
	if (depends) {
		binary = dependency(depends, "linux-binary-", "");
		modules = dependency(depends, "linux-modules-", "");
	}
	if (binary && modules) {
		free(p->image);
		p->image = format("%s=%s", binary, p->version);
		p->modules = format("%s=%s", modules, p->version);
	}
	free(modules);
	free(binary);
	free(depends);
	free(rec);
	return ret;
}

static int find_image(const char *krel, struct kernel_packages *p, struct klp_err *err)
{
	/* Signed or not: the same image but for the signature. */
	static const char *const suffixes[] = { "", "-unsigned" };

	for (size_t i = 0; i < 2; i++) {
		char *name = format("linux-image-%s%s", krel, suffixes[i]);
		struct strings versions = { 0 };
		int ret = fetch_versions(name, &versions, err);

		if (!ret && versions.nr) {
			p->version = xstrdup(versions.list[0]);
			p->image = format("%s=%s", name, versions.list[0]);
		}
		strings_free(&versions);
		free(name);
		if (!ret && p->image)
			return find_image_parts(p, err);
		if (ret)
			return ret;
	}
	return -ENOENT;
}

/* "name=version", where @version is preferred and the newest there is will do. */
static char *pin(const char *name, const char *version)
{
	struct strings versions = { 0 };
	char *s = NULL;

	if (!fetch_versions(name, &versions, NULL) && versions.nr)
		s = format("%s=%s", name, strings_have(&versions, version) ? version :
			   versions.list[0]);
	strings_free(&versions);
	return s;
}

static int find_headers(const char *krel, struct kernel_packages *p, struct klp_err *err)
{
	char *name = format("linux-headers-%s=%s", krel, p->version);
	char *rec = NULL, *depends = NULL, *common = NULL, *kbuild = NULL;
	int ret;

	ret = apt_cache("show", name, &rec, err);
	if (ret)
		goto out;
	depends = field(rec, "Depends");
	if (!depends) {
		ret = klp_err_set(err, -ENOENT,
				  "apt has linux-image-%s %s, but not its linux-headers package of the same version",
				  krel, p->version);
		goto out;
	}
	common = dependency(depends, "linux-headers-", "");
	kbuild = dependency(depends, "linux-kbuild-", "");
	if (!common || !kbuild) {
		ret = klp_err_set(err, -ENOENT, "linux-headers-%s depends on \"%s\", where a common and a kbuild package were expected",
				  krel, depends);
		goto out;
	}
	p->headers = name;
	name = NULL;
	p->headers_common = pin(common, p->version);
	p->kbuild = pin(kbuild, p->version);
	if (!p->headers_common || !p->kbuild)
		ret = klp_err_set(err, -ENOENT, "apt has no %s or no %s", common, kbuild);
out:
	free(kbuild);
	free(common);
	free(depends);
	free(rec);
	free(name);
	return ret;
}

static int find_source(struct kernel_packages *p, struct klp_err *err)
{
	struct strings versions = { 0 };
	unsigned int major, minor;
	int ret;

	if (sscanf(p->version, "%u.%u", &major, &minor) != 2)
		return klp_err_set(err, -EINVAL, "version \"%s\" isn't a kernel's", p->version);
	p->source_name = format("linux-source-%u.%u", major, minor);
	p->source = format("%s=%s", p->source_name, p->version);
	ret = fetch_versions(p->source_name, &versions, err);
	if (!ret && !strings_have(&versions, p->version)) {
		struct text t = { 0 };
		char *list;

		for (size_t i = 0; i < versions.nr; i++)
			text_addf(&t, "%s%s", i ? ", " : "", versions.list[i]);
		list = text_take(&t);
		ret = klp_err_set(err, -ENOENT,
				  "apt has no %s of version %s, which the kernel was built from; it has: %s",
				  p->source_name, p->version, *list ? list : "none");
		free(list);
	}
	strings_free(&versions);
	return ret;
}

static int update_lists(struct klp_err *err)
{
	const char *argv[] = { "apt-get", "update", "-q", NULL };
	struct proc p = { .argv = argv };

	return proc_run(&p, err);
}

int fetch_find_kernel(const char *krel, struct kernel_packages *out, struct klp_err *err)
{
	struct kernel_packages p = { 0 };
	char *known;
	int ret;

	ret = find_image(krel, &p, err);
	if (ret == -ENOENT && !geteuid() && !update_lists(NULL))
		ret = find_image(krel, &p, err);
	if (ret == -ENOENT) {
		known = known_releases();
		klp_err_set(err, -ENOENT,
			    "no apt source has the kernel release %s. There are: %s. Name one of them; or add the source that has it and run `apt-get update`; or prepare it from what it was built from, --source: see klp-build(1)",
			    krel, known ? known : "?");
		free(known);
	}
	if (!ret)
		ret = find_headers(krel, &p, err);
	if (!ret)
		ret = find_source(&p, err);
	if (ret)
		kernel_packages_free(&p);
	else
		*out = p;
	return ret;
}

void kernel_packages_free(struct kernel_packages *p)
{
	free(p->version);
	free(p->image);
	free(p->modules);
	free(p->headers);
	free(p->headers_common);
	free(p->kbuild);
	free(p->source);
	free(p->source_name);
	*p = (struct kernel_packages){ 0 };
}

/* The .deb in @dir of that package, whole or not: apt quotes ':' in the version. */
static int find_deb(const char *dir, const char *package, char **path, struct klp_err *err)
{
	size_t n = strcspn(package, "=");
	struct dirent *de;
	DIR *d = opendir(dir);

	if (!d)
		return klp_err_sys(err, -errno, "cannot read %s", dir);
	*path = NULL;
	while (!*path && (de = readdir(d)))
		if (!strncmp(de->d_name, package, n) && de->d_name[n] == '_' &&
		    ends_with(de->d_name, ".deb"))
			*path = format("%s/%s", dir, de->d_name);
	closedir(d);
	if (!*path)
		return klp_err_set(err, -ENOENT, "apt-get downloaded no file for %s", package);
	return 0;
}

struct download {
	const char *package, *dir;
	struct report *report;
	uint64_t size;		/* 0: apt's lists don't tell */
};

/* Bytes of the file that are there: apt writes it under its own name. */
static uint64_t bytes_there(const struct download *d)
{
	struct stat st = { 0 };
	char *path;

	if (find_deb(d->dir, d->package, &path, NULL))
		return 0;
	if (stat(path, &st))
		st.st_size = 0;
	free(path);
	return (uint64_t)st.st_size;
}

static void tell_bytes(void *arg)
{
	const struct download *d = arg;

	report_bytes(d->report, bytes_there(d), d->size, d->package);
}

static void begin_download(struct download *d)
{
	char *rec = NULL, *size = NULL;

	if (!apt_cache("show", d->package, &rec, NULL))
		size = field(rec, "Size");
	d->size = size ? strtoull(size, NULL, 10) : 0;
	report_bytes_begin(d->report, bytes_there(d));
	free(size);
	free(rec);
}

int fetch_download(const char *package, const char *dir, struct report *r, char **path,
		   struct klp_err *err)
{
	struct download d = { .package = package, .dir = dir, .report = r };
	const char *argv[] = { "apt-get", "-q", "-o", "APT::Sandbox::User=root", "download",
			       package, NULL };
	struct proc p = { .argv = argv, .cwd = dir };
	char *log = NULL;
	int ret;

	ret = io_mkdirs(dir, 0755, err);
	if (ret)
		return ret;
	log = format("%s/apt.log", dir);
	p.log_path = log;
	if (r)
		begin_download(&d);
	ret = proc_run_watched(&p, r ? tell_bytes : NULL, &d, err);
	if (ret)
		klp_err_wrap(err, "cannot download %s", package);
	else
		ret = find_deb(dir, package, path, err);
	if (log)
		unlink(log);
	free(log);
	return ret;
}

int fetch_unpack(const char *deb, const char *dir, struct klp_err *err)
{
	const char *argv[] = { "dpkg-deb", "-x", deb, dir, NULL };
	struct proc p = { .argv = argv };
	int ret = io_mkdirs(dir, 0755, err);

	if (!ret && proc_run(&p, err))
		ret = klp_err_wrap(err, "cannot unpack %s", deb);
	return ret;
}
