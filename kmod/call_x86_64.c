// SPDX-License-Identifier: GPL-2.0-only
/*
 * call_x86_64.c - call a kernel function that nothing in the kernel calls
 * through a pointer.
 *
 * With IBT (6.12), the kernel overwrites the ENDBR of such functions at boot,
 * text_poke() among them, and an indirect call would be a #CP.  A RET into the
 * function is not an indirect branch.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/nospec-branch.h>
#include "call.h"

asm(
"	.pushsection .text, \"ax\", @progbits\n"
"	.balign 16\n"
"	.type qp_call3, @function\n"
"	.globl qp_call3\n"
"qp_call3:\n"
	ASM_ENDBR
"	movq %rdi, %rax\n"
"	movq %rsi, %rdi\n"
"	movq %rdx, %rsi\n"
"	movq %rcx, %rdx\n"
"	pushq %rax\n"
	ASM_RET
"	.size qp_call3, . - qp_call3\n"
"	.popsection\n");
STACK_FRAME_NON_STANDARD(qp_call3);
