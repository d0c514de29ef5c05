// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uring.c - calls the victim's oracle from io_uring's worker threads, without end: each write is
 * forced into a worker (IOSQE_ASYNC).  Says "ready" after the first.  exit 3: no io_uring here.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES	8

int main(void)
{
	struct io_uring_params p = {};
	int ring = syscall(SYS_io_uring_setup, ENTRIES, &p), fd = open("/proc/qp_victim", O_RDWR), ready = 0;
	unsigned int *tail, *mask, *array, *cq_head, *cq_tail, i;
	struct io_uring_sqe *sqes;
	char *sq, *cq;

	if (ring < 0)
		return 3;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED,
		  ring, IORING_OFF_CQ_RING);
	sqes = mmap(NULL, p.sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (fd < 0 || sq == MAP_FAILED || cq == MAP_FAILED || sqes == MAP_FAILED)
		return 1;
	tail = (void *)(sq + p.sq_off.tail);
	mask = (void *)(sq + p.sq_off.ring_mask);
	array = (void *)(sq + p.sq_off.array);
	cq_head = (void *)(cq + p.cq_off.head);
	cq_tail = (void *)(cq + p.cq_off.tail);
	for (;;) {
		for (i = 0; i < 4; i++) {
			unsigned int at = (*tail + i) & *mask;

			memset(&sqes[at], 0, sizeof(sqes[at]));
			sqes[at].opcode = IORING_OP_WRITE;
			sqes[at].flags = IOSQE_ASYNC;
			sqes[at].fd = fd;
			sqes[at].addr = (uintptr_t)"outer";
			sqes[at].len = 5;
			array[at] = at;
		}
		__atomic_store_n(tail, *tail + 4, __ATOMIC_RELEASE);
		if (syscall(SYS_io_uring_enter, ring, 4, 4, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
			return 1;
		for (; *cq_head != __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE); __atomic_store_n(cq_head, *cq_head + 1, __ATOMIC_RELEASE)) {
			struct io_uring_cqe *c = (void *)(cq + p.cq_off.cqes);

			if (c[*cq_head & (p.cq_entries - 1)].res != 5)
				return 1;
		}
		if (!ready++) {
			puts("ready");
			fflush(stdout);
		}
	}
}
