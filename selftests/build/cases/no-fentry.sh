# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# lib/ is built without tracing, and other units call it.
# kernels: 6.1 7.3
# expect: refused no-fentry argv_free
enter lib/argv_split.c argv_free '	if (!argv) return;'
