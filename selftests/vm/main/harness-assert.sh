#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One failed assertion among good ones is a failure.
# kernels: 6.1
# core: no
# expect: assert
# timeout: 60
. /test/lib.sh
ok "one"
fail "two"
ok "three"
