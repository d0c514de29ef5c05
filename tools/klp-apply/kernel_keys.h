/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel_keys.h - which keys the running kernel takes modules from: the keyrings of its own that it looks into. */
#ifndef KLP_KERNEL_KEYS_H
#define KLP_KERNEL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The keyring that has the certificate with this subject key identifier (hex): *ring, a name such as ".platform".
 * -ENOKEY: none of them has; anything else: it can't be told (-EACCES: they aren't shown to this user).
 */
int kernel_keys_find(const char *key_id, const char **ring);

/* In a text as /proc/keys has it: the number of root's keyring @name.  -ENOENT: it isn't there. */
int kernel_keys_ring(const char *text, const char *name, int32_t *out);
/* A key as keyctl(KEYCTL_DESCRIBE) tells it, "asymmetric;0;0;1f030000;Subject: 0123ab": is it the one of this key id? */
bool kernel_key_is(const char *description, const char *key_id);

#endif
