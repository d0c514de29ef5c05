# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An initcall moves to another level, which is a change of the next boot's order.
# expect: refused init eventpoll_init
# says: another level
edit fs/eventpoll.c 's/^fs_initcall\(eventpoll_init\)/late_initcall(eventpoll_init)/'
