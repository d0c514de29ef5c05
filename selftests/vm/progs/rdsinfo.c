// SPDX-License-Identifier: GPL-2.0-only
/* rdsinfo.c - the counters of RDS sockets, "NAME VALUE" a line; all on CPU 0. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define AF_RDS_			21
#define SOL_RDS_		276
#define RDS_INFO_COUNTERS_	10000

static struct {
	char name[32];
	uint64_t value;
} __attribute__((packed)) counters[200];

int main(void)
{
	socklen_t len = sizeof(counters);
	cpu_set_t first;
	int fd;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	fd = socket(AF_RDS_, SOCK_SEQPACKET, 0);
	if (fd < 0 || getsockopt(fd, SOL_RDS_, RDS_INFO_COUNTERS_, counters, &len) < 0) {
		perror("rdsinfo");
		return 1;
	}
	for (unsigned int i = 0; i < len / sizeof(counters[0]); i++)
		printf("%s %llu\n", counters[i].name, (unsigned long long)counters[i].value);
	return close(fd);
}
