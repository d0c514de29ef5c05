// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_klog.c - any bytes as the kernel's log, from /dev/kmsg or pstore: users choose parts of it (names of programs).  A patch
 * is blamed only for a frame that is named after its module or one of its functions.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "seeds.h"
#include "machine/klog.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *functions;

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char out[256], other[256];

	if (klog_blames(text, size, 3, "qp_pipe_read", functions, out, sizeof(out))) {
		must(!strncmp(out, "the kernel reported \"", 21) && strlen(out) < sizeof(out));
		must(memmem(text, size, "pipe_read", 9));
		/* Who is blamed for something is blamed for something that happened. */
		must(klog_reports(text, size, 3, other, sizeof(other)) && *other);
	}
	if (klog_last_words(text, size, "qp_pipe_read", functions, out, sizeof(out)))
		must(*out && strlen(out) < sizeof(out) && memmem(text, size, "pipe_read", 9));
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char kmsg[] =
		"6,1,100,-;Linux version 6.1.0\n"
		"4,3,200,-;WARNING: CPU: 1 PID: 412 at fs/pipe.c:301 pipe_read+0x51/0x3a0 [qp_pipe_read]\n"
		" SUBSYSTEM=x\n"
		"4,4,201,-;RIP: 0010:pipe_read.cold+0x51/0x3a0 [qp_pipe_read]\n"
		"4,5,202,-; ? vfs_read+0x1f4/0x320\n"
		"4,6,203,-;---[ end trace 0 ]---\n"
		"12,7,204,-;BUG: by a program\n";
	static const char pstore[] = "<4>[   12.345678] RIP: 0010:pipe_read+0x51/0x3a0\n<4>[   12.345679]  vfs_read+0x1f4/0x320\n";
	char out[256];

	(void)argc;
	(void)argv;
	functions = json_pack("[{s:s}]", "name", "pipe_read");
	must(functions && klog_blames(kmsg, sizeof(kmsg) - 1, 3, "qp_pipe_read", functions, out, sizeof(out)));
	must(klog_last_words(pstore, sizeof(pstore) - 1, "qp_pipe_read", functions, out, sizeof(out)));
	seed_write("kmsg", kmsg, sizeof(kmsg) - 1);
	seed_write("pstore", pstore, sizeof(pstore) - 1);
	return 0;
}
