# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# How a build can end before it begins, and after all is done; its subject is in Latin-1.
# expect: built
# functions: do_utimes
# after: ends
enter fs/utimes.c do_utimes '	if (dfd == -4243) return -EBADF;'
redo "1s|^|Subject: [PATCH] utimes: Andr\xe9's descriptor\n\n|"
