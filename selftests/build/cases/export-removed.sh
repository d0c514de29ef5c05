# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A module that is loaded may use it.
# expect: refused export groups_free
edit kernel/groups.c '/^EXPORT_SYMBOL\(groups_free\);/d'
