// SPDX-License-Identifier: GPL-2.0-or-later
/* test_announce.c - who is told what: journal, metrics, the line at login, notices; and silence unless a human is needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "err.h"
#include "exits.h"
#include "io.h"
#include "machine_fixture.h"
#include "run/loader.h"
#include "tell/announce.h"
#include "tell/metrics.h"

#define CONF	"etc/quietpatch/update.conf"
#define MOTD	"run/quietpatch/motd"
#define NOTICES	"run/quietpatch/notices"
#define FIRST	NOTICES "/00000000000000000001.notice"
#define SECOND	NOTICES "/00000000000000000002.notice"

static struct machine_fixture m;

static void setup(void)
{
	machine_setup(&m);
	machine_offer(&m, "a.klp", 3, m.key);
}

static void teardown(void)
{
	machine_teardown(&m);
}

#define run(status, ...)	machine_expect(&m, status, __VA_ARGS__)

/* ---- the journal ---- */

static int journal(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct klp_err err;
	char *folder = fixture_path(m.root, "run/systemd/journal");

	ck_assert_int_eq(io_mkdirs(folder, 0755, &err), 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.80s/socket", folder);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	free(folder);
	return fd;
}

/* The next entry; "" if there is none. */
static const char *entry(int fd)
{
	static char text[8192];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

START_TEST(history_goes_to_the_journal)
{
	int fd = journal();
	const char *e;

	run(0, "update");
	e = entry(fd);
	ck_assert_msg(strstr(e, "QUIETPATCH_EVENT=applied\nQUIETPATCH_PATCH=sock-map-alloc\nQUIETPATCH_RELEASE=3\n") != NULL, "%s", e);
	ck_assert_ptr_nonnull(strstr(e, "MESSAGE=sock-map-alloc applied: 42 tasks switched in 1.5 ms\n"));
	ck_assert_ptr_nonnull(strstr(e, "PRIORITY=5\n"));
	ck_assert_uint_eq(strspn(strstr(e, "MESSAGE_ID=") + 11, "0123456789abcdef"), 32);
	ck_assert_ptr_nonnull(strstr(entry(fd), "QUIETPATCH_EVENT=good"));
	/* Nothing happened, nothing is said. */
	run(2, "update");
	ck_assert_str_eq(entry(fd), "");
	/* An operator's reason can't begin a field. */
	run(0, "hold", "--reason", "x\nPRIORITY=0");
	e = entry(fd);
	ck_assert_msg(strstr(e, "MESSAGE=everything held: x PRIORITY=0\n") != NULL, "%s", e);
	close(fd);
}
END_TEST

/* What somebody has to look into isn't lost among what is merely news. */
START_TEST(trouble_has_its_priority)
{
	const char *e;
	int fd;

	run(0, "update", "--set", "watch=300");
	machine_reboot(&m);
	fd = journal();
	run(0, "update", "--set", "watch=300");
	e = entry(fd);
	ck_assert_ptr_nonnull(strstr(e, "QUIETPATCH_EVENT=doubtful\n"));
	ck_assert_ptr_nonnull(strstr(e, "PRIORITY=4\n"));
	close(fd);
}
END_TEST

/* What a patch's tripwires have counted: each new sum once. */
START_TEST(attempts_are_remembered)
{
	const char *counter = "sys/module/qp_sock_map_alloc/parameters/tripped", *e;
	int fd = journal();

	machine_put(&m, counter, "0\n");
	run(0, "update");
	entry(fd);
	entry(fd);
	ck_assert_str_eq(entry(fd), "");
	machine_put(&m, counter, "3\n");
	run(2, "update");
	e = entry(fd);
	ck_assert_msg(strstr(e, "MESSAGE=sock-map-alloc attempted: 3 attempts at what it forbids, 3 of them new\n") != NULL, "%s", e);
	ck_assert_ptr_nonnull(strstr(e, "MESSAGE_ID=b7a8f0c95d2e4d33a1f06c8de1a4e5b2\n"));
	run(2, "update");
	ck_assert_str_eq(entry(fd), "");
	machine_put(&m, counter, "5\n");
	run(2, "update");
	ck_assert_ptr_nonnull(strstr(entry(fd), "5 attempts at what it forbids, 2 of them new\n"));
	/* The module was loaded again, and counts anew. */
	machine_put(&m, counter, "1\n");
	run(2, "update");
	ck_assert_ptr_nonnull(strstr(entry(fd), "1 attempt at what it forbids, 1 of them new\n"));
	close(fd);
}
END_TEST

START_TEST(no_journal_no_backlog)
{
	int fd;

	run(0, "update");
	fd = journal();
	run(2, "update");
	ck_assert_str_eq(entry(fd), "");
	close(fd);
}
END_TEST

/* ---- humans ---- */

START_TEST(silence_when_all_is_well)
{
	machine_put(&m, CONF, "notify = cat >> /dev/null\n");
	run(0, "update");
	ck_assert_str_eq(machine_get(&m, MOTD), "");
	run(2, "notify");
	/* Held by the operator: they know. */
	run(0, "hold");
	machine_offer(&m, "b.klp", 4, m.key);
	run(5, "update");
	ck_assert_str_eq(machine_get(&m, MOTD), "");
	run(2, "notify");
}
END_TEST

/* A fault in the watch takes the patch out. */
static void take_back(void)
{
	machine_loader(&m, 0, "[ \"$1\" = revert ] || " MACHINE_WARNS "\n");
	run(7, "update");
}

START_TEST(taken_back_is_told_once)
{
	char conf[256], *out = fixture_path(m.root, "told");

	snprintf(conf, sizeof(conf), "notify = cat >> %s\n", out);
	machine_put(&m, CONF, conf);
	take_back();
	ck_assert_str_eq(machine_get(&m, MOTD), "Live patching needs you: sock-map-alloc was taken back. See: klp-update status\n");
	run(0, "notify");
	ck_assert_str_eq(machine_get(&m, "told"), "Live patching needs you: sock-map-alloc was taken back. See: klp-update status\n");
	run(2, "notify");
	/* The next runs say the same, which isn't news; the line at login stays. */
	run(7, "update");
	run(2, "notify");
	ck_assert_str_ne(machine_get(&m, MOTD), "");
	/* Over: the line goes. */
	machine_loader(&m, 0, NULL);
	machine_put(&m, "proc/sys/kernel/tainted", "12288\n");
	run(0, "retry", "--all");
	run(0, "update");
	ck_assert_str_eq(machine_get(&m, MOTD), "");
	run(2, "notify");
	free(out);
}
END_TEST

START_TEST(a_question_is_told)
{
	machine_put(&m, CONF, "apply = ask\n");
	run(5, "update");
	ck_assert_ptr_nonnull(strstr(machine_get(&m, MOTD), "sock-map-alloc waits for your word"));
	/* A look that fails answers no question. */
	run(5, "update", "--source", "/no/such/folder");
	ck_assert_ptr_nonnull(strstr(machine_get(&m, MOTD), "sock-map-alloc waits for your word"));
	run(0, "approve", "sock-map-alloc");
	run(0, "update");
	ck_assert_str_eq(machine_get(&m, MOTD), "");
}
END_TEST

START_TEST(mail_where_there_is_a_sendmail)
{
	char script[256], *path = fixture_path(m.root, "usr/sbin/sendmail");

	take_back();
	/* No sendmail: nobody is mailed, and that is no failure. */
	run(0, "notify");
	snprintf(script, sizeof(script), "#!/bin/sh\necho \"$@\" > %s/mailed\ncat >> %s/mailed\n", m.root, m.root);
	machine_put(&m, "usr/sbin/sendmail", script);
	ck_assert_int_eq(chmod(path, 0755), 0);
	machine_put(&m, FIRST, "Live patching needs you: x\n");
	machine_put(&m, CONF, "mail = ops@example.org\n");
	run(0, "notify");
	ck_assert_str_eq(machine_get(&m, "mailed"), "-oi -- ops@example.org\nTo: ops@example.org\nSubject: Live patching needs you: x\n\n"
			 "Live patching needs you: x\n");
	free(path);
}
END_TEST

/* It stays, and the unit fails and comes again. */
START_TEST(a_notice_that_is_not_delivered)
{
	machine_put(&m, FIRST, "Live patching needs you: x\n");
	machine_put(&m, CONF, "notify = exit 3\n");
	run(1, "notify");
	ck_assert_ptr_nonnull(strstr(m.err, "ended with 3"));
	ck_assert_str_ne(machine_get(&m, NOTICES "/00000000000000000001.command.notice"), "");
	/* Over: it isn't so any more. */
	take_back();
	run(1, "notify");
	machine_loader(&m, 0, NULL);
	machine_put(&m, "proc/sys/kernel/tainted", "12288\n");
	run(0, "retry", "--all");
	run(0, "update");
	run(2, "notify");
}
END_TEST

/* What the command of the settings writes down: all that it was told. */
static void tells(const char *command)
{
	char conf[1024];

	snprintf(conf, sizeof(conf), "notify = cd %s; %s\n", m.root, command);
	machine_put(&m, CONF, conf);
}

START_TEST(each_notice_comes_once_and_in_order)
{
	machine_put(&m, SECOND, "b\n");
	machine_put(&m, FIRST, "a\n");
	/* What is being written isn't a notice yet. */
	machine_put(&m, SECOND ".abcdef", "c");
	tells("cat >> told");
	run(0, "notify");
	ck_assert_str_eq(machine_get(&m, "told"), "a\nb\n");
	run(2, "notify");
	ck_assert_str_eq(machine_get(&m, "told"), "a\nb\n");
	/* One that comes while another is being delivered. */
	machine_put(&m, FIRST, "d\n");
	tells("cat >> told; [ -e later ] || { touch later; echo e > " SECOND "; }");
	run(0, "notify");
	ck_assert_str_eq(machine_get(&m, "told"), "a\nb\nd\ne\n");
	run(2, "notify");
}
END_TEST

START_TEST(a_notifier_that_was_killed)
{
	machine_put(&m, FIRST, "a\n");
	machine_put(&m, SECOND, "b\n");
	/* klp-update is the parent of the shell that runs it. */
	tells("read t; [ \"$t\" = a ] || [ -e died ] || { touch died; kill -9 $PPID; sleep 1; exit 1; }; echo $t >> told");
	ck_assert_int_eq(machine_run(&m, "notify", NULL), -9);
	ck_assert_str_eq(machine_get(&m, "told"), "a\n");
	run(0, "notify");
	ck_assert_str_eq(machine_get(&m, "told"), "a\nb\n");
	run(2, "notify");
}
END_TEST

/* The command fails, the mail goes out: that isn't mailed again and again. */
START_TEST(what_was_mailed_is_not_mailed_again)
{
	char script[256], *path = fixture_path(m.root, "usr/sbin/sendmail");

	snprintf(script, sizeof(script), "#!/bin/sh\ntail -n 1 >> %s/mailed\n", m.root);
	machine_put(&m, "usr/sbin/sendmail", script);
	ck_assert_int_eq(chmod(path, 0755), 0);
	machine_put(&m, FIRST, "a\n");
	machine_put(&m, SECOND, "b\n");
	tells("exit 3");
	run(1, "notify");
	run(1, "notify");
	ck_assert_str_eq(machine_get(&m, "mailed"), "a\nb\n");
	tells("cat >> told");
	run(0, "notify");
	ck_assert_str_eq(machine_get(&m, "told"), "a\nb\n");
	ck_assert_str_eq(machine_get(&m, "mailed"), "a\nb\n");
	run(2, "notify");
	free(path);
}
END_TEST

/* Passing trouble becomes a human's after a day. */
START_TEST(patience)
{
	json_t *s = json_pack("{s:i, s:[{s:s, s:i}]}", "exit", EXIT_FAILED, "waiting", "name", "x", "exit", EXIT_FAILED);
	char text[200];

	ck_assert(!human_needed(s, 1000, 1000 + PATIENCE_S - 1, text, sizeof(text)));
	ck_assert(human_needed(s, 1000, 1000 + PATIENCE_S, text, sizeof(text)));
	ck_assert_ptr_nonnull(strstr(text, "x a fix isn't in force"));
	ck_assert(!human_needed(s, 0, 1000 + PATIENCE_S, text, sizeof(text)));
	json_object_set_new(s, "exit", json_integer(EXIT_TRUST));
	ck_assert(human_needed(s, 0, 0, text, sizeof(text)));
	json_object_set_new(s, "exit", json_integer(EXIT_HELD));
	ck_assert(!human_needed(s, 1000, 1000 + 9 * PATIENCE_S, text, sizeof(text)));
	json_decref(s);
}
END_TEST

/* ---- numbers ---- */

START_TEST(metrics)
{
	const char *t;

	run(0, "update");
	t = machine_get(&m, "run/quietpatch/quietpatch.prom");
	ck_assert_ptr_nonnull(strstr(t, "\nquietpatch_protection{is=\"protected\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(t, "\nquietpatch_protection{is=\"not protected\"} 0\n"));
	ck_assert_ptr_nonnull(strstr(t, "\nquietpatch_patch_in_force{name=\"sock-map-alloc\",release=\"3\",state=\"good\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(t, "\nquietpatch_exit_status 0\n"));
	ck_assert_ptr_nonnull(strstr(t, "\nquietpatch_cves{state=\"covered\"} 1\n"));
	/* Each line is a comment or NAME{LABELS} NUMBER. */
	for (const char *line = t; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(!strncmp(line, "# HELP quietpatch_", 18) || !strncmp(line, "# TYPE quietpatch_", 18) ||
			      !strncmp(line, "quietpatch_", 11), "%s", line);
}
END_TEST

START_TEST(labels_are_escaped)
{
	json_t *s = json_pack("{s:{s:s, s:s}, s:s, s:[]}", "kernel", "release", "a\"b\\c\nd", "build_id", "x", "protection", "unknown", "patches");
	char *t = metrics_text(s);

	ck_assert_msg(strstr(t, "kernel=\"a\\\"b\\\\c\\nd\",") != NULL, "%s", t);
	free(t);
	json_decref(s);
}
END_TEST

/* klp-apply's sentences have names in them that users and bundles chose. */
START_TEST(what_klp_apply_says_is_printable)
{
	static const char said[] = "{\"error\": \"a\\u001b[2J\", \"transition\": {\"ms\": 1.25, \"tasks\": 7}, \"pending\": [\"ext4\", 4, \"\\u202ex\"]}";
	struct loader_reply r;
	char text[128];

	loader_reply_parse(said, sizeof(said) - 1, 1, 0, &r);
	ck_assert_str_eq(r.error, "a\\x1b[2J");
	loader_reply_describe(&r, text, sizeof(text));
	ck_assert_str_eq(text, "7 tasks switched in 1.2 ms; pending: waits for module ext4, \\xe2\\x80\\xaex");
	/* Cut short, never in the middle of what stands for a byte. */
	loader_reply_describe(&r, text, 64);
	ck_assert_str_eq(text, "7 tasks switched in 1.2 ms; pending: waits for module ext4, ");
	loader_reply_clear(&r);
	loader_reply_parse("[", 1, 9, 0, &r);
	ck_assert_str_eq(r.error, "klp-apply failed with exit status 9");
	loader_reply_describe(&r, text, sizeof(text));
	ck_assert_str_eq(text, "");
	loader_reply_clear(&r);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("announce");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, history_goes_to_the_journal);
	tcase_add_test(tc, trouble_has_its_priority);
	tcase_add_test(tc, attempts_are_remembered);
	tcase_add_test(tc, no_journal_no_backlog);
	tcase_add_test(tc, silence_when_all_is_well);
	tcase_add_test(tc, taken_back_is_told_once);
	tcase_add_test(tc, a_question_is_told);
	tcase_add_test(tc, mail_where_there_is_a_sendmail);
	tcase_add_test(tc, a_notice_that_is_not_delivered);
	tcase_add_test(tc, each_notice_comes_once_and_in_order);
	tcase_add_test(tc, a_notifier_that_was_killed);
	tcase_add_test(tc, what_was_mailed_is_not_mailed_again);
	tcase_add_test(tc, patience);
	tcase_add_test(tc, metrics);
	tcase_add_test(tc, labels_are_escaped);
	tcase_add_test(tc, what_klp_apply_says_is_printable);
	return fixture_run("announce", tc);
}
