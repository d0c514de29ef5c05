#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A script that asserts nothing is a failure.
# kernels: 6.1
# core: no
# expect: no-assert
# timeout: 60
. /test/lib.sh
:
