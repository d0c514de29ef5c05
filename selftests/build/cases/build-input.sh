# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# expect: refused build-input fs/isofs/Makefile
append fs/isofs/Makefile 'isofs-y += qp_test.o'
