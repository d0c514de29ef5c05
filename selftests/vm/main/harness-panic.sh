#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that panics is a failure, even after a good assertion.
# kernels: 6.1
# core: no
# expect: panic
# timeout: 60
. /test/lib.sh
ok "so far so good"
echo c > /proc/sysrq-trigger
sleep 30
