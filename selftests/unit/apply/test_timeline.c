// SPDX-License-Identifier: GPL-2.0-or-later
/* test_timeline.c - the picture of a transition is well-formed whatever processes call themselves, and says what happened. */
#include <check.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "quietpatch.h"
#include "../../../tools/klp-apply/timeline.h"
#include "../../../tools/klp-monitor/recorder.h"

#define S 1000000000ull

static struct recorder_event event(enum recorder_kind kind, double ms, uint32_t how, uint32_t pid, const char *comm)
{
	struct recorder_event e = { .ns = S + ms * 1e6, .kind = kind, .how = how, .pid = pid };

	memcpy(e.comm, comm, strnlen(comm, sizeof(e.comm)));
	return e;
}

/* "&name;" of the five that XML knows. */
static bool is_entity(const char *p)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strncmp(p, known[i], strlen(known[i])))
			return true;
	return false;
}

/* Tags nest and end, attributes are quoted, text is escaped: what an XML parser would insist on, of what we write. */
static void well_formed(const char *p)
{
	char open[16][16], name[16];
	size_t depth = 0, n;

	for (; *p; p++) {
		ck_assert_msg(isprint((unsigned char)*p) || *p == '\n' || *p & 0x80, "byte %d", *p);
		ck_assert_msg(*p != '>', "unescaped: %.40s", p);
		if (*p == '&')
			ck_assert_msg(is_entity(p), "unescaped: %.40s", p);
		if (*p != '<')
			continue;
		n = strcspn(p + 1 + (p[1] == '/'), " />");
		ck_assert(n && n < sizeof(name));
		snprintf(name, sizeof(name), "%.*s", (int)n, p + 1 + (p[1] == '/'));
		if (p[1] == '/') {
			ck_assert_msg(depth && !strcmp(open[depth - 1], name), "</%s> ends nothing", name);
			depth--;
		} else {
			ck_assert(depth < 16);
			strcpy(open[depth++], name);
		}
		for (; *p != '>'; p++) {
			ck_assert(*p);
			if (*p == '"') {
				p += 1 + strcspn(p + 1, "\"<");
				ck_assert_int_eq(*p, '"');
			}
		}
		if (p[-1] == '/')
			depth--;
	}
	ck_assert_uint_eq(depth, 0);
}

static char *drawn(const struct recorder_event *e, size_t nr, double end_ms, const char *title)
{
	struct timeline t = { .title = title, .events = e, .nr = nr, .start_ns = S, .end_ns = S + end_ms * 1e6 };
	char *svg;
	size_t len;

	ck_assert_int_eq(timeline_draw(&t, &svg, &len), 0);
	ck_assert_uint_eq(strlen(svg), len);
	well_formed(svg);
	ck_assert_ptr_nonnull(strstr(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\""));
	ck_assert_ptr_null(strstr(svg, "script"));
	return svg;
}

START_TEST(it_says_who_switched_when_and_how)
{
	struct recorder_event e[] = {
		event(RECORDER_START, 0, QP_PATCH_APPLIED, 0, ""),
		event(RECORDER_SWITCH, 0.3, BY_WALK, 17, "cron"),
		event(RECORDER_SWITCH, 0.4, BY_WALK, 18, "getty"),
		event(RECORDER_STALL, 500, QP_V_AFFECTED, 19, "web"),
		event(RECORDER_KICK, 1500, 0, 1, ""),
		event(RECORDER_SWITCH, 1502.5, BY_HANDLER, 19, "web"),
	};
	char *svg;

	strcpy(e[3].function, "pipe_read");
	svg = drawn(e, 6, 1503, "qp_x: 3 tasks");
	ck_assert_ptr_nonnull(strstr(svg, ">walk 2<"));
	ck_assert_ptr_nonnull(strstr(svg, ">handler 1<"));
	ck_assert_ptr_null(strstr(svg, ">ipi "));
	ck_assert_ptr_nonnull(strstr(svg, ">web (19)<"));
	ck_assert_ptr_nonnull(strstr(svg, "in pipe_read, handler after 1502.5 ms"));
	ck_assert_ptr_nonnull(strstr(svg, ">kick 1<"));
	ck_assert_ptr_null(strstr(svg, "turned round"));
	free(svg);
}
END_TEST

START_TEST(who_never_switched_and_the_way_back_are_in_it)
{
	struct recorder_event e[] = {
		event(RECORDER_START, 0, QP_PATCH_APPLIED, 0, ""),
		event(RECORDER_SWITCH, 1, BY_IPI, 17, "cron"),
		event(RECORDER_STALL, 500, QP_V_AFFECTED, 19, "web"),
		event(RECORDER_START, 2000, QP_PATCH_LOADED, 0, ""),
		event(RECORDER_SWITCH, 2001, BY_IPI, 17, "cron"),
	};
	char *svg = drawn(e, 5, 2002, "t");

	ck_assert_ptr_nonnull(strstr(svg, "has not switched"));
	ck_assert_ptr_nonnull(strstr(svg, "turned round"));
	ck_assert_ptr_nonnull(strstr(svg, "ipi after 2001.0 ms"));
	free(svg);
}
END_TEST

START_TEST(names_cannot_get_out_of_it)
{
	struct recorder_event e[] = {
		event(RECORDER_SWITCH, 1, BY_FORK, 1, "</text><script>"),
		event(RECORDER_SWITCH, 2, BY_FORK, 2, "\033[2J\377&\"'"),
		event(RECORDER_STALL, 3, 0, 3, "0123456789abcdef"),	/* no NUL */
		event(RECORDER_SWITCH, 4, 99, 4, "no such way"),
		event(99, 4, 99, 4, "no such event"),
	};
	struct timeline t = { .title = "a<b>&\"\001", .events = e, .nr = 5, .start_ns = S, .end_ns = S, .lost = 7 };
	char *svg;
	size_t len;

	memset(e[2].function, '<', sizeof(e[2].function));
	ck_assert_int_eq(timeline_draw(&t, &svg, &len), 0);
	well_formed(svg);
	ck_assert_ptr_null(strstr(svg, "<script"));
	ck_assert_ptr_nonnull(strstr(svg, "&lt;/text&gt;&lt;script"));
	ck_assert_ptr_nonnull(strstr(svg, "\\x1b[2J\\xff&amp;&quot;"));
	ck_assert_ptr_nonnull(strstr(svg, "7 events are missing"));
	free(svg);
}
END_TEST

START_TEST(nothing_and_very_much_can_be_drawn)
{
	size_t nr = 200000, i;
	struct recorder_event *e = calloc(nr, sizeof(*e));
	char *svg = drawn(e, 0, 0, "");

	free(svg);
	for (i = 0; i < nr; i++)
		e[i] = event(RECORDER_SWITCH, i / 100.0, i % NR_BY, i + 1, "many");
	svg = drawn(e, nr, nr / 100.0, "many");
	ck_assert_uint_lt(strlen(svg), 100000);
	free(svg);
	/* Before the start and after the end, as clocks and the last few events may be. */
	e[0].ns = 0;
	e[1].ns = UINT64_MAX;
	free(drawn(e, 2, 10, "out of it"));
	free(e);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("timeline");

	tcase_add_test(tc, it_says_who_switched_when_and_how);
	tcase_add_test(tc, who_never_switched_and_the_way_back_are_in_it);
	tcase_add_test(tc, names_cannot_get_out_of_it);
	tcase_add_test(tc, nothing_and_very_much_can_be_drawn);
	return fixture_run("timeline", tc);
}
