#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that goes away without a word is a failure.
# kernels: 6.1
# core: no
# expect: no-result
# timeout: 60
. /test/lib.sh
ok "so far so good"
reboot -f
