# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static key of vmlinux that is __ro_after_init: a jump label of it would have the loader write to it; it is read instead.
# expect: built
# functions: __check_object_size
# after: no-jump-label
enter mm/usercopy.c __check_object_size '	if (n == 4243) return;'
