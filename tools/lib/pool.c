// SPDX-License-Identifier: GPL-2.0-or-later
/* pool.c - see pool.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "pool.h"

/* AddressSanitizer knows the end of each piece only if it is told. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN
#endif
#endif
#if defined(HAVE_ASAN) || defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define GAP	32
#else
#define ASAN_POISON_MEMORY_REGION(p, len)	((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len)	((void)(p), (void)(len))
#define GAP	0
#endif

#define ALIGN	16

int pool_init(struct pool *p, size_t room)
{
	void *base = mmap(NULL, room, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return -ENOMEM;
	*p = (struct pool){ .base = base, .room = room };
	ASAN_POISON_MEMORY_REGION(base, room);
	return 0;
}

void *pool_alloc(struct pool *p, size_t nr, size_t size)
{
	size_t len, left = p->room - p->used;
	uint8_t *at = p->base + p->used;

	if (p->resting || __builtin_mul_overflow(nr, size, &len) || left < GAP + ALIGN ||
	    len > left - GAP - ALIGN)
		return NULL;
	p->used += (len + GAP + ALIGN - 1) / ALIGN * ALIGN;
	ASAN_UNPOISON_MEMORY_REGION(at, len);
	return at;
}

/* The same bytes at the same place, but a file's. */
static int move_to_file(struct pool *p)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), ret;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), kept = (p->used + page - 1) / page * page;

	if (fd < 0)
		return -errno;
	ASAN_UNPOISON_MEMORY_REGION(p->base, p->used);	/* for write() */
	ret = io_write_all(fd, p->base, p->used);
	if (!ret && mmap(p->base, kept, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
		ret = -errno;
	close(fd);
	if (ret)
		return ret;
	if (kept < p->room) {
		munmap(p->base + kept, p->room - kept);
		p->room = kept;
	}
	p->resting = true;
	return 0;
}

void pool_rest(struct pool *p)
{
	if (!p->used || (!p->resting && move_to_file(p)))
		return;
	(void)madvise(p->base, p->room, MADV_DONTNEED);
}

void pool_free(struct pool *p)
{
	if (!p->base)
		return;
	ASAN_UNPOISON_MEMORY_REGION(p->base, p->room);
	munmap(p->base, p->room);
	*p = (struct pool){ 0 };
}
