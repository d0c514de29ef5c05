// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_patch_bad.c - hand-made patches that must be refused: mode= says in what way.
 */
#include <linux/module.h>
#include "qp_victim.h"

static char *mode = "digest";
module_param(mode, charp, 0400);

static noinline int new_inner(int x)
{
	asm volatile("");
	return 1;
}

static struct qp_func_desc funcs[] = {
	QP_FN("qp_victim", "qp_inner", new_inner),
	QP_FN("qp_victim", "qp_inner", new_inner),
};

static struct qp_patch_desc desc = {
	.size = sizeof(desc),
	.abi = QP_ABI,
	.nr_funcs = 1,
	.funcs = (unsigned long)funcs,
};

static struct qp_state_desc bad_state = { .id = 1, .version = 1, .reserved = 1 };
static struct qp_callback_desc bad_callback = {
	.object = (unsigned long)"qp_victim", .post_revert = (unsigned long)&desc,
};
static struct qp_require_desc bad_require = { .name = (unsigned long)"other", .release = 1, .flags = 2 };
static struct qp_mask bad_masks[] = { { .offset = 4, .len = 100 } };

static void spoil(void)
{
	if (!strcmp(mode, "digest"))
		funcs[0].digest[0] = 1;
	else if (!strcmp(mode, "size"))
		desc.size--;
	else if (!strcmp(mode, "abi"))
		desc.abi++;
	else if (!strcmp(mode, "reserved"))
		desc.nr_requires = 1;	/* and none is there */
	else if (!strcmp(mode, "flags"))
		desc.flags = 1u << 31;
	else if (!strcmp(mode, "twice"))
		desc.nr_funcs = 2;
	else if (!strcmp(mode, "name"))
		funcs[0].name = (unsigned long)"qp_no_such_function";
	else if (!strcmp(mode, "newaddr"))
		funcs[0].new_addr = 0x1000;
	else if (!strcmp(mode, "wrap")) {
		/* Its end is beyond the end of all addresses: 16. */
		funcs[0].new_addr = -16ul;
		funcs[0].new_size = 32;
	} else if (!strcmp(mode, "funcflags"))
		funcs[0].flags = 1;
	else if (!strcmp(mode, "requireflags")) {
		desc.nr_requires = 1;
		desc.requires = (unsigned long)&bad_require;
	} else if (!strcmp(mode, "oldsize"))
		funcs[0].old_size = 100000;
	else if (!strcmp(mode, "buildid"))
		desc.build_id[0] = 1;
	else if (!strcmp(mode, "funcs"))
		desc.funcs = 0x1000;
	else if (!strcmp(mode, "sympos")) {
		desc.nr_funcs = 2;
		funcs[1].sympos = 1;
	} else if (!strcmp(mode, "state")) {
		desc.nr_states = 1;
		desc.states = (unsigned long)&bad_state;
	} else if (!strcmp(mode, "callback")) {
		desc.nr_callbacks = 1;
		desc.callbacks = (unsigned long)&bad_callback;
	} else if (!strcmp(mode, "cold"))
		funcs[0].cold_offset = 64;
	else if (!strcmp(mode, "half")) {
		desc.nr_funcs = 2;
		funcs[1].name = (unsigned long)"qp_outer";
		funcs[1].digest[0] = 1;
	} else if (!strcmp(mode, "mask")) {
		funcs[0].nr_masks = 1;
		funcs[0].masks = (unsigned long)bad_masks;
	} else if (!strcmp(mode, "offset")) {
		funcs[0].object = (unsigned long)QP_VMLINUX;
		funcs[0].name = (unsigned long)"cmdline_proc_show";
		funcs[0].old_offset = 64;
	}
}

static int __init patch_init(void)
{
	spoil();
	return qp_patch_register(THIS_MODULE, &desc);
}

QP_PATCH_MODULE("patches to refuse");
