#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# With Secure Boot on, core and patch that an enrolled key signed go in, work and come out; others are refused, beforehand, too.
# The test's key is in the firmware's db (virt-fw-vars --add-db).
# kernels: 6.1
# debug: no, that kernel has neither lockdown nor signatures of modules
# core: signed
# firmware: db
# bundles: pipe-read pipe-read@kernel pipe-read@kernel-foreign
# packed: qp_patch_a@foreign
# progs: pipes
# files: selftests/vm/guest/secure-boot.sh
# memory: 768
# timeout: 180
# only-full: it needs packages that nothing else does, and the firmware's start takes time
RING=.platform
. /files/selftests/vm/guest/secure-boot.sh
