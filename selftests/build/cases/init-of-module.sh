# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Of a module, it is given back when the module is loaded.
# expect: refused init dummy_validate
# says: dummy_init_module
before drivers/net/dummy.c dummy_validate 'static int dummy_init_module(void);'
enter drivers/net/dummy.c dummy_validate '	if (data == (void *)424242) return dummy_init_module();'
