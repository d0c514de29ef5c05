// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bpfids - what there is of BPF in this kernel, whoever has it: a line "prog ID", "map ID", "link ID" or "btf ID" each, as
 * bpftool lists them (types of the kernel's own and of its modules aside).
 */
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int is_kernels(uint32_t id)
{
	struct bpf_btf_info info;
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.btf_id = id;
	fd = bpf(BPF_BTF_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return 1;	/* gone */
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	close(fd);
	return info.kernel_btf;
}

int main(void)
{
	static const struct { int cmd; const char *name; } kinds[] = {
		{ BPF_PROG_GET_NEXT_ID, "prog" }, { BPF_MAP_GET_NEXT_ID, "map" },
		{ BPF_LINK_GET_NEXT_ID, "link" }, { BPF_BTF_GET_NEXT_ID, "btf" },
	};
	union bpf_attr attr;
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		memset(&attr, 0, sizeof(attr));
		while (!bpf(kinds[i].cmd, &attr)) {
			attr.start_id = attr.next_id;
			if (kinds[i].cmd != BPF_BTF_GET_NEXT_ID || !is_kernels(attr.next_id))
				printf("%s %u\n", kinds[i].name, attr.next_id);
		}
	}
	return 0;
}
