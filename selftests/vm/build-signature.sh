#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A function takes one more argument: its caller calls the new one, as soon as it is new itself, and
# the old one stays as it was for whoever still calls it. Under load, forward and back.
# kernels: 6.1 6.12
# bundles: signature
. /test/lib.sh
load_core
patched() { grep -c "^Patched: seven" /proc/self/status; }
check_eq "unpatched" "$(patched)" 0
(while :; do cat /proc/self/status; done > /tmp/lines) & b=$!
check "applied" klp-apply load /bundles/signature.klp
check_eq "patched" "$(patched)" 1
wait_for 10 sh -c 'klp-apply status | grep -q settled'
check_eq "settled" "$(patched)" 1
check "reverted" klp-apply revert signature
check_eq "unpatched again" "$(patched)" 0
kill $b; wait $b 2> /dev/null
check_eq "no caller got another's answer" "$(grep -c "^Wrong:" /tmp/lines)" 0
check "some ran with it" grep -q "^Patched: seven" /tmp/lines
unload_core
