// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_manifest.c - the manifest: canonical out, nothing unknown in, and a rule
 * for each value that ends up in a path, in sysfs or on a terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "fixture.h"
#include "manifest.h"
#include "quietpatch.h"

#define ZEROS	"0000000000000000000000000000000000000000000000000000000000000000"

static struct manifest *m;
static char *text;	/* canonical */
static size_t len;
static struct klp_err err;

static void setup(void)
{
	m = fixture_manifest(7);
	manifest_set(&m->module_digest, ZEROS);
	m->module_size = 4096;
	ck_assert_msg(!manifest_format(m, &text, &len, &err), "%s", err.text);
}

static void teardown(void)
{
	free(text);
	manifest_free(m);
}

static int parse(const char *json)
{
	struct manifest *out;
	int ret = manifest_parse(json, strlen(json), &out, &err);

	if (!ret)
		manifest_free(out);
	return ret;
}

/* @text with the first @old replaced by @new; parsed. */
static int parse_edited(const char *old, const char *new)
{
	char *at = strstr(text, old), *edited;
	int ret;

	ck_assert_msg(at, "%s isn't in %s", old, text);
	ck_assert(asprintf(&edited, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) > 0);
	ret = parse(edited);
	free(edited);
	return ret;
}

/* manifest_check() with one string set to @value; then the old value again. */
static int check_with(char **field, const char *value)
{
	char *old = strdup(*field);
	int ret;

	manifest_set(field, value);
	ret = manifest_check(m, &err);
	manifest_set(field, old);
	free(old);
	return ret;
}

START_TEST(requirements_are_there_only_if_there_are_any)
{
	struct manifest *again;
	char *text2;
	size_t len2;

	ck_assert_ptr_null(strstr(text, "requires"));
	ck_assert_int_eq(manifest_add_requirement(m, "pipe-read", 2), 0);
	ck_assert_msg(!manifest_check(m, &err), "%s", err.text);
	ck_assert_msg(!manifest_format(m, &text2, &len2, &err), "%s", err.text);
	ck_assert_ptr_nonnull(strstr(text2, "\"requires\":[\"pipe-read 2\"]"));
	ck_assert_msg(!manifest_parse(text2, len2, &again, &err), "%s", err.text);
	ck_assert_uint_eq(again->nr_requires, 1);
	ck_assert_str_eq(again->requires[0], "pipe-read 2");
	manifest_free(again);
	free(text2);
	m->flags |= QP_PATCH_REPLACE;
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
	m->flags = 0;
	ck_assert_int_eq(manifest_add_requirement(m, m->name, 1), 0);
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

START_TEST(mitigations_and_their_fixes)
{
	struct manifest *again;
	char *text2;
	size_t len2;

	ck_assert_ptr_null(strstr(text, "mitigates"));
	ck_assert_ptr_null(strstr(text, "expires"));
	ck_assert_int_eq(manifest_add_mitigated(m, "pipe-stopped"), 0);
	ck_assert_msg(!manifest_check(m, &err), "%s", err.text);
	ck_assert_msg(!manifest_format(m, &text2, &len2, &err), "%s", err.text);
	ck_assert_ptr_nonnull(strstr(text2, "\"mitigates\":[\"pipe-stopped\"]"));
	ck_assert_msg(!manifest_parse(text2, len2, &again, &err), "%s", err.text);
	ck_assert_uint_eq(again->nr_mitigates, 1);
	ck_assert_str_eq(again->mitigates[0], "pipe-stopped");
	manifest_free(again);
	free(text2);
	/* What expires is no fix. */
	m->expires = 2000000000;
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
	m->nr_mitigates = 0;
	ck_assert_msg(!manifest_check(m, &err), "%s", err.text);
	ck_assert_msg(!manifest_format(m, &text2, &len2, &err), "%s", err.text);
	ck_assert_ptr_nonnull(strstr(text2, "\"expires\":2000000000"));
	free(text2);
	m->nr_mitigates = 1;
	m->expires = 0;
	ck_assert_int_eq(manifest_add_mitigated(m, "Not A Name"), 0);
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
	manifest_set(&m->mitigates[1], m->name);
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
	manifest_set(&m->mitigates[1], "pipe-stopped");
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

/* One number, one text. */
START_TEST(a_release_is_digits_alone)
{
	static const char *const bad[] = {
		"", "0", "01", " 1", "+1", "-1", "1 ", "1x", "0x1", "1\n", "9223372036854775808", "18446744073709551617", "99999999999999999999999",
	};
	uint64_t release = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(manifest_parse_release(bad[i], &release) == -EINVAL, "\"%s\" passes", bad[i]);
	ck_assert_uint_eq(release, 7);
	ck_assert(!manifest_parse_release("1", &release) && release == 1);
	ck_assert(!manifest_parse_release("9223372036854775807", &release) && release == INT64_MAX);
}
END_TEST

START_TEST(a_requirement_is_a_name_and_a_release)
{
	static const char *const bad[] = {
		"", "pipe-read", "pipe-read ", "pipe-read 0", "pipe-read -1", "pipe-read 2 ", "pipe-read 2x",
		"Pipe 2", " 2", "pipe-read 4294967296",
	};
	char name[MANIFEST_NAME_LEN];
	uint64_t release;

	ck_assert_int_eq(manifest_requirement("pipe-read 12", name, &release), 0);
	ck_assert_str_eq(name, "pipe-read");
	ck_assert_uint_eq(release, 12);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(manifest_requirement(bad[i], name, &release), "\"%s\" passes", bad[i]);
}
END_TEST

START_TEST(each_release_has_a_module_name_of_its_own)
{
	static const char longest[] = "a23456789012345678901234567890123456789012345678";
	char name[MANIFEST_NAME_LEN];

	ck_assert_int_eq(manifest_module_name("pipe-read", 1, name), 0);
	ck_assert_str_eq(name, "qp_pipe_read");
	ck_assert_int_eq(manifest_module_name("pipe-read", 12, name), 0);
	ck_assert_str_eq(name, "qp_pipe_read_R12");
	ck_assert_int_eq(manifest_module_name(longest, 99, name), 0);
	ck_assert_int_eq(manifest_module_name(longest, 100, name), -ENAMETOOLONG);
	m->release = 7;
	ck_assert_int_eq(manifest_module_name(m->name, 7, name), 0);
	manifest_set(&m->module, name);
	ck_assert_msg(!manifest_check(m, &err), "%s", err.text);
	m->release = 8;
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

START_TEST(round_trip)
{
	struct manifest *again;
	char *text2;
	size_t len2;

	ck_assert_msg(!manifest_parse(text, len, &again, &err), "%s", err.text);
	ck_assert_msg(!manifest_check(again, &err), "%s", err.text);
	ck_assert_uint_eq(again->release, 7);
	ck_assert_uint_eq(again->nr_functions, 1);
	ck_assert_str_eq(again->functions[0].name, "sock_map_alloc");
	ck_assert_uint_eq(again->functions[0].old_size, 287);
	ck_assert_uint_eq(again->functions[0].line, 30);
	ck_assert_str_eq(again->cves[0], "CVE-2026-12345");
	ck_assert_int_eq(manifest_format(again, &text2, &len2, &err), 0);
	ck_assert_str_eq(text, text2);
	free(text2);
	manifest_free(again);
}
END_TEST

START_TEST(canonical_form)
{
	ck_assert_ptr_null(strchr(text, '\n'));
	ck_assert_ptr_null(strstr(text, "\": "));
	ck_assert(!strncmp(text, "{\"arch\":", 8));	/* sorted: arch is the first */
	ck_assert_ptr_nonnull(strstr(text, "\"kernel\":{\"build_id\":\"" FIXTURE_BUILD_ID "\",\"release\":"));
}
END_TEST

START_TEST(truncated_at_each_byte)
{
	struct manifest *out;

	for (size_t n = 0; n < len; n++)
		ck_assert_int_eq(manifest_parse(text, n, &out, &err), -EBADMSG);
}
END_TEST

START_TEST(duplicate_keys)
{
	ck_assert_int_eq(parse_edited("{\"arch\"", "{\"arch\":\"x86_64\",\"arch\""), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"line\":30", "\"line\":30,\"line\":31"), -EBADMSG);
}
END_TEST

START_TEST(unknown_members)
{
	ck_assert_int_eq(parse_edited("{\"arch\"", "{\"a\":1,\"arch\""), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"line\":30", "\"line\":30,\"z\":1"), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"payload\":{", "\"payload\":{\"x\":\"\","), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"kernel\":{", "\"kernel\":{\"x\":\"\","), -EBADMSG);
	/* One missing and one unknown: the count alone would be right. */
	ck_assert_int_eq(parse_edited("\"summary\"", "\"sumary\""), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "summary is missing"));
}
END_TEST

START_TEST(wrong_types)
{
	ck_assert_int_eq(parse_edited("\"release\":7", "\"release\":\"7\""), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"release\":7", "\"release\":7.0"), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"release\":7", "\"release\":-1"), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"release\":7", "\"release\":99999999999999999999"), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"line\":30", "\"line\":4294967296"), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"arch\":\"x86_64\"", "\"arch\":null"), -EBADMSG);
	ck_assert_int_eq(parse_edited("[\"CVE-2026-12345\"]", "\"CVE-2026-12345\""), -EBADMSG);
	ck_assert_int_eq(parse_edited("[\"CVE-2026-12345\"]", "[1]"), -EBADMSG);
	ck_assert_int_eq(parse("[]"), -EBADMSG);
	ck_assert_int_eq(parse("null"), -EBADMSG);
	ck_assert_int_eq(parse(""), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"x86_64\"", "\"x86\\u0000_64\""), -EBADMSG);
}
END_TEST

/* A newer tool's manifest says what it needs, not that it has an unknown member. */
START_TEST(newer_tools)
{
	ck_assert_int_eq(parse_edited("\"module\"", "\"min_tool_version\":\"99.1\",\"of_then\":[],\"module\""), -EPROTONOSUPPORT);
	ck_assert_ptr_nonnull(strstr(err.text, "needs version 99.1 of the tools"));
	ck_assert_int_eq(parse_edited("\"module\"", "\"min_tool_version\":\"0.0.1\",\"module\""), 0);
	ck_assert_int_eq(parse_edited("\"module\"", "\"min_tool_version\":\"0.1 \",\"module\""), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"module\"", "\"min_tool_version\":1,\"module\""), -EBADMSG);
	ck_assert_int_eq(manifest_tool_serves("0.9", "0.10"), 0);
	ck_assert_int_eq(manifest_tool_serves("0.10", "0.9"), -EPROTONOSUPPORT);
	ck_assert_int_eq(manifest_tool_serves("1", "1.0.0"), 0);
	ck_assert_int_eq(manifest_tool_serves("1.0.0.1", "1"), -EPROTONOSUPPORT);
	for (const char *const *bad = (const char *const []){ "", ".", "1.", "1..2", "1.2.3.4.5", "12345", "-1", "1a", NULL }; *bad; bad++)
		ck_assert_msg(manifest_tool_serves(*bad, "1") == -EINVAL, "\"%s\"", *bad);
	ck_assert_int_eq(check_with(&m->min_tool, "x"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->min_tool, "0.1"), 0);
}
END_TEST

/* What isn't known here is passed over, but signed, and written again as it was. */
START_TEST(notes)
{
	struct manifest *out;
	char *again;

	manifest_set(&manifest_add_note(m)->name, "of-the-future");
	manifest_set(&m->notes[0].value, "anything, näive or {\"json\": 1}");
	ck_assert_int_eq(manifest_check(m, &err), 0);
	free(text);
	ck_assert_int_eq(manifest_format(m, &text, &len, &err), 0);
	ck_assert_int_eq(manifest_parse(text, len, &out, &err), 0);
	ck_assert_str_eq(manifest_note(out, "of-the-future"), m->notes[0].value);
	ck_assert_ptr_null(manifest_note(out, "another"));
	ck_assert_int_eq(manifest_format(out, &again, &len, &err), 0);
	ck_assert_str_eq(again, text);
	free(again);
	manifest_free(out);
	ck_assert_int_eq(check_with(&m->notes[0].value, "\xe2\x80\xae"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->notes[0].name, "Of_"), -EBADMSG);
	manifest_set(&manifest_add_note(m)->name, "of-the-future");
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

/* @text with its first @old replaced by entries from @entry (its %d is a number of its own), as many as fit 1 MiB or @max. */
static char *grown(const char *old, const char *before, const char *entry, size_t max, const char *after)
{
	char *at = strstr(text, old), *out = malloc((1u << 20) + 1024), *p;

	ck_assert_ptr_nonnull(at);
	p = out + sprintf(out, "%.*s%s", (int)(at - text), text, before);
	for (size_t i = 0; i < max && (size_t)(p - out) + len < (1u << 20) - 512; i++) {
		p += sprintf(p, "%s", i ? "," : "");
		p += sprintf(p, entry, (int)i + 1000);
	}
	sprintf(p, "%s%s", after, at + strlen(old));
	return out;
}

/* What a holder of a good key can sign must not keep a machine busy. */
START_TEST(the_full_size_takes_no_time)
{
	static const struct {
		const char *old, *before, *entry;
		size_t max;
		const char *after;
		int want;
	} cases[] = {
		{ "[\"CVE-2026-12345\"]", "[", "\"CVE-2026-%07d\"", 4096, "]", 0 },
		{ "[\"CVE-2026-12345\"]", "[", "\"CVE-2026-%07d\"", 4097, "]", -EFBIG },
		{ "[\"CVE-2026-12345\"]", "[", "\"CVE-2026-%07d\"", SIZE_MAX, "]", -EFBIG },
		{ "[\"vmlinux\"]", "[\"vmlinux\",", "\"m%d\"", SIZE_MAX, "]", -EFBIG },
		{ "\"module\"", "\"requires\":[", "\"a%d 1\"", SIZE_MAX, "],\"module\"", -EFBIG },
		{ "\"kernel\"", "\"files\":[", "{\"file\":\"a%d.c\",\"outcome\":\"built\"}", 8192, "],\"kernel\"", 0 },
		{ "\"kernel\"", "\"files\":[", "{\"file\":\"a%d.c\",\"outcome\":\"built\"}", SIZE_MAX, "],\"kernel\"", -EFBIG },
		{ "\"kernel\"", "\"files\":[{\"file\":\"a\",\"outcome\":\"partly\",\"left_out\":[", "\"%d\"", SIZE_MAX, "]}],\"kernel\"", -EFBIG },
		{ "\"kernel\"", "\"commits\":[{\"cves\":[", "\"CVE-2026-%07d\"", SIZE_MAX,
		  "],\"id\":\"\",\"outcome\":\"built\",\"subject\":\"\",\"why\":\"\"}],\"kernel\"", -EFBIG },
		{ "\"kernel\"", "\"x\":", "[[[[[[[%d]]]]]]]", 1, ",\"kernel\"", -EBADMSG },
		{ "\"kernel\"", "", "\"x%d\":1", SIZE_MAX, ",\"kernel\"", -EBADMSG },
		{ "\"summary\":", "\"summary\":\"", "%d", SIZE_MAX, "\",\"sumary\":", -EBADMSG },
	};
	struct manifest *out;
	clock_t start;
	double took;
	char *big;
	int ret;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		big = grown(cases[i].old, cases[i].before, cases[i].entry, cases[i].max, cases[i].after);
		start = clock();
		ret = manifest_parse(big, strlen(big), &out, &err);
		if (!ret) {
			ret = manifest_check(out, &err);
			manifest_free(out);
		}
		took = (double)(clock() - start) / CLOCKS_PER_SEC;
		ck_assert_msg(ret == cases[i].want, "case %zu: %d: %s", i, ret, err.text);
		ck_assert_msg(took < 0.5, "case %zu took %.2f s", i, took);
		free(big);
	}
}
END_TEST

START_TEST(newer_version)
{
	ck_assert_int_eq(parse_edited("\"version\":1}", "\"version\":2}"), -EPROTONOSUPPORT);
}
END_TEST

START_TEST(names)
{
	static const char *const bad[] = {
		"", "Sock", "a_b", "a b", "../x", "a/b", "a\n", "ä",
		"a123456789012345678901234567890123456789012345678", NULL
	};

	for (size_t i = 0; bad[i]; i++)
		ck_assert_msg(check_with(&m->name, bad[i]) == -EBADMSG, "name \"%s\"", bad[i]);
	ck_assert_int_eq(check_with(&m->module, "sock_map_alloc"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->module, "qp_sock-map-alloc"), -EBADMSG);
	ck_assert_int_eq(manifest_check(m, &err), 0);
}
END_TEST

START_TEST(kernel_and_arch)
{
	ck_assert_int_eq(check_with(&m->kernel_build_id, "0123"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->kernel_build_id, "../../../../../../../../../../../../etc/x"),
			 -EBADMSG);
	ck_assert_int_eq(check_with(&m->kernel_build_id, "0123456789ABCDEF0123456789abcdef01234567"),
			 -EBADMSG);
	ck_assert_int_eq(check_with(&m->kernel_release, "6.1/../x"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->kernel_release, ""), -EBADMSG);
	ck_assert_int_eq(check_with(&m->arch, "arm64"), -EBADMSG);
	m->flags = 1u << 31;
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
	m->flags = 0;
	m->release = 0;
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

START_TEST(text_for_people)
{
	ck_assert_int_eq(check_with(&m->summary, "two\nlines"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->summary, "\033[2J"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->summary, "naïve, but fine"), 0);
	ck_assert_int_eq(check_with(&m->summary, "safe\xe2\x80\xae" "txt"), -EBADMSG);	/* right to left */
	ck_assert_int_eq(check_with(&m->summary, "a\xe2\x80\x8b" "b"), -EBADMSG);	/* a blank without width */
	ck_assert_int_eq(check_with(&m->summary, "\xc2\x9b" "2J"), -EBADMSG);		/* C1's CSI */
	ck_assert_int_eq(check_with(&m->functions[0].proof, "\xc3("), -EBADMSG);	/* no UTF-8 */
	ck_assert_int_eq(check_with(&m->functions[0].proof, "\r"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->functions[0].file, "/etc/passwd"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->functions[0].file, "net/../../x"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->functions[0].object, "isofs"), -EBADMSG);
}
END_TEST

START_TEST(cves)
{
	static const char *const bad[] = {
		"CVE-2026", "CVE-2026-", "CVE-2026-1", "cve-2026-1234", "CVE-2026-1234x",
		"CVE- 026-12345", "", NULL
	};

	for (size_t i = 0; bad[i]; i++)
		ck_assert_msg(check_with(&m->cves[0], bad[i]) == -EBADMSG, "\"%s\"", bad[i]);
	ck_assert_int_eq(check_with(&m->cves[0], "CVE-2026-1234567"), 0);
	manifest_add_cve(m, "CVE-2026-12345");
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

START_TEST(objects)
{
	ck_assert_int_eq(manifest_add_object(m, "vmlinux"), 0);
	ck_assert_uint_eq(m->nr_objects, 1);
	ck_assert_int_eq(manifest_add_object(m, "isofs"), 0);
	ck_assert_uint_eq(m->nr_objects, 2);
	ck_assert_int_eq(check_with(&m->objects[1], "a/b"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->objects[1], "vmlinux"), -EBADMSG);
	ck_assert_int_eq(manifest_check(m, &err), 0);
}
END_TEST

START_TEST(commits_of_a_series)
{
	struct manifest_commit *c = manifest_add_commit(m);
	struct manifest *copy, *read;

	manifest_set(&c->subject, "net: a fix");
	manifest_set(&c->outcome, "waits");
	manifest_set(&c->why, "net: another");
	ck_assert(!manifest_add_commit_cve(c, "CVE-2026-12345"));
	ck_assert_msg(!manifest_check(m, &err), "%s", err.text);
	free(text);
	ck_assert(!manifest_format(m, &text, &len, &err));
	ck_assert_msg(!manifest_parse(text, len, &read, &err), "%s", err.text);
	ck_assert_uint_eq(read->nr_commits, 1);
	ck_assert_str_eq(read->commits[0].why, "net: another");
	ck_assert_str_eq(read->commits[0].cves[0], "CVE-2026-12345");
	copy = manifest_new();
	ck_assert(copy && !manifest_copy_parts(copy, read) && copy->nr_commits == 1 && !copy->nr_functions);
	manifest_free(copy);
	manifest_free(read);
	ck_assert_int_eq(parse_edited("\"why\":", "\"how\":"), -EBADMSG);
	ck_assert_int_eq(parse_edited("\"waits\"", "7"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->commits[0].outcome, "fine"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->commits[0].id, "1234"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->commits[0].subject, "two\nlines"), -EBADMSG);
	ck_assert_int_eq(check_with(&m->commits[0].cves[0], "CVE-1"), -EBADMSG);
	/* An empty list isn't written, so it isn't read. */
	manifest_free(m);
	m = fixture_manifest(7);
	free(text);
	ck_assert(!manifest_format(m, &text, &len, &err));
	ck_assert_int_eq(parse_edited("\"cves\":", "\"commits\":[],\"cves\":"), -EBADMSG);
}
END_TEST

START_TEST(files_of_an_update)
{
	struct manifest_file *f = manifest_add_file(m);

	manifest_set(&f->file, "net/core/a.c");
	manifest_set(&f->outcome, "built");
	ck_assert_msg(!manifest_check(m, &err), "%s", err.text);
	/* Whatever lacks something says what, and nothing else does. */
	ck_assert_int_eq(check_with(&f->outcome, "partly"), -EBADMSG);
	ck_assert(!manifest_add_left_out(f, "f(): struct"));
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
	ck_assert_int_eq(check_with(&f->outcome, "partly"), 0);
	manifest_set(&f->outcome, "refused");
	ck_assert_int_eq(manifest_check(m, &err), 0);
	ck_assert_int_eq(check_with(&f->file, "/etc/passwd"), -EBADMSG);
	manifest_set(&manifest_add_commit(m)->outcome, "built");
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

START_TEST(payload)
{
	ck_assert_int_eq(check_with(&m->module_digest, "abc"), -EBADMSG);
	m->module_size = 0;
	ck_assert_int_eq(manifest_check(m, &err), -EBADMSG);
}
END_TEST

START_TEST(text_that_isnt_utf8_cant_be_written)
{
	char *out;

	manifest_set(&m->summary, "\xff\xfe");
	ck_assert_int_eq(manifest_format(m, &out, &len, &err), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("manifest");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, mitigations_and_their_fixes);
	tcase_add_test(tc, requirements_are_there_only_if_there_are_any);
	tcase_add_test(tc, a_release_is_digits_alone);
	tcase_add_test(tc, a_requirement_is_a_name_and_a_release);
	tcase_add_test(tc, each_release_has_a_module_name_of_its_own);
	tcase_add_test(tc, canonical_form);
	tcase_add_test(tc, truncated_at_each_byte);
	tcase_add_test(tc, duplicate_keys);
	tcase_add_test(tc, unknown_members);
	tcase_add_test(tc, wrong_types);
	tcase_add_test(tc, newer_version);
	tcase_add_test(tc, newer_tools);
	tcase_add_test(tc, notes);
	tcase_add_test(tc, the_full_size_takes_no_time);
	tcase_add_test(tc, names);
	tcase_add_test(tc, kernel_and_arch);
	tcase_add_test(tc, text_for_people);
	tcase_add_test(tc, cves);
	tcase_add_test(tc, objects);
	tcase_add_test(tc, commits_of_a_series);
	tcase_add_test(tc, files_of_an_update);
	tcase_add_test(tc, payload);
	tcase_add_test(tc, text_that_isnt_utf8_cant_be_written);
	return fixture_run("manifest", tc);
}
