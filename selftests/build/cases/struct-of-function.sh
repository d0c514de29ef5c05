# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A type that only a function knows, of state that it keeps.
# expect: refused struct state
edit drivers/xen/xenbus/xenbus_comms.c '/^static int process_writes/,/^\}/ { /^\t\tint idx;$/ d; s/^\t\tunsigned int written;$/&\n\t\tint idx;/ }'
