// SPDX-License-Identifier: GPL-2.0-or-later
/* policy.c - see policy.h. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "policy.h"

#define DAY_MIN		(24 * 60)
#define LEAST_MIN	120
#define PHASE_CONTEXT	"quietpatch phase 1"

/* ---- the window ---- */

struct entry {
	unsigned int days;	/* bit 0: Sunday, as tm_wday */
	int from, to;		/* minutes of the day; to > DAY_MIN: on the next day */
};

static int day_of(const char *s)
{
	static const char names[] = "SunMonTueWedThuFriSat";

	for (int i = 0; i < 7; i++)
		if (!strncasecmp(s, names + 3 * i, 3))
			return i;
	return -1;
}

/* "Mon", "Mon-Fri", "Mon,Wed": @s is left behind them. */
static bool read_days(const char **s, unsigned int *days)
{
	do {
		int from = day_of(*s), to = from;

		if (from < 0)
			return false;
		*s += 3;
		if (**s == '-') {
			to = day_of(*s + 1);
			*s += 4;
		}
		if (to < 0)
			return false;
		for (int d = from;; d = (d + 1) % 7) {
			*days |= 1u << d;
			if (d == to)
				break;
		}
	} while (**s == ',' && (*s)++);
	return true;
}

static bool read_time(const char **s, int *minutes)
{
	int hour, minute, used = 0;

	if (strspn(*s, "0123456789") > 2 || sscanf(*s, "%2d:%2d%n", &hour, &minute, &used) != 2 || used < 4 ||
	    (*s)[used - 3] != ':' || hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > DAY_MIN)
		return false;
	*s += used;
	*minutes = hour * 60 + minute;
	return true;
}

/* One entry; @s is left behind it and its ';'. */
static bool read_entry(const char **s, struct entry *e)
{
	*e = (struct entry){ 0 };
	*s += strspn(*s, " \t");
	if (day_of(*s) >= 0) {
		if (!read_days(s, &e->days) || (**s != ' ' && **s != '\t'))
			return false;
		*s += strspn(*s, " \t");
	} else {
		e->days = 0x7f;
	}
	if (!read_time(s, &e->from) || *(*s)++ != '-' || !read_time(s, &e->to) || e->from == DAY_MIN)
		return false;
	if (e->to <= e->from)
		e->to += DAY_MIN;
	*s += strspn(*s, " \t");
	if (**s == ';')
		(*s)++;
	else if (**s)
		return false;
	return e->to - e->from >= LEAST_MIN;
}

bool window_valid(const char *spec)
{
	struct entry e;

	if (!strcmp(spec, "any"))
		return true;
	if (!*spec)
		return false;
	while (*spec)
		if (!read_entry(&spec, &e))
			return false;
	return true;
}

static bool is_open(const char *spec, int64_t at)
{
	time_t t = (time_t)at;
	struct entry e;
	struct tm tm;
	int minute;

	localtime_r(&t, &tm);
	minute = tm.tm_hour * 60 + tm.tm_min;
	while (*spec && read_entry(&spec, &e)) {
		if (e.days & 1u << tm.tm_wday && minute >= e.from && minute < e.to)
			return true;
		/* Since yesterday evening. */
		if (e.days & 1u << (tm.tm_wday + 6) % 7 && minute + DAY_MIN < e.to)
			return true;
	}
	return false;
}

int64_t window_opens(const char *spec, int64_t now)
{
	if (!strcmp(spec, "any") || is_open(spec, now))
		return 0;
	/* Minute by minute: what summer time does to a day is the C library's to know. */
	for (int64_t t = now - now % 60 + 60; t < now + 8 * DAY_MIN * INT64_C(60); t += 60)
		if (is_open(spec, t))
			return t;
	return now + 8 * DAY_MIN * INT64_C(60);
}

/* ---- lists ---- */

/* The next item of @list, without white space around it; false: there is none. */
static bool next_item(const char **list, char out[128])
{
	size_t n;

	if (!**list)
		return false;
	n = strcspn(*list, ",");
	snprintf(out, 128, "%.*s", (int)(n < 127 ? n : 127), *list + strspn(*list, " \t"));
	out[strcspn(out, ",")] = '\0';
	*list += n + ((*list)[n] == ',');
	n = strlen(out);
	while (n && strchr(" \t", out[n - 1]))
		out[--n] = '\0';
	return true;
}

static bool read_pin(const char *item, char name[64], long long *release)
{
	int used = 0;

	return sscanf(item, "%63[a-z0-9-] %lld%n", name, release, &used) == 2 && !item[used] && *release > 0;
}

bool pin_valid(const char *list)
{
	char item[128], name[64];
	long long release;

	if (!strcmp(list, "none"))
		return true;
	while (next_item(&list, item))
		if (!read_pin(item, name, &release))
			return false;
	return true;
}

int64_t pin_of(const char *list, const char *name)
{
	char item[128], pinned[64];
	long long release;

	while (strcmp(list, "none") && next_item(&list, item))
		if (read_pin(item, pinned, &release) && !strcmp(pinned, name))
			return release;
	return 0;
}

bool name_is_in(const char *list, const char *name)
{
	char item[128];

	while (strcmp(list, "none") && next_item(&list, item))
		if (!fnmatch(item, name, 0))
			return true;
	return false;
}

int severity_rank(const char *word)
{
	static const char *const words[] = { "low", "medium", "high", "critical" };

	for (int i = 0; i < 4; i++)
		if (!strcasecmp(word, words[i]))
			return i + 1;
	return 0;
}

/* ---- phase ---- */

bool phase_valid(const char *text)
{
	char *end;
	double x;

	if (!strcmp(text, "machine"))
		return true;
	if (strspn(text, "0123456789.") != strlen(text) || !*text)
		return false;
	x = strtod(text, &end);
	return !*end && x <= 100;
}

double phase_of(const char *setting, const char *machine_id, const char *name, int64_t release)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	uint64_t x = 0;
	char what[160];

	if (strcmp(setting, "machine"))
		return strtod(setting, NULL);
	snprintf(what, sizeof(what), PHASE_CONTEXT " %.63s %lld", name, (long long)release);
	if (!*machine_id || !HMAC(EVP_sha256(), machine_id, (int)strlen(machine_id), (const uint8_t *)what, strlen(what),
				  digest, &len) || len < 8)
		return 100;
	for (int i = 0; i < 7; i++)
		x = x << 8 | digest[i];
	return 100.0 * (double)x / (double)(UINT64_C(1) << 56);
}

long pressure_most(const char *setting)
{
	return strtol(setting, NULL, 10);
}

bool pressure_valid(const char *setting)
{
	size_t digits = strspn(setting, "0123456789");

	return !strcmp(setting, "none") ||
	       (digits && digits < 4 && !setting[digits] && pressure_most(setting) >= 1 && pressure_most(setting) <= 100);
}
