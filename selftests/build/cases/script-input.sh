# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A script of the build reads a header, in comments too: the numbers of OIDs become a table in lib/oid_registry_data.c.
# expect: refused build-input include/linux/oid_registry.h
# kernels: 6.1 6.12
edit include/linux/oid_registry.h '/OID_sha256,/s/4\.2\.1 /4.2.9 /'
