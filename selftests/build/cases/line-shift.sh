# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Lines move in a unit with many warnings: only what the fix changes goes in.
# expect: built
# functions: signalfd_copyinfo
before fs/signalfd.c signalfd_copyinfo '/* a comment



of lines */'
enter fs/signalfd.c signalfd_copyinfo '	if (!uinfo) return -EFAULT;'
