# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The head of a file's second hunk is damaged: its lines would be words between two files.
# expect: refused diff fs/eventfd.c
# says: belongs to no hunk
# after: none-compiled
enter fs/eventfd.c eventfd_poll '	if (file->f_flags == 4243) return 0;'
enter fs/eventfd.c eventfd_fget '	if (fd == -4243) return NULL;'
enter ipc/util.c ipc_kht_remove '	if (ipcp->id == -4243) return;'
redo '4,20 s/^@@/@ @/'
