// SPDX-License-Identifier: GPL-2.0-or-later
/* test_callers.c - what code does with the value of a call: never a false "never checked". */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "object/value_use.h"
#include "target/callers.h"

#define BASE	0x1000ull

struct code {
	const uint8_t *p;
	size_t len;
};

static const uint8_t *bytes_at(void *arg, uint64_t place, size_t *len)
{
	const struct code *b = arg;

	if (place < BASE || place >= BASE + b->len)
		return NULL;
	*len = BASE + b->len - place;
	return b->p + (place - BASE);
}

static uint64_t target(void *arg, uint64_t place, unsigned int width)
{
	size_t len;
	const uint8_t *p = bytes_at(arg, place, &len);
	int32_t rel;

	if (width == 1)
		return place + 1 + (uint64_t)(int64_t)(int8_t)*p;
	memcpy(&rel, p, 4);
	return rel == -1 ? CODE_RETURN : CODE_ELSEWHERE;
}

static unsigned int use(const char *code, size_t len)
{
	struct code b = { (const uint8_t *)code, len };
	const struct code_view view = { bytes_at, target, &b };

	return value_use(&view, BASE);
}

#define USE(code)	use(code, sizeof(code) - 1)
#define CALL		"\xe8\0\0\0\0"
#define RET		"\xc3"
#define ZERO_EAX	"\x31\xc0"

START_TEST(tests_are_seen_wherever_the_value_went)
{
	ck_assert_uint_eq(USE("\x85\xc0" RET), USE_TESTED);			/* test %eax,%eax */
	ck_assert_uint_eq(USE("\x48\x85\xc0" RET), USE_TESTED);
	ck_assert_uint_eq(USE("\x83\xf8\xea" RET), USE_TESTED);			/* cmp $-22,%eax */
	ck_assert_uint_eq(USE("\x48\x3d\x00\xf0\xff\xff" RET), USE_TESTED);	/* IS_ERR(): cmp $-4096,%rax */
	ck_assert_uint_eq(USE("\x84\xc0" RET), USE_TESTED);			/* bool: test %al,%al */
	ck_assert_uint_eq(USE("\x89\xc3" CALL "\x85\xdb" RET), USE_TESTED);	/* %ebx keeps it over a call */
	ck_assert_uint_eq(USE("\x49\x89\xc4" CALL "\x4d\x85\xe4" RET), USE_TESTED);	/* %r12 */
	ck_assert_uint_eq(USE("\x83\xe8\x01\x74\x00" RET), USE_TESTED);		/* sub $1,%eax; je */
	ck_assert_uint_eq(USE("\x0f\xb6\xc8\x85\xc9" RET), USE_TESTED);		/* movzbl %al,%ecx; test */
	ck_assert_uint_eq(USE("\x84\xe4" RET), USE_TESTED);			/* test %ah,%ah */
	/* Only behind a branch on something else: cmp %edx,%ecx; je; ret; test %eax,%eax. */
	ck_assert_uint_eq(USE("\x39\xd1\x74\x01" RET "\x85\xc0" ZERO_EAX RET) & USE_TESTED, USE_TESTED);
	/* In a loop backwards. */
	ck_assert_uint_eq(USE("\xeb\x03\x85\xc0" RET "\xeb\xfb"), USE_TESTED);
}
END_TEST

START_TEST(never_checked_is_what_is_overwritten_on_every_path)
{
	ck_assert_uint_eq(USE(ZERO_EAX RET), 0);
	ck_assert_uint_eq(USE("\xb8\x01\0\0\0" RET), 0);			/* mov $1,%eax */
	ck_assert_uint_eq(USE(CALL RET), 0);
	ck_assert_uint_eq(USE("\x8b\x03\x85\xc0" RET), 0);			/* mov (%rbx),%eax; then that is tested */
	ck_assert_uint_eq(USE("\x89\xc3" CALL "\x31\xdb" RET), 0);		/* kept and dropped */
	ck_assert_uint_eq(USE("\x39\xd1\x74\x02" ZERO_EAX ZERO_EAX RET), 0);	/* both ways */
	ck_assert_uint_eq(USE("\x84\xed" ZERO_EAX RET), 0);			/* test %ch,%ch is no test of %ebp or %eax */
	ck_assert_uint_eq(USE(ZERO_EAX "\xe9\xff\xff\xff\xff"), 0);		/* jmp to the return thunk */
	ck_assert_uint_eq(USE("\x0f\x0b" ZERO_EAX RET), 0);			/* a WARN() on the way */
}
END_TEST

START_TEST(what_is_handed_on_is_not_never_checked)
{
	ck_assert_uint_eq(USE(RET), USE_RETURNED);
	ck_assert_uint_eq(USE("\xe9\xff\xff\xff\xff"), USE_RETURNED);
	ck_assert_uint_eq(USE("\x89\xc3" CALL "\x89\xd8" RET), USE_RETURNED);	/* by %ebx */
	ck_assert_uint_eq(USE("\x89\x03" ZERO_EAX RET), USE_TAKEN);		/* mov %eax,(%rbx) */
	ck_assert_uint_eq(USE("\x89\xc7" CALL RET), USE_TAKEN);			/* an argument */
	ck_assert_uint_eq(USE("\x48\x8b\x10" ZERO_EAX RET), USE_TAKEN);		/* mov (%rax),%rdx: followed unchecked */
	ck_assert_uint_eq(USE("\x50" ZERO_EAX RET), USE_TAKEN);			/* push */
	ck_assert_uint_eq(USE("\xff\xd0" RET), USE_TAKEN);			/* call *%rax */
	ck_assert_uint_eq(USE("\x48\xc7\xc7\0\0\0\0\x49\x89\xc0" CALL RET), USE_TAKEN);	/* %r8 */
}
END_TEST

START_TEST(what_is_not_understood_is_not_judged)
{
	ck_assert_uint_eq(USE("\x0f\x01\xf9" ZERO_EAX RET), USE_UNSEEN);	/* rdtscp */
	ck_assert_uint_eq(USE("\xc5\xf8\x77" RET), USE_UNSEEN);			/* vzeroupper */
	ck_assert_uint_eq(USE("\x48\x93" RET), USE_UNSEEN);			/* xchg %rax,%rbx */
	ck_assert_uint_eq(USE("\x06"), USE_UNSEEN);				/* no instruction */
	ck_assert_uint_eq(USE("\xff\xe1"), USE_UNSEEN);				/* jmp *%rcx */
	ck_assert_str_eq(value_use_word(USE_UNSEEN), "can't be told");
	ck_assert_str_eq(value_use_word(0), "never checked");
	ck_assert_str_eq(value_use_word(USE_TESTED | USE_TAKEN), "checked");
}
END_TEST

START_TEST(names_tell_what_is_released)
{
	ck_assert_str_eq(callers_releases("bpf_map_put"), "reference");
	ck_assert_str_eq(callers_releases("_raw_spin_unlock_irqrestore"), "lock");
	ck_assert_str_eq(callers_releases("kfree_skb_reason"), "memory");
	ck_assert_ptr_null(callers_releases("compute_checksum"));
	ck_assert_ptr_null(callers_releases("setup_data"));
	ck_assert_str_eq(callers_acquires("mutex_lock_interruptible"), "lock");
	ck_assert_str_eq(callers_acquires("kmem_cache_alloc"), "memory");
	ck_assert_ptr_null(callers_acquires("mutex_unlock"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("callers");

	tcase_add_test(tc, tests_are_seen_wherever_the_value_went);
	tcase_add_test(tc, never_checked_is_what_is_overwritten_on_every_path);
	tcase_add_test(tc, what_is_handed_on_is_not_never_checked);
	tcase_add_test(tc, what_is_not_understood_is_not_judged);
	tcase_add_test(tc, names_tell_what_is_released);
	return fixture_run("callers", tc);
}
