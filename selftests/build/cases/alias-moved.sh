# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A second name, of a function and of a variable, that becomes one of another: no byte of either changes, and all who were
# linked with the name go to the first.
# expect: refused other __crc32c_le_base
# expect: refused other crypto_aes_inv_sbox
edit lib/crc32.c '/__crc32c_le_base/s/__alias\(__crc32c_le\)/__alias(crc32_le)/'
edit lib/crypto/aes.c 's/__alias\(aes_inv_sbox\)/__alias(aes_sbox)/'
