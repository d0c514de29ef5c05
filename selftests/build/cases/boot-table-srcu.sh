# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static SRCU structure of a module is initialised by the module loader, which finds it by an entry of such a table: one
# that comes with a patch would be used without its counters.
# expect: refused special-section __srcu_struct_dummy_srcu
before drivers/net/dummy.c dummy_change_carrier 'DEFINE_STATIC_SRCU(dummy_srcu);'
edit drivers/net/dummy.c 's/^#include <linux\/module.h>/&\n#include <linux\/srcu.h>/'
enter drivers/net/dummy.c dummy_change_carrier '	srcu_read_unlock(&dummy_srcu, srcu_read_lock(&dummy_srcu));
'
