/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify.h - from file names to bundles that are trusted and fit this kernel. */
#ifndef KLP_VERIFY_H
#define KLP_VERIFY_H

struct apply;
struct verified_bundle;

/*
 * Verify each of @nr files; vb[] has room for them.  0, or an exit status with
 * the reason; what was verified so far is in vb[] either way.
 */
int verify_files(struct apply *a, int nr, char **files, struct verified_bundle **vb);

/* The exit status for an error of bundle_parse() or bundle_verify(). */
int bundle_exit(int code);

#endif
