/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passphrase.h - where a tool has the passphrase of a signing key from. */
#ifndef KLP_PASSPHRASE_H
#define KLP_PASSPHRASE_H

#include <stddef.h>

#define PASSPHRASE_MAX	1024	/* bytes, with the NUL */
#define PASSPHRASE_FILE	"KLP_PASSPHRASE_FILE"	/* environment: a file whose first line it is, for programs */

struct klp_err;

/* A signing_key_ask: from the file that the environment names, else from the terminal. */
int passphrase_ask(const char *path, char *buf, size_t size, struct klp_err *err);
/* For a new key: the terminal is asked twice.  -EINVAL: they differ, or it is shorter than 8 characters. */
int passphrase_new(const char *path, char *buf, size_t size, struct klp_err *err);

#endif
