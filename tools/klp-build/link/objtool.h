/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objtool.h - what objtool says of a patch module, in the output of kbuild. */
#ifndef KLP_OBJTOOL_H
#define KLP_OBJTOOL_H

#include <stddef.h>

/* The first line of @text that objtool warns in, and its length; NULL: none matters. */
const char *objtool_warning(const char *text, size_t *len);

#endif
