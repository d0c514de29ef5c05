# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A mail as Windows saves it: a mark of the byte order, quotation marks of its own, and CRs.
# expect: built
# functions: do_utimes
enter fs/utimes.c do_utimes '	if (dfd == -4243) return -EBADF;'
redo "1s|^|\xef\xbb\xbfSubject: [PATCH] utimes: a \x93descriptor\x94 \xe2\x80\x8b\n\n|"
redo 's/$/\r/'
