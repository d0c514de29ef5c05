/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - what an operator's settings say of a release: pure functions of their text.
 */
#ifndef KLP_UPDATE_POLICY_H
#define KLP_UPDATE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A maintenance window: "any", or entries with ';' between them: "[DAYS] HH:MM-HH:MM", local time, where DAYS is "Mon",
 * "Mon-Fri" or "Mon,Wed"; without it each day.  An end that isn't after the start is on the next day; "24:00" is a day's
 * end.  An entry has two hours at least, since the timer looks once an hour.
 */
bool window_valid(const char *spec);
/* 0: it is open at @now; else when it opens next, in seconds since the epoch. */
int64_t window_opens(const char *spec, int64_t now);

/* "none", or "NAME RELEASE" with commas between. */
bool pin_valid(const char *list);
/* The release that @name is pinned to; 0: to none. */
int64_t pin_of(const char *list, const char *name);

/* Is @name one of @list, patterns as a shell's with commas between, or "none"? */
bool name_is_in(const char *list, const char *name);

/* From "low" (1) to "critical" (4); 0 for any other word. */
int severity_rank(const char *word);

/* "machine", or a number from 0 to 100. */
bool phase_valid(const char *text);
/*
 * This machine's place in the rollout of one release, 0 <= x <= 100: by @setting, or from a keyed digest
 * (HMAC-SHA256, the machine id is the key) of name and release.  It stays the same for that release, is another one for
 * the next, and nobody is asked or told.  Without a machine id: 100, the last.
 */
double phase_of(const char *setting, const char *machine_id, const char *name, int64_t release);

/* How much of the time tasks may wait (pressure.h): is it "none", or percent, from 1 to 100? */
bool pressure_valid(const char *setting);
/* Of a valid one; 0 for "none". */
long pressure_most(const char *setting);

#endif
