# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The author says that the two have nothing to do with each other.
# expect: built
# says: dumps_running
# options: --allow-data core_dump_count
edit fs/coredump.c 's/core_dump_count/dumps_running/'
