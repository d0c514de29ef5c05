# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A fix that doesn't compile: the compiler's own words, and the folder stays for a look.
# expect: failed
# options: -v
# says: cannot compile fs/signalfd.c
# says: error: 'qp_nowhere' undeclared
# says: the work folder is kept: 
# after: kept
enter fs/signalfd.c signalfd_copyinfo '	if (!uinfo) return qp_nowhere;'
