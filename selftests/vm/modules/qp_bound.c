// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_bound.c - a module with a table of one entry, the anchor itself, which is true on any
 * kernel: so its digest is a constant. Loads only while that table is bound [I9].
 */
#include <linux/module.h>

/* SHA-256 of a struct qp_sym_desc of zeros and of "_printk" with its NUL. */
extern char verified[]
	asm("qp_verified_52a7d1d9ff58a8c6518acd1e482bbfd75bc53f89ab360e2a4d42eea472348cfb");
/* One of the core's own exports: always there while the core is. */
void *qp_shadow_get(void *obj, unsigned long id);

static int __init bound_init(void)
{
	return qp_shadow_get(verified, 1) ? -EUCLEAN : 0;
}

static void __exit bound_exit(void)
{
}

module_init(bound_init);
module_exit(bound_exit);
MODULE_DESCRIPTION("Quietpatch selftest: a table that has to be bound");
MODULE_LICENSE("GPL");
