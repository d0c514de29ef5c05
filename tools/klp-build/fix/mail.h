/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mail.h - mails that patches come in: what of their form keeps the lines of a
 * diff in them from being read as they stand.  Pure functions of a text.
 */
#ifndef KLP_MAIL_H
#define KLP_MAIL_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;

/* "Subject: x": a letter or a digit, more of them or '-', and a colon.  @len: of the line. */
bool mail_is_header(const char *line, size_t len);
/*
 * -ENOTSUP: the mail, or a part of it, says that its text is encoded (RFC 2045: quoted-printable, base64); read as it
 * stands, a line "a == b" of it were "a =3D=3D b".  What else holds headers (a message that quotes some behind
 * "--", say) is taken for a part.
 */
int mail_check(const char *text, struct klp_err *err);
/* In place: a mail may have come with CRLF at the end of each line, its file's names as well; none of them is meant. */
void mail_drop_crs(char *text);

#endif
