/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publisher.h - publish_cves.c: what machines need to know of CVEs, for each kernel of a repository. */
#ifndef KLP_REPO_PUBLISHER_H
#define KLP_REPO_PUBLISHER_H

#include <jansson.h>

struct klp_err;
struct master;

/* --cves, with --files and --survey, for each kernel; a line for each to @told. */
int publish_cves(struct master *m, json_t *told, struct klp_err *err);
/* After the commit. */
void publish_cves_tell(const struct master *m, const json_t *told);

#endif
