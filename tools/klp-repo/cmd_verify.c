// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_verify.c - klp-repo verify: would this machine's keyring take the bundle? */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "keyring.h"
#include "manifest.h"
#include "repo_list.h"
#include "repo_tool.h"
#include "tell.h"

static void print_verified(const struct repo_options *opt, const char *path,
			   const struct verified_bundle *vb)
{
	const struct manifest *m = verified_bundle_manifest(vb);

	if (opt->json)
		repo_print_json(json_pack("{s:s, s:b, s:s, s:I, s:s, s:s, s:s, s:s}",
					  "bundle", path, "verified", 1, "name", m->name,
					  "release", (json_int_t)m->release,
					  "kernel", m->kernel_release,
					  "build_id", m->kernel_build_id,
					  "id", verified_bundle_id(vb), "digest", verified_bundle_file_digest(vb)));
	else
		printf("%s: good: %s release %llu for %s, %zu function%s\n", path, m->name,
		       (unsigned long long)m->release, m->kernel_release, m->nr_functions,
		       m->nr_functions == 1 ? "" : "s");
}

static int verify_file(const struct repo_options *opt, const char *path,
		       const struct keyring *keyring)
{
	struct klp_err err = { 0 };
	struct verified_bundle *vb;
	int fd, ret;

	fd = io_open_to_read(path, &err);
	if (fd < 0)
		return repo_fail(opt, &err);
	ret = bundle_verify(fd, keyring, false, &vb, &err);
	close(fd);
	if (ret) {
		klp_err_wrap(&err, "%s", path);
		return repo_fail(opt, &err);
	}
	print_verified(opt, path, vb);
	verified_bundle_free(vb);
	return EXIT_DONE;
}

int cmd_verify(const struct repo_options *opt, int argc, char **argv)
{
	struct klp_err err = { 0 };
	struct keyring *keyring;
	int worst = EXIT_DONE, code;

	if (opt->repo && !argc) {
		code = repo_read(opt, true);
		if (!code && !opt->json)
			printf("%s: good\n", opt->repo);
		else if (!code)
			repo_print_json(json_pack("{s:s, s:b}", "repo", opt->repo, "verified", 1));
		return code;
	}
	if (!argc || opt->repo)
		return repo_usage(opt, "verify needs bundles, or --repo DIR");
	if (keyring_load(opt->keys, &keyring, &err))
		return repo_fail(opt, &err);
	for (int i = 0; i < argc; i++) {
		code = verify_file(opt, argv[i], keyring);
		if (code > worst)
			worst = code;
	}
	keyring_free(keyring);
	return worst;
}
