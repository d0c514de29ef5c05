// SPDX-License-Identifier: GPL-2.0-or-later
/* mail.c - see mail.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "err.h"
#include "mail.h"

bool mail_is_header(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && (isalnum((unsigned char)line[n]) || (n && line[n] == '-')))
		n++;
	return n && n < len && line[n] == ':';
}

/* Where the header at @l ends: the lines that go on with it begin with a blank. */
static const char *header_end(const char *l)
{
	do {
		l += strcspn(l, "\n");
		l += *l == '\n';
	} while (*l == ' ' || *l == '\t');
	return l;
}

/* The text has the encoding's name behind the colon. */
static int check_header(const char *l, struct klp_err *err)
{
	static const char name[] = "Content-Transfer-Encoding:";
	static const char *const plain[] = { "7bit", "8bit", "binary" };
	const char *value = l + strlen(name);
	size_t len;

	if (strncasecmp(l, name, strlen(name)))
		return 0;
	value += strspn(value, " \t\r\n");
	len = strcspn(value, " \t\r\n;");
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (len == strlen(plain[i]) && !strncasecmp(value, plain[i], len))
			return 0;
	return klp_err_set(err, -ENOTSUP,
			   "it is a mail whose text is encoded (%.*s): `git mailinfo /dev/null FIX.patch < MAIL` decodes one, `git am` "
			   "puts a whole mailbox into a repository, whose range of commits --series takes",
			   (int)(len < 40 ? len : 40), value);
}

void mail_drop_crs(char *text)
{
	const char *names = starts_with(text, "+++ ") ? text : strstr(text, "\n+++ ");
	char *to = text;

	if (!names || names[strcspn(names + 1, "\n")] != '\r')
		return;
	for (const char *s = text; *s; s++)
		if (*s != '\r' || s[1] != '\n')
			*to++ = *s;
	*to = '\0';
}

int mail_check(const char *text, struct klp_err *err)
{
	bool headers = true;
	const char *next;
	int ret = 0;

	for (const char *l = text; !ret && *l; l = next) {
		next = l + strcspn(l, "\n");
		next += *next == '\n';
		/* A mail of a mailbox, a part between boundaries.  No line of a hunk begins like a header. */
		if (starts_with(l, "--") || starts_with(l, "From ")) {
			headers = true;
		} else if (headers && mail_is_header(l, (size_t)(next - l))) {
			next = header_end(l);
			ret = check_header(l, err);
		} else {
			headers = false;
		}
	}
	return ret;
}
