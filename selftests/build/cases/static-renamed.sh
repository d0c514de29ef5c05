# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static local gets another name.
# expect: refused data core_dump_count
# says: dumps_running
edit fs/coredump.c 's/core_dump_count/dumps_running/'
