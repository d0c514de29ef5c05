/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify.h - from file names to bundles that are trusted and fit this kernel. */
#ifndef KLP_VERIFY_H
#define KLP_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

struct apply;
struct keyring;
struct verified_bundle;

/*
 * Verify each of @nr files; vb[] has room for them.  0, or an exit status with
 * the reason; what was verified so far is in vb[] either way.
 */
int verify_files(struct apply *a, int nr, char **files, struct verified_bundle **vb);

/*
 * Whose signatures count here: *version is that of the root that says so, or 0: the folder of keys does.
 * 0, or an exit status with the reason.
 */
int verify_signers(struct apply *a, bool anew, struct keyring **out, int64_t *version);

/* The exit status for an error of bundle_parse() or bundle_verify(). */
int bundle_exit(int code);

#endif
