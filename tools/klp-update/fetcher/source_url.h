/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source_url.h - where a repository has what: both sides of the fetcher's socket have to say the same. */
#ifndef KLP_UPDATE_SOURCE_URL_H
#define KLP_UPDATE_SOURCE_URL_H

#include <stdio.h>
#include <string.h>

#include "fetch_wire.h"

#define FETCHED_URL_MAX	(FETCH_URL_MAX + 16)

/* BASE/metadata and BASE/targets; of base "" the names alone. */
static inline void source_urls(const char *base, char metadata[FETCHED_URL_MAX], char targets[FETCHED_URL_MAX])
{
	const char *slash = *base && base[strlen(base) - 1] != '/' ? "/" : "";

	snprintf(metadata, FETCHED_URL_MAX, "%s%smetadata", base, slash);
	snprintf(targets, FETCHED_URL_MAX, "%s%stargets", base, slash);
}

/* A look comes each hour, and the index of a kernel doesn't change that often: where it is kept; NULL: nowhere. */
static inline const char *source_slot(const char *target)
{
	return strncmp(target, "kernels/", 8) ? NULL : "index";
}

#endif
