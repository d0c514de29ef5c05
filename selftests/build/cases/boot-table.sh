# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An entry of a table that the linker gathers: no code refers to it, and the kernel went through the table at boot. No
# list of such tables is complete, so each section that isn't known to be a variable's is one.
# expect: refused special-section __thermal_table_entry_thermal_gov_second
append drivers/thermal/gov_step_wise.c 'static struct thermal_governor thermal_gov_second = {
	.name		= "second",
	.throttle	= step_wise_throttle,
};
THERMAL_GOVERNOR_DECLARE(thermal_gov_second);'
