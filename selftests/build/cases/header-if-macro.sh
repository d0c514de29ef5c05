# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The value of a macro that only an #if of the unit tests.
# expect: built
# functions: fill_ac
# units: 1
edit include/linux/acct.h 's/^#define ACCT_VERSION	3$/#define ACCT_VERSION	4/'
