/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - what is trusted, on the disk: a folder with one file for each role, as it came.
 *
 * A file is replaced whole (temporary file, fsync, rename), so that a machine that dies has the old one or the
 * new one.  What is read from here is verified again; only that there was no newer one is taken from it.
 */
#ifndef TUF_STORE_H
#define TUF_STORE_H

#include <stddef.h>
#include <stdint.h>

struct klp_err;
struct pack;

/* "FOLDER/ROLE.json", the role's name encoded; through no symbolic link.  -ENOENT: there is none. */
int tuf_store_load(const char *folder, const char *role, size_t limit, void **out, size_t *len,
		   struct klp_err *err);
int tuf_store_save(const char *folder, const char *role, const void *data, size_t len, struct klp_err *err);
/* That it isn't there is fine. */
int tuf_store_remove(const char *folder, const char *role, struct klp_err *err);

/* "FOLDER/SLOT.target": a target, as tuf_fetch_kept() keeps it. */
int tuf_store_load_target(const char *folder, const char *slot, size_t limit, void **out, size_t *len);
int tuf_store_save_target(const char *folder, const char *slot, const void *data, size_t len, struct klp_err *err);

/*
 * "FOLDER/trusted-time": when a refresh last found everything in order, s since 1970; a clock that shows less is wrong.
 * 0: never.  It can't run ahead of the truth by more than the shortest expiry, as then nothing would have been in order.
 */
int tuf_store_load_time(const char *folder, int64_t *out, struct klp_err *err);
int tuf_store_save_time(const char *folder, int64_t t, struct klp_err *err);

/* The same in memory, as pack.h has it, under the names that the files would have. */
int tuf_ram_load(const struct pack *ram, const char *role, size_t limit, void **out, size_t *len, struct klp_err *err);
int tuf_ram_save(struct pack *ram, const char *role, const void *data, size_t len, struct klp_err *err);
int tuf_ram_remove(struct pack *ram, const char *role, struct klp_err *err);
int tuf_ram_load_target(const struct pack *ram, const char *slot, size_t limit, void **out, size_t *len);
int tuf_ram_save_target(struct pack *ram, const char *slot, const void *data, size_t len, struct klp_err *err);
int tuf_ram_load_time(const struct pack *ram, int64_t *out, struct klp_err *err);
int tuf_ram_save_time(struct pack *ram, int64_t t, struct klp_err *err);

#endif
