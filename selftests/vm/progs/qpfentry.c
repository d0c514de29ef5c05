// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qpfentry.c fentry|fexit FUNCTION FILE - attaches an empty BPF program to a function of vmlinux, by
 * bpf(2) alone, and says "attaching" before; reads FILE (which calls the function) 10 times, and prints how often the program ran.
 * With a fourth argument: stays attached that many seconds first.
 * exit: 0 it ran 10 times at least, 1 failed, 2 it can't be attached, because somebody else has the place (EBUSY, EINVAL on 7.3).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* Bytes of a type's record in BTF. */
static size_t type_size(const struct btf_type *t)
{
	static const size_t one[32] = { [BTF_KIND_INT] = 4, [BTF_KIND_ARRAY] = sizeof(struct btf_array),
		[BTF_KIND_VAR] = 4, [BTF_KIND_DECL_TAG] = 4 };
	static const size_t each[32] = { [BTF_KIND_STRUCT] = sizeof(struct btf_member),
		[BTF_KIND_UNION] = sizeof(struct btf_member), [BTF_KIND_ENUM] = sizeof(struct btf_enum),
		[BTF_KIND_FUNC_PROTO] = sizeof(struct btf_param), [BTF_KIND_DATASEC] = sizeof(struct btf_var_secinfo),
		[19 /* ENUM64 */] = 12 };

	return sizeof(*t) + one[BTF_INFO_KIND(t->info)] + each[BTF_INFO_KIND(t->info)] * BTF_INFO_VLEN(t->info);
}

static int btf_id(const char *name)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY), id = 1;
	const struct btf_header *h;
	char *buf, *p, *end;
	size_t len = 0;
	ssize_t n;

	buf = malloc(32 << 20);
	while (fd >= 0 && buf && (n = read(fd, buf + len, (32 << 20) - len)) > 0)
		len += n;
	h = (void *)buf;
	if (len < sizeof(*h))
		return -1;
	p = buf + h->hdr_len + h->type_off;
	for (end = p + h->type_len; p < end; p += type_size((void *)p), id++) {
		const struct btf_type *t = (void *)p;

		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC &&
		    !strcmp(buf + h->hdr_len + h->str_off + t->name_off, name))
			return id;
	}
	return -1;
}

static int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	static struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static char log[4096], text[4096];
	struct bpf_prog_info info = {};
	union bpf_attr a;
	int prog, i, fd;

	if (argc < 4)
		return 1;
	memset(&a, 0, sizeof(a));
	a.enable_stats.type = BPF_STATS_RUN_TIME;
	if (bpf(BPF_ENABLE_STATS, &a) < 0)
		return fail("stats");
	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_TRACING;
	a.expected_attach_type = !strcmp(argv[1], "fexit") ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY;
	a.attach_btf_id = btf_id(argv[2]);
	a.insns = (uintptr_t)insns;
	a.insn_cnt = 2;
	a.license = (uintptr_t)"GPL";
	a.log_buf = (uintptr_t)log;
	a.log_size = sizeof(log);
	a.log_level = 1;
	prog = bpf(BPF_PROG_LOAD, &a);
	if (prog < 0) {
		printf("%s\n", log);
		return fail("load");
	}
	memset(&a, 0, sizeof(a));
	a.raw_tracepoint.prog_fd = prog;
	puts("attaching");
	fflush(stdout);
	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &a) < 0) {
		i = errno == EBUSY || errno == EINVAL;
		return fail("attach") + i;
	}
	if (argc > 4)
		sleep(atoi(argv[4]));
	for (i = 0; i < 10; i++) {
		fd = open(argv[3], O_RDONLY);
		if (fd < 0 || read(fd, text, sizeof(text)) < 0)
			return fail(argv[3]);
		close(fd);
	}
	memset(&a, 0, sizeof(a));
	a.info.bpf_fd = prog;
	a.info.info_len = sizeof(info);
	a.info.info = (uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &a))
		return fail("info");
	printf("ran %llu times; last: %.20s\n", (unsigned long long)info.run_cnt, text);
	return info.run_cnt < 10;
}
