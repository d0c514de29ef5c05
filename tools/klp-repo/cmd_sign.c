// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_sign.c - klp-repo sign: one more signature on a bundle. */
#include <stdio.h>
#include <stdlib.h>

#include "bundle.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "log.h"
#include "repo_tool.h"
#include "passphrase.h"
#include "sign.h"
#include "tell.h"

/* Read it whole first: what doesn't parse isn't signed. */
static int sign_bundle(const void *data, size_t len, const struct signing_key *key,
		       const char *output, struct klp_err *err)
{
	struct bundle *b;
	size_t signed_len;
	void *out;
	int ret;

	ret = bundle_parse(data, len, &b, err);
	if (ret)
		return ret;
	ret = bundle_extract(b, &out, &signed_len, err);
	bundle_free(b);
	if (ret)
		return ret;
	free(out);
	ret = bundle_sign(data, len, key, &out, &signed_len, err);
	if (ret)
		return ret;
	ret = io_write_atomic(output, out, signed_len, 0644, err);
	free(out);
	return ret;
}

int cmd_sign(const struct repo_options *opt, int argc, char **argv)
{
	const char *output = opt->output ? opt->output : argv[0];
	struct klp_err err = { 0 };
	struct signing_key *key;
	char id[2 * KEY_ID_LEN + 1];
	size_t len;
	void *data;
	int ret;

	(void)argc;
	if (opt->nr_keys != 1)
		return repo_usage(opt, "sign needs one --key KEY.pem; `klp-repo keygen` makes one");
	ret = signing_key_load_asking(opt->key[0], passphrase_ask, &key, &err);
	if (ret)
		return repo_fail(opt, &err);
	hex_encode(signing_key_id(key), KEY_ID_LEN, id);
	ret = io_read_file(argv[0], BUNDLE_MAX, &data, &len, &err);
	if (!ret) {
		ret = sign_bundle(data, len, key, output, &err);
		if (ret)
			klp_err_wrap(&err, "cannot sign %s", argv[0]);
		free(data);
	}
	signing_key_free(key);
	if (ret)
		return repo_fail(opt, &err);
	if (opt->json)
		repo_print_json(json_pack("{s:s, s:s}", "bundle", output, "key", id));
	else
		printf("%s: signed by %.16s...\n", output, id);
	return EXIT_DONE;
}
