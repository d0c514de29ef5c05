// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_text.c - the small functions that foreign words go through first: made printable, made JSON, matched, encoded; and steps of
 * a rollout and base64.  What each promises holds for any bytes; the matcher agrees with one that is slow and plain.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jsonstr.h"
#include "printable.h"
#include "rollout.h"
#include "seeds.h"
#include "../../tools/tlog/base64.h"
#include "../../tools/tuf/role.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX	512
#define PATTERN_MAX	12	/* the slow matcher tries all */

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void printable(const char *in, size_t len)
{
	char out[4 * INPUT_MAX + 1], small[16], place[4 * INPUT_MAX + 1];
	size_t n = text_printable(in, len, out, sizeof(out)), k;

	must(n == strlen(out) && text_is_printable(out, n));
	/* What was made printable is left alone, and what is cut is a beginning. */
	must(text_printable(out, n, place, sizeof(place)) == n && !strcmp(out, place));
	k = text_printable(in, len, small, sizeof(small));
	must(k < sizeof(small) && !strncmp(small, out, k) && text_is_printable(small, k));
	if (!memchr(in, 0, len))
		must(text_is_printable(in, len) == (n == len && !memcmp(in, out, len)));
}

static void in_place_and_json(const char *text)
{
	char place[4 * INPUT_MAX + 1];
	json_t *j = json_text(text);

	must(j != NULL && json_is_string(j));
	json_decref(j);
	strcpy(place, text);
	text_make_printable(place, sizeof(place));
	for (const char *p = place; *p; p++)
		must(*p == '\n' || *p == '\t' || (unsigned char)*p >= ' ');
}

/* One step past a character of UTF-8. */
static const char *past(const char *s)
{
	do {
		s++;
	} while (((unsigned char)*s & 0xc0) == 0x80);
	return s;
}

static bool matches(const char *pattern, const char *path)
{
	if (!*pattern)
		return !*path;
	if (*pattern == '*')
		return matches(pattern + 1, path) || (*path && *path != '/' && matches(pattern, path + 1));
	if (*pattern == '?')
		return *path && *path != '/' && matches(pattern + 1, past(path));
	return *pattern == *path && matches(pattern + 1, path + 1);
}

static void names(const char *a, const char *b)
{
	char out[TUF_FILE_NAME_MAX + 1];

	if (strlen(a) <= PATTERN_MAX && strlen(b) <= 2 * PATTERN_MAX)
		must(tuf_path_matches(a, b) == matches(a, b));
	else
		tuf_path_matches(a, b);
	if (!tuf_encode(a, out))
		must(strlen(out) <= TUF_FILE_NAME_MAX && !strpbrk(out, "/?#\\ \"") && text_is_printable(out, strlen(out)));
	/* A target's name, part by part, leads nowhere else. */
	if (tuf_target_path_valid(a))
		must(*a != '/' && !strstr(a, "//") && strncmp(a, "../", 3) && !strstr(a, "/../"));
}

static void rollouts(const char *text)
{
	struct rollout r = { .start = 1000000 };
	double before = 0, now;
	struct klp_err err;

	if (rollout_parse(text, &r, &err))
		return;
	must(!rollout_check(&r));
	for (int h = -1; h <= ROLLOUT_HOURS_MAX + 1; h += 7) {
		now = rollout_percent(&r, r.start + h * INT64_C(3600));
		must(now >= before && now <= 100);
		before = now;
	}
}

static void base64(const char *text, size_t len)
{
	uint8_t raw[INPUT_MAX];
	char again[TLOG_BASE64_LEN(INPUT_MAX) + 1];
	size_t n;

	if (tlog_base64_decode(text, len, raw, sizeof(raw), &n))
		return;
	tlog_base64_encode(raw, n, again);
	must(strlen(again) == len && !memcmp(again, text, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[INPUT_MAX + 1];
	const char *second;

	if (size > INPUT_MAX)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	printable(text, size);
	base64(text, size);
	in_place_and_json(text);
	rollouts(text);
	/* Two words, if there is a NUL between them. */
	second = text + strlen(text) + (strlen(text) < size);
	names(text, second);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(tuf_path_matches("a/*.k?p", "a/x.klp") && matches("a/*.k?p", "a/x.klp") && !matches("*", "a/b"));
	seed_write("path", "a/*.k?p\0a/x.klp", 15);
	seed_write("rollout", "0h:1,24h:50,72h:100", 19);
	seed_write("base64", "aGVsbG8gd29ybGQ=", 16);
	seed_write("odd", "\x1b[2J\xe2\x80\xae\xff\xc3\xa9\xf0\x9f\x98\x80", 14);
	return 0;
}
