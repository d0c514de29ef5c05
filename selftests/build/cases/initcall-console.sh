# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Initcalls of consoles are in a table of their own.
# expect: refused init qp_late
# expect: refused init hvc_console_init
# kernels: 6.1 6.12
append kernel/freezer.c 'static int __init qp_late(void)
{
	pm_freezing = false;
	return 0;
}
console_initcall(qp_late);'
edit drivers/tty/hvc/hvc_console.c 's/^console_initcall\(hvc_console_init\);/device_initcall(hvc_console_init);/'
