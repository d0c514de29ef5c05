/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printable.h - foreign text, made safe to print and to store. */
#ifndef KLP_PRINTABLE_H
#define KLP_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copy @in, up to its NUL or @len bytes, to @out of @room bytes (at least 1), always with a NUL.  What is valid UTF-8 and
 * can neither steer a terminal, nor change the order of what is read, nor hide in it, stays; any other byte becomes \xHH: control
 * characters (C0, DEL, C1), line and paragraph separators, marks of direction (bidi), what is invisible (Unicode's
 * Default_Ignorable_Code_Point and Cf, fillers, tags), what is no character, broken UTF-8.  What doesn't fit is left out, never
 * by half.  Returns the length of @out.
 */
size_t text_printable(const char *in, size_t len, char *out, size_t room);
/* The same in place, in a buffer of @room bytes; line ends and tabs stay, since these are our own sentences. */
void text_make_printable(char *text, size_t room);
/* Would that leave all @len bytes as they are? */
bool text_is_printable(const char *in, size_t len);

#endif
