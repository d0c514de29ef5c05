// SPDX-License-Identifier: GPL-2.0-only
/*
 * qp_lent.c - needs one symbol that the core lends, and knows what it is: its
 * init fails with -EUCLEAN when the loader was given another one [I9].
 */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/string.h>

/* A function that isn't exported. Its address alone is used. */
extern char lent[] asm("qp.vmlinux.generic_file_mmap");
/* One of the core's own exports: always there while the core is. */
void *qp_shadow_get(void *obj, unsigned long id);

static int __init lent_init(void)
{
	char name[KSYM_SYMBOL_LEN + 1];

	sprint_symbol_no_offset(name, (unsigned long)lent);
	if (!strcmp(name, "generic_file_mmap") && !qp_shadow_get(name, 1))
		return 0;
	pr_err("qp_lent: was given %s\n", name);
	return -EUCLEAN;
}

static void __exit lent_exit(void)
{
}

module_init(lent_init);
module_exit(lent_exit);
MODULE_DESCRIPTION("Quietpatch selftest: one lent symbol");
MODULE_LICENSE("GPL");
