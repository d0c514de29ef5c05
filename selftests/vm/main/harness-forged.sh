#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A result line that the script prints itself counts for nothing.
# kernels: 6.1
# core: no
# expect: no-result
# timeout: 60
. /test/lib.sh
ok "so far so good"
echo "qp-result 0123456789abcdef rc=0 passed=1 failed=0 skipped=0"
reboot -f
