// SPDX-License-Identifier: GPL-2.0-or-later
/* verify.c - see verify.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../tlog/logcheck.h"
#include "../tlog/policy.h"
#include "apply.h"
#include "bundle.h"
#include "io.h"
#include "jsonstr.h"
#include "keyring.h"
#include "machine.h"
#include "manifest.h"
#include "memory.h"
#include "patches.h"
#include "roots.h"
#include "verify.h"

int bundle_exit(int code)
{
	switch (code) {
	case -EBADMSG:
	case -EFBIG:
	case -ENOKEY:
	case -EKEYREJECTED:
		return EXIT_TRUST;
	case -EPROTONOSUPPORT:
		return EXIT_NOT_FOUND;
	default:
		return EXIT_FAILED;
	}
}

/* Who signs, and which logs have to have what they sign. */
struct trust {
	struct keyring *keys;
	int64_t root;			/* whose keys they are; 0: those of a folder */
	struct tlog_policy *log;	/* NULL: none is asked for */
};

static int verify_one(struct apply *a, const char *file, const struct trust *trust,
		      const struct machine *mc, struct verified_bundle **out)
{
	const struct manifest *m;
	bool logged;
	json_t *brief;
	int fd, ret;

	fd = io_open_to_read(file, &a->err);
	if (fd < 0)
		return exit_of(fd);
	ret = bundle_verify(fd, trust->keys, a->insecure, out, &a->err);
	close(fd);
	if (!ret)
		ret = logcheck_bundle(trust->log, *out, &logged, &a->err);
	if (ret) {
		if (ret == -ENOKEY && trust->root)
			klp_err_wrap(&a->err, "by the keys of root %lld (`klp-apply trust`)", (long long)trust->root);
		klp_err_wrap(&a->err, "%s", file);
		return bundle_exit(ret);
	}
	m = verified_bundle_manifest(*out);
	if (machine_fits(mc, m, &a->err)) {
		klp_err_wrap(&a->err, "%s isn't for this kernel", file);
		return EXIT_NOT_FOUND;
	}
	brief = manifest_brief(m);
	json_object_set_new(brief, "file", json_text(file));
	json_object_set_new(brief, "id", json_string(verified_bundle_id(*out)));
	json_object_set_new(brief, "signed", json_boolean(!verified_bundle_insecure(*out)));
	json_object_set_new(brief, "logged", json_boolean(logged));
	json_array_append_new(json_object_get(a->reply, "bundles"), brief);
	if (verified_bundle_insecure(*out))
		fprintf(stderr, "klp-apply: WARNING: %s is UNSIGNED: nobody vouches for it; it is "
			"taken only because of --insecure\n", file);
	return EXIT_DONE;
}

static bool by_folder(const struct apply *a)
{
	return a->signers ? !strcmp(a->signers, "folder") : strcmp(a->keyring, KEYRING_DIR);
}

int verify_signers(struct apply *a, bool anew, struct keyring **out, int64_t *version)
{
	struct roots_from from = { .memory = MEMORY_DIR, .file = a->root, .folders = { ROOTS_DIR, a->roots }, .anew = anew };
	struct keyring *ring = NULL;
	int ret = 0;

	*version = 0;
	if (!by_folder(a))
		ret = roots_keyring(&from, &ring, version, &a->err);
	if (!ret && !ring)
		ret = keyring_load(a->keyring, &ring, &a->err);
	if (ret)
		return exit_of(ret);
	*out = ring;
	return EXIT_DONE;
}

int verify_files(struct apply *a, int nr, char **files, struct verified_bundle **vb)
{
	struct trust trust = { NULL };
	struct machine mc;
	int i, status = EXIT_DONE;

	json_object_set_new(a->reply, "bundles", json_array());
	if (machine_read(&mc, &a->err))
		return EXIT_FAILED;
	status = verify_signers(a, false, &trust.keys, &trust.root);
	json_object_set_new(a->reply, "root", json_integer(trust.root));
	if (!status && logcheck_policy(a->log_policy, &trust.log, &a->err))
		status = EXIT_FAILED;
	for (i = 0; !status && i < nr; i++)
		status = verify_one(a, files[i], &trust, &mc, &vb[i]);
	tlog_policy_free(trust.log);
	keyring_free(trust.keys);
	return status;
}
