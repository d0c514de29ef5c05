/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logcheck.h - a bundle that isn't in a public log isn't loaded, where the machine's policy says so.
 *
 * No network: the proof, with a checkpoint that witnesses have cosigned, is attached to the bundle (klp-repo log proof).
 */
#ifndef TLOG_LOGCHECK_H
#define TLOG_LOGCHECK_H

#include <stdbool.h>

#define LOG_POLICY	"/etc/quietpatch/log.conf"

struct klp_err;
struct tlog_policy;
struct verified_bundle;

/*
 * The policy of @path.  *out is NULL, and nothing is asked of bundles, if it isn't there (whoever has named another file than
 * LOG_POLICY has looked before), or says "bundles off".  -EPERM: somebody else than root and us can change it (owned.h); -EINVAL: malformed.
 */
int logcheck_policy(const char *path, struct tlog_policy **out, struct klp_err *err);
/*
 * May @vb be loaded?  *logged: a proof is there and holds.  -EKEYREJECTED, -EBADMSG, -EFBIG: no, as tlog_check(); -ENOKEY: there is
 * no proof and the policy requires one, or too few have signed who are trusted.  @err isn't NULL.
 */
int logcheck_bundle(const struct tlog_policy *policy, const struct verified_bundle *vb, bool *logged, struct klp_err *err);
/* Both, for one bundle. */
int logcheck_once(const char *path, const struct verified_bundle *vb, struct klp_err *err);

#endif
