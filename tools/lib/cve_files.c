// SPDX-License-Identifier: GPL-2.0-or-later
/* cve_files.c - see cve_files.h. */
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cve_files.h"
#include "io.h"

#define RECORD_MAX	(64u << 20)
#define DYAD		".dyad"

static bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && !strcmp(s + n - m, suffix);
}

static int read_one(const char *path, cve_take_fn take, void *arg, struct klp_err *err)
{
	enum cve_form form = has_suffix(path, ".json") ? CVE_JSON : has_suffix(path, DYAD) ? CVE_DYAD : CVE_TABLE;
	const char *base = strrchr(path, '/');
	char *cve = NULL;
	void *data;
	size_t len;
	int ret = io_read_file(path, RECORD_MAX, &data, &len, err);

	if (ret)
		return ret;
	base = base ? base + 1 : path;
	if (form == CVE_DYAD) {
		cve = strndup(base, strlen(base) - strlen(DYAD));
		ret = cve ? 0 : klp_err_sys(err, -ENOMEM, "CVE records");
	}
	if (!ret)
		ret = take(form, cve, data, len, arg, err);
	free(cve);
	free(data);
	return ret ? klp_err_wrap(err, "%s", path) : 0;
}

/* nftw() has no argument to hand on. */
static struct {
	cve_take_fn take;
	void *arg;
	struct klp_err *err;
	int error;
} walk;

static int visit(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	const char *base = path + ftw->base;

	(void)st;
	if (flag != FTW_F || strncmp(base, "CVE-", 4) || !(has_suffix(base, DYAD) || has_suffix(base, ".json")))
		return 0;
	walk.error = read_one(path, walk.take, walk.arg, walk.err);
	return walk.error != 0;
}

int cve_files_read(const char *path, cve_take_fn take, void *arg, struct klp_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return klp_err_sys(err, -errno, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return read_one(path, take, arg, err);
	walk.take = take;
	walk.arg = arg;
	walk.err = err;
	walk.error = 0;
	if (nftw(path, visit, 16, FTW_PHYS) < 0)
		walk.error = klp_err_sys(err, -errno, "%s", path);
	return walk.error;
}
