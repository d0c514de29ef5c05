# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A blank in a string of a header.
# expect: built
# functions: policydb_read policydb_write
edit security/selinux/ss/policydb.h '/^#define POLICYDB_STRING/ s/SE Linux/SE  Linux/'
