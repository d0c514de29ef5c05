/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io.h - whole files in, whole files out, and memory that nobody can change.
 *
 * Reading is always limited; writing is always atomic and on the disk when it
 * returns; what was verified lives in a sealed memfd, so that the bytes that
 * were checked are the bytes that get used.
 */
#ifndef KLP_IO_H
#define KLP_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A memfd that nobody can change, its owner neither. */
#define IO_SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct klp_err;

/* An fd, or an error.  A FIFO is one: anybody could put it there, and nobody write to it. */
int io_open_to_read(const char *path, struct klp_err *err);
/*
 * Read all of a file, at most @limit bytes: -EFBIG over it.  *out is malloc()ed,
 * with a NUL behind its *len bytes.
 */
int io_read_file(const char *path, size_t limit, void **out, size_t *len, struct klp_err *err);
/* Can it be read, is it no longer than @limit bytes, and does it have @text in it? */
bool io_file_has(const char *path, size_t limit, const char *text);
/* io_read_file() from the current position of @fd; @what names it in errors. */
int io_read_fd(int fd, const char *what, size_t limit, void **out, size_t *len,
	       struct klp_err *err);

/* Write all of it, through short writes and EINTR. */
int io_write_all(int fd, const void *data, size_t len);

/*
 * Replace @path: temporary file in the same folder, fsync, rename, fsync of the
 * folder.  A crash leaves the old file or the new one.
 */
int io_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
		    struct klp_err *err);
/* As above, but -EEXIST if @path exists. */
int io_write_new(const char *path, const void *data, size_t len, mode_t mode,
		 struct klp_err *err);

/*
 * What a user asked for under @path: as io_write_atomic(), but into what isn't a regular
 * file (a pipe, /dev/stderr, /dev/full) it is written, instead of taking its place.
 */
int io_write_output(const char *path, const void *data, size_t len, mode_t mode, struct klp_err *err);
/* Could it be, as far as can be told before?  Creates nothing. */
int io_check_output(const char *path, struct klp_err *err);
/*
 * A tool's first step: descriptors 0 to 2 that its caller has closed are opened, so that no file that it opens later becomes its standard
 * output or error, and gets what is printed.  Reading and writing there fails with EBADF, as before.
 */
void io_keep_standard(void);
/* All that was printed has arrived?  To be asked once, at the end. */
int io_flush_stdout(struct klp_err *err);

/* mkdir -p.  Folders that exist are left alone. */
int io_mkdirs(const char *path, mode_t mode, struct klp_err *err);

/*
 * Open @path below @dirfd; returns the fd. No ".", ".." or empty component (-EXDEV), no symbolic
 * link (-ELOOP for the last component, -ENOTDIR before): nothing leads out.
 */
int io_open_beneath(int dirfd, const char *path, int flags, struct klp_err *err);

/* A sealed (no write, grow, shrink, unseal), close-on-exec memfd with @data. */
int io_sealed_memfd(const char *name, const void *data, size_t len, int *out,
		    struct klp_err *err);
/*
 * The content of @fd, from its start, as a sealed memfd.  Works for anything
 * that can be read; @limit as for io_read_file().
 */
int io_sealed_copy(int fd, const char *name, size_t limit, int *out, size_t *len,
		   struct klp_err *err);

#endif
