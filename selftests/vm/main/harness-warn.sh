#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel WARN is a failure, however well the script did.
# kernels: 6.1
# core: no
# expect: warning
# timeout: 60
. /test/lib.sh
echo "<4>WARNING: CPU: 0 PID: 1 at kernel/fake.c:1 fake+0x0/0x1" > /dev/kmsg
ok "so far so good"
