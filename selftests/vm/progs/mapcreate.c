// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mapcreate - one BPF_MAP_CREATE of a sockmap with 2^31+1 entries, whose errno
 * tells the old sock_map_alloc() (ENOMEM, after trying) from the fixed one
 * (EINVAL, at once).  Prints the errno's name.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_SOCKMAP;
	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = (1u << 31) + 1;
	if (syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) >= 0) {
		puts("created");
		return 0;
	}
	switch (errno) {
	case ENOMEM:
		puts("ENOMEM");
		break;
	case EINVAL:
		puts("EINVAL");
		break;
	default:
		printf("errno %d (%s)\n", errno, strerror(errno));
	}
	return 0;
}
