/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kmsg.h - what the kernel said while we worked: the cause of a refused module. */
#ifndef KLP_KMSG_H
#define KLP_KMSG_H

#include <stddef.h>

struct klp_err;

/* Position at the end of the kernel log; the fd, or -errno. */
int kmsg_mark(void);

/*
 * Add to @err the last lines since the mark that speak of the core module or
 * of @module.  Without any, or with a negative @fd, @err stays as it is.
 */
void kmsg_explain(int fd, const char *module, struct klp_err *err);

/*
 * Does this record of /dev/kmsg ("6,1234,5678,-;text") speak of the core module
 * or of @module?  Then *text is its first line's text.
 */
int kmsg_relevant(char *record, const char *module, const char **text);

#endif
