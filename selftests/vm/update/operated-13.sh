#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The story of operated.sh on an installed Debian 13, with its systemd and its libraries; the kernel is Debian 12's 6.12 (docs/testing.md).
# kernels: 6.12
# image: trixie
# bundles: pipe-read-warns pipe-read-v2 fifo-open-warns
# progs: pipes
# files: selftests/vm/update/operated.sh
# boots: 4
# panics: 2 3
# timeout: 500
# only-full: six minutes
. /files/selftests/vm/update/operated.sh
