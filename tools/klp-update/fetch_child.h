/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch_child.h - between the fetching child and its parent.
 */
#ifndef KLP_UPDATE_FETCH_CHILD_H
#define KLP_UPDATE_FETCH_CHILD_H

#include <stddef.h>

/* In shared memory; the child's word, so the parent checks all of it. */
struct fetch_result {
	int code;
	char text[512];
};

/* Fetch @url into @body as @user, without a single capability; never returns. */
void fetch_child(const char *url, const char *user, size_t limit, int body,
		 struct fetch_result *result) __attribute__((noreturn));

#endif
