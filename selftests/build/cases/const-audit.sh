# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# As build-const-timers, where the unit has another such constant before it.
# expect: built
# functions: audit_log_n_string
edit kernel/audit.c '/^void audit_log_n_string/,/^}/{/ptr \+= slen;/{n;s/.".;/39;/}}'
