// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_klog.c - whose fault a report in the kernel's log is.  A report that is missed leaves a patch in that breaks the
 * machine; one that is wrongly taken for ours takes a security fix out.
 */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "machine/klog.h"

static bool blames(uint64_t from, const char *text)
{
	json_t *functions = json_pack("[{s:s}, {s:s}]", "name", "pipe_read", "name", "pipe_write");
	char out[400] = "";
	bool ret = klog_blames(text, strlen(text), from, "qp_pipe_read", functions, out, sizeof(out));

	ck_assert_int_eq(ret, !!*out);
	json_decref(functions);
	return ret;
}

START_TEST(reports)
{
	/* Each kind, as 6.1 and 6.12 print it. */
	ck_assert(blames(0, "4,9,1,-;WARNING: CPU: 0 PID: 1 at fs/pipe.c:3 pipe_read+0x1/0x2\n"));
	ck_assert(blames(0, "1,9,1,-;BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
			    "1,10,1,-;#PF: supervisor read access in kernel mode\n"
			    "4,11,1,-;Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
			    "4,12,1,-;CPU: 0 PID: 99 Comm: cat Tainted: G        W  O K   6.1.0-50-cloud-amd64\n"
			    "4,13,1,-;RIP: 0010:pipe_read+0x51/0x3a0 [qp_pipe_read]\n"));
	ck_assert(blames(0, "3,1,1,-;BUG: KASAN: use-after-free in memcpy+0x2/0x9\n3,2,1,-; pipe_write+0x3/0x10\n"));
	ck_assert(blames(0, "3,1,1,-;INFO: task cat:412 blocked for more than 120 seconds.\n"
			    "6,2,1,-;task:cat state:D stack:0 pid:412\n6,3,1,-;Call Trace:\n6,4,1,-; <TASK>\n"
			    "6,5,1,-; __schedule+0x34d/0x9e0\n6,6,1,-; pipe_read.constprop.0+0x1/0x9\n"));
	ck_assert(blames(0, "0,1,1,-;watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [cat:1]\n4,2,1,-;RIP: 0010:helper+0x1/0x2 [qp_pipe_read]\n"));
	ck_assert(blames(0, "3,1,1,-;rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n4,2,1,-; pipe_write+0x3/0x10\n"));
	ck_assert(blames(0, "4,1,1,-;general protection fault, probably for non-canonical address 0x1: 0000 [#1]\n4,2,1,-;RIP: 0010:pipe_read+0x3/0x10\n"));
	/* The last line has no end yet. */
	ck_assert(blames(0, "2,1,1,-;kernel BUG at fs/pipe.c:3!\n4,2,1,-;RIP: 0010:pipe_read+0x3/0x10"));
}
END_TEST

START_TEST(not_ours)
{
	/* No report at all; somebody else's. */
	ck_assert(!blames(0, ""));
	ck_assert(!blames(0, "6,1,1,-;perf: pipe_read+0x1/0x2 is slow\n"));
	ck_assert(!blames(0, "4,1,1,-;WARNING: CPU: 0 PID: 1 at x.c:3 other+0x1/0x2\n4,2,1,-; vfs_read+0x1/0x2 [ext4]\n"));
	/* Names that only begin or end like ours; another patch's module. */
	ck_assert(!blames(0, "4,1,1,-;WARNING: CPU: 0 PID: 1 at x.c:3 pipe_readable+0x1/0x2\n4,2,1,-; my_pipe_read+0x1/0x2\n"));
	ck_assert(!blames(0, "4,1,1,-;WARNING: CPU: 0 PID: 1 at x.c:3 f+0x1/0x2 [qp_pipe_read_2]\n4,2,1,-; f+0x1/0x2 [qp_pipe]\n"));
	/* Left over on the stack. */
	ck_assert(!blames(0, "4,1,1,-;WARNING: CPU: 0 PID: 1 at x.c:3 f+0x1/0x2\n4,2,1,-; ? pipe_read+0x1/0x2\n"));
	/* Before the patch; after the end of the report. */
	ck_assert(!blames(5, "4,4,1,-;WARNING: CPU: 0 PID: 1 at fs/pipe.c:3 pipe_read+0x1/0x2\n"));
	ck_assert(!blames(0, "4,1,1,-;WARNING: CPU: 0 PID: 1 at x.c:3 f+0x1/0x2\n4,2,1,-;---[ end trace 0000000000000000 ]---\n"
			     "6,3,1,-; pipe_read+0x1/0x2\n"));
	/* Written to /dev/kmsg by a program: facility 1. */
	ck_assert(!blames(0, "12,1,1,-;WARNING: CPU: 0 PID: 1 at fs/pipe.c:3 pipe_read+0x1/0x2\n"));
	/* What isn't a record. */
	ck_assert(!blames(0, "WARNING: pipe_read+0x1/0x2\n;;;\n4\n4,\n4,1\n4,1;\n SUBSYSTEM=WARNING: pipe_read+0x1\n"));
}
END_TEST

/* A torn file of pstore has NULs in it, which belong to no name. */
START_TEST(bytes_that_are_no_text)
{
	static const char torn[] = "<4>[   12.345678] RIP: 0010:\0\0pipe_read+0x51/0x3a0\n", nothing[] = "<4>[   12.345678] \0+0x51/0x3a0 [qp_pipe_read]\n";
	json_t *functions = json_pack("[{s:s}]", "name", "pipe_read");
	char out[400] = "";

	ck_assert(klog_last_words(torn, sizeof(torn) - 1, "qp_pipe_read", functions, out, sizeof(out)));
	ck_assert_str_eq(out, "pipe_read");
	ck_assert(!klog_last_words(nothing, sizeof(nothing) - 1, "qp_pipe_read", functions, out, sizeof(out)));
	json_decref(functions);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("klog");

	tcase_add_test(tc, reports);
	tcase_add_test(tc, not_ours);
	tcase_add_test(tc, bytes_that_are_no_text);
	return fixture_run("klog", tc);
}
