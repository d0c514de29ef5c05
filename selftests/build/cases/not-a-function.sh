# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# expect: nothing
append fs/isofs/util.c '#define QP_TEST 1'
