// SPDX-License-Identifier: GPL-2.0-or-later
/* test_policy.c - update.conf and its drop-ins, and what they make of a release: who gets it, and when. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "machine_fixture.h"
#include "rollout.h"
#include "settings/policy.h"
#include "state/db.h"
#include "state/store_value.h"

#define NAME	"sock-map-alloc"
#define CONF	"etc/quietpatch/update.conf"

static struct machine_fixture m;

static void setup(void)
{
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	machine_setup(&m);
}

static void teardown(void)
{
	machine_teardown(&m);
}

#define run(status, ...)	machine_expect(&m, status, __VA_ARGS__)
#define told(text)	ck_assert_msg(strstr(m.out, text) || strstr(m.err, text), "no \"%s\" in:\n%s%s", text, m.out, m.err)

/* ---- files ---- */

START_TEST(drop_ins_in_order)
{
	machine_put(&m, CONF, "timeout = 11\nwatch = 3\n");
	machine_put(&m, CONF ".d/50-b.conf", "timeout = 22\n");
	machine_put(&m, CONF ".d/10-a.conf", "timeout = 33\ndelay = 2d\n");
	run(0, "config", "get", "timeout");
	ck_assert_str_eq(m.out, "22\n");
	run(0, "config", "get", "delay");
	ck_assert_str_eq(m.out, "172800\n");
	run(0, "config", "get", "timeout", "--json");
	told("update.conf.d/50-b.conf:1");
	run(0, "config");
	told("here: default)");
	run(64, "config", "get", "nosuch");
	run(64, "config", "get");
}
END_TEST

static void refused(const char *file, const char *text, const char *where, const char *why)
{
	machine_put(&m, file, text);
	run(1, "update");
	told(where);
	told(why);
	machine_remove(&m, file);
}

START_TEST(mistakes_name_file_and_line)
{
	refused(CONF, "watch = 1\nwatch = 2\n", "update.conf:2", "set a second time, after line 1");
	refused(CONF, "source = https://h/#frag\n", "update.conf:1", "without # or white space in a URL");
	refused(CONF, "watch = 5#seconds\n", "update.conf:1", "it must be seconds");
	refused(CONF ".d/a.conf", "\nsourse = /x\n", "update.conf.d/a.conf:2", "unknown setting \"sourse\"");
	refused(CONF ".d/a.conf", "delay = 100d\n", "update.conf.d/a.conf:1", "from 0 to");
	refused(CONF ".d/a.conf", "kick = sometimes\n", "update.conf.d/a.conf:1", "never, safe or all");
	refused(CONF ".d/a.conf", "window = 22:00-23:00\n", "update.conf.d/a.conf:1", "of two hours at least");
	refused(CONF ".d/site.cnf", "watch = 1\n", "update.conf.d/site.cnf", "only files whose names end in .conf");
	refused(CONF ".d/README", "watch = 1\n", "update.conf.d/README", "only files whose names end in .conf");
}
END_TEST

START_TEST(what_editors_leave_is_named)
{
	machine_put(&m, CONF ".d/a.conf~", "watch = 77\n");
	machine_put(&m, CONF ".d/.a.conf.swp", "nonsense");
	machine_put(&m, CONF ".d/a.conf.dpkg-old", "watch = 78\n");
	run(2, "update");
	run(0, "config", "get", "watch");
	ck_assert_str_eq(m.out, "0\n");
	told("a.conf~");
	told(".a.conf.swp");
	told("a.conf.dpkg-old");
	machine_run(&m, "doctor", NULL);
	told("a.conf~");
}
END_TEST

/* "apply = no" is there; that the disk with it isn't mounted doesn't make it "automatic". */
START_TEST(a_link_to_settings_that_are_not_there)
{
	char *path = fixture_path(m.root, CONF);

	machine_put(&m, CONF, "");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/nonexistent/update.conf", path), 0);
	machine_offer(&m, "a.klp", 3, m.key);
	run(1, "update");
	ck_assert_ptr_nonnull(strstr(m.err, "update.conf is a link to what isn't there"));
	ck_assert(!machine_is_applied(&m));
	free(path);
}
END_TEST

START_TEST(a_file_that_others_may_write)
{
	char *path = fixture_path(m.root, CONF);

	machine_put(&m, CONF, "watch = 1\n");
	ck_assert_int_eq(chmod(path, 0666), 0);
	run(1, "update");
	told("others than root may write to it");
	/* A group is others. */
	ck_assert_int_eq(chmod(path, 0664), 0);
	if (!geteuid()) {
		ck_assert_int_eq(chown(path, 0, 65534), 0);
		run(1, "update");
		told("others than root may write to it");
		ck_assert_int_eq(chown(path, 0, 0), 0);
	}
	run(2, "update");
	free(path);
}
END_TEST

/* A password in a file of root's own stops nobody's commands, the fetcher's least of all. */
START_TEST(a_drop_in_for_root_alone)
{
	char *secret = fixture_path(m.root, CONF ".d/50-proxy.conf"), *conf = fixture_path(m.root, CONF);

	if (geteuid())
		goto out;
	machine_put(&m, CONF, "watch = 5\n");
	machine_put(&m, CONF ".d/50-proxy.conf", "proxy = http://me:secret@192.0.2.1:3128\n");
	ck_assert_int_eq(chmod(secret, 0600), 0);
	run(0, "config", "get", "proxy");
	told("me:secret");
	m.as_nobody = true;
	run(0, "config", "get", "proxy");
	told("none");
	/* Not a socket; it isn't for the settings that it ends. */
	run(64, "fetch");
	ck_assert_int_eq(chmod(conf, 0600), 0);
	run(64, "fetch");
	run(1, "config", "get", "watch");
	m.as_nobody = false;
	run(0, "config", "get", "watch");
out:
	free(conf);
	free(secret);
}
END_TEST

START_TEST(set_and_get)
{
	machine_put(&m, CONF, "# mine\ntimeout = 11 # long\n#kick = all\nkick = never\n");
	run(0, "config", "set", "kick", "safe");
	run(0, "config", "set", "window", "Sat-Sun 00:00-24:00");
	ck_assert_str_eq(machine_get(&m, CONF), "# mine\ntimeout = 11 # long\n#kick = all\nkick = safe\nwindow = Sat-Sun 00:00-24:00\n");
	run(0, "config", "get", "kick");
	ck_assert_str_eq(m.out, "safe\n");
	/* What would stop the next run isn't written. */
	run(64, "config", "set", "kick", "maybe");
	run(64, "config", "set", "nosuch", "1");
	run(64, "config", "set", "loader", "a\nwatch = 3");
	run(64, "config", "set", "loader", "a # b");
	machine_put(&m, CONF ".d/a.conf", "kick = all\n");
	run(1, "config", "set", "kick", "never");
	told("update.conf.d/a.conf:1");
	run(64, "config", "set", "kick");
}
END_TEST

/* ---- windows ---- */

static int64_t at(int year, int month, int day, int hour, int minute)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_isdst = -1 };

	return mktime(&tm);
}

START_TEST(window_specs)
{
	static const char *const good[] = { "any", "22:00-04:00", "Mon 22:00-04:00", "Mon-Fri 22:00-04:00; Sun 00:00-24:00",
					    "Mon,Wed 01:00-03:00", "Fri-Mon 08:00-08:00" };
	static const char *const bad[] = { "", "22-04", "22:00", "22:00-25:00", "22:00-04:60", "Xyz 22:00-04:00", "Mon- 1:00-4:00",
					   "Mon22:00-04:00", "22:00-23:00", "24:00-04:00", "22:00-04:00 x", "Monday 22:00-04:00", "-1:00-4:00" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(window_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!window_valid(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(windows_open)
{
	static const char week[] = "Mon-Fri 22:00-04:00; Sun 00:00-24:00";

	/* 2026-11-23 is a Monday. */
	ck_assert_int_eq(window_opens(week, at(2026, 11, 23, 22, 0)), 0);
	ck_assert_int_eq(window_opens(week, at(2026, 11, 24, 3, 59)), 0);
	ck_assert_int_eq(window_opens(week, at(2026, 11, 24, 4, 0)), at(2026, 11, 24, 22, 0));
	/* Friday's reaches into Saturday, none begins there. */
	ck_assert_int_eq(window_opens(week, at(2026, 11, 28, 3, 0)), 0);
	ck_assert_int_eq(window_opens(week, at(2026, 11, 28, 4, 0)), at(2026, 11, 29, 0, 0));
	ck_assert_int_eq(window_opens(week, at(2026, 11, 29, 23, 59)), 0);
	/* Sunday has no evening that reaches into Monday. */
	ck_assert_int_eq(window_opens(week, at(2026, 11, 30, 0, 0)), at(2026, 11, 30, 22, 0));
	ck_assert_int_eq(window_opens("any", at(2026, 11, 30, 0, 0)), 0);
	/* The night in which the clock goes from 2 to 3. */
	ck_assert_int_eq(window_opens("02:00-05:00", at(2026, 3, 29, 1, 30)), at(2026, 3, 29, 3, 0));
}
END_TEST

/* ---- lists ---- */

START_TEST(pins_and_excludes)
{
	ck_assert(pin_valid("none") && pin_valid("pipe-read 2, sock-map 1"));
	ck_assert(!pin_valid("pipe-read") && !pin_valid("pipe-read 0") && !pin_valid("pipe-read 2 3") && !pin_valid(", pipe 1"));
	ck_assert_int_eq(pin_of("pipe-read 2, sock-map 1", "sock-map"), 1);
	ck_assert_int_eq(pin_of("pipe-read 2, sock-map 1", "sock"), 0);
	ck_assert_int_eq(pin_of("none", "none"), 0);
	ck_assert(name_is_in("pipe-read, net-*", "net-core") && name_is_in("pipe-read ,net-*", "pipe-read"));
	ck_assert(!name_is_in("pipe-read, net-*", "pipe") && !name_is_in("none", "none"));
}
END_TEST

/* ---- rollouts ---- */

START_TEST(rollout_specs)
{
	static const char *const bad[] = { "", "0h", "0h:100,", "0h:50", "24h:1,0h:100", "0h:50,24h:40,72h:100", "0h:101", "0h:1 24h:100",
					   "-1h:100", "9999h:100" };
	struct rollout r = { .start = 1000000 };
	struct klp_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(rollout_parse(bad[i], &r, &err) < 0, "%s", bad[i]);
	ck_assert_int_eq(rollout_parse("2h:0,24h:50,72h:100", &r, &err), 0);
	ck_assert_int_eq(r.start, 1000000);
	ck_assert_double_eq(rollout_percent(&r, 0), 0);
	ck_assert_double_eq(rollout_percent(&r, r.start + 3600), 0);
	ck_assert_double_eq_tol(rollout_percent(&r, r.start + 13 * 3600), 25, 0.001);
	ck_assert_double_eq(rollout_percent(&r, r.start + 72 * 3600), 100);
	ck_assert_double_eq(rollout_percent(&r, r.start + 9999 * 3600), 100);
	/* Told and obeyed are the same moment. */
	for (double p = 0; p <= 100; p += 0.5)
		ck_assert_msg(rollout_percent(&r, rollout_reaches(&r, p)) >= p - 0.001, "%f", p);
	ck_assert_int_eq(rollout_reaches(&r, 0), r.start + 2 * 3600);
	ck_assert_int_le(rollout_reaches(&r, 100), r.start + 72 * 3600 + 1);
}
END_TEST

/* As many machines as the percent says, each always in the same place, in another one for another release. */
START_TEST(phases)
{
	unsigned int under = 0, moved = 0;
	char id[40];

	for (unsigned int i = 0; i < 10000; i++) {
		double x;

		snprintf(id, sizeof(id), "%032x", i);
		x = phase_of("machine", id, NAME, 3);
		ck_assert(x >= 0 && x < 100);
		ck_assert_double_eq(x, phase_of("machine", id, NAME, 3));
		under += x < 10;
		moved += x < 10 && phase_of("machine", id, NAME, 4) >= 10;
	}
	ck_assert_uint_gt(under, 900);
	ck_assert_uint_lt(under, 1100);
	ck_assert_uint_gt(moved, under * 8 / 10);
	ck_assert_double_eq(phase_of("machine", "", NAME, 3), 100);
	ck_assert_double_eq(phase_of("12.5", "x", NAME, 3), 12.5);
	ck_assert(phase_valid("machine") && phase_valid("0") && phase_valid("99.5"));
	ck_assert(!phase_valid("") && !phase_valid("101") && !phase_valid("1e2") && !phase_valid("-1") && !phase_valid("nan"));
}
END_TEST

/* ---- what becomes of a release ---- */

/* The reason for which the one patch waits, and the time. */
static int64_t waits(const char *why)
{
	json_t *s, *w;
	int64_t until;

	run(5, "status", "--json");
	s = machine_json(&m);
	w = json_array_get(json_object_get(s, "waiting"), 0);
	ck_assert_ptr_nonnull(w);
	ck_assert_msg(strstr(json_string_value(json_object_get(w, "reason")), why), "%s", m.out);
	until = json_integer_value(json_object_get(w, "until"));
	json_decref(s);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	return until;
}

START_TEST(excluded_and_pinned)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_put(&m, CONF, "exclude = other, sock-*\n");
	run(5, "update");
	waits("exclude = other, sock-*");
	machine_put(&m, CONF, "pin = sock-map-alloc 2\n");
	run(5, "update");
	waits("doesn't go beyond release 2");
	machine_put(&m, CONF, "pin = sock-map-alloc 3\n");
	run(0, "update");
}
END_TEST

START_TEST(ask_and_approve)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_put(&m, CONF, "apply = ask\ndelay = 1d\n");
	run(2, "approve", "--all");
	run(5, "update");
	waits("klp-update approve sock-map-alloc");
	run(3, "approve", "nosuch");
	run(64, "approve");
	/* It isn't for a later release, the operator hasn't seen that one. */
	run(0, "approve", NAME);
	machine_offer(&m, "a.klp", 4, m.key);
	run(5, "update");
	run(0, "approve", "--all", "--json");
	told("\"release\": 4");
	run(0, "update");
	ck_assert(machine_is_applied(&m));
	run(0, "history");
	told("approved   sock-map-alloc 4");
}
END_TEST

START_TEST(delayed)
{
	int64_t until;

	machine_offer(&m, "a.klp", 3, m.key);
	machine_put(&m, CONF, "delay = 2h\n");
	run(5, "update");
	until = waits("delay = 7200");
	ck_assert_int_ge(until, time(NULL) + 7190);
	ck_assert_int_le(until, time(NULL) + 7200);
	/* It doesn't begin anew with each look. */
	run(5, "update");
	ck_assert_int_le(waits("delay = 7200"), until);
	machine_put(&m, CONF, "delay = 0\n");
	run(0, "update");
}
END_TEST

START_TEST(outside_its_window)
{
	time_t now = time(NULL);
	struct tm tm;
	char conf[64];

	localtime_r(&now, &tm);
	/* Two hours that begin in three. */
	snprintf(conf, sizeof(conf), "window = %02d:00-%02d:00\n", (tm.tm_hour + 3) % 24, (tm.tm_hour + 5) % 24);
	machine_offer(&m, "a.klp", 3, m.key);
	machine_put(&m, CONF, conf);
	run(5, "update");
	ck_assert_int_gt(waits("window = "), now + 3600);
	ck_assert_int_lt(waits("window = "), now + 4 * 3600);
	snprintf(conf, sizeof(conf), "window = %02d:00-%02d:00\n", (tm.tm_hour + 23) % 24, (tm.tm_hour + 3) % 24);
	machine_put(&m, CONF, conf);
	run(0, "update");
}
END_TEST

static char *repo;

static void publish(const char *rollout)
{
	char *file = fixture_path(m.source, "a.klp");
	const char *how = rollout ? "--rollout" : "--expires";

	machine_offer(&m, "a.klp", 3, m.key);
	repo = fixture_path(m.root, "repo");
	ck_assert_msg(!machine_repo_do(&m, repo, "publish", how, rollout ? rollout : "30", file, NULL), "%s", m.err);
	free(file);
}

START_TEST(rolled_out_by_phase)
{
	publish("0h:0,24h:50,72h:100");
	machine_put(&m, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	run(5, "update", "--source", repo);
	ck_assert_int_gt(waits("this machine's place in it is"), time(NULL));
	/* The first in line. */
	run(0, "check", "--source", repo, "--set", "phase=0");
	/* Published again without steps it keeps them, with others it has those. */
	publish(NULL);
	run(5, "update", "--source", repo);
	publish("0h:100");
	run(0, "update", "--source", repo);
	free(repo);
}
END_TEST

/* klp-repo publish of the same release, with two more words. */
static void mark(const char *option, const char *value)
{
	char *file = fixture_path(m.source, "a.klp");

	ck_assert_msg(!machine_repo_do(&m, repo, "publish", option, value, file, NULL), "%s", m.err);
	free(file);
}

/* What is exploited now waits for no rollout, delay or window. */
/* The source marks three hundred others, too. */
static void mark_many(void)
{
	char *state = fixture_path(m.root, "var/lib/quietpatch"), *text;
	json_t *list = json_array();
	struct klp_err err;
	struct db *db;

	for (int i = 0; i < 300; i++)
		json_array_append_new(list, json_pack("{s:s, s:i}", "name", "some-other-patch", "release", i + 1));
	json_array_append_new(list, json_pack("{s:s, s:i}", "name", "sock-map-alloc", "release", 3));
	text = json_dumps(list, JSON_COMPACT);
	ck_assert_msg(!db_open(state, true, &db, &err) && !store_set_word(db, EXPLOITED_WORD, text, &err), "%s", err.text);
	db_close(db);
	json_decref(list);
	free(text);
	free(state);
}

START_TEST(exploited_now)
{
	time_t now = time(NULL);
	struct tm tm;
	char conf[160];

	localtime_r(&now, &tm);
	publish("2160h:100");
	snprintf(conf, sizeof(conf), "delay = 2h\nwindow = %02d:00-%02d:00\n", (tm.tm_hour + 3) % 24, (tm.tm_hour + 5) % 24);
	machine_put(&m, CONF, conf);
	run(5, "update", "--source", repo);
	mark("--exploited", "yes");
	/* It keeps the mark, as a release keeps its rollout. */
	mark("--expires", "30");
	run(5, "update", "--source", repo, "--set", "emergency=no");
	ck_assert_int_gt(waits("its rollout"), now);
	told("\"exploited\": true");
	run(5, "status");
	told("not protected: sock-map-alloc: exploited now; its rollout");
	told("waiting     sock-map-alloc 3: exploited now; its rollout");
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "run/quietpatch/quietpatch.prom"), "quietpatch_exploited_waiting 1\n"));
	run(0, "update", "--source", repo);
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
	run(0, "status");
	told("patch       sock-map-alloc 3: applied, exploited now");
	mark_many();
	run(0, "status");
	told("patch       sock-map-alloc 3: applied, exploited now");
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "run/quietpatch/quietpatch.prom"), "quietpatch_exploited_waiting 0\n"));
	free(repo);
}
END_TEST

/* But for what an operator has said no to. */
START_TEST(exploited_and_held)
{
	publish("now");
	mark("--exploited", "yes");
	run(0, "hold", "sock-map-alloc");
	run(5, "update", "--source", repo);
	waits("it is held");
	run(0, "unhold", "sock-map-alloc");
	run(0, "hold");
	run(5, "update", "--source", repo);
	waits("updates are held");
	run(0, "unhold");
	run(0, "disable");
	run(5, "update", "--source", repo);
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	run(0, "enable");
	run(5, "update", "--source", repo, "--set", "apply=ask");
	run(5, "update", "--source", repo, "--set", "apply=no");
	run(5, "update", "--source", repo, "--set", "exclude=sock-*");
	run(5, "update", "--source", repo, "--set", "pin=sock-map-alloc 2");
	ck_assert_int_eq(machine_calls(&m, "load"), 0);
	/* The mark goes, too. */
	mark("--exploited", "no");
	run(5, "update", "--source", repo, "--set", "delay=1h");
	run(0, "update", "--source", repo);
	free(repo);
}
END_TEST

/* That many days from now. */
static void maintained_for(int days)
{
	time_t t = time(NULL) + days * 86400;
	char day[16];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	mark("--maintained-until", day);
}

/* A kernel's patches end some day: that is told before, and never undone in silence. */
START_TEST(horizon)
{
	char *remove;

	publish("now");
	run(0, "update", "--source", repo);
	run(0, "status", "--json");
	told("\"is\": \"unknown\"");
	maintained_for(300);
	run(2, "update", "--source", repo);
	told("patches are made for it until");
	run(0, "status");
	told("horizon     patches for this kernel are made until");
	/* The end comes nearer: said, as it happens. */
	maintained_for(10);
	run(2, "update", "--source", repo);
	told(", not until ");
	ck_assert(machine_happened(&m, "horizon"));
	run(0, "status");
	told("protected: ");
	told("horizon     patches for this kernel end in 9 days, on ");
	run(2, "update", "--source", repo);
	ck_assert_ptr_null(strstr(m.out, "patches are made"));
	/* It is over: all that there is is in force, and that isn't enough. */
	maintained_for(-1);
	run(2, "update", "--source", repo);
	run(8, "status");
	told("unknown: patches for this kernel were made until");
	told("boot a later");
	/* A source that no longer tells doesn't make it well again. */
	ck_assert(asprintf(&remove, "rm -r %1$s %1$s.state", repo) > 0 && !system(remove));
	free(remove);
	free(repo);
	for (int i = 0; i < 6; i++)
		publish(i ? NULL : "now");
	run(2, "update", "--source", repo);
	told("doesn't tell any more");
	run(8, "status");
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "publish", "--maintained-until", "2027-02-30x", NULL), 64);
	free(repo);
}
END_TEST

START_TEST(for_klp_apply)
{
	machine_offer(&m, "a.klp", 3, m.key);
	machine_put(&m, CONF, "kick = safe\nconsistency = strict\n");
	run(0, "update");
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "calls"), "--stragglers reverse --kick safe --consistency strict"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("policy");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, drop_ins_in_order);
	tcase_add_test(tc, mistakes_name_file_and_line);
	tcase_add_test(tc, what_editors_leave_is_named);
	tcase_add_test(tc, a_link_to_settings_that_are_not_there);
	tcase_add_test(tc, a_file_that_others_may_write);
	tcase_add_test(tc, a_drop_in_for_root_alone);
	tcase_add_test(tc, set_and_get);
	tcase_add_test(tc, window_specs);
	tcase_add_test(tc, windows_open);
	tcase_add_test(tc, pins_and_excludes);
	tcase_add_test(tc, rollout_specs);
	tcase_add_test(tc, phases);
	tcase_add_test(tc, excluded_and_pinned);
	tcase_add_test(tc, ask_and_approve);
	tcase_add_test(tc, delayed);
	tcase_add_test(tc, outside_its_window);
	tcase_add_test(tc, rolled_out_by_phase);
	tcase_add_test(tc, exploited_now);
	tcase_add_test(tc, exploited_and_held);
	tcase_add_test(tc, horizon);
	tcase_add_test(tc, for_klp_apply);
	return fixture_run("policy", tc);
}
