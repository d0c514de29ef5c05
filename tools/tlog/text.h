/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - lines and numbers of notes, checkpoints and proofs, for this folder alone. */
#ifndef TLOG_TEXT_H
#define TLOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed; not NUL-terminated. */
struct tlog_slice {
	const char *at;
	size_t len;
};

/* The next line, without its newline, off the front of @text; -EBADMSG: nothing is left, or no newline ends it. */
int tlog_line(struct tlog_slice *text, struct tlog_slice *line);
/* Does @s begin with @word?  Then it is taken off. */
bool tlog_skip(struct tlog_slice *s, const char *word);
bool tlog_equals(struct tlog_slice s, const char *text);
/* Decimal digits without leading zeroes, up to 2^63 - 1; else -EBADMSG. */
int tlog_number(struct tlog_slice s, uint64_t *out);
/* Valid UTF-8 of one line that neither steers a terminal nor changes the order of what is read. */
bool tlog_printable(struct tlog_slice line);
/* Name of a key: printable ASCII without spaces and "+", at most TLOG_NAME_MAX characters. */
bool tlog_name_valid(struct tlog_slice name);

#endif
