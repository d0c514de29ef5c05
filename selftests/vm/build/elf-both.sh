#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One source, two units: fs/compat_binfmt_elf.c includes fs/binfmt_elf.c. Its fix has to hold for
# programs of 64 bits and of 32.
# kernels: 6.1 6.12
# bundles: elf-both
# fixtures: elf-programs
. /test/lib.sh
load_core
twelve="1 2 3 4 5 6 7 8 9 10 11 12"
# 126: can't be executed. Not a script's way out: EACCES isn't ENOEXEC.
# shellcheck disable=SC2086 # twelve arguments
both() { for bits in 64 32; do check_rc "$1: $bits bits, $2 arguments" "$3" "/fixtures/elf-programs/$bits" $4; done; }
both unpatched 12 7 "$twelve"
check "applied" klp-apply load /bundles/elf-both.klp
both patched 12 126 "$twelve"
both patched 11 7 "${twelve% *}"
check "revert" klp-apply revert elf-both
both reverted 12 7 "$twelve"
unload_core
