# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An export that goes into a namespace.
# expect: refused export groups_free
edit kernel/groups.c 's/^EXPORT_SYMBOL\(groups_free\);/EXPORT_SYMBOL_NS(groups_free, QP_TEST);/'
