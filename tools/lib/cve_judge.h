/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cve_judge.h - is a kernel of this version affected by a CVE, by the kernel CVE team's own records?
 *
 * A record is pairs of versions (a .dyad file's lines): where the fault came in, where it was fixed; each pair is of one
 * stable branch, or of the mainline.  A wrong "not affected" is the worst answer there is: what the pairs don't show is
 * unknown.
 */
#ifndef KLP_CVE_JUDGE_H
#define KLP_CVE_JUDGE_H

#include <stddef.h>

#define KVER_LEN	24

/* 6.1.176; a mainline release has patch 0: 6.1 and 6.1.0 are the same.  2.6.12.3 is 2, 6012, 3. */
struct kver {
	int major, minor, patch;
};

/*
 * "6.1.176", "6.1", "6.1.176-1" (a Debian package's: its upstream part).  -EINVAL: anything else, release candidates
 * ("6.1-rc3", "6.1~rc3-1~exp1") included: what is in them isn't told by their number.
 */
int kver_parse(const char *text, struct kver *out);
/* Negative, 0, positive. */
int kver_compare(const struct kver *a, const struct kver *b);

struct cve_pair {
	char introduced[KVER_LEN];	/* "0": always there */
	char fixed[KVER_LEN];		/* "0": not yet */
};

enum cve_by_version {
	CVE_UNKNOWN,		/* no pair, or one that can't be read */
	CVE_FIXED,		/* it was there, and is fixed in this version */
	CVE_VULNERABLE,		/* it is there; fixed later in this branch, or not yet */
	CVE_NOT_YET,		/* it came in later, or in other branches alone */
};

struct cve_verdict {
	enum cve_by_version is;
	/* Of the pair that tells: since when, and where it is fixed in this branch or earlier in the mainline; "" where there is none. */
	char since[KVER_LEN], fixed[KVER_LEN];
};

/* Pairs with the same `introduced` are one fault, fixed in many branches; all faults that are in @v must be fixed in it. */
void cve_judge(const struct cve_pair *pairs, size_t nr, const struct kver *v, struct cve_verdict *out);

#endif
