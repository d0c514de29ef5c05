// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_keygen.c - klp-repo keygen: a new Ed25519 key pair. */
#include <stdio.h>

#include <openssl/crypto.h>

#include "err.h"
#include "hex.h"
#include "keyring.h"
#include "passphrase.h"
#include "repo_tool.h"
#include "sign.h"
#include "tell.h"

int cmd_keygen(const struct repo_options *opt, int argc, char **argv)
{
	struct klp_err err = { 0 };
	char passphrase[PASSPHRASE_MAX];
	struct signing_key *key;
	char id[2 * KEY_ID_LEN + 1];
	int ret;

	(void)argc;
	if (opt->passphrase && passphrase_new(argv[0], passphrase, sizeof(passphrase), &err) < 0)
		return repo_fail(opt, &err);
	ret = signing_key_generate(&key, &err);
	if (ret)
		return repo_fail(opt, &err);
	hex_encode(signing_key_id(key), KEY_ID_LEN, id);
	ret = signing_key_save_sealed(key, argv[0], opt->passphrase ? passphrase : NULL, &err);
	OPENSSL_cleanse(passphrase, sizeof(passphrase));
	signing_key_free(key);
	if (ret)
		return repo_fail(opt, &err);
	if (opt->json)
		repo_print_json(json_pack("{s:s, s:s}", "key", argv[0], "id", id));
	else
		printf("key %s\n  private: %s        keep it secret, it signs what kernels load\n"
		       "  public:  %s.pub    copy it to %s/ of machines that shall trust it\n",
		       id, argv[0], argv[0], KEYRING_DIR);
	return EXIT_DONE;
}
