// SPDX-License-Identifier: GPL-2.0-or-later
/* cve_judge.c - see cve_judge.h. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cve_judge.h"

static bool number(const char **s, int *out)
{
	size_t n = strspn(*s, "0123456789");

	if (!n || n > 6)
		return false;
	*out = atoi(*s);
	*s += n;
	return true;
}

int kver_parse(const char *text, struct kver *out)
{
	struct kver v = { 0 };
	const char *s = text;

	if (!number(&s, &v.major) || *s++ != '.' || !number(&s, &v.minor))
		return -EINVAL;
	if (*s == '.' && (s++, !number(&s, &v.patch)))
		return -EINVAL;
	/* Before 3.0 the third number is a mainline release's: 2.6.12 isn't a stable release of "2.6". */
	if (v.major < 3) {
		v.minor = 1000 * v.minor + v.patch;
		v.patch = 0;
		if (*s == '.' && (s++, !number(&s, &v.patch)))
			return -EINVAL;
	}
	/* A package's revision begins with a digit: "-1", "-1~deb12u1"; "-rc3" doesn't. */
	if (*s && (*s != '-' || !isdigit((unsigned char)s[1])))
		return -EINVAL;
	*out = v;
	return 0;
}

int kver_compare(const struct kver *a, const struct kver *b)
{
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	return (a->patch > b->patch) - (a->patch < b->patch);
}

static bool same_branch(const struct kver *a, const struct kver *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/*
 * Is what came with version @x in @v?  A mainline release's content is in each later release and their branches; a stable
 * release's in the later ones of its branch alone, as far as its number tells.
 */
static bool contains(const struct kver *v, const struct kver *x)
{
	return (!x->patch || same_branch(v, x)) && kver_compare(x, v) <= 0;
}

/* 1: the fault is in @v; 0: it isn't; -EINVAL: that can't be read. */
static int is_in(const char *introduced, const struct kver *v)
{
	struct kver x;

	if (!strcmp(introduced, "0"))
		return 1;
	return kver_parse(introduced, &x) ? -EINVAL : contains(v, &x);
}

/* Does @fixed, a version that was read before, say something of the branch of @v? */
static bool concerns(const char *fixed, const struct kver *v)
{
	struct kver x;

	return !kver_parse(fixed, &x) && (!x.patch || same_branch(v, &x));
}

/* The fault of pairs[@which]: fixed in @v?  @fixed_in: where, in this branch or the mainline before it; else where it will be. */
static bool is_fixed(const struct cve_pair *pairs, size_t nr, size_t which, const struct kver *v, char fixed_in[KVER_LEN])
{
	struct kver x;

	fixed_in[0] = '\0';
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(pairs[i].introduced, pairs[which].introduced) || !concerns(pairs[i].fixed, v))
			continue;
		kver_parse(pairs[i].fixed, &x);
		if (contains(v, &x)) {
			memcpy(fixed_in, pairs[i].fixed, KVER_LEN);
			return true;
		}
		/* A later one of this branch; a later mainline release is another kernel's fix. */
		if (same_branch(v, &x))
			memcpy(fixed_in, pairs[i].fixed, KVER_LEN);
	}
	return false;
}

static bool readable(const struct cve_pair *p)
{
	struct kver x;

	return (!strcmp(p->introduced, "0") || !kver_parse(p->introduced, &x)) &&
	       (!strcmp(p->fixed, "0") || !kver_parse(p->fixed, &x));
}

void cve_judge(const struct cve_pair *pairs, size_t nr, const struct kver *v, struct cve_verdict *out)
{
	char fixed[KVER_LEN];

	*out = (struct cve_verdict){ .is = nr ? CVE_NOT_YET : CVE_UNKNOWN };
	for (size_t i = 0; i < nr; i++) {
		if (!readable(&pairs[i])) {
			*out = (struct cve_verdict){ .is = CVE_UNKNOWN };
			return;
		}
	}
	for (size_t i = 0; i < nr; i++) {
		if (is_in(pairs[i].introduced, v) != 1) {
			/* For "introduced later": the earliest word there is. */
			if (out->is == CVE_NOT_YET && !*out->since)
				memcpy(out->since, pairs[i].introduced, KVER_LEN);
			continue;
		}
		if (!is_fixed(pairs, nr, i, v, fixed)) {
			out->is = CVE_VULNERABLE;
			memcpy(out->since, pairs[i].introduced, KVER_LEN);
			memcpy(out->fixed, fixed, KVER_LEN);
			return;
		}
		if (out->is != CVE_FIXED) {
			out->is = CVE_FIXED;
			memcpy(out->since, pairs[i].introduced, KVER_LEN);
			memcpy(out->fixed, fixed, KVER_LEN);
		}
	}
}
