# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A strong function over a weak one of another unit: in the kernel that runs all calls go to the weak one.
# expect: refused weak arch_get_kallsym
before kernel/groups.c groups_search 'int arch_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *name);
int arch_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *name)
{
	return symnum == 42 ? 0 : -EINVAL;
}'
enter kernel/groups.c groups_search '	if (!group_info) return 0;'
