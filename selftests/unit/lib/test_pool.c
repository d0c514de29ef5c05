// SPDX-License-Identifier: GPL-2.0-or-later
/* test_pool.c - memory that can leave the process: what is in it stays what it is. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "pool.h"

#define MIB	(1u << 20)

/* This process's own memory, files' pages included. */
static long resident_kib(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	ck_assert_ptr_nonnull(f);
	while (kib < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(f);
	ck_assert_int_gt(kib, 0);
	return kib;
}

static uint32_t *numbers(struct pool *p, uint32_t first, size_t nr)
{
	uint32_t *n = pool_alloc(p, nr, sizeof(*n));
	bool zeros = true;

	ck_assert_ptr_nonnull(n);
	for (size_t i = 0; i < nr; i++) {
		zeros &= !n[i];
		n[i] = first + i;
	}
	ck_assert(zeros);
	return n;
}

static bool are_numbers(const uint32_t *n, uint32_t first, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (n[i] != first + i)
			return false;
	return true;
}

START_TEST(pieces)
{
	struct pool p = { 0 };
	char *a, *b;

	ck_assert_int_eq(pool_init(&p, 4096), 0);
	a = pool_alloc(&p, 3, 7);
	b = pool_alloc(&p, 1, 1);
	ck_assert(a && b && b >= a + 21);
	ck_assert_uint_eq((uintptr_t)b % 16, 0);
	ck_assert_ptr_nonnull(pool_alloc(&p, 0, 8));
	ck_assert_ptr_null(pool_alloc(&p, 1, 4096));
	ck_assert_ptr_null(pool_alloc(&p, SIZE_MAX / 4, 8));
	ck_assert_ptr_nonnull(pool_alloc(&p, 1, 1024));
	pool_free(&p);
	pool_free(&p);
}
END_TEST

START_TEST(at_rest)
{
	size_t nr = 32 * MIB / sizeof(uint32_t);
	struct pool p = { 0 };
	uint32_t *a, *b;
	long full;

	ck_assert_int_eq(pool_init(&p, 100 * MIB), 0);
	pool_rest(&p);	/* empty: nothing to do */
	a = numbers(&p, 5, nr);
	b = numbers(&p, 9, 1);
	full = resident_kib();
	pool_rest(&p);
	ck_assert_int_gt(full - resident_kib(), 31 * 1024);
	ck_assert(are_numbers(a, 5, nr) && are_numbers(b, 9, 1));
	ck_assert_int_lt(full - resident_kib(), 1024);
	ck_assert_ptr_null(pool_alloc(&p, 1, 1));
	pool_rest(&p);
	ck_assert_int_gt(full - resident_kib(), 31 * 1024);
	ck_assert(are_numbers(a, 5, nr) && are_numbers(b, 9, 1));
	pool_free(&p);
}
END_TEST

START_TEST(at_rest_many_cost_little)
{
	static struct pool p[200];
	uint32_t *n[200];
	long before = 0;

	for (size_t i = 0; i < 200; i++) {
		if (i == 10)
			before = resident_kib();
		ck_assert_int_eq(pool_init(&p[i], MIB / 8), 0);
		n[i] = numbers(&p[i], i, 100000 / sizeof(uint32_t));
		pool_rest(&p[i]);
	}
	/* 20 MB in all. */
	ck_assert_int_lt(resident_kib() - before, 5120);
	for (size_t i = 0; i < 200; i++) {
		ck_assert(are_numbers(n[i], i, 100000 / sizeof(uint32_t)));
		pool_free(&p[i]);
	}
}
END_TEST

/* Written to while it rests: a mistake that must show. */
START_TEST(at_rest_it_is_read_only)
{
	struct pool p = { 0 };
	uint32_t *n;
	int status;
	pid_t pid;

	ck_assert_int_eq(pool_init(&p, MIB), 0);
	n = numbers(&p, 1, 10);
	pool_rest(&p);
	pid = fork();
	if (!pid) {
		n[3] = 7;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(status);
	ck_assert(are_numbers(n, 1, 10));
	pool_free(&p);
}
END_TEST

START_TEST(no_room_for_the_file)
{
	struct pool p = { 0 };
	uint32_t *n;

	ck_assert_int_eq(pool_init(&p, MIB), 0);
	n = numbers(&p, 1, 1000);
	setenv("TMPDIR", "/nonexistent", 1);
	pool_rest(&p);
	ck_assert(are_numbers(n, 1, 1000));
	ck_assert_ptr_nonnull(pool_alloc(&p, 1, 1));	/* still memory */
	pool_free(&p);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("pool");

	tcase_add_test(tc, pieces);
	tcase_add_test(tc, at_rest);
	tcase_add_test(tc, at_rest_many_cost_little);
	tcase_add_test(tc, at_rest_it_is_read_only);
	tcase_add_test(tc, no_room_for_the_file);
	return fixture_run("pool", tc);
}
