// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cve.c - what is said of a CVE: by versions and branches first, since a wrong "not affected" hurts most; then by
 * configuration, modules and patches, on a folder that stands for a machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cve_judge.h"
#include "err.h"
#include "io.h"
#include "machine_fixture.h"

/* ---- versions ---- */

START_TEST(versions)
{
	static const char *const bad[] = { "", "6", "6.", "6.1.", "6.1-rc3", "6.1~rc3-1~exp1", "v6.1", "6.1.x", "6.1.176 ", "6.1.1767777", "next" };
	static const char *const growing[] = { "2.6.12", "2.6.39.4", "3.0", "4.19.300", "5.10", "5.15.211", "6.1", "6.1.9", "6.1.10", "6.1.176", "6.6", "6.12.1", "7.0" };
	struct kver v, w;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(kver_parse(bad[i], &v) < 0, "%s", bad[i]);
	for (size_t i = 1; i < sizeof(growing) / sizeof(*growing); i++) {
		ck_assert(!kver_parse(growing[i - 1], &v) && !kver_parse(growing[i], &w));
		ck_assert_msg(kver_compare(&v, &w) < 0 && kver_compare(&w, &v) > 0, "%s %s", growing[i - 1], growing[i]);
	}
	ck_assert(!kver_parse("2.6.12", &v) && !v.patch && !kver_parse("2.6.16.9", &w) && w.patch == 9 && kver_compare(&v, &w) < 0);
	ck_assert(!kver_parse("6.1", &v) && !kver_parse("6.1.0", &w) && !kver_compare(&v, &w));
	ck_assert(!kver_parse("6.1.176-1~deb12u1", &v) && v.patch == 176);
}
END_TEST

/* @pairs: "5.15:6.1.177 5.15:7.1"; the word, since, fixed in: "vulnerable 5.15 6.1.177". */
static const char *judge(const char *pairs, const char *version)
{
	static const char *const words[] = { "unknown", "fixed", "vulnerable", "not-yet" };
	static char text[128];
	struct cve_pair list[16];
	struct cve_verdict verdict;
	struct kver v;
	size_t nr = 0;

	memset(list, 0, sizeof(list));
	for (const char *p = pairs; *p; p += strcspn(p, " "), p += strspn(p, " "), nr++)
		ck_assert_int_eq(sscanf(p, "%23[^:]:%23[^ ]", list[nr].introduced, list[nr].fixed), 2);
	ck_assert_int_eq(kver_parse(version, &v), 0);
	cve_judge(list, nr, &v, &verdict);
	snprintf(text, sizeof(text), "%s %s %s", words[verdict.is], verdict.since, verdict.fixed);
	return text;
}

#define is(pairs, version, expected)	ck_assert_str_eq(judge(pairs, version), expected)

/* The lines of a real record: CVE-2026-52928. */
static const char real[] = "5.15:5.15.211 5.15:6.1.177 5.15:6.6.144 5.15:6.12.88 5.15:6.18.30 5.15:7.0.7 5.15:7.1";

START_TEST(each_branch_by_itself)
{
	is(real, "6.1.176", "vulnerable 5.15 6.1.177");
	is(real, "6.1.177", "fixed 5.15 6.1.177");
	is(real, "6.1.200", "fixed 5.15 6.1.177");
	is(real, "6.12.87", "vulnerable 5.15 6.12.88");
	is(real, "6.12.88", "fixed 5.15 6.12.88");
	/* 6.6.144's number is higher, its branch is another one. */
	is(real, "6.1.144", "vulnerable 5.15 6.1.177");
	/* The mainline's own fix is in what comes after it. */
	is(real, "7.1", "fixed 5.15 7.1");
	is(real, "7.3.2", "fixed 5.15 7.1");
	/* A branch that has the fault, and nobody fixed it there. */
	is(real, "6.3.9", "vulnerable 5.15 ");
	is(real, "7.0", "vulnerable 5.15 7.0.7");
	/* Before it came in. */
	is(real, "5.10.300", "not-yet 5.15 ");
	is(real, "5.14.21", "not-yet 5.15 ");
	is(real, "5.15", "vulnerable 5.15 5.15.211");
}
END_TEST

START_TEST(introduced_by_a_backport)
{
	/* Came with 6.4, was copied to 6.1.50. */
	static const char copied[] = "6.1.50:6.1.80 6.4:6.6.20 6.4:6.8";

	is(copied, "6.1.49", "not-yet 6.1.50 ");
	is(copied, "6.1.50", "vulnerable 6.1.50 6.1.80");
	is(copied, "6.1.80", "fixed 6.1.50 6.1.80");
	is(copied, "6.6.19", "vulnerable 6.4 6.6.20");
	is(copied, "6.5.3", "vulnerable 6.4 ");
	/* 6.1.50 isn't in 6.2, though its number is lower. */
	is(copied, "6.2.1", "not-yet 6.1.50 ");
	/* In other branches alone. */
	is("5.15.133:5.15.140", "6.1.176", "not-yet 5.15.133 ");
	/* Came and went with one version. */
	is("6.1.178:6.1.178", "6.1.176", "not-yet 6.1.178 ");
	is("6.1.178:6.1.178", "6.1.178", "fixed 6.1.178 6.1.178");
}
END_TEST

START_TEST(two_faults_of_one_record)
{
	/* The second one isn't fixed by what fixed the first. */
	is("4.1:6.1.10 5.2:6.1.20", "6.1.15", "vulnerable 5.2 6.1.20");
	is("5.2:6.1.20 4.1:6.1.10", "6.1.15", "vulnerable 5.2 6.1.20");
	is("4.1:6.1.10 5.2:6.1.20", "6.1.20", "fixed 4.1 6.1.10");
	/* The one that isn't here doesn't count. */
	is("4.1:6.1.10 6.5:6.6.3", "6.1.15", "fixed 4.1 6.1.10");
	/* The order of the lines doesn't matter. */
	is("4.1:6.6.3 4.1:6.1.10", "6.1.15", "fixed 4.1 6.1.10");
}
END_TEST

START_TEST(not_fixed_anywhere)
{
	is("5.2:0", "6.1.15", "vulnerable 5.2 ");
	is("6.5:0", "6.1.15", "not-yet 6.5 ");
	/* Since ever. */
	is("0:6.1.10", "6.1.9", "vulnerable 0 6.1.10");
	is("0:6.1.10", "6.1.10", "fixed 0 6.1.10");
	is("0:0", "6.1.10", "vulnerable 0 ");
	is("0:5.4", "6.1.10", "fixed 0 5.4");
	/* Before 3.0 the mainline had three numbers. */
	is("2.6.12:6.1.20 2.6.12:6.6", "6.1.10", "vulnerable 2.6.12 6.1.20");
	is("2.6.12:2.6.39", "6.1.10", "fixed 2.6.12 2.6.39");
	is("2.6.16.9:2.6.17", "6.1.10", "not-yet 2.6.16.9 ");
}
END_TEST

/* Never "not affected", never "fixed", by what can't be read. */
START_TEST(what_is_not_shown_is_unknown)
{
	is("", "6.1.15", "unknown  ");
	is("6.5-rc3:6.6", "6.1.15", "unknown  ");
	is("6.5:6.6 next:7.0", "6.1.15", "unknown  ");
	is("4.1:6.1.10 5.2:6.1.x", "6.1.15", "unknown  ");
}
END_TEST

/* ---- on a machine: 6.1.176-1, a bundle of release 3 that fixes CVE-2026-12345 ---- */

static struct machine_fixture m;
static char *repo;

static void setup(void)
{
	machine_setup(&m);
	repo = fixture_path(m.root, "repo");
	machine_put(&m, "lib/modules/6.1.0-50-cloud-amd64/modules.dep",
		    "kernel/arch/x86/kvm/kvm.ko.xz: kernel/lib/irq.ko.xz\nkernel/drivers/net/usb/my-usb.ko:\n");
	machine_offer(&m, "a.klp", 3, m.key);
}

static void teardown(void)
{
	free(repo);
	machine_teardown(&m);
}

/* klp-repo publish of a.klp and @arg..., all paths below the root. */
static int publish(const char *option, const char *file, const char *option2, const char *file2)
{
	char *klp = fixture_path(m.source, "a.klp");
	char *path = fixture_path(m.root, file), *path2 = option2 ? fixture_path(m.root, file2) : NULL;
	int status = machine_repo_do(&m, repo, "publish", "--rollout", "now", klp, option, path, option2, path2, NULL);

	free(klp);
	free(path);
	free(path2);
	return status;
}

/* A record as the CVE team publishes it: dyad lines, and files with spaces between. */
static void record(const char *cve, const char *dyad, const char *files, const char *severity)
{
	char path[128], text[2048], list[512] = "", copy[512];
	const char *sep = "";

	snprintf(path, sizeof(path), "records/2026/%s.dyad", cve);
	snprintf(text, sizeof(text), "# dyad version: 1.2.0\n%s", dyad);
	machine_put(&m, path, text);
	snprintf(copy, sizeof(copy), "%s", files);
	for (char *f = strtok(copy, " "); f; f = strtok(NULL, " "), sep = ", ")
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s\"%s\"", sep, f);
	snprintf(path, sizeof(path), "records/2026/%s.json", cve);
	snprintf(text, sizeof(text), "{\"cveMetadata\": {\"cveId\": \"%s\", \"state\": \"%s\"}, \"containers\": {\"cna\": {\"title\": \"a fix\","
		 " \"affected\": [{\"programFiles\": [%s]}], \"metrics\": [{\"cvssV3_1\": {\"baseSeverity\": \"%s\"}}]}}}", cve,
		 severity ? "PUBLISHED" : "REJECTED", list, severity ? severity : "LOW");
	machine_put(&m, path, text);
}

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static void all_kinds(void)
{
	record("CVE-2026-1001", "5.15:" COMMIT ":6.1.177:" COMMIT "\n5.15:" COMMIT ":6.6.9:" COMMIT "\n", "net/unix/af_unix.c", "HIGH");
	record("CVE-2026-1002", "5.15:" COMMIT ":6.1.170:" COMMIT "\n", "net/unix/af_unix.c", "LOW");
	record("CVE-2026-1003", "6.5:" COMMIT ":6.6.9:" COMMIT "\n", "net/unix/af_unix.c", "LOW");
	record("CVE-2026-1004", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "drivers/off.c drivers/off2.c", "CRITICAL");
	record("CVE-2026-1005", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "arch/x86/kvm/kvm.c", "CRITICAL");
	record("CVE-2026-1006", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "drivers/gone.c", "LOW");
	record("CVE-2026-1007", "6.1-rc3:" COMMIT ":6.2:" COMMIT "\n", "drivers/off.c", "LOW");
	record("CVE-2026-1008", "5.15:" COMMIT ":0:0\n", "include/linux/a.h drivers/off.c", "LOW");
	record("CVE-2026-1009", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "drivers/off.c", NULL);
	record("CVE-2026-1010", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "drivers/off.c net/unix/af_unix.c", "LOW");
	record("CVE-2026-12345", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "net/core/sock_map.c", "HIGH");
	machine_put(&m, "files.json", "{\"kernel\": \"k\", \"version\": \"6.1.176-1\", \"build_id\": \"" FIXTURE_BUILD_ID "\", \"files\": {"
		    "\"net/unix/af_unix.c\": [\"vmlinux\"], \"drivers/off.c\": [], \"drivers/off2.c\": [], \"arch/x86/kvm/kvm.c\": [\"kvm\"],"
		    " \"drivers/gone.c\": [\"gone\"], \"net/core/sock_map.c\": [\"vmlinux\"]}}");
}

static void update_from_repo(int status)
{
	int got = machine_run(&m, "update", "--source", repo, NULL);

	ck_assert_msg(got == status, "exit %d, not %d\n%s%s", got, status, m.out, m.err);
}

/* State and evidence of one CVE, and the exit status. */
static void says(const char *cve, int status, const char *state, const char *evidence)
{
	json_t *list, *a;
	int got = machine_run(&m, "cve", cve, "--json", NULL);

	list = machine_json(&m);
	a = json_array_get(list, 0);
	ck_assert_uint_eq(json_array_size(list), 1);
	ck_assert_msg(!strcmp(json_string_value(json_object_get(a, "state")), state), "%s: %s", cve, m.out);
	ck_assert_msg(strstr(json_string_value(json_object_get(a, "evidence")), evidence) != NULL, "%s: %s", cve, m.out);
	ck_assert_int_eq(got, status);
	json_decref(list);
}

/* Titles are strangers' text: the publisher spells out what can't be shown, and a machine takes no other file. */
START_TEST(titles_cant_steer_a_terminal)
{
	machine_put(&m, "records/2026/CVE-2026-1001.json", "{\"cveMetadata\": {\"cveId\": \"CVE-2026-1001\", \"state\": \"PUBLISHED\"},"
		    " \"containers\": {\"cna\": {\"title\": \"a\\u001b[2J \\u202efix\", \"affected\": [{\"programFiles\": [\"net/core/sock_map.c\"]}]}}}");
	machine_put(&m, "records/2026/CVE-2026-1001.dyad", "# dyad version: 1.2.0\n5.15:" COMMIT ":6.1.177:" COMMIT "\n");
	ck_assert_msg(!publish("--cves", "records", NULL, NULL), "%s", m.err);
	update_from_repo(0);
	machine_run(&m, "cve", "CVE-2026-1001", NULL);
	ck_assert_msg(strstr(m.out, "a\\x1b[2J \\xe2\\x80\\xaefix") != NULL, "%s", m.out);
	machine_put(&m, "var/lib/quietpatch/cves.json", "{\"format\": 1, \"build_id\": \"" FIXTURE_BUILD_ID "\", \"cves\": {\"CVE-2026-1001\":"
		    " {\"pairs\": [[\"5.15\", \"6.1.177\"]], \"title\": \"\\u009b2J\"}}}");
	ck_assert_int_eq(machine_run(&m, "cve", "CVE-2026-1001", NULL), 4);
	ck_assert_msg(strstr(m.err, "control characters") != NULL, "%s", m.err);
	ck_assert_ptr_null(strstr(m.out, "\xc2\x9b"));
}
END_TEST

/* One record with such a name would have all machines refuse all of them. */
START_TEST(names_of_files_are_names)
{
	machine_put(&m, "records/2026/CVE-2026-1001.json", "{\"cveMetadata\": {\"cveId\": \"CVE-2026-1001\", \"state\": \"PUBLISHED\"},"
		    " \"containers\": {\"cna\": {\"affected\": [{\"programFiles\": [\"net/core/sock_map.c\", \"net/\\u202ec.x\"]}]}}}");
	machine_put(&m, "records/2026/CVE-2026-1001.dyad", "# dyad version: 1.2.0\n5.15:" COMMIT ":6.1.177:" COMMIT "\n");
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 4);
	ck_assert_msg(strstr(m.err, "\"net/\\xe2\\x80\\xaec.x\" isn't the name of a source file") != NULL, "%s", m.err);
	/* Broken UTF-8, in a table. */
	machine_put(&m, "table", "CVE-2026-1001\t5.15\t6.1.177\t" COMMIT "\ta\tnet/core/sock_map.c fs/\xff.c\n");
	ck_assert_int_eq(publish("--cves", "table", NULL, NULL), 4);
	ck_assert_msg(strstr(m.err, "\"fs/\\xff.c\" isn't") != NULL, "%s", m.err);
}
END_TEST

/* status --json: the effective version, and what it lacks. */
static void effective(const char *version, const char *but_for, int total)
{
	json_t *s, *e;
	char list[512] = "", *end = list;
	json_t *item;
	size_t i;

	machine_run(&m, "status", "--json", NULL);
	s = machine_json(&m);
	e = json_object_get(s, "effective");
	json_array_foreach(json_object_get(e, "but_for"), i, item)
		end += sprintf(end, "%s%s", i ? " " : "", json_string_value(item) + strlen("CVE-2026-"));
	ck_assert_msg(!strcmp(json_string_value(json_object_get(e, "version")), version), "%s", m.out);
	ck_assert_str_eq(list, but_for);
	ck_assert_int_eq(json_integer_value(json_object_get(e, "but_for_total")), total);
	json_decref(s);
}

START_TEST(one_effective_version)
{
	all_kinds();
	/* What comes later than the latest live fix isn't promised, so it isn't an exception. */
	record("CVE-2026-2001", "5.15:" COMMIT ":6.1.180:" COMMIT "\n", "net/unix/af_unix.c", "LOW");
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	machine_run(&m, "update", "--source", repo, "--set", "apply=no", NULL);
	/* Its own; what can't be read is an exception to any version. */
	effective("6.1.176", "1007", 1);
	machine_run(&m, "status", NULL);
	ck_assert_msg(strstr(m.out, "effective   by its CVE fixes 6.1.176, but for CVE-2026-1007\n") != NULL, "%s", m.out);
	update_from_repo(0);
	effective("6.1.177", "1001 1005 1007 1010", 4);
	machine_run(&m, "status", NULL);
	ck_assert_msg(strstr(m.out, "effective   by its CVE fixes 6.1.177, but for 4 CVEs (klp-update cve --open)\n") != NULL, "%s", m.out);
	ck_assert_ptr_nonnull(strstr(machine_get(&m, "run/quietpatch/cves.json"), "6.1.177"));
	/* More than are named are counted. */
	for (int i = 0; i < 20; i++) {
		char cve[32];

		snprintf(cve, sizeof(cve), "CVE-2026-30%02d", i);
		record(cve, "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "net/unix/af_unix.c", "LOW");
	}
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(2);
	effective("6.1.177", "1001 1005 1007 1010 3000 3001 3002 3003", 24);
	machine_run(&m, "status", NULL);
	ck_assert_msg(strstr(m.out, "6.1.177, but for 24 CVEs (klp-update cve --open)") != NULL, "%s", m.out);
}
END_TEST

/* Never a guess. */
START_TEST(no_records_no_version)
{
	ck_assert_msg(!publish("--keys", "nonexistent", NULL, NULL), "%s", m.err);
	update_from_repo(0);
	effective("", "", 0);
	machine_run(&m, "status", NULL);
	ck_assert_msg(strstr(m.out, "effective   unknown: the source has no CVE records") != NULL, "%s", m.out);
}
END_TEST

START_TEST(each_word_with_its_evidence)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	says("CVE-2026-1001", 1, "vulnerable", "since 5.15, in net/unix/af_unix.c; fixed in kernels from version 6.1.177; live patch: none is offered");
	says("CVE-2026-1002", 0, "fixed-kernel", "fixed in 6.1.170, this kernel is 6.1.176-1");
	says("CVE-2026-1003", 0, "not-affected", "came in with 6.5");
	says("CVE-2026-1004", 0, "not-affected", "drivers/off.c and its other files are not compiled");
	/* A module that can be loaded counts. */
	says("CVE-2026-1005", 1, "vulnerable", "arch/x86/kvm/kvm.c");
	says("CVE-2026-1006", 0, "not-affected", "in the module gone alone, which isn't loaded and isn't installed");
	says("CVE-2026-1007", 3, "unknown", "can't be compared");
	/* Of a header nothing is shown; and nobody has fixed it. */
	says("CVE-2026-1008", 1, "vulnerable", "not fixed in this branch");
	says("CVE-2026-1009", 3, "unknown", "neither a record nor a patch");
	/* One of its files is here. */
	says("CVE-2026-1010", 1, "vulnerable", "since 5.15");
	says("CVE-2026-12345", 0, "fixed-live", "sock-map-alloc 3, which the kernel says is in force");
	says("CVE-2020-0001", 3, "unknown", "neither a record nor a patch");
	ck_assert_int_eq(machine_run(&m, "cve", "--open", NULL), 1);
	ck_assert_ptr_null(strstr(m.out, "CVE-2026-12345"));
	ck_assert_ptr_nonnull(strstr(m.out, "5 concern this kernel: 1 fixed by live patches, 4 open"));
	machine_run(&m, "status", NULL);
	ck_assert_msg(strstr(m.out, "CVEs        5 concern this kernel: 1 covered, 4 open (1 critical, 1 high), 3\n"
			     "            need a reboot\n") != NULL, "%s", m.out);
}
END_TEST

/* Loaded after all; and no module can be loaded any more. */
START_TEST(modules_of_this_moment)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	machine_put(&m, "sys/module/gone/refcnt", "0\n");
	says("CVE-2026-1006", 1, "vulnerable", "drivers/gone.c");
	machine_put(&m, "proc/sys/kernel/modules_disabled", "1\n");
	says("CVE-2026-1006", 1, "vulnerable", "drivers/gone.c");
	says("CVE-2026-1005", 0, "not-affected", "kernel.modules_disabled");
	machine_put(&m, "proc/sys/kernel/modules_disabled", "0\n");
	/* No list of modules: then nothing is shown. */
	machine_remove(&m, "sys/module/gone/refcnt");
	fixture_remove(fixture_path(m.root, "sys/module/gone"));
	says("CVE-2026-1006", 0, "not-affected", "gone");
	machine_remove(&m, "lib/modules/6.1.0-50-cloud-amd64/modules.dep");
	says("CVE-2026-1006", 1, "vulnerable", "drivers/gone.c");
}
END_TEST

/* Without what klp-build tells of the files, nothing is "not compiled". */
START_TEST(no_word_on_files)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", NULL, NULL), "%s", m.err);
	update_from_repo(0);
	says("CVE-2026-1004", 1, "vulnerable", "since 5.15");
	says("CVE-2026-1006", 1, "vulnerable", "since 5.15");
	/* Nor by what it tells of another kernel. */
	machine_put(&m, "files.json", "{\"build_id\": \"aaaa\", \"files\": {\"drivers/off.c\": [], \"drivers/off2.c\": []}}");
	ck_assert_int_eq(publish("--cves", "records", "--files", "files.json"), 0);
	update_from_repo(2);
	says("CVE-2026-1004", 1, "vulnerable", "since 5.15");
}
END_TEST

START_TEST(what_is_held_is_open)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	ck_assert_int_eq(machine_run(&m, "hold", "--reason", "freeze", NULL), 0);
	update_from_repo(5);
	says("CVE-2026-12345", 1, "vulnerable", "live patch: sock-map-alloc 3 is offered: updates are held: freeze");
	/* The record says "not here", somebody who built a patch for this kernel says otherwise. */
	record("CVE-2026-12345", "6.5:" COMMIT ":6.6.9:" COMMIT "\n", "net/core/sock_map.c", "HIGH");
	ck_assert_int_eq(publish("--cves", "records", "--files", "files.json"), 0);
	update_from_repo(5);
	says("CVE-2026-12345", 3, "unknown", "came in with 6.5");
}
END_TEST

/* Taken out by hand, or taken over from: the kernel has the last word. */
START_TEST(what_left_the_kernel_is_open)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/replaced", "1\n");
	says("CVE-2026-12345", 1, "vulnerable", "sock-map-alloc 3 is offered");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/replaced", "0\n");
	says("CVE-2026-12345", 0, "fixed-live", "in force");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state", "reverting\n");
	says("CVE-2026-12345", 1, "vulnerable", "sock-map-alloc 3 is offered");
}
END_TEST

START_TEST(by_patches_alone)
{
	ck_assert_int_eq(machine_run(&m, "update", NULL), 0);
	says("CVE-2026-12345", 0, "fixed-live", "in force");
	says("CVE-2026-1001", 3, "unknown", "neither a record nor a patch");
	machine_reboot(&m);
	machine_put(&m, "proc/sys/kernel/osrelease", "6.1.0-50-cloud-amd64\n");
	says("CVE-2026-12345", 1, "vulnerable", "sock-map-alloc 3 is offered");
}
END_TEST

START_TEST(why_no_live_patch)
{
	all_kinds();
	machine_put(&m, "survey.json", "{\"build_id\": \"" FIXTURE_BUILD_ID "\", \"cves\": [{\"cve\": \"CVE-2026-1001\", \"outcome\": \"refused\","
		    " \"reason\": \"struct\", \"why\": \"struct sock changes\"}, {\"cve\": \"CVE-2026-1010\", \"outcome\": \"covered\"}]}");
	ck_assert_msg(!publish("--cves", "records", "--survey", "survey.json"), "%s", m.err);
	update_from_repo(0);
	says("CVE-2026-1001", 1, "vulnerable", "live patch: none is possible: struct: struct sock changes");
	says("CVE-2026-1010", 1, "vulnerable", "live patch: none is offered");
}
END_TEST

/* Another file under the promised name; another kernel's; and what was kept is used on. */
START_TEST(records_are_checked)
{
	char path[160];
	FILE *p;

	all_kinds();
	ck_assert_msg(!publish("--cves", "records", NULL, NULL), "%s", m.err);
	update_from_repo(0);
	record("CVE-2026-1001", "6.5:" COMMIT ":6.6.9:" COMMIT "\n", "net/unix/af_unix.c", "HIGH");
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 0);
	/* An index that names a file, which then is another one. */
	snprintf(path, sizeof(path), "cd %.100s/targets/cves && for f in *; do echo '{}' > $f; done", repo);
	p = popen(path, "r");
	pclose(p);
	update_from_repo(4);
	ck_assert_ptr_nonnull(strstr(m.out, "signed for"));
	says("CVE-2026-1001", 1, "vulnerable", "since 5.15");
	/* What was kept is damaged, or lost: it is fetched again, and isn't a reason to take nothing any more. */
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 0);
	for (int i = 0; i < 2; i++) {
		update_from_repo(2);
		says("CVE-2026-1001", 0, "not-affected", "6.5");
		if (i)
			machine_remove(&m, "var/lib/quietpatch/cves.json");
		else
			machine_put(&m, "var/lib/quietpatch/cves.json", "{");
	}
	update_from_repo(2);
	says("CVE-2026-1001", 0, "not-affected", "6.5");
	record("CVE-2026-1001", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "net/unix/af_unix.c", "HIGH");
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 0);
	update_from_repo(2);
	record("CVE-2026-1001", "6.5:" COMMIT ":6.6.9:" COMMIT "\n", "net/unix/af_unix.c", "HIGH");
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 0);
	/* It can't be had: tried again, and told. */
	snprintf(path, sizeof(path), "rm -r %.100s/targets/cves", repo);
	p = popen(path, "r");
	pclose(p);
	update_from_repo(101);
	says("CVE-2026-1001", 1, "vulnerable", "since 5.15");
}
END_TEST

START_TEST(bad_records_are_not_published)
{
	machine_put(&m, "records/CVE-2026-1.dyad", "5.15:abc\n");
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 4);
	ck_assert_ptr_nonnull(strstr(m.err, "CVE-2026-1.dyad: line 1"));
	machine_put(&m, "records/CVE-2026-1.dyad", "5.15:a:hello world:b\n");
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 4);
	machine_remove(&m, "records/CVE-2026-1.dyad");
	ck_assert_int_eq(publish("--cves", "records", NULL, NULL), 3);
	machine_put(&m, "table.tsv", "# CVE\tfirst bad\tfixed\tcommit\ttitle\tfiles\nCVE-2026-0007\t\t6.1.177\t" COMMIT "\t\ta.c b.c\n");
	ck_assert_msg(!publish("--cves", "table.tsv", NULL, NULL), "%s", m.err);
	update_from_repo(0);
	says("CVE-2026-0007", 1, "vulnerable", "since ever, in a.c; fixed in kernels from version 6.1.177");
}
END_TEST

START_TEST(severity_decides)
{
	all_kinds();
	machine_put(&m, "etc/quietpatch/update.conf", "severity = critical\n");
	ck_assert_msg(!publish("--cves", "records", NULL, NULL), "%s", m.err);
	update_from_repo(5);
	ck_assert_ptr_nonnull(strstr(m.out, "severity = critical in update.conf"));
	machine_put(&m, "etc/quietpatch/update.conf", "severity = high\n");
	update_from_repo(0);
}
END_TEST

/* What isn't rated isn't small. */
START_TEST(unrated_is_taken)
{
	machine_put(&m, "etc/quietpatch/update.conf", "severity = critical\n");
	ck_assert_int_eq(machine_run(&m, "update", NULL), 0);
}
END_TEST

START_TEST(for_an_ordinary_user)
{
	if (geteuid())
		return;
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/name", "sock-map-alloc\n");
	m.as_nobody = true;
	says("CVE-2026-1001", 1, "vulnerable", "since 5.15");
	says("CVE-2026-12345", 0, "fixed-live", "sock-map-alloc 3");
	machine_put(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state", "reverting\n");
	says("CVE-2026-12345", 3, "unknown", "has left the kernel");
	machine_run(&m, "status", NULL);
	ck_assert_ptr_nonnull(strstr(m.out, "5 concern this kernel"));
	machine_put(&m, "proc/sys/kernel/random/boot_id", "boot-77\n");
	ck_assert_int_eq(machine_run(&m, "cve", NULL), 3);
}
END_TEST

/* ---- documents for other tools: what the schemas ask for, checked by hand: statuses, and what goes with each ---- */

static bool has(const json_t *list, const char *key, const char *value)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (!strcmp(json_string_value(json_object_get(item, key)), value))
			return true;
	return false;
}

START_TEST(open_vex)
{
	json_t *j, *s;
	size_t i, nr[4] = { 0 };

	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	ck_assert_int_eq(machine_run(&m, "cve", "--format", "openvex", NULL), 0);
	j = machine_json(&m);
	ck_assert_str_eq(json_string_value(json_object_get(j, "@context")), "https://openvex.dev/ns/v0.2.0");
	json_array_foreach(json_object_get(j, "statements"), i, s) {
		const char *status = json_string_value(json_object_get(s, "status"));
		bool justified = json_object_get(s, "justification"), acted = json_object_get(s, "action_statement");

		ck_assert_uint_eq(json_array_size(json_object_get(s, "products")), 1);
		ck_assert(justified == !strcmp(status, "not_affected"));
		ck_assert(acted == !strcmp(status, "affected"));
		nr[0] += !strcmp(status, "fixed");
		nr[1] += !strcmp(status, "affected");
		nr[2] += !strcmp(status, "not_affected");
		nr[3] += !strcmp(status, "under_investigation");
	}
	ck_assert(nr[0] == 2 && nr[1] == 4 && nr[2] == 3 && nr[3] == 1);
	json_decref(j);
}
END_TEST

START_TEST(csaf_vex)
{
	json_t *j, *list, *v;
	size_t i;

	ck_assert_int_eq(machine_run(&m, "cve", "--format", "csaf", NULL), 3);
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	ck_assert_int_eq(machine_run(&m, "cve", "--format", "csaf", NULL), 0);
	j = machine_json(&m);
	list = json_object_get(j, "vulnerabilities");
	ck_assert(has(list, "cve", "CVE-2026-1001") && has(list, "cve", "CVE-2026-12345"));
	json_array_foreach(list, i, v) {
		const json_t *status = json_object_get(v, "product_status");

		/* The profile: notes; an impact for what isn't affected, a remediation for what is. */
		ck_assert(json_array_size(json_object_get(v, "notes")) && json_object_size(status) == 1);
		ck_assert(!json_object_get(status, "known_not_affected") == !json_object_get(v, "flags"));
		ck_assert(!json_object_get(status, "known_affected") == !json_object_get(v, "remediations"));
	}
	json_decref(j);
	ck_assert_int_eq(machine_run(&m, "cve", "--format", "spdx", NULL), 64);
}
END_TEST

/* ---- advise ---- */

#define THIS	"6.1.0-50-cloud-amd64"
#define NEXT	"6.1.0-51-cloud-amd64"

static void boots(const char *kernel, const char *set_default)
{
	char text[1024];

	snprintf(text, sizeof(text), "if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\nelse\n   set default=\"%s\"\nfi\n"
		 "menuentry 'Debian GNU/Linux' --class debian {\n\techo 'Loading'\n\tlinux\t/boot/vmlinuz-%s root=UUID=1 ro quiet\n}\n"
		 "submenu 'Advanced options' {\n\tmenuentry 'old' {\n\t\tlinux\t/boot/vmlinuz-6.1.0-1-amd64 ro\n\t}\n}\n", set_default, kernel);
	machine_put(&m, "boot/grub/grub.cfg", text);
	machine_put(&m, "boot/grub/grubenv", "# GRUB Environment Block\n####\n");
}

static void installed(const char *version)
{
	char text[1024];

	snprintf(text, sizeof(text), "Package: linux-image-6.1.0-51-cloud-amd64-dbg\nStatus: install ok installed\nVersion: 6.1.1-1\n\n"
		 "Package: linux-image-" NEXT "\nStatus: install ok installed\nPriority: optional\nVersion: %s\n\n"
		 "Package: zlib\nStatus: install ok installed\nVersion: 9\n", version);
	machine_put(&m, "var/lib/dpkg/status", text);
}

/* The boot image of THIS: a setup header, and what it says of itself; NULL: nothing. */
static void image(const char *says_)
{
	static unsigned char b[4096];
	char *path = fixture_path(m.root, "boot/vmlinuz-" THIS);
	struct klp_err err;

	memset(b, 0, sizeof(b));
	memcpy(b + 0x202, "HdrS", 4);
	if (says_) {
		b[0x20e] = 0x00, b[0x20f] = 0x04;
		memcpy(b + 0x600, says_, strlen(says_));
	}
	machine_put(&m, "boot/vmlinuz-" THIS, "");
	ck_assert_int_eq(io_write_atomic(path, b, sizeof(b), 0644, &err), 0);
	free(path);
}

/* Which version the records take the running kernel for. */
static void record_version(const char *version)
{
	char *path = fixture_path(m.root, "var/lib/quietpatch/cves.json"), *text;
	json_t *j = json_load_file(path, 0, NULL);

	ck_assert_ptr_nonnull(j);
	json_object_set_new(j, "version", json_string(version));
	text = json_dumps(j, 0);
	machine_put(&m, "var/lib/quietpatch/cves.json", text);
	free(text);
	json_decref(j);
	free(path);
}

#define BUILT	"#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)"

static void advises(int status, const char *words)
{
	int got = machine_run(&m, "advise", NULL);

	ck_assert_msg(got == status && strstr(m.out, words), "exit %d, not %d: %s%s", got, status, m.out, m.err);
}

START_TEST(advice)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	advises(3, "don't know: there is no /boot/grub/grub.cfg");
	boots(NEXT, "0");
	advises(3, "version isn't known to dpkg");
	installed("6.1.180-1");
	advises(5, "no quietpatch.ko is installed: it couldn't be patched; it closes 3 CVEs");
	machine_put(&m, "lib/modules/" NEXT "/updates/dkms/quietpatch.ko.xz", "");
	advises(8, "reboot now: the next boot starts " NEXT " (6.1.180-1): it closes 3 more CVEs");
	/* It hasn't got what the live patch fixes. */
	installed("6.1.176-2");
	advises(5, "isn't known to have the fixes of 1 CVEs that are closed now");
	/* An older one is worse. */
	installed("6.1.160-1");
	advises(5, "isn't known to have the fixes of 2 CVEs");
	installed("6.1~rc3-1~exp1");
	advises(3, "can't be compared");
}
END_TEST

/* A record that can't be read for one of the two kernels: nothing is known to be closed, and that isn't "it can wait". */
START_TEST(advice_where_records_say_nothing)
{
	record("CVE-2026-1001", "5.15:" COMMIT ":6.1.170:" COMMIT "\n", "net/unix/af_unix.c", "HIGH");
	record("CVE-2026-12345", "5.15:" COMMIT ":6.1.177:" COMMIT "\n", "net/core/sock_map.c", "HIGH");
	ck_assert_msg(!publish("--cves", "records", NULL, NULL), "%s", m.err);
	update_from_repo(0);
	boots(NEXT, "0");
	installed("6.1.180-1");
	machine_put(&m, "lib/modules/" NEXT "/updates/quietpatch.ko", "");
	advises(0, "a reboot can wait: the next boot starts " NEXT " (6.1.180-1): it closes 0 more");
	/* Of the kernel that runs it isn't known which version it is, so neither whether it has the fix. */
	record_version("");
	advises(3, "don't know: the next boot starts " NEXT " (6.1.180-1), and of 1 CVEs nobody can say");
}
END_TEST

START_TEST(advice_for_the_same_kernel)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	boots(THIS, "0");
	machine_put(&m, "proc/sys/kernel/version", BUILT "\n");
	image(THIS " (debian-kernel@lists.debian.org) " BUILT);
	advises(5, "no quietpatch.ko is installed for it");
	machine_put(&m, "lib/modules/" THIS "/updates/quietpatch.ko", "");
	advises(0, "a reboot can wait");
}
END_TEST

/* A security update may bring another build under the name of the one that runs: that is no "can wait". */
START_TEST(advice_for_another_build_of_this_kernel)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	boots(THIS, "0");
	machine_put(&m, "lib/modules/" THIS "/updates/quietpatch.ko", "");
	machine_put(&m, "proc/sys/kernel/version", BUILT "\n");
	advises(3, "it can't be told whether that is the same build");
	image(NULL);
	advises(3, "it can't be told whether that is the same build");
	image(THIS " (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 6.1.180-1 (2026-09-01)");
	advises(3, "version isn't known to dpkg");
	machine_put(&m, "var/lib/dpkg/status", "Package: linux-image-" THIS "\nStatus: install ok installed\nVersion: 6.1.180-1\n");
	advises(8, "reboot now: the next boot starts " THIS " (6.1.180-1): it closes 3 more CVEs");
	image(THIS " (debian-kernel@lists.debian.org) " BUILT);
	advises(0, "a reboot can wait");
}
END_TEST

/* ---- /run/reboot-required ---- */

#define FLAG	"run/reboot-required"
#define PKGS	FLAG ".pkgs"
#define RAISED	"*** System restart required ***\n"

/* A machine with a next kernel that closes three. */
static void next_closes(void)
{
	all_kinds();
	ck_assert_msg(!publish("--cves", "records", "--files", "files.json"), "%s", m.err);
	update_from_repo(0);
	boots(NEXT, "0");
	installed("6.1.180-1");
	machine_put(&m, "lib/modules/" NEXT "/updates/dkms/quietpatch.ko.xz", "");
	machine_put(&m, "lib/modules/" THIS "/updates/quietpatch.ko", "");
	machine_put(&m, "proc/sys/kernel/version", BUILT "\n");
	image(THIS " (debian-kernel@lists.debian.org) " BUILT);
	machine_put(&m, "run/lock", "");
}

/* What is in the flag after `advise --reboot-required`, and beside it; NULL: nothing is there. */
static void flags(int status, const char *text, const char *packages)
{
	char *flag = fixture_path(m.root, FLAG), *pkgs = fixture_path(m.root, PKGS);
	int got = machine_run(&m, "advise", "--reboot-required", NULL);

	ck_assert_msg(got == status, "exit %d, not %d: %s%s", got, status, m.out, m.err);
	ck_assert_msg(!access(flag, F_OK) == !!text && !access(pkgs, F_OK) == !!packages, "%s: %s", text, machine_get(&m, FLAG));
	if (text)
		ck_assert_msg(!strncmp(machine_get(&m, FLAG), text, strlen(text)), "%s", machine_get(&m, FLAG));
	ck_assert_str_eq(machine_get(&m, PKGS), packages ? packages : "");
	free(flag);
	free(pkgs);
}

/* As a kernel hook of unattended-upgrades does it. */
static void others_ask(const char *package)
{
	char cmd[1024];

	snprintf(cmd, sizeof(cmd), "touch %s/" FLAG "; grep -qx '%s' %s/" PKGS " 2> /dev/null || echo '%s' >> %s/" PKGS, m.root, package, m.root, package,
		 m.root);
	ck_assert_int_eq(system(cmd), 0);
}

START_TEST(the_flag_says_what_advise_says)
{
	const char *first;

	next_closes();
	/* Asked by a person: nothing is written. */
	advises(8, "reboot now");
	ck_assert_str_eq(machine_get(&m, PKGS), "");
	flags(8, RAISED "Quietpatch: reboot now: the next boot starts " NEXT " (6.1.180-1): it closes 3 more CVEs", "linux-image-" NEXT "\n");
	flags(8, RAISED "Quietpatch: reboot now: ", "linux-image-" NEXT "\n");
	first = strstr(machine_get(&m, FLAG), "Quietpatch: ");
	ck_assert_ptr_null(strstr(first + 1, "Quietpatch: "));
	/* Not known isn't "no". */
	machine_put(&m, "boot/grub/grubenv", "next_entry=2\n");
	flags(3, RAISED "Quietpatch: don't know: GRUB's default", "linux-image-" NEXT "\n");
	machine_put(&m, "boot/grub/grubenv", "#\n");
	flags(8, RAISED "Quietpatch: reboot now: ", "linux-image-" NEXT "\n");
	/* The new kernel was removed: ours goes, once. */
	boots(THIS, "0");
	flags(0, NULL, NULL);
	flags(0, NULL, NULL);
	/* And comes back. */
	boots(NEXT, "0");
	flags(8, RAISED, "linux-image-" NEXT "\n");
	/* It has fewer fixes by now. */
	installed("6.1.176-2");
	flags(5, NULL, NULL);
}
END_TEST

START_TEST(what_others_ask_for_stays)
{
	next_closes();
	/* Not about the kernel. */
	others_ask("dbus");
	flags(8, "Quietpatch: reboot now: ", "dbus\nlinux-image-" NEXT "\n");
	boots(THIS, "0");
	flags(0, "Quietpatch: a reboot can wait: the next boot starts this kernel", "dbus\nlinux-image-" NEXT "\n");
	/* Whoever writes it anew has said so. */
	machine_put(&m, FLAG, "*** System restart required ***");
	flags(0, RAISED "Quietpatch: a reboot can wait", "dbus\nlinux-image-" NEXT "\n");
	machine_remove(&m, FLAG);
	machine_remove(&m, PKGS);
	/* Ours first, then somebody's `touch` for the same package, which leaves no name. */
	boots(NEXT, "0");
	flags(8, RAISED, "linux-image-" NEXT "\n");
	others_ask("linux-image-" NEXT);
	boots(THIS, "0");
	flags(0, RAISED "Quietpatch: a reboot can wait", "linux-image-" NEXT "\n");
	machine_remove(&m, FLAG);
	machine_remove(&m, PKGS);
	/* Or for another one. */
	boots(NEXT, "0");
	flags(8, RAISED, "linux-image-" NEXT "\n");
	others_ask("libc6");
	boots(THIS, "0");
	flags(0, RAISED "Quietpatch: a reboot can wait", "linux-image-" NEXT "\nlibc6\n");
	/* A name is a whole line. */
	machine_put(&m, PKGS, "linux-image-" NEXT "-unsigned");
	boots(NEXT, "0");
	flags(8, RAISED "Quietpatch: reboot now", "linux-image-" NEXT "-unsigned\nlinux-image-" NEXT "\n");
}
END_TEST

START_TEST(the_flag_can_be_left_alone)
{
	next_closes();
	ck_assert_int_eq(machine_run(&m, "advise", "--reboot-required", "--set", "reboot-required=no", NULL), 8);
	ck_assert_str_eq(machine_get(&m, PKGS), "");
	others_ask("dbus");
	ck_assert_int_eq(machine_run(&m, "advise", "--reboot-required", "--set", "reboot-required=no", NULL), 8);
	ck_assert_str_eq(machine_get(&m, FLAG), "");
	ck_assert_str_eq(machine_get(&m, PKGS), "dbus\n");
}
END_TEST

START_TEST(a_failure_leaves_no_old_word)
{
	next_closes();
	flags(8, RAISED, "linux-image-" NEXT "\n");
	machine_put(&m, "var/lib/quietpatch/cves.json", "{");
	machine_run(&m, "advise", "--reboot-required", NULL);
	ck_assert_msg(strstr(machine_get(&m, FLAG), "Quietpatch: don't know: klp-update advise failed: ") != NULL, "%s", machine_get(&m, FLAG));
	ck_assert_ptr_null(strstr(machine_get(&m, FLAG), "reboot now"));
}
END_TEST

/* Nobody guesses which entry it will be. */
START_TEST(another_default_is_not_known)
{
	boots(NEXT, "1>2");
	advises(3, "isn't its first menu entry");
	boots(NEXT, "${saved_entry}");
	advises(3, "isn't its first menu entry");
	boots(NEXT, "0");
	machine_put(&m, "boot/grub/grubenv", "next_entry=2\n");
	advises(3, "isn't its first menu entry");
	boots(NEXT, "0");
	installed("6.1.180-1");
	advises(3, "the source has no CVE records");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("cve");

	tcase_add_checked_fixture(tc, setup, teardown);

	tcase_add_test(tc, versions);
	tcase_add_test(tc, each_branch_by_itself);
	tcase_add_test(tc, introduced_by_a_backport);
	tcase_add_test(tc, two_faults_of_one_record);
	tcase_add_test(tc, not_fixed_anywhere);
	tcase_add_test(tc, what_is_not_shown_is_unknown);
	tcase_add_test(tc, titles_cant_steer_a_terminal);
	tcase_add_test(tc, names_of_files_are_names);
	tcase_add_test(tc, each_word_with_its_evidence);
	tcase_add_test(tc, one_effective_version);
	tcase_add_test(tc, no_records_no_version);
	tcase_add_test(tc, modules_of_this_moment);
	tcase_add_test(tc, no_word_on_files);
	tcase_add_test(tc, what_is_held_is_open);
	tcase_add_test(tc, what_left_the_kernel_is_open);
	tcase_add_test(tc, by_patches_alone);
	tcase_add_test(tc, why_no_live_patch);
	tcase_add_test(tc, records_are_checked);
	tcase_add_test(tc, bad_records_are_not_published);
	tcase_add_test(tc, severity_decides);
	tcase_add_test(tc, unrated_is_taken);
	tcase_add_test(tc, for_an_ordinary_user);
	tcase_add_test(tc, open_vex);
	tcase_add_test(tc, csaf_vex);
	tcase_add_test(tc, advice);
	tcase_add_test(tc, advice_where_records_say_nothing);
	tcase_add_test(tc, advice_for_the_same_kernel);
	tcase_add_test(tc, advice_for_another_build_of_this_kernel);
	tcase_add_test(tc, the_flag_says_what_advise_says);
	tcase_add_test(tc, what_others_ask_for_stays);
	tcase_add_test(tc, the_flag_can_be_left_alone);
	tcase_add_test(tc, a_failure_leaves_no_old_word);
	tcase_add_test(tc, another_default_is_not_known);
	return fixture_run("cve", tc);
}
