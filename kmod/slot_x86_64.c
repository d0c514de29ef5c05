// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot_x86_64.c - trampolines for settled functions.
 *
 * The function's ftrace call goes straight to a slot, which exchanges the
 * return address (into the old function) for the replacement's and returns:
 * not an indirect branch, so no retpoline and no ENDBR check.  %r11 is free at
 * a function's entry.  Slots are aligned to QP_SLOT_SIZE; an odd address means a jump to
 * 7.3's ftrace, which needs no slot (compat.h).  Text is fixed; targets are data, as a module
 * can't write text with exported symbols alone.
 */
#include <linux/linkage.h>
#include <linux/uaccess.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>
#include "slot.h"

unsigned long qp_slot_targets[QP_SLOTS];

/* ENDBR64, and what the kernel puts in its place where no pointer to the function is left (from 5.18 on). */
#define ENDBR		0xfa1e0ff3u
#define ENDBR_POISON	0x001f0f66u

/* Neither a return nor a direct jump needs it: one instruction less a call. */
unsigned long qp_slot_entry(unsigned long addr)
{
	u32 first;

	if (copy_from_kernel_nofault(&first, (void *)addr, sizeof(first)))
		return addr;
	return first == ENDBR || first == ENDBR_POISON ? addr + sizeof(first) : addr;
}

/* One symbol for all: names of their own would take 9 KiB in the table of symbols.  The hint is objtool's way in. */
asm(
"	.pushsection .text, \"ax\", @progbits\n"
"	.altmacro\n"
"	.macro qp_slot n\n"
"770:\n"
	UNWIND_HINT_FUNC "\n"
	ASM_ENDBR
"	movq qp_slot_targets + 8 * \\n(%rip), %r11\n"
"	movq %r11, (%rsp)\n"
	ASM_RET
/* Up to the next one.  Code that doesn't fit is an error of the assembler: .org doesn't go back. */
"	.org 770b + " __stringify(QP_SLOT_SIZE) ", 0xcc\n"
"	.endm\n"
"	.balign " __stringify(QP_SLOT_SIZE) "\n"
"	.type qp_slots, @function\n"
"	.globl qp_slots\n"
"qp_slots:\n"
"	.set i, 0\n"
"	.rept " __stringify(QP_SLOTS) "\n"
"	qp_slot %i\n"
"	.set i, i + 1\n"
"	.endr\n"
"	.size qp_slots, . - qp_slots\n"
"	.noaltmacro\n"
/* Leaves the return address to whoever else decides: the site's ftrace ops. */
"	.balign 32\n"
"	.type qp_slot_pass, @function\n"
"	.globl qp_slot_pass\n"
"qp_slot_pass:\n"
	ASM_ENDBR
	ASM_RET
"	.size qp_slot_pass, . - qp_slot_pass\n"
"	.popsection\n");
