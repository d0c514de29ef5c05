#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the kernel refuses the eBPF monitor nothing is patched, and the message
# says so; to do without it takes an explicit word.
# debug: no, it has no lockdown
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: pipes
. /test/lib.sh
load_core
need "lockdown" sh -c 'echo confidentiality > /sys/kernel/security/lockdown'
run klp-apply load /bundles/pipe-read.klp
show
check_eq "it is refused" "$RC" 1
check_out "the reason is named" "lockdown is in confidentiality mode"
check_out "and the remedy" "--no-monitor"
check_eq "nothing changed" "$(pipes zero)" 0
check_eq "nothing is loaded" "$(loaded qp_pipe_read && echo loaded)" ""
