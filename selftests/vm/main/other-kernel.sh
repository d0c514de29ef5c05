#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A bundle for another kernel build is refused by its build-id, before anything is loaded.
# kernels: 6.12
# bundles: pipe-read@6.1
# progs: pipes
. /test/lib.sh
load_core
check_rc "a bundle for 6.1 is refused on 6.12" 3 klp-apply load /bundles/pipe-read.other.klp
show
check_out "and the kernel it is for is named" "6\.1\.0-50-cloud-amd64"
check_out "and the one that runs" "$(uname -r | sed 's/[.+]/\\&/g')"
check_eq "nothing changed" "$(pipes zero)" 0
check_eq "nothing is loaded" "$(loaded qp_pipe_read && echo loaded)" ""
unload_core
