// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faulty.c - preloaded into klp-update or klp-repo: a machine that dies, or whose disk is full, at the n-th call that
 * changes a file.
 *
 * FAULTY_AT=n, FAULTY_HOW=kill: half of that write is done, then SIGKILL.  FAULTY_HOW=full: from there on nothing can be
 * created, and no file gets longer (ENOSPC); what has its place on the disk can be written over.  FAULTY_COUNT=FILE: how many such calls there were, and on the next
 * line which of them first renamed something to a path with FAULTY_MARK in it.  Only the tool itself, not what it starts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pid_t us;
static long calls, at, marked;
static int full;

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("FAULTY_AT"), *how = getenv("FAULTY_HOW");

	if (strcmp(program_invocation_short_name, "klp-update") && strcmp(program_invocation_short_name, "klp-repo"))
		return;
	us = getpid();
	at = n ? atol(n) : 0;
	full = how && !strcmp(how, "full");
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAULTY_COUNT");
	FILE *f = us == getpid() && path ? fopen(path, "w") : NULL;

	us = 0;
	if (f) {
		fprintf(f, "%ld\n%ld\n", calls, marked);
		fclose(f);
	}
}

/* Is it this call's turn? */
static int turn(void)
{
	if (us != getpid())
		return 0;
	calls++;
	return at && (full ? calls >= at : calls == at);
}

static void die(void)
{
	raise(SIGKILL);
}

static int is_file(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

#define REAL(name, ...)	((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

ssize_t write(int fd, const void *data, size_t len)
{
	if (us != getpid() || !is_file(fd) || !turn())
		return REAL(write, fd, data, len);
	if (!full) {
		REAL(write, fd, data, len / 2);
		die();
	}
	errno = ENOSPC;
	return -1;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t where)
{
	struct stat st;

	if (!turn() || (full && !fstat(fd, &st) && where + (off64_t)len <= st.st_size))
		return REAL(pwrite64, fd, data, len, where);
	if (!full) {
		REAL(pwrite64, fd, data, len / 2, where);
		die();
	}
	errno = ENOSPC;
	return -1;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t where)
{
	return pwrite64(fd, data, len, where);
}

/* A full disk still can do these. */
#define PASSING(type, name, params, ...)		\
	type name params				\
	{						\
		if (turn() && !full)			\
			die();				\
		return REAL(name, __VA_ARGS__);		\
	}

PASSING(int, fsync, (int fd), fd)
PASSING(int, fdatasync, (int fd), fd)
PASSING(int, ftruncate64, (int fd, off64_t len), fd, len)
PASSING(int, unlink, (const char *path), path)
PASSING(int, renameat, (int fd, const char *from, int fd2, const char *to), fd, from, fd2, to)
PASSING(int, syncfs, (int fd), fd)

int rename(const char *from, const char *to)
{
	const char *mark = getenv("FAULTY_MARK");

	if (turn() && !full)
		die();
	if (mark && !marked && strstr(to, mark))
		marked = calls;
	return REAL(rename, from, to);
}

#define CREATING(name, params, ...)			\
	int name params					\
	{						\
		if (turn()) {				\
			if (!full)			\
				die();			\
			errno = ENOSPC;			\
			return -1;			\
		}					\
		return REAL(name, __VA_ARGS__);		\
	}

CREATING(mkdir, (const char *path, mode_t mode), path, mode)
CREATING(mkdirat, (int fd, const char *path, mode_t mode), fd, path, mode)
CREATING(link, (const char *from, const char *to), from, to)
CREATING(mkostemp64, (char *path, int flags), path, flags)
CREATING(mkostemp, (char *path, int flags), path, flags)

int open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (flags & O_CREAT && access(path, F_OK) && turn()) {
		if (!full)
			die();
		errno = ENOSPC;
		return -1;
	}
	return REAL(open64, path, flags, mode);
}
