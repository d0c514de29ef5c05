/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture.h - what the unit tests of trust and update build for themselves:
 * a scratch folder, keys, a manifest, bundles.  Nothing is checked in.
 */
#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <check.h>

#define FIXTURE_BUILD_ID	"0123456789abcdef0123456789abcdef01234567"

struct manifest;
struct signing_key;
struct keyring;

struct bytes {
	uint8_t *data;
	size_t len;
};

/* A new folder under $TMPDIR, removed by fixture_remove(). */
char *fixture_folder(void);
void fixture_remove(char *folder);
/* "folder/name", malloc()ed. */
char *fixture_path(const char *folder, const char *name);

struct signing_key *fixture_key(void);
/* Keyring that trusts @key only. */
struct keyring *fixture_keyring(const struct signing_key *key);
/* A complete manifest of "sock-map-alloc" but for its payload. */
struct manifest *fixture_manifest(uint64_t release);
/* A bundle of fixture_manifest(@release), signed by @key (NULL: unsigned). */
struct bytes fixture_bundle(uint64_t release, struct signing_key *key);
/* An fd that reads @len bytes at @data. */
int fixture_fd(const void *data, size_t len);

/*
 * Tools that are started from now on have one of selftests/unit/preload/ before the C library: a clock that is @seconds ahead;
 * a fault at call number @at of those that change a file (0: none; how many there were goes to the file @count), @how as
 * faulty.c says.
 */
void fixture_preload_clock(long seconds);
void fixture_preload_fault(long at, const char *how, const char *count);
void fixture_preload_end(void);

/* A listening socket on 127.0.0.1, and its port. */
int fixture_listen(unsigned int *port);
#define FIXTURE_REQUEST	4096	/* bytes */
/*
 * A web server on 127.0.0.1, as a process of its own; its address goes to @url.  @answer has the text of each request in
 * a buffer of FIXTURE_REQUEST bytes, NUL behind it.
 */
pid_t fixture_serve(char url[64], void (*answer)(int fd, const char *request, void *arg), void *arg);
/* An @answer: the files below a folder, @arg. */
void fixture_answer_file(int fd, const char *request, void *folder);

/* Run the tests of @tc as suite @name, each in at most a minute, or @seconds; the exit status for main(). */
int fixture_run(const char *name, TCase *tc);
int fixture_run_within(const char *name, TCase *tc, double seconds);

#endif
