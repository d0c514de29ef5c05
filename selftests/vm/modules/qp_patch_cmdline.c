// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_patch_cmdline.c - hand-made patch of a function of vmlinux, the one behind
 * /proc/cmdline; addr= is its address by /proc/kallsyms.
 */
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include "qp_victim.h"

static unsigned long addr;
module_param(addr, ulong, 0400);

static noinline int new_show(struct seq_file *m, void *v)
{
	seq_puts(m, "patched\n");
	return 0;
}

static struct qp_func_desc funcs[] = {
	QP_FN(QP_VMLINUX, "cmdline_proc_show", new_show),
};

static struct qp_patch_desc desc = {
	QP_PATCH_DESC(funcs),
};

/* Needs release N of patch "pair". */
static struct qp_require_desc require = { .name = (unsigned long)"pair" };
static unsigned int requires;
module_param(requires, uint, 0400);

/* Takes over from all others. */
static bool replace;
module_param(replace, bool, 0400);

static int __init patch_init(void)
{
	if (replace)
		desc.flags = QP_PATCH_REPLACE;
	require.release = requires;
	desc.requires = (unsigned long)&require;
	desc.nr_requires = requires != 0;
	funcs[0].old_offset = addr - (unsigned long)_printk;
	return qp_patch_register(THIS_MODULE, &desc);
}

QP_PATCH_MODULE("patch of vmlinux");
