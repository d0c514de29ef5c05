// SPDX-License-Identifier: GPL-2.0-only
/* arch_x86_64.c - see arch.h. */
#include <linux/elf.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include "arch.h"
#include "quietpatch.h"

int qp_arch_reloc(const struct qp_reloc_desc *r, unsigned long sym, struct qp_reloc_value *out)
{
	unsigned long v = sym + r->addend;

	switch (r->type) {
	case R_X86_64_64:
		out->len = 8;
		break;
	case R_X86_64_PC64:
		v -= r->place;
		out->len = 8;
		break;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		v -= r->place;
		fallthrough;
	case R_X86_64_32S:
		out->len = 4;
		if ((long)v != (s32)v)
			return -ERANGE;
		break;
	case R_X86_64_32:
		out->len = 4;
		if (v != (u32)v)
			return -ERANGE;
		break;
	default:
		return -EINVAL;
	}
	out->value = v;
	return 0;
}

/* An idle task is never preempted, so that only its own call of schedule_idle() takes it off its CPU. */
static const char *const idle_stack[] = {
	"__schedule", "schedule_idle", "do_idle", "cpu_startup_entry", "start_secondary",
	"rest_init", "arch_call_rest_init", "start_kernel", "x86_64_start_kernel",
	"x86_64_start_reservations", "cpu_bringup_and_idle",
};

bool qp_arch_idle_sleeps_in(const char *function)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(idle_stack); i++)
		if (!strcmp(function, idle_stack[i]))
			return true;
	return false;
}

/* start_secondary() on a fresh stack; under Xen PV alone, play_dead() returns. */
bool qp_idle_restarts(void)
{
	return !boot_cpu_has(X86_FEATURE_XENPV);
}
