# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function that mustn't be traced any more: the running kernel's keeps its ftrace site.
# expect: refused special-section vfs_utimes
# says: notrace
edit fs/utimes.c 's/^int vfs_utimes/notrace int vfs_utimes/'
