# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# MODULE_DEVICE_TABLE() is a second name for a table, too: it says for which devices a module is loaded, from its next
# installation on. No function changes, and that is told.
# expect: nothing
# says: MODULE_DEVICE_TABLE of drivers/ptp/ptp_vmw.c is removed
edit drivers/ptp/ptp_vmw.c '/^MODULE_DEVICE_TABLE/d'
