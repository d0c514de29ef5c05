// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_trust.c - klp-apply trust: whose signatures count on this machine. */
#include "apply.h"
#include "hex.h"
#include "keyring.h"
#include "memory.h"
#include "sign.h"
#include "verify.h"

int cmd_trust(struct apply *a, int argc, char **argv)
{
	json_t *keys = json_array();
	char id[2 * KEY_ID_LEN + 1];
	struct keyring *ring;
	int64_t version;
	int status;

	(void)argv;
	if (argc) {
		json_decref(keys);
		return refuse(a, EXIT_USAGE, "trust takes no names; --root and --roots name files and folders");
	}
	status = verify_signers(a, a->allow & ALLOW_OLDER, &ring, &version);
	if (status) {
		json_decref(keys);
		return status;
	}
	if (version)
		say(a, "root %lld, %s: ", (long long)version, a->root);
	else
		say(a, "no root is asked; the folder %s: ", a->keyring);
	say(a, "a bundle takes the signatures of %zu of these %zu keys\n", keyring_threshold(ring), keyring_size(ring));
	for (size_t i = 0; i < keyring_size(ring); i++) {
		hex_encode(keyring_key_id(ring, i), KEY_ID_LEN, id);
		json_array_append_new(keys, json_string(id));
		say(a, "  %s\n", id);
	}
	json_object_set_new(a->reply, "root", json_integer(version));
	json_object_set_new(a->reply, "threshold", json_integer((json_int_t)keyring_threshold(ring)));
	json_object_set_new(a->reply, "keys", keys);
	keyring_free(ring);
	return EXIT_DONE;
}
