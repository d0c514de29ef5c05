// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client.c - the command that the public conformance suite drives (theupdateframework/tuf-conformance,
 * CLIENT-CLI.md), over tools/tuf.  Exit status 0 or 1, nothing else.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "io.h"
#include "../../tools/tuf/transport.h"
#include "../../tools/tuf/tuf.h"

#define TARGETS_MAX	64

static const char usage[] =
	"usage: tuf-client --metadata-dir DIR init ROOT\n"
	"       tuf-client --metadata-dir DIR --metadata-url URL refresh\n"
	"       tuf-client --metadata-dir DIR --metadata-url URL --target-name NAME... --target-base-url URL\n"
	"                  --target-dir DIR download\n";

static struct {
	const char *store, *metadata_url, *targets_url, *folder;
	const char *targets[TARGETS_MAX];
	int nr_targets;
} arg;

static int init(const char *file, struct klp_err *err)
{
	void *root;
	size_t len;
	int ret = io_read_file(file, TUF_ROOT_MAX, &root, &len, err);

	if (ret)
		return ret;
	ret = tuf_init(arg.store, root, len, err);
	free(root);
	return ret;
}

static int download(struct tuf_client *c, struct klp_err *err)
{
	struct tuf_target t;
	int ret = 0;

	for (int i = 0; !ret && i < arg.nr_targets; i++) {
		ret = tuf_find(c, arg.targets[i], &t, err);
		if (ret)
			return ret;
		ret = tuf_download(c, &t, arg.folder, err);
		tuf_target_free(&t);
	}
	return ret;
}

static int update(struct klp_err *err)
{
	static const struct tuf_http_policy policy;
	struct tuf_transport http;
	struct tuf_config config = {
		.store = arg.store, .metadata_url = arg.metadata_url, .targets_url = arg.targets_url,
		.transport = &http, .now = time(NULL),
	};
	struct tuf_client *c = NULL;
	int ret = tuf_http_open(&policy, &http, err);

	if (ret)
		return ret;
	ret = tuf_open(&config, &c, err);
	if (!ret)
		ret = tuf_refresh(c, err);
	if (!ret)
		ret = download(c, err);
	tuf_close(c);
	tuf_http_close(&http);
	return ret;
}

static int parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "metadata-dir", required_argument, NULL, 'm' },
		{ "metadata-url", required_argument, NULL, 'u' },
		{ "target-name", required_argument, NULL, 'n' },
		{ "target-base-url", required_argument, NULL, 'b' },
		{ "target-dir", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'm')
			arg.store = optarg;
		else if (o == 'u')
			arg.metadata_url = optarg;
		else if (o == 'n' && arg.nr_targets < TARGETS_MAX)
			arg.targets[arg.nr_targets++] = optarg;
		else if (o == 'b')
			arg.targets_url = optarg;
		else if (o == 'd')
			arg.folder = optarg;
		else
			return -1;
	}
	return arg.store && optind < argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct klp_err err = { 0 };
	const char *command;
	bool targets;
	int ret;

	if (parse(argc, argv)) {
		fputs(usage, stderr);
		return 1;
	}
	command = argv[optind];
	targets = arg.nr_targets && arg.targets_url && arg.folder;
	if (!strcmp(command, "init") && optind + 2 == argc) {
		ret = init(argv[optind + 1], &err);
	} else if (arg.metadata_url && optind + 1 == argc &&
		   ((!strcmp(command, "refresh") && !arg.nr_targets) || (!strcmp(command, "download") && targets))) {
		ret = update(&err);
	} else {
		fputs(usage, stderr);
		return 1;
	}
	if (ret)
		fprintf(stderr, "tuf-client: %s: %s\n", command, err.text);
	return !!ret;
}
