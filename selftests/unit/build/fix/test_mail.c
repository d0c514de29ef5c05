// SPDX-License-Identifier: GPL-2.0-or-later
/* test_mail.c - mails that patches come in: which can be read as they stand, and their ends of lines. */
#include <errno.h>
#include <string.h>

#include "err.h"
#include "fix/mail.h"
#include "fixture.h"

static struct klp_err err;

#define DIFF	"--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n-a == b\n+a =3D=3D b\n \n"

START_TEST(an_encoded_mail_is_told)
{
	static const char *const texts[] = {
		"From x Mon Sep 17 00:00:00 2001\nSubject: s\nContent-Transfer-Encoding: quoted-printable\n\n" DIFF,
		"Subject: s\ncontent-transfer-encoding: Base64\n\nLS0tIGEK\n",
		"Subject: s\nContent-Transfer-Encoding:\n\tquoted-printable\n\n" DIFF,
		"Subject: s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" DIFF,
		/* A part of it. */
		"Subject: s\n\n--XX\nContent-Type: text/plain\n\nhello\n--XX\nContent-Type: text/x-patch;\n name=\"a.patch\"\n"
		"Content-Transfer-Encoding: quoted-printable\n\n" DIFF "--XX--\n",
		/* The second of a mailbox. */
		"Subject: s\n\n" DIFF "From x Mon Sep 17 00:00:00 2001\nContent-Transfer-Encoding: x-uuencode\n\n" DIFF,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		err = (struct klp_err){ 0 };
		ck_assert_msg(mail_check(texts[i], &err) == -ENOTSUP, "text %zu", i);
		ck_assert_msg(strstr(err.text, "git mailinfo"), "%s", err.text);
	}
}
END_TEST

START_TEST(others_are_read)
{
	static const char *const texts[] = {
		"", DIFF, "Subject: s\nContent-Transfer-Encoding: 8bit\n\n" DIFF, "Content-Transfer-Encoding: 7BIT; x\n\n" DIFF,
		/* Said in a message, or in what changes. */
		"Subject: s\n\nA mail with\nContent-Transfer-Encoding: base64\nis refused.\n" DIFF,
		"Subject: s\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-Content-Transfer-Encoding: base64\n+Content-Transfer-Encoding: base64\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!mail_check(texts[i], &err), "text %zu: %s", i, err.text);
}
END_TEST

START_TEST(crs_of_a_mail_go)
{
	char mail[] = "Subject: s\r\n\r\n--- a/x.c\r\n+++ b/x.c\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n";
	char file[] = "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\r\n+b\r\n";

	mail_drop_crs(mail);
	ck_assert_str_eq(mail, "Subject: s\n\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n");
	/* A file whose lines end like that. */
	mail_drop_crs(file);
	ck_assert_str_eq(file, "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\r\n+b\r\n");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("mail");

	tcase_add_test(tc, an_encoded_mail_is_told);
	tcase_add_test(tc, others_are_read);
	tcase_add_test(tc, crs_of_a_mail_go);
	return fixture_run("mail", tc);
}
