// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_patch_reloc.c - hand-made patch with late relocations: its code and its data refer to a
 * function of the victim that isn't exported, and are filled in when the victim is there.
 */
#include <linux/elf.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include "qp_victim.h"

/* What writing to text needs: addresses from /proc/kallsyms. */
static unsigned long text_poke, text_mutex, text_poke_sync;
module_param(text_poke, ulong, 0);
module_param(text_mutex, ulong, 0);
module_param(text_poke_sync, ulong, 0);

/* mov $qp_secret, %rax; ret: the immediate is a place in text. */
unsigned long qp_reloc_load(void);
#define IN_TEXT 2	/* bytes of opcode before the immediate; a label there would split the instruction for objtool */
asm(
"	.pushsection .text, \"ax\", @progbits\n"
"	.type qp_reloc_load, @function\n"
"qp_reloc_load:\n"
"	.byte 0x48, 0xb8\n"
"	.quad 0\n"
	ASM_RET
"	.size qp_reloc_load, . - qp_reloc_load\n"
"	.popsection\n");

static int (*volatile in_data)(void);

/* 77 by each of the two ways. */
static noinline int new_lone(int x)
{
	int (*in_text)(void) = (void *)qp_reloc_load();

	return in_text && in_data ? 1000 * in_text() + in_data() : -1;
}

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_lone", new_lone),
};

static struct qp_reloc_desc relocs[] = {
	{ .place = (unsigned long)qp_reloc_load + IN_TEXT, .object = (unsigned long)"qp_victim",
	  .name = (unsigned long)"qp_secret", .type = R_X86_64_64 },
	{ .place = (unsigned long)&in_data, .object = (unsigned long)"qp_victim",
	  .name = (unsigned long)"qp_secret", .type = R_X86_64_64 },
};

static struct qp_patch_desc desc = {
	QP_PATCH_DESC(funcs),
	.nr_relocs = ARRAY_SIZE(relocs),
	.relocs = (unsigned long)relocs,
};

static int __init patch_init(void)
{
	desc.text_poke = text_poke;
	desc.text_mutex = text_mutex;
	desc.text_poke_sync = text_poke_sync;
	return qp_patch_register(THIS_MODULE, &desc);
}

QP_PATCH_MODULE("late relocations");
