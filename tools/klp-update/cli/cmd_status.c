// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_status.c - klp-update status: what is applied, what waits, why, until when, as text.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/local_time.h"
#include "command.h"
#include "context.h"
#include "jsonstr.h"
#include "state/db.h"
#include "state/store_value.h"
#include "tell/status.h"

#define SCREEN		80	/* columns */
#define MARGIN		"            "	/* below what the lines above are about */
#define EFFECTIVE_ON_SCREEN	2	/* CVEs that are named; more are counted, so that it stays one line */

/* Where the line can be broken, or its end: a space or line end, but not in short brackets, nor between a date and its time of day. */
static const char *word_end(const char *s)
{
	const char *close = *s == '(' ? strchr(s, ')') : NULL;

	if (close && close - s < SCREEN / 2)
		s = close;
	do {
		s += strcspn(s + 1, " \n") + 1;
	} while (s[0] == ' ' && s[1] >= '0' && s[1] <= '9' && s[2] && s[3] == ':');
	return s;
}

static int columns(const char *from, const char *to)
{
	int n = 0;

	for (; from < to; from++)
		n += (*from & 0xc0) != 0x80;	/* UTF-8: what doesn't go on with a character begins one */
	return n;
}

/* Prints @label and the text after it, which goes on in the next line, indented, where the screen ends.  No word is torn. */
__attribute__((format(printf, 2, 3)))
static void print_line(const char *label, const char *fmt, ...)
{
	int at = printf("%s", label);
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	for (const char *s = text, *end, *gap = text; s && *s; gap = end, s = end + strspn(end, " \n")) {
		end = word_end(s);
		if (s > gap && at + (int)(s - gap) + columns(s, end) > SCREEN)
			at = printf("\n" MARGIN) - 1;
		else
			at += printf("%*s", (int)(s - gap), "");
		at += columns(s, end);
		printf("%.*s", (int)(end - s), s);
	}
	putchar('\n');
	free(text);
}

/* The strings of @list, to be freed; NULL: no memory. */
static char *joined(const json_t *list, const char *between)
{
	const json_t *item;
	char *text = NULL;
	size_t i, len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	json_array_foreach(list, i, item)
		fprintf(f, "%s%s", i ? between : "", json_string_value(item));
	fclose(f);
	return text;
}

static void print_cves(const char *what, const json_t *list)
{
	char *text = json_array_size(list) ? joined(list, " ") : NULL;

	if (text)
		print_line(MARGIN, "%s %s", what, text);
	free(text);
}

static void print_patch(const json_t *p)
{
	char when[32];
	json_t *f;
	size_t i;

	local_time(num(p, "applied_at") ? num(p, "applied_at") : num(p, "changed_at"), when);
	/* Of what somebody else put in nobody has noted when. */
	print_line("patch       ", "%s %lld: %s%s%s%s%s", str(p, "name"), (long long)num(p, "release"), str(p, "now"),
	       json_is_true(json_object_get(p, "exploited")) ? ", exploited now" : "", *when ? " (" : "", when, *when ? ")" : "");
	if (*str(p, "reason"))
		print_line(MARGIN, "because: %s", str(p, "reason"));
	if (*str(p, "summary"))
		print_line(MARGIN, "%s", str(p, "summary"));
	json_array_foreach(json_object_get(p, "functions"), i, f)
		print_line(MARGIN, "%s  %s %s:%lld", str(f, "name"), str(f, "object"), str(f, "file"),
		       (long long)num(f, "line"));
	if (json_object_get(p, "tripped"))
		print_line(MARGIN, "%lld attempt%s at what it forbids", (long long)num(p, "tripped"), num(p, "tripped") == 1 ? "" : "s");
	print_cves(num(p, "expires") ? "mitigates" : "fixes", json_object_get(p, "cves"));
}

static void print_waiting(const json_t *w)
{
	char until[32];

	local_time(num(w, "until"), until);
	print_line("waiting     ", "%s %lld: %s%s%s%s", str(w, "name"), (long long)num(w, "release"),
	       json_is_true(json_object_get(w, "exploited")) ? "exploited now; " : "",
	       str(w, "reason"), *until ? ", until " : "", until);
	print_cves("open meanwhile:", json_object_get(w, "cves"));
}

static void print_hold(const json_t *h)
{
	char until[32];

	local_time(num(h, "until"), until);
	print_line("held        ", "%s%s%s%s%s", *str(h, "name") ? str(h, "name") : "everything new",
	       *str(h, "reason") ? ": " : "", str(h, "reason"), *until ? ", until " : "", until);
}

/* What everybody may know was written some time ago; what the kernel has is of this moment. */
static void print_public(int64_t at)
{
	int64_t age = time(NULL) - at;
	char when[32];

	local_time(at, when);
	if (at > 1)
		print_line("as of       ", "%s, %lld %s ago; root sees more", when, (long long)(age < 120 ? age : age / 60),
		       age < 120 ? "s" : "min");
}

/* One line: of the CVEs that concern this kernel, how many are covered, open, need a reboot. */
static void print_numbers(const json_t *c)
{
	long long critical = (long long)num(c, "critical"), high = (long long)num(c, "high");
	char bad[80] = "";

	if (!*str(c, "as_of")) {
		if (num(c, "concern"))
			print_line("CVEs        ", "by patches alone: %lld covered, %lld open", (long long)num(c, "covered"), (long long)num(c, "open"));
		return;
	}
	if (critical || high)
		snprintf(bad, sizeof(bad), " (%lld critical, %lld high)", critical, high);
	print_line("CVEs        ", "%lld concern this kernel: %lld covered, %lld open%s, %lld need a reboot", (long long)num(c, "concern"),
		   (long long)num(c, "covered"), (long long)num(c, "open"), bad, (long long)num(c, "reboot"));
}

static void print_horizon(const json_t *h)
{
	long long days = ((long long)num(h, "ends") - (long long)time(NULL)) / 86400;
	time_t t = (time_t)num(h, "ends");
	char day[16];
	struct tm tm;

	if (!t)
		return;
	gmtime_r(&t, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	if (!strcmp(str(h, "is"), "over"))
		print_line("horizon     ", "patches for this kernel were made until %s: boot a later one", day);
	else if (!strcmp(str(h, "is"), "near"))
		print_line("horizon     ", "patches for this kernel end in %lld day%s, on %s: plan to boot a later one", days,
			   days == 1 ? "" : "s", day);
	else
		print_line("horizon     ", "patches for this kernel are made until %s", day);
}

/* "with its patches it has the fixes of 6.1.183, but for ..." */
static void print_effective(const json_t *e)
{
	long long total = (long long)num(e, "but_for_total");
	char *but = NULL;

	if (*str(e, "why"))
		print_line("effective   ", "unknown: %s", str(e, "why"));
	if (!*str(e, "version"))
		return;
	if (total > EFFECTIVE_ON_SCREEN)
		print_line("effective   ", "by its CVE fixes %s, but for %lld CVEs (klp-update cve --open)", str(e, "version"), total);
	else
		but = joined(json_object_get(e, "but_for"), ", ");
	if (but)
		print_line("effective   ", "by its CVE fixes %s%s%s", str(e, "version"), *but ? ", but for " : "", but);
	free(but);
}

/* " (3 h ago)" */
static void age_of(int64_t s, char out[48])
{
	if (s < 0)
		snprintf(out, 48, " (by this machine's clock it is to come)");
	else if (s < 7200)
		snprintf(out, 48, " (%lld min ago)", (long long)s / 60);
	else if (s < 2 * 86400)
		snprintf(out, 48, " (%lld h ago)", (long long)s / 3600);
	else
		snprintf(out, 48, " (%lld d ago)", (long long)s / 86400);
}

static void print_text(const json_t *s)
{
	const json_t *kernel = json_object_get(s, "kernel");
	char when[32], age[48] = "", first[32];
	json_t *item;
	int others = 0;
	size_t i;

	local_time(num(s, "last_look"), when);
	snprintf(first, sizeof(first), "%s: ", str(s, "protection"));
	print_line(first, "%s", str(s, "why"));
	print_line("kernel      ", "%s (build-id %.16s...)", str(kernel, "release"), str(kernel, "build_id"));
	if (num(s, "last_look"))
		age_of(time(NULL) - num(s, "last_look"), age);
	if (*str(s, "source"))
		print_line("source      ", "%s, last look: %s%s", str(s, "source"), *when ? when : "never", age);
	else
		print_public(num(s, "public_at"));
	if (*str(s, "last_error"))
		print_line("last run    ", "%s", str(s, "last_error"));
	print_numbers(json_object_get(s, "cves"));
	print_effective(json_object_get(s, "effective"));
	print_horizon(json_object_get(s, "horizon"));
	json_array_foreach(json_object_get(s, "holds"), i, item)
		print_hold(item);
	json_array_foreach(json_object_get(s, "patches"), i, item) {
		if (strcmp(str(item, "now"), "for another kernel"))
			print_patch(item);
		else
			others++;
	}
	if (others)
		print_line("other       ", "%d patch%s for other kernels; --json lists them", others,
		       others == 1 ? "" : "es");
	json_array_foreach(json_object_get(s, "waiting"), i, item)
		print_waiting(item);
	if (!json_array_size(json_object_get(s, "patches")))
		puts("patch       none");
}

/* The database is damaged: what the kernel says can be told all the same, and that. */
static int without_memory(struct update *u, const char *text, struct klp_err *err)
{
	char why[KLP_ERR_LEN];
	int ret;

	snprintf(why, sizeof(why), "%s", text);
	ret = db_create(NULL, &u->db, err);
	if (!ret)
		ret = store_set_word(u->db, "last-error", why, err);
	return ret ? ret : store_set_number(u->db, "last-exit", EXIT_FAILED, err);
}

int cmd_status(struct update *u, int argc, char **argv)
{
	struct klp_err err = { 0 };
	json_t *s;
	int ret;

	(void)argc;
	(void)argv;
	ret = context_open(u, false, &err);
	if (ret == -EUCLEAN)
		ret = without_memory(u, err.text, &err);
	if (!ret)
		ret = status_json(u, &s, &err);
	if (ret)
		return update_fail(u, &err);
	ret = (int)num(s, "exit");
	if (u->json) {
		update_print_json(s);
	} else {
		print_text(s);
		json_decref(s);
	}
	return ret;
}
