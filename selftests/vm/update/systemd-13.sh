#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The story of update-systemd on an installed Debian 13, with its systemd and its libraries; the kernel is the 6.12 that
# Debian 12 has, since fixes are built for that one (docs/testing.md).
# kernels: 6.12
# image: trixie
# bundles: pipe-read
# progs: pipes
# files: selftests/vm/update/systemd.sh
# boots: 2
# timeout: 360
. /files/selftests/vm/update/systemd.sh
