# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A diff that has lost its beginning, and with it the names of its first file.
# expect: refused diff line 1 of the diff
# says: its hunk to no file
# after: none-compiled
enter fs/eventfd.c eventfd_poll '	if (file->f_flags == 4243) return 0;'
enter ipc/util.c ipc_kht_remove '	if (ipcp->id == -4243) return;'
redo '1,2d'
