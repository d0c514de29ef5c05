// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_probe.c - klp-repo probe: what machines see of a repository, over http or https, asked from outside.
 *
 * The daily signature's own alarm is on the machine that signs; it is silent when that machine is down, or when what it
 * signs no longer gets to the servers.  For a monitor on another machine: exit status 0, 6 (the timestamp lapses soon), 4
 * (lapsed, or wrong), 101 (no answer).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "log.h"
#include "master.h"
#include "printable.h"
#include "reader.h"
#include "repo_list.h"
#include "repo_tool.h"
#include "tell.h"
#include "../tuf/tuf_limits.h"

#define HOUR_S		INT64_C(3600)
#define ALL_S		120	/* for all files together */
/* Signed each day for three: in order, there are 48 to 72 hours left; after one day that was missed, 24 to 48. */
#define WITHIN_H	36

static int read_all(const struct repo_options *opt, const char *url, struct reader *r, struct klp_err *err)
{
	size_t len;
	void *root;
	int ret = io_read_file(opt->root ? opt->root : REPO_ROOT_FILE, TUF_ROOT_MAX, &root, &len, err);

	if (ret)
		return klp_err_wrap(err, "no root to trust: name one with --root");
	ret = reader_open_url(r, url, root, len, time(NULL), ALL_S, err);
	free(root);
	if (ret || !opt->kernel)
		return ret;
	ret = repo_read_kernel(opt, r, opt->kernel, true, err);
	return ret > 0 ? klp_err_set(err, -ENOENT, "nothing for the kernel %s", opt->kernel) : ret;
}

static int report(const struct repo_options *opt, const char *url, const struct reader *r)
{
	const json_t *t = tuf_timestamp_body(r->client), *halt = json_object_get(json_object_get(t, "quietpatch"), "halt");
	long long version = (long long)json_integer_value(json_object_get(t, "version"));
	long long root = (long long)json_integer_value(json_object_get(tuf_root_body(r->client), "version"));
	long long left = (master_parse_time(str(t, "expires")) - time(NULL)) / HOUR_S;
	bool soon = left < (opt->within ? opt->within : WITHIN_H);
	char reason[2 * REPO_REASON_MAX];

	if (opt->json)
		repo_print_json(json_pack("{s:s, s:s, s:I, s:I, s:s, s:I, s:b}", "url", url, "state", soon ? "soon" : "good", "root", root,
					  "timestamp", version, "expires", str(t, "expires"), "hours_left", left, "halted", !!halt));
	text_printable(str(halt, "reason"), strlen(str(halt, "reason")), reason, sizeof(reason));
	if (!opt->json)
		printf("%s: %s: timestamp %lld lapses in %lld hours (%s), root %lld%s%s\n", url, soon ? "LAPSES SOON" : "good", version, left,
		       str(t, "expires"), root, halt ? "; halted: " : "", reason);
	if (soon)
		log_error("%s: the daily signature is missing, or doesn't get there: `klp-repo timestamp` on the machine that signs, and its journal, tell more", url);
	return soon ? EXIT_PENDING : EXIT_DONE;
}

int cmd_probe(const struct repo_options *opt, int argc, char **argv)
{
	struct reader r = { .files.folder = -1 };
	const char *url = argv[0];
	struct klp_err err = { 0 };
	int ret;

	(void)argc;
	if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
		return repo_usage(opt, "probe needs an http:// or https:// URL, not %s; a folder is for `klp-repo verify --repo DIR`", url);
	if (opt->kernel && !hex_valid(opt->kernel, strlen(opt->kernel)))
		return repo_usage(opt, "--kernel is a build-id in lower-case hex, not %s", opt->kernel);
	ret = read_all(opt, url, &r, &err);
	if (ret)
		klp_err_wrap(&err, "%s", url);
	ret = ret ? repo_tell(opt->json, err.text, exit_of(err.code)) : report(opt, url, &r);
	reader_close(&r);
	return ret;
}
