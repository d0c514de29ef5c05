/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * objcache.h - objects that many builds in a row share, as those of a whole
 * update are: a unit whose changed files are the same as last time isn't
 * compiled again.
 */
#ifndef KLP_OBJCACHE_H
#define KLP_OBJCACHE_H

#include <stdbool.h>

struct build;
struct job;
struct known;

/* Both do nothing where builds share nothing. */

/* Put the object that @j would make at j->out; false: it has to be made. */
bool objcache_get(const struct known *k, const struct job *j);
/* Keep what @j made.  Its command has to have left its dependencies in "OUT.d". */
void objcache_put(const struct build *b, const struct known *k, const struct job *j);

#endif
