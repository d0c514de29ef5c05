#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that doesn't end in time is a failure.
# kernels: 6.1
# core: no
# expect: timeout
# timeout: 25
. /test/lib.sh
ok "so far so good"
sleep 1000
