// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * link.c - extracted objects in, loadable module out: objtool, kbuild, and a last
 * pass of our own (relocs.c).
 *
 * kbuild itself does it, with the headers that the distribution ships for
 * modules of this kernel: vermagic, symbol versions, objtool's flags and the
 * linker script are its business.  It costs about a second, less what answers.c saves.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "base/proc.h"
#include "base/text.h"
#include "extract/extract.h"
#include "io.h"
#include "link.h"
#include "objtool.h"
#include "target/target.h"

#define LOG_LIMIT	(8u << 20)

/* On 6.1 objtool warns and succeeds; what it warns of can crash the unwinder. */
static int check_log(const char *log, struct klp_err *err)
{
	const char *p;
	size_t len;
	void *data;
	int ret = io_read_file(log, LOG_LIMIT, &data, &len, err);

	if (ret)
		return ret;
	p = objtool_warning(data, &len);
	if (p)
		ret = klp_err_set(err, -EINVAL,
				  "objtool doesn't accept the extracted code: %.*s (all of it in %s)",
				  (int)len, p, log);
	free(data);
	return ret;
}

static int run_kbuild(const struct build *b, const char *dir, struct klp_err *err)
{
	char *kdir = format("%s/headers", b->target->dir);
	char *m = format("M=%s", dir);
	char *log = format("%s/make.log", dir);
	char *kept = format("%s/answers", b->target->dir);
	struct answers answers = { 0 };
	const char *argv[] = {
		/* Headers from 6.12 on ship a vmlinux, so kbuild would want BTF, which -g0 has none of. */
		"make", "-s", "-C", kdir, m, "KBUILD_MODPOST_WARN=1", "KCFLAGS=-g0",
		"CONFIG_DEBUG_INFO_BTF_MODULES=",
		"KBUILD_BUILD_TIMESTAMP=1970-01-01", "modules", NULL
	};
	struct proc p = { .argv = argv, .log_path = log, .env = (const char *const *)answers.env };
	int ret = answers_open(&answers, dir, kept, err);

	if (!ret) {
		unlink(log);
		ret = proc_run(&p, err);
		if (ret)
			klp_err_wrap(err, "kbuild cannot link the patch module (folder %s)", dir);
		else
			ret = check_log(log, err);
		if (ret)
			answers_drop(&answers);
		else
			answers_keep(&answers);
	}
	answers_free(&answers);
	free(kept);
	free(kdir);
	free(m);
	free(log);
	return ret;
}

static int place_objects(const struct build *b, const char *dir, struct klp_err *err)
{
	for (size_t i = 0; i < b->extract->nr_units; i++) {
		const struct xunit *xu = &b->extract->units[i];
		char *raw;
		int ret = 0;

		if (!xu->u->extract_path)
			continue;
		raw = format("%s/unit%u.raw", dir, xu->index);
		unlink(raw);
		if (link(xu->u->extract_path, raw))
			ret = klp_err_sys(err, -errno, "cannot link %s to %s", xu->u->extract_path,
					  raw);
		free(raw);
		if (ret)
			return ret;
	}
	return 0;
}

int link_module(struct build *b, struct klp_err *err)
{
	char *dir = format("%s/link", b->workdir);
	char *head = format("%s/link/head.raw", b->workdir);
	char *ko = format("%s/link/%s.ko", b->workdir, b->module);
	char *out = format("%s/%s.ko", b->workdir, b->module);
	int ret = io_mkdirs(dir, 0755, err);

	if (!ret)
		ret = desc_write_head(b->extract, head, err);
	if (!ret)
		ret = glue_write(b, dir, err);
	if (!ret)
		ret = place_objects(b, dir, err);
	if (!ret)
		ret = run_kbuild(b, dir, err);
	if (!ret)
		ret = relocs_finish(b, ko, out, err);
	if (!ret) {
		free(b->module_path);
		b->module_path = out;
		out = NULL;
	}
	free(dir);
	free(head);
	free(ko);
	free(out);
	return ret;
}
