# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A struct that the included file's own header gives it, and objects in use have.
# expect: refused struct struct rt_mutex_waiter
edit kernel/locking/rtmutex_common.h '/^struct rt_mutex_waiter \{/,/^\};/ s/^\tunsigned int\t\twake_state;$/&\n\tunsigned long\t\tqp_test;/'
